"""BGP: the tunnel's block, the local address, the customer gateway's AS number."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network
from itertools import chain

from connections.domain.choices import RoutingMode
from connections.domain.parsing import LINK_LOCAL, parse_cidr, parse_ip
from connections.domain.problems import Problem
from connections.domain.rules.addresses import address_problems, cidr_problems
from connections.domain.rules.proposals import judged
from connections.messages import message as _

RESERVED_TUNNEL_CIDRS = tuple(
    IPv4Network(f"169.254.{tail}/30") for tail in ("0.0", "1.0", "2.0", "3.0", "4.0", "5.0", "169.252")
)
# The API's documentation reserves this block too; the product page does not [P75].
DISPUTED_TUNNEL_CIDR = IPv4Network("169.254.6.0/30")
FIRST_PROPOSED_TUNNEL_CIDR = IPv4Network("169.254.10.0/30")


def tunnel_hosts(tunnel_cidr: str) -> list[str]:
    """Return the two hosts of a tunnel's block; nothing if it is no /30."""
    block = parse_cidr(tunnel_cidr)
    return [str(host) for host in block.hosts()] if block and block.prefixlen == 30 else []


def bgp_problems(tunnel_cidr: str, local_bgp_ip: str) -> Iterator[Problem]:
    """The tunnel's block is a free link-local /30 and one of its hosts is ours. [P74, P76]"""

    def again(problem: Problem, fix: str) -> Iterator[Problem]:
        if problem.field == "tunnel_cidr":
            return _tunnel_cidr_problems(fix)
        return chain(_tunnel_cidr_problems(tunnel_cidr), _bgp_ip_problems(fix, tunnel_cidr))

    problems = [*_tunnel_cidr_problems(tunnel_cidr), *_bgp_ip_problems(local_bgp_ip, tunnel_cidr)]
    yield from judged(problems, again)


def _tunnel_cidr_problems(tunnel_cidr: str) -> Iterator[Problem]:
    block = parse_cidr(tunnel_cidr)
    if not tunnel_cidr:
        yield Problem("tunnel_cidr", "missing", _("BGP needs a block for the tunnel, such as 169.254.10.0/30."))
    elif block is None:
        yield from cidr_problems("tunnel_cidr", [tunnel_cidr], example=str(FIRST_PROPOSED_TUNNEL_CIDR), length=30)
    elif block.prefixlen != 30 or not block.subnet_of(LINK_LOCAL):
        yield Problem("tunnel_cidr", "out_of_range", _("The block must be a /30 in {range}.", range=LINK_LOCAL))
    elif block in RESERVED_TUNNEL_CIDRS:
        yield Problem(
            "tunnel_cidr", "reserved", _("The cloud keeps {block} for itself. Choose another block.", block=block)
        )


def _bgp_ip_problems(local_bgp_ip: str, tunnel_cidr: str) -> Iterator[Problem]:
    """Judge the address. It is proposed only in a block that is right."""
    hosts = tunnel_hosts(tunnel_cidr)
    fix = "" if any(_tunnel_cidr_problems(tunnel_cidr)) else hosts[0]
    if not local_bgp_ip:
        yield Problem("local_bgp_ip", "missing", _("BGP needs the address of the tunnel on the cloud side.", fix=fix))
    elif parse_ip(local_bgp_ip) is None:
        yield from address_problems("local_bgp_ip", local_bgp_ip, "169.254.10.1")
    elif hosts and local_bgp_ip not in hosts:
        yield Problem(
            "local_bgp_ip",
            "out_of_block",
            _("The address must be {first} or {second}.", first=hosts[0], second=hosts[1], fix=fix),
        )


def bgp_gateway_problems(gateway: str, has_asn: bool) -> Iterator[Problem]:
    """BGP needs a customer gateway with an AS number [P71]."""
    if not has_asn:
        yield Problem(
            "customer_gateway",
            "no_asn",
            _(
                "BGP needs your data center's AS number, and {gateway} has none. It can't be added later: create a "
                "customer gateway with an ASN and choose it here.",
                gateway=gateway,
            ),
        )


def bgp_warnings(
    tunnel_cidr: str, local_asn: int | None, peer_asn: int | None, routing_mode: str, health_check: bool
) -> Iterator[Problem]:
    """Warn about values that work but are rarely intended [P77, P78]."""
    if parse_cidr(tunnel_cidr) == DISPUTED_TUNNEL_CIDR:
        yield Problem(
            "tunnel_cidr",
            "disputed",
            _("The API refuses {block}. Another block is the safer choice.", block=DISPUTED_TUNNEL_CIDR),
        )
    if local_asn is not None and local_asn == peer_asn:
        yield Problem(
            "local_asn", "same_asn", _("The customer gateway has the same ASN: both sides would speak internal BGP.")
        )
    if routing_mode == RoutingMode.PROTECTED:
        yield Problem("enable_bgp", "protected_with_bgp", _("Destination Routing Mode is recommended with BGP."))
    if health_check:
        yield Problem(
            "health_check",
            "health_check_with_bgp",
            _("BGP detects path failures on its own. We recommend leaving this off."),
        )


def tunnel_cidrs_to_offer() -> Iterator[str]:
    """Iterate over the blocks to offer, in order."""
    excluded = {str(block) for block in (*RESERVED_TUNNEL_CIDRS, DISPUTED_TUNNEL_CIDR)}
    first = int(FIRST_PROPOSED_TUNNEL_CIDR.network_address) - int(LINK_LOCAL.network_address)
    for offset in range(0, LINK_LOCAL.num_addresses, 4):
        address = IPv4Address(int(LINK_LOCAL.network_address) + (first + offset) % LINK_LOCAL.num_addresses)
        if (block := f"{address}/30") not in excluded:
            yield block


def next_tunnel_cidr(taken: Iterable[str]) -> str:
    """Return the next free block to offer, or "" if all are taken."""
    excluded = set(taken)
    return next((block for block in tunnel_cidrs_to_offer() if block not in excluded), "")
