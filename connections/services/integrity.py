"""Whether what is stored fits together: what no constraint of the database can say."""

from collections.abc import Iterator

from django.db import connection as database
from django.db.models import Count, F

from connections import changes, vault
from connections.choices import Outcome, RouteSource
from connections.models import Attachment, Cen, Connection, CustomerGateway, Event, Tag, TransitRouter, Tunnel, tags

# Which operation makes a resource, and which one takes it away.
LIVES = (
    (CustomerGateway, "CreateCustomerGateway", "DeleteCustomerGateway"),
    (Cen, "CreateCen", "DeleteCen"),
    (TransitRouter, "CreateTransitRouter", "DeleteTransitRouter"),
    (Connection, "CreateVpnAttachment", "DeleteVpnAttachment"),
)


def findings() -> Iterator[str]:
    """What is wrong, one sentence each; nothing if all is well."""
    yield from _database()
    for connection in Connection.objects.annotate(tunnel_count=Count("tunnels")).filter(tunnel_count=0):
        yield f"{connection.resource_id} has no tunnel."
    for tunnel in Tunnel.objects.exclude(account=F("connection__account"), region_id=F("connection__region_id")):
        yield f"{tunnel.resource_id} does not belong where its connection does."
    for tunnel in Tunnel.objects.exclude(account=F("customer_gateway__account")):
        yield f"{tunnel.resource_id} has a customer gateway of another account."
    for attachment in Attachment.objects.exclude(account=F("transit_router__account")):
        yield f"{attachment.resource_id} belongs to another account than its transit router."
    for link in tags.RESOURCES:
        for tag in Tag.objects.exclude(**{link: None}).exclude(account=F(f"{link}__account")):
            yield f"A tag {tag.key} belongs to another account than its {link}."
    for connection in Connection.objects.prefetch_related("routes"):
        routes = list(connection.routes.all())
        there = {route.destination for route in routes}
        made = {route.destination for route in routes if route.source == RouteSource.AUTOMATIC}
        wanted = set(changes.automatic_routes(connection))
        if not (made <= wanted <= there):
            yield f"The automatic routes of {connection.resource_id} do not follow its networks."
    for tunnel in Tunnel.objects.iterator():
        try:
            if not tunnel.psk:
                yield f"{tunnel.resource_id} has no pre-shared key."
        except vault.Unreadable:
            yield f"The pre-shared key of {tunnel.resource_id} cannot be opened."
    yield from _events()


def _database() -> Iterator[str]:
    """The database's own view of itself."""
    if database.vendor == "sqlite":
        with database.cursor() as cursor:
            for (said,) in cursor.execute("PRAGMA integrity_check").fetchall():
                if said != "ok":
                    yield f"SQLite: {said}."
            for table, row, *_ in cursor.execute("PRAGMA foreign_key_check").fetchall():
                yield f"Row {row} of {table} points at nothing."


def _events() -> Iterator[str]:
    """Every resource was made by exactly one operation, and none that was taken away is there."""
    for model, making, taking in LIVES:
        there = set(model.objects.values_list("resource_id", flat=True))
        done = Event.objects.filter(outcome=Outcome.SUCCESS)
        made = list(done.filter(operation=making).values_list("resource_id", flat=True))
        gone = list(done.filter(operation=taking).values_list("resource_id", flat=True))
        for resource_id in sorted(there - set(made)):
            yield f"No event tells that {resource_id} was created."
        for resource_id in sorted(set(made) - set(gone) - there):
            yield f"{resource_id} was created, not deleted, and is not there."
        for resource_id in sorted(there & set(gone)):
            yield f"{resource_id} was deleted and is there."
        for ids in (made, gone):
            for resource_id in sorted({one for one in ids if ids.count(one) > 1} if len(ids) != len(set(ids)) else ()):
                yield f"Two events tell the same of {resource_id}."
