"""The private folder of worlds: in memory where there is enough, as worlds need not survive a power cut."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from django.conf import settings

from vpnconsole import paths

if sys.platform != "win32":
    import fcntl

# Containers often have 64 MB of such memory.
ENOUGH = 1024**3


@cache
def path() -> Path:
    """The folder, which is created if it is missing."""
    data = Path(settings.DATA_DIR)
    memory = paths.memory_folder(data, "worlds")
    if memory and shutil.disk_usage(memory.parent).total >= ENOUGH and _is_ours(memory):
        return memory
    here = data / "worlds"
    here.mkdir(parents=True, mode=0o700, exist_ok=True)
    return here


def _is_ours(folder: Path) -> bool:
    """Create a folder. False if somebody else's is in its place: everybody may write where it lies."""
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold a lock among all processes and threads. On Windows there is none."""
    with (path() / f"{name}.lock").open("a") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write(target: Path, text: str) -> None:
    """Create or replace a file atomically. Only its owner may read it."""
    beside = target.with_name(f".{os.urandom(8).hex()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(target)
