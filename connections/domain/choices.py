"""Every closed list of values, spelled as on the wire, with the console's label."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NetworkType(TextChoices):
    """Whether the tunnel runs over the Internet or a private line (console: Gateway Type)."""

    PUBLIC = "public", _("Public")
    PRIVATE = "private", _("Private")


class AssociateResource(TextChoices):
    """What a connection is bound to."""

    NONE = "NO_ASSOCIATED", _("Do Not Associate")
    CEN = "CEN", _("CEN")


class RoutingMode(TextChoices):
    """How packets are selected for the tunnel."""

    DESTINATION = "destination", _("Destination Routing Mode")
    PROTECTED = "protected", _("Protected Data Flows")

    def is_route_based(self, *, bgp: bool) -> bool:
        """Whether routes decide what enters the tunnel, and phase 2 negotiates everything. With BGP they always do."""
        return bgp or self == RoutingMode.DESTINATION


class IkeVersion(TextChoices):
    IKEV1 = "ikev1", "ikev1"
    IKEV2 = "ikev2", "ikev2"


class IkeMode(TextChoices):
    """Phase 1 exchange of IKEv1; IKEv2 has only one."""

    MAIN = "main", "main"
    AGGRESSIVE = "aggressive", "aggressive"


class EncryptionAlgorithm(TextChoices):
    """All in CBC mode; aes is AES-128."""

    AES = "aes", "aes"
    AES192 = "aes192", "aes192"
    AES256 = "aes256", "aes256"
    DES = "des", "des"
    TRIPLE_DES = "3des", "3des"


class AuthenticationAlgorithm(TextChoices):
    """HMAC hashes; in IKEv2 the same hash serves as PRF."""

    SHA1 = "sha1", "sha1"
    MD5 = "md5", "md5"
    SHA256 = "sha256", "sha256"
    SHA384 = "sha384", "sha384"
    SHA512 = "sha512", "sha512"


class DhGroup(TextChoices):
    """Diffie-Hellman groups, numbered as in IANA's IKEv2 registry."""

    GROUP1 = "group1", "group1"
    GROUP2 = "group2", "group2"
    GROUP5 = "group5", "group5"
    GROUP14 = "group14", "group14"


class PfsGroup(TextChoices):
    """Phase 2 groups: as phase 1, or no perfect forward secrecy at all."""

    DISABLED = "disabled", "disabled"
    GROUP1 = "group1", "group1"
    GROUP2 = "group2", "group2"
    GROUP5 = "group5", "group5"
    GROUP14 = "group14", "group14"


class HealthCheckPolicy(TextChoices):
    """What happens to advertised routes when the health check fails."""

    REVOKE = "revoke_route", _("Yes")
    RESERVE = "reserve_route", _("No")


class ConnectionState(TextChoices):
    """Binding state of a connection [P100]."""

    PROVISIONING = "provisioning", _("Preparing")
    INIT = "init", _("Unassociated")
    ATTACHING = "attaching", _("Attaching")
    ATTACHED = "attached", _("Attached")
    UPDATING = "updating", _("Updating")
    DETACHING = "detaching", _("Detaching")

    @property
    def is_transient(self) -> bool:
        """Whether the state ends by itself."""
        return self not in AT_REST


AT_REST = (ConnectionState.INIT, ConnectionState.ATTACHED)


class AttachmentStatus(TextChoices):
    """State of a transit router's VPN attachment."""

    ATTACHING = "Attaching", _("Attaching")
    ATTACHED = "Attached", _("Attached")
    DETACHING = "Detaching", _("Detaching")


class CenStatus(TextChoices):
    """State of a CEN instance, a transit router or a route table."""

    CREATING = "Creating", _("Creating")
    ACTIVE = "Active", _("Active")


class TableType(TextChoices):
    """Kind of a route table: the default one of its transit router, or another."""

    SYSTEM = "System", _("Default")
    CUSTOM = "Custom", _("Custom")


