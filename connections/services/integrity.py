"""Check that stored rows fit together, where no constraint of the database does."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db import connections as databases
from django.db.models import Count, F

from connections.domain.applicability import Applicability
from connections.domain.choices import Outcome, RouteSource
from connections.english import counted
from connections.models import (
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    Event,
    Route,
    Tag,
    TransitRouter,
    Tunnel,
    tags,
)
from connections.services import derived
from connections.services.secrets import unreadable

# The operation that creates a resource, and the one that deletes it.
LIVES = (
    (CustomerGateway, "CreateCustomerGateway", "DeleteCustomerGateway"),
    (Cen, "CreateCen", "DeleteCen"),
    (TransitRouter, "CreateTransitRouter", "DeleteTransitRouter"),
    (Connection, "CreateVpnAttachment", "DeleteVpnAttachment"),
)


class Finding(NamedTuple):
    """An inconsistency. The console does not work with a fault, so a backup with one is not restored."""

    sentence: str
    is_fault: bool = True


def findings(using: str = DEFAULT_DB_ALIAS, keys: list[str] | None = None) -> Iterator[Finding]:
    """Find every inconsistency in a database. `keys` open its secrets instead of this installation's keys."""
    yield from _database(using)
    without_tunnels = Connection.objects.using(using).annotate(tunnel_count=Count("tunnels")).filter(tunnel_count=0)
    for resource_id in without_tunnels.values_list("resource_id", flat=True):
        yield Finding(f"{resource_id} has no tunnel.")
    tunnels = Tunnel.objects.using(using)
    for tunnel in tunnels.exclude(account=F("connection__account"), region_id=F("connection__region_id")):
        yield Finding(f"{tunnel.resource_id} does not belong where its connection does.")
    for tunnel in tunnels.exclude(account=F("customer_gateway__account")):
        yield Finding(f"{tunnel.resource_id} has a customer gateway of another account.")
    for attachment in Attachment.objects.using(using).exclude(account=F("transit_router__account")):
        yield Finding(f"{attachment.resource_id} belongs to another account than its transit router.")
    for link in tags.RESOURCES:
        for tag in Tag.objects.using(using).exclude(**{link: None}).exclude(account=F(f"{link}__account")):
            yield Finding(f"A tag {tag.key} belongs to another account than its {link}.")
    for column, count in unreadable(keys, using).items():
        yield Finding(f"{counted(count, 'stored secret')} in {column} cannot be opened.")
    for tunnel in tunnels.filter(psk=""):
        yield Finding(f"{tunnel.resource_id} has no pre-shared key.", is_fault=False)
    for connection in Connection.objects.using(using).prefetch_related("routes").order_by("pk").iterator(1000):
        routes = list(connection.routes.all())
        stored = {route.destination for route in routes}
        automatic = {route.destination for route in routes if route.source == RouteSource.AUTOMATIC}
        expected = set(connection.automatic_destinations(Applicability.of(connection)))
        if not (automatic <= expected <= stored):
            sentence = f"The automatic routes of {connection.resource_id} do not follow its networks."
            yield Finding(sentence, is_fault=False)
    for row in derived.outdated(using):
        connection = row.connection if isinstance(row, Route) else row
        yield Finding(f"Lists find {connection.resource_id} by values that are out of date.", is_fault=False)
    for sentence in _history(using):
        yield Finding(sentence, is_fault=False)


def _database(using: str) -> Iterator[Finding]:
    """Run the database's own checks."""
    database = databases[using]
    if database.vendor == "sqlite":
        with database.cursor() as cursor:
            for (said,) in cursor.execute("PRAGMA integrity_check").fetchall():
                if said != "ok":
                    yield Finding(f"SQLite: {said}.")
            for table, row, *_ in cursor.execute("PRAGMA foreign_key_check").fetchall():
                yield Finding(f"Row {row} of {table} points at nothing.")


def _history(using: str) -> Iterator[str]:
    """Find contradictions between event log and rows. An ID may be created, deleted and created again."""
    done = Event.objects.using(using).filter(outcome=Outcome.SUCCESS).order_by("pk")
    for model, creation, deletion in LIVES:
        stored = set(model.objects.using(using).values_list("resource_id", flat=True))
        alive: dict[str, bool] = {}
        wrong: dict[str, str] = {}
        events = done.filter(operation__in=(creation, deletion)).values_list("resource_id", "operation")
        for resource_id, operation in events.iterator(1000):
            created = operation == creation
            if alive.get(resource_id, False) == created:
                wrong[resource_id] = f"The event log repeats that {resource_id} was {_told(created)}."
            alive[resource_id] = created
        for resource_id in stored | alive.keys():
            if alive.get(resource_id, False) != (resource_id in stored):
                told = _told(resource_id in stored)
                wrong[resource_id] = f"The event log does not tell that {resource_id} was {told}."
        yield from (wrong[resource_id] for resource_id in sorted(wrong))


def _told(created: bool) -> str:
    return "created" if created else "deleted"
