"""What the formats for Linux share: comments about interfaces, routes, forwarding and the firewall around the tunnel.

Tables and chains of nftables are those of a usual ruleset; the reader's may have other names.
"""

from collections.abc import Iterable, Iterator

from connections.peer_config.dialect import CLOUD_NETWORK, TUNNEL_MSS, TUNNEL_MTU
from connections.peer_config.document import Document


def interface_comments(document: Document, device: str) -> Iterator[str]:
    """Commands that make a tunnel interface ready and lead traffic into it."""
    if document.bgp is not None:
        yield f"#   ip addr add {document.bgp.local_ip}/30 dev {device}"
    yield f"#   ip link set {device} up mtu {TUNNEL_MTU}"
    if document.is_second and document.bgp is None:
        hops = " ".join(f"nexthop dev {device.rstrip('0123456789')}{number}" for number in document.numbers)
        yield f"#   ip route replace {CLOUD_NETWORK} {hops}"
    elif document.bgp is None:
        yield f"#   ip route add {CLOUD_NETWORK} dev {device}"
    if document.health_check is not None:
        yield f"#   ip route add {document.health_check.source}/32 dev {device}"


def site_comments(document: Document) -> Iterator[str]:
    """Commands for a device that forwards for its network: forwarding, segment size, no translation, nothing in clear.

    With an interface nothing leaves in clear, and its MTU tells the segment size. Without one, the networks do.
    """
    yield "# For a device that forwards for other hosts (nftables: with the names of its own tables and chains):"
    yield "#   sysctl -w net.ipv4.ip_forward=1"
    if document.is_route_based:
        yield from _rules(["add rule inet filter forward tcp flags syn tcp option maxseg size set rt mtu"])
        return
    own, cloud = (f"{{ {', '.join(networks)} }}" for networks in (document.local_networks, document.remote_networks))
    clamp = f"tcp flags syn tcp option maxseg size set {TUNNEL_MSS}"
    yield from _rules(
        [
            f"insert rule ip nat postrouting ip saddr {own} ip daddr {cloud} accept",
            f"add rule inet filter forward ip daddr {cloud} {clamp}",
            f"add rule inet filter forward ip saddr {cloud} {clamp}",
        ]
    )
    yield "# While the daemon runs, nothing leaves in clear. This keeps it so while the daemon is stopped:"
    yield from _rules([f"add rule inet filter forward ip daddr {cloud} rt ipsec missing drop"])


def _rules(rules: Iterable[str]) -> Iterator[str]:
    for rule in rules:
        yield f"#   nft '{rule}'"
