"""Worlds: each is one SQLite file, and a pointer to it.

`<id>.json` is the pointer, `<id>.<n>.sqlite3` the data. Resetting and restoring write a file beside and replace the
pointer: requests that have begun end in the earlier file. `<id>.snapshot-<name>.sqlite3` is a snapshot.
"""

import gzip
import json
import os
import re
import secrets
import shutil
import sqlite3
import string
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings

from connections import clock
from vpnconsole import file_modes
from vpnconsole.kit import folder, world_templates
from vpnconsole.kit.errors import KitError, WorldGone

ALPHABET = string.ascii_letters + string.digits
# 95 random bits: knowing a world's ID is enough to enter it.
ID_LENGTH = 16
_ID = re.compile(rf"[A-Za-z0-9]{{{ID_LENGTH}}}", re.ASCII)
# Seconds: without a request, and in any case.
IDLE, LONGEST = 2 * 3600, 24 * 3600
# Bytes of all worlds together.
SIZE = 2 * 1024**3
SNAPSHOTS = 20
# Bytes of one world's file.
LARGEST = 256 * 1024**2
# Letters of any language, which are up to three bytes of a file's name.
_SNAPSHOT = re.compile(r"[\w-](?:[\w. -]{0,62}[\w.-])?")
# Seconds. Requests note so often that a world is in use.
NOTED_EVERY = 30
# Seconds between two looks for expired worlds, and the age at which files without a world are deleted.
SWEPT_EVERY, REMAINS = 60, 900


@dataclass(frozen=True)
class World:
    """What a pointer says. Times are seconds since 1970, in the installation's time."""

    id: str
    scenario: str
    label: str
    schema: str
    born: float
    expires: float
    number: int = 1
    # Settings of its time and random values, with which it begins again when it is reset.
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def pointer(self) -> Path:
        return pointer_of(self.id)

    @property
    def data(self) -> Path:
        return folder.path() / f"{self.id}.{self.number}.sqlite3"

    @property
    def used(self) -> float:
        """When it was last in use. Raises WorldGone."""
        try:
            return self.pointer.stat().st_mtime
        except FileNotFoundError:
            raise WorldGone(self.id) from None

    @property
    def ends(self) -> float:
        """When it expires unless it is used again. Raises WorldGone."""
        return min(self.expires, self.used + IDLE)

    @property
    def size(self) -> int:
        """Bytes of its data, without snapshots."""
        return self.data.stat().st_size if self.data.exists() else 0


def pointer_of(world_id: str) -> Path:
    return folder.path() / f"{world_id}.json"


def is_id(text: str) -> bool:
    """Whether a text has the form of a world's ID. IDs are parts of the names of files."""
    return bool(_ID.fullmatch(text))


def find(world_id: str) -> World:
    """The world with an ID. Raises WorldGone if it is unknown, expired or of another version of the console."""
    if not is_id(world_id):
        raise WorldGone(world_id[:40])
    try:
        world = World(**json.loads(pointer_of(world_id).read_text(encoding="utf-8")))
    except (FileNotFoundError, TypeError):
        # Or its pointer says other things.
        raise WorldGone(world_id) from None
    if world.ends <= time.time() or world.schema != world_templates.schema_digest():
        raise WorldGone(world_id)
    return world


def exists(world_id: str) -> bool:
    try:
        find(world_id)
    except WorldGone:
        return False
    return True


def note_use(world: World) -> None:
    """Note that a world is in use, so that it does not expire."""
    now = time.time()
    with suppress(FileNotFoundError, WorldGone):
        if now - world.used > NOTED_EVERY:
            # The time stamp of the pointer: it says nothing else that changes.
            os.utime(world.pointer, (now, now))


def everything() -> Iterator[World]:
    """All worlds that have not expired."""
    for world_id in sorted(_ids()):
        with suppress(WorldGone):
            yield find(world_id)