class NegotiationStatus(TextChoices):
    """Progress of the IKE negotiation [P104], and that nothing has been tried yet, which the API cannot express."""

    UNTRIED = "not_negotiated", _("Not Negotiated")
    IKE_DOWN = "ike_sa_not_established", _("Phase 1 Negotiation Failed")
    IKE_UP = "ike_sa_established", _("Phase 1 Negotiation Succeeded")
    IPSEC_DOWN = "ipsec_sa_not_established", _("Phase 2 Negotiation Failed")
    IPSEC_UP = "ipsec_sa_established", _("Phase 2 Negotiation Succeeded")

    @property
    def documented(self) -> "NegotiationStatus":
        """The status of the API, which has one for phase 1 that failed and phase 1 that was never tried. [P105]"""
        return NegotiationStatus.IKE_DOWN if self == NegotiationStatus.UNTRIED else self


class ProbeResult(TextChoices):
    """What pages show of a BGP session or a health check. [P155, P156]"""

    NORMAL = "normal", _("Normal")
    ABNORMAL = "abnormal", _("Abnormal")
    UNKNOWN = "unknown", _("No result yet")
    OFF = "off", _("Not enabled")


class Start(TextChoices):
    """When a simulated device starts a negotiation."""

    ITSELF = "itself", _("By itself, and again after each failure")
    TRAFFIC = "traffic", _("When the data center sends traffic")
    NEVER = "never", _("Never: it only answers")


class IdKind(TextChoices):
    """Types of identities. Two identities are equal if both type and text are."""

    ADDRESS = "address", _("IP address")
    FQDN = "fqdn", _("Domain name")
    EMAIL = "email", _("Email address")


class NewDevices(TextChoices):
    """What becomes of the simulated devices of an account's new connections."""

    BARE = "not_configured", _("Not configured")
    CONFIGURED = "configured", _("Configured at once")


class TunnelBandwidth(TextChoices):
    """Bandwidth of a tunnel: 1 or 3 Gbit/s. Set at creation, only through the API."""

    STANDARD = "Standard", _("Standard")
    LARGE = "Large", _("Large")


class TunnelRole(StrEnum):
    """The roles of two tunnels, by the API's names."""

    MASTER = "master"
    SLAVE = "slave"


class Payer(TextChoices):
    """Who pays the transit router's connection and data processing fees."""

    CEN_OWNER = "PayByCenOwner", _("CEN Instance Owner Pays Bills")
    VPN_OWNER = "PayByResourceOwner", _("VPN Owner")


class RouteStatus(TextChoices):
    """Whether a connection's destination-based route is in the transit router's route table."""

    PUBLISHED = "published", _("Published")
    NOT_PUBLISHED = "unpublished", _("Not Published")


class EntryStatus(TextChoices):
    """State of an entry of a transit router's route table, or of a route in a connection's BGP route table."""

    ACTIVE = "Active", _("Active")
    STANDBY = "Standby", _("Standby")
    REJECTED = "Rejected", _("Rejected")


class EntryType(TextChoices):
    """Origin of an entry in a transit router's route table."""

    STATIC = "Static", _("Static")
    PROPAGATED = "Propagated", _("Propagated")


class ResourceOwner(TextChoices):
    """Whose connection is attached to a transit router."""

    CURRENT = "current", _("Current Account")
    DIFFERENT = "different", _("Different Account")


class RouteSource(TextChoices):
    """Origin of a destination-based route: a user, or protected data flows."""

    CUSTOM = "custom", _("Custom")
    AUTOMATIC = "automatic", _("Automatic")


class BgpSource(TextChoices):
    """Origin of a route in a connection's BGP route table: the transit router, or the data center."""

    CLOUD = "CLOUD", _("Cloud")
    DATA_CENTER = "VPN_BGP", _("Data center")


class Outcome(TextChoices):
    """How an operation ended."""

    SUCCESS = "success", _("Succeeded")
    REFUSED = "refused", _("Refused")


class Door(TextChoices):
    """How a stored key leaves the console."""

    PAGE = "page", _("Page")
    DOWNLOAD = "download", _("Download")
    API = "api", _("API")
    COMMAND = "command", _("Command")


class Role(TextChoices):
    """Role of a member in an account. `roles` declares the rights."""

    ADMINISTRATOR = "administrator", _("Administrator")
    OPERATOR = "operator", _("Operator")
    READ_ONLY = "read_only", _("Read-only")


class AccessKeyStatus(TextChoices):
    """Whether an access key may sign requests."""

    ACTIVE = "Active", _("Active")
    INACTIVE = "Inactive", _("Disabled")
