"""Whose turn it is to write, where a database lets one writer in at a time and is not fair about it.

SQLite's own waiting favours those who have just come: of sixteen writers one may wait for seconds. Waiting for a lock
on a file beside the database, by the same short steps for everybody, does not. PostgreSQL queues by itself.
"""

import random
import time
from contextlib import contextmanager

from django.conf import settings
from django.db import OperationalError, connection

try:
    import fcntl
except ImportError:  # Windows: SQLite's own waiting has to do.
    fcntl = None

STEP = 0.003


@contextmanager
def turn():
    """Hold the right to write, for one transaction. Within a transaction it is held already."""
    name = str(connection.settings_dict["NAME"])
    if fcntl is None or connection.vendor != "sqlite" or connection.in_atomic_block or "memory" in name:
        yield
        return
    with open(f"{name}-turn", "a") as file:
        deadline = time.monotonic() + settings.DATABASE_TIMEOUT
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise OperationalError("database is locked by other writers") from None
                time.sleep(STEP * (0.5 + random.random()))  # noqa: S311 - so that steps do not fall together
        # Closing the file gives the turn on, also if the process dies.
        yield
