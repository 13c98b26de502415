"""What the model expects of a drawn pair, what the daemons did, and the known differences between the two."""

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from connections.domain.choices import IkeVersion, NegotiationStatus
from connections.negotiation import Part
from connections.negotiation.decisions import DECISIONS, IDENTITIES, Decision
from connections.negotiation.pair import Pair
from connections.negotiation.sides import NO_PFS
from tests.lab.draws import Draw
from tests.lab.parallel import SILENT, Heard


@dataclass(frozen=True)
class Verdict:
    """How far the cloud came, and why not further: a cause, with the row where the daemons show it."""

    status: NegotiationStatus
    cause: str

    def __str__(self) -> str:
        return f"{self.status}, {self.cause or 'no fault'}"


SILENCE, CONFIGURATION, MODE, KEY, IDENTITY, NETWORKS = (
    "silence",
    "configuration",
    "mode",
    "key",
    "identity",
    "networks",
)
# What the daemons show of each row. A row of algorithms is its own cause, as the daemons print both proposals.
CAUSES = {
    "C1": SILENCE,
    "D1": CONFIGURATION,
    "E1": MODE,
    "G2": SILENCE,
    **dict.fromkeys(("H1", "H6", "H7", "H8"), KEY),
    **dict.fromkeys(("H2", "H3", "H4", "H5"), IDENTITY),
    **dict.fromkeys(("J1", "J2", "J3"), NETWORKS),
    "N1": "",
}


def cause_of(decision: Decision, part: Part) -> str:
    if decision.row in ("C2", "C3"):
        # Packets that reach the other end find no configuration there.
        return CONFIGURATION if (decision.row == "C2") == (part == Part.RESPONDER) else SILENCE
    return CAUSES.get(decision.row, decision.row)


# --- what the daemons say

SAYINGS = {
    r"no IKE config found": CONFIGURATION,
    r"none allows pre-shared key authentication using": MODE,
    r"no shared key found|MAC mismatched|HASH does not match|could not decrypt payloads": KEY,
    r"no (matching )?peer config found|ID[ir]+ '.*' does not match": IDENTITY,
    r"no matching CHILD_SA config found|traffic selectors .* unacceptable|selector missing": NETWORKS,
    r"invalid DH public value size": "F3",
    # What is left of networks that transport mode narrows to the ends themselves.
    r"conflicts with IKE traffic": NETWORKS,
    SILENT: SILENCE,
}
PROPOSALS = re.compile(r"(received|configured) proposals: (.*)")
KINDS = {"auth": r"HMAC_\w+", "group": r"MODP_\w+", "enc": r"(?:AES|DES|3DES)_CBC\w*"}


def offered(proposals: str, kind: str) -> set[str]:
    """The algorithms of a kind in proposals as a daemon prints them, with an empty text for none."""
    found = (
        [word for word in re.split("[:/]", one) if re.fullmatch(KINDS[kind], word)] for one in proposals.split(", ")
    )
    return {word for words in found for word in words or [""]}


def algorithms(received: str, configured: str) -> str:
    """The row of the algorithms that differ."""
    different = {kind for kind in KINDS if not offered(received, kind) & offered(configured, kind)}
    if received.startswith("IKE:"):
        return {"enc": "F1", "auth": "F2", "group": "F3"}[different.pop()] if len(different) == 1 else "F4"
    if "group" in different:
        return "K1"
    if received[:3] != configured[:3]:
        return "L1"
    return "M1" if different == {"enc"} else "M2"


def causes(heard: Iterable[Heard], is_v1: bool) -> set[str]:
    """The causes that the lines of both ends name."""
    found: set[str] = set()
    for one in heard:
        said: dict[str, str] = {}
        for line in one.lines:
            found |= {cause for pattern, cause in SAYINGS.items() if re.search(pattern, line)}
            if match := PROPOSALS.search(line):
                # With ikev2 the first SA takes its keys from phase 1, and only the receiver prints its group.
                is_first_sa = not is_v1 and not match[2].startswith("IKE")
                said[match[1]] = re.sub(r"/MODP_\d+", "", match[2]) if is_first_sa else match[2]
                if len(said) == 2:
                    found.add(algorithms(**said))
                    said = {}
    if MODE in found:
        found.discard(IDENTITY)
    # Whatever is not refused aloud ends in silence.
    return found - {SILENCE} or found


def observed(cloud: Heard, device: Heard, is_v1: bool) -> Verdict:
    status = NegotiationStatus.IKE_DOWN
    if cloud.is_phase_1_up:
        status = NegotiationStatus.IPSEC_UP if cloud.children else NegotiationStatus.IPSEC_DOWN
    return Verdict(status, " and ".join(sorted(causes((cloud, device), is_v1))))


# --- known differences


Rows = tuple[Decision, ...]


@dataclass(frozen=True)
class Case:
    """A pair under the rows that decide it. Differences change either."""

    draw: Draw
    pair: Pair
    rows: Rows

    @property
    def decision(self) -> Decision:
        return next(row for row in self.rows if row.holds(self.pair))

    def without(self, *names: str) -> "Case":
        return replace(self, rows=tuple(row for row in self.rows if row.row not in names))

    def with_sides(self, *, cloud=None, device=None) -> "Case":
        pair = self.pair
        changed = replace(pair.cloud, **cloud or {}), replace(pair.device, **device or {})
        return replace(self, pair=Pair(*changed, pair.part))


