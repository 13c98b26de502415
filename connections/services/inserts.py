"""Insert new resources that have been judged: one at a time by services, all at once by an import."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import connection
from django.db.models import Model

from connections import clock
from connections.domain.problems import Problem
from connections.domain.refusals import Invalid
from connections.models import (
    Attachment,
    Authorization,
    Cen,
    Connection,
    CustomerGateway,
    Device,
    Propagation,
    ResourceGroup,
    Route,
    RouteEntry,
    RouteTable,
    ServiceLinkedRole,
    Tag,
    TransitRouter,
    TransitRouterCidr,
    Tunnel,
)
from connections.models.base import Resource
from connections.services import derived, devices, negotiations
from connections.services.operations import Record, own_problems

Related = TypeVar("Related", bound=Model)

# A row refers only to rows of the models before its own.
ORDER: tuple[type[Model], ...] = (
    ResourceGroup,
    ServiceLinkedRole,
    CustomerGateway,
    Cen,
    TransitRouter,
    RouteTable,
    TransitRouterCidr,
    Connection,
    Tunnel,
    Device,
    Attachment,
    Propagation,
    Route,
    Authorization,
    RouteEntry,
    Tag,
)
# Services set these.
_SET_BY_SERVICES = ("resource_id", "account", "resource_group", "connection", "cen", "tunnel")


@dataclass
class New:
    """A resource that has been judged but not stored: its rows, and the facts of its event."""

    operation: str
    region_id: str
    resource: Resource | RouteEntry
    rows: list[Model] = field(default_factory=list)
    record: Record = field(default_factory=Record)

    def __post_init__(self) -> None:
        # So that what is judged next can refer to it.
        self.resource.give_ids()
        self.rows.insert(0, self.resource)
        self.record.resource_id = self.record.resource_id or self.resource.resource_id

    def store(self, record: Record) -> None:
        """Insert the rows, and copy the facts into an operation's record."""
        insert(self.rows)
        record.resource_id, record.related_id = self.record.resource_id, self.record.related_id
        record.facts |= self.record.facts


def related(row: Model, name: str, model: type[Related]) -> Related | None:
    """Return the row that a foreign key points at, stored or new; None if it is not set."""
    value = getattr(row, name, None)
    return value if isinstance(value, model) else None


def row_problems(rows: Iterable[Model]) -> list[Problem]:
    """Judge each new row by itself, before an operation begins."""
    return [
        problem
        for row in rows
        for problem in own_problems(row, exclude=[*_SET_BY_SERVICES, *_new_relations(row)], tunnel=_tunnel_of(row))
    ]


def refuse_problems(problems: Sequence[Problem]) -> None:
    """Raise Invalid with all problems, if there are any."""
    if problems:
        raise Invalid(problems)


def _new_relations(row: Model) -> list[str]:
    """Return the foreign keys that point at rows which are not stored yet."""
    keys = [key.name for key in row._meta.concrete_fields if key.many_to_one]
    return [name for name in keys if (other := related(row, name, Model)) is not None and other.pk is None]


def _tunnel_of(row: Model) -> int:
    return row.index if isinstance(row, Tunnel) else 1


def insert(rows: Iterable[Model]) -> None:
    """Insert new rows, model by model, so that a row comes after the rows to which it refers.

    A tunnel without a device among the rows gets one, configured or not as the account's setting says.
    """
    rows, now = list(rows), clock.now()
    equipped = {id(row.tunnel) for row in rows if isinstance(row, Device)}
    without = [row for row in rows if isinstance(row, Tunnel) and id(row) not in equipped]
    configured = [row for row in without if devices.loads_at_once(row)]
    bare = [(row, negotiations.takes_effect(row.connection, now)) for row in without if not devices.loads_at_once(row)]
    own = [row for row in rows if isinstance(row, Device)]
    negotiations.note_turns(own)
    for device in own:
        negotiations.begin(device, now)
    for tunnel, moment in bare:
        negotiations.begin_without_device(tunnel, moment, now)
    derived.fill(rows)
    of_model: dict[type[Model], list[Model]] = {model: [] for model in ORDER}
    for row in rows:
        of_model[type(row)].append(row)
    attached = [row.connection for row in rows if isinstance(row, Attachment) and row.connection.pk]
    for model, fresh in of_model.items():
        for row in fresh:
            if hasattr(row, "give_ids"):
                row.give_ids()
            if hasattr(row, "created_at"):
                # The object may have been created in memory long before.
                row.created_at = now
        if connection.features.can_return_rows_from_bulk_insert:
            model._default_manager.bulk_create(fresh)
        else:
            for row in fresh:
                row.save(force_insert=True)
    negotiations.equip(bare)
    devices.equip_configured(configured)
    derived.write_binding(attached)
