"""Check that stored rows fit together, where no constraint of the database does."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db import connections as databases
from django.db.models import Count, F, Model

from connections.domain import rules, sections
from connections.domain.applicability import Applicability
from connections.domain.choices import Outcome, RouteSource
from connections.domain.problems import Problem
from connections.english import counted
from connections.models import (
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    Device,
    Event,
    ResourceGroup,
    Route,
    RouteEntry,
    Tag,
    TransitRouter,
    TransitRouterCidr,
    Tunnel,
    tags,
)
from connections.models.devices import SETTINGS
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
    uneven = Connection.objects.using(using).annotate(count=Count("tunnels")).exclude(count=F("tunnel_count"))
    for resource_id, count, wanted in uneven.values_list("resource_id", "count", "tunnel_count"):
        yield Finding(f"{resource_id} has {counted(count, 'tunnel')}, not {wanted}.")
    tunnels = Tunnel.objects.using(using)
    for tunnel in tunnels.exclude(account=F("connection__account"), region_id=F("connection__region_id")):
        yield Finding(f"{tunnel.resource_id} does not belong where its connection does.")
    for tunnel in tunnels.filter(device=None):
        yield Finding(f"{tunnel.resource_id} has no simulated device.")
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
    for sentence in _spelling(using):
        yield Finding(sentence, is_fault=False)
    for device in Device.objects.using(using).filter(is_configured=True).select_related("tunnel").iterator(1000):
        settings = {name: getattr(device, name) for name in SETTINGS if name not in sections.SECRETS}
        if any(rules.device_problems(settings | {"psk": "", "auth_key": ""})):
            yield Finding(f"The device of {device.resource_id} has settings that no door would take.", is_fault=False)
    for row in derived.outdated(using):
        connection = row if isinstance(row, Connection) else row.connection
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


def _spelling(using: str) -> Iterator[str]:
    """Find addresses, networks and texts that are spelled as no door writes them."""
    for model, name, kinds in SPELLED:
        rows = model._default_manager.using(using).order_by("pk")
        for resource_id, *values in rows.values_list(name, *kinds).iterator(1000):
            for (field, problems), value in zip(kinds.items(), values, strict=True):
                if value and any(problems(field, value)):
                    yield f"{field} of {resource_id} is spelled as no door would take it."


def _text(field: str, value: str) -> Iterator[Problem]:
    yield from rules.line_problems(field, value)
    if value != value.strip():
        yield Problem(field, "blanks", "")


def _address(field: str, value: str) -> Iterator[Problem]:
    return rules.address_problems(field, value, "")


def _network(field: str, value: str) -> Iterator[Problem]:
    return rules.cidr_problems(field, [value])


# Every column that people spell: its model, the ID that a finding names, and the rule of each column.
_NAMED = {"name": _text, "description": _text}
SPELLED: tuple[tuple[type[Model], str, dict[str, Callable[..., Iterator[Problem]]]], ...] = (
    (ResourceGroup, "resource_id", {"name": _text}),
    (CustomerGateway, "resource_id", _NAMED | {"ip_address": _address}),
    (Cen, "resource_id", _NAMED),
    (TransitRouter, "resource_id", _NAMED),
    (TransitRouterCidr, "resource_id", {"cidr": _network}),
    (
        Connection,
        "resource_id",
        {"name": _text, "local_subnet": rules.cidr_problems, "remote_subnet": rules.cidr_problems,
         "health_check_dip": _address, "health_check_sip": _address},
    ),
    (
        Tunnel,
        "resource_id",
        {"internet_ip": _address, "tunnel_cidr": _network, "local_bgp_ip": _address,
         "local_id": rules.identity_problems, "remote_id": rules.identity_problems},
    ),
    (Attachment, "resource_id", _NAMED),
    (Route, "connection__resource_id", {"destination": _network, "description": _text}),
    (RouteEntry, "resource_id", _NAMED | {"destination": _network}),
    (Tag, "key", {"key": _text, "value": _text}),
)  # fmt: skip


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
