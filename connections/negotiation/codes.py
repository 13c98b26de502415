"""The product's error codes of negotiations: severity, documented log keywords, message and remedy. [P150]"""

from dataclasses import dataclass
from enum import StrEnum

from connections.messages import Message
from connections.messages import message as _


class Severity(StrEnum):
    """How bad a problem is, spelled as in the API's answers. [P151]"""

    CRITICAL = "Critical"
    WARN = "Warn"
    NORMAL = "Normal"


class Code(StrEnum):
    """Error codes, spelled as on the wire. [P150]"""

    PEER_MISMATCH = "PeerMismatch"
    ALGORITHM_MISMATCH = "AlgorithmMismatch"
    ENCRYPTION_ALGORITHM_MISMATCH = "EncryptionAlgorithmMismatch"
    AUTHENTICATION_ALGORITHM_MISMATCH = "AuthenticationAlgorithmMismatch"
    DH_GROUP_MISMATCH = "DhGroupMismatch"
    PSK_MISMATCH = "PskMismatch"
    PEER_ID_MISMATCH = "PeerIdMismatch"
    DPD_HASH_NOTIFY_COMPATIBILITY = "DpdHashNotifyCompatibility"
    DPD_TIMEOUT = "DpdTimeout"
    IKE_VERSION_MISMATCH = "IkeVersionMismatch"
    NEGOTIATION_MODE_MISMATCH = "NegotiationModeMismatch"
    NAT_T_MISMATCH = "NatTMismatch"
    LIFETIME_MISMATCH = "LifetimeMismatch"
    SECURITY_PROTOCOL_MISMATCH = "SecurityProtocolMismatch"
    ENCAPSULATION_MODE_MISMATCH = "EncapsulationModeMismatch"
    ALGORITHM_COMPATIBILITY = "AlgorithmCompatibility"
    TRAFFIC_SELECTOR_MISMATCH = "TrafficSelectorMismatch"
    PFS_MISMATCH = "PfsMismatch"
    COMMIT_MISMATCH = "CommitMismatch"
    PROPOSAL_MISMATCH = "ProposalMismatch"
    NEGOTIATION_FAILED = "NegotiationFailed"
    PHASE_1_NEGOTIATION_TIMEOUT = "Phase1NegotiationTimeout"
    PHASE_2_NEGOTIATION_TIMEOUT = "Phase2NegotiationTimeout"
    NO_RESPONSE = "NoResponse"
    RECEIVE_DELETE_NOTIFY = "ReceiveDeleteNotify"
    NO_EXCEPTION_FOUND = "NoExceptionFound"

    @property
    def severity(self) -> Severity:
        return CODES[self].severity

    @property
    def message(self) -> Message:
        """What happened, in one sentence."""
        return CODES[self].message

    @property
    def remedy(self) -> Message:
        return CODES[self].remedy

    @property
    def keywords(self) -> tuple[str, ...]:
        """What the product's documentation says to look for in the log."""
        return CODES[self].keywords


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says to people, and by which words in the log it is recognized."""

    severity: Severity
    message: Message
    remedy: Message
    keywords: tuple[str, ...] = ()


CRITICAL, WARN, NORMAL = Severity

CODES: dict[Code, Meaning] = {
    Code.PEER_MISMATCH: Meaning(
        CRITICAL,
        _("The device's packets come from an address that is not the customer gateway's."),
        _(
            "Use a customer gateway with the address from which the cloud receives the packets. "
            "Behind NAT, this is the public address of the NAT device."
        ),
        ("received UNSUPPORTED_CRITICAL_PAYLOAD error",),
    ),
    Code.ALGORITHM_MISMATCH: Meaning(
        CRITICAL,
        _("The algorithms of the two sides differ."),
        _("Set the same encryption, authentication and DH group on both sides, with one value each on the device."),
        (
            "HASH mismatched",
            "parsed INFORMATIONAL_V1 request",
            "packet lacks expected payload",
            "authentication failure",
        ),
    ),
    Code.ENCRYPTION_ALGORITHM_MISMATCH: Meaning(
        CRITICAL,
        _("The encryption algorithms of phase 2 differ."),
        _("Set the same encryption algorithm in the IPsec configurations of both sides."),
        ("invalid encryption algorithm", "trns_id mismatched", "rejected enctype", "authentication failure"),
    ),
    Code.AUTHENTICATION_ALGORITHM_MISMATCH: Meaning(
        CRITICAL,
        _("The authentication algorithms of phase 1 differ."),
        _("Set the same authentication algorithm in the IKE configurations of both sides."),
        ("authtype mismatched", "rejected hashtype", "authentication failure"),
    ),
    Code.DH_GROUP_MISMATCH: Meaning(
        CRITICAL,
        _("The DH groups of phase 1 differ."),
        _("Set the same DH group in the IKE configurations of both sides."),
        (
            "received KE type 14,expected 2",
            "failed to compute dh value",
            "rejected dh_group",
            "proposal mismatch, transform type:4",
        ),
    ),
    Code.PSK_MISMATCH: Meaning(
        CRITICAL,
        _("The pre-shared keys of the two sides differ."),
        _("Enter the same key on both sides. Check for spaces before and after it, and for upper and lower case."),
        (
            "Decryption failed! mismatch of preshared secrets",
            "mismatch of preshared secrets",
            "invalid HASH_V1 payload length, decryption failed",
            "could not decrypt payloads",
            "authentication failure",
        ),
    ),
    Code.PEER_ID_MISMATCH: Meaning(
        CRITICAL,
        _("One side identifies itself differently from what the other side expects."),
        _(
            "RemoteId must be the device's own identity, and LocalId the identity that the device expects; both type "
            "and text must match. With ikev1 in main mode, use IP addresses."
        ),
        (
            "does not match peers id",
            "message lacks IDr payload",
            "Expecting IP address type in main mode,but FQDN",
            "Unknow peer id",
            "Parse PEERID failed",
            "received ID_I(xxx) does not match peers id",
        ),
    ),
    Code.DPD_HASH_NOTIFY_COMPATIBILITY: Meaning(
        WARN,
        _("The device orders the payloads of its DPD messages in a way that the cloud does not accept."),
        _("On the device, set the payload order of DPD to hash-notify, or disable DPD on both sides."),
        ("ignore information because the message has no hash payload",),
    ),
    Code.DPD_TIMEOUT: Meaning(
        WARN,
        _("The device stopped answering, so the cloud deleted the tunnel's security associations."),
        _("Check that the device is running and can be reached, and that DPD is enabled on both sides."),
        ("DPD: remote seems to be dead",),
    ),
    Code.IKE_VERSION_MISMATCH: Meaning(
        CRITICAL,
        _("The IKE versions of the two sides differ."),
        _("Set the same IKE version on both sides; do not leave it to the device's automatic choice."),
        ("unknown ikev2 peer",),
    ),
    Code.NEGOTIATION_MODE_MISMATCH: Meaning(
        CRITICAL,
        _("One side negotiates in main mode, the other in aggressive mode."),
        _("Set the same negotiation mode on both sides."),
        ("in Identity not acceptable Aggressive mode", "not acceptable Identity Protection mode"),
    ),
    Code.NAT_T_MISMATCH: Meaning(
        CRITICAL,
        _("NAT traversal is enabled on one side only."),
        _("Enable NAT traversal on both sides."),
        ("ignore the packet, received unexpecting payload type 130",),
    ),
    Code.LIFETIME_MISMATCH: Meaning(
        WARN,
        _("The device proposes a longer SA lifetime than the cloud's."),
        _("Set the same SA lifetimes on both sides. Different ones work, but the tunnel may be interrupted."),
        ("long lifetime proposed",),
    ),
    Code.SECURITY_PROTOCOL_MISMATCH: Meaning(
        CRITICAL,
        _("The device protects packets with AH; the cloud supports ESP only."),
        _("Set the device's security protocol to ESP."),
        ("proto_id mismatched",),
    ),
    Code.ENCAPSULATION_MODE_MISMATCH: Meaning(
        CRITICAL,
        _("The device uses transport mode; the cloud supports tunnel mode only."),
        _("Set the device's encapsulation to tunnel mode."),
        ("encmode mismatched",),
    ),
    Code.ALGORITHM_COMPATIBILITY: Meaning(
        WARN,
        _("Both sides use the same authentication algorithm, but the device computes it differently."),
        _("Choose another authentication algorithm on both sides, or update the device's software."),
    ),
    Code.TRAFFIC_SELECTOR_MISMATCH: Meaning(
        CRITICAL,
        _("The networks of the two sides do not match."),
        _(
            "The device's networks must mirror the connection's: its local networks are Remote Network, its remote "
            "networks Local Network. With ikev1, use one network on each side."
        ),
        (
            "traffic selector mismatch",
            "invalid-id-information",
            "traffic selector unacceptable",
            "can't find matching selector",
            "received INVALID_ID_INFORMATION error notify",
            "received Notify type TS_UNACCEPTABLE",
        ),
    ),
    Code.PFS_MISMATCH: Meaning(
        CRITICAL,
        _("The two sides use different DH groups in phase 2, or only one uses perfect forward secrecy."),
        _("Set the same DH group in the IPsec configurations of both sides, or disable it on both."),
        ("pfs group mismatched", "message lacks KE payload"),
    ),
    Code.COMMIT_MISMATCH: Meaning(
        CRITICAL,
        _("The device insists on the commit bit, which the cloud does not support."),
        _("Disable the commit bit on the device."),
    ),
    Code.PROPOSAL_MISMATCH: Meaning(
        CRITICAL,
        _("The device refused the cloud's proposal without saying why."),
        _(
            "Compare every value of the IKE and IPsec configurations, and the gateway address on the device. "
            "The device's log names the difference."
        ),
        (
            "no proposal chosen",
            "received NO_PROPOSAL_CHOSEN",
            "no suitable proposal found",
            "failed to get valid proposal",
            "none of my proposal matched",
            "no matching proposal found, sending NO_PROPOSAL_CHOSEN",
            "proposal mismatch",
            "couldn't find configuaration",
            "ignore the packet,expecting the packet encrypted",
        ),
    ),
    Code.NEGOTIATION_FAILED: Meaning(
        WARN,
        _("Traffic waits for phase 2, but phase 1 does not come up."),
        _("Reset the connection. If this does not help, check that the device can be reached."),
        ("phase2 negotiation failed due to time up waiting for phase1",),
    ),
    Code.PHASE_1_NEGOTIATION_TIMEOUT: Meaning(
        WARN,
        _("Phase 1 was not completed in time."),
        _(
            "Check the customer gateway's address and the line, and open UDP 500 and 4500 on the way. "
            "Cross-border lines are not supported."
        ),
        (
            "phase1 negotiation failed due to time up",
            "ignore information because ISAKMP-SA has not been established",
        ),
    ),
    Code.PHASE_2_NEGOTIATION_TIMEOUT: Meaning(
        WARN,
        _("Phase 2 was not completed in time."),
        _("Compare the IPsec configurations, NAT traversal and the IKE versions of both sides, and open UDP 4500."),
    ),
    Code.NO_RESPONSE: Meaning(
        WARN,
        _("The device does not answer."),
        _("Check that the device is on and configured, and that no firewall blocks UDP 500 and 4500."),
        ("sending retransmit 1 of request message ID 0, seq 1", "retransmission count exceeded the limit"),
    ),
    Code.RECEIVE_DELETE_NOTIFY: Meaning(
        WARN,
        _("The device deleted the tunnel's security associations."),
        _("Look in the device's log for a restart, a timer or a command that deleted them."),
        ("received DELETE IKE_SA",),
    ),
    Code.NO_EXCEPTION_FOUND: Meaning(
        NORMAL,
        _("No problem was found, because no negotiation has reached the cloud."),
        _("Set Effective Immediately to Yes, let the device start, or send traffic. A reset starts a new negotiation."),
    ),
}
