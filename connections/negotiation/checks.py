"""The checks of a diagnosis, in the order in which they are shown. Those that rows of the other tables cause say so.

A check looks at its own subject only: unlike a negotiation, a diagnosis does not stop at the first difference. [P150]
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import UTC, timedelta
from functools import partial
from ipaddress import IPv4Network

from connections.domain.choices import ConnectionState, NegotiationStatus, Start
from connections.domain.parsing import SHARED_SPACE, is_private_address
from connections.domain.rules import BROKEN, CHOICES_THAT_CAN_BE_WEAK, WEAK
from connections.messages import Message
from connections.messages import message as _
from connections.negotiation import bgp, health, remarks
from connections.negotiation.codes import Code, Severity
from connections.negotiation.decisions import NETWORKS
from connections.negotiation.examination import Case, Check, Examination, Level, always
from connections.negotiation.sides import network

ERROR, WARNING = Level.ERROR, Level.WARNING
# Keys with fewer characters are advised against.
SHORT_KEY = 8

SAME = _("Both sides agree.")


# --- parts of checks ---------------------------------------------------------------------------------------------


def _remark(row: str, severity: Severity | None = None) -> remarks.Remark:
    """A remark on a tunnel that is up."""
    return next(one for one in remarks.REMARKS if one.row == row and severity in (None, one.severity))


def _noted(level: Level, says: str, row: str, *fields: str, severity: Severity | None = None) -> Case:
    """What a remark on a tunnel that is up says, and when it holds."""
    remark = _remark(row, severity)
    return Case(level, says, lambda exam: remark.holds(exam.pair, exam.around), remark.message, fields)


def _offer(key: str, title: Message, field: str, differs: Message) -> Check:
    """A setting for which the device offers one value, or a list."""
    cases = (
        Case(ERROR, "the device does not offer the cloud's value", lambda exam: exam.pair.differs(field), differs),
        _several(field),
    )
    return Check(key, title, SAME, (field,), cases)


def _several(field: str) -> Case:
    return Case(
        WARNING, "the device has a list", lambda exam: len(getattr(exam.device, field)) > 1, _remark("LIST").message
    )


def _lifetime(key: str, title: Message, field: str, row: str) -> Check:
    limit = _noted(WARNING, "the device limits the traffic", "U6", "ipsec_kilobytes")
    cases = (
        *([limit] if field == "ipsec_lifetime" else []),
        _noted(WARNING, "ikev1, the device starts with a longer one", row, severity=Severity.WARN),
        Case(WARNING, "they differ", lambda exam: exam.pair.differs(field), _remark("U5", Severity.NORMAL).message),
        Case(WARNING, "0 or very short", lambda exam: getattr(exam.cloud, field) < remarks.SHORT_LIFETIME,
             _remark("U7").message),
    )  # fmt: skip
    return Check(key, title, SAME, (field,), cases)


def _identity(key: str, title: Message, field: str) -> Check:
    """One of the cloud's two identities beside what the device has for it."""
    cases = (
        Case(ERROR, "they differ", lambda exam: exam.pair.identity_differs(field),
             _("One side presents another identity than the other side expects.")),
        Case(ERROR, "same text, other type", lambda exam: exam.pair.identity_kind_differs(field),
             _("The identities have the same text and different types.")),
        Case(ERROR, "ikev1 main, a name", lambda exam: exam.pair.is_main and exam.pair.has_name_as_identity(field),
             _("In main mode ikev1 can only identify peers by address: a name here fails. Choose aggressive.")),
    )  # fmt: skip
    # The cloud has no such wildcard.
    accepts_any = Case(WARNING, "the device accepts any", lambda exam: exam.pair.accepts_any(field),
                       _("The device accepts every identity."))  # fmt: skip
    return Check(key, title, SAME, (field,), (*cases, accepts_any) if field == "local_id" else cases)


def _keys(exam: Examination) -> tuple[str, str]:
    return exam.cloud.psk, exam.device.psk


