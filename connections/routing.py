"""Route tables, derived from attachments, switches, routes and tunnels. They are not stored."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from ipaddress import IPv4Network
from operator import or_

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from connections import clock
from connections.domain.choices import (
    AttachmentStatus,
    BgpSource,
    EntryStatus,
    EntryType,
    HealthCheckPolicy,
    NegotiationStatus,
    RouteStatus,
)
from connections.messages import Message
from connections.messages import message as _
from connections.models import (
    Attachment,
    Connection,
    Route,
    RouteEntry,
    RouteTable,
    TransitRouter,
    TransitRouterCidr,
    Tunnel,
)
from connections.models.attachments import finished
from connections.models.base import over
from connections.models.connections import resting
from connections.negotiation import Course, Health, Session
from connections.negotiation.bgp import REFUSED, session_at
from connections.negotiation.health import health_at

# How many destinations a statement looks up.
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Negotiated:
    """A tunnel with its BGP session and its health check at this moment; None for those that are off."""

    tunnel: Tunnel
    session: Session | None
    health: Health | None


@dataclass(frozen=True, slots=True)
class BgpRoute:
    """A route of a connection's BGP route table, with the tunnels over whose sessions it came or went.

    `since` is when the first of these sessions was established. `refused` is why a prefix of the data center is not
    taken.
    """

    destination: str
    source: BgpSource
    as_path: tuple[int, ...]
    tunnels: tuple[Tunnel, ...]
    since: datetime
    refused: Message | None = None

    @property
    def status(self) -> EntryStatus:
        return EntryStatus.REJECTED if self.refused else EntryStatus.ACTIVE

    @property
    def next_hops(self) -> list[str]:
        """The BGP addresses of the end that announces it."""
        is_ours = self.source == BgpSource.CLOUD
        return [tunnel.local_bgp_ip if is_ours else tunnel.peer_bgp_ip for tunnel in self.tunnels]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a route table.

    Without an attachment it leads to the transit router itself or, if it is a black hole, nowhere.
    """

    destination: str
    attachment: Attachment | None
    type: EntryType
    status: EntryStatus
    # None for learned routes.
    weight: int | None = 100
    # The row of a static entry; `source` is what another entry is derived from.
    row: RouteEntry | None = None
    source: TransitRouterCidr | Route | BgpRoute | None = None

    @property
    def is_black_hole(self) -> bool:
        return self.row is not None and self.attachment is None


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A route table at this moment: what follows from the tunnels of the attachments that propagate to it.

    `withdrawn` are the connections whose failed health check withdraws their routes, `learned` the entries for what
    the others have learned over BGP, by destination.
    """

    table: RouteTable
    withdrawn: frozenset[int]
    learned: list[Entry]


def negotiated(connection: Connection) -> list[Negotiated]:
    """Return the tunnels of a connection as they are at this moment."""
    return _negotiated(Tunnel.objects.filter(connection=connection).order_by("index"))


def _negotiated(tunnels: QuerySet[Tunnel]) -> list[Negotiated]:
    now, found = clock.now(), []
    for tunnel in tunnels.whole().filter(device__isnull=False):  # type: ignore[attr-defined]
        course = Course(tunnel.device.situation)
        second = course.second(now)
        found.append(Negotiated(tunnel, session_at(course, second), health_at(course, second)))
    return found


def route_status(connection: Connection, tunnels: Sequence[Negotiated]) -> RouteStatus:
    """Whether the routes of a connection are in a route table of the transit router."""
    attachment = connection.living_attachment
    published = (
        attachment is not None
        and attachment.status == AttachmentStatus.ATTACHED
        and (attachment.propagate_to_default_route_table or attachment.propagations.exists())
        and not withdraws_routes(tunnels)
    )
    return RouteStatus.PUBLISHED if published else RouteStatus.NOT_PUBLISHED


def withdraws_routes(tunnels: Iterable[Negotiated]) -> bool:
    """Whether the health check of a connection with these tunnels has failed and withdraws its routes. [P82]"""
    return any(one.health is not None and one.health.withdraws_routes for one in tunnels)


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


def propagating_to(table: RouteTable, path: str = "") -> Q:
    """Match attachments, reached by a path of relations, whose routes go to a route table."""
    if table.is_default:
        return Q(**{f"{path}propagate_to_default_route_table": True})
    return Q(**{f"{path}propagations__route_table": table})


def live(table: RouteTable) -> LiveTable:
    """Find out what tunnels make of a route table at this moment.

    Tunnels with neither BGP nor a health check don't count, and one at rest that is not up has no BGP session.
    """
    path = "connection__attachment__"
    checked = Q(connection__health_check=True, connection__health_check_policy=HealthCheckPolicy.REVOKE)
    has_session = Q(connection__enable_bgp=True) & (~resting() | Q(negotiation_status=NegotiationStatus.IPSEC_UP))
    tunnels = Tunnel.objects.filter(
        _carries(path), propagating_to(table, path), checked | has_session,
        connection__attachment__transit_router=table.transit_router_id,
    )  # fmt: skip
    by_connection: dict[int, list[Negotiated]] = defaultdict(list)
    for one in _negotiated(tunnels.select_related("connection__attachment").order_by("pk")):
        by_connection[one.tunnel.connection_id].append(one)
    withdrawn = {pk for pk, several in by_connection.items() if withdraws_routes(several)}
    entries = [
        Entry(route.destination, attachment, EntryType.PROPAGATED, EntryStatus.ACTIVE, None, source=route)
        for pk, several in by_connection.items()
        if pk not in withdrawn and (attachment := _of(table, several[0].tunnel.connection.attachment))
        for route in learned(several)
    ]
    current = LiveTable(table, frozenset(withdrawn), [])
    return replace(current, learned=list(_ranked(current, entries)))


def _ranked(current: LiveTable, entries: Sequence[Entry]) -> Iterator[Entry]:
    """Set the statuses of learned entries, and sort them by destination.

    Only those with the shortest AS path are active, and none of them if a static entry or a destination-based route
    leads there. [P162]
    """
    shortest: dict[str, int] = {}
    for one in entries:
        shortest[one.destination] = min(_length(one), shortest.get(one.destination, _length(one)))
    preceded = set(_preceding(current, list(shortest)))
    for one in sorted(entries, key=place):
        stands_by = one.destination in preceded or _length(one) > shortest[one.destination]
        yield replace(one, status=EntryStatus.STANDBY) if stands_by else one


def _length(learned: Entry) -> int:
    return len(learned.source.as_path) if isinstance(learned.source, BgpRoute) else 0


def _preceding(current: LiveTable, destinations: list[str]) -> Iterator[str]:
    """Yield the destinations to which entries lead that are not learned."""
    for start in range(0, len(destinations), AT_ONCE):
        some = Q(destination__in=destinations[start : start + AT_ONCE])
        static = current.table.entries.filter(_leads_somewhere(), some).order_by().values_list("destination")
        routes = _propagating(current).filter(some).order_by().values_list("destination")
        yield from (destination for (destination,) in routes.union(static))


def place(entry: Entry) -> tuple[int, ...]:
    """The place of a learned entry in the order of destinations."""
    return place_of(entry.destination, entry.attachment.pk if entry.attachment else 0)


def place_of(destination: str, attachment: int) -> tuple[int, ...]:
    """The same, by destination and the attachment's primary key. Raises ValueError if it is no network."""
    network = IPv4Network(destination)
    return int(network.network_address), network.prefixlen, attachment


