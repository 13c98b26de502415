"""A fair write lock for SQLite, which lets one writer in at a time.

SQLite's busy handler favors new writers: with sixteen of them, one may wait for seconds. Here, writers lock a file
beside the database. Those that have waited longer retry more often, and a process that has just written lets others go
first. PostgreSQL queues by itself.
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

# Seconds between two attempts.
STEP = 0.006
# In seconds. After this time a writer retries twice as often, after twice this time three times as often, and so on.
PATIENCE = 0.05
# In seconds. A thread that has written so recently lets waiting writers go first.
LATELY = 0.05

_had = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Hold the write lock for one transaction. Within a transaction, the lock is held already."""
    name = str(connection.settings_dict["NAME"])
    if fcntl is None or connection.vendor != "sqlite" or connection.in_atomic_block or "memory" in name:
        yield
        return
    with ExitStack() as files:
        try:
            # Closing a file releases its lock, also if the process dies.
            opened = [files.enter_context(open(f"{name}-{what}", "a")) for what in ("turn", "waiting")]
        except OSError:
            # The folder is not writable: the database will report it.
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


# Functions to call when the outermost `work` ends; None outside of it.
_waiting: ContextVar[list[Callable[[], None]] | None] = ContextVar("waiting", default=None)


def after_work(do: Callable[[], None]) -> None:
    """Call a function after the outermost `work` has been committed or rolled back; outside of it, call it now."""
    waiting = _waiting.get()
    if waiting is None:
        do()
    else:
        waiting.append(do)


@contextmanager
def work() -> Iterator[None]:
    """Run a transaction under the write lock, and note whether it was committed, for error pages and API answers."""
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
    """Try to lock a file. Returns False if another process has locked it."""
    try:
        fcntl.flock(file, lock | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
