"""Cisco ASA, IKEv1 and IKEv2: crypto map where data flows are protected, else a virtual tunnel interface (9.7, 9.8).

Its IKEv1 has nothing newer than SHA-1, and it identifies itself by the address of its interface. Keys are read as on
IOS, except that a key of one digit would be taken for a key type.
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
from connections.peer_config import cisco_ios
from connections.peer_config.dialect import (
    EXEMPTION,
    INSIDE,
    MOST_PREFIXES,
    NEXT_HOP,
    OUTSIDE,
    PLACEHOLDER,
    ROUTES_OUT,
    SEGMENTS,
    TUNNEL_MSS,
    WEAK,
    Dialect,
    Note,
    cloud_masked,
    first_packet_notes,
    key_notes,
    lifetime_notes,
    masked,
    own_address_notes,
    pair_notes,
    routed_masked,
    session_notes,
    site_masked,
    site_notes,
    weak_notes,
)
from connections.peer_config.document import Document

MAP = f"{PLACEHOLDER}CRYPTO-MAP"
TUNNEL_ADDRESS, TUNNEL_NEIGHBOR = f"{PLACEHOLDER}TUNNEL-ADDRESS", f"{PLACEHOLDER}TUNNEL-NEIGHBOR"

VERSION = {IkeVersion.IKEV1: "crypto ikev1 policy", IkeVersion.IKEV2: "crypto ikev2 policy"}
MODE = {IkeMode.MAIN: "phase1-mode main", IkeMode.AGGRESSIVE: "phase1-mode aggressive"}
IKE_ENCRYPTION = {
    EncryptionAlgorithm.AES: "encryption aes",
    EncryptionAlgorithm.AES192: "encryption aes-192",
    EncryptionAlgorithm.AES256: "encryption aes-256",
    EncryptionAlgorithm.DES: "encryption des",
    EncryptionAlgorithm.TRIPLE_DES: "encryption 3des",
}
IKE_AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "sha",
    AuthenticationAlgorithm.MD5: "md5",
    AuthenticationAlgorithm.SHA256: "sha256",
    AuthenticationAlgorithm.SHA384: "sha384",
    AuthenticationAlgorithm.SHA512: "sha512",
}
IKEV1_AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "hash sha",
    AuthenticationAlgorithm.MD5: "hash md5",
    AuthenticationAlgorithm.SHA256: None,
    AuthenticationAlgorithm.SHA384: None,
    AuthenticationAlgorithm.SHA512: None,
}
GROUP = {
    DhGroup.GROUP1: "group 1",
    DhGroup.GROUP2: "group 2",
    DhGroup.GROUP5: "group 5",
    DhGroup.GROUP14: "group 14",
}
ENCRYPTION = {
    EncryptionAlgorithm.AES: "esp encryption aes",
    EncryptionAlgorithm.AES192: "esp encryption aes-192",
    EncryptionAlgorithm.AES256: "esp encryption aes-256",
    EncryptionAlgorithm.DES: "esp encryption des",
    EncryptionAlgorithm.TRIPLE_DES: "esp encryption 3des",
}
IKEV1_ESP_ENCRYPTION = {
    EncryptionAlgorithm.AES: "esp-aes",
    EncryptionAlgorithm.AES192: "esp-aes-192",
    EncryptionAlgorithm.AES256: "esp-aes-256",
    EncryptionAlgorithm.DES: "esp-des",
    EncryptionAlgorithm.TRIPLE_DES: "esp-3des",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "esp integrity sha-1",
    AuthenticationAlgorithm.MD5: "esp integrity md5",
    AuthenticationAlgorithm.SHA256: "esp integrity sha-256",
    AuthenticationAlgorithm.SHA384: "esp integrity sha-384",
    AuthenticationAlgorithm.SHA512: "esp integrity sha-512",
}
IKEV1_ESP_AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "esp-sha-hmac",
    AuthenticationAlgorithm.MD5: "esp-md5-hmac",
    AuthenticationAlgorithm.SHA256: None,
    AuthenticationAlgorithm.SHA384: None,
    AuthenticationAlgorithm.SHA512: None,
}
PFS = {
    PfsGroup.DISABLED: "",
    PfsGroup.GROUP1: "set pfs group1",
    PfsGroup.GROUP2: "set pfs group2",
    PfsGroup.GROUP5: "set pfs group5",
    PfsGroup.GROUP14: "set pfs group14",
}


def is_ikev2(document: Document) -> bool:
    return document.ike.version == IkeVersion.IKEV2


def policies(document: Document) -> Iterator[str]:
    name, ike, ipsec = document.key, document.ike, document.ipsec
    yield f"{VERSION[ike.version]} {document.number}"
    if is_ikev2(document):
        authentication = IKE_AUTHENTICATION[ike.authentication]
        yield f" {IKE_ENCRYPTION[ike.encryption]}"
        yield f" integrity {authentication}"
        yield f" {GROUP[ike.group]}"
        yield f" prf {authentication}"
        yield f" lifetime seconds {ike.lifetime}"
        yield f"crypto ikev2 enable {OUTSIDE}"
        yield f"crypto ipsec ikev2 ipsec-proposal {name}"
        yield f" protocol {ENCRYPTION[ipsec.encryption]}"
        yield f" protocol {AUTHENTICATION[ipsec.authentication]}"
        return
    yield " authentication pre-share"
    yield f" {IKE_ENCRYPTION[ike.encryption]}"
    yield f" {IKEV1_AUTHENTICATION[ike.authentication]}"
    yield f" {GROUP[ike.group]}"
    yield f" lifetime {ike.lifetime}"
    yield f"crypto ikev1 enable {OUTSIDE}"
    words = f"{IKEV1_ESP_ENCRYPTION[ipsec.encryption]} {IKEV1_ESP_AUTHENTICATION[ipsec.authentication]}"
    yield f"crypto ipsec ikev1 transform-set {name} {words}"


def tunnel_group(document: Document) -> Iterator[str]:
    name, peer = document.key, document.remote_ip
    yield f"group-policy {name} internal"
    yield f"group-policy {name} attributes"
    yield f" vpn-tunnel-protocol {document.ike.version.value}"
    yield " vpn-idle-timeout none"
    yield f"tunnel-group {peer} type ipsec-l2l"
    yield f"tunnel-group {peer} general-attributes"
    yield f" default-group-policy {name}"
    yield f"tunnel-group {peer} ipsec-attributes"
    if is_ikev2(document):
        yield f" ikev2 remote-authentication pre-shared-key {document.psk}"
        yield f" ikev2 local-authentication pre-shared-key {document.psk}"
    else:
        yield f" ikev1 pre-shared-key {document.psk}"
    yield f" isakmp keepalive {'threshold 10 retry 3' if document.dpd else 'disable'}"


def protection(document: Document) -> Iterator[str]:
    """The lines that a crypto map entry and an IPsec profile share."""
    kind = "ikev2 ipsec-proposal" if is_ikev2(document) else "ikev1 transform-set"
    yield f"set {kind} {document.key}"
    if document.ipsec.pfs != PfsGroup.DISABLED:
        yield PFS[document.ipsec.pfs]
    yield f"set security-association lifetime seconds {document.ipsec.lifetime}"
    yield "set security-association lifetime kilobytes unlimited"


def crypto_map(document: Document) -> Iterator[str]:
    name, entry = document.key, f"crypto map {MAP} {document.number}"
    for local, remote in document.pairs:
        yield f"access-list {name} extended permit ip {masked(local)} {masked(remote)}"
    yield f"! An interface has one crypto map: {MAP} is its name, or a new one if there is none (outside_map in ASDM)."
    yield f"{entry} match address {name}"
    yield f"{entry} set peer {document.remote_ip}"
    for line in protection(document):
        yield f"{entry} {line}"
    if not is_ikev2(document):
        group = f" {document.ike.group.value}" if document.is_aggressive else ""
        yield f"{entry} set ikev1 {MODE[document.ike.mode]}{group}"
    if not document.nat_traversal:
        yield f"{entry} set nat-t-disable"
    yield f"crypto map {MAP} interface {OUTSIDE}"
    for side, networks in {"own": site_masked(document), "cloud": cloud_masked(document)}.items():
        yield f"object-group network {name}-{side}"
        yield from (f" network-object {network}" for network in networks)
    yield f"! {EXEMPTION}"
    own, cloud = f"{name}-own {name}-own", f"{name}-cloud {name}-cloud"
    rule = f"source static {own} destination static {cloud} no-proxy-arp route-lookup"
    yield f"nat ({INSIDE},{OUTSIDE}) 1 {rule}"
    yield f"! {ROUTES_OUT}"
    for network in routed_masked(document):
        yield f"!  route {OUTSIDE} {network} {NEXT_HOP}"


def segments() -> Iterator[str]:
    """Packets that fit into the tunnel. Its interface has no MTU of its own."""
    yield f"! {SEGMENTS}, for all connections of this device:"
    yield f"sysopt connection tcpmss {TUNNEL_MSS}"
    yield f"crypto ipsec df-bit clear-df {OUTSIDE}"
    yield f"crypto ipsec fragmentation before-encryption {OUTSIDE}"


def tunnel(document: Document) -> Iterator[str]:
    name = document.key
    yield f"crypto ipsec profile {name}"
    for line in protection(document):
        yield f" {line}"
    yield f"interface Tunnel{document.number}"
    yield f" nameif {name}"
    yield f" ip address {TUNNEL_ADDRESS if document.bgp is None else document.bgp.local_ip} 255.255.255.252"
    yield f" tunnel source interface {OUTSIDE}"
    yield f" tunnel destination {document.remote_ip}"
    yield " tunnel mode ipsec ipv4"
    yield f" tunnel protection ipsec profile {name}"
    yield " no shutdown"
    gateway = TUNNEL_NEIGHBOR if document.bgp is None else document.bgp.peer_ip
    if document.bgp is None:
        yield f"! {TUNNEL_ADDRESS} and {gateway}: two addresses of a /30 that is used nowhere else."
    if document.health_check is not None:
        yield f"route {name} {document.health_check.source} 255.255.255.255 {gateway}"
    # Without a traffic zone, two interfaces cannot have routes of one metric.
    into = f"route {name} {{network}} {gateway}{' 2' if document.is_second else ''}"
    yield from cisco_ios.routes(document, into, "route Null0 {network} 254")


def bgp(document: Document) -> Iterator[str]:
    session, name = document.session, document.key
    yield from cisco_ios.prefix_lists(document, "prefix-list")
    yield f"router bgp {session.local_asn}"
    yield " address-family ipv4 unicast"
    if document.is_multipath:
        yield f"  maximum-paths {'ibgp ' if session.local_asn == session.peer_asn else ''}2"
    yield f"  neighbor {session.peer_ip} remote-as {session.peer_asn}"
    if session.key:
        yield f"  neighbor {session.peer_ip} password {session.key}"
    yield f"  neighbor {session.peer_ip} activate"
    yield f"  neighbor {session.peer_ip} maximum-prefix {MOST_PREFIXES}"
    yield f"  neighbor {session.peer_ip} prefix-list {name}-in in"
    yield f"  neighbor {session.peer_ip} prefix-list {name}-out out"
    for network in map(IPv4Network, document.announced):
        yield f"  network {network.network_address} mask {network.netmask}"
    yield " exit-address-family"


def render(document: Document) -> dict[str, str]:
    lines = [
        f"! {document.label}: Cisco ASA on the data center's side, for configuration mode",
        f"! {OUTSIDE} is the name (nameif) of an interface, usually outside.",
        *policies(document),
        *tunnel_group(document),
        *(tunnel(document) if document.is_route_based else crypto_map(document)),
        *segments(),
        *(bgp(document) if document.bgp is not None else ()),
        "end",
        "write memory",
    ]
    return {f"{document.key}.cisco-asa.txt": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    if document.has_both and document.is_route_based and document.bgp is None:
        text = _(
            "This device sends through the second tunnel only while the first is down: two interfaces cannot share."
        )
        yield Note("standby", text)
    yield from key_notes(document, forbidden="?", shortest=2, bgp_longest=25)
    yield from cisco_ios.bgp_key_notes(document)
    yield from lifetime_notes(document, ike=(120, 86400), ipsec=(120, 86400))
    yield from own_address_notes(document)
    if document.is_aggressive and document.is_route_based:
        yield Note("aggressive_tunnel", _("A tunnel interface of this device negotiates in main mode only."), True)
    if document.is_aggressive and document.ike.group == DhGroup.GROUP14:
        yield Note("aggressive_group", _("In aggressive mode this device has the groups 1, 2 and 5 only."), True)
    yield from pair_notes(document)
    yield from first_packet_notes(document)
    yield from weak_notes(document, since="ASA 9.15", refused=set(WEAK) - {DhGroup.GROUP5})
    if document.is_route_based and not document.nat_traversal:
        yield Note("nat_traversal", _("This device has one switch for NAT traversal of all tunnels; it is left alone."))
    if document.is_route_based:
        yield Note(
            "interface_number",
            _("Before release 9.16 this device numbers tunnel interfaces from 0 to 100: choose a free number there."),
        )
    yield from session_notes(document, only_in_table=True)
    yield from site_notes(document)


DIALECT = Dialect(
    key="cisco-asa",
    title="Cisco ASA",
    keywords={
        "ike.version": VERSION,
        "ike.mode": MODE,
        "ike.encryption": IKE_ENCRYPTION,
        "ike.authentication": IKE_AUTHENTICATION,
        "ike.group": GROUP,
        "ipsec.encryption": ENCRYPTION,
        "ipsec.authentication": AUTHENTICATION,
        "ipsec.pfs": PFS,
    },
    ikev1={
        "ike.authentication": IKEV1_AUTHENTICATION,
        "ipsec.encryption": IKEV1_ESP_ENCRYPTION,
        "ipsec.authentication": IKEV1_ESP_AUTHENTICATION,
    },
    render=render,
    comment="!",
    limits=limits,
)
