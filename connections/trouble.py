"""What a database is in want of when it does not serve: told apart once, for pages and API."""

from enum import Enum

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from vpnconsole.context import Saved, current


class Why(Enum):
    """What is the matter with it."""

    AWAY = "away"
    BUSY = "busy"
    FULL = "full"


# PostgreSQL's codes; its sentences are in the server's language. What is not named here says that it is away.
FULL_STATES = {"53100"}  # disk_full
BUSY_STATES = {"57014", "55P03", "40P01", "40001"}  # query_canceled, lock_not_available, deadlock, serialization


def database_error(error: BaseException | None) -> OperationalError | InterfaceError | None:
    """The error as Django's own, if it says that the database does not serve.

    Django puts its own in the place of a driver's errors, but not where a cursor on the server is closed.
    """
    for own in (OperationalError, InterfaceError):
        if isinstance(error, own):
            return error
        if isinstance(error, getattr(connection.Database, own.__name__)):
            told = own(*error.args)
            told.__cause__ = error
            return told
    return None


def reason(error: DatabaseError | InterfaceError) -> Why:
    """Why the database did not serve; SQLite has words for it, PostgreSQL codes."""
    state = getattr(error.__cause__, "sqlstate", None)
    if state is None:
        said = str(error).lower()
        if "full" in said or "no space" in said or "disk i/o" in said:
            return Why.FULL
        return Why.BUSY if "locked" in said else Why.AWAY
    if state in FULL_STATES:
        return Why.FULL
    return Why.BUSY if state in BUSY_STATES else Why.AWAY


def fate(error: BaseException | None) -> Saved:
    """What has become of the work of the request that ends with this error."""
    saved = served.saved if (served := current.get()) else Saved.NOTHING
    if saved is Saved.UNSURE and not (isinstance(error, (DatabaseError, InterfaceError)) and reason(error) is Why.AWAY):
        # A database that is there and says no at the end has saved nothing.
        return Saved.NOTHING
    return saved
