"""Whose turn it is to write, where a database lets one writer in at a time and is not fair about it.

SQLite's own waiting favours those who have just come: of sixteen writers one may wait for seconds. Waiting for a lock
on a file beside the database does not: those who have waited longer ask more often, and who has just had a turn lets
others go first. PostgreSQL queues by itself.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import IO

from django.conf import settings
from django.db import connection, transaction

from connections.persistence.database_outages import TurnTimeout
from connections.request_context import Saved, current

try:
    import fcntl
except ImportError:  # Windows: SQLite's own waiting has to do.
    fcntl = None  # type: ignore[assignment] # callers check for None

STEP = 0.006
# Who has waited so long asks twice as often, who has waited twice as long three times as often, and so on.
PATIENCE = 0.05
# Who had a turn so lately lets the others go first, if there are any.
LATELY = 0.05

_had = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Hold the right to write, for one transaction. Within a transaction it is held already."""
    name = str(connection.settings_dict["NAME"])
    if fcntl is None or connection.vendor != "sqlite" or connection.in_atomic_block or "memory" in name:
        yield
        return
    with ExitStack() as files:
        try:
            # Closing a file gives up what is held by it, also if the process dies.
            opened = [files.enter_context(open(f"{name}-{what}", "a")) for what in ("turn", "waiting")]
        except OSError:
            # A folder that takes no files: the database itself says what is wrong.
            opened = []
        if opened:
            _wait(*opened)
        try:
            yield
        finally:
            _had.last = time.monotonic()


def _wait(file: IO[str], room: IO[str]) -> None:
    """Lock the file. Raises TurnTimeout."""
    began = time.monotonic()
    polite = began - getattr(_had, "last", 0) < LATELY and not _take(room, fcntl.LOCK_EX)
    while polite or not _take(file, fcntl.LOCK_EX):
        waited = time.monotonic() - began
        if waited > settings.DATABASE_TIMEOUT:
            raise TurnTimeout("database is locked by other writers")
        _take(room, fcntl.LOCK_SH)
        step = STEP if polite else STEP / (1 + waited / PATIENCE)
        polite = False
        time.sleep(step * (0.5 + random.random()))  # noqa: S311 - so that steps do not fall together
    fcntl.flock(room, fcntl.LOCK_UN)


# What waits for the outermost `work` of this thread to end; None outside of any.
_waiting: ContextVar[list[Callable[[], None]] | None] = ContextVar("waiting", default=None)


def after_work(do: Callable[[], None]) -> None:
    """Call a function once the outermost `work` has been committed or rolled back; at once outside of any."""
    waiting = _waiting.get()
    if waiting is None:
        do()
    else:
        waiting.append(do)


@contextmanager
def work() -> Iterator[None]:
    """One transaction, when its turn has come; what has become of it can be told if the request ends in trouble."""
    if _waiting.get() is not None:
        with transaction.atomic():
            yield
        return
    waiting: list[Callable[[], None]] = []
    token = _waiting.set(waiting)
    try:
        with _outermost_work():
            yield
    finally:
        _waiting.reset(token)
        for do in waiting:
            do()


@contextmanager
def _outermost_work() -> Iterator[None]:
    served = None if connection.in_atomic_block else current.get()
    with turn(), transaction.atomic():
        yield
        if served is not None and served.saved is Saved.NOTHING:
            served.saved = Saved.UNSURE
    if served is not None:
        served.saved = Saved.SOMETHING


def _take(file: IO[str], lock: int) -> bool:
    """Lock a file, unless somebody else has it."""
    try:
        fcntl.flock(file, lock | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