def always(name: str) -> Decision:
    """A row as the last one: it holds whatever the sides are."""
    return replace(next(row for row in DECISIONS if row.row == name), holds=lambda pair: True)


REFUSED_MODE, REFUSED_NETWORKS = always("E1"), always("J1")
DIFFERENCES: dict[str, Callable[[Case], Case]] = {}


def difference(name: str):
    """Declare a known difference by its name."""

    def declare(change: Callable[[Case], Case]) -> Callable[[Case], Case]:
        DIFFERENCES[name] = change
        return change

    return declare


@difference("a device with both versions starts with ikev2")
def _both_versions(case: Case) -> Case:
    if case.pair.starts_at_device and len(case.pair.device.ike_version) > 1:
        return case.with_sides(device={"ike_version": (str(IkeVersion.IKEV2),)})
    return case


@difference("a device that may use PFS with ikev1 does use it")
def _eager_pfs(case: Case) -> Case:
    if not (case.pair.is_v1 and case.pair.starts_at_device):
        return case
    # The key exchange is in the first message: only one group can be offered.
    groups = [group for group in case.pair.device.ipsec_pfs if group != NO_PFS]
    return case.with_sides(device={"ipsec_pfs": tuple(groups[:1]) or (NO_PFS,)})


@difference("one ikev1 proposal with several values counts by its first ones")
def _first_values(case: Case) -> Case:
    if not (case.pair.is_v1 and case.pair.starts_at_device and case.draw.in_one_proposal):
        return case
    lists = ("ike_enc_alg", "ike_auth_alg", "ike_pfs", "ipsec_enc_alg", "ipsec_auth_alg", "ipsec_pfs")
    return case.with_sides(device={name: getattr(case.pair.device, name)[:1] for name in lists})


@difference("NAT traversal is always on")
def _nat_traversal(case: Case) -> Case:
    if case.pair.cloud.enable_nat_traversal and case.pair.device.enable_nat_traversal:
        return case
    on = {"enable_nat_traversal": True}
    return case.with_sides(cloud=on, device=on)


@difference("the mode is looked at after the proposal")
def _late_mode(case: Case) -> Case:
    """The one who starts decides the mode; the other end refuses it once it knows who that is."""
    pair = case.pair
    if not pair.is_v1 or pair.differs("ike_version") or not pair.differs("ike_mode"):
        return case
    mode = pair.device.ike_mode if pair.starts_at_device else pair.cloud.ike_mode
    started = case.with_sides(cloud={"ike_mode": mode}, device={"ike_mode": mode})
    own = "remote_id" if pair.starts_at_device else "local_id"
    ours, theirs = pair.identities[own]
    seen_before = {"C1", "C2", "C3", "D1", "F1", "F2", "F3", "F4"}
    if mode == "main":
        seen_before |= {"G2", "H1", "H8"}
    if ours != theirs and not pair.accepts_any(own):
        seen_before |= {"H3", "H4", "H5"}
    rows = (*(row for row in case.rows if row.row in seen_before), REFUSED_MODE)
    return replace(started, rows=rows)


@difference("names identify peers in ikev1 main mode")
def _names(case: Case) -> Case:
    return case.without("H2") if case.pair.is_main and any(map(case.pair.has_name_as_identity, IDENTITIES)) else case


@difference("ikev1 takes networks that contain each other, and of several the first")
def _narrowing(case: Case) -> Case:
    pair = case.pair
    if not pair.is_v1 or (pair.has_equal_networks and not pair.has_several_networks):
        return case
    if pair.starts_at_device:
        first = {name: getattr(pair.device, name)[:1] for name in ("local_subnet", "remote_subnet")}
        case = case.with_sides(device=first)
    return case.without("J2")


@difference("transport mode does not carry networks")
def _transport(case: Case) -> Case:
    """A device that uses it has no networks left to negotiate."""
    if not case.pair.device.uses_transport_mode:
        return case
    rows = itertools.takewhile(lambda row: row.row != "J1", case.rows)
    return replace(case, rows=(*rows, REFUSED_NETWORKS))


def _under(draw: Draw, part: Part, rows: Rows, leave_out: str = "") -> tuple[Decision, list[str]]:
    """The row that decides with all known differences but one, and the differences that have changed something."""
    case = Case(draw, Pair(draw.cloud, draw.device, part), rows)
    applied = []
    for name, change in DIFFERENCES.items():
        if name != leave_out and (changed := change(case)) is not case:
            case = changed
            applied.append(name)
    return case.decision, applied


def decided(draw: Draw, part: Part, rows: Rows = DECISIONS) -> Decision:
    """The row by which the daemons decide: that of the model with all known differences."""
    return _under(draw, part, rows)[0]


def expected(draw: Draw, part: Part) -> Verdict:
    """What the daemons do."""
    decision = decided(draw, part)
    return Verdict(decision.verdict(part).ending.status, cause_of(decision, part))


def occurring(draw: Draw, part: Part) -> list[str]:
    """The known differences without which another row would decide."""
    decision, applied = _under(draw, part, DECISIONS)
    return [name for name in applied if _under(draw, part, DECISIONS, leave_out=name)[0].row != decision.row]
