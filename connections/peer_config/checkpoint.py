"""Check Point (R80 and newer), as steps in SmartConsole and commands of Gaia.

Gateways are known by their addresses. One tunnel for each pair of gateways negotiates 0.0.0.0/0, which a tunnel
interface needs; one for each pair of subnets negotiates the networks of both VPN domains.
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
    CLOUD_NETWORK,
    OUTSIDE,
    PLACEHOLDER,
    SITE_NETWORK,
    STEPS,
    TUNNEL_MTU,
    Dialect,
    Note,
    key_notes,
    lifetime_notes,
    own_address_notes,
    pair_notes,
    session_notes,
    weak_notes,
)
from connections.peer_config.document import ANYWHERE, Document
from connections.peer_config.steps import Step, listed, numbered

TITLE = "Check Point"
VERSION = {IkeVersion.IKEV1: "IKEv1 for IPv4 and IKEv2 for IPv6 only", IkeVersion.IKEV2: "IKEv2 only"}
MODE = {IkeMode.MAIN: "", IkeMode.AGGRESSIVE: "Use aggressive mode"}
ENCRYPTION = {
    EncryptionAlgorithm.AES: "AES-128",
    EncryptionAlgorithm.AES192: None,
    EncryptionAlgorithm.AES256: "AES-256",
    EncryptionAlgorithm.DES: "DES",
    EncryptionAlgorithm.TRIPLE_DES: "3DES",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "SHA1",
    AuthenticationAlgorithm.MD5: "MD5",
    AuthenticationAlgorithm.SHA256: "SHA256",
    AuthenticationAlgorithm.SHA384: "SHA384",
    AuthenticationAlgorithm.SHA512: None,
}
GROUP = {
    DhGroup.GROUP1: "Group 1 (768 bit)",
    DhGroup.GROUP2: "Group 2 (1024 bit)",
    DhGroup.GROUP5: "Group 5 (1536 bit)",
    DhGroup.GROUP14: "Group 14 (2048 bit)",
}
PFS = {PfsGroup.DISABLED: "Use Perfect Forward Secrecy: no"} | {
    PfsGroup(group.value): word for group, word in GROUP.items()
}
GATEWAY = f"{PLACEHOLDER}GATEWAY"
MINUTE = 60


def networks(own: tuple[str, ...], word: str) -> str:
    return listed(own) or word


def site(document: Document) -> str:
    return networks(document.announced if document.is_route_based else document.local_networks, SITE_NETWORK)


def cloud(document: Document) -> str:
    return networks(document.remote_networks, CLOUD_NETWORK)


def device(document: Document) -> str:
    return f"vpnt{tunnel_number(document)}"


def tunnel_number(document: Document) -> int:
    return document.number % 99 + 1


def objects(document: Document) -> Iterator[Step]:
    routed = document.is_route_based
    yield Step(
        "SmartConsole, Objects, More, Network Object, Gateways and Servers: New Interoperable Device",
        {
            "Name": document.key,
            "IPv4 Address": document.remote_ip,
            "Topology, VPN Domain": f"User defined, {'an empty group' if routed else f'a group of {cloud(document)}'}",
        },
    )
    yield Step(
        f"{GATEWAY}, Network Management, VPN Domain"
        + (". It may stay as it is if none of the networks of the tunnel is in it." if routed else ""),
        {"User defined": "an empty group" if routed else f"a group that has {site(document)}"},
    )
    yield Step(
        f"{GATEWAY}, IPsec VPN, VPN Advanced, for all tunnels", {"Support NAT traversal": on(document.nat_traversal)}
    )


def on(switch: bool) -> str:
    return "yes" if switch else "no"


def community(document: Document) -> Step:
    ike, ipsec = document.ike, document.ipsec
    fields: dict[str, object] = {
        "Name": f"{document.key}-community",
        "Gateways, Center Gateways": GATEWAY,
        "Gateways, Satellite Gateways": document.key,
        "Encryption, Encryption Method": VERSION[ike.version],
        "Encryption, Encryption Suite": "Custom",
        "Phase 1, Encryption algorithm": ENCRYPTION[ike.encryption],
        "Phase 1, Data Integrity": AUTHENTICATION[ike.authentication],
        "Phase 1, Diffie-Hellman group": GROUP[ike.group],
        "Phase 2, Encryption algorithm": ENCRYPTION[ipsec.encryption],
        "Phase 2, Data Integrity": AUTHENTICATION[ipsec.authentication],
    }
    if ipsec.pfs == PfsGroup.DISABLED:
        fields["Use Perfect Forward Secrecy"] = "no"
    else:
        fields |= {"Use Perfect Forward Secrecy": "yes", "Phase 2, Diffie-Hellman group": PFS[ipsec.pfs]}
    fields |= {
        "Tunnel Management, Set Permanent Tunnels": "On all tunnels in the community" if document.dpd else "no",
        "Tunnel Management, VPN Tunnel Sharing": (
            "One VPN tunnel per Gateway pair" if document.is_route_based else "One VPN tunnel per subnet pair"
        ),
        f"Shared Secret, {document.key}": document.psk,
        "Advanced, Renegotiate IKE security associations every (minutes)": ike.lifetime // MINUTE,
        "Advanced, Renegotiate IPsec security associations every (seconds)": ipsec.lifetime,
        **({"Advanced, IKE": MODE[ike.mode]} if document.is_aggressive else {}),
        "Advanced, Disable NAT": "yes",
    }
    return Step("SmartConsole, Security Policies, VPN Communities: New Star Community", fields)


def database(document: Document) -> Iterator[Step]:
    if document.dpd:
        yield Step(
            f"GuiDBedit, Table, Network Objects, network_objects: {GATEWAY} and {document.key}",
            {"tunnel_keepalive_method": "dpd"},
        )
    yield Step(
        "GuiDBedit, Table, Global Properties, properties: TCP segments that fit into the tunnel",
        {"fw_clamp_tcp_mss": "true"},
    )


def rules(document: Document) -> Iterator[Step]:
    name, ours, theirs = f"{document.key}-community", site(document), cloud(document)
    title = "SmartConsole, Security Policies, Access Control: Add Rule"
    if document.is_route_based:
        yield Step(
            "SmartConsole, Global Properties, VPN, Advanced", {"Enable VPN Directional Match in VPN Column": "yes"}
        )
        out, back = f"internal_clear to {name}", f"{name} to internal_clear"
    else:
        out = back = name
    yield Step(title, {"Source": ours, "Destination": theirs, "VPN": out, "Services": "Any", "Action": "Accept"})
    yield Step(title, {"Source": theirs, "Destination": ours, "VPN": back, "Services": "Any", "Action": "Accept"})
    if document.bgp is not None:
        tunnel = document.bgp.cidr
        yield Step(
            title, {"Source": tunnel, "Destination": tunnel, "VPN": "Any", "Services": "BGP", "Action": "Accept"}
        )
    if ANYWHERE not in document.remote_networks:
        yield Step(
            f"{title} below. While the tunnel is down, nothing for the cloud leaves in clear.",
            {"Source": "Any", "Destination": theirs, "VPN": "Any", "Services": "Any", "Action": "Drop"},
        )


def interface(document: Document) -> Iterator[str]:
    number, bgp = tunnel_number(document), document.bgp
    if bgp is None:
        yield f"add vpn tunnel {number} type unnumbered peer {document.key} dev {OUTSIDE}"
    else:
        ends = f"local {bgp.local_ip} remote {bgp.peer_ip}"
        yield f"add vpn tunnel {number} type numbered {ends} peer {document.key}"
    yield f"set interface {device(document)} state on"
    yield f"set interface {device(document)} mtu {TUNNEL_MTU}"
    routed = () if bgp is not None else document.routed_networks or (CLOUD_NETWORK,)
    if document.health_check is not None:
        routed = (*routed, f"{document.health_check.source}/32")
    for network in routed:
        yield f"set static-route {network} nexthop gateway logical {device(document)} on"


def route_map(name: str, entries: list[tuple[str, str]]) -> Iterator[str]:
    """A route map from actions and what they match; without a match it is all."""
    for number, (action, match) in enumerate(entries, start=1):
        yield f"set routemap {name} id {number * 10} on"
        if match:
            yield f"set routemap {name} id {number * 10} match {match}"
        yield f"set routemap {name} id {number * 10} {action}"


def bgp(document: Document) -> Iterator[str]:
    session, name = document.session, document.key
    learned = [("allow", f"network {network} all") for network in document.learnable_networks]
    yield from route_map(f"{name}-in", learned or [("restrict", f"network {ANYWHERE} exact"), ("allow", "")])
    announced = [("allow", f"network {network} exact") for network in document.announced]
    yield from route_map(f"{name}-out", announced or [("restrict", "")])
    yield f"set as {session.local_asn}"
    yield f"set router-id {session.router_id}"
    if session.local_asn == session.peer_asn:
        group, peer = "set bgp internal", f"set bgp internal peer {session.peer_ip}"
        first = f"{peer} peer-type none on"
    else:
        group = f"set bgp external remote-as {session.peer_asn}"
        peer = f"{group} peer {session.peer_ip}"
        first = f"{peer} on"
    yield f"{group} on"
    yield first
    if session.key:
        yield f"{peer} authtype md5 secret {session.key}"
    yield f"{group} import-routemap {name}-in preference 1 on"
    yield f"{group} export-routemap {name}-out preference 1 on"


def by_hand(document: Document) -> Iterator[Step]:
    yield from objects(document)
    yield community(document)
    yield from database(document)
    yield from rules(document)
    install = f"SmartConsole: Publish, then Install Policy on {GATEWAY}"
    if not document.is_route_based:
        yield Step(f"{install}.", {})
        return
    yield Step(f"{install}; the interface below needs the objects above.", {})
    commands = [*interface(document), *(bgp(document) if document.bgp is not None else ())]
    yield Step(
        f"{GATEWAY}, by SSH, in clish. If {device(document)} is taken, choose another number.", {}, tuple(commands)
    )
    yield Step(
        f"There: save config. Then in SmartConsole: Get Interfaces of {GATEWAY}, Publish, and Install Policy again.", {}
    )


def render(document: Document) -> dict[str, str]:
    lines = [
        f"{TITLE} on the data center's side, step by step: {document.label}",
        *numbered(by_hand(document)),
    ]
    return {f"{document.key}.checkpoint{STEPS}": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    # The key of a session is part of a command; that of the tunnel is typed into a form.
    yield from key_notes(document, forbidden="", bgp_forbidden="?\\'$`;|&<>!")
    yield from lifetime_notes(document, ike=(MINUTE, 86400), ipsec=(120, 86400))
    if document.ike.lifetime > MINUTE and document.ike.lifetime % MINUTE:
        text = _("This device takes lifetimes beyond {maximum} seconds in whole minutes only.")
        yield Note("whole_minutes", text.filled(maximum=MINUTE), True)
    yield from own_address_notes(document)
    if document.remote_id != document.remote_ip:
        text = _("{cloud} knows gateways by their addresses and nothing else. Leave {name} blank.")
        yield Note("address_LocalId", text.filled(cloud=TITLE, name="LocalId"), True)
    yield from pair_notes(document)
    yield from weak_notes(document)
    yield from session_notes(document, only_in_table=True)
    if document.bgp is not None:
        yield Note("no_prefix_limit", _("This device has no limit for the number of routes that the cloud announces."))


DIALECT = Dialect(
    key="checkpoint",
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
    comment="",
)
