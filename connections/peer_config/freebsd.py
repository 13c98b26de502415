"""What the firewalls on FreeBSD share, pfSense and OPNsense: steps in their forms, limits of their kernel.

FreeBSD 13 and newer have neither DES, 3DES nor HMAC-MD5 for IPsec. A trap policy holds packets back while there is no
tunnel; for interfaces a rule blocks them.
"""

from collections.abc import Iterator

from connections.domain.choices import AuthenticationAlgorithm, EncryptionAlgorithm, IkeVersion
from connections.messages import message as _
from connections.peer_config import frr, swanctl
from connections.peer_config.dialect import (
    CLOUD_NETWORK,
    OUTSIDE,
    PLACEHOLDER,
    SITE_NETWORK,
    Note,
    key_notes,
    lifetime_notes,
    pair_notes,
    session_notes,
    weak_notes,
    zone_notes,
)
from connections.peer_config.document import ANYWHERE, Document
from connections.peer_config.steps import Step, listed

NO_ENCRYPTION: dict[EncryptionAlgorithm, str | None] = {
    EncryptionAlgorithm.DES: None,
    EncryptionAlgorithm.TRIPLE_DES: None,
}
NO_AUTHENTICATION: dict[AuthenticationAlgorithm, str | None] = {AuthenticationAlgorithm.MD5: None}

# Addresses in the tunnel where BGP has none: any two that the site does not use.
TUNNEL_ADDRESS, CLOUD_TUNNEL_ADDRESS = f"{PLACEHOLDER}TUNNEL-ADDRESS", f"{PLACEHOLDER}CLOUD-TUNNEL-ADDRESS"

# The shortest lifetime that leaves time for a renewal after nine tenths of it.
SHORTEST = 30


def tunnel_addresses(document: Document) -> tuple[str, str]:
    """The addresses of this side and of the cloud in the tunnel."""
    if document.bgp is None:
        return TUNNEL_ADDRESS, CLOUD_TUNNEL_ADDRESS
    return document.bgp.local_ip, document.bgp.peer_ip


def site(document: Document) -> str:
    networks = document.announced if document.is_route_based else document.local_networks
    return listed(networks) or SITE_NETWORK


def cloud(document: Document) -> str:
    return listed(document.remote_networks) or CLOUD_NETWORK


def routed(document: Document) -> str:
    """The networks that static routes lead into the tunnel; none with BGP, apart from the health check's."""
    networks = [] if document.bgp is not None else list(document.routed_networks) or [CLOUD_NETWORK]
    if document.health_check is not None:
        networks.append(f"{document.health_check.source}/32")
    return listed(networks)


def rules(document: Document, tab: str) -> Iterator[Step]:
    """Rules for the traffic in the tunnel, the size of its segments, and for what must not leave in clear."""
    ours, theirs = site(document), cloud(document)
    yield Step(f"Firewall, Rules, {tab}: Add", {"Action": "Pass", "Protocol": "any", "Source": theirs,
                                                "Destination": ours})  # fmt: skip
    if document.bgp is not None:
        fields = {"Action": "Pass", "Protocol": "any", "Source": document.bgp.cidr, "Destination": document.bgp.cidr}
        yield Step(f"Firewall, Rules, {tab}: Add, for the BGP session", fields)
    inner = {"Action": "Pass", "Protocol": "any", "Source": ours, "Destination": theirs}
    yield Step("Firewall, Rules, the tab of the inner interface: Add, if no rule there passes it yet", inner)
    if document.routed_networks or document.is_route_based:
        yield Step(
            "Firewall, Rules, Floating: Add. While the tunnel is down, nothing for the cloud leaves in clear.",
            {
                "Action": "Block",
                "Quick": "yes",
                "Interface": OUTSIDE,
                "Direction": "out",
                "Protocol": "any",
                "Source": "any",
                "Destination": listed(document.routed_networks) or CLOUD_NETWORK,
            },
        )


def prefix_lists(document: Document) -> Iterator[tuple[str, int, str, str, str]]:
    """Name, number, action, network and longest prefix (or blank) of each entry of both lists."""
    none = [f"deny {ANYWHERE} le {frr.LARGEST_PREFIX}"]
    policies = {
        "in": list(frr.accepted(document)),
        "out": [f"permit {network}" for network in document.announced] or none,
    }
    for direction, entries in policies.items():
        for number, entry in enumerate(entries, start=1):
            action, network, *longest = entry.split()
            yield f"{document.key}-{direction}", number * 10, action, network, longest[1] if longest else ""


def limits(document: Document, *, only_in_table: bool) -> Iterator[Note]:
    # The signature of a session is set with a command that quotes its key.
    yield from key_notes(document, forbidden="", bgp_forbidden='"\\')
    yield from lifetime_notes(document, ike=(SHORTEST, 86400), ipsec=(SHORTEST, 86400))
    if document.ike.version == IkeVersion.IKEV1:
        yield from pair_notes(document)
    yield from swanctl.traversal_notes(document)
    yield from session_notes(document, only_in_table=only_in_table)
    yield from weak_notes(document)
    yield from zone_notes(document)
    if document.is_route_based and document.bgp is None:
        text = _(
            "{addresses} are any two addresses of one /30 that the site does not use; the cloud need not know them."
        )
        yield Note("tunnel_addresses", text.filled(addresses=f"{TUNNEL_ADDRESS}, {CLOUD_TUNNEL_ADDRESS}"))
