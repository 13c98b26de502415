"""Whether two sides come to terms: the first row of DECISIONS that holds decides, later rows are not looked at. [P152]

Rows are named by stage: A ready, B start, C reachable, D version, E mode, F proposal of phase 1, G NAT traversal,
H authentication, J networks, K PFS, L form of phase 2, M proposal of phase 2, N up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from connections.domain.choices import NegotiationStatus
from connections.negotiation.codes import Code
from connections.negotiation.pair import Pair
from connections.negotiation.sides import Cloud, Device, Part


class Ending(Enum):
    """How an attempt ends for the cloud: refused or not answered in a phase, up, or nothing sent and received."""

    NOTHING = "nothing"
    REFUSED_1 = "refused in phase 1"
    SILENT_1 = "no answer in phase 1"
    REFUSED_2 = "refused in phase 2"
    SILENT_2 = "no answer in phase 2"
    UP = "up"

    @property
    def status(self) -> NegotiationStatus:
        """The status in which the attempt leaves the tunnel."""
        if self in (Ending.REFUSED_2, Ending.SILENT_2):
            return NegotiationStatus.IPSEC_DOWN
        return NegotiationStatus.IPSEC_UP if self == Ending.UP else NegotiationStatus.IKE_DOWN


def part_of(cloud: Cloud, device: Device | None, cloud_starts: bool, device_starts: bool) -> Part | None:
    """The cloud's part. It responds only to a device whose packets reach it; None if nobody starts."""
    if device is None:
        device_starts = arrives = False
    else:
        arrives = device_starts and device.udp_500_open and device.peer_address == cloud.gateway_ip
    if cloud_starts and not arrives:
        return Part.INITIATOR
    return Part.RESPONDER if device_starts else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an attempt ends for the cloud in one of the two parts, and the code that it reports."""

    ending: Ending
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A row: what it says, when it holds, the verdicts if the cloud responds and if it starts, fields it looks at."""

    row: str
    says: str
    holds: Callable[[Pair], bool]
    as_responder: Verdict
    as_initiator: Verdict
    fields: tuple[str, ...] = ()

    def verdict(self, part: Part | None) -> Verdict:
        return self.as_initiator if part == Part.INITIATOR else self.as_responder


PHASE_1 = ("ike_enc_alg", "ike_auth_alg", "ike_pfs")
PHASE_2 = ("ipsec_enc_alg", "ipsec_auth_alg")
NETWORKS = ("local_subnet", "remote_subnet")
IDENTITIES = ("remote_id", "local_id")

NOTHING = Verdict(Ending.NOTHING, Code.NO_EXCEPTION_FOUND)
UP = Verdict(Ending.UP)
NO_ANSWER = Verdict(Ending.SILENT_1, Code.NO_RESPONSE)
PHASE_1_TIMEOUT = Verdict(Ending.SILENT_1, Code.PHASE_1_NEGOTIATION_TIMEOUT)
PHASE_2_TIMEOUT = Verdict(Ending.SILENT_2, Code.PHASE_2_NEGOTIATION_TIMEOUT)


def refused_1(code: Code) -> Verdict:
    return Verdict(Ending.REFUSED_1, code)


def refused_2(code: Code) -> Verdict:
    return Verdict(Ending.REFUSED_2, code)


# The initiator hears only that its proposal was refused.
GUESS_1, GUESS_2 = refused_1(Code.PROPOSAL_MISMATCH), refused_2(Code.PROPOSAL_MISMATCH)


def same(verdict: Verdict) -> tuple[Verdict, Verdict]:
    return verdict, verdict


def _row(row: str, says: str, holds: Callable[[Pair], bool], verdicts: tuple[Verdict, Verdict], *fields: str):
    return Decision(row, says, holds, *verdicts, fields=fields)


