"""FortiGate (FortiOS), always with a tunnel interface; selectors where data flows are protected.

Within double quotes a backslash escapes and $ may begin a variable, so keys must not contain either, nor a question
mark, which gives help even there. With IKEv2, address groups as selectors make one SA for all networks, as the cloud
does.
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
from connections.peer_config import frr
from connections.peer_config.dialect import (
    BLACK_HOLE,
    EACH_NETWORK,
    INSIDE,
    MOST_PREFIXES,
    OUTSIDE,
    TUNNEL_MSS,
    TUNNEL_MTU,
    Dialect,
    Note,
    key_notes,
    kind_of,
    lifetime_notes,
    masked,
    pair_notes,
    routed_masked,
    session_notes,
    weak_notes,
    zone_notes,
)
from connections.peer_config.document import ANYWHERE, Document

VERSION = {IkeVersion.IKEV1: "set ike-version 1", IkeVersion.IKEV2: "set ike-version 2"}
MODE = {IkeMode.MAIN: "set mode main", IkeMode.AGGRESSIVE: "set mode aggressive"}
ENCRYPTION = {
    EncryptionAlgorithm.AES: "aes128",
    EncryptionAlgorithm.AES192: "aes192",
    EncryptionAlgorithm.AES256: "aes256",
    EncryptionAlgorithm.DES: "des",
    EncryptionAlgorithm.TRIPLE_DES: "3des",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "sha1",
    AuthenticationAlgorithm.MD5: "md5",
    AuthenticationAlgorithm.SHA256: "sha256",
    AuthenticationAlgorithm.SHA384: "sha384",
    AuthenticationAlgorithm.SHA512: "sha512",
}
GROUP = {
    DhGroup.GROUP1: "set dhgrp 1",
    DhGroup.GROUP2: "set dhgrp 2",
    DhGroup.GROUP5: "set dhgrp 5",
    DhGroup.GROUP14: "set dhgrp 14",
}
PFS = {
    PfsGroup.DISABLED: "set pfs disable",
    PfsGroup.GROUP1: "set dhgrp 1",
    PfsGroup.GROUP2: "set dhgrp 2",
    PfsGroup.GROUP5: "set dhgrp 5",
    PfsGroup.GROUP14: "set dhgrp 14",
}
IDENTITY = {"address": "address", "name": "fqdn", "email": "user-fqdn"}


def name_of(document: Document) -> str:
    """Interfaces have at most fifteen characters."""
    return document.short_name(15)


def is_grouped(document: Document) -> bool:
    """Whether several networks share one SA."""
    return not document.is_route_based and len(document.pairs) > 1 and document.ike.version == IkeVersion.IKEV2


def block(title: str, entry: str, settings: Iterable[str]) -> Iterator[str]:
    """A table with one entry."""
    yield f"config {title}"
    yield f"    edit {entry}"
    yield from (f"        {setting}" for setting in settings)
    yield "    next"
    yield "end"


def phase_1(document: Document) -> Iterator[str]:
    ike = document.ike
    yield f'set interface "{OUTSIDE}"'
    yield VERSION[ike.version]
    if ike.version == IkeVersion.IKEV1:
        yield MODE[ike.mode]
    yield "set authmethod psk"
    yield f'set psksecret "{document.psk}"'
    yield f"set remote-gw {document.remote_ip}"
    yield f"set localid-type {IDENTITY[kind_of(document.local_id)]}"
    yield f'set localid "{document.local_id}"'
    # The key authenticates the cloud; main mode of IKEv1 has no identity to check.
    yield "set peertype any"
    yield f"set proposal {ENCRYPTION[ike.encryption]}-{AUTHENTICATION[ike.authentication]}"
    yield GROUP[ike.group]
    yield f"set keylife {ike.lifetime}"
    yield f"set nattraversal {'enable' if document.nat_traversal else 'disable'}"
    if document.dpd:
        yield "set dpd on-idle"
        yield "set dpd-retrycount 3"
        yield "set dpd-retryinterval 10"
    else:
        yield "set dpd disable"
    yield "set net-device disable"


def phase_2(document: Document, selectors: tuple[str, ...]) -> Iterator[str]:
    ipsec = document.ipsec
    yield f'set phase1name "{name_of(document)}"'
    yield f"set proposal {ENCRYPTION[ipsec.encryption]}-{AUTHENTICATION[ipsec.authentication]}"
    if ipsec.pfs == PfsGroup.DISABLED:
        yield PFS[ipsec.pfs]
    else:
        yield "set pfs enable"
        yield PFS[ipsec.pfs]
    yield "set keylife-type seconds"
    yield f"set keylifeseconds {ipsec.lifetime}"
    yield "set auto-negotiate enable"
    yield from selectors


def addresses(document: Document) -> Iterator[str]:
    """Objects for the networks, and a group for each side."""
    name = name_of(document)
    sides = {"own": document.local_networks, "cloud": document.remote_networks}
    yield "config firewall address"
    for side, networks in sides.items():
        for number, network in enumerate(networks, start=1):
            yield f'    edit "{name}-{side}-{number}"'
            yield f"        set subnet {masked(network)}"
            yield "    next"
    yield "end"
    yield "config firewall addrgrp"
    for side, networks in sides.items():
        members = " ".join(f'"{name}-{side}-{number}"' for number in range(1, len(networks) + 1))
        yield f'    edit "{name}-{side}"'
        yield f"        set member {members}"
        yield "    next"
    yield "end"


def tunnels(document: Document) -> Iterator[str]:
    name = name_of(document)
    yield from block("vpn ipsec phase1-interface", f'"{name}"', phase_1(document))
    if not document.is_route_based:
        yield from addresses(document)
    if is_grouped(document):
        selectors: tuple[str, ...] = (
            "set src-addr-type name",
            f'set src-name "{name}-own"',
            "set dst-addr-type name",
            f'set dst-name "{name}-cloud"',
        )
        yield from block("vpn ipsec phase2-interface", f'"{name}"', phase_2(document, selectors))
        return
    for number, (local, remote) in enumerate(document.pairs, start=1):
        selectors = (f"set src-subnet {masked(local)}", f"set dst-subnet {masked(remote)}")
        entry = f'"{name}"' if number == 1 else f'"{name}-{number}"'
        yield from block("vpn ipsec phase2-interface", entry, phase_2(document, selectors))


def interface(document: Document) -> Iterator[str]:
    """What fits into the tunnel, and its own addresses, which BGP needs."""
    yield "set mtu-override enable"
    yield f"set mtu {TUNNEL_MTU}"
    yield f"set tcp-mss {TUNNEL_MSS}"
    if document.bgp is not None:
        yield f"set ip {document.bgp.local_ip} 255.255.255.255"
        yield f"set remote-ip {document.bgp.peer_ip} 255.255.255.252"


def policies(document: Document) -> Iterator[str]:
    """Policies for both directions, without which the device does not negotiate."""
    name = name_of(document)
    site, cloud = ("all", "all") if document.is_route_based else (f"{name}-own", f"{name}-cloud")
    ways = {"out": (INSIDE, name, site, cloud), "in": (name, INSIDE, cloud, site)}
    for way, (origin, target, source, destination) in ways.items():
        settings = (
            f'set name "{name}-{way}"',
            f'set srcintf "{origin}"',
            f'set dstintf "{target}"',
            f'set srcaddr "{source}"',
            f'set dstaddr "{destination}"',
            "set action accept",
            'set schedule "always"',
            'set service "ALL"',
        )
        yield from block("firewall policy", "0", settings)


def into(document: Document, network: str) -> tuple[str, str]:
    """A static route into the tunnel."""
    return (f"set dst {network}", f'set device "{name_of(document)}"')


def nowhere(network: str) -> tuple[str, ...]:
    """A static route that takes over while the tunnel is down."""
    return (f"set dst {network}", "set blackhole enable", "set distance 254")


def routes(document: Document) -> Iterator[str]:
    """Static routes; 0 lets the device choose a free number for each."""
    networks = [masked(network) for network in document.routed_networks]
    tunnelled = [] if document.bgp is not None else networks
    if document.health_check is not None:
        tunnelled = [*tunnelled, f"{document.health_check.source} 255.255.255.255"]
    for network in tunnelled:
        yield from block("router static", "0", into(document, network))
    if networks:
        yield f"# {BLACK_HOLE}"
    for network in networks:
        yield from block("router static", "0", nowhere(network))


def missing_routes(document: Document) -> Iterator[str]:
    """Comments with the routes that need networks of the cloud."""
    (network,) = routed_masked(document)
    yield f"# {EACH_NETWORK}"
    if document.bgp is None:
        yield from (f"#  {line}" for line in block("router static", "0", into(document, network)))
    yield f"# {BLACK_HOLE}"
    yield from (f"#  {line}" for line in block("router static", "0", nowhere(network)))


def prefix_list(document: Document, direction: str, entries: list[str]) -> Iterator[str]:
    yield "config router prefix-list"
    yield f'    edit "{document.key}-{direction}"'
    yield "        config rule"
    for number, entry in enumerate(entries, start=1):
        action, network, *longest = entry.split()
        yield f"            edit {number}"
        yield f"                set action {action}"
        yield f"                set prefix {masked(network)}"
        yield "                unset ge"
        yield f"                set le {longest[1]}" if longest else "                unset le"
        yield "            next"
    yield "        end"
    yield "    next"
    yield "end"


def bgp(document: Document) -> Iterator[str]:
    session, name = document.session, document.key
    none = [f"deny {ANYWHERE} le {frr.LARGEST_PREFIX}"]
    yield from prefix_list(document, "in", list(frr.accepted(document)))
    yield from prefix_list(document, "out", [f"permit {network}" for network in document.announced] or none)
    yield "config router bgp"
    yield f"    set as {session.local_asn}"
    if document.is_multipath:
        yield f"    set {'ibgp' if session.local_asn == session.peer_asn else 'ebgp'}-multipath enable"
    yield "    config neighbor"
    yield f'        edit "{session.peer_ip}"'
    yield f"            set remote-as {session.peer_asn}"
    yield f'            set prefix-list-in "{name}-in"'
    yield f'            set prefix-list-out "{name}-out"'
    yield f"            set maximum-prefix {MOST_PREFIXES}"
    if session.key:
        yield f'            set password "{session.key}"'
    yield "        next"
    yield "    end"
    yield "end"
    # A second entry 0 in one table would be the first one again.
    for network in () if document.is_second else document.announced:
        yield "config router bgp"
        yield from (f"    {line}" for line in block("network", "0", [f"set prefix {masked(network)}"]))
        yield "end"


def render(document: Document) -> dict[str, str]:
    lines = [
        f"# {document.label}: FortiGate on the data center's side",
        *tunnels(document),
        *block("system interface", f'"{name_of(document)}"', interface(document)),
        "# Policies that deny this traffic must come after these:",
        *policies(document),
        *routes(document),
    ]
    if document.bgp is not None:
        lines += bgp(document)
    if document.is_route_based and not document.routed_networks:
        lines += missing_routes(document)
    lines.append("# Nothing is left to save: each end has saved its block.")
    return {f"{document.key}.fortigate.txt": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    yield from key_notes(document, forbidden="\\?$", shortest=6, hexadecimal=("0x", "0X"))
    yield from lifetime_notes(document, ike=(120, 86400), ipsec=(120, 86400))
    if not is_grouped(document):
        yield from pair_notes(document)
    yield from session_notes(document, only_in_table=True)
    yield from weak_notes(document)
    yield from zone_notes(document)


DIALECT = Dialect(
    key="fortigate",
    title="FortiGate",
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
