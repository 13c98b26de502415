"""What is wrong with a tunnel although it comes up: rows I1 and U, each with what users see and what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connections.domain.rules import PREFERENCES
from connections.messages import Message
from connections.messages import message as _
from connections.negotiation.codes import Code, Severity
from connections.negotiation.pair import Difference, Pair, unlimited_last
from connections.negotiation.sides import LARGEST_PACKET, Part, Surroundings

CRITICAL, WARN, NORMAL = Severity

# Lifetimes in seconds below this are advised against.
SHORT_LIFETIME = 120
LIFETIMES = ("ike_lifetime", "ipsec_lifetime")


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on a tunnel that is up: the row, what is wrong, what to do, and the fields that it is about."""

    row: str
    severity: Severity
    message: Message
    remedy: Message
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """A row: what it says, when it holds, two sentences for users, and a code if the cloud reports one at once."""

    row: str
    says: str
    holds: Callable[[Pair, Surroundings], bool]
    severity: Severity
    message: Message
    remedy: Message
    fields: tuple[str, ...] = ()
    code: Code | None = None


def proposes_longer(pair: Pair, name: str) -> bool:
    """Whether the device proposes a longer lifetime than the cloud's, which only a responder with ikev1 sees."""
    ours, theirs = getattr(pair.cloud, name), getattr(pair.device, name)
    return pair.is_v1 and pair.part == Part.RESPONDER and unlimited_last(theirs) > unlimited_last(ours)


def changes_late(pair: Pair) -> bool:
    """Whether the first rekey will be refused: ikev2 negotiates the group of phase 2 only then."""
    return not pair.is_v1 and pair.differs("ipsec_pfs")


def receives_nothing(pair: Pair) -> bool:
    """Whether ESP of the device cannot reach the cloud."""
    if pair.device.is_behind_nat and not pair.floats:
        return True
    return not pair.floats and not pair.device.esp_open


def answers_arrive(pair: Pair) -> bool:
    """Whether users in the cloud get answers through a tunnel that is up."""
    return not receives_nothing(pair) and not pair.device.has_source_nat


def dpd_fails(pair: Pair) -> bool:
    return pair.is_v1 and pair.cloud.enable_dpd and pair.device.has_odd_dpd


def _lifetimes(pair: Pair) -> list[int]:
    return [getattr(side, name) for side in (pair.cloud, pair.device) for name in LIFETIMES]


