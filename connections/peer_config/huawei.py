"""Huawei USG (VRP): an IPsec policy where data flows are protected, else a tunnel interface with an IPsec profile.

Names have at most fifteen characters. Encrypted keys begin with %, @ or $, depending on the release, so plain keys must
not.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
)
from connections.messages import message as _
from connections.peer_config import cisco_ios, frr
from connections.peer_config.dialect import (
    EXEMPTION,
    INNER_ZONE,
    INSIDE,
    MOST_PREFIXES,
    NEXT_HOP,
    OUTER_ZONE,
    OUTSIDE,
    PLACEHOLDER,
    ROUTES_OUT,
    SEGMENTS,
    TUNNEL_MSS,
    TUNNEL_MTU,
    Dialect,
    Note,
    cloud_masked,
    key_notes,
    kind_of,
    lifetime_notes,
    masked,
    pair_notes,
    routed_masked,
    session_notes,
    site_masked,
    site_notes,
    weak_notes,
    wild,
)
from connections.peer_config.document import ANYWHERE, Document

# A peer supports both versions until one is undone.
VERSION = {IkeVersion.IKEV1: "undo version 2", IkeVersion.IKEV2: "undo version 1"}
MODE = {IkeMode.MAIN: "exchange-mode main", IkeMode.AGGRESSIVE: "exchange-mode aggressive"}
ENCRYPTION = {
    EncryptionAlgorithm.AES: "encryption-algorithm aes-128",
    EncryptionAlgorithm.AES192: "encryption-algorithm aes-192",
    EncryptionAlgorithm.AES256: "encryption-algorithm aes-256",
    EncryptionAlgorithm.DES: "encryption-algorithm des",
    EncryptionAlgorithm.TRIPLE_DES: "encryption-algorithm 3des",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "authentication-algorithm sha1",
    AuthenticationAlgorithm.MD5: "authentication-algorithm md5",
    AuthenticationAlgorithm.SHA256: "authentication-algorithm sha2-256",
    AuthenticationAlgorithm.SHA384: "authentication-algorithm sha2-384",
    AuthenticationAlgorithm.SHA512: "authentication-algorithm sha2-512",
}
INTEGRITY = {
    AuthenticationAlgorithm.SHA1: "integrity-algorithm hmac-sha1-96",
    AuthenticationAlgorithm.MD5: "integrity-algorithm hmac-md5-96",
    AuthenticationAlgorithm.SHA256: "integrity-algorithm hmac-sha2-256",
    AuthenticationAlgorithm.SHA384: "integrity-algorithm hmac-sha2-384",
    AuthenticationAlgorithm.SHA512: "integrity-algorithm hmac-sha2-512",
}
PRF = {
    AuthenticationAlgorithm.SHA1: "prf hmac-sha1",
    AuthenticationAlgorithm.MD5: "prf hmac-md5",
    AuthenticationAlgorithm.SHA256: "prf hmac-sha2-256",
    AuthenticationAlgorithm.SHA384: "prf hmac-sha2-384",
    AuthenticationAlgorithm.SHA512: "prf hmac-sha2-512",
}
GROUP = {
    DhGroup.GROUP1: "dh group1",
    DhGroup.GROUP2: "dh group2",
    DhGroup.GROUP5: "dh group5",
    DhGroup.GROUP14: "dh group14",
}
PFS = {
    PfsGroup.DISABLED: "",
    PfsGroup.GROUP1: "pfs dh-group1",
    PfsGroup.GROUP2: "pfs dh-group2",
    PfsGroup.GROUP5: "pfs dh-group5",
    PfsGroup.GROUP14: "pfs dh-group14",
}
# The ranges are too small for numbers that no other connection of the device has.
PROPOSAL, ACCESS_LIST = f"{PLACEHOLDER}PROPOSAL-NUMBER", f"{PLACEHOLDER}ACL-NUMBER"
IDENTITY = {"address": "ip", "name": "fqdn", "email": "user-fqdn"}
SHA2 = (AuthenticationAlgorithm.SHA256, AuthenticationAlgorithm.SHA384, AuthenticationAlgorithm.SHA512)


def name_of(document: Document) -> str:
    return document.short_name(15)


def interface_number(document: Document) -> int:
    """Models differ in the number of tunnel interfaces."""
    return document.number % 1000 + 1


def phase_1(document: Document) -> Iterator[str]:
    ike, version_2 = document.ike, document.ike.version == IkeVersion.IKEV2
    yield f"# {PROPOSAL}: from 1 to 99, and free on this device (display ike proposal)."
    yield f"ike proposal {PROPOSAL}"
    yield f" {ENCRYPTION[ike.encryption]}"
    yield f" {GROUP[ike.group]}"
    if version_2:
        yield f" {INTEGRITY[ike.authentication]}"
        yield f" {PRF[ike.authentication]}"
    else:
        yield f" {AUTHENTICATION[ike.authentication]}"
    yield " authentication-method pre-share"
    yield f" sa duration {ike.lifetime}"
    yield " quit"
    yield f"ike peer {name_of(document)}"
    yield f" {VERSION[ike.version]}"
    if not version_2:
        yield f" {MODE[ike.mode]}"
    yield f" pre-shared-key {document.psk}"
    yield f" ike-proposal {PROPOSAL}"
    yield f" local-id-type {IDENTITY[kind_of(document.local_id)]}"
    yield f" local-id {document.local_id}"
    yield f" remote-id-type {IDENTITY[kind_of(document.remote_id)]}"
    yield f" remote-id {document.remote_id}"
    yield f" remote-address {document.remote_ip}"
    if document.dpd:
        yield " dpd type periodic"
        yield " dpd idle-time 10"
        yield " dpd retransmit-interval 5"
    yield " nat traversal" if document.nat_traversal else " undo nat traversal"
    yield " quit"


def phase_2(document: Document) -> Iterator[str]:
    ipsec = document.ipsec
    if ipsec.authentication in SHA2:
        yield "# For all tunnels of this device, so that SHA-2 is cut off where other vendors cut it off:"
        yield "ipsec sha2 compatible enable"
    yield f"ipsec proposal {name_of(document)}"
    yield " encapsulation-mode tunnel"
    yield " transform esp"
    yield f" esp {AUTHENTICATION[ipsec.authentication]}"
    yield f" esp {ENCRYPTION[ipsec.encryption]}"
    yield " quit"


def protection(document: Document) -> Iterator[str]:
    """The lines that a policy and a profile share."""
    yield f" ike-peer {name_of(document)}"
    yield f" proposal {name_of(document)}"
    if document.ipsec.pfs != PfsGroup.DISABLED:
        yield f" {PFS[document.ipsec.pfs]}"
    yield f" sa duration time-based {document.ipsec.lifetime}"
    yield " sa duration traffic-based 0"


def policy(document: Document) -> Iterator[str]:
    name = name_of(document)
    yield f"# {ACCESS_LIST}: from 3000 to 3999, and free on this device (display acl all)."
    yield f"acl number {ACCESS_LIST}"
    for number, (local, remote) in enumerate(document.pairs, start=1):
        yield f" rule {number * 5} permit ip source {wild(local)} destination {wild(remote)}"
    yield " quit"
    yield "# An interface has one IPsec policy. If yours has one already, give this one its name."
    yield f"ipsec policy {name} {document.number} isakmp"
    yield f" security acl {ACCESS_LIST}"
    yield from protection(document)
    yield " sa trigger-mode auto"
    yield " quit"
    yield f"interface {OUTSIDE}"
    yield f" ipsec policy {name}"
    yield " quit"
    yield f"# {SEGMENTS}, for all connections of this interface:"
    yield f"interface {INSIDE}"
    yield f" tcp adjust-mss {TUNNEL_MSS}"
    yield " quit"
    yield f"# {ROUTES_OUT}"
    for network in routed_masked(document):
        yield f"#  ip route-static {network} {NEXT_HOP}"


def tunnel(document: Document) -> Iterator[str]:
    name, interface = name_of(document), f"Tunnel{interface_number(document)}"
    yield f"ipsec profile {name}"
    yield from protection(document)
    yield " quit"
    yield f"# If {interface} is taken on this device, choose another number."
    yield f"interface {interface}"
    if document.bgp is None:
        yield f" ip address unnumbered interface {OUTSIDE}"
    else:
        yield f" ip address {document.bgp.local_ip} 255.255.255.252"
    yield f" mtu {TUNNEL_MTU}"
    yield f" tcp adjust-mss {TUNNEL_MSS}"
    yield " tunnel-protocol ipsec"
    yield f" source {OUTSIDE}"
    yield f" destination {document.remote_ip}"
    yield f" ipsec profile {name}"
    yield " quit"
    yield f"firewall zone {OUTER_ZONE}"
    yield f" add interface {interface}"
    yield " quit"
    if document.health_check is not None:
        yield f"ip route-static {document.health_check.source} 255.255.255.255 {interface}"
    into, nowhere = f"ip route-static {{network}} {interface}", "ip route-static {network} NULL0 preference 254"
    yield from cisco_ios.routes(document, into, nowhere, "#")


def rule(name: str, origin: str, target: str, sources: Iterable[str], destinations: Iterable[str]) -> Iterator[str]:
    """The head of a rule of a policy: zones and networks, any where there are none."""
    yield f" rule name {name}"
    yield f"  source-zone {origin}"
    yield f"  destination-zone {target}"
    yield from (f"  source-address {network.replace(' ', ' mask ')}" for network in sources)
    yield from (f"  destination-address {network.replace(' ', ' mask ')}" for network in destinations)


def security_policy(document: Document) -> Iterator[str]:
    """Rules for IKE and ESP, for the BGP session and for the traffic in the tunnel, both ways."""
    name, cloud = name_of(document), [f"{document.remote_ip} 255.255.255.255"]
    session = [masked(document.bgp.cidr)] if document.bgp is not None else []
    site, networks = site_masked(document), cloud_masked(document)
    rules: list[tuple[str, str, str, list[str], list[str]]] = [
        ("ike-out", "local", OUTER_ZONE, [], cloud),
        ("ike-in", OUTER_ZONE, "local", cloud, []),
        *([("bgp-out", "local", OUTER_ZONE, [], session)] if session else []),
        *([("bgp-in", OUTER_ZONE, "local", session, [])] if session else []),
        ("out", INNER_ZONE, OUTER_ZONE, site, networks),
        ("in", OUTER_ZONE, INNER_ZONE, networks, site),
    ]
    yield "# Rules that deny this traffic must come after these:"
    yield "security-policy"
    for what, origin, target, sources, destinations in rules:
        yield from rule(f"{name}-{what}", origin, target, sources, destinations)
        yield "  action permit"
        yield "  quit"
    yield " quit"


def exemption(document: Document) -> Iterator[str]:
    name = f"{name_of(document)}-no-nat"
    yield f"# {EXEMPTION}"
    yield "nat-policy"
    yield from rule(name, INNER_ZONE, OUTER_ZONE, site_masked(document), cloud_masked(document))
    yield "  action no-nat"
    yield "  quit"
    yield f" rule move {name} top"
    yield " quit"


def prefix_lists(document: Document, command: str) -> Iterator[str]:
    """Prefix lists for both directions, as for FRR."""
    none = [f"deny {ANYWHERE} le {frr.LARGEST_PREFIX}"]
    policies = {
        "in": list(frr.accepted(document)),
        "out": [f"permit {network}" for network in document.announced] or none,
    }
    for direction, entries in policies.items():
        for number, entry in enumerate(entries, start=1):
            entry = entry.replace("/", " ").replace(" le ", " less-equal ")
            yield f"{command} {document.key}-{direction} index {number * 10} {entry}"


def bgp(document: Document) -> Iterator[str]:
    session, name = document.session, document.key
    yield from prefix_lists(document, "ip ip-prefix")
    yield f"bgp {session.local_asn}"
    yield f" router-id {session.router_id}"
    yield f" peer {session.peer_ip} as-number {session.peer_asn}"
    if session.key:
        yield f" peer {session.peer_ip} password cipher {session.key}"
    yield " ipv4-family unicast"
    if document.is_multipath:
        yield "  maximum load-balancing 2"
    for network in map(IPv4Network, document.announced):
        yield f"  network {network.network_address} {network.netmask}"
    yield f"  peer {session.peer_ip} enable"
    yield f"  peer {session.peer_ip} route-limit {MOST_PREFIXES}"
    yield f"  peer {session.peer_ip} ip-prefix {name}-in import"
    yield f"  peer {session.peer_ip} ip-prefix {name}-out export"
    yield "  quit"
    yield " quit"


def render(document: Document) -> dict[str, str]:
    lines = [
        f"# {document.label}: Huawei USG on the data center's side, for the system view",
        f"# {OUTER_ZONE} and {INNER_ZONE} are the zones of these interfaces, usually untrust and trust.",
        *phase_1(document),
        *phase_2(document),
        *(tunnel(document) if document.is_route_based else policy(document)),
        *security_policy(document),
        *exemption(document),
        *(bgp(document) if document.bgp is not None else ()),
        "return",
        "save",
    ]
    return {f"{document.key}.huawei.txt": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    yield from key_notes(document, forbidden="?", encrypted=("%", "@", "$"))
    yield from lifetime_notes(document, ike=(60, 86400), ipsec=(30, 86400))
    version_2 = document.ike.version == IkeVersion.IKEV2
    if version_2 and len(document.pairs) > 1:
        text = _("In ikev2 this device brings up the first pair of networks only. Choose Destination Routing Mode.")
        yield Note("pairs", text)
    else:
        yield from pair_notes(document)
    if version_2 and document.is_route_based:
        yield Note(
            "rekeying",
            _(
                "This device may refuse a new key that the cloud asks for. If the tunnel fails at each rekeying, give "
                "the device shorter lifetimes than the cloud."
            ),
        )
    yield from weak_notes(document)
    yield from session_notes(document, only_in_table=True)
    yield from site_notes(document, always=True)


DIALECT = Dialect(
    key="huawei",
    title="Huawei USG",
    keywords={
        "ike.version": VERSION,
        "ike.mode": MODE,
        "ike.encryption": ENCRYPTION,
        "ike.authentication": INTEGRITY,
        "ike.group": GROUP,
        "ipsec.encryption": ENCRYPTION,
        "ipsec.authentication": AUTHENTICATION,
        "ipsec.pfs": PFS,
    },
    ikev1={"ike.authentication": AUTHENTICATION},
    render=render,
    limits=limits,
)
