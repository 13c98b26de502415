"""Create and delete static entries of transit routers' route tables."""

from collections.abc import Container, Sequence

from connections.domain import refusals, rules
from connections.domain.choices import AttachmentStatus
from connections.domain.problems import Problem
from connections.domain.refusals import Refused
from connections.models import RouteEntry
from connections.services.inserts import New, refuse_problems, row_problems
from connections.services.operations import Actor, Record, operation
from connections.services.rows import reread

CREATE = "CreateTransitRouterRouteEntry"


def create_route_entry(actor: Actor, entry: RouteEntry) -> RouteEntry:
    """Create an entry that leads to an attached connection or, without an attachment, nowhere."""
    router = entry.transit_router
    own = row_problems([entry])
    with operation(actor, CREATE, region_id=router.region_id, resource_id=router.resource_id) as record:
        reread(actor.account, router)
        if entry.attachment is not None:
            entry.attachment = reread(actor.account, entry.attachment)
        new_route_entry(entry, own, set(router.entries.values_list("destination", flat=True))).store(record)
    return entry


def new_route_entry(entry: RouteEntry, own: Sequence[Problem], taken: Container[str]) -> New:
    """Judge a new entry beside the taken destinations. `own`: its problems by itself.

    Raises Invalid with every problem, or Refused if its attachment is gone or not ready.
    """
    refuse_problems([*own, *rules.entry_problems(entry.destination, taken)])
    facts = {"destination": entry.destination}
    if entry.attachment is not None:
        if not entry.attachment.is_living:
            raise Refused(refusals.GONE, what=str(entry.attachment))
        if entry.attachment.status != AttachmentStatus.ATTACHED:
            raise Refused(refusals.BUSY, what=entry.attachment.resource_id, state=entry.attachment.status.label)
        facts["next_hop"] = entry.attachment.resource_id
    router = entry.transit_router
    return New(CREATE, router.region_id, entry, record=Record(router.resource_id, facts=facts))


def delete_route_entry(actor: Actor, entry: RouteEntry) -> None:
    """Delete a static entry."""
    router = entry.transit_router
    with operation(
        actor, "DeleteTransitRouterRouteEntry", region_id=router.region_id, resource_id=router.resource_id
    ) as record:
        stored = RouteEntry.objects.filter(transit_router__account=actor.account, pk=entry.pk).first()
        if stored is None:
            raise Refused(refusals.NO_ROUTE, what=entry.destination)
        record.facts = {"destination": stored.destination}
        stored.delete()