def _propagating(current: LiveTable) -> QuerySet[Route]:
    """Return the destination-based routes in a route table."""
    path, table = "connection__attachment__", current.table
    rows = Route.objects.filter(_carries(path), propagating_to(table, path), transit_router=table.transit_router_id)
    return rows.exclude(connection__in=current.withdrawn)


def propagated(current: LiveTable) -> QuerySet[Route]:
    """Return the destination-based routes in a route table; `outranked`: another entry for the destination precedes."""
    better = _propagating(current).filter(destination=OuterRef("destination"), weight__gt=OuterRef("weight"))
    static = current.table.entries.filter(_leads_somewhere(), destination=OuterRef("destination"))
    outranked = ExpressionWrapper(Q(Exists(better)) | Q(Exists(static)), output_field=BooleanField())
    rows = _propagating(current).annotate(outranked=outranked)  # type: ignore[no-redef] # `entry` needs its type
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


def _established(tunnels: Iterable[Negotiated]) -> Iterator[tuple[Tunnel, Session, datetime]]:
    """Yield the tunnels whose BGP sessions are established, each with its session and the time since when it is."""
    for one in tunnels:
        session = one.session
        if session is not None and session.established_at is not None:
            yield one.tunnel, session, session.established_at


def learned(tunnels: Iterable[Negotiated]) -> list[BgpRoute]:
    """Return the prefixes that a connection has learned from the data center, in the data center's order.

    One that came over several sessions is one route, over the tunnels with the shortest AS path.
    """
    routes: dict[str, BgpRoute] = {}
    for tunnel, session, since in _established(tunnels):
        for route in session.learned:
            new = BgpRoute(route.prefix, BgpSource.DATA_CENTER, route.as_path, (tunnel,), since)
            known = routes.get(route.prefix)
            if known is None or len(new.as_path) < len(known.as_path):
                routes[route.prefix] = new
            elif len(new.as_path) == len(known.as_path):
                routes[route.prefix] = replace(known, tunnels=(*known.tunnels, tunnel))
    return list(routes.values())


def refused(tunnels: Iterable[Negotiated]) -> list[BgpRoute]:
    """Return the prefixes of the data center that are not taken."""
    return [
        BgpRoute(route.prefix, BgpSource.DATA_CENTER, route.as_path, (tunnel,), since, REFUSED[route.row])
        for tunnel, session, since in _established(tunnels)
        for route in session.refused
    ]


def advertised(connection: Connection, tunnels: Sequence[Negotiated]) -> tuple[list[BgpRoute], Message | str]:
    """Return what the transit router advertises to the data center over BGP, or the first reason why that is nothing.

    It advertises its published CIDR blocks. A built-in policy (priority 5000, egress) keeps the routes of one VPN
    attachment from the others [P90].
    """
    attachment = connection.living_attachment
    if not connection.enable_bgp:
        return [], _("BGP is not enabled for this connection.")
    if attachment is None:
        return [], _("The connection is not attached to a transit router.")
    if attachment.status != AttachmentStatus.ATTACHED:
        return [], _("The connection is being attached or detached.")
    if not attachment.auto_publish_route_enabled:
        return [], _("Automatic Advertising is switched off at the attachment.")
    over = list(_established(tunnels))
    if not over:
        return [], _("The BGP session is not established.")
    carriers, since = tuple(tunnel for tunnel, *_more in over), min(moment for *_more, moment in over)
    routes = [
        BgpRoute(block.cidr, BgpSource.CLOUD, (connection.local_asn,), carriers, since)
        for block in attachment.transit_router.published_cidrs
    ]
    nothing = _(
        "The transit router has no CIDR blocks to advertise, and it keeps VPN attachments' routes from each other."
    )
    return routes, "" if routes else nothing
