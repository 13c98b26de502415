"""H3C (Comware 7): an IPsec policy where data flows are protected, else a tunnel interface with an IPsec profile.

The traffic-based lifetime cannot be disabled, so it gets its largest value; smaller ones cause random losses.
"""

from collections.abc import Iterator
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
from connections.peer_config import cisco_ios, huawei
from connections.peer_config.dialect import (
    EXEMPTION,
    INNER_ZONE,
    INSIDE,
    MOST_PREFIXES,
    NAT_LIST,
    NEXT_HOP,
    OUTER_ZONE,
    OUTSIDE,
    ROUTES_OUT,
    SEGMENTS,
    TUNNEL_MSS,
    TUNNEL_MTU,
    Dialect,
    Note,
    cloud_masked,
    first_packet_notes,
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
from connections.peer_config.document import Document

VERSION = {IkeVersion.IKEV1: "ike profile", IkeVersion.IKEV2: "ikev2 profile"}
MODE = {IkeMode.MAIN: "exchange-mode main", IkeMode.AGGRESSIVE: "exchange-mode aggressive"}
ENCRYPTION = {
    EncryptionAlgorithm.AES: "aes-cbc-128",
    EncryptionAlgorithm.AES192: "aes-cbc-192",
    EncryptionAlgorithm.AES256: "aes-cbc-256",
    EncryptionAlgorithm.DES: "des-cbc",
    EncryptionAlgorithm.TRIPLE_DES: "3des-cbc",
}
IKEV1_AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "authentication-algorithm sha",
    AuthenticationAlgorithm.MD5: "authentication-algorithm md5",
    AuthenticationAlgorithm.SHA256: "authentication-algorithm sha256",
    AuthenticationAlgorithm.SHA384: "authentication-algorithm sha384",
    AuthenticationAlgorithm.SHA512: "authentication-algorithm sha512",
}
IKE_AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "sha1",
    AuthenticationAlgorithm.MD5: "md5",
    AuthenticationAlgorithm.SHA256: "sha256",
    AuthenticationAlgorithm.SHA384: "sha384",
    AuthenticationAlgorithm.SHA512: "sha512",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "esp authentication-algorithm sha1",
    AuthenticationAlgorithm.MD5: "esp authentication-algorithm md5",
    AuthenticationAlgorithm.SHA256: "esp authentication-algorithm sha256",
    AuthenticationAlgorithm.SHA384: "esp authentication-algorithm sha384",
    AuthenticationAlgorithm.SHA512: "esp authentication-algorithm sha512",
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
IDENTITY = {"address": "address", "name": "fqdn", "email": "user-fqdn"}
IKEV2_IDENTITY = {"address": "address", "name": "fqdn", "email": "email"}
MOST_KILOBYTES = 4294967295


def is_ikev2(document: Document) -> bool:
    return document.ike.version == IkeVersion.IKEV2


def matched(identity: str, kinds: dict[str, str]) -> str:
    """The cloud's identity; an address with its mask."""
    kind = kind_of(identity)
    return f"{kinds[kind]} {identity}" + (" 255.255.255.255" if kind == "address" else "")


def ikev2(document: Document) -> Iterator[str]:
    name, ike = document.key, document.ike
    yield f"ikev2 proposal {name}"
    yield f" encryption {ENCRYPTION[ike.encryption]}"
    yield f" integrity {IKE_AUTHENTICATION[ike.authentication]}"
    yield f" prf {IKE_AUTHENTICATION[ike.authentication]}"
    yield f" {GROUP[ike.group]}"
    yield " quit"
    yield "# One policy counts for an address. If there is one already, add the proposal to it and leave this out."
    yield f"ikev2 policy {name}"
    yield f" proposal {name}"
    yield " quit"
    yield f"ikev2 keychain {name}"
    yield f" peer {name}"
    yield f"  address {document.remote_ip} 32"
    yield f"  identity {IKEV2_IDENTITY[kind_of(document.remote_id)]} {document.remote_id}"
    yield f"  pre-shared-key plaintext {document.psk}"
    yield "  quit"
    yield " quit"
    yield f"{VERSION[ike.version]} {name}"
    yield " authentication-method local pre-share"
    yield " authentication-method remote pre-share"
    yield f" keychain {name}"
    yield f" identity local {IKEV2_IDENTITY[kind_of(document.local_id)]} {document.local_id}"
    yield f" match remote identity {matched(document.remote_id, IKEV2_IDENTITY)}"
    yield f" sa duration {ike.lifetime}"
    if document.dpd:
        yield " dpd interval 10 periodic"
    yield " quit"


