"""What can be done with CEN instances and transit routers."""

from collections.abc import Sequence

from connections import errors, rules
from connections.choices import CenStatus
from connections.errors import Invalid
from connections.messages import counted
from connections.messages import message as _
from connections.models import Cen, TransitRouter, TransitRouterCidr
from connections.services.customer_gateways import refuse_while_used
from connections.services.events import Actor, operation, own_problems
from connections.services.rows import reread
from connections.services.tags import Pairs, write_tags


def create_cen(actor: Actor, cen: Cen, tags: Pairs = ()) -> Cen:
    """Make a CEN instance; it is being created for a moment and then active."""
    problems = own_problems(cen, exclude=["resource_id", "account", "resource_group"])
    with operation(actor, "CreateCen") as record:
        cen.account = actor.account
        if cen.resource_group_id is None:
            cen.resource_group = actor.account.default_resource_group
        if problems:
            raise Invalid(problems)
        cen.begin(CenStatus.CREATING)
        cen.save()
        write_tags(cen, tags, is_new=True)
        record.resource_id = cen.resource_id
    return cen


def delete_cen(actor: Actor, cen: Cen) -> None:
    """Remove a CEN instance on which nothing hangs."""
    with operation(actor, "DeleteCen", resource_id=cen.resource_id):
        cen = reread(actor.account, cen)
        refuse_while_used(
            errors.CEN_HAS_ROUTERS,
            cen,
            list(cen.transit_routers.all()),
            lambda count: counted("{count} transit router", "{count} transit routers", count),
        )
        cen.delete()


def router_problems(router: TransitRouter, cidrs: Sequence[str]) -> list[rules.Problem]:
    """What stands between a new transit router and the rest of its CEN instance."""
    siblings = TransitRouter.objects.filter(cen=router.cen)
    problems = []
    if siblings.filter(region_id=router.region_id).exists():
        problems.append(
            rules.Problem(
                "region_id", "region_taken", _("The CEN instance already has a transit router in this region.")
            )
        )
    taken = TransitRouterCidr.objects.filter(transit_router__in=siblings).values_list("cidr", flat=True)
    return [*problems, *rules.router_cidr_problems(cidrs, taken)]


def create_transit_router(
    actor: Actor, router: TransitRouter, cidrs: Sequence[str] = (), tags: Pairs = ()
) -> TransitRouter:
    """Make a transit router with its default route table and CIDR blocks."""
    own = own_problems(router, exclude=["resource_id", "route_table_id", "account"])
    with operation(actor, "CreateTransitRouter", region_id=router.region_id) as record:
        router.cen = reread(actor.account, router.cen)
        if problems := router_problems(router, cidrs):
            raise Invalid(problems)
        if router.cen.under_way:
            raise errors.Refused(errors.BUSY, what=str(router.cen), state=router.cen.status.label)
        router.account = actor.account
        if own:
            raise Invalid(own)
        router.begin(CenStatus.CREATING)
        router.save()
        for cidr in cidrs:
            TransitRouterCidr(transit_router=router, cidr=cidr).save()
        write_tags(router, tags, is_new=True)
        record.resource_id = router.resource_id
    return router


def delete_transit_router(actor: Actor, router: TransitRouter) -> None:
    """Remove a transit router without attachments; its CIDR blocks go with it."""
    with operation(actor, "DeleteTransitRouter", region_id=router.region_id, resource_id=router.resource_id):
        router = reread(actor.account, router)
        attached = [attachment.connection for attachment in router.attachments.living().select_related("connection")]
        refuse_while_used(
            errors.ROUTER_HAS_ATTACHMENTS,
            router,
            attached,
            lambda count: counted("{count} VPN attachment", "{count} VPN attachments", count),
        )
        router.attachments.finished().delete()
        router.delete()
