"""Columns that follow from other rows, so that an index can filter, sort and search by them.

`Connection.is_bound`: whether an attachment binds the connection and is not detaching. `Route.transit_router`: the
transit router of the connection's attachment. `Connection.search_text`: its name, ID, addresses, AS numbers, networks
and tags. `Connection.gateway_name`: the name of its first customer gateway, or else its ID. Services call these
functions when they insert rows, and when they change an attachment, or one of these.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, F, Model, OuterRef, Q, Subquery

from connections.domain.choices import AttachmentStatus
from connections.models import Attachment, Connection, CustomerGateway, Route, Tag, Tunnel
from connections.search import text_of
from connections.services import negotiations

_BINDING = Attachment.objects.exclude(transition=AttachmentStatus.DETACHING)
_IS_BOUND = Exists(_BINDING.filter(connection=OuterRef("pk")))
_ROUTER = Subquery(Attachment.objects.filter(connection=OuterRef("connection")).values("transit_router"))
_COLUMNS: dict[type[Model], tuple[str, ...]] = {
    Connection: ("is_bound", "search_text", "gateway_name", "status_rank"),
    Route: ("transit_router",),
    Tunnel: negotiations.COLUMNS,
}
# How many rows a query reads or names.
AT_ONCE = 500


def fill(rows: Iterable[Model]) -> None:
    """Give new rows their values before they are inserted. A connection's tunnels and attachment are among the rows."""
    tunnels, tags = defaultdict(list), defaultdict(list)
    for row in rows:
        if isinstance(row, Tunnel):
            tunnels[id(row.connection)].append(row)
        elif isinstance(row, Tag) and row.connection is not None:
            tags[id(row.connection)].append(str(row))
    for row in rows:
        if isinstance(row, Connection):
            row.is_bound = hasattr(row, "attachment")
            row.search_text = search_text(row, tunnels[id(row)], tags[id(row)])
            row.gateway_name = gateway_name(tunnels[id(row)])
            row.status_rank = negotiations.rank(tunnels[id(row)])
        elif isinstance(row, Route):
            attachment = getattr(row.connection, "attachment", None)
            row.transit_router = attachment and attachment.transit_router


def search_text(connection: Connection, tunnels: Iterable[Tunnel], tags: Iterable[str]) -> str:
    """Return the search text of a connection with these tunnels, and tags such as `env=prod`."""
    words = [connection.name, connection.resource_id]
    asns: list[int | None] = [connection.local_asn] if connection.enable_bgp else []
    for tunnel in tunnels:
        words += [tunnel.internet_ip, tunnel.customer_gateway.ip_address]
        asns.append(tunnel.customer_gateway.asn)
    words += [str(asn) for asn in dict.fromkeys(asns) if asn]
    words += [*connection.local_subnet, *connection.remote_subnet, *sorted(tags)]
    return text_of(connection.account_id, connection.region_id, *words)


def gateway_name(tunnels: Iterable[Tunnel]) -> str:
    """Return what a connection with these tunnels is sorted by as to its customer gateways; blank without tunnels."""
    first = min(tunnels, key=lambda tunnel: tunnel.index, default=None)
    return str(first.customer_gateway) if first else ""


def write_gateway_name(gateway: CustomerGateway) -> None:
    """Update the connections of a customer gateway that has been renamed."""
    tunnels = Tunnel.objects.filter(customer_gateway=gateway, index=1)
    Connection.objects.filter(pk__in=tunnels.values("connection")).update(gateway_name=str(gateway))


def write_search_text(connection: Connection) -> None:
    """Update the search text from the stored rows."""
    tunnels = connection.tunnels.select_related("customer_gateway").order_by("index")
    tags = map(str, Tag.objects.filter(connection=connection))
    Connection.objects.filter(pk=connection.pk).update(search_text=search_text(connection, tunnels, tags))


def write_binding(connections: Sequence[Connection]) -> None:
    """Update `is_bound` and the routes' transit routers from the stored attachments."""
    for start in range(0, len(connections), AT_ONCE):
        part = [connection.pk for connection in connections[start : start + AT_ONCE]]
        Connection.objects.filter(pk__in=part).update(is_bound=_IS_BOUND)
        Route.objects.filter(connection__in=part).update(transit_router=_ROUTER)


def outdated(using: str = DEFAULT_DB_ALIAS) -> Iterator[Connection | Route | Tunnel]:
    """Find stored rows with outdated values, and set the right ones on them, unsaved."""
    # Before the connections, whose rank follows from them.
    yield from negotiations.outdated(using)
    connections = Connection.objects.using(using).annotate(binds=_IS_BOUND)
    for connection in (
        connections.prefetch_related("tunnels__customer_gateway", "tags").order_by("pk").iterator(AT_ONCE)
    ):
        tunnels = connection.tunnels.all()
        text = search_text(connection, tunnels, map(str, connection.tags.all()))
        right = (connection.binds, text, gateway_name(tunnels), negotiations.rank(tunnels))
        if tuple(getattr(connection, name) for name in _COLUMNS[Connection]) != right:
            for name, value in zip(_COLUMNS[Connection], right, strict=True):
                setattr(connection, name, value)
            yield connection
    routes = Route.objects.using(using).annotate(leads_to=_ROUTER).select_related("connection")
    is_right = Q(transit_router=F("leads_to")) | Q(transit_router=None, leads_to=None)
    for route in routes.exclude(is_right).order_by("pk").iterator(AT_ONCE):
        route.transit_router_id = route.leads_to
        yield route


def repair() -> None:
    """Write the right values of outdated rows."""
    for row in outdated():
        row.save(update_fields=_COLUMNS[type(row)])
