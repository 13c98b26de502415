"""A connection as the device on the other side must see it, in no vendor's words.

Local is the data centre, remote the cloud: the reverse of the connection's own fields. Every dialect reads this and
nothing else, so a mistake of sides can be made in one place only.
"""

import re
import zlib
from dataclasses import dataclass, field

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
from connections.models import Connection

ANYWHERE = str(parsing.ANYWHERE)


@dataclass(frozen=True, slots=True)
class Ike:
    """Phase 1. The lifetime is in seconds, 0 without end; the mode is IKEv1's alone."""

    version: IkeVersion
    mode: IkeMode
    encryption: EncryptionAlgorithm
    authentication: AuthenticationAlgorithm
    group: DhGroup
    lifetime: int


@dataclass(frozen=True, slots=True)
class Ipsec:
    """Phase 2: ESP in tunnel mode. The lifetime is in seconds, 0 without end."""

    encryption: EncryptionAlgorithm
    authentication: AuthenticationAlgorithm
    pfs: PfsGroup
    lifetime: int


@dataclass(frozen=True, slots=True)
class Bgp:
    """The session inside the tunnel. AS numbers are plain; without a key there is no TCP-MD5."""

    local_asn: int
    local_ip: str
    peer_asn: int
    peer_ip: str
    cidr: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """Probes that come out of the tunnel, from an address of the cloud to one of the data centre."""

    source: str
    destination: str


@dataclass(frozen=True, slots=True)
class Document:
    """Everything a device needs to know of one tunnel."""

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
    destinations: tuple[str, ...]  # Networks of the data centre that the cloud routes into the tunnel.
    cloud_initiates: bool  # Effective Immediately; otherwise the cloud waits for traffic.
    ike: Ike
    ipsec: Ipsec
    dpd: bool
    nat_traversal: bool
    bgp: Bgp | None
    health_check: HealthCheck | None

    @property
    def is_route_based(self) -> bool:
        """Whether routes decide what enters the tunnel, through an interface of its own. With BGP they always do."""
        return self.routing_mode == RoutingMode.DESTINATION or self.bgp is not None

    @property
    def local_selectors(self) -> tuple[str, ...]:
        """What phase 2 negotiates for this side."""
        return (ANYWHERE,) if self.is_route_based else self.local_networks

    @property
    def remote_selectors(self) -> tuple[str, ...]:
        """What phase 2 negotiates for the cloud's side."""
        return (ANYWHERE,) if self.is_route_based else self.remote_networks

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Each local with each remote selector, for devices (and for IKEv1) that make one SA for each."""
        return [(local, remote) for local in self.local_selectors for remote in self.remote_selectors]

    @property
    def announced(self) -> tuple[str, ...]:
        """Networks to announce over BGP: the protected ones, and those that were routed to the tunnel by hand."""
        return tuple(dict.fromkeys((*self.local_networks, *self.destinations)))

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
        """1 to 9999, from the connection's ID: numbers a tunnel interface, so that two connections seldom collide."""
        return zlib.crc32(self.connection_id.encode()) % 9999 + 1

    @property
    def label(self) -> str:
        """The connection's ID and name, fit for a comment of any dialect."""
        name = plain(self.name)
        return f"{self.connection_id} ({name})" if name else self.connection_id

    def short_name(self, maximum: int) -> str:
        """A unique name where a device allows few characters: vco and the end of the ID."""
        return self.connection_id if len(self.connection_id) <= maximum else f"vco-{self.connection_id[4 - maximum :]}"


def plain(text: str) -> str:
    """Free text with everything taken out that means something to any device: on one line, in ASCII."""
    return re.sub(r"[^A-Za-z0-9._-]+", " ", text).strip()


# What every dialect can write and every device reads as what it is. The rest of what may be typed into LocalId and
# RemoteId (wildcards, type prefixes, distinguished names, quotes) means something else to some device.
IDENTITY = re.compile(r"([A-Za-z0-9_][A-Za-z0-9._+-]*@)?[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?", re.ASCII)


def is_plain_identity(identity: str) -> bool:
    """Whether an identity is an address, a domain name or a mail address."""
    return IDENTITY.fullmatch(identity) is not None


def from_connection(connection: Connection) -> Document:
    """The document of a connection's tunnel.

    Raises Refused while something is missing that the device needs: so far, that is the cloud's gateway address.
    """
    tunnel = connection.tunnel
    gateway = tunnel.customer_gateway
    if not tunnel.internet_ip:
        raise refusals.Refused(refusals.NO_GATEWAY_IP, what=str(connection))
    protected = connection.routing_mode == RoutingMode.PROTECTED
    bgp = None
    # Services refuse BGP with a customer gateway that has no ASN.
    if connection.enable_bgp and gateway.asn is not None:
        bgp = Bgp(
            local_asn=gateway.asn,
            local_ip=tunnel.peer_bgp_ip,
            peer_asn=connection.local_asn,
            peer_ip=tunnel.local_bgp_ip,
            cidr=tunnel.tunnel_cidr,
            key=gateway.auth_key,
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
    )
