"""Juniper SRX as set commands, one secure tunnel interface per connection; traffic selectors where flows are protected.

Within double quotes a backslash begins an escape, so keys must not contain one. Nor may they contain a question mark,
which gives help on a terminal, though not in `load set terminal`. Encrypted keys begin with $.
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
    OUTER_ZONE,
    OUTSIDE,
    SEGMENTS,
    TUNNEL_MSS,
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

VERSION = {IkeVersion.IKEV1: "version v1-only", IkeVersion.IKEV2: "version v2-only"}
MODE = {IkeMode.MAIN: "mode main", IkeMode.AGGRESSIVE: "mode aggressive"}
ENCRYPTION = {
    EncryptionAlgorithm.AES: "encryption-algorithm aes-128-cbc",
    EncryptionAlgorithm.AES192: "encryption-algorithm aes-192-cbc",
    EncryptionAlgorithm.AES256: "encryption-algorithm aes-256-cbc",
    EncryptionAlgorithm.DES: "encryption-algorithm des-cbc",
    EncryptionAlgorithm.TRIPLE_DES: "encryption-algorithm 3des-cbc",
}
IKE_AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "authentication-algorithm sha1",
    AuthenticationAlgorithm.MD5: "authentication-algorithm md5",
    AuthenticationAlgorithm.SHA256: "authentication-algorithm sha-256",
    AuthenticationAlgorithm.SHA384: "authentication-algorithm sha-384",
    AuthenticationAlgorithm.SHA512: "authentication-algorithm sha-512",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "authentication-algorithm hmac-sha1-96",
    AuthenticationAlgorithm.MD5: "authentication-algorithm hmac-md5-96",
    AuthenticationAlgorithm.SHA256: "authentication-algorithm hmac-sha-256-128",
    AuthenticationAlgorithm.SHA384: "authentication-algorithm hmac-sha-384",
    AuthenticationAlgorithm.SHA512: "authentication-algorithm hmac-sha-512",
}
GROUP = {
    DhGroup.GROUP1: "dh-group group1",
    DhGroup.GROUP2: "dh-group group2",
    DhGroup.GROUP5: "dh-group group5",
    DhGroup.GROUP14: "dh-group group14",
}
PFS = {
    PfsGroup.DISABLED: "",
    PfsGroup.GROUP1: "perfect-forward-secrecy keys group1",
    PfsGroup.GROUP2: "perfect-forward-secrecy keys group2",
    PfsGroup.GROUP5: "perfect-forward-secrecy keys group5",
    PfsGroup.GROUP14: "perfect-forward-secrecy keys group14",
}
IDENTITY = {"address": "inet", "name": "hostname", "email": "user-at-hostname"}
ZONE = "vpn"


def identity(text: str) -> str:
    kind = kind_of(text)
    # The command line would split a mail address at its @.
    return f'{IDENTITY[kind]} "{text}"' if kind == "email" else f"{IDENTITY[kind]} {text}"


def phase_1(document: Document) -> Iterator[str]:
    name, ike = document.key, document.ike
    proposal, policy, gateway = (f"security ike {what} {name}" for what in ("proposal", "policy", "gateway"))
    yield f"{proposal} authentication-method pre-shared-keys"
    yield f"{proposal} {GROUP[ike.group]}"
    yield f"{proposal} {IKE_AUTHENTICATION[ike.authentication]}"
    yield f"{proposal} {ENCRYPTION[ike.encryption]}"
    yield f"{proposal} lifetime-seconds {ike.lifetime}"
    if ike.version == IkeVersion.IKEV1:
        yield f"{policy} {MODE[ike.mode]}"
    yield f"{policy} proposals {name}"
    yield f'{policy} pre-shared-key ascii-text "{document.psk}"'
    yield f"{gateway} ike-policy {name}"
    yield f"{gateway} address {document.remote_ip}"
    if document.dpd:
        yield f"{gateway} dead-peer-detection always-send"
        yield f"{gateway} dead-peer-detection interval 10"
        yield f"{gateway} dead-peer-detection threshold 3"
    if not document.nat_traversal:
        yield f"{gateway} no-nat-traversal"
    yield f"{gateway} local-identity {identity(document.local_id)}"
    yield f"{gateway} remote-identity {identity(document.remote_id)}"
    yield f"{gateway} external-interface {OUTSIDE}"
    yield f"{gateway} {VERSION[ike.version]}"


def phase_2(document: Document) -> Iterator[str]:
    name, ipsec = document.key, document.ipsec
    proposal, policy, vpn = (f"security ipsec {what} {name}" for what in ("proposal", "policy", "vpn"))
    yield f"{proposal} protocol esp"
    yield f"{proposal} {AUTHENTICATION[ipsec.authentication]}"
    yield f"{proposal} {ENCRYPTION[ipsec.encryption]}"
    yield f"{proposal} lifetime-seconds {ipsec.lifetime}"
    if ipsec.pfs != PfsGroup.DISABLED:
        yield f"{policy} {PFS[ipsec.pfs]}"
    yield f"{policy} proposals {name}"
    yield f"{vpn} bind-interface st0.{document.number}"
    yield f"{vpn} ike gateway {name}"
    yield f"{vpn} ike ipsec-policy {name}"
    if not document.is_route_based:
        for number, (local, remote) in enumerate(document.pairs, start=1):
            yield f"{vpn} traffic-selector net-{number} local-ip {local} remote-ip {remote}"
    yield f"{vpn} establish-tunnels immediately"


def interface(document: Document) -> Iterator[str]:
    unit = f"interfaces st0 unit {document.number} family inet"
    yield f"{unit} mtu {TUNNEL_MTU}"
    zone = f"security zones security-zone {ZONE} interfaces st0.{document.number}"
    yield zone
    if document.bgp is not None:
        yield f"{unit} address {document.bgp.local_ip}/30"
        yield f"{zone} host-inbound-traffic protocols bgp"
    if document.health_check is not None:
        yield f"routing-options static route {document.health_check.source}/32 next-hop st0.{document.number}"
    for network in document.routed_networks:
        yield f"routing-options static route {network} discard"
        yield f"routing-options static route {network} preference 254"
    yield f"security flow tcp-mss ipsec-vpn mss {TUNNEL_MSS}"


def policies(document: Document) -> Iterator[str]:
    """IKE from the cloud, and traffic between the zones of the tunnel and of the site in both directions."""
    yield f"security zones security-zone {OUTER_ZONE} host-inbound-traffic system-services ike"
    for way, origin, target in (("out", INNER_ZONE, ZONE), ("in", ZONE, INNER_ZONE)):
        policy = f"security policies from-zone {origin} to-zone {target} policy {document.key}-{way}"
        yield f"{policy} match source-address any destination-address any application any"
        yield f"{policy} then permit"


def bgp(document: Document) -> Iterator[str]:
    session, name = document.session, document.key
    accept, announce = f"policy-options policy-statement {name}-in", f"policy-options policy-statement {name}-out"
    if document.learnable_networks:
        for network in document.learnable_networks:
            yield f"{accept} term cloud from route-filter {network} orlonger"
    else:
        yield f"{accept} term default from route-filter 0.0.0.0/0 exact"
        yield f"{accept} term default then reject"
        yield f"{accept} term cloud from protocol bgp"
    yield f"{accept} term cloud then accept"
    yield f"{accept} term rest then reject"
    for network in document.announced:
        yield f"{announce} term own from route-filter {network} exact"
    if document.announced:
        yield f"{announce} term own then accept"
    yield f"{announce} term rest then reject"
    group = f"protocols bgp group {name}"
    internal = session.local_asn == session.peer_asn
    yield f"{group} type {'internal' if internal else 'external'}"
    yield f"{group} local-address {session.local_ip}"
    yield f"{group} local-as {session.local_asn}"
    if not internal:
        yield f"{group} peer-as {session.peer_asn}"
    if session.key:
        yield f'{group} authentication-key "{session.key}"'
    yield f"{group} family inet unicast prefix-limit maximum {MOST_PREFIXES}"
    # Without this, the device only logs.
    yield f"{group} family inet unicast prefix-limit teardown"
    yield f"{group} import {name}-in"
    yield f"{group} export {name}-out"
    yield f"{group} neighbor {session.peer_ip}"
    if document.is_multipath:
        # The sessions are in groups of their own.
        yield "protocols bgp multipath"
        yield f"policy-options policy-statement {document.connection_id}-balance then load-balance per-packet"
        yield f"routing-options forwarding-table export {document.connection_id}-balance"


def render(document: Document) -> dict[str, str]:
    statements = [*phase_1(document), *phase_2(document), *interface(document), *policies(document)]
    if document.bgp is not None:
        statements += bgp(document)
    lines = [
        f"# {document.label}: Juniper SRX on the data center's side, for load set terminal",
        f"# {OUTSIDE} is a unit, such as ge-0/0/0.0, and {OUTER_ZONE} its zone, often untrust.",
        "# If the unit has host-inbound-traffic of its own in that zone, add ike there: it replaces the zone's.",
        f"# {ZONE} is a zone for tunnels, new unless there is one already.",
        f"# {SEGMENTS}, in all tunnels: the line with tcp-mss. If there is a smaller value already, keep that.",
    ]
    if document.routed_networks:
        lines.append(f"# {BLACK_HOLE} the lines with discard see to it.")
    lines += (f"set {statement}" for statement in statements)
    if document.is_route_based and not document.routed_networks:
        route = f"set routing-options static route {CLOUD_NETWORK}"
        lines.append(f"# {EACH_NETWORK}")
        if document.bgp is None:
            lines.append(f"#  {route} next-hop st0.{document.number}")
            lines.append(f"# {BLACK_HOLE} deny them from {INNER_ZONE} to {OUTER_ZONE}.")
        else:
            lines += (f"# {BLACK_HOLE}", f"#  {route} discard", f"#  {route} preference 254")
    lines.append("# Then: commit check, and commit.")
    return {f"{document.key}.juniper.txt": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    yield from key_notes(document, forbidden="\\?", encrypted=("$",))
    yield from lifetime_notes(document, ike=(180, 86400), ipsec=(180, 86400))
    yield from pair_notes(document)
    old = [AuthenticationAlgorithm.SHA512] if document.ike.authentication == AuthenticationAlgorithm.SHA512 else []
    if document.ipsec.authentication in (AuthenticationAlgorithm.SHA384, AuthenticationAlgorithm.SHA512):
        old.append(document.ipsec.authentication)
    if old:
        text = _("Releases before {release} have no {option} here: check yours, or choose sha256.")
        options = ", ".join(dict.fromkeys(option.label for option in old))
        yield Note("old_release", text.filled(release="23.2R1", option=options))
    yield from session_notes(document, only_in_table=True)
    yield from weak_notes(document)
    yield from zone_notes(document)


DIALECT = Dialect(
    key="juniper",
    title="Juniper SRX",
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
