"""Route tables, derived from attachments, switches and routes. They are not stored."""

from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from connections.domain.choices import AttachmentStatus, EntryStatus, EntryType, RouteStatus
from connections.messages import Message
from connections.messages import message as _
from connections.models import Attachment, Connection, Route, RouteEntry, RouteTable, TransitRouter, TransitRouterCidr
from connections.models.attachments import finished
from connections.models.base import over


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a route table.

    Without an attachment it leads to the transit router itself or, if it is a black hole, nowhere.
    """

    destination: str
    attachment: Attachment | None
    type: EntryType
    status: EntryStatus
    weight: int = 100
    # The row of a static entry; `source` is what another entry is derived from.
    row: RouteEntry | None = None
    source: TransitRouterCidr | Route | None = None

    @property
    def is_black_hole(self) -> bool:
        return self.row is not None and self.attachment is None


@dataclass(frozen=True, slots=True)
class Advertised:
    """A network that the transit router advertises to the data centre over BGP."""

    destination: str
    next_hop: str
    as_path: str


def route_status(connection: Connection) -> RouteStatus:
    """Whether the routes of a connection are in a route table of the transit router."""
    attachment = connection.living_attachment
    published = (
        attachment is not None
        and attachment.status == AttachmentStatus.ATTACHED
        and (attachment.propagate_to_default_route_table or attachment.propagations.exists())
    )
    return RouteStatus.PUBLISHED if published else RouteStatus.NOT_PUBLISHED


def attachments(router: TransitRouter) -> QuerySet[Attachment]:
    """Return the living attachments of a transit router, newest first. Their `transit_router` is this object.

    `connection__account` says whose a connection is, where it is another account's.
    """
    return router.attachments.living().select_related("connection__account").order_by("-id")


def living(router: TransitRouter, at_most: int | None = None) -> list[Attachment]:
    """Return the living attachments of a transit router with their connections and routes."""
    return list(attachments(router).prefetch_related("connection__routes")[:at_most])


def _carries(path: str = "") -> Q:
    """Match attachments, reached by a path of relations, that carry traffic: neither attaching nor detaching."""
    at_rest = Q(**{f"{path}transition_ends__isnull": True}) | over(path)
    return at_rest & ~Q(**{f"{path}transition": AttachmentStatus.DETACHING})


def carrying(router: TransitRouter) -> QuerySet[Attachment]:
    """Return the attachments that carry traffic."""
    return attachments(router).filter(_carries())


def associated_with(table: RouteTable) -> Q:
    """Match attachments whose traffic is looked up in a route table."""
    return Q(associate_default_route_table=True) if table.is_default else Q(custom_table=table)


def propagating_to(table: RouteTable, path: str = "") -> Q:
    """Match attachments, reached by a path of relations, whose routes go to a route table."""
    if table.is_default:
        return Q(**{f"{path}propagate_to_default_route_table": True})
    return Q(**{f"{path}propagations__route_table": table})


def _propagating(table: RouteTable) -> QuerySet[Route]:
    """Return the routes in a route table."""
    path = "connection__attachment__"
    return Route.objects.filter(_carries(path), propagating_to(table, path), transit_router=table.transit_router_id)


def propagated(table: RouteTable) -> QuerySet[Route]:
    """Return the routes in a route table; `outranked`: another entry for the destination precedes."""
    better = _propagating(table).filter(destination=OuterRef("destination"), weight__gt=OuterRef("weight"))
    static = table.entries.filter(_leads_somewhere(), destination=OuterRef("destination"))
    outranked = ExpressionWrapper(Q(Exists(better)) | Q(Exists(static)), output_field=BooleanField())
    rows = _propagating(table).annotate(outranked=outranked)  # type: ignore[no-redef] # `entry` needs its type
    return rows.select_related("connection__attachment")


def _leads_somewhere() -> Q:
    """Match static entries that are black holes, or whose attachment still exists."""
    return Q(attachment__isnull=True) | ~finished("attachment__")


def leading_elsewhere(attachment: Attachment, at_most: int) -> list[str]:
    """Return destinations, in the route tables to which an attachment propagates, that do not lead to it.

    Those of static entries come first.
    """
    tables = attachment.propagation_tables
    if not tables:
        return []
    path = "connection__attachment__"
    propagating = reduce(or_, (propagating_to(table, path) for table in tables))
    static = RouteEntry.objects.filter(_leads_somewhere(), route_table__in=tables).exclude(attachment=attachment)
    routes = Route.objects.filter(_carries(path), propagating, transit_router=attachment.transit_router_id)
    routes = routes.exclude(connection=attachment.connection_id)
    found = (
        *static.values_list("destination", flat=True)[:at_most],
        *routes.values_list("destination", flat=True)[:at_most],
    )
    return list(dict.fromkeys(found))[:at_most]


def own_entries(table: RouteTable) -> list[Entry]:
    """Return the published CIDR blocks of the transit router as entries. They are in each of its route tables."""
    return [own_entry(table, block) for block in table.transit_router.published_cidrs]


def own_entry(table: RouteTable, block: TransitRouterCidr) -> Entry:
    return Entry(block.cidr, None, EntryType.STATIC, EntryStatus.ACTIVE, source=block)


def static(table: RouteTable) -> QuerySet[RouteEntry]:
    """Return the static entries of a route table. They precede propagated ones."""
    return table.entries.filter(_leads_somewhere()).select_related("attachment__connection")


def static_entries(table: RouteTable) -> list[Entry]:
    return [static_entry(table, row) for row in static(table)]


def static_entry(table: RouteTable, row: RouteEntry) -> Entry:
    """Turn a row of `static` into an entry."""
    return Entry(row.destination, _of(table, row.attachment), EntryType.STATIC, EntryStatus.ACTIVE, row=row)


def _of(table: RouteTable, attachment: Attachment | None) -> Attachment | None:
    """Set the router on its attachment, to save a query."""
    if attachment is not None:
        attachment.transit_router = table.transit_router
    return attachment


def entry(table: RouteTable, route: Route) -> Entry:
    """Turn a route of `propagated` into an entry."""
    status = EntryStatus.STANDBY if route.outranked else EntryStatus.ACTIVE
    attachment = _of(table, route.connection.attachment)
    return Entry(route.destination, attachment, EntryType.PROPAGATED, status, route.weight, source=route)


def advertised(connection: Connection) -> list[Advertised]:
    """Return what the transit router advertises to the data centre over BGP: its published CIDR blocks.

    A built-in policy (priority 5000, egress) keeps the routes of one VPN
    attachment from the others [P90].
    """
    attachment = connection.living_attachment
    if attachment is None or why_nothing_is_advertised(connection):
        return []
    return [
        Advertised(block.cidr, connection.tunnel.local_bgp_ip, str(connection.local_asn))
        for block in attachment.transit_router.published_cidrs
    ]


def why_nothing_is_advertised(connection: Connection) -> Message | str:
    """Return the first reason why no routes are advertised, or ""."""
    attachment = connection.living_attachment
    if not connection.enable_bgp:
        return _("BGP is not enabled for this connection.")
    if attachment is None:
        return _("The connection is not attached to a transit router.")
    if attachment.status != AttachmentStatus.ATTACHED:
        return _("The connection is being attached or detached.")
    if not attachment.auto_publish_route_enabled:
        return _("Automatic Advertising is switched off at the attachment.")
    if not attachment.transit_router.published_cidrs:
        return _(
            "The transit router has no CIDR blocks to advertise, and it keeps VPN attachments' routes from each other."
        )
    return ""