def _is_swapped(exam: Examination) -> bool:
    cloud, device = exam.cloud, exam.device
    pairs = ((cloud.local_subnet, device.local_subnet), (cloud.remote_subnet, device.remote_subnet))
    return exam.pair.agreed is None and all({*map(network, one)} == {*map(network, two)} for one, two in pairs)


def _works_until(exam: Examination) -> Mapping[str, str]:
    """The end of the SA whose renewal is refused."""
    since, agreed = exam.outcome.established_at, exam.outcome.agreed
    if since is None or agreed is None:
        raise ValueError("the tunnel is not up")
    return {"time": f"{(since + timedelta(seconds=agreed.ipsec_lifetime)).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"}


def _will_end(exam: Examination) -> bool:
    return exam.outcome.agreed is not None and exam.outcome.agreed.ipsec_lifetime > 0


def _session(*rows: str) -> Iterator[Case]:
    """The rows that keep a BGP session from being established, each as an error."""
    for row in bgp.SESSIONS:
        if row.row in rows:
            yield Case(ERROR, row.says, partial(_prevents, row), row.message, row.fields)


def _prevents(row: bgp.Obstacle, exam: Examination) -> bool:
    return row.holds(exam.pair, exam.bgp)


def _listed(exam: Examination) -> tuple[bgp.Route, ...]:
    return bgp.routes(exam.bgp, exam.device_bgp)


def _is_silent(exam: Examination) -> bool:
    return not exam.device_bgp.exports or not exam.device_bgp.announced


def _refuses(row: str) -> Case:
    """Prefixes that are listed and not taken."""
    return Case(WARNING, f"{row}: prefixes are refused", lambda exam: any(one.row == row for one in _listed(exam)),
                bgp.REFUSED[row], ("announced",))  # fmt: skip


# What each row of the health check is about.
PROBED = {
    "W2": ("health_check_sip", "health_check_dip"),
    "W3": ("health_check_dip", "probe_host_answers"),
    "W4": ("probe_allowed", "has_source_nat"),
    "W5": ("health_check_sip", "probe_routed_back"),
    "W6": ("probe_same_path",),
    "W7": ("loss",),
}


def _probes() -> Iterator[Case]:
    for row in health.PROBES:
        level = WARNING if row.row == "W7" else ERROR
        yield Case(level, row.says, partial(_fails, row), row.message, PROBED[row.row])


def _fails(row: health.Probe, exam: Examination) -> bool:
    check = exam.cloud.health_check
    return check is not None and exam.has_device and row.holds(exam.pair, check, exam.around)


def _last_round_failed(exam: Examination) -> bool:
    return exam.outcome.health is not None and exam.outcome.health.status == health.HealthStatus.ABNORMAL


def entries(exam: Examination) -> tuple[str, ...]:
    """Destinations in route tables of the transit router that lead into the tunnel."""
    withdrawn = exam.outcome.health is not None and exam.outcome.health.withdraws_routes
    propagated = own_routes(exam) if exam.facts.is_published and not withdrawn else ()
    return tuple(dict.fromkeys((*propagated, *exam.facts.static)))


def own_routes(exam: Examination) -> tuple[str, ...]:
    """The connection's own routes, and those that it learns over BGP."""
    learned = exam.outcome.bgp.learned if exam.outcome.bgp else ()
    return (*exam.facts.routes, *(route.prefix for route in learned))


def _is_withdrawn(exam: Examination) -> bool:
    return not entries(exam) and exam.outcome.health is not None and exam.outcome.health.withdraws_routes


def _shared(exam: Examination) -> IPv4Network | None:
    """A destination, or a network of the data center, that the cloud keeps for itself."""
    networks = map(network, (*own_routes(exam), *exam.facts.static, *exam.cloud.remote_subnet))
    return next((one for one in networks if one.prefixlen and one.overlaps(SHARED_SPACE)), None)


def taken(ours: Iterable[str], others: Iterable[str]) -> list[str]:
    """Other destinations that are equal to one of ours or lie within it, so that traffic goes there instead."""
    mine = set(map(network, ours))
    lengths = sorted({one.prefixlen for one in mine})
    return [
        other
        for other in others
        if any(network(other).supernet(new_prefix=length) in mine for length in lengths
               if length <= network(other).prefixlen)
    ]  # fmt: skip


