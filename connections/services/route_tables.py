"""Create, change and delete route tables of transit routers."""

from collections.abc import Sequence

from connections.domain import limits, refusals, rules
from connections.domain.choices import CenStatus
from connections.domain.problems import Problem
from connections.domain.refusals import Refused
from connections.messages import Message, counted
from connections.models import Account, RouteTable
from connections.services.connections import refuse_busy_router
from connections.services.inserts import New, refuse_problems, row_problems
from connections.services.operations import Actor, Record, operation
from connections.services.rows import refuse_changed, reread, rewrite
from connections.services.tags import Pairs, new_tags

CREATE = "CreateTransitRouterRouteTable"
EDITABLE = ("name", "description")


def create_route_table(actor: Actor, table: RouteTable, tags: Pairs = ()) -> RouteTable:
    """Create a custom route table. It becomes active after a moment."""
    own = row_problems([table])
    with operation(actor, CREATE, region_id=table.region_id) as record:
        table.transit_router = reread(actor.account, table.transit_router)
        beside = table.transit_router.route_tables.filter(is_default=False).count()
        new = new_route_table(actor.account, table, own, tags, beside)
        table.begin(CenStatus.CREATING)
        new.store(record)
    return table


def new_route_table(
    account: Account, table: RouteTable, own: Sequence[Problem], tags: Pairs = (), beside: int = 0
) -> New:
    """Judge a new custom route table. `own`: its problems by itself; `beside`: how many the transit router has.

    Raises Invalid with every problem, or Refused while the transit router is not ready or has too many.
    """
    table.account = account
    refuse_problems([*own, *rules.tag_problems(tags)])
    refuse_busy_router(table.transit_router)
    if beside >= limits.MAX_ROUTE_TABLES:
        raise Refused(refusals.TOO_MANY_TABLES, what=str(table.transit_router), maximum=limits.MAX_ROUTE_TABLES)
    record = Record(related_id=table.transit_router.resource_id)
    return New(CREATE, table.region_id, table, [*new_tags(table, tags)], record)


def modify_route_table(actor: Actor, table: RouteTable, revision: int) -> RouteTable:
    """Change the name and the description of a route table, which may be a default one."""
    with operation(
        actor, "UpdateTransitRouterRouteTable", region_id=table.region_id, resource_id=table.resource_id
    ) as record:
        stored = hold_table(actor.account, table)
        record.related_id = stored.transit_router.resource_id
        refuse_changed(stored, revision)
        rewrite(stored, table, EDITABLE, record)
    return stored


def hold_table(account: Account, table: RouteTable) -> RouteTable:
    """Return the account's route table, locked until the operation ends. Raise Refused while it is being created."""
    stored = reread(account, table)
    if stored.under_way:
        raise Refused(refusals.BUSY, what=str(stored), state=stored.status.label)
    return stored


def uses(table: RouteTable) -> dict[str, Message]:
    """Return what a custom route table still has: associations, propagations, routes."""
    found = {
        "association": counted("{count} association", "{count} associations", table.associated.count()),
        "propagation": counted("{count} propagation", "{count} propagations", table.propagations.count()),
        "routes": counted("{count} static route", "{count} static routes", table.entries.count()),
    }
    return {use: text for use, text in found.items() if text.params["count"]}


def delete_route_table(actor: Actor, table: RouteTable) -> None:
    """Delete a custom route table with its tags. Raises Refused while it has associations, propagations or routes."""
    with operation(
        actor, "DeleteTransitRouterRouteTable", region_id=table.region_id, resource_id=table.resource_id
    ) as record:
        stored = hold_table(actor.account, table)
        record.related_id = stored.transit_router.resource_id
        if stored.is_default:
            raise Refused(refusals.DEFAULT_TABLE, what=str(stored))
        for use in uses(stored).values():
            raise Refused(refusals.TABLE_IN_USE, what=str(stored), count=use)
        stored.delete()
