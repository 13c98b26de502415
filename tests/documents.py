"""Peer documents without a database: a plain one with single values changed."""

from dataclasses import fields, is_dataclass, replace

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
    RoutingMode,
)
from connections.peer_config import Dialect, Document
from connections.peer_config.dialect import Group
from connections.peer_config.document import Bgp, HealthCheck, Ike, Ipsec

PLAIN = Document(
    connection_id="vco-gw8abcdefgh0123456789",
    tunnel_id="tun-gw8abcdefgh0123456789",
    name="hq",
    local_ip="203.0.113.20",
    remote_ip="198.18.0.10",
    local_id="203.0.113.20",
    remote_id="198.18.0.10",
    psk="correct~horse{battery}staple",
    routing_mode=RoutingMode.PROTECTED,
    local_networks=("192.168.50.0/24",),
    remote_networks=("10.10.0.0/24",),
    destinations=("192.168.50.0/24",),
    cloud_initiates=True,
    ike=Ike(
        version=IkeVersion.IKEV2,
        mode=IkeMode.MAIN,
        encryption=EncryptionAlgorithm.AES256,
        authentication=AuthenticationAlgorithm.SHA256,
        group=DhGroup.GROUP14,
        lifetime=86400,
    ),
    ipsec=Ipsec(
        encryption=EncryptionAlgorithm.AES256,
        authentication=AuthenticationAlgorithm.SHA256,
        pfs=PfsGroup.GROUP14,
        lifetime=28800,
    ),
    dpd=True,
    nat_traversal=True,
    bgp=None,
    health_check=None,
)
BGP = Bgp(
    local_asn=65010,
    local_ip="169.254.11.2",
    peer_asn=4200000001,
    peer_ip="169.254.11.1",
    cidr="169.254.11.0/30",
    key="border#gate",
)
HEALTH_CHECK = HealthCheck(source="10.10.0.9", destination="192.168.50.9")


def make_document(**changed) -> Document:
    """A document with some values changed, by path: `make_document(ike__version=IKEV1)`."""
    document = PLAIN
    for name, value in changed.items():
        document = put(document, name.replace("__", "."), value)
    return document


def put(document, path: str, value):
    """A copy of a document with another value at a path such as `ike.version`."""
    head, _, rest = path.partition(".")
    return replace(document, **{head: put(getattr(document, head), rest, value) if rest else value})


# What every other cloud takes: a short alphabet, and no BGP key; for Azure a block of its own.
CLOUD_KEY = "correct.horse_battery7"
CLOUD_BGP = Bgp(
    local_asn=65010,
    local_ip="169.254.21.1",
    peer_asn=4200000001,
    peer_ip="169.254.21.2",
    cidr="169.254.21.0/30",
    key="",
)


def suited(dialect: Dialect, document: Document) -> Document:
    """The document with a key, a session and IKEv1 options that other clouds take. Devices get it as it is."""
    if dialect.group != Group.CLOUDS:
        return document
    document = put(document, "psk", CLOUD_KEY)
    if document.bgp is not None:
        document = put(document, "bgp", CLOUD_BGP)
    if document.ike.version == IkeVersion.IKEV1:
        document = put(put(document, "ike.group", DhGroup.GROUP2), "ipsec.pfs", PfsGroup.GROUP2)
        document = replace(document, routing_mode=RoutingMode.DESTINATION, local_networks=(), remote_networks=())
    return document


# Dialects of devices without a tunnel interface, so without routes into the tunnel and without BGP.
POLICIES_ALONE = {"routeros"}


def protecting(document: Document) -> Document:
    """The document with protected networks, for devices that know nothing else."""
    return replace(
        document,
        routing_mode=RoutingMode.PROTECTED,
        local_networks=PLAIN.local_networks,
        remote_networks=PLAIN.remote_networks,
    )


def paths(document, prefix="") -> list[str]:
    """Every path of a document."""
    paths_below = []
    for one in fields(document):
        value = getattr(document, one.name)
        paths_below += paths(value, f"{prefix}{one.name}.") if is_dataclass(value) else [prefix + one.name]
    return paths_below


# One of each kind that a dialect may write differently.
KINDS = {
    "protected": make_document(),
    "several networks": make_document(
        local_networks=("192.168.50.0/24", "192.168.51.0/24"), remote_networks=("10.10.0.0/24", "10.11.0.0/24")
    ),
    "destination": make_document(routing_mode=RoutingMode.DESTINATION, local_networks=(), remote_networks=()),
    "bgp": make_document(routing_mode=RoutingMode.DESTINATION, local_networks=(), remote_networks=(), bgp=BGP),
    "ikev1 main": make_document(ike__version=IkeVersion.IKEV1),
    "ikev1 aggressive": make_document(
        ike__version=IkeVersion.IKEV1,
        ike__mode=IkeMode.AGGRESSIVE,
        local_id="dc.example.com",
        remote_id="gw.example.com",
    ),
    "everything off": make_document(
        dpd=False, nat_traversal=False, cloud_initiates=False, ipsec__pfs=PfsGroup.DISABLED
    ),
    "health check": make_document(health_check=HEALTH_CHECK),
}


def both(document: Document) -> list[Document]:
    """The documents of a device with two tunnels, of which this one is the first."""
    first = replace(document, index=1, has_both=True)
    second = replace(first, index=2, tunnel_id="tun-second0000000000000", remote_ip="203.0.113.200", psk="OfTheSecond1")
    if document.remote_id == document.remote_ip:
        second = replace(second, remote_id=second.remote_ip)
    if first.bgp is not None:
        session = replace(first.bgp, device_id=first.bgp.local_ip)
        other = {"local_ip": "169.254.12.2", "peer_ip": "169.254.12.1", "cidr": "169.254.12.0/30"}
        first, second = replace(first, bgp=session), replace(second, bgp=replace(session, **other))
    return [first, second]