@contextmanager
def created(
    source: Path, scenario: str, label: str = "", expires_in: float = LONGEST, settings: Mapping[str, Any] | None = None
) -> Iterator[World]:
    """A new world with a copy of a file, not published yet. If the block fails, it is deleted again.

    Raises KitError.
    """
    _make_room()
    now = time.time()
    world_id = "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
    expires = now + min(expires_in, LONGEST)
    world = World(world_id, scenario, label, world_templates.schema_digest(), now, expires, settings=settings or {})
    try:
        shutil.copyfile(source, world.data)
        yield world
    except BaseException:
        _delete_files(world.id)
        raise


def publish(world: World) -> None:
    """Write the pointer of a world whose file is complete: from now on requests find it."""
    folder.write(world.pointer, json.dumps(asdict(world)))


def delete(world_id: str) -> None:
    """Delete a world. Requests that are being served end in its file. Deleting what is gone does nothing."""
    if is_id(world_id) and pointer_of(world_id).exists():
        with locked(world_id):
            _delete_files(world_id)


def _delete_files(world_id: str) -> None:
    pointer_of(world_id).unlink(missing_ok=True)
    for path in _files_of(world_id):
        path.unlink(missing_ok=True)


def locked(world_id: str) -> AbstractContextManager[None]:
    """A lock for changes of a world's files."""
    return folder.locked(world_id)


def _files_of(world_id: str) -> list[Path]:
    # The data before what SQLite has beside it, so that nobody opens it in between.
    names = [name for name in os.listdir(folder.path()) if name.startswith(f"{world_id}.")]
    return [folder.path() / name for name in sorted(names, key=lambda name: not name.endswith(".sqlite3"))]


def sweep(label: str | None = None) -> int:
    """Delete worlds that have expired, or those with a label; return their number."""
    ended = 0
    for world_id in _ids():
        try:
            has_ended = find(world_id).label == label
        except WorldGone:
            has_ended = True
        if has_ended:
            delete(world_id)
            ended += 1
    _delete_remains()
    return ended


def _ids() -> list[str]:
    return [name.removesuffix(".json") for name in os.listdir(folder.path()) if is_id(name.removesuffix(".json"))]


def _delete_remains() -> None:
    """Delete what processes that were killed have left, and links that nobody followed."""
    ids = set(_ids())
    for path in folder.path().iterdir():
        world_id = path.name.partition(".")[0]
        is_remain = path.name.startswith(("link-", ".")) or (is_id(world_id) and world_id not in ids)
        with suppress(FileNotFoundError):
            if is_remain and time.time() - path.stat().st_mtime > REMAINS:
                path.unlink()


def _make_room() -> None:
    """Delete what has expired, unless that was done lately. Raises KitError for too many or too large worlds."""
    marker = folder.path() / "swept"
    were_too_many = _are_too_many()
    if were_too_many or not marker.exists() or time.time() - marker.stat().st_mtime > SWEPT_EVERY:
        marker.touch()
        sweep()
    if were_too_many and _are_too_many():
        raise KitError(
            429,
            "too_many_worlds",
            f"There are {settings.KIT_WORLDS} worlds, which is the limit.",
            "Delete some, sweep those of earlier runs, or raise KIT_WORLDS.",
        )
    check_size()


def is_full() -> bool:
    """Whether there is no room for another world, unless some have expired."""
    return _are_too_many() or _are_too_large()


def check_size() -> None:
    """Raise KitError if there is no room for another file."""
    if _are_too_large():
        raise KitError(
            429, "worlds_too_large", "The worlds are too large together.", "Delete some, or their snapshots."
        )


def _are_too_many() -> bool:
    return len(_ids()) >= settings.KIT_WORLDS


def _are_too_large() -> bool:
    size = 0
    for entry in os.scandir(folder.path()):
        # Others may delete it meanwhile.
        with suppress(FileNotFoundError):
            size += entry.stat().st_size if entry.is_file() else 0
    return size >= SIZE


