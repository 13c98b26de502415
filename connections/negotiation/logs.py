"""What both ends write into their logs, made when it is read. [P159]

Our own words around the documented keywords. Lines never contain a key: no template has a place for one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from connections.negotiation import bgp, health
from connections.negotiation.course import Course
from connections.negotiation.pair import Pair, shorter
from connections.negotiation.plans import REKEY_AGAIN
from connections.negotiation.sides import NO_PFS, End, Part
from connections.negotiation.stretches import Happening, State

INFO, WARN, ERROR = "INFO", "PROTO_WARN", "PROTO_ERR"


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of one end's log. `source` is the tunnel's ID, `peers` both addresses with ports, own address first."""

    at: datetime
    end: End
    level: str
    source: str
    component: str
    text: str
    peers: str

    def shown(self, zone: tzinfo) -> str:
        """The whole line, in the time of a zone."""
        time = self.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        return f"{time} {self.source} [{self.level}]: {self.component}: {self.text} [{self.peers}]"


@dataclass(frozen=True, slots=True)
class Line:
    """A line's level and its texts for the responder and the initiator; blank for no line."""

    level: str
    responder: str
    initiator: str
    component: str = "phase1"
    # Blank for both versions.
    version: str = ""


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A line's level and its texts for the two ends. Both are the same whichever end is the initiator."""

    level: str
    cloud: str
    device: str
    component: str


def both(level: str, text: str, component: str = "phase1", version: str = "") -> Line:
    return Line(level, text, text, component, version)


V1, V2 = "ikev1", "ikev2"
REFUSED = "the peer refuses the proposal: received NO_PROPOSAL_CHOSEN"
OFFER_1 = "offer {their_phase1}, ours {our_phase1}: "
OFFER_2 = "offer {their_phase2}, ours {our_phase2}: "
NO_MATCH_2 = "no matching proposal found, sending NO_PROPOSAL_CHOSEN"


_PROPOSAL_1 = (
    Line(ERROR, f"{OFFER_1}{{phase1_keyword}}, no suitable proposal found", REFUSED, version=V1),
    Line(ERROR, f"{OFFER_1}{{phase1_keyword}}, no proposal chosen", REFUSED, version=V2),
)
# How a responder refuses the first value of phase 1 that differs.
PHASE_1_KEYWORDS = {
    "ike_enc_alg": "rejected enctype",
    "ike_auth_alg": "rejected hashtype",
    "ike_pfs": "rejected dh_group",
}
# How a responder refuses the mode of the initiator.
MODE_KEYWORDS = {
    "main": "not acceptable Identity Protection mode",
    "aggressive": "in Identity not acceptable Aggressive mode",
}
_NETWORKS = (
    Line(
        ERROR,
        "can't find matching selector {our_networks} === {their_networks}, sending invalid-id-information",
        "received INVALID_ID_INFORMATION error notify",
        "phase2",
        V1,
    ),
    Line(
        ERROR,
        "traffic selector unacceptable: offer {their_networks}, ours {our_networks}",
        "received Notify type TS_UNACCEPTABLE",
        "phase2",
        V2,
    ),
)
_KEYS_MAIN = Line(
    ERROR,
    "could not decrypt payloads: mismatch of preshared secrets",
    "the answer is unreadable; phase1 negotiation failed due to time up",
)

