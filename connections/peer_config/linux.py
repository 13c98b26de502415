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
    if document.bgp is None and not document.has_both:
        yield f"#   ip route add {CLOUD_NETWORK} dev {device}"
    if document.health_check is not None:
        yield f"#   ip route add {document.health_check.source}/32 dev {device}"


def hops(document: Document, device: str) -> str:
    """The interfaces of both tunnels as next hops of one route. `device`: the interface of one of them."""
    kind = device.rstrip("0123456789")
    return " ".join(f"nexthop dev {kind}{number}" for number in document.numbers)


def table_comments(document: Document) -> Iterator[str]:
    """Commands that lead traffic to the route over both tunnels, which `tracking` keeps. Without a tunnel it drops it.

    The route has a table of its own, so that the command which keeps it needs no networks of the cloud.
    """
    if document.has_both and document.bgp is None and not document.is_second:
        yield f"#   ip route add blackhole default table {table(document)} metric 4294967295"
        yield f"#   ip rule add to {CLOUD_NETWORK} lookup {table(document)}"


def table(document: Document) -> int:
    """The number of the routing table that leads into both tunnels; those below 256 have other uses."""
    return 10000 + document.numbers[0]


def tracking(document: Document, device: str) -> str:
    """What strongSwan runs as a tunnel comes up or goes down, so that traffic takes the other one, or blank.

    The kernel leaves out the next hop of an interface that is down, but forgets a route without any other next hop.
    BGP notices a lost tunnel itself, and FRR 8.4 does not use an interface again in routes over both that was down.
    """
    if not document.has_both or document.bgp is not None:
        return ""
    route = f"ip route replace default table {table(document)}"
    # The alias names the last IKE SA that came up, since one that it has replaced may go down after it.
    up = f"ip link set {device} up alias $PLUTO_UNIQUEID; {route} {hops(document, device)} || {route} dev {device}"
    down = f"ip link show {device} | grep -q alias.$PLUTO_UNIQUEID$ && ip link set {device} down"
    # strongSwan puts 2>&1 before it, which the shell does not take before case.
    return f"true; case $PLUTO_VERB in up-*) {up};; *) {down};; esac"


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