def ikev1(document: Document) -> Iterator[str]:
    name, ike = document.key, document.ike
    yield f"ike proposal {document.number}"
    yield f" encryption-algorithm {ENCRYPTION[ike.encryption]}"
    yield f" {IKEV1_AUTHENTICATION[ike.authentication]}"
    yield " authentication-method pre-share"
    yield f" {GROUP[ike.group]}"
    yield f" sa duration {ike.lifetime}"
    yield " quit"
    yield f"ike keychain {name}"
    yield f" pre-shared-key address {document.remote_ip} 255.255.255.255 key simple {document.psk}"
    yield " quit"
    yield f"{VERSION[ike.version]} {name}"
    yield f" keychain {name}"
    yield f" {MODE[ike.mode]}"
    yield f" local-identity {IDENTITY[kind_of(document.local_id)]} {document.local_id}"
    yield f" match remote identity {matched(document.remote_id, IDENTITY)}"
    yield f" proposal {document.number}"
    if document.dpd:
        yield " dpd interval 10 retry 3 periodic"
    yield " quit"


def transform_set(document: Document) -> Iterator[str]:
    ipsec = document.ipsec
    yield f"ipsec transform-set {document.key}"
    yield " encapsulation-mode tunnel"
    yield " protocol esp"
    yield f" esp encryption-algorithm {ENCRYPTION[ipsec.encryption]}"
    yield f" {AUTHENTICATION[ipsec.authentication]}"
    if ipsec.pfs != PfsGroup.DISABLED:
        yield f" {PFS[ipsec.pfs]}"
    yield " quit"


def protection(document: Document) -> Iterator[str]:
    """The lines that a policy and a profile share."""
    name = document.key
    yield f" transform-set {name}"
    yield f" {'ikev2-profile' if is_ikev2(document) else 'ike-profile'} {name}"
    yield f" sa duration time-based {document.ipsec.lifetime}"
    yield f" sa duration traffic-based {MOST_KILOBYTES}"


def policy(document: Document) -> Iterator[str]:
    name = document.key
    yield f"acl advanced name {name}"
    for number, (local, remote) in enumerate(document.pairs, start=1):
        yield f" rule {number * 5} permit ip source {wild(local)} destination {wild(remote)}"
    yield " quit"
    yield "# An interface has one IPsec policy. If yours has one already, give this one its name."
    yield f"ipsec policy {name} {document.number} isakmp"
    yield f" security acl name {name}"
    yield f" remote-address {document.remote_ip}"
    yield from protection(document)
    yield " quit"
    yield f"interface {OUTSIDE}"
    yield f" ipsec apply policy {name}"
    yield " quit"
    yield f"# {SEGMENTS}, for all connections of this interface:"
    yield f"interface {INSIDE}"
    yield f" tcp mss {TUNNEL_MSS}"
    yield " quit"
    yield f"# {EXEMPTION}"
    yield f"#  acl advanced {NAT_LIST}"
    for number, (local, remote) in enumerate(document.pairs, start=1):
        yield f"#   rule {number} deny ip source {wild(local)} destination {wild(remote)}"
    yield f"# {ROUTES_OUT}"
    for network in routed_masked(document):
        yield f"#  ip route-static {network} {NEXT_HOP}"


def tunnel(document: Document) -> Iterator[str]:
    name, interface = document.key, f"Tunnel{huawei.interface_number(document)}"
    yield f"ipsec profile {name} isakmp"
    yield from protection(document)
    yield " quit"
    yield f"# If {interface} is taken on this device, choose another number."
    yield f"interface {interface} mode ipsec"
    if document.bgp is None:
        yield f" ip address unnumbered interface {OUTSIDE}"
    else:
        yield f" ip address {document.bgp.local_ip} 30"
    yield f" mtu {TUNNEL_MTU}"
    yield f" tcp mss {TUNNEL_MSS}"
    yield f" source {OUTSIDE}"
    yield f" destination {document.remote_ip}"
    yield f" tunnel protection ipsec profile {name}"
    yield " quit"
    if document.health_check is not None:
        yield f"ip route-static {document.health_check.source} 32 {interface}"
    into, nowhere = f"ip route-static {{network}} {interface}", "ip route-static {network} NULL0 preference 254"
    yield from cisco_ios.routes(document, into, nowhere, "#")


