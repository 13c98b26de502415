"""Addresses of tunnels: gateway addresses, and free blocks for BGP."""

from collections.abc import Container, Iterable
from functools import cache
from itertools import islice

from connections import ids
from connections.domain import refusals, rules
from connections.domain.choices import NetworkType
from connections.domain.refusals import Refused
from connections.models import Account, Connection, TransitRouter, Tunnel
from connections.services.stored import STORED, Stored

# How many blocks are looked up at once before all blocks in use are read.
FIRST_BLOCKS = 24


def give_public_addresses(connection: Connection, tunnels: Iterable[Tunnel], stored: Stored = STORED) -> None:
    """Give each tunnel of a public connection a random free gateway address. Nothing is saved."""
    if connection.network_type == NetworkType.PUBLIC:
        given: set[str] = set()
        for tunnel in tunnels:
            tunnel.internet_ip = _free_public_address(connection.region_id, stored, given)
            given.add(tunnel.internet_ip)


def _free_public_address(region_id: str, stored: Stored, given: Container[str]) -> str:
    while True:
        address = ids.public_gateway_ip()
        if address not in given and stored.is_free(address, region_id):
            return address


def give_private_addresses(
    connection: Connection, tunnels: Iterable[Tunnel], router: TransitRouter, stored: Stored = STORED
) -> None:
    """Give each tunnel of a private connection the next free address of the transit router's blocks. [P26, P178]

    Nothing is saved. Raises Refused if no address is free.
    """
    if connection.network_type != NetworkType.PRIVATE:
        return
    taken = stored.addresses(router)
    for tunnel in tunnels:
        tunnel.internet_ip = next((host for host in stored.hosts(router) if host not in taken), "")
        if not tunnel.internet_ip:
            raise Refused(refusals.NO_FREE_ADDRESS, what=str(router))
        taken.add(tunnel.internet_ip)


def proposed_tunnel_cidr(account: Account, region_id: str, also: Iterable[str] = ()) -> str:
    """Return the next block that no connection of the account uses in the region and that is not in `also`."""
    first = _first_blocks()
    tunnels = Tunnel.objects.filter(account=account, region_id=region_id).exclude(tunnel_cidr="").order_by()
    blocks = tunnels.values_list("tunnel_cidr", flat=True)
    taken = {*blocks.filter(tunnel_cidr__in=first), *also}
    if block := next((block for block in first if block not in taken), ""):
        return block
    return rules.next_tunnel_cidr([*blocks, *also])


@cache
def _first_blocks() -> tuple[str, ...]:
    return tuple(islice(rules.tunnel_cidrs_to_offer(), FIRST_BLOCKS))
