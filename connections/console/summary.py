"""How many connections of a region are in which state, above their list. A click filters by it."""

from collections import Counter
from dataclasses import dataclass

from django.db import connection as database

from connections import clock
from connections.console import paging
from connections.domain.choices import ConnectionState, NegotiationStatus

# What is on the move is few, and found by the moment up to which it is: a connection by its own, or by that of its
# attachment, which is looked at first. What is at rest is counted in an index, together with what moves among it.
_COUNTS = """
WITH moving (state, is_bound) AS (
    SELECT transition, is_bound FROM connections_connection
    WHERE account_id = %(account)s AND region_id = %(region)s
        AND transition_ends > %(now)s AND transition_ends <= %(furthest)s
    UNION ALL
    SELECT a.transition, c.is_bound FROM connections_attachment AS a CROSS JOIN connections_connection AS c
    WHERE a.transition_ends > %(now)s AND a.transition_ends <= %(furthest)s
        AND c.id = a.connection_id AND c.account_id = %(account)s AND c.region_id = %(region)s
        AND (c.transition_ends IS NULL OR c.transition_ends <= %(now)s OR c.transition_ends > %(furthest)s)
), statuses (status) AS (VALUES (%(IKE_DOWN)s), (%(IKE_UP)s), (%(IPSEC_DOWN)s), (%(IPSEC_UP)s))
SELECT state, is_bound, count(*) FROM moving GROUP BY state, is_bound
UNION ALL SELECT '', FALSE, (SELECT count(*) FROM (
    SELECT 1 FROM connections_connection WHERE account_id = %(account)s AND region_id = %(region)s
    AND is_bound = FALSE LIMIT %(most)s + (SELECT count(*) FROM moving WHERE is_bound = FALSE)) AS unbound)
UNION ALL SELECT '', TRUE, (SELECT count(*) FROM (
    SELECT 1 FROM connections_connection WHERE account_id = %(account)s AND region_id = %(region)s
    AND is_bound = TRUE LIMIT %(most)s + (SELECT count(*) FROM moving WHERE is_bound = TRUE)) AS bound)
UNION ALL SELECT status, FALSE, (SELECT count(*) FROM (
    SELECT DISTINCT connection_id FROM connections_tunnel WHERE account_id = %(account)s AND region_id = %(region)s
    AND negotiation_status = status LIMIT %(most)s) AS of_status) FROM statuses
"""


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

    Counted up to a bound, as the list itself, by indexes, whatever the account has.
    """

    def figure(name, state, count):
        return Figure(name, state, count, params.get(name) == state)

    found: Counter[str] = Counter()
    for state, is_bound, number in _counts(account, region_id):
        if state in NegotiationStatus:
            found[state] = number
            continue
        at_rest = ConnectionState.ATTACHED if is_bound else ConnectionState.INIT
        if state:
            found[ConnectionState(state.lower())] += number
        found[at_rest] += -number if state else number
    states = [figure("state", state, found[state]) for state in ConnectionState if found[state]]
    statuses = [figure("status", status, found[status]) for status in NegotiationStatus if found[status]]
    return [states, statuses]


def _counts(account, region_id: str) -> list[tuple[str, bool, int]]:
    """How many are in which state that ends, apart by `is_bound`; without a state: all that are bound, or are not.

    Also, how many have which negotiation status.
    """
    words = {"account": account.pk, "region": region_id, "most": paging.COUNTED + 1}
    words |= {status.name: status.value for status in NegotiationStatus}
    moments = {"now": clock.now(), "furthest": clock.furthest_end()}
    words |= {name: database.ops.adapt_datetimefield_value(moment) for name, moment in moments.items()}
    with database.cursor() as cursor:
        cursor.execute(_COUNTS, words)
        return cursor.fetchall()