def _weak(exam: Examination, among: Container[str]) -> tuple[str, ...]:
    return tuple(name for name in CHOICES_THAT_CAN_BE_WEAK if getattr(exam.cloud, name) in among)


# --- the table ---------------------------------------------------------------------------------------------------

# Each case is a paragraph, as in a table.
# fmt: off
CHECKS: tuple[Check, ...] = (
    Check("readiness", _("Readiness"), _("The connection is ready."), ("gateway_ip",), (
        Case(ERROR, "no gateway IP address", lambda exam: not exam.cloud.gateway_ip,
             _("The connection has no gateway address yet; it gets one when it is attached."), ("associate_resource",)),
        Case(WARNING, "preparing, or being changed",
             lambda exam: exam.facts.state.is_transient or exam.outcome.row == "A1",
             _("The connection is being prepared, changed or removed; the negotiation starts when it is ready.")),
    ), always),
    Check("start", _("Start"), _("A side starts by itself."), ("effect_immediately",), (
        Case(ERROR, "nobody",
             lambda exam: exam.outcome.row == "B1" and not _may_start(exam),
             _("Nobody starts: Effective Immediately is No, and the device neither starts nor has traffic.")),
        Case(WARNING, "only on traffic", lambda exam: not _starts(exam),
             _("Only traffic starts the negotiation, and the first packets are lost.")),
    ), always),
    Check("device", _("Device"), _("The device is on and can be reached."), ("is_on",), (
        Case(ERROR, "not configured", lambda exam: not exam.has_device,
             _("The device is not configured. Load the peer configuration into it.")),
        Case(ERROR, "off", lambda exam: not exam.facts.is_on, _("The device is off.")),
        Case(ERROR, "the line is cut", lambda exam: not exam.facts.has_line,
             _("The line between the cloud and the device is cut."), ("has_line",)),
        Case(WARNING, "the line loses packets", lambda exam: exam.around.loss > 0,
             _("The line loses packets."), ("loss",)),
    ), always),
    Check("address", _("Address of the Data Center"), SAME, ("customer_gateway_ip",), (
        Case(ERROR, "the device's packets come from another address",
             lambda exam: exam.device.address != exam.cloud.customer_gateway_ip, Code.PEER_MISMATCH.message),
        Case(WARNING, "a private address on a public connection",
             lambda exam: exam.facts.is_public and is_private_address(exam.cloud.customer_gateway_ip),
             _("The customer gateway has a private address, which a public connection cannot reach.")),
    )),
    Check("gateway", _("Address of the Cloud"), SAME, ("gateway_ip",), (
        Case(ERROR, "the device has another address for the cloud",
             lambda exam: exam.device.peer_address != exam.cloud.gateway_ip,
             _("The device sends its packets to another address than the gateway IP address.")),
    ), lambda exam: exam.has_device and bool(exam.cloud.gateway_ip)),
    Check("ports", _("Ports"), _("The ports that the tunnel needs are open."), ("udp_500_open", "udp_4500_open"), (
        Case(ERROR, "500 is blocked", lambda exam: not exam.device.udp_500_open,
             _("UDP 500 is blocked on the way to the device."), ("udp_500_open",)),
        Case(ERROR, "4500 is blocked, NAT on the way",
             lambda exam: exam.device.is_behind_nat and not exam.device.udp_4500_open,
             _("UDP 4500 is blocked, and the device is behind NAT."), ("udp_4500_open",)),
        Case(ERROR, "ESP is blocked, no NAT on the way",
             lambda exam: not exam.pair.floats and not exam.device.esp_open,
             _("ESP is blocked on the way: no packets arrive from the device."), ("esp_open",)),
        Case(WARNING, "4500 is blocked, no NAT on the way", lambda exam: not exam.device.udp_4500_open,
             _("UDP 4500 is blocked. Without NAT on the way, the tunnel does not need it."), ("udp_4500_open",)),
    )),
    _offer("version", _("IKE Version"), "ike_version", Code.IKE_VERSION_MISMATCH.message),
    Check("mode", _("Negotiation Mode"), SAME, ("ike_mode",), (
        Case(ERROR, "they differ", lambda exam: exam.pair.differs("ike_mode"), Code.NEGOTIATION_MODE_MISMATCH.message),
    ), lambda exam: exam.has_device and exam.pair.is_v1),
    _offer("ike_encryption", _("IKE Encryption"), "ike_enc_alg", _("The encryption algorithms of phase 1 differ.")),
    _offer("ike_hash", _("IKE Authentication"), "ike_auth_alg", Code.AUTHENTICATION_ALGORITHM_MISMATCH.message),
    _offer("ike_group", _("IKE DH Group"), "ike_pfs", Code.DH_GROUP_MISMATCH.message),
    _lifetime("ike_lifetime", _("IKE Lifetime"), "ike_lifetime", "I1"),
    _lifetime("ipsec_lifetime", _("IPsec Lifetime"), "ipsec_lifetime", "U5"),
    Check("key", _("Pre-Shared Key"), SAME, ("psk",), (
        Case(ERROR, "the device has none", lambda exam: not exam.device.psk,
             _("The device has no key for the tunnel.")),
        Case(ERROR, "a space at an end",
             lambda exam: _differ(exam) and len({key.strip() for key in _keys(exam)}) == 1,
             _("The keys differ by a space at an end."), of_keys=True),
        Case(ERROR, "upper and lower case",
             lambda exam: _differ(exam) and len({key.lower() for key in _keys(exam)}) == 1,
             _("The keys differ only in upper and lower case."), of_keys=True),
        Case(ERROR, "other lengths", lambda exam: len(set(map(len, _keys(exam)))) > 1,
             _("The keys differ, and so do their lengths."), of_keys=True),
        Case(ERROR, "they differ", lambda exam: _differ(exam), Code.PSK_MISMATCH.message),
        Case(WARNING, "a space at an end of both", lambda exam: exam.cloud.psk != exam.cloud.psk.strip(),
             _("The key has a space at an end."), of_keys=True),
        Case(WARNING, "fewer than 8 characters", lambda exam: len(exam.cloud.psk) < SHORT_KEY,
             _("The key has fewer than {least} characters."), of_keys=True, values=lambda exam: {"least": SHORT_KEY}),
    )),
    _identity("remote_id", _("Identity of the Device"), "remote_id"),
    _identity("local_id", _("Identity of the Cloud"), "local_id"),
    Check("networks", _("Networks"), _("The networks of the two sides mirror each other."), NETWORKS, (
        Case(ERROR, "swapped", _is_swapped, _("The device's local and remote networks are swapped.")),
        Case(ERROR, "nothing in common", lambda exam: exam.pair.agreed is None,
             _("The networks of the two sides have nothing in common.")),
        Case(ERROR, "ikev1, several", lambda exam: exam.pair.is_v1 and exam.pair.has_several_networks,
             _("ikev1 negotiates one network on each side.")),
        Case(ERROR, "contained, which ikev1 or the device does not accept",
             lambda exam: not exam.pair.has_equal_networks and (exam.pair.is_v1 or not exam.device.narrows),
             Code.TRAFFIC_SELECTOR_MISMATCH.message),
        _noted(WARNING, "one SA for each pair", "U3", "sa_per_pair"),
        _noted(WARNING, "contained", "U2"),
    )),
    Check("form", _("Protocol and Encapsulation"), SAME, ("uses_ah", "uses_transport_mode"), (
        Case(ERROR, "AH", lambda exam: exam.device.uses_ah, Code.SECURITY_PROTOCOL_MISMATCH.message, ("uses_ah",)),
        Case(ERROR, "transport mode", lambda exam: exam.device.uses_transport_mode,
             Code.ENCAPSULATION_MODE_MISMATCH.message, ("uses_transport_mode",)),
        Case(ERROR, "commit bit", lambda exam: exam.device.commit_bit, Code.COMMIT_MISMATCH.message, ("commit_bit",)),
        Case(ERROR, "an authentication algorithm of its own kind", lambda exam: exam.device.has_odd_hash,
             Code.ALGORITHM_COMPATIBILITY.message, ("has_odd_hash",)),
    )),
    _offer("ipsec_encryption", _("IPsec Encryption"), "ipsec_enc_alg", Code.ENCRYPTION_ALGORITHM_MISMATCH.message),
    _offer("ipsec_hash", _("IPsec Authentication"), "ipsec_auth_alg",
           _("The authentication algorithms of phase 2 differ.")),
    Check("pfs", _("Perfect Forward Secrecy"), SAME, ("ipsec_pfs",), (
        Case(ERROR, "ikev1, they differ", lambda exam: exam.pair.is_v1 and exam.pair.differs("ipsec_pfs"),
             Code.PFS_MISMATCH.message),
        Case(ERROR, "ikev2, they differ, and the tunnel is up",
             lambda exam: remarks.changes_late(exam.pair) and _will_end(exam),
             _("The groups of phase 2 differ. The tunnel works until {time}, then it fails."), values=_works_until),
        _noted(ERROR, "ikev2, they differ", "U1"),
        _several("ipsec_pfs"),
    )),
    Check("nat", _("NAT Traversal"), SAME, ("enable_nat_traversal", "is_behind_nat"), (
        Case(ERROR, "ikev1, on at the device only",
             lambda exam: exam.pair.is_v1 and exam.device.enable_nat_traversal and not exam.cloud.enable_nat_traversal,
             Code.NAT_T_MISMATCH.message, ("enable_nat_traversal",)),
        Case(ERROR, "NAT on the way, not on at both sides",
             lambda exam: exam.device.is_behind_nat and not exam.pair.floats,
             _("The device is behind NAT, and NAT traversal is not on at both sides.")),
        Case(WARNING, "they differ", lambda exam: exam.pair.differs("enable_nat_traversal"),
             Code.NAT_T_MISMATCH.message, ("enable_nat_traversal",)),
    )),
    Check("dpd", _("DPD"), SAME, ("enable_dpd",), (
        _noted(WARNING, "ikev1, the device orders the payloads in another way", "U10", "has_odd_dpd"),
        Case(WARNING, "they differ", lambda exam: exam.pair.differs("enable_dpd"),
             _("DPD is on at one side only, so the other side does not notice that its peer is gone.")),
    )),
    Check("packets", _("Packets"), _("The device passes packets of every usual size without changing them."),
          ("mtu", "has_source_nat"), (
        _noted(WARNING, "source NAT", "U14", "has_source_nat"),
        _noted(WARNING, "too large for the tunnel", "U13", "mtu"),
    )),
    Check("bgp", _("BGP"), _("BGP is on at both ends, and the tunnel carries it."), ("enable_bgp",), (
        Case(WARNING, "on at the device only", lambda exam: exam.cloud.bgp is None,
             _("BGP is on at the device and off at the cloud.")),
        *_session("S5", "S2"),
        Case(WARNING, f"{bgp.DOWN.row}: {bgp.DOWN.says}", lambda exam: not exam.outcome.is_up, bgp.DOWN.message),
    ), lambda exam: exam.has_device and (exam.cloud.bgp is not None or exam.device.bgp is not None)),
    Check("bgp_addresses", _("BGP Addresses"), SAME, ("peer_ip", "local_ip"), (*_session("S3", "S4"),),
          lambda exam: exam.has_bgp),
    Check("bgp_asns", _("AS Numbers"), SAME, ("peer_asn", "local_asn"), (
        *_session("S16", "S7", "S8"),
        Case(WARNING, f"{bgp.INTERNAL.row}: both ends have the same", lambda exam: exam.bgp.local_asn ==
             exam.device_bgp.local_asn, bgp.INTERNAL.message),
    ), lambda exam: exam.has_bgp),
    Check("bgp_key", _("BGP Key"), SAME, ("key",), (*_session("S6"),), lambda exam: exam.has_bgp),
    Check("bgp_timers", _("BGP Timers and Router ID"), _("The hold time and the router ID are accepted."),
          ("hold_time", "router_id"), (*_session("S9", "S10"),), lambda exam: exam.has_bgp),
    Check("bgp_policy", _("Announced Networks"), _("The device announces networks."), ("announced",), (
        Case(WARNING, f"{bgp.SILENT.row}: the device announces nothing", _is_silent, bgp.SILENT.message),
        Case(WARNING, f"{bgp.LOOPS.row}: every path contains Local ASN", lambda exam: not _listed(exam),
             bgp.LOOPS.message),
        *map(_refuses, bgp.REFUSED),
    ), lambda exam: exam.has_bgp),
    Check("health_check", _("Health Check"), _("Probes are answered."), ("health_check_sip", "health_check_dip"), (
        *_probes(),
        Case(WARNING, "beside BGP", lambda exam: exam.cloud.bgp is not None,
             _("BGP and the health check are both on. A failed check also drops the session; use one of them."),
             ("health_check", "enable_bgp")),
        Case(WARNING, f"{health.W1.row}: {health.W1.says}", lambda exam: not exam.outcome.is_up, health.W1.message),
        Case(WARNING, "the last round failed", _last_round_failed,
             _("The last round of probes failed, and nothing stands in the way of the next.")),
    ), lambda exam: exam.cloud.health_check is not None),
    Check("routes", _("Routes"), _("The transit router has routes into the tunnel."), ("routes",), (
        Case(ERROR, "not attached", lambda exam: exam.facts.state == ConnectionState.INIT,
             _("The connection is not attached to a transit router, so no route leads into the tunnel."),
             ("associate_resource",)),
        Case(ERROR, "withdrawn", _is_withdrawn,
             _("The health check fails, so the routes into the tunnel are withdrawn.")),
        Case(ERROR, "in no route table", lambda exam: bool(own_routes(exam)) and not entries(exam),
             _("The connection's routes are in no route table of the transit router.")),
        Case(ERROR, "missing", lambda exam: not entries(exam),
             _("No route leads into the tunnel. Add routes to the networks of the data center.")),
        Case(ERROR, "100.64.0.0/10", lambda exam: _shared(exam) is not None,
             _("{block} overlaps {range}, which the cloud keeps for itself and does not route to a tunnel."),
             values=lambda exam: {"block": _shared(exam), "range": SHARED_SPACE}),
        Case(WARNING, "overlap", lambda exam: bool(taken(entries(exam), exam.facts.others)),
             _("Routes to the same networks, or to parts of them, lead elsewhere: {networks}."),
             values=lambda exam: {"networks": ", ".join(taken(entries(exam), exam.facts.others)[:5])}),
    ), always),
    Check("tunnels", _("Both Tunnels"), _("All tunnels of the connection are up."), ("tunnels",), (
        _noted(ERROR, "equal networks on a policy-based device", "U4", "is_policy_based"),
        Case(WARNING, "one is down",
             lambda exam: {exam.outcome.status, *exam.facts.tunnels} != {NegotiationStatus.IPSEC_UP},
             _("Not all tunnels of the connection are up.")),
    ), lambda exam: bool(exam.facts.tunnels)),
    Check("posture", _("Strength"), _("The algorithms are strong."), CHOICES_THAT_CAN_BE_WEAK, (
        Case(ERROR, "des, group1", lambda exam: bool(_weak(exam, BROKEN)),
             _("DES and group1 can be broken with modest means. Choose stronger ones on both sides."),
             lambda exam: _weak(exam, BROKEN)),
        Case(WARNING, "3des, md5, group2", lambda exam: bool(_weak(exam, WEAK)),
             _("3DES, MD5 and group2 are dated. Choose aes, sha256 and group14 on both sides."),
             lambda exam: _weak(exam, WEAK)),
    ), always),
)
# fmt: on


def _starts(exam: Examination) -> bool:
    """Whether a side starts by itself."""
    device = exam.situation.device
    device_starts = device is not None and device.starts == Start.ITSELF and exam.facts.is_on
    return exam.cloud.effect_immediately or device_starts


def _may_start(exam: Examination) -> bool:
    """Whether the device starts by itself or on traffic."""
    device = exam.situation.device
    return device is not None and exam.facts.is_on and device.starts != Start.NEVER


def _differ(exam: Examination) -> bool:
    return exam.pair.differs("psk")
