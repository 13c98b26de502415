"""pfSense, as steps in its web form. Its daemon is strongSwan, and it stores keys in base64, so all keys are safe.

With IKEv2 it merges the networks of all entries of phase 2 into one SA unless connections are split; with IKEv1 each
entry has its own. For a tunnel interface it proposes the addresses in the tunnel in front of 0.0.0.0/0.
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
from connections.peer_config import freebsd, swanctl
from connections.peer_config.dialect import (
    MOST_PREFIXES,
    OUTSIDE,
    STEPS,
    TUNNEL_MSS,
    TUNNEL_MTU,
    Dialect,
    Note,
    first_packet_notes,
    kind_of,
)
from connections.peer_config.document import Document
from connections.peer_config.steps import Step, listed, numbered

VERSION = {IkeVersion.IKEV1: "IKEv1", IkeVersion.IKEV2: "IKEv2"}
MODE = {IkeMode.MAIN: "Main", IkeMode.AGGRESSIVE: "Aggressive"}
ENCRYPTION = {
    EncryptionAlgorithm.AES: "AES, 128 bits",
    EncryptionAlgorithm.AES192: "AES, 192 bits",
    EncryptionAlgorithm.AES256: "AES, 256 bits",
} | freebsd.NO_ENCRYPTION
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "SHA1",
    **freebsd.NO_AUTHENTICATION,
    AuthenticationAlgorithm.SHA256: "SHA256",
    AuthenticationAlgorithm.SHA384: "SHA384",
    AuthenticationAlgorithm.SHA512: "SHA512",
}
GROUP = {
    DhGroup.GROUP1: "1 (768 bit)",
    DhGroup.GROUP2: "2 (1024 bit)",
    DhGroup.GROUP5: "5 (1536 bit)",
    DhGroup.GROUP14: "14 (2048 bit)",
}
PFS = {PfsGroup.DISABLED: "off"} | {PfsGroup(group.value): word for group, word in GROUP.items()}
IDENTITY = {
    "address": "IP address",
    "name": "Fully qualified domain name",
    "email": "User fully qualified domain name",
}
MAX_FAILURES = 3


def identity(text: str) -> str:
    return f"{IDENTITY[kind_of(text)]}, {text}"


def phase_1(document: Document) -> Step:
    ike, version_2 = document.ike, document.ike.version == IkeVersion.IKEV2
    renewal = swanctl.renewal(ike.lifetime)
    fields: dict[str, object] = {
        "Description": document.key,
        "Key Exchange version": VERSION[ike.version],
        "Internet Protocol": "IPv4",
        "Interface": OUTSIDE,
        "Remote Gateway": document.remote_ip,
        "Authentication Method": "Mutual PSK",
        **({} if version_2 else {"Negotiation mode": MODE[ike.mode]}),
        "My identifier": identity(document.local_id),
        "Peer identifier": identity(document.remote_id),
        "Pre-Shared Key": document.psk,
        "Encryption Algorithm": ENCRYPTION[ike.encryption],
        "Hash Algorithm": AUTHENTICATION[ike.authentication],
        "DH Group": GROUP[ike.group],
        "Life Time": ike.lifetime,
        **({"Rekey Time": renewal, "Reauth Time": 0} if version_2 else {"Reauth Time": renewal}),
        "Rand Time": 0,
        "Child SA Start Action": (
            "Initiate at start (VTI or Tunnel Mode)"
            if document.is_route_based
            else "Initiate on demand (Tunnel mode only)"
        ),
        "Child SA Close Action": (
            "Restart/Reconnect" if document.is_route_based else "Close connection and reconnect on demand"
        ),
        "NAT Traversal": "Auto",
        **({"MOBIKE": "Disable", "Split connections": "off"} if version_2 else {}),
        "Dead Peer Detection": "Enable DPD" if document.dpd else "off",
        **({"Delay": swanctl.DPD_DELAY, "Max failures": MAX_FAILURES} if document.dpd else {}),
    }
    return Step("VPN, IPsec, Tunnels: Add P1", fields)


def phase_2(document: Document) -> Iterator[Step]:
    ipsec = document.ipsec
    proposal = {
        "Protocol": "ESP",
        "Encryption Algorithms": f"{ENCRYPTION[ipsec.encryption]}; no other",
        "Hash Algorithms": f"{AUTHENTICATION[ipsec.authentication]}; no other",
        "PFS key group": PFS[ipsec.pfs],
        "Life Time": ipsec.lifetime,
        "Rekey Time": swanctl.renewal(ipsec.lifetime),
    }
    title = "There: Show Phase 2 Entries, Add P2"
    if document.is_route_based:
        ours, theirs = freebsd.tunnel_addresses(document)
        networks = {"Local Network": f"Network, {ours}/30", "Remote Network": f"Address, {theirs}"}
        yield Step(title, {"Mode": "Routed (VTI)", **networks, **proposal})
        return
    for local, remote in document.pairs:
        networks = {
            "Local Network": f"Network, {local}",
            "Remote Network": f"Network, {remote}",
        }
        yield Step(title, {"Mode": "Tunnel IPv4", **networks, **proposal})


def interface(document: Document) -> Iterator[Step]:
    yield Step(
        "Interfaces, Assignments: Add the new port ipsec with a number; then the page of the new interface. From MSS "
        f"the device takes 40 for the headers, which leaves {TUNNEL_MSS}.",
        {"Enable": "yes", "MTU": TUNNEL_MTU, "MSS": TUNNEL_MSS + 40},
    )
    if networks := freebsd.routed(document):
        yield Step(
            "System, Routing, Static Routes: Add, for each network",
            {"Destination network": networks, "Gateway": "the one that came with the new interface"},
        )


def bgp(document: Document) -> Iterator[Step]:
    session, name = document.session, document.key
    yield Step(
        "System, Package Manager: install frr; then Services, FRR, Global Settings",
        {"Enable": "yes", "Default Router ID": session.router_id},
    )
    for policy, number, action, network, longest in freebsd.prefix_lists(document):
        fields = {
            "IP Type": "IPv4",
            "Name": policy,
            "Sequence": number,
            "Action": action.capitalize(),
            "Network": network,
            **({"Maximum Prefix": longest} if longest else {}),
        }
        yield Step("Services, FRR, Global Settings, Prefix Lists: Add the list, or the entry to it", fields)
    yield Step(
        "Services, FRR, BGP",
        {
            "Enable": "yes",
            "Local AS": session.local_asn,
            "Router ID": session.router_id,
            **({"Networks to Distribute": listed(document.announced)} if document.announced else {}),
        },
    )
    key = {"Password": session.key, "Password Type": "FRR and setkey Bidirectional"} if session.key else {}
    yield Step(
        "Services, FRR, BGP, Neighbors: Add",
        {
            "Name/Address": session.peer_ip,
            **key,
            "Remote AS": session.peer_asn,
            "Update Source": f"IPv4, the new interface with {session.local_ip}",
            "Prefix List Filter, inbound": f"{name}-in",
            "Prefix List Filter, outbound": f"{name}-out",
            "Maximum Prefix": MOST_PREFIXES,
        },
    )


def by_hand(document: Document) -> Iterator[Step]:
    yield phase_1(document)
    yield from phase_2(document)
    if document.is_route_based:
        yield from interface(document)
    else:
        yield Step("VPN, IPsec, Advanced Settings, for all tunnels: Enable Maximum MSS", {"Maximum MSS": TUNNEL_MSS})
    yield from freebsd.rules(document, "IPsec")
    if document.bgp is not None:
        yield from bgp(document)
    yield Step("Save each page, and Apply Changes wherever the device offers it.", {})


def render(document: Document) -> dict[str, str]:
    lines = [
        f"pfSense on the data center's side, step by step in its web form: {document.label}",
        *numbered(by_hand(document)),
    ]
    return {f"{document.key}.pfsense{STEPS}": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    yield from freebsd.limits(document, only_in_table=True)
    yield from first_packet_notes(document)
    if document.is_route_based and document.ike.version == IkeVersion.IKEV1:
        yield Note(
            "ikev1_tunnel",
            _("With ikev1 this device may propose the network of the tunnel instead of 0.0.0.0/0. Choose ikev2."),
        )


DIALECT = Dialect(
    key="pfsense",
    title="pfSense",
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