# Each row is a paragraph, as in a table.
# fmt: off
DECISIONS: tuple[Decision, ...] = (
    _row("A1", "the connection has no gateway address",
         lambda pair: not pair.cloud.gateway_ip,
         same(NOTHING)),
    _row("B1", "nobody starts",
         lambda pair: pair.part is None,
         same(NOTHING)),
    _row("C1", "the device is not configured, off or unreachable, or UDP 500 is blocked",
         lambda pair: not pair.has_device or not pair.device.udp_500_open,
         (NOTHING, NO_ANSWER), "udp_500_open"),
    _row("C2", "the device's packets come from another address than the customer gateway's",
         lambda pair: pair.device.address != pair.cloud.customer_gateway_ip and not pair.misses_the_cloud,
         (refused_1(Code.PEER_MISMATCH), NO_ANSWER), "customer_gateway_ip"),
    _row("C3", "the device has another address for the cloud",
         lambda pair: pair.device.peer_address != pair.cloud.gateway_ip,
         (NOTHING, GUESS_1), "gateway_ip"),
    _row("D1", "the IKE versions differ",
         lambda pair: pair.differs("ike_version"),
         same(refused_1(Code.IKE_VERSION_MISMATCH)), "ike_version"),
    _row("E1", "ikev1, the negotiation modes differ",
         lambda pair: pair.is_v1 and pair.differs("ike_mode"),
         same(refused_1(Code.NEGOTIATION_MODE_MISMATCH)), "ike_mode"),
    _row("F1", "of phase 1, only the encryption differs",
         lambda pair: pair.only_differs("ike_enc_alg", PHASE_1),
         (refused_1(Code.ALGORITHM_MISMATCH), GUESS_1), *PHASE_1),
    _row("F2", "of phase 1, only the authentication differs",
         lambda pair: pair.only_differs("ike_auth_alg", PHASE_1),
         (refused_1(Code.AUTHENTICATION_ALGORITHM_MISMATCH), GUESS_1), *PHASE_1),
    _row("F3", "of phase 1, only the DH group differs",
         lambda pair: pair.only_differs("ike_pfs", PHASE_1),
         (refused_1(Code.DH_GROUP_MISMATCH), GUESS_1), *PHASE_1),
    _row("F4", "of phase 1, two or three of these differ",
         lambda pair: any(pair.differs(name) for name in PHASE_1),
         (refused_1(Code.ALGORITHM_MISMATCH), GUESS_1), *PHASE_1),
    _row("G1", "ikev1, NAT traversal is on at the device and off at the cloud",
         lambda pair: pair.is_v1 and pair.device.enable_nat_traversal and not pair.cloud.enable_nat_traversal,
         same(refused_1(Code.NAT_T_MISMATCH)), "enable_nat_traversal"),
    _row("H8", "ikev1 main, the device has no key",
         lambda pair: pair.is_main and not pair.device.psk,
         same(refused_1(Code.PSK_MISMATCH)), "psk"),
    _row("H8", "ikev2, the device starts and has no key",
         lambda pair: not pair.is_v1 and pair.starts_at_device and not pair.device.psk,
         same(refused_1(Code.PSK_MISMATCH)), "psk"),
    _row("G2", "ikev1 main, NAT on the way, UDP 4500 is blocked",
         lambda pair: pair.is_main and pair.floats and not pair.device.udp_4500_open,
         same(PHASE_1_TIMEOUT), "udp_4500_open"),
    _row("G2", "ikev2, NAT on the way, UDP 4500 is blocked",
         lambda pair: not pair.is_v1 and pair.floats and not pair.device.udp_4500_open,
         same(NO_ANSWER), "udp_4500_open"),
    _row("H1", "ikev1 main, the keys differ",
         lambda pair: pair.is_main and pair.differs("psk"),
         same(refused_1(Code.PSK_MISMATCH)), "psk"),
    _row("H2", "ikev1 main, an identity is not an address",
         lambda pair: pair.is_main and any(map(pair.has_name_as_identity, IDENTITIES)),
         same(refused_1(Code.PEER_ID_MISMATCH)), *IDENTITIES),
    _row("H3", "RemoteId is not the device's identity",
         lambda pair: pair.identity_differs("remote_id"),
         same(refused_1(Code.PEER_ID_MISMATCH)), "remote_id"),
    _row("H4", "LocalId is not the identity that the device expects",
         lambda pair: pair.identity_differs("local_id"),
         same(refused_1(Code.PEER_ID_MISMATCH)), "local_id"),
    _row("H5", "identities have the same text and different types",
         lambda pair: any(map(pair.identity_kind_differs, IDENTITIES)),
         same(refused_1(Code.PEER_ID_MISMATCH)), *IDENTITIES),
    _row("H8", "ikev1 aggressive or ikev2, the device has no key",
         lambda pair: not pair.device.psk,
         same(refused_1(Code.PSK_MISMATCH)), "psk"),
    _row("H6", "ikev1 aggressive, the keys differ",
         lambda pair: pair.is_aggressive and pair.differs("psk"),
         same(refused_1(Code.PSK_MISMATCH)), "psk"),
    _row("H7", "ikev2, the keys differ",
         lambda pair: pair.differs("psk"),
         same(refused_1(Code.PSK_MISMATCH)), "psk"),
    _row("G2", "ikev1 aggressive, NAT on the way, UDP 4500 is blocked",
         lambda pair: pair.floats and not pair.device.udp_4500_open,
         (PHASE_1_TIMEOUT, PHASE_2_TIMEOUT), "udp_4500_open"),
    _row("U12", "ikev2, NAT on the way, only the device moves to UDP 4500",
         lambda pair: pair.device.is_behind_nat and pair.device.enable_nat_traversal and not pair.floats,
         same(PHASE_2_TIMEOUT), "enable_nat_traversal"),
    _row("J1", "the networks have nothing in common",
         lambda pair: pair.agreed is None,
         same(refused_2(Code.TRAFFIC_SELECTOR_MISMATCH)), *NETWORKS),
    _row("J2", "ikev1, the networks are not identical, or a side has several",
         lambda pair: pair.is_v1 and (pair.has_several_networks or not pair.has_equal_networks),
         same(refused_2(Code.TRAFFIC_SELECTOR_MISMATCH)), *NETWORKS),
    _row("J3", "ikev2, networks contain each other, which the device does not accept",
         lambda pair: not pair.has_equal_networks and not pair.device.narrows,
         same(refused_2(Code.TRAFFIC_SELECTOR_MISMATCH)), *NETWORKS),
    _row("K1", "ikev1, the PFS groups differ, or only one side uses PFS",
         lambda pair: pair.is_v1 and pair.differs("ipsec_pfs"),
         (refused_2(Code.PFS_MISMATCH), GUESS_2), "ipsec_pfs"),
    _row("L1", "the device uses AH",
         lambda pair: pair.device.uses_ah,
         (refused_2(Code.SECURITY_PROTOCOL_MISMATCH), GUESS_2), "uses_ah"),
    _row("L2", "the device uses transport mode",
         lambda pair: pair.device.uses_transport_mode,
         (refused_2(Code.ENCAPSULATION_MODE_MISMATCH), GUESS_2), "uses_transport_mode"),
    _row("M1", "of phase 2, only the encryption differs",
         lambda pair: pair.only_differs("ipsec_enc_alg", PHASE_2),
         (refused_2(Code.ENCRYPTION_ALGORITHM_MISMATCH), GUESS_2), *PHASE_2),
    _row("M2", "of phase 2, the authentication differs, or both do",
         lambda pair: pair.differs("ipsec_auth_alg"),
         (refused_2(Code.ALGORITHM_MISMATCH), GUESS_2), *PHASE_2),
    _row("M3", "the device insists on the commit bit",
         lambda pair: pair.device.commit_bit,
         same(refused_2(Code.COMMIT_MISMATCH)), "commit_bit"),
    _row("M4", "the device computes the authentication algorithm in its own way",
         lambda pair: pair.device.has_odd_hash,
         same(refused_2(Code.ALGORITHM_COMPATIBILITY)), "has_odd_hash"),
    _row("N1", "none of these",
         lambda pair: True,
         same(UP)),
)
# fmt: on


def decide(pair: Pair) -> Decision:
    return next(decision for decision in DECISIONS if decision.holds(pair))
