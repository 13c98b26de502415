"""A read-only database, like a standby or a disk that is mounted read-only."""

from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def read_only():
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA query_only = 1")
        try:
            yield
        finally:
            connection.cursor().execute("PRAGMA query_only = 0")
        return
    with transaction.atomic():
        connection.cursor().execute("SET TRANSACTION READ ONLY")
        try:
            yield
        finally:
            # Make the database writable again.
            transaction.set_rollback(True)
