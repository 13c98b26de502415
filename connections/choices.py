"""What the product offers: every closed list of values, spelled as on the wire, with the console's label."""

from django.db.models import TextChoices


class NetworkType(TextChoices):
    """Whether the tunnel runs over the Internet or a private line (console: Gateway Type)."""

    PUBLIC = "public", "Public"
    PRIVATE = "private", "Private"


class AssociateResource(TextChoices):
    """What a connection is bound to."""

    NONE = "NO_ASSOCIATED", "Do Not Associate"
    CEN = "CEN", "CEN"


class RoutingMode(TextChoices):
    """What decides that a packet enters the tunnel."""

    DESTINATION = "destination", "Destination Routing Mode"
    PROTECTED = "protected", "Protected Data Flows"


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

    REVOKE = "revoke_route", "Yes"
    RESERVE = "reserve_route", "No"


class ConnectionState(TextChoices):
    """Binding state of a connection (vpn-facts 3.1)."""

    PROVISIONING = "provisioning", "Preparing"
    INIT = "init", "Unassociated"
    ATTACHING = "attaching", "Attaching"
    ATTACHED = "attached", "Attached"
    UPDATING = "updating", "Updating"
    DETACHING = "detaching", "Detaching"


class AttachmentStatus(TextChoices):
    """State of a transit router's VPN attachment."""

    ATTACHING = "Attaching", "Attaching"
    ATTACHED = "Attached", "Attached"
    DETACHING = "Detaching", "Detaching"


class CenStatus(TextChoices):
    """State of a CEN instance or a transit router."""

    CREATING = "Creating", "Creating"
    ACTIVE = "Active", "Active"


class NegotiationStatus(TextChoices):
    """How far IKE has come (vpn-facts 1.5). A tunnel whose peer never answered reports the first."""

    IKE_DOWN = "ike_sa_not_established", "Phase 1 Not Negotiated"
    IKE_UP = "ike_sa_established", "Phase 1 Negotiation Succeeded"
    IPSEC_DOWN = "ipsec_sa_not_established", "Phase 2 Negotiation Failed"
    IPSEC_UP = "ipsec_sa_established", "Phase 2 Negotiation Succeeded"


class Payer(TextChoices):
    """Who pays the transit router's connection and data processing fees."""

    CEN_OWNER = "PayByCenOwner", "CEN Instance Owner Pays Bills"
    VPN_OWNER = "PayByResourceOwner", "VPN Owner"


class RouteStatus(TextChoices):
    """Whether a connection's destination-based route is in the transit router's route table."""

    PUBLISHED = "published", "Published"
    NOT_PUBLISHED = "unpublished", "Not Published"


class EntryStatus(TextChoices):
    """State of an entry of a transit router's route table."""

    ACTIVE = "Active", "Active"
    STANDBY = "Standby", "Standby"


class EntryType(TextChoices):
    """How an entry came into a transit router's route table."""

    STATIC = "Static", "Static"
    PROPAGATED = "Propagated", "Propagated"


class ResourceOwner(TextChoices):
    """Whose connection is attached to a transit router."""

    CURRENT = "current", "Current Account"
    DIFFERENT = "different", "Different Account"


class RouteSource(TextChoices):
    """Who made a destination-based route."""

    CUSTOM = "custom", "Custom"
    AUTOMATIC = "automatic", "Automatic"


class Outcome(TextChoices):
    """How an operation ended."""

    SUCCESS = "success", "Succeeded"
    REFUSED = "refused", "Refused"
