"""A connection from the point of view of the device in the data center, independent of vendors.

Local is the data center, remote the cloud: the reverse of the connection's fields. Dialects read nothing else, so the
sides are swapped in one place only.
"""

import re
import zlib
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from connections.domain import parsing, refusals
from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
    RoutingMode,
)
from connections.models import Connection, Tunnel

ANYWHERE = str(parsing.ANYWHERE)


@dataclass(frozen=True, slots=True)
class Ike:
    """Phase 1. The lifetime is in seconds, 0 for unlimited. The mode applies to IKEv1 only."""

    version: IkeVersion
    mode: IkeMode
    encryption: EncryptionAlgorithm
    authentication: AuthenticationAlgorithm
    group: DhGroup
    lifetime: int


@dataclass(frozen=True, slots=True)
class Ipsec:
    """Phase 2: ESP in tunnel mode. The lifetime is in seconds, 0 for unlimited."""

    encryption: EncryptionAlgorithm
    authentication: AuthenticationAlgorithm
    pfs: PfsGroup
    lifetime: int


@dataclass(frozen=True, slots=True)
class Bgp:
    """The session inside the tunnel. AS numbers are plain integers. A blank key means no TCP-MD5."""

    local_asn: int
    local_ip: str
    peer_asn: int
    peer_ip: str
    cidr: str
    key: str = field(repr=False)
    # One for all sessions of the device; blank for the local address.
    device_id: str = ""

    @property
    def router_id(self) -> str:
        """The router ID of the device."""
        return self.device_id or self.local_ip


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """Probes from an address of the cloud, through the tunnel, to an address of the data center."""

    source: str
    destination: str


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that a device needs to know about one tunnel."""

    connection_id: str
    tunnel_id: str
    name: str
    local_ip: str
    remote_ip: str
    local_id: str
    remote_id: str
    psk: str = field(repr=False)
    routing_mode: RoutingMode
    local_networks: tuple[str, ...]  # The protected data flows; empty in destination mode.
    remote_networks: tuple[str, ...]
    destinations: tuple[str, ...]  # Networks of the data center that the cloud routes into the tunnel.
    cloud_initiates: bool  # Effective Immediately; otherwise the cloud waits for traffic.
    ike: Ike
    ipsec: Ipsec
    dpd: bool
    nat_traversal: bool
    bgp: Bgp | None
    health_check: HealthCheck | None
    # Which tunnel of the connection this is, counted from 1; 0 for the only one.
    index: int = 0
    # Whether the device has both tunnels of the connection.
    has_both: bool = False

    @property
    def key(self) -> str:
        """The name of what the device has for this tunnel: the connection's ID, with the number of one of two."""
        return f"{self.connection_id}-{self.index}" if self.index else self.connection_id

    @property
    def first_key(self) -> str:
        """The key of the first tunnel that the device has of this connection."""
        return f"{self.connection_id}-1" if self.has_both else self.key

    @property
    def is_second(self) -> bool:
        """Whether the device has the connection's first tunnel, too, whose text holds what both share."""
        return self.has_both and self.index > 1

    @property
    def is_multipath(self) -> bool:
        """Whether the device has two BGP sessions, over which the same networks are learned."""
        return self.has_both and self.bgp is not None

    @property
    def is_route_based(self) -> bool:
        """Whether routes to a tunnel interface decide what enters the tunnel. With BGP they always do."""
        return self.routing_mode.is_route_based(bgp=self.bgp is not None)

    @property
    def local_selectors(self) -> tuple[str, ...]:
        """The networks that phase 2 negotiates for the data center."""
        return (ANYWHERE,) if self.is_route_based else self.local_networks

    @property
    def remote_selectors(self) -> tuple[str, ...]:
        """The networks that phase 2 negotiates for the cloud."""
        return (ANYWHERE,) if self.is_route_based else self.remote_networks

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Each local with each remote selector, for IKEv1 and for devices with one SA per pair."""
        return [(local, remote) for local in self.local_selectors for remote in self.remote_selectors]

    @property
    def announced(self) -> tuple[str, ...]:
        """Networks to announce over BGP: the protected ones, and the destinations of routes to the tunnel. [P79]"""
        networks = dict.fromkeys((*self.local_networks, *self.destinations))
        return tuple(network for network in networks if network != ANYWHERE)

    @property
    def routed_networks(self) -> tuple[str, ...]:
        """The protected networks of the cloud without 0.0.0.0/0, whose route would take the tunnel's own packets."""
        return tuple(network for network in self.remote_networks if network != ANYWHERE)

    @property
    def learnable_networks(self) -> tuple[str, ...]:
        """The networks to which BGP limits what the cloud announces; empty for everything but a default route."""
        return () if ANYWHERE in self.remote_networks else self.remote_networks

    @property
    def overlaps(self) -> bool:
        """Whether hosts of the site lie in the cloud's protected networks or the reverse; 0.0.0.0/0 aside."""
        sides = [
            [IPv4Network(one) for one in side if one != ANYWHERE]
            for side in (self.local_networks, self.remote_networks)
        ]
        return any(local.overlaps(remote) for local in sides[0] for remote in sides[1])

    @property
    def session(self) -> Bgp:
        """The BGP session. Raises ValueError if BGP is not enabled."""
        if self.bgp is None:
            raise ValueError(f"{self.connection_id} has no BGP session")
        return self.bgp

    @property
    def is_aggressive(self) -> bool:
        return self.ike.version == IkeVersion.IKEV1 and self.ike.mode == IkeMode.AGGRESSIVE

    @property
    def number(self) -> int:
        """A number from 1 to 9999, derived from the connection's ID, for tunnel interfaces. Collisions are rare."""
        return self.numbers[-1 if self.index > 1 else 0]

    @property
    def numbers(self) -> tuple[int, int]:
        """The numbers of the connection's first and second tunnel."""
        first = zlib.crc32(self.connection_id.encode()) % 9999 + 1
        return first, first % 9999 + 1

    @property
    def label(self) -> str:
        """The connection's ID and name, safe in a comment of any dialect."""
        name = plain(self.name)
        of = f", tunnel {self.index}" if self.index else ""
        return f"{self.connection_id} ({name}){of}" if name else f"{self.connection_id}{of}"

    def short_name(self, maximum: int) -> str:
        """A unique name of at most `maximum` characters: vco and the end of the ID."""
        return self.key if len(self.key) <= maximum else f"vco-{self.key[4 - maximum :]}"


