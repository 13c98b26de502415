"""Compute a route table in memory, to compare it with what the database returns."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from connections import routing
from connections.domain.choices import AttachmentStatus, EntryStatus, EntryType
from connections.models import RouteTable
from connections.routing import Entry


def table(stored: RouteTable) -> list[Entry]:
    """The entries of a route table, worked out row by row.

    A static entry takes precedence over propagated ones. Of several propagated entries to one destination, those with
    the greatest weight are active and the others stand by.
    """
    attachments = routing.living(stored.transit_router)
    there = {attachment.pk for attachment in attachments}
    static = [
        Entry(row.destination, row.attachment, EntryType.STATIC, EntryStatus.ACTIVE, row=row)
        for row in stored.entries.all()
        if row.attachment_id is None or row.attachment_id in there
    ]
    first = {entry.destination for entry in static}
    by_destination: dict[str, list[Entry]] = defaultdict(list)
    for attachment in attachments:
        if attachment.status == AttachmentStatus.ATTACHED and stored in attachment.propagation_tables:
            for route in attachment.connection.routes.all():
                entry = Entry(route.destination, attachment, EntryType.PROPAGATED, EntryStatus.ACTIVE, route.weight)
                by_destination[route.destination].append(entry)
    propagated = [entry for entries in by_destination.values() for entry in _ranked(entries)]
    return [
        *(Entry(block.cidr, None, EntryType.STATIC, EntryStatus.ACTIVE) for block in stored.transit_router.cidrs.all()),
        *static,
        *(replace(one, status=EntryStatus.STANDBY) if one.destination in first else one for one in propagated),
    ]


def _ranked(entries: list[Entry]) -> Iterator[Entry]:
    greatest = max(entry.weight for entry in entries)
    for entry in entries:
        yield entry if entry.weight == greatest else replace(entry, status=EntryStatus.STANDBY)


def stored_table(stored: RouteTable) -> list[Entry]:
    """The same route table, read from the database."""
    propagated = [routing.entry(stored, route) for route in routing.propagated(routing.live(stored))]
    return [*routing.own_entries(stored), *routing.static_entries(stored), *propagated]
