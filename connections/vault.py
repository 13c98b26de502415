"""Sealing secrets for storage: what leaves for the database is a token, what comes back is opened where it is read.

Keys are Fernet keys, the newest first: it seals, all of them open. They come from the environment, or from a file that
is made once beside the embedded database.
"""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Unreadable(Exception):
    """A stored secret was sealed with a key that is not here."""


class _Ring:
    """The keys in use. A file of keys is read again once it has changed, so that rotating needs no restart."""

    fernet: MultiFernet
    read_from: tuple = ()


def _ring() -> MultiFernet:
    source = settings.ENCRYPTION_KEYS
    if isinstance(source, Path):
        if not source.exists():
            make_keys(source, new_key())
        seen = (source, source.stat().st_mtime_ns)
    else:
        seen = tuple(source)
    if _Ring.read_from != seen:
        _Ring.fernet, _Ring.read_from = _made(keys()), seen
    return _Ring.fernet


def keys() -> list[str]:
    """The keys as they stand in the environment or the file, the newest first."""
    source = settings.ENCRYPTION_KEYS
    return source.read_text().split() if isinstance(source, Path) else list(source)


def _made(texts: list[str]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(text) for text in texts])
    except ValueError as error:
        # The error of the library may quote the key.
        raise ImproperlyConfigured("ENCRYPTION_KEYS: a key is 32 bytes in URL-safe base64.") from error


def new_key() -> str:
    return Fernet.generate_key().decode()


def write_keys(path: Path, texts: list[str]) -> None:
    """Put a file of keys in place at once, in that of another if there is one; readable by its owner only."""
    _beside(path, texts).replace(path)


def make_keys(path: Path, text: str) -> None:
    """Put the first key in place, unless somebody has: of many that begin at once, one wins."""
    beside = _beside(path, [text])
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _beside(path: Path, texts: list[str]) -> Path:
    """A file with the keys, complete, under a name of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(texts) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return beside


def seal(text: str) -> str:
    return _ring().encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    try:
        return _ring().decrypt(token.encode()).decode()
    except InvalidToken:
        raise Unreadable("A stored key was sealed with an encryption key that this installation lacks.") from None


def reseal(token: str) -> str:
    """The same secret under the newest key."""
    return seal(unseal(token))


class Sealed:
    """A secret as it is stored. It says nothing of itself until it is opened."""

    __slots__ = ("token",)

    def __init__(self, token: str):
        self.token = token

    def open(self) -> str:
        return unseal(self.token)

    def __repr__(self):
        return "<sealed>"

    def __bool__(self):
        return True

    def __eq__(self, other):
        return self.open() == (other.open() if isinstance(other, Sealed) else other)

    def __hash__(self):
        return hash(self.open())