# Each row is a paragraph, as in a table.
# fmt: off
REMARKS: tuple[Remark, ...] = (
    Remark("I1", "ikev1, the device starts with a longer lifetime of phase 1",
           lambda pair, around: proposes_longer(pair, "ike_lifetime"), WARN,
           _("The device proposes a longer lifetime of phase 1 than the cloud's. The tunnel may be interrupted."),
           _("Set the same SA lifetime in the IKE configurations of both sides."),
           ("ike_lifetime",), Code.LIFETIME_MISMATCH),
    Remark("U1", "ikev2, the PFS groups differ, or only one side uses PFS",
           lambda pair, around: changes_late(pair), WARN,
           _("The DH groups of phase 2 differ. The tunnel works until its keys are renewed, then it fails."),
           _("Set the same DH group in the IPsec configurations of both sides, or disable it on both."),
           ("ipsec_pfs",)),
    Remark("U2", "ikev2, networks contain each other",
           lambda pair, around: not pair.has_equal_networks, NORMAL,
           _("The networks differ, so the tunnel carries only what they have in common."),
           _("Enter the connection's networks on the device: its local networks are Remote Network."),
           ("local_subnet", "remote_subnet")),
    Remark("U3", "several pairs of networks, of which the device puts each into an SA of its own",
           lambda pair, around: pair.device.sa_per_pair and pair.has_several_networks, WARN,
           _("The device uses one security association for each pair of networks, so only the first pair works."),
           _("Use one network on each side, or let the device put all pairs into one security association."),
           ("sa_per_pair",)),
    Remark("U4", "a policy-based device has several tunnels with equal networks",
           lambda pair, around: around.turns is not None, WARN,
           _("The device cannot tell its tunnels apart, because their networks are equal; they take turns."),
           _("Let the device choose the tunnel by routes, or give the tunnels different networks."),
           ("is_policy_based",)),
    Remark("U5", "ikev1, the device starts with a longer lifetime of phase 2",
           lambda pair, around: proposes_longer(pair, "ipsec_lifetime"), WARN,
           _("The device proposes a longer lifetime of phase 2 than the cloud's. The tunnel may be interrupted."),
           _("Set the same SA lifetime in the IPsec configurations of both sides."),
           ("ipsec_lifetime",), Code.LIFETIME_MISMATCH),
    Remark("U5", "other differences of lifetimes",
           lambda pair, around: any(pair.differs(name) and not proposes_longer(pair, name) for name in LIFETIMES),
           NORMAL,
           _("The lifetimes differ. The side with the shorter one renews the keys; if it cannot, the tunnel drops."),
           _("Set the same SA lifetimes on both sides."),
           LIFETIMES),
    Remark("U6", "the device limits the traffic of an SA",
           lambda pair, around: pair.device.ipsec_kilobytes > 0, WARN,
           _("The device ends the tunnel after a certain amount of traffic. The cloud has lifetimes in seconds only."),
           _("Remove the device's lifetime in kilobytes."),
           ("ipsec_kilobytes",)),
    Remark("U7", "a lifetime is 0 or very short",
           lambda pair, around: min(_lifetimes(pair)) < SHORT_LIFETIME, NORMAL,
           _("A lifetime is 0, which means no limit, or so short that the keys are renewed all the time."),
           _("Use lifetimes of an hour or more on both sides.")),
    Remark("U10", "ikev1, DPD is on, the device orders the payloads of DPD in another way",
           lambda pair, around: dpd_fails(pair), WARN,
           _("The cloud ignores the device's DPD answers and gives the tunnel up again and again."),
           _("On the device, set the payload order of DPD to hash-notify, or disable DPD on both sides."),
           ("has_odd_dpd",)),
    Remark("U12", "NAT on the way without NAT traversal, or ESP is blocked",
           lambda pair, around: receives_nothing(pair), WARN,
           _("The tunnel is up, but no packets arrive from the device: ESP cannot pass."),
           _("Enable NAT traversal on both sides, or let ESP (IP protocol 50) through."),
           ("is_behind_nat", "enable_nat_traversal", "esp_open")),
    Remark("U13", "packets are too large for the tunnel",
           lambda pair, around: pair.device.mtu > LARGEST_PACKET and not pair.device.clamps_mss, NORMAL,
           _("Large packets are lost, because they do not fit into the tunnel."),
           _("Lower the MTU in the data center, or let the device clamp the MSS."),
           ("mtu",)),
    Remark("U14", "the device rewrites source addresses",
           lambda pair, around: pair.device.has_source_nat, WARN,
           _("Source NAT on the device changes packets before they enter the tunnel, so no answers arrive."),
           _("On the device, exempt traffic between the tunnel's networks from source NAT."),
           ("has_source_nat",)),
    Remark("LIST", "the device offers several values",
           lambda pair, around: any(len(getattr(pair.device, name)) > 1 for name in PREFERENCES), NORMAL,
           _("The device offers several values for a setting."),
           _("Use one value for each setting, as on the cloud side.")),
)
# fmt: on

CUT = Note(
    "U8",
    WARN,
    _("Nothing arrives from the device. DPD is off, so the tunnel looks healthy until its lifetime ends."),
    _("Check the line and the device, and enable DPD on both sides."),
)


def remarks_on(pair: Pair, around: Surroundings) -> Iterator[Remark]:
    """The remarks on a pair of sides that comes up."""
    return (remark for remark in REMARKS if remark.holds(pair, around))


def note(remark: Remark, pair: Pair) -> Note:
    return Note(remark.row, remark.severity, remark.message, remark.remedy, pair.differences(remark.fields))
