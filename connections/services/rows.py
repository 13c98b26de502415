"""Read rows again inside an operation, and write what an edit changes.

Rows that were read before the operation locked the account may be out of date.

Locks are taken with `no_key`, so that other rows can still refer to a locked one. PostgreSQL checks such references at
the commit, those of other accounts too, and waiting there could deadlock.
"""

from collections.abc import Collection
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from connections.domain import refusals
from connections.models import Account, Attachment, Cen, Connection, RouteTable, TransitRouter, TransitRouterCidr
from connections.models.base import Resource
from connections.services.operations import Record

Row = TypeVar("Row", bound=Resource)


def reread(account: Account, row: Row) -> Row:
    """Return the account's row as it is stored now, locked until the transaction ends. Raise Refused if it is gone."""
    if isinstance(row, Attachment):
        # The account that owns the connection may remove a detached attachment; it locks the connection first.
        Connection.objects.select_for_update(no_key=True).filter(pk=row.connection_id).first()
    stored = QuerySet(type(row)).select_for_update(no_key=True).filter(account=account, pk=row.pk).first()
    if stored is None:
        raise refusals.Refused(refusals.GONE, what=str(row))
    return stored


def spelled(row: Model, name: str) -> Any:
    """Return a field's value as it will be stored: texts without blanks around them, keys as they are."""
    fields = {field.name: field for field in row._meta.concrete_fields}
    return fields[name].to_python(getattr(row, name))


Edited = TypeVar("Edited", Cen, TransitRouter, TransitRouterCidr, RouteTable)


def refuse_changed(stored: Resource | TransitRouterCidr, revision: int) -> None:
    """Raise Refused if the row is not of this revision any more."""
    if stored.revision != revision:
        raise refusals.Refused(refusals.CHANGED_MEANWHILE, what=str(stored))


def rewrite(stored: Edited, edited: Edited, names: Collection[str], record: Record) -> None:
    """Write the fields of an edited row over the stored one, and record those that change. Raises ValidationError."""
    for name in names:
        before, after = getattr(stored, name), spelled(edited, name)
        if before != after:
            record.facts[name] = [before, after]
            setattr(stored, name, after)
    stored.full_clean(exclude=["resource_id"], validate_unique=False, validate_constraints=False)
    stored.revision += 1
    stored.save()
