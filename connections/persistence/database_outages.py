"""Classify database outages (unreachable, busy, disk full), and tell whether the failed request was committed."""

import sqlite3
from enum import Enum

from django.db import Error, InterfaceError, OperationalError, connection

from connections.request_context import Saved, current


class Why(Enum):
    """What is wrong with the database. TOO_MUCH: nothing, but it refuses a statement as too large."""

    AWAY = "unreachable"
    BUSY = "busy"
    SLOW = "slow"
    FULL = "full"
    READ_ONLY = "read-only"
    DAMAGED = "damaged"
    TOO_MUCH = "too much"


class TurnTimeout(OperationalError):
    """Other writers held the write lock for longer than a request waits."""


# PostgreSQL's SQLSTATE, or the first two characters of it.
_STATES = {
    "55P03": Why.BUSY,  # lock_not_available, also after lock_timeout
    "40P01": Why.BUSY,  # deadlock_detected
    "40001": Why.BUSY,  # serialization_failure
    "57014": Why.SLOW,  # query_canceled, after statement_timeout
    "53100": Why.FULL,  # disk_full
    "25006": Why.READ_ONLY,  # read_only_sql_transaction, as on a standby
    "25P03": Why.AWAY,  # idle_in_transaction_session_timeout: the server has closed the connection
    "54": Why.TOO_MUCH,  # program_limit_exceeded
    "58": Why.DAMAGED,  # io_error, undefined_file
    "XX001": Why.DAMAGED,  # data_corrupted
    "XX002": Why.DAMAGED,  # index_corrupted
}
# SQLite's extended result codes, or the primary code that is their lowest byte.
_CODES = {
    sqlite3.SQLITE_BUSY: Why.BUSY,
    sqlite3.SQLITE_LOCKED: Why.BUSY,
    sqlite3.SQLITE_PROTOCOL: Why.BUSY,
    sqlite3.SQLITE_FULL: Why.FULL,
    # Short writes: a quota, a limit on file sizes, a full disk under shared memory.
    sqlite3.SQLITE_IOERR_WRITE: Why.FULL,
    sqlite3.SQLITE_IOERR_FSYNC: Why.FULL,
    sqlite3.SQLITE_IOERR_DIR_FSYNC: Why.FULL,
    sqlite3.SQLITE_IOERR_TRUNCATE: Why.FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: Why.FULL,
    sqlite3.SQLITE_IOERR: Why.DAMAGED,
    sqlite3.SQLITE_CORRUPT: Why.DAMAGED,
    sqlite3.SQLITE_NOTADB: Why.DAMAGED,
    sqlite3.SQLITE_READONLY: Why.READ_ONLY,
    sqlite3.SQLITE_PERM: Why.READ_ONLY,
    sqlite3.SQLITE_READONLY_DBMOVED: Why.AWAY,
    sqlite3.SQLITE_CANTOPEN: Why.AWAY,
    sqlite3.SQLITE_TOOBIG: Why.TOO_MUCH,
}
# SQLite has the same code for these and for invalid statements.
_LIMITS = ("pattern too complex", "too many", "too large", "stack overflow")


def reason(error: BaseException | None) -> Why | None:
    """What is wrong with the database, from an error of Django or the driver; None for other errors."""
    driver = connection.Database  # type: ignore[attr-defined] # Every backend has it; django-stubs omits it.
    if not isinstance(error, (Error, driver.Error)):
        return None
    cause = error.__cause__ or error
    if isinstance(cause, TurnTimeout):
        return Why.BUSY
    if code := getattr(cause, "sqlite_errorcode", None):
        is_limit = code == sqlite3.SQLITE_ERROR and any(words in str(cause) for words in _LIMITS)
        return _CODES.get(code) or _CODES.get(code & 0xFF) or (Why.TOO_MUCH if is_limit else None)
    state = getattr(cause, "sqlstate", None) or ""
    if why := _STATES.get(state) or _STATES.get(state[:2]):
        return why
    # Django does not wrap what the driver raises when it closes a server-side cursor.
    unreachable = (OperationalError, InterfaceError, driver.OperationalError, driver.InterfaceError)
    return Why.AWAY if isinstance(error, unreachable) else None


def fate(error: BaseException | None) -> Saved:
    """Whether the request that ends with this error was committed."""
    saved = served.saved if (served := current.get()) else Saved.NOTHING
    if saved is Saved.UNSURE and reason(error) is not Why.AWAY:
        # The database answered with an error, so it did not commit.
        return Saved.NOTHING
    return saved