# By what a step says. Rows without an entry have nothing to say at their moment.
LINES: dict[str, tuple[Line | OwnLine, ...]] = {
    "start": (Line(INFO, "request received, {version} {mode}", "starting {version} {mode} towards {peer}"),),
    "call": (Line(INFO, "", "starting {version} {mode} towards {peer}"),),
    "retransmit": (
        Line(WARN, "", "no answer yet: sending retransmit {count} of request message ID {message}, seq {sequence}"),
    ),
    "waiting": (OwnLine(ERROR, "phase2 negotiation failed due to time up waiting for phase1", "", "phase2"),),
    "given up": (
        Line(ERROR, "", "phase1 negotiation failed due to time up", version=V1),
        Line(ERROR, "", "retransmission count exceeded the limit", version=V2),
    ),
    "C2": (Line(WARN, "packet from {their_address}, which is no customer gateway's address; dropped", ""),),
    "C3": (Line(ERROR, "no configuration for {their_address}, sending NO_PROPOSAL_CHOSEN", REFUSED),),
    "D1": (Line(WARN, "unknown ikev2 peer: the peer speaks {their_version}, this tunnel {version}", REFUSED),),
    "E1": (Line(ERROR, "{mode_keyword}", "the peer refuses the exchange: received AUTHENTICATION_FAILED"),),
    "F1": _PROPOSAL_1,
    "F2": _PROPOSAL_1,
    "F3": _PROPOSAL_1,
    "F4": _PROPOSAL_1,
    "G1": (both(ERROR, "ignore the packet, received unexpecting payload type 130"),),
    "G2": (
        Line(ERROR, "ignore information because ISAKMP-SA has not been established", "", version=V1),
        Line(ERROR, "the peer is silent after the first exchange", "", version=V2),
    ),
    "H1": (_KEYS_MAIN,),
    "H2": (both(ERROR, "Expecting IP address type in main mode,but FQDN"),),
    "H3": (OwnLine(ERROR, "{identity_line}", "received AUTHENTICATION_FAILED", "phase1"),),
    "H4": (
        OwnLine(ERROR, "the peer refuses our identity: received AUTHENTICATION_FAILED", "{identity_line}", "phase1"),
    ),
    "H5": (both(ERROR, "{identity_line}, by its type"),),
    "H6": (Line(ERROR, "", "HASH mismatched"),),
    "H7": (Line(ERROR, "authentication failure", "the peer refuses our proof: received AUTHENTICATION_FAILED"),),
    "H8": (OwnLine(ERROR, "the peer refuses our proof", "no shared key found for these identities", "phase1"),),
    "I1": (Line(WARN, "long lifetime proposed: ours {our_ike_life} s, peer's {their_ike_life} s", ""),),
    "phase1": (both(INFO, "phase 1 up {phase1}, {ike_life} s"),),
    "J1": _NETWORKS,
    "J2": _NETWORKS,
    "J3": _NETWORKS,
    "K1": (Line(ERROR, "pfs group mismatched: ours {our_pfs}, peer's {their_pfs}", REFUSED, "phase2"),),
    "L1": (Line(ERROR, f"proto_id mismatched, {NO_MATCH_2}", REFUSED, "phase2"),),
    "L2": (Line(ERROR, f"encmode mismatched, {NO_MATCH_2}", REFUSED, "phase2"),),
    "M1": (
        Line(WARN, OFFER_2 + "trns_id mismatched", "", "phase2"),
        Line(ERROR, NO_MATCH_2, f"{REFUSED}; phase 1 is kept", "phase2"),
    ),
    "M2": (
        Line(WARN, OFFER_2 + "authtype mismatched", "", "phase2"),
        Line(ERROR, NO_MATCH_2, f"{REFUSED}; phase 1 is kept", "phase2"),
    ),
    "M3": (both(ERROR, "the commit bit is set on one side only", "phase2"),),
    "M4": (both(ERROR, "packets are authenticated in different ways", "phase2"),),
    "U12": (OwnLine(ERROR, "phase 2 was not completed in time", "sending to UDP 4500 without answer", "phase2"),),
    "U5": (Line(WARN, "long lifetime proposed: ours {our_esp_life} s, peer's {their_esp_life} s", "", "phase2"),),
    "phase2": (both(INFO, "phase 2 up {networks}, SPI {spi_in}/{spi_out}, {esp_life} s", "phase2"),),
    "rekey": (both(INFO, "phase 2 renewed {networks}, SPI {spi_in}/{spi_out}, {esp_life} s", "phase2"),),
    "rekey phase1": (both(INFO, "phase 1 renewed {phase1}, {ike_life} s"),),
    "U1": (
        Line(
            ERROR,
            "rekey refused: {pfs_keyword}",
            f"rekey refused: received NO_PROPOSAL_CHOSEN; next try in {REKEY_AGAIN} s",
            "phase2",
        ),
    ),
    "expired": (both(ERROR, "the lifetime of phase 2 has ended without a new SA", "phase2"),),
    "U9": (OwnLine(ERROR, "DPD: remote seems to be dead; both SAs deleted", "", "dpd"),),
    "U10": (
        OwnLine(ERROR, "ignore information because the message has no hash payload; both SAs deleted", "", "dpd"),
        OwnLine(INFO, "", "received DELETE IKE_SA", "dpd"),
    ),
    "U11": (OwnLine(INFO, "received DELETE IKE_SA", "both SAs deleted, sending DELETE IKE_SA", "phase1"),),
    "reset": (OwnLine(WARN, "the health check failed; both SAs deleted", "received DELETE IKE_SA", "health"),),
}


