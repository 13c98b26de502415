"""VyOS 1.4 and newer: its set commands become strongSwan's and FRR's files, with a vti interface when route-based.

VyOS copies the key into swanctl.conf between double quotes, where strongSwan decodes base64, so the key is in base64.
All other free text is in single quotes, in which the command line changes nothing.
"""

from collections.abc import Iterator

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
)
from connections.messages import message as _
from connections.peer_config import frr, swanctl
from connections.peer_config.dialect import (
    BLACK_HOLE,
    CLOUD_NETWORK,
    EACH_NETWORK,
    EXEMPTION,
    INSIDE,
    MOST_PREFIXES,
    OUTSIDE,
    SEGMENTS,
    TUNNEL_MSS,
    TUNNEL_MTU,
    Dialect,
    Note,
    key_notes,
    lifetime_notes,
    session_notes,
    site_notes,
)
from connections.peer_config.document import ANYWHERE, Document

VERSION = {IkeVersion.IKEV1: "key-exchange ikev1", IkeVersion.IKEV2: "key-exchange ikev2"}
MODE = {IkeMode.MAIN: "mode main", IkeMode.AGGRESSIVE: "mode aggressive"}
# The command line has no des, though strongSwan has.
ENCRYPTION = {
    EncryptionAlgorithm.AES: "encryption aes128",
    EncryptionAlgorithm.AES192: "encryption aes192",
    EncryptionAlgorithm.AES256: "encryption aes256",
    EncryptionAlgorithm.DES: None,
    EncryptionAlgorithm.TRIPLE_DES: "encryption 3des",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "hash sha1",
    AuthenticationAlgorithm.MD5: "hash md5",
    AuthenticationAlgorithm.SHA256: "hash sha256",
    AuthenticationAlgorithm.SHA384: "hash sha384",
    AuthenticationAlgorithm.SHA512: "hash sha512",
}
GROUP = {
    DhGroup.GROUP1: "dh-group 1",
    DhGroup.GROUP2: "dh-group 2",
    DhGroup.GROUP5: "dh-group 5",
    DhGroup.GROUP14: "dh-group 14",
}
PFS = {
    PfsGroup.DISABLED: "pfs disable",
    PfsGroup.GROUP1: "pfs dh-group1",
    PfsGroup.GROUP2: "pfs dh-group2",
    PfsGroup.GROUP5: "pfs dh-group5",
    PfsGroup.GROUP14: "pfs dh-group14",
}


def groups(document: Document) -> Iterator[str]:
    ike, ipsec = document.ike, document.ipsec
    group = f"vpn ipsec ike-group {document.key}"
    yield f"{group} {VERSION[ike.version]}"
    if ike.version == IkeVersion.IKEV1:
        yield f"{group} {MODE[ike.mode]}"
    else:
        yield f"{group} disable-mobike"
    yield f"{group} lifetime {ike.lifetime}"
    yield f"{group} close-action start"
    yield f"{group} proposal 1 {ENCRYPTION[ike.encryption]}"
    yield f"{group} proposal 1 {AUTHENTICATION[ike.authentication]}"
    yield f"{group} proposal 1 {GROUP[ike.group]}"
    if document.dpd:
        yield f"{group} dead-peer-detection action restart"
        yield f"{group} dead-peer-detection interval {swanctl.DPD_DELAY}"
        yield f"{group} dead-peer-detection timeout {swanctl.DPD_TIMEOUT}"
    group = f"vpn ipsec esp-group {document.key}"
    yield f"{group} lifetime {ipsec.lifetime}"
    yield f"{group} mode tunnel"
    yield f"{group} {PFS[ipsec.pfs]}"
    yield f"{group} proposal 1 {ENCRYPTION[ipsec.encryption]}"
    yield f"{group} proposal 1 {AUTHENTICATION[ipsec.authentication]}"


def peer(document: Document) -> Iterator[str]:
    name = document.key
    key, peer = f"vpn ipsec authentication psk {name}", f"vpn ipsec site-to-site peer {name}"
    yield f"{key} id '{document.local_id}'"
    yield f"{key} id '{document.remote_id}'"
    yield f"{key} secret '{swanctl.encoded(document.psk)}'"
    yield f"{peer} authentication mode pre-shared-secret"
    yield f"{peer} authentication local-id '{document.local_id}'"
    yield f"{peer} authentication remote-id '{document.remote_id}'"
    yield f"{peer} connection-type initiate"
    yield f"{peer} ike-group {name}"
    yield f"{peer} default-esp-group {name}"
    yield f"{peer} local-address any"
    yield f"{peer} remote-address {document.remote_ip}"
    if document.is_route_based:
        yield f"{peer} vti bind vti{document.number}"
        yield f"{peer} vti esp-group {name}"
        return
    for number, (_child, local, remote) in enumerate(swanctl.children(document), start=1):
        for network in local.split(","):
            yield f"{peer} tunnel {number} local prefix {network}"
        for network in remote.split(","):
            yield f"{peer} tunnel {number} remote prefix {network}"


