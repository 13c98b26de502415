"""Hillstone (StoneOS 5.5), always with a tunnel interface in a zone of its own; phase 2 IDs where flows are protected.

It makes one SA for each phase 2 ID. With IKEv2 it always offers NAT traversal, and it has no setting for a mail address
as the cloud's identity. A route map also matches the subnets of a network, unless the rule requires an exact match.
"""

from collections.abc import Iterable, Iterator

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
)
from connections.messages import message as _
from connections.peer_config import cisco_ios
from connections.peer_config.dialect import (
    CLOUD_NETWORK,
    EXEMPTION,
    INNER_ZONE,
    OUTSIDE,
    PLACEHOLDER,
    SEGMENTS,
    SITE_NETWORK,
    TUNNEL_MSS,
    TUNNEL_MTU,
    Dialect,
    Note,
    key_notes,
    kind_of,
    lifetime_notes,
    pair_notes,
    session_notes,
    site_notes,
    weak_notes,
)
from connections.peer_config.document import ANYWHERE, Document

TITLE = "Hillstone"
VERSION = {IkeVersion.IKEV1: "protocol-standard ikev1", IkeVersion.IKEV2: "protocol-standard ikev2"}
MODE = {IkeMode.MAIN: "mode main", IkeMode.AGGRESSIVE: "mode aggressive"}
ENCRYPTION = {
    EncryptionAlgorithm.AES: "encryption aes",
    EncryptionAlgorithm.AES192: "encryption aes-192",
    EncryptionAlgorithm.AES256: "encryption aes-256",
    EncryptionAlgorithm.DES: "encryption des",
    EncryptionAlgorithm.TRIPLE_DES: "encryption 3des",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "hash sha",
    AuthenticationAlgorithm.MD5: "hash md5",
    AuthenticationAlgorithm.SHA256: "hash sha256",
    AuthenticationAlgorithm.SHA384: "hash sha384",
    AuthenticationAlgorithm.SHA512: "hash sha512",
}
GROUP = {
    DhGroup.GROUP1: "group 1",
    DhGroup.GROUP2: "group 2",
    DhGroup.GROUP5: "group 5",
    DhGroup.GROUP14: "group 14",
}
PFS = {PfsGroup.DISABLED: "group nopfs"} | {PfsGroup(group.value): word for group, word in GROUP.items()}
IDENTITY = {"address": "ip", "name": "fqdn", "email": "u-fqdn"}
# The zone that the device has for tunnels.
ZONE = "VPNHub"
INTERFACE, ROUTER = f"{PLACEHOLDER}TUNNEL-INTERFACE", f"{PLACEHOLDER}VROUTER"
LONGEST_BGP_KEY = 32


def identity(text: str) -> str:
    return f"{IDENTITY[kind_of(text)]} {text}"


def phase_1(document: Document) -> Iterator[str]:
    ike, name, version_2 = document.ike, document.key, document.ike.version == IkeVersion.IKEV2
    yield f"isakmp proposal {name}"
    yield " authentication pre-share"
    yield f" {ENCRYPTION[ike.encryption]}"
    yield f" {AUTHENTICATION[ike.authentication]}"
    if version_2:
        yield f" {AUTHENTICATION[ike.authentication].replace('hash', 'prf')}"
    yield f" {GROUP[ike.group]}"
    yield f" lifetime {ike.lifetime}"
    yield "exit"
    yield f"isakmp peer {name}"
    yield f" {VERSION[ike.version]}"
    if not version_2:
        yield f" {MODE[ike.mode]}"
        yield " type static"
    yield f" interface {OUTSIDE}"
    yield f" peer {document.remote_ip}"
    yield f" isakmp-proposal {name}"
    yield f' pre-share "{document.psk}"'
    yield f" local-id {identity(document.local_id)}"
    yield f" peer-id {identity(document.remote_id)}"
    if not version_2:
        yield " nat-traversal" if document.nat_traversal else " no nat-traversal"
    yield " dpd interval 10 retry 3" if document.dpd else " no dpd"
    yield "exit"


def phase_2(document: Document) -> Iterator[str]:
    ipsec, name = document.ipsec, document.key
    yield f"ipsec proposal {name}"
    yield " protocol esp"
    yield f" {ENCRYPTION[ipsec.encryption]}"
    yield f" {AUTHENTICATION[ipsec.authentication]}"
    yield f" {PFS[ipsec.pfs]}"
    yield f" lifetime {ipsec.lifetime}"
    yield " lifesize 0"
    yield "exit"
    yield f"tunnel ipsec {name} auto"
    yield " mode tunnel"
    yield f" isakmp-peer {name}"
    yield f" ipsec-proposal {name}"
    for local, remote in document.pairs:
        yield f" id local {local} remote {remote} service any"
    if len(document.pairs) > 1:
        yield " check-id"
    yield " auto-connect"
    yield "exit"


