"""Worlds: each is one SQLite file, and a pointer to it.

`<id>.json` is the pointer, `<id>.<n>.sqlite3` the data. Resetting and restoring write a file beside and replace the
pointer: requests that have begun end in the earlier file. `<id>.snapshot-<name>.sqlite3` is a snapshot.
"""

import json
import os
import re
import secrets
import shutil
import sqlite3
import string
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from django.conf import settings

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
_SNAPSHOT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", re.ASCII)
# Seconds. Requests note so often that a world is in use.
NOTED_EVERY = 30


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
    # The secrets of its access keys by user name, which stay the same when it is reset.
    secrets: Mapping[str, str] = field(default_factory=dict)

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
        """Bytes of its files, snapshots included."""
        return sum(path.stat().st_size for path in _files_of(self.id) if path.exists())


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
    except FileNotFoundError:
        raise WorldGone(world_id) from None
    if world.ends <= time.time() or world.schema != world_templates.schema_digest():
        raise WorldGone(world_id)
    return world


def note_use(world: World) -> None:
    """Note that a world is in use, so that it does not expire."""
    now = time.time()
    with suppress(FileNotFoundError, WorldGone):
        if now - world.used > NOTED_EVERY:
            # The time stamp of the pointer: it says nothing else that changes.
            os.utime(world.pointer, (now, now))


def everything() -> Iterator[World]:
    """All worlds that have not expired."""
    for path in sorted(folder.path().glob("*.json")):
        if is_id(path.stem):
            with suppress(WorldGone):
                yield find(path.stem)


@contextmanager
def created(scenario: str, label: str = "", expires_in: float = LONGEST) -> Iterator[World]:
    """A new world from the template of a scenario, not published yet. If the block fails, it is deleted again.

    Raises KitError.
    """
    template = world_templates.ready(scenario)
    _make_room()
    now = time.time()
    world_id = "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
    world = World(world_id, scenario, label, world_templates.schema_digest(), now, now + min(expires_in, LONGEST))
    try:
        shutil.copyfile(template, world.data)
        yield world
    except BaseException:
        delete(world.id)
        raise


def publish(world: World) -> None:
    """Write the pointer of a world whose file is complete: from now on requests find it."""
    folder.write(world.pointer, json.dumps(asdict(world)))


def delete(world_id: str) -> None:
    """Delete a world. Requests that are being served end in its file. Deleting what is gone does nothing."""
    if is_id(world_id):
        pointer_of(world_id).unlink(missing_ok=True)
        for path in _files_of(world_id):
            path.unlink(missing_ok=True)


def _files_of(world_id: str) -> list[Path]:
    # The data before what SQLite has beside it, so that nobody opens it in between.
    return sorted(folder.path().glob(f"{world_id}.*"), key=lambda path: not path.name.endswith(".sqlite3"))


def sweep(label: str | None = None) -> int:
    """Delete worlds that have expired, or those with a label; return their number."""
    ended = 0
    for path in folder.path().glob("*.json"):
        if not is_id(path.stem):
            continue
        try:
            world = find(path.stem)
        except WorldGone:
            world = None
        if world is None or (label is not None and world.label == label):
            delete(path.stem)
            ended += 1
    return ended


def _make_room() -> None:
    """Raise KitError if there are too many worlds, or if they are too large."""
    sweep()
    living = list(everything())
    if len(living) >= settings.KIT_WORLDS:
        raise KitError(
            429,
            "too_many_worlds",
            f"There are {len(living)} worlds, which is the limit.",
            "Delete some, sweep those of earlier runs, or raise KIT_WORLDS.",
        )
    if sum(world.size for world in living) >= SIZE:
        raise KitError(
            429, "worlds_too_large", "The worlds are too large together.", "Delete some, or their snapshots."
        )


# --- in place of what there is ------------------------------------------------------------------------------------


def replaced(world: World, source: Path) -> World:
    """Put a copy of a file beside the world's data, and return the world with it. `publish` makes it valid."""
    after = replace(world, number=world.number + 1)
    shutil.copyfile(source, after.data)
    return after


def forget_earlier(world: World) -> None:
    """Delete the files before the previous one: a request may have read the pointer and not opened the file yet."""
    for path in folder.path().glob(f"{world.id}.*.sqlite3"):
        number = path.name.removeprefix(f"{world.id}.").removesuffix(".sqlite3")
        if number.isdigit() and int(number) < world.number - 1:
            for file in file_modes.database_files(path):
                file.unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, while others use it."""
    beside = target.with_name(f".{secrets.token_hex(8)}.sqlite3")
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=rw", uri=True)) as there,
            closing(sqlite3.connect(beside)) as here,
        ):
            here.execute("PRAGMA synchronous=OFF")
            there.backup(here)
        beside.replace(target)
    finally:
        for file in file_modes.database_files(beside):
            file.unlink(missing_ok=True)


def snapshot_path(world: World, name: str) -> Path:
    """Where a snapshot is, or will be. Raises KitError for a name that cannot be part of a file's name."""
    if not _SNAPSHOT.fullmatch(name):
        raise KitError(
            422, "bad_name", "A snapshot's name has up to 64 letters, digits, dots, hyphens and underscores."
        )
    return folder.path() / f"{world.id}.snapshot-{name}.sqlite3"


def snapshots(world: World) -> list[str]:
    prefix = f"{world.id}.snapshot-"
    return sorted(
        path.name.removeprefix(prefix).removesuffix(".sqlite3") for path in folder.path().glob(f"{prefix}*.sqlite3")
    )
