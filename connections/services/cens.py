"""Create, modify and delete CEN instances and transit routers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from connections.domain import refusals, rules
from connections.domain.choices import CenStatus
from connections.domain.problems import Problem
from connections.messages import counted
from connections.messages import message as _
from connections.models import Account, Cen, ResourceGroup, Route, RouteTable, TransitRouter, TransitRouterCidr
from connections.services.customer_gateways import refuse_while_used
from connections.services.inserts import New, refuse_problems, related, row_problems
from connections.services.operations import Actor, operation
from connections.services.rows import refuse_changed, reread, rewrite
from connections.services.tags import Pairs, new_tags

CREATE_CEN = "CreateCen"
CREATE_ROUTER = "CreateTransitRouter"
EDITABLE = ("name", "description")


def create_cen(actor: Actor, cen: Cen, tags: Pairs = ()) -> Cen:
    """Create a CEN instance. It becomes active after a moment."""
    own = row_problems([cen])
    with operation(actor, CREATE_CEN) as record:
        new = new_cen(actor.account, cen, own, tags)
        cen.begin(CenStatus.CREATING)
        new.store(record)
    return cen


def new_cen(account: Account, cen: Cen, own: Sequence[Problem], tags: Pairs = ()) -> New:
    """Judge a new CEN instance. `own`: its problems by itself. Raises Invalid with every problem."""
    cen.account = account
    cen.resource_group = related(cen, "resource_group", ResourceGroup) or account.default_resource_group
    refuse_problems([*own, *rules.tag_problems(tags)])
    return New(CREATE_CEN, "", cen, [*new_tags(cen, tags)])


def modify_cen(actor: Actor, cen: Cen, revision: int) -> Cen:
    """Change the name or the description. Raises Refused if the revision is no longer current."""
    with operation(actor, "ModifyCenAttribute", resource_id=cen.resource_id) as record:
        stored = reread(actor.account, cen)
        refuse_changed(stored, revision)
        rewrite(stored, cen, EDITABLE, record)
    return stored


def delete_cen(actor: Actor, cen: Cen) -> None:
    """Delete a CEN instance. Raises Refused if it has transit routers."""
    with operation(actor, "DeleteCen", resource_id=cen.resource_id):
        cen = reread(actor.account, cen)
        refuse_while_used(
            refusals.CEN_HAS_ROUTERS,
            cen,
            list(cen.transit_routers.all()),
            lambda count: counted("{count} transit router", "{count} transit routers", count),
        )
        cen.delete()


@dataclass
class Siblings:
    """The other transit routers of a CEN instance: their regions and their CIDR blocks."""

    regions: set[str] = field(default_factory=set)
    cidrs: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, cen: Cen, but: TransitRouter | None = None) -> "Siblings":
        """Return what the CEN instance has, without one of its transit routers."""
        routers = TransitRouter.objects.filter(cen=cen)
        if but is not None:
            routers = routers.exclude(pk=but.pk)
        cidrs = TransitRouterCidr.objects.filter(transit_router__in=routers)
        return cls(set(routers.values_list("region_id", flat=True)), list(cidrs.values_list("cidr", flat=True)))


def router_problems(router: TransitRouter, cidrs: Sequence[str], siblings: Siblings | None = None) -> list[Problem]:
    """Judge a new transit router beside the others of its CEN instance; by default, beside those that are stored."""
    siblings = siblings or Siblings.of(router.cen)
    problems = []
    if router.region_id in siblings.regions:
        problems.append(
            Problem("region_id", "region_taken", _("The CEN instance already has a transit router in this region."))
        )
    return [*problems, *rules.router_cidr_problems(cidrs, siblings.cidrs)]


def create_transit_router(
    actor: Actor, router: TransitRouter, blocks: Sequence[TransitRouterCidr] = (), tags: Pairs = ()
) -> TransitRouter:
    """Create a transit router with its default route table and CIDR blocks."""
    own = row_problems([router, *blocks])
    with operation(actor, CREATE_ROUTER, region_id=router.region_id) as record:
        router.cen = reread(actor.account, router.cen)
        new = new_transit_router(actor.account, router, own, blocks, tags)
        router.begin(CenStatus.CREATING)
        new.store(record)
    return router


def new_transit_router(
    account: Account,
    router: TransitRouter,
    own: Sequence[Problem],
    blocks: Sequence[TransitRouterCidr] = (),
    tags: Pairs = (),
    siblings: Siblings | None = None,
) -> New:
    """Judge a new transit router with its CIDR blocks. `own`: the problems of these rows by themselves.

    Raises Invalid with every problem, or Refused while its CEN instance is not ready.
    """
    router.account = account
    cidrs = [block.cidr for block in blocks]
    refuse_problems([*own, *router_problems(router, cidrs, siblings), *rules.tag_problems(tags)])
    if router.cen.under_way:
        raise refusals.Refused(refusals.BUSY, what=str(router.cen), state=router.cen.status.label)
    for block in blocks:
        block.transit_router = router
    router.give_ids()
    router.default_table = RouteTable(account=account, transit_router=router, is_default=True)
    router.default_table.give_ids()
    return New(CREATE_ROUTER, router.region_id, router, [router.default_table, *blocks, *new_tags(router, tags)])


def modify_transit_router(actor: Actor, router: TransitRouter, revision: int) -> TransitRouter:
    """Change the name or the description. Raises Refused if the revision is no longer current."""
    with operation(actor, "UpdateTransitRouter", region_id=router.region_id, resource_id=router.resource_id) as record:
        stored = reread(actor.account, router)
        refuse_changed(stored, revision)
        rewrite(stored, router, EDITABLE, record)
    return stored


def delete_transit_router(actor: Actor, router: TransitRouter) -> None:
    """Delete a transit router with its CIDR blocks. Raises Refused if it has attachments or custom route tables."""
    with operation(actor, "DeleteTransitRouter", region_id=router.region_id, resource_id=router.resource_id):
        router = reread(actor.account, router)
        attached = [attachment.connection for attachment in router.attachments.living().select_related("connection")]
        refuse_while_used(
            refusals.ROUTER_HAS_ATTACHMENTS,
            router,
            attached,
            lambda count: counted("{count} VPN attachment", "{count} VPN attachments", count),
        )
        refuse_while_used(
            refusals.ROUTER_HAS_TABLES,
            router,
            list(router.route_tables.filter(is_default=False)),
            lambda count: counted("{count} custom route table", "{count} custom route tables", count),
        )
        Route.objects.filter(transit_router=router).update(transit_router=None)
        router.attachments.finished().delete()
        router.delete()
