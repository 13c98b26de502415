"""Cisco IOS and IOS XE, IKEv1 and IKEv2: crypto map where data flows are protected, else a virtual tunnel interface.

A key ends at the next blank or the end of the line, so only a question mark is unsafe (help, even in pasted text). The
0 before a key marks it as unencrypted, whatever it begins with.
"""

import string
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
from connections.peer_config import frr
from connections.peer_config.dialect import (
    BLACK_HOLE,
    EACH_NETWORK,
    EXEMPTION,
    INSIDE,
    MOST_PREFIXES,
    NAT_LIST,
    NEXT_HOP,
    OUTSIDE,
    ROUTES_OUT,
    SEGMENTS,
    TUNNEL_MSS,
    TUNNEL_MTU,
    Dialect,
    Note,
    first_packet_notes,
    key_notes,
    kind_of,
    lifetime_notes,
    own_address_notes,
    pair_notes,
    routed_masked,
    session_notes,
    site_notes,
    weak_notes,
    wild,
)
from connections.peer_config.document import ANYWHERE, Document

VERSION = {IkeVersion.IKEV1: "crypto isakmp policy", IkeVersion.IKEV2: "crypto ikev2 profile"}
MODE = {IkeMode.MAIN: "crypto isakmp key", IkeMode.AGGRESSIVE: "set aggressive-mode"}
IKE_ENCRYPTION = {
    EncryptionAlgorithm.AES: "encryption aes-cbc-128",
    EncryptionAlgorithm.AES192: "encryption aes-cbc-192",
    EncryptionAlgorithm.AES256: "encryption aes-cbc-256",
    EncryptionAlgorithm.DES: "encryption des",
    EncryptionAlgorithm.TRIPLE_DES: "encryption 3des",
}
ISAKMP_ENCRYPTION = {
    EncryptionAlgorithm.AES: "encryption aes",
    EncryptionAlgorithm.AES192: "encryption aes 192",
    EncryptionAlgorithm.AES256: "encryption aes 256",
    EncryptionAlgorithm.DES: "encryption des",
    EncryptionAlgorithm.TRIPLE_DES: "encryption 3des",
}
# The integrity is also the pseudo-random function unless a prf line sets another one.
IKE_AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "integrity sha1",
    AuthenticationAlgorithm.MD5: "integrity md5",
    AuthenticationAlgorithm.SHA256: "integrity sha256",
    AuthenticationAlgorithm.SHA384: "integrity sha384",
    AuthenticationAlgorithm.SHA512: "integrity sha512",
}
ISAKMP_AUTHENTICATION = {
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
ENCRYPTION = {
    EncryptionAlgorithm.AES: "esp-aes",
    EncryptionAlgorithm.AES192: "esp-aes 192",
    EncryptionAlgorithm.AES256: "esp-aes 256",
    EncryptionAlgorithm.DES: "esp-des",
    EncryptionAlgorithm.TRIPLE_DES: "esp-3des",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "esp-sha-hmac",
    AuthenticationAlgorithm.MD5: "esp-md5-hmac",
    AuthenticationAlgorithm.SHA256: "esp-sha256-hmac",
    AuthenticationAlgorithm.SHA384: "esp-sha384-hmac",
    AuthenticationAlgorithm.SHA512: "esp-sha512-hmac",
}
PFS = {
    PfsGroup.DISABLED: "",
    PfsGroup.GROUP1: "set pfs group1",
    PfsGroup.GROUP2: "set pfs group2",
    PfsGroup.GROUP5: "set pfs group5",
    PfsGroup.GROUP14: "set pfs group14",
}
IDENTITY = {"address": "address", "name": "fqdn", "email": "email"}
ENDPOINT = {"address": "ipv4-address", "name": "fqdn", "email": "user-fqdn"}


def ikev2(document: Document) -> Iterator[str]:
    name, ike = document.key, document.ike
    yield f"crypto ikev2 proposal {name}"
    yield f" {IKE_ENCRYPTION[ike.encryption]}"
    yield f" {IKE_AUTHENTICATION[ike.authentication]}"
    yield f" {GROUP[ike.group]}"
    yield "! One policy counts for an address. If there is one already, add the proposal to it and leave this out."
    yield f"crypto ikev2 policy {document.first_key}"
    yield f" proposal {name}"
    yield f"crypto ikev2 keyring {name}"
    yield f" peer {name}"
    yield f"  address {document.remote_ip}"
    yield f"  pre-shared-key 0 {document.psk}"
    remote = f"{IDENTITY[kind_of(document.remote_id)]} {document.remote_id}"
    yield f"{VERSION[ike.version]} {name}"
    yield f" match identity remote {remote}" + (" 255.255.255.255" if remote.startswith("address") else "")
    yield f" identity local {IDENTITY[kind_of(document.local_id)]} {document.local_id}"
    yield " authentication remote pre-share"
    yield " authentication local pre-share"
    yield f" keyring local {name}"
    yield f" lifetime {ike.lifetime}"
    if document.dpd:
        yield " dpd 10 3 periodic"


def ikev1(document: Document) -> Iterator[str]:
    ike = document.ike
    yield f"{VERSION[ike.version]} {document.number}"
    yield f" {ISAKMP_ENCRYPTION[ike.encryption]}"
    yield f" {ISAKMP_AUTHENTICATION[ike.authentication]}"
    yield " authentication pre-share"
    yield f" {GROUP[ike.group]}"
    yield f" lifetime {ike.lifetime}"
    if document.is_aggressive:
        yield f"crypto isakmp peer address {document.remote_ip}"
        yield f" {MODE[ike.mode]} password {document.psk}"
        yield f" {MODE[ike.mode]} client-endpoint {ENDPOINT[kind_of(document.local_id)]} {document.local_id}"
    else:
        yield f"{MODE[ike.mode]} 0 {document.psk} address {document.remote_ip} no-xauth"
    if document.dpd:
        yield "! For all IKEv1 peers of this device:"
        yield "crypto isakmp keepalive 10 3 periodic"


def protection(document: Document) -> Iterator[str]:
    """The lines that a crypto map entry and an IPsec profile share."""
    yield f" set transform-set {document.key}"
    if document.ipsec.pfs != PfsGroup.DISABLED:
        yield f" {PFS[document.ipsec.pfs]}"
    yield f" set security-association lifetime seconds {document.ipsec.lifetime}"
    yield " set security-association lifetime kilobytes disable"
    if document.ike.version == IkeVersion.IKEV2:
        yield f" set ikev2-profile {document.key}"


def crypto_map(document: Document) -> Iterator[str]:
    name = document.key
    yield f"ip access-list extended {name}"
    for local, remote in document.pairs:
        yield f" permit ip {wild(local)} {wild(remote)}"
    yield "! An interface has one crypto map. If yours has one already, give this entry its name."
    yield f"crypto map {name} {document.number} ipsec-isakmp"
    yield f" set peer {document.remote_ip}"
    yield from protection(document)
    yield f" match address {name}"
    yield f"interface {OUTSIDE}"
    yield f" crypto map {name}"
    yield f"! {SEGMENTS}, for all connections of this interface:"
    yield f"interface {INSIDE}"
    yield f" ip tcp adjust-mss {TUNNEL_MSS}"
    yield f"! {EXEMPTION}"
    yield f"!  ip access-list extended {NAT_LIST}"
    for number, (local, remote) in enumerate(document.pairs, start=1):
        yield f"!   {number} deny ip {wild(local)} {wild(remote)}"
    yield f"! {ROUTES_OUT}"
    for network in routed_masked(document):
        yield f"!  ip route {network} {NEXT_HOP}"


def tunnel(document: Document) -> Iterator[str]:
    name, interface = document.key, f"Tunnel{document.number}"
    yield f"crypto ipsec profile {name}"
    yield from protection(document)
    yield f"interface {interface}"
    if document.bgp is None:
        yield f" ip unnumbered {OUTSIDE}"
    else:
        yield f" ip address {document.bgp.local_ip} 255.255.255.252"
    yield f" ip mtu {TUNNEL_MTU}"
    yield f" ip tcp adjust-mss {TUNNEL_MSS}"
    yield f" tunnel source {OUTSIDE}"
    yield " tunnel mode ipsec ipv4"
    yield f" tunnel destination {document.remote_ip}"
    yield f" tunnel protection ipsec profile {name}"
    if document.health_check is not None:
        yield f"ip route {document.health_check.source} 255.255.255.255 {interface}"
    yield from routes(document, f"ip route {{network}} {interface}", "ip route {network} Null0 254")


def routes(document: Document, into: str, nowhere: str, comment: str = "!") -> Iterator[str]:
    """Routes into the tunnel, unless BGP learns them, and black holes behind them; as comments if none is known.

    `into` and `nowhere` are commands with a field for the network.
    """
    mark = "" if document.routed_networks else f"{comment}  "
    if not document.routed_networks:
        yield f"{comment} {EACH_NETWORK}"
    if document.bgp is None:
        yield from (mark + into.format(network=network) for network in routed_masked(document))
    yield f"{comment} {BLACK_HOLE}"
    yield from (mark + nowhere.format(network=network) for network in routed_masked(document))


def prefix_lists(document: Document, command: str) -> Iterator[str]:
    """Prefix lists for both directions, as for FRR."""
    none = [f"deny {ANYWHERE} le {frr.LARGEST_PREFIX}"]
    policies = {
        "in": list(frr.accepted(document)),
        "out": [f"permit {network}" for network in document.announced] or none,
    }
    for direction, entries in policies.items():
        for number, entry in enumerate(entries, start=1):
            yield f"{command} {document.key}-{direction} seq {number * 5} {entry}"


def networks(document: Document) -> Iterator[str]:
    for network in map(IPv4Network, document.announced):
        yield f"  network {network.network_address} mask {network.netmask}"


def bgp(document: Document) -> Iterator[str]:
    session, name = document.session, document.key
    yield from prefix_lists(document, "ip prefix-list")
    yield f"router bgp {session.local_asn}"
    yield f" neighbor {session.peer_ip} remote-as {session.peer_asn}"
    if session.key:
        yield f" neighbor {session.peer_ip} password {session.key}"
    yield " address-family ipv4"
    if document.is_multipath:
        yield f"  maximum-paths {'ibgp ' if session.local_asn == session.peer_asn else ''}2"
    yield f"  neighbor {session.peer_ip} activate"
    yield f"  neighbor {session.peer_ip} maximum-prefix {MOST_PREFIXES}"
    yield f"  neighbor {session.peer_ip} prefix-list {name}-in in"
    yield f"  neighbor {session.peer_ip} prefix-list {name}-out out"
    yield from networks(document)
    yield " exit-address-family"


def render(document: Document) -> dict[str, str]:
    name, ipsec = document.key, document.ipsec
    transform = f"{ENCRYPTION[ipsec.encryption]} {AUTHENTICATION[ipsec.authentication]}"
    lines = [
        f"! {document.label}: Cisco IOS on the data center's side, for configuration mode",
        *(ikev2(document) if document.ike.version == IkeVersion.IKEV2 else ikev1(document)),
        f"crypto ipsec transform-set {name} {transform}",
        " mode tunnel",
        *(tunnel(document) if document.is_route_based else crypto_map(document)),
        *(bgp(document) if document.bgp is not None else ()),
        "end",
        "write memory",
    ]
    return {f"{name}.cisco-ios.txt": "\n".join(lines) + "\n"}


def bgp_key_notes(document: Document) -> Iterator[Note]:
    """A leading digit would be read as the type of the key."""
    if document.bgp is not None and document.bgp.key.startswith(tuple(string.digits)):
        yield Note(
            "bgp_key_digit", _("This device takes no BGP key that begins with a digit. Choose another key."), True
        )


def limits(document: Document) -> Iterator[Note]:
    version_1 = document.ike.version == IkeVersion.IKEV1
    # In aggressive mode a key of one digit would be taken for a key type.
    yield from key_notes(document, forbidden="?", shortest=2 if document.is_aggressive else 1, bgp_longest=25)
    yield from bgp_key_notes(document)
    yield from lifetime_notes(document, ike=(60 if version_1 else 120, 86400), ipsec=(120, 86400))
    if version_1 and not document.is_aggressive:
        yield from own_address_notes(document)
    yield from pair_notes(document)
    yield from first_packet_notes(document)
    if weak := list(weak_notes(document, since="IOS XE 17.11.1")):
        yield from weak
        yield Note(
            "shield",
            _(
                "To allow weak options on such a release, run crypto engine compliance shield disable in configuration "
                "mode, save and reload."
            ),
        )
    if not document.nat_traversal:
        yield Note("nat_traversal", _("This device has one switch for NAT traversal of all tunnels; it is left alone."))
    yield from session_notes(document, only_in_table=True)
    yield from site_notes(document)


DIALECT = Dialect(
    key="cisco-ios",
    title="Cisco IOS / IOS XE",
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
    ikev1={"ike.encryption": ISAKMP_ENCRYPTION, "ike.authentication": ISAKMP_AUTHENTICATION},
    render=render,
    comment="!",
    limits=limits,
)
