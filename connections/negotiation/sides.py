"""What goes into a negotiation: the cloud's side of a tunnel, the device's side, and what happens around them.

Fields have the names of the models' fields. A device's fields mirror the peer configuration: its local is the data
center. Where a device can offer several values, the first is preferred. Times are aware datetimes.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network

from connections.domain import parsing
from connections.domain.choices import HealthCheckPolicy, IdKind, Start

ANYWHERE = str(parsing.ANYWHERE)
# An expected identity that accepts every identity.
ANY = "%any"
# No perfect forward secrecy, as a value of `ipsec_pfs`.
NO_PFS = "disabled"
HIDDEN = "******"
# Packets of users that fit into the tunnel without fragments, in bytes. [P124]
LARGEST_PACKET = 1399


class End(StrEnum):
    """The two ends of a tunnel."""

    CLOUD = "cloud"
    DEVICE = "device"

    @property
    def other(self) -> "End":
        return End.DEVICE if self == End.CLOUD else End.CLOUD


class Part(StrEnum):
    """Which part the cloud takes in a negotiation. The responder sees both proposals, the initiator guesses."""

    RESPONDER = "responder"
    INITIATOR = "initiator"


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity with its type. Upper and lower case are equal; a trailing dot is not ignored."""

    kind: IdKind
    text: str

    @classmethod
    def of(cls, text: str, kind: str = "") -> "Identity":
        """An identity from text; without a type, its shape decides."""
        if not kind:
            kind = IdKind.ADDRESS if parsing.parse_ip(text) else IdKind.EMAIL if "@" in text else IdKind.FQDN
        return cls(IdKind(kind), text.lower())


@lru_cache(maxsize=4096)
def network(text: str) -> IPv4Network:
    return IPv4Network(text, strict=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bgp:
    """One end of the BGP session. A blank key means no TCP-MD5; `peer_asn` is None without an AS number."""

    local_asn: int
    local_ip: str
    peer_asn: int | None
    peer_ip: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A prefix that the device announces, with the AS path behind its own AS number."""

    prefix: str
    as_path: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceBgp(Bgp):
    """The device's end of the BGP session, and its habits. The hold time is in seconds."""

    hold_time: int = 90
    # Blank for the local address.
    router_id: str = ""
    # Where its packets come from; blank for the local address.
    source_ip: str = ""
    port_open: bool = True
    # Whether a policy lets announcements out. FRR without any policy announces nothing (RFC 8212).
    exports: bool = True
    announced: tuple[Announcement, ...] = ()


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """The connection's ICMP probes: one each `interval` seconds, failed after `retries` in a row without answer."""

    source: str
    destination: str
    interval: int = 3
    retries: int = 3
    policy: str = HealthCheckPolicy.REVOKE

    @property
    def round(self) -> int:
        """Seconds after which the result changes."""
        return max(1, self.interval * self.retries)

    @property
    def reset_after(self) -> int:
        """Seconds without answers after which a failure resets the tunnel: just after the result has changed."""
        return self.round + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """The cloud's side, with defaults resolved: identities are never blank, networks are what phase 2 negotiates."""

    gateway_ip: str
    customer_gateway_ip: str
    ike_version: str
    ike_mode: str
    ike_enc_alg: str
    ike_auth_alg: str
    ike_pfs: str
    ike_lifetime: int
    psk: str = field(repr=False)
    local_id: str
    remote_id: str
    ipsec_enc_alg: str
    ipsec_auth_alg: str
    ipsec_pfs: str
    ipsec_lifetime: int
    enable_dpd: bool = True
    enable_nat_traversal: bool = True
    local_subnet: tuple[str, ...] = (ANYWHERE,)
    remote_subnet: tuple[str, ...] = (ANYWHERE,)
    effect_immediately: bool = True
    bgp: Bgp | None = None
    health_check: HealthCheck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """The configuration of a simulated device, and its habits."""

    # How the cloud sees the device, and where the device sends its packets.
    address: str
    peer_address: str
    ike_version: tuple[str, ...]
    ike_mode: str
    ike_enc_alg: tuple[str, ...]
    ike_auth_alg: tuple[str, ...]
    ike_pfs: tuple[str, ...]
    ike_lifetime: int
    # Blank if the device has no key for these identities.
    psk: str = field(repr=False)
    local_id: str
    remote_id: str
    ipsec_enc_alg: tuple[str, ...]
    ipsec_auth_alg: tuple[str, ...]
    ipsec_pfs: tuple[str, ...]
    ipsec_lifetime: int
    enable_dpd: bool = True
    enable_nat_traversal: bool = True
    local_subnet: tuple[str, ...] = (ANYWHERE,)
    remote_subnet: tuple[str, ...] = (ANYWHERE,)
    bgp: DeviceBgp | None = None

    # A device that is off is an outage of the surroundings.
    starts: Start = Start.ITSELF
    is_behind_nat: bool = False
    udp_500_open: bool = True
    udp_4500_open: bool = True
    esp_open: bool = True
    # Types of the identities; blank for the type that the text has by its shape.
    local_id_kind: str = ""
    remote_id_kind: str = ""
    uses_ah: bool = False
    uses_transport_mode: bool = False
    commit_bit: bool = False
    # The device computes the authentication algorithm of phase 2 in its own way.
    has_odd_hash: bool = False
    # The device puts notify before hash in its DPD messages (ikev1).
    has_odd_dpd: bool = False
    # Traffic after which an SA ends, in kilobytes; 0 for no limit.
    ipsec_kilobytes: int = 0
    # Whether the device renews SAs before they end.
    rekeys: bool = True
    # One SA for each pair of networks, instead of one for all.
    sa_per_pair: bool = False
    # Whether the device chooses a tunnel by networks, not by routes.
    is_policy_based: bool = False
    # Whether the device accepts networks that contain its own or lie within them.
    narrows: bool = True
    # Largest packet that users send into the tunnel, and whether the device lowers the segment size of TCP.
    mtu: int = LARGEST_PACKET
    clamps_mss: bool = False
    # Source NAT on the uplink rewrites packets that should enter the tunnel.
    has_source_nat: bool = False
    # What the health check needs in the data center.
    probe_host_answers: bool = True
    probe_allowed: bool = True
    probe_routed_back: bool = True
    probe_same_path: bool = True


@dataclass(frozen=True, slots=True)
class Traffic:
    """Traffic that one end sends into the tunnel, in bit/s: for good if `until` is None, once if it is `since`."""

    sender: End
    since: datetime
    until: datetime | None = None
    bits: int = 0

    @property
    def ends(self) -> datetime | None:
        """The moment from which nothing passes. What is sent once takes a second."""
        return self.until and max(self.until, self.since + timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which no packet reaches the other end: the line is cut, or the device is off."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turns:
    """A policy-based device that has several tunnels with equal networks lets one at a time be up."""

    index: int
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What happens around a tunnel. `deletes` are the moments at which the device deletes its SAs."""

    traffic: tuple[Traffic, ...] = ()
    outages: tuple[Outage, ...] = ()
    deletes: tuple[datetime, ...] = ()
    # Packets lost on the line, in percent.
    loss: int = 0
    turns: Turns | None = None
    # When the cloud's end of the BGP session was last changed while the tunnel stayed up.
    bgp_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """A tunnel from one change of its settings to the next. Without a device, nothing is configured over there.

    `changed_at` is when the settings of either side took effect, or the connection was reset; the negotiation then
    starts from nothing.
    """

    tunnel_id: str
    changed_at: datetime
    cloud: Cloud
    device: Device | None = None
    surroundings: Surroundings = Surroundings()
