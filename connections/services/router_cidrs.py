"""Add, modify and delete CIDR blocks of transit routers."""

from ipaddress import IPv4Address

from connections.domain import refusals, rules
from connections.domain.choices import NetworkType
from connections.domain.parsing import parse_cidr
from connections.domain.problems import Problem
from connections.messages import counted
from connections.models import Account, Connection, TransitRouter, TransitRouterCidr, Tunnel
from connections.services.cens import Siblings
from connections.services.connections import refuse_busy_router
from connections.services.customer_gateways import refuse_while_used
from connections.services.inserts import refuse_problems, row_problems
from connections.services.operations import Actor, operation
from connections.services.rows import refuse_changed, reread, rewrite

EDITABLE = ("cidr", "name", "description", "publish_cidr_route")


def cidr_problems(block: TransitRouterCidr) -> list[Problem]:
    """Judge a new or edited block beside the others of its CEN instance."""
    router = block.transit_router
    own = [other.cidr for other in router.cidrs.exclude(pk=block.pk)]
    taken = Siblings.of(router.cen, but=router).cidrs
    return list(rules.router_cidr_problems([block.cidr], taken, own, field="cidr"))


def users_of(block: TransitRouterCidr) -> list[Connection]:
    """Return the private connections whose gateway addresses are taken from a block."""
    network = parse_cidr(block.cidr)
    tunnels = Tunnel.objects.filter(
        connection__attachment__transit_router=block.transit_router, connection__network_type=NetworkType.PRIVATE
    ).exclude(internet_ip="")
    return [
        tunnel.connection
        for tunnel in tunnels.select_related("connection").order_by("pk")
        if network and IPv4Address(tunnel.internet_ip) in network
    ]


def create_router_cidr(actor: Actor, block: TransitRouterCidr) -> TransitRouterCidr:
    """Add a CIDR block to a transit router. Raises Invalid, or Refused while the transit router is not ready."""
    router = block.transit_router
    own = row_problems([block])
    with operation(actor, "CreateTransitRouterCidr", region_id=router.region_id) as record:
        record.related_id = router.resource_id
        block.transit_router = _held(actor.account, router)
        refuse_problems([*own, *cidr_problems(block)])
        block.save()
        record.resource_id = block.resource_id
        record.facts = {"cidr": block.cidr}
    return block


def modify_router_cidr(actor: Actor, block: TransitRouterCidr, revision: int) -> TransitRouterCidr:
    """Change a CIDR block.

    Raises Invalid, or Refused if the revision is no longer current, or for another block while addresses are in use.
    """
    router = block.transit_router
    own = row_problems([block])
    with operation(
        actor, "ModifyTransitRouterCidr", region_id=router.region_id, resource_id=block.resource_id
    ) as record:
        record.related_id = router.resource_id
        stored = _held(actor.account, router).cidrs.select_related("transit_router__cen").get(pk=block.pk)
        refuse_changed(stored, revision)
        is_another = block.cidr != stored.cidr
        refuse_problems([*own, *(cidr_problems(block) if is_another else ())])
        if is_another:
            _refuse_while_used(stored)
        rewrite(stored, block, EDITABLE, record)
    return stored


def delete_router_cidr(actor: Actor, block: TransitRouterCidr) -> None:
    """Delete a CIDR block. Raises Refused if a connection has a gateway address of it. [P26]"""
    router = block.transit_router
    with operation(
        actor, "DeleteTransitRouterCidr", region_id=router.region_id, resource_id=block.resource_id
    ) as record:
        record.related_id = router.resource_id
        stored = _held(actor.account, router).cidrs.select_related("transit_router").get(pk=block.pk)
        record.facts = {"cidr": stored.cidr}
        _refuse_while_used(stored)
        stored.delete()


def _held(account: Account, router: TransitRouter) -> TransitRouter:
    stored = reread(account, router)
    refuse_busy_router(stored)
    return stored


def _refuse_while_used(block: TransitRouterCidr) -> None:
    refuse_while_used(
        refusals.CIDR_IN_USE,
        block,
        users_of(block),
        lambda count: counted("{count} private connection", "{count} private connections", count),
    )