# --- in place of what there is ------------------------------------------------------------------------------------


@contextmanager
def replaced(world: World, source: Path) -> Iterator[World]:
    """The world with a copy of a file in place of its data, once the block has published it. Hold its lock."""
    after = replace(world, number=world.number + 1)
    try:
        shutil.copyfile(source, after.data)
        yield after
    except BaseException:
        for file in file_modes.database_files(after.data):
            file.unlink(missing_ok=True)
        raise
    # Not the previous file: a request may have read the pointer and not opened the file yet.
    for file in file_modes.database_files(replace(world, number=world.number - 1).data):
        file.unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Copy a world's database as it is at one moment, while others use it.

    SQLite copies it: this process would lose its locks if it opened and closed the file itself, and the next process
    to close the file would take away the log of writes from connections of this one.
    """
    with temporary() as beside:
        there = sqlite3.connect(f"file:{source}?mode=rw", settings.DATABASE_TIMEOUT, isolation_level=None, uri=True)
        with closing(there), closing(sqlite3.connect(beside)) as here:
            here.execute("PRAGMA synchronous=OFF")
            there.backup(here)
            # So that its clock can go on from here.
            here.execute("INSERT OR REPLACE INTO kit_state VALUES ('kept', ?)", [json.dumps(clock.real().isoformat())])
            here.commit()
        beside.replace(target)


def snapshot_path(world: World, name: str) -> Path:
    """Where a snapshot is, or will be. Raises KitError for a name that cannot be part of a file's name."""
    if not _SNAPSHOT.fullmatch(name):
        text = "A snapshot's name has up to 64 letters, digits, spaces, dots, hyphens and underscores."
        raise KitError(422, "bad_name", text)
    return folder.path() / f"{world.id}.snapshot-{name}.sqlite3"


def snapshots(world: World) -> list[str]:
    prefix, end = f"{world.id}.snapshot-", ".sqlite3"
    names = sorted(os.listdir(folder.path()))
    return [name[len(prefix) : -len(end)] for name in names if name.startswith(prefix) and name.endswith(end)]


# --- as one file --------------------------------------------------------------------------------------------------


def packed(world: World) -> bytes:
    """A world's data as one compressed file."""
    with temporary() as path:
        copy(world.data, path)
        return gzip.compress(path.read_bytes(), compresslevel=1)


@contextmanager
def unpacked(content: bytes) -> Iterator[Path]:
    """A temporary file with the data of a world. Raises KitError if it is none of this version."""
    with temporary() as path:
        try:
            path.write_bytes(_decompressed(content))
            with closing(sqlite3.connect(path)) as database:
                is_sound = database.execute("PRAGMA quick_check").fetchone() == ("ok",)
                is_same = _tables(database) == _tables_of_template()
        except (sqlite3.Error, OSError, EOFError, zlib.error):
            is_sound = is_same = False
        if not is_sound:
            raise KitError(422, "bad_file", "This is not the file of a world, or it is damaged.")
        if not is_same:
            raise KitError(422, "other_version", "The file was made by another version of the console.")
        yield path


def _decompressed(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    with gzip.open(BytesIO(content)) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise KitError(413, "too_large", f"A world's file has at most {LARGEST} bytes.")
    return content


def _tables(database: sqlite3.Connection) -> list[tuple]:
    """Everything that determines what statements do, triggers included."""
    return sorted(database.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"))


def _tables_of_template() -> list[tuple]:
    with closing(sqlite3.connect(f"file:{world_templates.ready('demo')}?mode=ro", uri=True)) as database:
        return _tables(database)


@contextmanager
def temporary() -> Iterator[Path]:
    """A path for a database that is deleted afterwards."""
    path = folder.path() / f".{secrets.token_hex(8)}.sqlite3"
    try:
        yield path
    finally:
        for file in file_modes.database_files(path):
            file.unlink(missing_ok=True)
