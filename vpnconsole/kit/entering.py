"""Enter a world: within the block, this thread's default database is the world's file."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError
from django.db import connections as databases
from django.db.backends.sqlite3.base import DatabaseWrapper

from connections.persistence import encryption
from vpnconsole.kit import clockwork, draws, state
from vpnconsole.kit.worlds import World, find

# Open databases of a thread. A process has a few threads, and a client changes worlds rarely.
OPEN = 8
# How many parts of an answer are made at once, such as rows of a table.
CHUNKS = 50
# How often a world is looked up if it changes each time.
ATTEMPTS = 5
_open = threading.local()


class WorldDatabase(DatabaseWrapper):
    """A world's file, which is not created if it is missing."""

    def get_connection_params(self):
        parameters = super().get_connection_params()
        return parameters | {"database": f"file:{quote(parameters['database'])}?mode=rw"}


def _settings(name: str) -> dict:
    return databases.configure_settings(
        {
            DEFAULT_DB_ALIAS: {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": name,
                "CONN_MAX_AGE": None,
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": settings.DATABASE_TIMEOUT,
                    # Worlds need not survive a power cut.
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF",
                },
            }
        }
    )[DEFAULT_DB_ALIAS]


def _database(world: World) -> WorldDatabase:
    """This thread's connection to a world's file. Raises OperationalError if the file is gone."""
    opened: OrderedDict[str, WorldDatabase] = _open.__dict__.setdefault("databases", OrderedDict())
    name = str(world.data)
    database = opened.pop(name, None)
    if database is None:
        database = WorldDatabase(_settings(name), DEFAULT_DB_ALIAS)
        database.connect()
    opened[name] = database
    while len(opened) > OPEN:
        opened.popitem(last=False)[1].close()
    return database


def is_inside() -> bool:
    """Whether this thread is in a world."""
    return isinstance(databases[DEFAULT_DB_ALIAS], WorldDatabase)


@contextmanager
def named_world(look_up: Callable[[], World | None]) -> Iterator[World | None]:
    """Enter the world that `look_up` returns, and return it; None stays outside. Raises KitError."""
    world = _opened(look_up)
    if world is None:
        yield None
        return
    with entered(world):
        yield world


@contextmanager
def world_named(world_id: str) -> Iterator[World]:
    """Enter the world with an ID, and return it. Raises WorldGone."""
    with named_world(lambda: find(world_id)) as world:
        assert world is not None  # noqa: S101 - for the type checker
        yield world


def _opened(look_up: Callable[[], World | None]) -> World | None:
    """The world that `look_up` returns, whose file this thread has open."""
    for left in reversed(range(ATTEMPTS)):
        world = look_up()
        try:
            if world is not None:
                _database(world)
            return world
        except OperationalError:
            # It was reset twice, or deleted, since its pointer was read.
            if not left:
                raise
    raise AssertionError("unreachable")


@contextmanager
def entered(world: World) -> Iterator[dict[str, Any]]:
    """Enter a world, also from within another one; return its state. Raises OperationalError if its file is gone."""
    database = _database(world)
    with ExitStack() as stack:
        stack.enter_context(_default(database))
        stack.enter_context(encryption.using_keys((state.PUBLISHED_KEY,)))
        stored = state.values()
        stack.enter_context(clockwork.keeping_time(stored))
        stack.enter_context(draws.drawing(stored))
        yield stored


@contextmanager
def _default(database: WorldDatabase) -> Iterator[None]:
    outside = databases[DEFAULT_DB_ALIAS]
    databases[DEFAULT_DB_ALIAS] = database
    try:
        yield
    finally:
        databases[DEFAULT_DB_ALIAS] = outside
        if database.in_atomic_block or database.errors_occurred:
            # Whatever went wrong must not reach the next request.
            _open.databases.pop(str(database.settings_dict["NAME"]), None)
            database.close()


def again(world: World, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of an answer that is read after the request has left the world. Each is made within it."""
    source = iter(chunks)
    while True:
        with entered(world):
            several = list(islice(source, CHUNKS))
        if not several:
            return
        yield b"".join(several)
