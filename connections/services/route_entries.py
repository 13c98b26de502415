"""Static entries of transit routers' route tables, as the product's API has them."""

from collections.abc import Container, Sequence

from connections import errors, rules
from connections.choices import AttachmentStatus
from connections.errors import Refused
from connections.models import RouteEntry
from connections.rules import Problem
from connections.services.events import Actor, Record, operation
from connections.services.inserts import New, refuse_problems, row_problems
from connections.services.rows import reread

CREATE = "CreateTransitRouterRouteEntry"


def create_route_entry(actor: Actor, entry: RouteEntry) -> RouteEntry:
    """Send a destination to an attachment that is at rest, or nowhere."""
    router = entry.transit_router
    own = row_problems([entry])
    with operation(actor, CREATE, region_id=router.region_id, resource_id=router.resource_id) as record:
        reread(actor.account, router)
        if entry.attachment is not None:
            entry.attachment = reread(actor.account, entry.attachment)
        new_route_entry(entry, own, set(router.entries.values_list("destination", flat=True))).store(record)
    return entry


def new_route_entry(entry: RouteEntry, own: Sequence[Problem], taken: Container[str]) -> New:
    """Judge a new entry beside the taken destinations; `own`: what is wrong with it by itself.

    Raises Invalid with every problem, or Refused where its attachment is gone or not ready.
    """
    refuse_problems([*own, *rules.entry_problems(entry.destination, taken)])
    facts = {"destination": entry.destination}
    if entry.attachment is not None:
        if not entry.attachment.is_living:
            raise Refused(errors.GONE, what=str(entry.attachment))
        if entry.attachment.status != AttachmentStatus.ATTACHED:
            raise Refused(errors.BUSY, what=entry.attachment.resource_id, state=entry.attachment.status.label)
        facts["next_hop"] = entry.attachment.resource_id
    router = entry.transit_router
    return New(CREATE, router.region_id, entry, record=Record(router.resource_id, facts=facts))


def delete_route_entry(actor: Actor, entry: RouteEntry) -> None:
    """Take a static entry away."""
    router = entry.transit_router
    with operation(
        actor, "DeleteTransitRouterRouteEntry", region_id=router.region_id, resource_id=router.resource_id
    ) as record:
        stored = RouteEntry.objects.filter(transit_router__account=actor.account, pk=entry.pk).first()
        if stored is None:
            raise Refused(errors.NO_ROUTE, what=entry.destination)
        record.facts = {"destination": stored.destination}
        stored.delete()