def security_policy(document: Document) -> Iterator[str]:
    """What a firewall needs as well, as comments: a router has no such commands."""
    name, cloud = document.key, f"ip-host {document.remote_ip}"
    site = [f"ip-subnet {network}" for network in site_masked(document)]
    networks = [f"ip-subnet {network}" for network in cloud_masked(document)]
    session = [f"ip-subnet {masked(document.bgp.cidr)}"] if document.bgp is not None else []
    rules = [
        ("ike-out", "Local", OUTER_ZONE, [], [cloud]),
        ("ike-in", OUTER_ZONE, "Local", [cloud], []),
        *([("bgp-out", "Local", OUTER_ZONE, [], session)] if session else []),
        *([("bgp-in", OUTER_ZONE, "Local", session, [])] if session else []),
        ("out", INNER_ZONE, OUTER_ZONE, site, networks),
        ("in", OUTER_ZONE, INNER_ZONE, networks, site),
    ]
    yield "# On a firewall, without the number signs; the zones are usually Untrust and Trust:"
    if document.is_route_based:
        yield f"#  security-zone name {OUTER_ZONE}"
        yield f"#   import interface Tunnel{huawei.interface_number(document)}"
        yield "#   quit"
    yield "#  security-policy ip"
    for what, origin, target, sources, destinations in rules:
        yield f"#   rule name {name}-{what}"
        yield "#    action pass"
        yield f"#    source-zone {origin}"
        yield f"#    destination-zone {target}"
        yield from (f"#    source-{one}" for one in sources)
        yield from (f"#    destination-{one}" for one in destinations)
        yield "#    quit"
    yield "#   quit"


def bgp(document: Document) -> Iterator[str]:
    session, name = document.session, document.key
    yield from huawei.prefix_lists(document, "ip prefix-list")
    yield f"bgp {session.local_asn}"
    yield f" router-id {session.router_id}"
    yield f" peer {session.peer_ip} as-number {session.peer_asn}"
    if session.key:
        yield f" peer {session.peer_ip} password simple {session.key}"
    yield " address-family ipv4 unicast"
    if document.is_multipath:
        yield "  balance 2"
    for network in map(IPv4Network, document.announced):
        yield f"  network {network.network_address} {network.netmask}"
    yield f"  peer {session.peer_ip} enable"
    yield f"  peer {session.peer_ip} route-limit {MOST_PREFIXES}"
    yield f"  peer {session.peer_ip} prefix-list {name}-in import"
    yield f"  peer {session.peer_ip} prefix-list {name}-out export"
    yield "  quit"
    yield " quit"


def render(document: Document) -> dict[str, str]:
    lines = [
        f"# {document.label}: H3C on the data center's side, for the system view of Comware 7",
        *(ikev2(document) if is_ikev2(document) else ikev1(document)),
        *transform_set(document),
        *(tunnel(document) if document.is_route_based else policy(document)),
        *security_policy(document),
        *(bgp(document) if document.bgp is not None else ()),
        "return",
        "save",
    ]
    return {f"{document.key}.h3c.txt": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    yield from key_notes(document, forbidden="?")
    yield from lifetime_notes(document, ike=(120 if is_ikev2(document) else 60, 86400), ipsec=(180, 86400))
    yield from pair_notes(document)
    yield from first_packet_notes(document)
    yield from weak_notes(document)
    if not document.nat_traversal:
        yield Note(
            "nat_traversal", _("H3C always offers NAT traversal; the connection has it off and will not use it.")
        )
    yield from session_notes(document, only_in_table=True)
    yield from site_notes(document)


DIALECT = Dialect(
    key="h3c",
    title="H3C",
    keywords={
        "ike.version": VERSION,
        "ike.mode": MODE,
        "ike.encryption": ENCRYPTION,
        "ike.authentication": IKE_AUTHENTICATION,
        "ike.group": GROUP,
        "ipsec.encryption": ENCRYPTION,
        "ipsec.authentication": AUTHENTICATION,
        "ipsec.pfs": PFS,
    },
    ikev1={"ike.authentication": IKEV1_AUTHENTICATION},
    render=render,
    limits=limits,
)
