"""How many connections of a region are in which state, above their list. A click filters by it."""

from collections import Counter
from dataclasses import dataclass

from connections.choices import AT_REST, ConnectionState, NegotiationStatus
from connections.console import paging
from connections.models import Connection


@dataclass(frozen=True)
class Figure:
    """How many there are of one state or status. `filter` and `state` are the list's filter and its value."""

    filter: str
    state: ConnectionState | NegotiationStatus
    number: int
    is_current: bool

    @property
    def count(self) -> int:
        return min(self.number, paging.COUNTED)

    @property
    def is_capped(self) -> bool:
        """Whether there are more than are counted."""
        return self.number > paging.COUNTED


def of_connections(account, region_id: str, params) -> list[list[Figure]]:
    """What occurs, by state and by negotiation status; `params` say what the list is filtered by.

    Counted up to a bound, as the list itself: three queries by indexes, whatever the account has.
    """

    def figure(name, state, count):
        return Figure(name, state, count, params.get(name) == state)

    mine = Connection.objects.of(account).filter(region_id=region_id).order_by()
    moving = mine.moving()
    found = Counter()
    for state, _, number in moving:
        found[state] += number
    for state in AT_REST:
        bound = state == ConnectionState.ATTACHED
        others = sum(number for _, is_bound, number in moving if is_bound == bound)
        found[state] = mine.kept_as(bound=bound)[: paging.COUNTED + 1 + others].count() - others
    states = [figure("state", state, found[state]) for state in ConnectionState if found[state]]
    # No peer answers here, so that all of them have come equally far; see `Tunnel.status`.
    total = found.total()
    statuses = [figure("status", NegotiationStatus.IKE_DOWN, total)] if total else []
    return [states, statuses]
