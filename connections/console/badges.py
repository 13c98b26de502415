"""The CSS tone of each state."""

from connections.domain.choices import (
    AttachmentStatus,
    CenStatus,
    ConnectionState,
    EntryStatus,
    NegotiationStatus,
    ProbeResult,
    RouteStatus,
)

TONES = {
    ConnectionState.ATTACHED: "good",
    ConnectionState.INIT: "idle",
    CenStatus.ACTIVE: "good",
    AttachmentStatus.ATTACHED: "good",
    RouteStatus.PUBLISHED: "good",
    RouteStatus.NOT_PUBLISHED: "idle",
    EntryStatus.ACTIVE: "good",
    EntryStatus.STANDBY: "idle",
    EntryStatus.REJECTED: "bad",
    ProbeResult.NORMAL: "good",
    ProbeResult.ABNORMAL: "bad",
    NegotiationStatus.IKE_DOWN: "bad",
    NegotiationStatus.IKE_UP: "moving",
    NegotiationStatus.IPSEC_DOWN: "bad",
    NegotiationStatus.IPSEC_UP: "good",
}


def tone(state) -> str:
    """The tone of a state: good, bad, idle or moving."""
    return TONES.get(state, "moving")