def interface(document: Document) -> Iterator[str]:
    yield f"interface {INTERFACE}"
    yield f" zone {ZONE}"
    if document.bgp is not None:
        yield f" ip address {document.bgp.local_ip}/30"
    yield f" mtu {TUNNEL_MTU}"
    yield f" tunnel ipsec {document.key}"
    yield "exit"
    yield f"# {SEGMENTS}, for all tunnels of this device:"
    yield "flow"
    yield f" tcp-mss tunnel {TUNNEL_MSS}"
    yield "exit"


def rule(name: str, origin: str, target: str, sources: Iterable[str], destinations: Iterable[str]) -> Iterator[str]:
    yield f" rule name {name} top"
    yield f"  src-zone {origin}"
    yield f"  dst-zone {target}"
    yield from (f"  src-ip {network}" for network in sources)
    yield from (f"  dst-ip {network}" for network in destinations)
    yield "  service any"
    yield "  action permit"
    yield "  exit"


def policies(document: Document) -> Iterator[str]:
    name = document.key
    site = (document.announced if document.is_route_based else document.local_networks) or (SITE_NETWORK,)
    cloud = document.remote_networks or (CLOUD_NETWORK,)
    yield "policy-global"
    yield from rule(f"{name}-out", INNER_ZONE, ZONE, site, cloud)
    yield from rule(f"{name}-in", ZONE, INNER_ZONE, cloud, site)
    yield "exit"


def router(document: Document) -> Iterator[str]:
    """Exemption from translation, routes and the session, all of one virtual router."""
    yield f"ip vrouter {ROUTER}"
    yield f"# {EXEMPTION}"
    yield f" snatrule top from any to any service any eif {INTERFACE} no-trans"
    if document.health_check is not None:
        yield f" ip route {document.health_check.source} 255.255.255.255 {INTERFACE}"
    into, nowhere = f" ip route {{network}} {INTERFACE}", " ip route {network} null0 254"
    yield from cisco_ios.routes(document, into, nowhere, "#")
    if document.bgp is not None:
        yield from bgp(document)
    yield "exit"


def filters(document: Document) -> Iterator[str]:
    """Access lists and route maps for what is learned and announced."""
    name = document.key
    learned = [f"permit {network}" for network in document.learnable_networks]
    entries = {
        "in": learned or [f"deny {ANYWHERE} exact-match", "permit any"],
        "out": [f"permit {network} exact-match" for network in document.announced] or ["deny any"],
    }
    for direction, lines in entries.items():
        yield from (f"access-list route {name}-{direction} {line}" for line in lines)
        yield f"route-map {name}-{direction} permit 10"
        yield f" match ip address {name}-{direction}"
        yield "exit"


def bgp(document: Document) -> Iterator[str]:
    session, name = document.session, document.key
    yield f" router bgp {session.local_asn}"
    yield f"  router-id {session.router_id}"
    yield f"  neighbor {session.peer_ip} remote-as {session.peer_asn}"
    if session.key:
        yield f"  neighbor {session.peer_ip} password {session.key}"
    yield f"  neighbor {session.peer_ip} route-map {name}-in in"
    yield f"  neighbor {session.peer_ip} route-map {name}-out out"
    yield from (f"  network {network}" for network in document.announced)
    yield f"  neighbor {session.peer_ip} activate"
    yield "  exit"


def render(document: Document) -> dict[str, str]:
    lines = [
        f"# {document.label}: {TITLE} on the data center's side, for the mode configure",
        f"# {INTERFACE}: free on this device, such as tunnel1. {ROUTER}: that of the inner zone, usually trust-vr.",
        *phase_1(document),
        *phase_2(document),
        *interface(document),
        *policies(document),
        *(filters(document) if document.bgp is not None else ()),
        *router(document),
        "end",
        "save",
    ]
    return {f"{document.key}.hillstone.txt": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    yield from key_notes(document, forbidden="?\\", bgp_longest=LONGEST_BGP_KEY)
    yield from lifetime_notes(document, ike=(300, 86400), ipsec=(180, 86400))
    if document.ike.version == IkeVersion.IKEV2:
        if kind_of(document.remote_id) == "email":
            text = _("In ikev2 this device cannot be told that the cloud's identity is a mail address. Change LocalId.")
            yield Note("mail_identity", text, True)
        if not document.nat_traversal:
            text = _("{cloud} always offers NAT traversal; the connection has it off and will not use it.")
            yield Note("nat_traversal", text.filled(cloud=TITLE))
    yield from pair_notes(document)
    yield from weak_notes(document)
    yield from session_notes(document)
    if document.bgp is not None:
        yield Note("no_prefix_limit", _("This device has no limit for the number of routes that the cloud announces."))
    yield from site_notes(document, always=True)


DIALECT = Dialect(
    key="hillstone",
    title=TITLE,
    keywords={
        "ike.version": VERSION,
        "ike.mode": MODE,
        "ike.encryption": ENCRYPTION,
        "ike.authentication": AUTHENTICATION,
        "ike.group": GROUP,
        "ipsec.encryption": ENCRYPTION,
        "ipsec.authentication": AUTHENTICATION,
        "ipsec.pfs": PFS,
    },
    render=render,
    limits=limits,
    lacks_multipath=True,
)