def interface(document: Document) -> Iterator[str]:
    name = f"vti{document.number}"
    yield f"interfaces vti {name} mtu {TUNNEL_MTU}"
    yield f"interfaces vti {name} ip adjust-mss {TUNNEL_MSS}"
    if document.bgp is not None:
        yield f"interfaces vti {name} address {document.bgp.local_ip}/30"
    if document.health_check is not None:
        yield f"protocols static route {document.health_check.source}/32 interface {name}"
    for network in document.routed_networks:
        yield f"protocols static route {network} blackhole distance 254"


def prefix_list(name: str, entries: list[str]) -> Iterator[str]:
    for number, entry in enumerate(entries, start=1):
        action, network, *longest = entry.split()
        rule = f"policy prefix-list {name} rule {number * 5}"
        yield f"{rule} action {action}"
        yield f"{rule} prefix {network}"
        if longest:
            yield f"{rule} le {longest[1]}"


def bgp(document: Document) -> Iterator[str]:
    session, name = document.session, document.key
    none = [f"deny {ANYWHERE} le {frr.LARGEST_PREFIX}"]
    yield from prefix_list(f"{name}-in", list(frr.accepted(document)))
    yield from prefix_list(f"{name}-out", [f"permit {network}" for network in document.announced] or none)
    neighbor = f"protocols bgp neighbor {session.peer_ip}"
    yield f"protocols bgp system-as {session.local_asn}"
    yield f"{neighbor} remote-as {session.peer_asn}"
    if session.key:
        yield f"{neighbor} password '{session.key}'"
    yield f"{neighbor} address-family ipv4-unicast maximum-prefix {MOST_PREFIXES}"
    yield f"{neighbor} address-family ipv4-unicast prefix-list import {name}-in"
    yield f"{neighbor} address-family ipv4-unicast prefix-list export {name}-out"
    if document.is_multipath:
        kind = "ibgp" if session.local_asn == session.peer_asn else "ebgp"
        yield f"protocols bgp address-family ipv4-unicast maximum-paths {kind} 2"
    for network in document.announced:
        yield f"protocols bgp address-family ipv4-unicast network {network}"


def policy_comments(document: Document) -> Iterator[str]:
    """Comments with what tunnels without an interface need elsewhere."""
    yield f"# {SEGMENTS}, on both interfaces:"
    for interface in (OUTSIDE, INSIDE):
        yield f"#  set interfaces ethernet {interface} ip adjust-mss {TUNNEL_MSS}"
    yield f"# {EXEMPTION}"
    for number, (local, remote) in enumerate(document.pairs, start=1):
        rule = f"#  set nat source rule {number}"
        yield f"{rule} exclude"
        yield f"{rule} outbound-interface name {OUTSIDE}"
        yield f"{rule} source address {local}"
        yield f"{rule} destination address {remote}"


def missing_routes(document: Document) -> Iterator[str]:
    """Comments with the routes that need networks of the cloud."""
    route = f"set protocols static route {CLOUD_NETWORK}"
    yield f"# {EACH_NETWORK}"
    if document.bgp is None:
        yield f"#  {route} interface vti{document.number}"
    yield f"# {BLACK_HOLE}"
    yield f"#  {route} blackhole distance 254"


def render(document: Document) -> dict[str, str]:
    statements = [*groups(document), *peer(document)]
    if document.is_route_based:
        statements += interface(document)
    if document.bgp is not None:
        statements += bgp(document)
    lines = [
        f"# {document.label}: VyOS on the data center's side, for configuration mode",
        *(f"set {statement}" for statement in statements),
    ]
    if not document.is_route_based:
        lines += policy_comments(document)
    elif not document.routed_networks:
        lines += missing_routes(document)
    lines += ("commit", "save")
    return {f"{document.key}.vyos.txt": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    yield from key_notes(document, forbidden="", bgp_forbidden="'\\?")
    yield from lifetime_notes(document, ike=(30, 86400), ipsec=(30, 86400))
    yield Note("base64", _("The pre-shared key stands in base64, with the mark 0s in front, as strongSwan reads it."))
    if not document.nat_traversal:
        yield Note(
            "nat_traversal", _("VyOS always offers NAT traversal; the connection has it off and will not use it.")
        )
    yield from session_notes(document)
    if not document.is_route_based:
        yield Note(
            "in_clear",
            _("While the tunnel is down, packets for the cloud may leave in clear. Block them on the outer interface."),
        )
    yield from site_notes(document)


DIALECT = Dialect(
    key="vyos",
    title="VyOS",
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
)