def _listed(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "|".join(value)


def _preferred(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else value[0]


def _algorithms(*values: str | tuple[str, ...]) -> str:
    return "/".join(map(_listed, values))


def _networks(local: tuple[str, ...], remote: tuple[str, ...]) -> str:
    return f"{','.join(local)} === {','.join(remote)}"


def _pfs_keyword(ours: str, theirs: str) -> str:
    """How a responder refuses to renew the keys with another group than its own."""
    if theirs == NO_PFS:
        return "message lacks KE payload"
    if ours == NO_PFS:
        return "no proposal chosen"
    return f"received KE type {theirs.removeprefix('group')},expected {ours.removeprefix('group')}"


def _identity_line(pair: Pair, end: End, part: Part | None) -> str:
    """How an end refuses the identity that the other one presents."""
    cloud, device = pair.cloud, pair.device
    expected, presented = (cloud.remote_id, device.local_id) if end == End.CLOUD else (device.remote_id, cloud.local_id)
    if _is_responder(end, part):
        return f"received ID_I({presented}) does not match peers id ({expected})"
    return f"the peer's identity {presented} does not match peers id ({expected})"


def _is_responder(end: End, part: Part | None) -> bool:
    return (part == Part.RESPONDER) == (end == End.CLOUD)


def _text(line: Line | OwnLine, end: End, part: Part | None) -> str:
    if isinstance(line, OwnLine):
        return line.cloud if end == End.CLOUD else line.device
    return line.responder if _is_responder(end, part) else line.initiator


def _values(course: Course, state: State, end: End) -> dict[str, object]:
    """What the templates have places for, as this end sees it; SPIs and retransmits are added by moment."""
    cloud, device = course.situation.cloud, course.situation.device
    is_cloud = end == End.CLOUD
    own_address, peer = cloud.gateway_ip, cloud.customer_gateway_ip
    if device and not is_cloud:
        own_address, peer = device.address, device.peer_address
    pair = course.pair(state.part)
    port = "4500" if pair and pair.floats and state.is_up else "500"
    values: dict[str, object] = {
        "version": cloud.ike_version,
        "mode": cloud.ike_mode if cloud.ike_version == V1 else "",
        "peer": peer,
        "peers": f"{own_address}[{port}] <=> {peer}[{port}]",
    }
    if device is None or pair is None:
        return values
    ours, theirs = (cloud, device) if is_cloud else (device, cloud)
    if not is_cloud:
        values["version"] = device.ike_version[0]
        values["mode"] = device.ike_mode if values["version"] == V1 else ""
    networks = (pair.agreed.local, pair.agreed.remote) if pair.agreed else ((), ())
    return values | {
        "their_address": device.address if is_cloud else cloud.gateway_ip,
        "their_version": _listed(theirs.ike_version),
        "mode_keyword": MODE_KEYWORDS[theirs.ike_mode],
        "identity_line": _identity_line(pair, end, state.part),
        "our_phase1": _algorithms(ours.ike_enc_alg, ours.ike_auth_alg, ours.ike_pfs),
        "their_phase1": _algorithms(theirs.ike_enc_alg, theirs.ike_auth_alg, theirs.ike_pfs),
        "our_phase2": _algorithms(ours.ipsec_enc_alg, ours.ipsec_auth_alg),
        "their_phase2": _algorithms(theirs.ipsec_enc_alg, theirs.ipsec_auth_alg),
        "phase1_keyword": next((words for name, words in PHASE_1_KEYWORDS.items() if pair.differs(name)), ""),
        "phase1": _algorithms(cloud.ike_enc_alg, cloud.ike_auth_alg, cloud.ike_pfs),
        "our_ike_life": ours.ike_lifetime,
        "their_ike_life": theirs.ike_lifetime,
        "our_esp_life": ours.ipsec_lifetime,
        "their_esp_life": theirs.ipsec_lifetime,
        "ike_life": shorter(cloud.ike_lifetime, device.ike_lifetime),
        "esp_life": shorter(cloud.ipsec_lifetime, device.ipsec_lifetime),
        "our_networks": _networks(ours.local_subnet, ours.remote_subnet),
        "their_networks": _networks(theirs.local_subnet, theirs.remote_subnet),
        "networks": _networks(*(networks if is_cloud else networks[::-1])),
        "our_pfs": _listed(ours.ipsec_pfs),
        "their_pfs": _listed(theirs.ipsec_pfs),
        "pfs_keyword": _pfs_keyword(_preferred(ours.ipsec_pfs), _preferred(theirs.ipsec_pfs)),
    }


class Writer:
    """Writes the lines of a course. What a template is filled with is worked out once for each end and state."""

    def __init__(self, course: Course):
        self._course = course
        self._tunnel = course.situation.tunnel_id
        self._version = course.situation.cloud.ike_version
        device = course.situation.device
        self._ends = (End.CLOUD, End.DEVICE) if device else (End.CLOUD,)
        self._known: dict[tuple[End, State], dict[str, object]] = {}

    def _values(self, happening: Happening, end: End) -> dict[str, object]:
        key = (end, happening.state)
        if key not in self._known:
            self._known[key] = _values(self._course, happening.state, end)
        return self._known[key]

    def _spis(self, moment: float, end: End) -> dict[str, object]:
        incoming, outgoing = self._course.spis(moment)
        own, others = (incoming, outgoing) if end == End.CLOUD else (outgoing, incoming)
        return {"spi_in": f"{own:08x}", "spi_out": f"{others:08x}"}

    def lines(self, happening: Happening) -> Iterator[LogLine]:
        moment = self._course.moment(happening.at)
        for end in self._ends:
            for name in happening.says:
                key, _, count = name.partition(" ") if name.startswith("retransmit") else (name, "", "")
                for line in LINES.get(key, ()):
                    text = _text(line, end, happening.state.part)
                    if (
                        not text
                        or moment is None
                        or (isinstance(line, Line) and line.version not in ("", self._version))
                    ):
                        continue
                    values = self._values(happening, end)
                    if count:
                        values = values | {"count": count, **_silent_message(happening, self._version)}
                    if "{spi_in}" in text:
                        values = values | self._spis(happening.at, end)
                    # A version without a mode leaves a space behind.
                    filled = text.format_map(values).replace("  ", " ").rstrip()
                    yield LogLine(moment, end, line.level, self._tunnel, line.component, filled, str(values["peers"]))


def _silent_message(happening: Happening, version: str) -> dict[str, object]:
    """The message that is sent again: the first one, or with UDP 4500 blocked the first one on that port."""
    if happening.state.row != "G2":
        return {"message": 0, "sequence": 1}
    return {"message": 1, "sequence": 2} if version == V2 else {"message": 0, "sequence": 3}


def _session_lines(course: Course, start: float, end: float) -> Iterator[LogLine]:
    ours = course.situation.cloud.bgp
    device = course.situation.device
    if ours is None or device is None:
        return

    def lines(second: float, level: str, cloud: str, theirs: str) -> Iterator[LogLine]:
        moment = course.moment(second)
        ends = ((End.CLOUD, cloud, ours.local_ip, ours.peer_ip), (End.DEVICE, theirs, ours.peer_ip, ours.local_ip))
        for log, text, own, peer in ends:
            if text and moment:
                peers = f"{own} <=> {peer}"
                yield LogLine(moment, log, level, course.situation.tunnel_id, "bgp", text, peers)

    second = start - 1
    before = bgp.session_at(course, second)
    while (second := bgp.next_session_change(course, second)) < end:
        session = bgp.session_at(course, second)
        if session and before and session.is_established != before.is_established:
            count = len(session.learned)
            text = f"session established, {count} prefixes" if session.is_established else "session closed"
            sent = f"session established, {count} prefixes sent" if session.is_established else text
            yield from lines(second, INFO if session.is_established else WARN, text, sent)
        before = session
    theirs = device.bgp
    values = {
        "peer_ip": ours.peer_ip,
        "neighbor": theirs.peer_ip if theirs else "",
        "source_ip": (theirs.source_ip or theirs.local_ip) if theirs else "",
        "device_asn": theirs.local_asn if theirs else "",
        "cloud_asn": ours.local_asn if ours.local_asn < 1 << 16 else bgp.AS_TRANS,
    }
    for second, row in bgp.attempts(course, start, end):
        yield from lines(second, ERROR, row.cloud_says.format_map(values), row.device_says.format_map(values))


def _health_lines(course: Course, start: float, end: float) -> Iterator[LogLine]:
    cloud = course.situation.cloud
    check = cloud.health_check
    if check is None:
        return
    second = start - 1
    before = health.health_at(course, second)
    while (second := health.next_health_change(course, second)) < end:
        now = health.health_at(course, second)
        moment = course.moment(second)
        if now and before and moment and now.status != before.status:
            text = "probes are answered" if now.status == health.HealthStatus.NORMAL else "no answer to probes"
            peers = f"{check.source} <=> {check.destination}"
            level = INFO if now.status == health.HealthStatus.NORMAL else WARN
            yield LogLine(moment, End.CLOUD, level, course.situation.tunnel_id, "health", text, peers)
        before = now


def lines(course: Course, start: datetime, end: datetime) -> list[LogLine]:
    """The lines of both ends from `start` to before `end`, in order of time. Nothing is logged before the change."""
    first, beyond = max(0, course.second(start)), course.second(end)
    if course.moment(first) != start and course.second(start) >= 0:
        # A line belongs to the beginning of its second.
        first += 1
    if course.moment(beyond) != end:
        beyond += 1
    writer = Writer(course)
    found = [line for happening in course.happenings(first, beyond) for line in writer.lines(happening)]
    found += _session_lines(course, first, beyond)
    found += _health_lines(course, first, beyond)
    return sorted(found, key=lambda line: line.at)
