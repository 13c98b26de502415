"""Rows read again inside an operation: what was read before it held the account may be out of date.

Locks are taken with `no_key`: two writers exclude each other, but rows that merely refer to a locked one are written.
PostgreSQL checks such references at the commit, also those of another account, and waiting there could be a deadlock.
"""

from typing import TypeVar

from django.db.models import QuerySet

from connections.domain import refusals
from connections.models import Account, Attachment, Connection
from connections.models.base import Resource

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
