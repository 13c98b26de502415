"""The numbers of connections by state, above their list. A click filters by the state."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import connection as database
from django.http import QueryDict

from connections import clock
from connections.console import paging
from connections.domain.choices import ConnectionState, NegotiationStatus
from connections.domain.regions import regions_of
from connections.models import Account
from connections.services.negotiations import moving_tunnels

# Few connections are in transition, and an index on the end of the transition finds them: that of the connection, or
# else that of its attachment. All others are counted in an index by is_bound, which includes those in transition. So do
# the counts of negotiation statuses include the few connections whose tunnels move, which indexes find as well.
_COUNTS = """
WITH moving (state, is_bound) AS (
    SELECT transition, is_bound FROM connections_connection
    WHERE account_id = %(account)s AND region_id IN ({regions})
        AND transition_ends > %(now)s AND transition_ends <= %(furthest)s
    UNION ALL
    SELECT a.transition, c.is_bound FROM connections_attachment AS a CROSS JOIN connections_connection AS c
    WHERE a.transition_ends > %(now)s AND a.transition_ends <= %(furthest)s
        AND c.id = a.connection_id AND c.account_id = %(account)s AND c.region_id IN ({regions})
        AND (c.transition_ends IS NULL OR c.transition_ends <= %(now)s OR c.transition_ends > %(furthest)s)
), restless (connection_id) AS (
    SELECT connection_id FROM connections_tunnel
    WHERE account_id = %(account)s AND region_id IN ({regions}) AND negotiation_settles > %(now)s
    UNION
    SELECT connection_id FROM connections_tunnel
    WHERE account_id = %(account)s AND region_id IN ({regions}) AND negotiation_changes <= %(now)s
), statuses (status) AS (VALUES (%(UNTRIED)s), (%(IKE_DOWN)s), (%(IKE_UP)s), (%(IPSEC_DOWN)s), (%(IPSEC_UP)s)),
regions (region) AS (VALUES {values})
SELECT state, is_bound, count(*) FROM moving GROUP BY state, is_bound
UNION ALL SELECT '', FALSE, (SELECT count(*) FROM (
    SELECT 1 FROM connections_connection WHERE account_id = %(account)s AND region_id IN ({regions})
    AND is_bound = FALSE LIMIT %(most)s + (SELECT count(*) FROM moving WHERE is_bound = FALSE)) AS unbound)
UNION ALL SELECT '', TRUE, (SELECT count(*) FROM (
    SELECT 1 FROM connections_connection WHERE account_id = %(account)s AND region_id IN ({regions})
    AND is_bound = TRUE LIMIT %(most)s + (SELECT count(*) FROM moving WHERE is_bound = TRUE)) AS bound)
UNION ALL SELECT status, FALSE, (SELECT count(*) FROM (
    SELECT DISTINCT connection_id FROM connections_tunnel WHERE account_id = %(account)s AND region_id = region
    AND negotiation_status = status LIMIT %(most)s + (SELECT count(*) FROM restless)) AS of_status)
    FROM statuses CROSS JOIN regions
UNION ALL SELECT %(restless)s, FALSE, (SELECT count(*) FROM restless)
"""
# The name of the row that counts them.
_RESTLESS = "restless"


@dataclass(frozen=True)
class Figure:
    """The number of connections in one state or status. `filter` and `state` are the list's filter and its value."""

    filter: str
    state: ConnectionState | NegotiationStatus
    number: int
    is_current: bool

    @property
    def count(self) -> int:
        return min(self.number, paging.COUNTED)

    @property
    def is_capped(self) -> bool:
        """Whether there are more connections than are counted."""
        return self.number > paging.COUNTED


def of_connections(account: Account, region_id: str, params: QueryDict) -> list[list[Figure]]:
    """The states, and the negotiation statuses, that occur in a region, or in all. `params` are the list's filters.

    Counts up to a bound by indexes, as the list does, so the cost does not grow with the account.
    """

    def figure(name, state, count):
        return Figure(name, state, count, params.get(name) == state)

    numbers: Counter[str] = Counter()
    for state, is_bound, number in _counts(account, region_id):
        if state in (*NegotiationStatus, _RESTLESS):
            numbers[state] += number
            continue
        at_rest = ConnectionState.ATTACHED if is_bound else ConnectionState.INIT
        if state:
            numbers[ConnectionState(state.lower())] += number
        numbers[at_rest] += -number if state else number
    # The index has stored statuses, which do not hold for these. A connection counts once for each status.
    moving = moving_tunnels(account, *regions_of(region_id)) if numbers[_RESTLESS] else []
    numbers.update(status for __, status in {(tunnel.connection_id, tunnel.status) for tunnel in moving})
    numbers.subtract(status for __, status in {(tunnel.connection_id, tunnel.negotiation_status) for tunnel in moving})
    states = [figure("state", state, numbers[state]) for state in ConnectionState if numbers[state]]
    statuses = [figure("status", status, numbers[status]) for status in NegotiationStatus if numbers[status]]
    return [states, statuses]


def _counts(account: Account, region_id: str) -> list[tuple[str, bool, int]]:
    """Numbers by transition and `is_bound`. Rows without a transition count all bound or all unbound connections.

    Further rows count the connections of a region in each negotiation status, and those of which a tunnel moves.
    """
    regions = {f"region{number}": one for number, one in enumerate(regions_of(region_id))}
    names = [f"%({name})s" for name in regions]
    sql = _COUNTS.format(regions=", ".join(names), values=", ".join(f"({name})" for name in names))
    parameters: dict[str, Any] = {"account": account.pk, "most": paging.COUNTED + 1, **regions}
    parameters["restless"] = _RESTLESS
    parameters |= {status.name: status.value for status in NegotiationStatus}
    moments = {"now": clock.now(), "furthest": clock.furthest_end()}
    parameters |= {name: database.ops.adapt_datetimefield_value(moment) for name, moment in moments.items()}
    with database.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