def plain(text: str) -> str:
    """Free text without characters that have a meaning for some device: one line of ASCII."""
    return re.sub(r"[^A-Za-z0-9._-]+", " ", text).strip()


# Identities that every device reads in the same way. Others that LocalId and RemoteId allow (wildcards, type prefixes,
# distinguished names, quotes) have another meaning for some device.
IDENTITY = re.compile(r"([A-Za-z0-9_][A-Za-z0-9._+-]*@)?[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?", re.ASCII)


def is_plain_identity(identity: str) -> bool:
    """Whether an identity is an address, a domain name or a mail address."""
    return IDENTITY.fullmatch(identity) is not None


def from_connection(connection: Connection, tunnel: Tunnel | None = None, *, has_both: bool = False) -> Document:
    """The document of a connection's tunnel, by default the first one. `has_both`: for a device with both tunnels.

    Raises Refused while the cloud's gateway address is missing.
    """
    tunnels = connection.tunnels.all()
    tunnel = tunnel or tunnels[0]
    gateway = tunnel.customer_gateway
    if not tunnel.internet_ip:
        raise refusals.Refused(refusals.NO_GATEWAY_IP, what=str(connection))
    protected = connection.routing_mode == RoutingMode.PROTECTED
    bgp = None
    if connection.enable_bgp:
        if gateway.asn is None:
            raise ValueError(f"{connection}: services refuse BGP with a customer gateway that has no ASN")
        bgp = Bgp(
            local_asn=gateway.asn,
            local_ip=tunnel.peer_bgp_ip,
            peer_asn=connection.local_asn,
            peer_ip=tunnel.local_bgp_ip,
            cidr=tunnel.tunnel_cidr,
            key=gateway.auth_key,
            device_id=tunnels[0].peer_bgp_ip if has_both else "",
        )
    return Document(
        connection_id=connection.resource_id,
        tunnel_id=tunnel.resource_id,
        name=connection.name,
        local_ip=gateway.ip_address,
        remote_ip=tunnel.internet_ip,
        local_id=tunnel.peer_identity,
        remote_id=tunnel.identity,
        psk=tunnel.psk,
        routing_mode=RoutingMode(connection.routing_mode),
        local_networks=tuple(connection.remote_subnet) if protected else (),
        remote_networks=tuple(connection.local_subnet) if protected else (),
        destinations=tuple(route.destination for route in connection.routes.all()),
        cloud_initiates=connection.effect_immediately,
        ike=Ike(
            version=IkeVersion(tunnel.ike_version),
            mode=IkeMode(tunnel.ike_mode),
            encryption=EncryptionAlgorithm(tunnel.ike_enc_alg),
            authentication=AuthenticationAlgorithm(tunnel.ike_auth_alg),
            group=DhGroup(tunnel.ike_pfs),
            lifetime=tunnel.ike_lifetime,
        ),
        ipsec=Ipsec(
            encryption=EncryptionAlgorithm(tunnel.ipsec_enc_alg),
            authentication=AuthenticationAlgorithm(tunnel.ipsec_auth_alg),
            pfs=PfsGroup(tunnel.ipsec_pfs),
            lifetime=tunnel.ipsec_lifetime,
        ),
        dpd=tunnel.enable_dpd,
        nat_traversal=tunnel.enable_nat_traversal,
        bgp=bgp,
        health_check=HealthCheck(connection.health_check_sip, connection.health_check_dip)
        if connection.health_check
        else None,
        index=tunnel.index if len(tunnels) > 1 else 0,
        has_both=has_both,
    )


def both_tunnels(connection: Connection) -> list[Document]:
    """The documents for a device that has both tunnels of a connection. Raises Refused as `from_connection` does."""
    return [from_connection(connection, tunnel, has_both=True) for tunnel in connection.tunnels.all()]
