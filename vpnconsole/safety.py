"""What makes a server unsafe to start: its environment, and files that other users of the machine can open.

A WSGI server runs no system checks of its own. Only Python's standard library: dev.py uses `locked` before anything is
installed.
"""

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from connections.persistence.fernet_keys import is_key
from vpnconsole import paths

try:
    import fcntl
except ImportError:  # Windows: two commands that start at once may disturb each other.
    fcntl = None

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
KEY_LENGTH = 50


def flag(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "0").lower() in ("1", "true", "yes")


def listed(environment: Mapping[str, str], name: str) -> list[str]:
    """What stands in a variable, comma-separated."""
    return [text.strip() for text in environment.get(name, "").split(",") if text.strip()]


def is_here(host: str) -> bool:
    """Whether a server bound to this address is reached from this machine alone."""
    return host in ("localhost", "::1") or host.startswith("127.")


def problems(environment: Mapping[str, str]) -> Iterator[str]:
    """Reasons not to start, each with the way out. In production nothing is taken for granted."""
    hosts = listed(environment, "ALLOWED_HOSTS")
    if flag(environment, "DEMO_MODE") and not set(hosts) <= set(LOOPBACK) and not flag(environment, "DEMO_MODE_PUBLIC"):
        yield "DEMO_MODE lets anybody in. To offer it to other machines on purpose, set DEMO_MODE_PUBLIC=1."
    if not flag(environment, "PRODUCTION"):
        return
    if flag(environment, "DEBUG"):
        yield "DEBUG shows settings and source code to whoever causes an error. Leave it out."
    secret = environment.get("SECRET_KEY", "")
    if len(secret) < KEY_LENGTH or len(set(secret)) < 10:
        yield f"SECRET_KEY must be set: {KEY_LENGTH} random characters or more. `{paths.PROGRAM} secrets` makes one."
    keys = listed(environment, "ENCRYPTION_KEYS")
    if not keys:
        yield f"ENCRYPTION_KEYS must be set: it seals stored secrets. `{paths.PROGRAM} secrets` makes one; keep a copy."
    if not all(map(is_key, keys)):
        yield f"ENCRYPTION_KEYS: each is 32 random bytes in URL-safe base64. `{paths.PROGRAM} secrets` makes one."
    if keys and secret and secret in keys:
        yield "SECRET_KEY is one of ENCRYPTION_KEYS: whoever learns the one would have the other."
    if not hosts:
        yield "ALLOWED_HOSTS must name the hosts that people type, comma-separated."
    if any("*" in host or host.startswith(".") for host in hosts):
        yield "ALLOWED_HOSTS must name hosts, not patterns."
    if flag(environment, "PLAIN_HTTP") and flag(environment, "BEHIND_PROXY"):
        yield "PLAIN_HTTP and BEHIND_PROXY exclude each other: a proxy that speaks HTTPS says so by X-Forwarded-Proto."


# --- files -------------------------------------------------------------------------------------------------------

KEYS = ("secret-key", "encryption-keys")
DATABASE = "console.sqlite3"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private() -> None:
    """Give group and others no right to any file that this process makes."""
    os.umask(OTHERS)


def database_files(path: Path) -> list[Path]:
    """An SQLite database and the files that SQLite and `services.turns` put beside it."""
    return [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal", "-turn", "-waiting")]


def make_private(folder: Path) -> None:
    """Make the data folder, or take from others the right to an existing one and to the console's files in it.

    A folder that everybody uses, such as /tmp, or that holds only other things is left as it is.
    """
    folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    ours = [*(folder / name for name in KEYS), *database_files(folder / DATABASE)]
    is_shared = folder.stat().st_mode & stat.S_ISVTX
    if not is_shared and (any(path.exists() for path in ours) or not any(folder.iterdir())):
        ours.append(folder)
    close_to_others(ours)


def close_to_others(paths: Iterable[Path]) -> None:
    """Take from group and others every right to these paths, where they exist and belong to this user."""
    if os.name == "nt":
        return
    for path in paths:
        # SQLite removes some of its files at any moment.
        with suppress(FileNotFoundError):
            found = path.stat()
            if found.st_mode & OTHERS and found.st_uid == os.geteuid():
                path.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)


def exposed(folder: Path, database: Path | None = None) -> list[Path]:
    """The files of the data folder, and of a database elsewhere, that other users can read or change."""
    if os.name == "nt":
        return []
    found = {*(folder.iterdir() if folder.exists() else ()), *(database_files(database) if database else ())}
    return sorted(path for path in found if path.is_file() and _is_exposed(path))


def _is_exposed(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o066 and path.parent.stat().st_mode & 0o011)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock. Other commands that start at the same moment wait for it."""
    with (folder / ".starting").open("w") as file:
        if fcntl:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print(f"Waiting for another command that prepares {folder} ...", file=sys.stderr, flush=True)
                fcntl.flock(file, fcntl.LOCK_EX)
        yield
