"""Static entries of transit routers' route tables, as the product's API has them."""

from collections.abc import Container

from connections import errors, rules
from connections.choices import AttachmentStatus
from connections.errors import Refused
from connections.models import RouteEntry, TransitRouter
from connections.services.events import Actor, Record, operation
from connections.services.inserts import New, refuse_problems

CREATE = "CreateTransitRouterRouteEntry"


def create_route_entry(actor: Actor, entry: RouteEntry) -> RouteEntry:
    """Send a destination to an attachment that is at rest, or nowhere."""
    router = entry.transit_router
    with operation(actor, CREATE, region_id=router.region_id, resource_id=router.resource_id) as record:
        # As whoever attaches or detaches: one writer at a time.
        TransitRouter.objects.select_for_update(of=("self",)).get(account=actor.account, pk=router.pk)
        new_route_entry(entry, set(router.entries.values_list("destination", flat=True))).store(record)
    return entry


def new_route_entry(entry: RouteEntry, taken: Container[str]) -> New:
    """Judge a new entry beside the taken destinations. Raises Invalid, or Refused while its attachment is not ready."""
    refuse_problems([entry], list(rules.entry_problems(entry.destination, taken)))
    if entry.attachment is not None and entry.attachment.status != AttachmentStatus.ATTACHED:
        raise Refused(errors.BUSY, what=entry.attachment.resource_id, state=entry.attachment.status.label)
    facts = {"destination": entry.destination}
    if entry.attachment is not None:
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
