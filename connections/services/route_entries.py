"""Static entries of transit routers' route tables, as the product's API has them."""

from connections import errors, rules
from connections.choices import AttachmentStatus
from connections.errors import Invalid, Refused
from connections.models import RouteEntry
from connections.services.events import Actor, operation
from connections.services.rows import reread


def create_route_entry(actor: Actor, entry: RouteEntry) -> RouteEntry:
    """Send a destination to an attachment that is at rest, or nowhere."""
    router = entry.transit_router
    with operation(
        actor, "CreateTransitRouterRouteEntry", region_id=router.region_id, resource_id=router.resource_id
    ) as record:
        reread(actor.account, router)
        taken = router.entries.values_list("destination", flat=True)
        if problems := list(rules.entry_problems(entry.destination, taken)):
            raise Invalid(problems)
        if entry.attachment is not None:
            entry.attachment = reread(actor.account, entry.attachment)
            if not entry.attachment.is_living:
                raise Refused(errors.GONE, what=str(entry.attachment))
            if entry.attachment.status != AttachmentStatus.ATTACHED:
                raise Refused(errors.BUSY, what=entry.attachment.resource_id, state=entry.attachment.status.label)
        entry.full_clean(exclude=["resource_id"], validate_unique=False, validate_constraints=False)
        entry.save()
        record.facts = {"destination": entry.destination}
        if entry.attachment is not None:
            record.facts["next_hop"] = entry.attachment.resource_id
    return entry


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
