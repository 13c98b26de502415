"""Associate attachments with route tables, and propagate their routes to route tables."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace

from connections import ids
from connections.domain import refusals
from connections.domain.refusals import Refused
from connections.models import Attachment, Propagation, RouteTable
from connections.services.attachments import hold_attachment
from connections.services.operations import Actor, operation
from connections.services.route_tables import hold_table
from connections.services.write_lock import work


@contextmanager
def _operation(
    actor: Actor, name: str, attachment: Attachment, table: RouteTable, revision: int | None = None
) -> Iterator[tuple[Attachment, RouteTable]]:
    """Change a link of an attachment in an operation. Yields both as they are stored; the attachment is saved after.

    Raises Refused in a transient state, and if the attachment has been changed since the revision was read.
    """
    router = attachment.transit_router
    with operation(actor, name, region_id=router.region_id, resource_id=attachment.resource_id) as record:
        stored = hold_attachment(actor, attachment)
        record.related_id = stored.connection.resource_id
        record.facts = {"route_table": table.resource_id}
        if revision is not None and stored.revision != revision:
            raise Refused(refusals.CHANGED_MEANWHILE, what=stored.resource_id)
        there = hold_table(actor.account, table)
        if there.transit_router_id != stored.transit_router_id:
            raise Refused(refusals.OTHER_ROUTERS_TABLE, what=stored.resource_id, table=there.resource_id)
        yield stored, there
        stored.revision += 1
        stored.save()


def associate(actor: Actor, attachment: Attachment, table: RouteTable, revision: int | None = None) -> None:
    """Look up the traffic from an attachment in a route table. Refused if it is associated with another one."""
    with _operation(actor, "AssociateTransitRouterAttachmentWithRouteTable", attachment, table, revision) as (
        stored,
        there,
    ):
        before = stored.associated_table
        if before is not None and before != there:
            raise Refused(refusals.ASSOCIATED, what=stored.resource_id, table=before.resource_id)
        stored.associate_default_route_table = there.is_default
        stored.custom_table = None if there.is_default else there


def dissociate(actor: Actor, attachment: Attachment, table: RouteTable, revision: int | None = None) -> None:
    """Look up the traffic from an attachment in no route table."""
    with _operation(actor, "DissociateTransitRouterAttachmentFromRouteTable", attachment, table, revision) as (
        stored,
        there,
    ):
        if stored.associated_table != there:
            raise Refused(refusals.NOT_ASSOCIATED, what=stored.resource_id, table=there.resource_id)
        stored.associate_default_route_table, stored.custom_table = False, None


def propagate(actor: Actor, attachment: Attachment, table: RouteTable, revision: int | None = None) -> None:
    """Send the routes of an attachment's connection to a route table."""
    with _operation(actor, "EnableTransitRouterRouteTablePropagation", attachment, table, revision) as (stored, there):
        if there.is_default:
            stored.propagate_to_default_route_table = True
        else:
            Propagation.objects.get_or_create(attachment=stored, route_table=there)


def withdraw(actor: Actor, attachment: Attachment, table: RouteTable, revision: int | None = None) -> None:
    """Remove the routes of an attachment's connection from a route table."""
    with _operation(actor, "DisableTransitRouterRouteTablePropagation", attachment, table, revision) as (stored, there):
        if there not in stored.propagation_tables:
            raise Refused(refusals.NOT_PROPAGATED, what=stored.resource_id, table=there.resource_id)
        if there.is_default:
            stored.propagate_to_default_route_table = False
        else:
            stored.propagations.filter(route_table=there).delete()


def change_links(
    actor: Actor, attachment: Attachment, table: RouteTable | None, tables: Collection[RouteTable], revision: int
) -> None:
    """Give an attachment this association and these propagations instead of those it has: all changes or none.

    Each change has an event of its own; the first has the request's ID.
    """
    before, propagated = attachment.associated_table, attachment.propagation_tables
    steps = [(dissociate, before)] if before is not None and before != table else []
    steps += [(withdraw, one) for one in propagated if one not in tables]
    steps += [(associate, table)] if table is not None and before != table else []
    steps += [(propagate, one) for one in tables if one not in propagated]
    with work():
        for number, (step, one) in enumerate(steps):
            if number == 0:
                step(actor, attachment, one, revision)
            else:
                # A form is processed once, by the first step.
                step(replace(actor, request_id=ids.request_id(), token=""), attachment, one)
