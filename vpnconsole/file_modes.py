"""Who may read the console's files: only the user who runs it."""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

KEYS = ("secret-key", "encryption-keys", "kit-token")
DATABASE = "console.sqlite3"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private() -> None:
    """Give group and others no rights to the files that this process creates."""
    os.umask(OTHERS)


def database_files(path: Path) -> list[Path]:
    """An SQLite database and the files that SQLite and `services.write_lock` put beside it."""
    return [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal", "-turn", "-waiting")]


def make_private(folder: Path) -> None:
    """Create the data folder, or remove the rights of others to an existing one and to the console's files in it.

    A folder that everybody uses, such as /tmp, or that has none of the console's files keeps its rights.
    """
    folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    ours = [*(folder / name for name in KEYS), *database_files(folder / DATABASE)]
    is_shared = folder.stat().st_mode & stat.S_ISVTX
    if not is_shared and (any(path.exists() for path in ours) or not any(folder.iterdir())):
        ours.append(folder)
    close_to_others(ours)


def close_to_others(paths: Iterable[Path]) -> None:
    """Remove all rights of group and others to those of these paths that exist and belong to this user."""
    if os.name == "nt":
        return
    for path in paths:
        # SQLite may remove some of its files at any moment.
        with suppress(FileNotFoundError):
            status = path.stat()
            if status.st_mode & OTHERS and status.st_uid == os.geteuid():
                path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)


def exposed(folder: Path, database: Path | None = None) -> list[Path]:
    """The files of the data folder, and of a database elsewhere, that other users can read or change."""
    if os.name == "nt":
        return []
    files = {*(folder.iterdir() if folder.exists() else ()), *(database_files(database) if database else ())}
    return sorted(path for path in files if path.is_file() and _is_exposed(path))


def _is_exposed(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o066 and path.parent.stat().st_mode & 0o011)
