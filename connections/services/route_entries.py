"""Create, change and delete static entries of route tables."""

from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager

from connections.domain import refusals, rules
from connections.domain.choices import AttachmentStatus
from connections.domain.problems import Problem
from connections.domain.refusals import Refused
from connections.models import RouteEntry, RouteTable
from connections.services.inserts import New, refuse_problems, row_problems
from connections.services.operations import Actor, Record, operation
from connections.services.route_tables import hold_table
from connections.services.rows import reread, spelled

CREATE = "CreateTransitRouterRouteEntry"
EDITABLE = ("name", "description")


def create_route_entry(actor: Actor, entry: RouteEntry) -> RouteEntry:
    """Create an entry that leads to an attached connection or, without an attachment, nowhere."""
    table = entry.route_table
    own = row_problems([entry])
    with _operation(actor, CREATE, table) as record:
        hold_table(actor.account, table)
        if entry.attachment is not None:
            entry.attachment = reread(actor.account, entry.attachment)
        new_route_entry(entry, own, set(table.entries.values_list("destination", flat=True))).store(record)
    return entry


def new_route_entry(entry: RouteEntry, own: Sequence[Problem], taken: Container[str]) -> New:
    """Judge a new entry beside the taken destinations. `own`: its problems by itself.

    Raises Invalid with every problem, or Refused if its attachment is gone or not ready.
    """
    refuse_problems([*own, *rules.entry_problems(entry.destination, taken)])
    facts = {"route_table": entry.route_table.resource_id, "destination": entry.destination}
    if entry.attachment is not None:
        if not entry.attachment.is_living:
            raise Refused(refusals.GONE, what=str(entry.attachment))
        if entry.attachment.status != AttachmentStatus.ATTACHED:
            raise Refused(refusals.BUSY, what=entry.attachment.resource_id, state=entry.attachment.status.label)
        facts["next_hop"] = entry.attachment.resource_id
    router = entry.route_table.transit_router
    return New(CREATE, router.region_id, entry, record=Record(router.resource_id, facts=facts))


def modify_route_entry(actor: Actor, entry: RouteEntry) -> RouteEntry:
    """Change the name and the description of a static entry."""
    with _operation(actor, "UpdateTransitRouterRouteEntry", entry.route_table) as record:
        stored = _stored(actor, entry)
        record.facts["destination"] = stored.destination
        for name in EDITABLE:
            before, after = getattr(stored, name), spelled(entry, name)
            if before != after:
                record.facts[name] = [before, after]
                setattr(stored, name, after)
        stored.full_clean(exclude=["resource_id"], validate_unique=False, validate_constraints=False)
        stored.save()
    return stored


def delete_route_entry(actor: Actor, entry: RouteEntry) -> None:
    """Delete a static entry."""
    with _operation(actor, "DeleteTransitRouterRouteEntry", entry.route_table) as record:
        stored = _stored(actor, entry)
        record.facts["destination"] = stored.destination
        stored.delete()


@contextmanager
def _operation(actor: Actor, name: str, table: RouteTable) -> Iterator[Record]:
    """Change the entries of a route table. The event is one of its transit router, with the table as a fact."""
    router = table.transit_router
    with operation(actor, name, region_id=router.region_id, resource_id=router.resource_id) as record:
        record.facts = {"route_table": table.resource_id}
        yield record


def _stored(actor: Actor, entry: RouteEntry) -> RouteEntry:
    stored = RouteEntry.objects.filter(route_table__account=actor.account, pk=entry.pk).first()
    if stored is None:
        raise Refused(refusals.NO_ROUTE, what=entry.destination)
    return stored
