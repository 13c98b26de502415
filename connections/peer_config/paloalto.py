"""Palo Alto Networks (PAN-OS) as set commands, always with a tunnel interface; proxy IDs where flows are protected.

Lifetimes in seconds end at 65535, longer ones are written in minutes or hours. Keys are in double quotes; encrypted
keys begin with -AQ==.
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
from connections.peer_config.dialect import (
    BLACK_HOLE,
    CLOUD_NETWORK,
    EACH_NETWORK,
    INNER_ZONE,
    MOST_PREFIXES,
    OUTSIDE,
    PLACEHOLDER,
    TUNNEL_MTU,
    Dialect,
    Note,
    key_notes,
    kind_of,
    lifetime_notes,
    pair_notes,
    session_notes,
    weak_notes,
    zone_notes,
)
from connections.peer_config.document import Document

VERSION = {IkeVersion.IKEV1: "protocol version ikev1", IkeVersion.IKEV2: "protocol version ikev2"}
MODE = {IkeMode.MAIN: "exchange-mode main", IkeMode.AGGRESSIVE: "exchange-mode aggressive"}
ENCRYPTION = {
    EncryptionAlgorithm.AES: "encryption aes-128-cbc",
    EncryptionAlgorithm.AES192: "encryption aes-192-cbc",
    EncryptionAlgorithm.AES256: "encryption aes-256-cbc",
    EncryptionAlgorithm.DES: None,
    EncryptionAlgorithm.TRIPLE_DES: "encryption 3des",
}
IKE_AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "hash sha1",
    AuthenticationAlgorithm.MD5: "hash md5",
    AuthenticationAlgorithm.SHA256: "hash sha256",
    AuthenticationAlgorithm.SHA384: "hash sha384",
    AuthenticationAlgorithm.SHA512: "hash sha512",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "esp authentication sha1",
    AuthenticationAlgorithm.MD5: "esp authentication md5",
    AuthenticationAlgorithm.SHA256: "esp authentication sha256",
    AuthenticationAlgorithm.SHA384: "esp authentication sha384",
    AuthenticationAlgorithm.SHA512: "esp authentication sha512",
}
GROUP = {
    DhGroup.GROUP1: "dh-group group1",
    DhGroup.GROUP2: "dh-group group2",
    DhGroup.GROUP5: "dh-group group5",
    DhGroup.GROUP14: "dh-group group14",
}
PFS = {
    PfsGroup.DISABLED: "dh-group no-pfs",
    PfsGroup.GROUP1: "dh-group group1",
    PfsGroup.GROUP2: "dh-group group2",
    PfsGroup.GROUP5: "dh-group group5",
    PfsGroup.GROUP14: "dh-group group14",
}
IDENTITY = {"address": "ipaddr", "name": "fqdn", "email": "ufqdn"}

MOST_SECONDS = LARGEST_SHORT_ASN = 65535
ROUTER, VSYS, ZONE = "network virtual-router default", "vsys vsys1", "vpn"
STATIC, ROUTE = f"{ROUTER} routing-table ip static-route", f"{PLACEHOLDER}ROUTE-NAME"


def lifetime(seconds: int) -> str:
    """A lifetime in the largest unit that divides it. Empty if it is too long for seconds and no other unit fits."""
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds > MOST_SECONDS and seconds % length == 0:
            return f"lifetime {unit} {seconds // length}"
    return f"lifetime seconds {seconds}" if seconds <= MOST_SECONDS else ""


def crypto(document: Document) -> Iterator[str]:
    name, ike, ipsec = document.key, document.ike, document.ipsec
    profile = f"network ike crypto-profiles ike-crypto-profiles {name}"
    yield f"{profile} {ENCRYPTION[ike.encryption]}"
    yield f"{profile} {IKE_AUTHENTICATION[ike.authentication]}"
    yield f"{profile} {GROUP[ike.group]}"
    yield f"{profile} {lifetime(ike.lifetime)}"
    profile = f"network ike crypto-profiles ipsec-crypto-profiles {name}"
    yield f"{profile} esp {ENCRYPTION[ipsec.encryption]}"
    yield f"{profile} {AUTHENTICATION[ipsec.authentication]}"
    yield f"{profile} {PFS[ipsec.pfs]}"
    yield f"{profile} {lifetime(ipsec.lifetime)}"


def gateway(document: Document) -> Iterator[str]:
    ike = document.ike
    gateway = f"network ike gateway {document.key}"
    version = f"{gateway} protocol {ike.version.value}"
    yield f'{gateway} authentication pre-shared-key key "{document.psk}"'
    yield f"{gateway} {VERSION[ike.version]}"
    yield f"{version} ike-crypto-profile {document.key}"
    if ike.version == IkeVersion.IKEV1:
        yield f"{version} {MODE[ike.mode]}"
    yield f"{version} dpd enable {'yes' if document.dpd else 'no'}"
    if document.dpd:
        yield f"{version} dpd interval 10"
    if document.dpd and ike.version == IkeVersion.IKEV1:
        yield f"{version} dpd retry 3"
    yield f"{gateway} protocol-common nat-traversal enable {'yes' if document.nat_traversal else 'no'}"
    yield f"{gateway} local-address interface {OUTSIDE}"
    yield f"{gateway} peer-address ip {document.remote_ip}"
    yield f'{gateway} local-id type {IDENTITY[kind_of(document.local_id)]} id "{document.local_id}"'
    yield f'{gateway} peer-id type {IDENTITY[kind_of(document.remote_id)]} id "{document.remote_id}"'


def tunnel(document: Document) -> Iterator[str]:
    name, interface = document.key, f"tunnel.{document.number}"
    unit = f"network interface tunnel units {interface}"
    yield f"{unit} mtu {TUNNEL_MTU}"
    if document.bgp is not None:
        yield f"{unit} ip {document.bgp.local_ip}/30"
    yield f"{ROUTER} interface {interface}"
    yield f"{VSYS} import network interface {interface}"
    yield f"{VSYS} zone {ZONE} network layer3 {interface}"
    tunnel = f"network tunnel ipsec {name}"
    yield f"{tunnel} tunnel-interface {interface}"
    yield f"{tunnel} auto-key ike-gateway {name}"
    yield f"{tunnel} auto-key ipsec-crypto-profile {name}"
    if not document.is_route_based:
        for number, (local, remote) in enumerate(document.pairs, start=1):
            yield f"{tunnel} auto-key proxy-id net-{number} local {local} remote {remote} protocol any"


def policies(document: Document) -> Iterator[str]:
    """Rules for traffic between the zones of the tunnel and of the site, in both directions."""
    for way, origin, target in (("out", INNER_ZONE, ZONE), ("in", ZONE, INNER_ZONE)):
        rule = f"{VSYS} rulebase security rules {document.key}-{way}"
        yield f"{rule} from {origin} to {target} source any destination any application any service any action allow"


def routes(document: Document) -> Iterator[str]:
    """Static routes into the tunnel, unless BGP learns them, and those that take over while it is down."""
    short, interface = document.short_name(20), f"interface tunnel.{document.number}"
    for number, network in enumerate(document.routed_networks, start=1):
        if document.bgp is None:
            yield f"{STATIC} {short}-{number} destination {network} {interface}"
        yield from discard(f"{short}-drop-{number}", network)
    if document.health_check is not None:
        yield f"{STATIC} {short}-check destination {document.health_check.source}/32 {interface}"


def discard(name: str, network: str) -> tuple[str, str]:
    """A route with the longest distance, which drops packets."""
    return f"{STATIC} {name} destination {network} admin-dist 240", f"{STATIC} {name} nexthop discard"


def missing_routes(document: Document) -> Iterator[str]:
    """Comments with the routes that need networks of the cloud."""
    yield f"# {EACH_NETWORK}"
    if document.bgp is None:
        yield f"#  set {STATIC} {ROUTE} destination {CLOUD_NETWORK} interface tunnel.{document.number}"
    yield f"# {BLACK_HOLE}"
    yield from (f"#  set {line}" for line in discard(f"{ROUTE}-DROP", CLOUD_NETWORK))


def bgp(document: Document) -> Iterator[str]:
    session, name = document.session, document.key
    bgp = f"{ROUTER} protocol bgp"
    group, peer = f"{bgp} peer-group {name}", f"{bgp} peer-group {name} peer {name}"
    yield f"{bgp} enable yes"
    yield f"{bgp} router-id {session.router_id}"
    if max(session.local_asn, session.peer_asn) > LARGEST_SHORT_ASN:
        yield f"{bgp} routing-options as-format 4-byte"
    yield f"{bgp} local-as {session.local_asn}"
    yield f"{bgp} install-route yes"
    if document.is_multipath:
        yield f"{ROUTER} ecmp enable yes"
        yield f"{ROUTER} ecmp max-path 2"
    yield f"{group} type {'ibgp' if session.local_asn == session.peer_asn else 'ebgp'}"
    yield f"{peer} enable yes"
    yield f"{peer} peer-as {session.peer_asn}"
    yield f"{peer} local-address interface tunnel.{document.number} ip {session.local_ip}/30"
    yield f"{peer} peer-address ip {session.peer_ip}"
    yield f"{peer} max-prefixes {MOST_PREFIXES}"
    if session.key:
        yield f'{bgp} auth-profile {name} secret "{session.key}"'
        yield f"{peer} connection-options authentication {name}"
    for network in document.announced:
        yield f"{bgp} redist-rules {network} enable yes"


def render(document: Document) -> dict[str, str]:
    statements = [*crypto(document), *gateway(document), *tunnel(document), *policies(document), *routes(document)]
    if document.bgp is not None:
        statements += bgp(document)
    lines = [
        f"# {document.label}: Palo Alto Networks on the data center's side, for configuration mode",
        f"# Written for vsys1, the virtual router default and a zone {ZONE}, which is new unless there is one already.",
        "# The Advanced Routing Engine has logical-router instead of virtual-router, and other lines for BGP.",
        "# Security rules that deny this traffic must come after these. One that denies traffic within the zone of",
        f"# {OUTSIDE} needs one in front of it that lets ike and ipsec through.",
    ]
    if document.routed_networks:
        lines.append(f"# {BLACK_HOLE} the routes with discard see to it.")
    lines += (f"set {statement}" for statement in statements)
    if document.is_route_based and not document.routed_networks:
        lines += missing_routes(document)
    lines.append("commit")
    return {f"{document.key}.paloalto.txt": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    yield from key_notes(document, forbidden="\\?", bgp_longest=63, encrypted=("-AQ==",))
    yield from lifetime_notes(document, ike=(180, 86400), ipsec=(180, 86400))
    if not all(lifetime(seconds) for seconds in (document.ike.lifetime, document.ipsec.lifetime)):
        text = _("This device takes lifetimes beyond {maximum} seconds in whole minutes only.")
        yield Note("whole_minutes", text.filled(maximum=MOST_SECONDS), True)
    yield from pair_notes(document)
    if document.bgp is not None and max(document.bgp.local_asn, document.bgp.peer_asn) > LARGEST_SHORT_ASN:
        yield Note(
            "as_format", _("AS numbers beyond 65535 switch this device's virtual router to the AS format 4 Byte.")
        )
    if document.bgp is not None:
        yield Note("unfiltered", _("Whatever the cloud announces is learned: add an import rule if that is too much."))
    yield from session_notes(document, is_filtered=False)
    yield from weak_notes(document)
    yield from zone_notes(document)


DIALECT = Dialect(
    key="paloalto",
    title="Palo Alto Networks",
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
    render=render,
    limits=limits,
)
