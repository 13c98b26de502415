"""The order in which a picture draws connections, so that each customer gateway stands once, beside all its tunnels."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from connections.models import Connection, CustomerGateway, Tunnel


@dataclass(frozen=True)
class Strand:
    """A connection with its tunnels in the order in which they are drawn."""

    connection: Connection
    tunnels: list[Tunnel]

    @property
    def ends(self) -> tuple[int, ...]:
        """The keys of the tunnels' customer gateways, each once."""
        return tuple(dict.fromkeys(tunnel.customer_gateway_id for tunnel in self.tunnels))

    def toward(self, gateway: int) -> "Strand":
        """The same with the tunnels to this gateway first."""
        return replace(self, tunnels=sorted(self.tunnels, key=lambda tunnel: tunnel.customer_gateway_id != gateway))


def chains(connections: Iterable[Connection]) -> list[list[Strand]]:
    """Group connections of an account: one ends at the gateway at which the next begins.

    Only gateways that tunnels join in a circle, or of which one leads to more than two others, are in it again.
    """
    left, found = [Strand(connection, connection.all_tunnels) for connection in connections], []
    while left:
        joins = Counter(end for strand in left if len(strand.ends) > 1 for end in strand.ends)
        end = min((end for strand in left for end in strand.ends), key=lambda one: joins[one] or 1)
        chain: list[Strand] = []
        while at_end := [strand for strand in left if end in strand.ends]:
            strand = min(at_end, key=lambda one: len(one.ends)).toward(end)
            left = [one for one in left if one.connection != strand.connection]
            chain.append(strand)
            end = strand.ends[-1]
        found.append(chain)
    return found


def gateways(chain: Iterable[Strand]) -> Iterator[tuple[CustomerGateway, list[Tunnel]]]:
    """The customer gateways of a chain in order, each with its tunnels."""
    tunnels = (tunnel for strand in chain for tunnel in strand.tunnels)
    for _key, own in groupby(tunnels, key=lambda tunnel: tunnel.customer_gateway_id):
        group = list(own)
        yield group[0].customer_gateway, group
