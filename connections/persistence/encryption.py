"""Encrypt ("seal") secrets for the database, and decrypt ("open") them when they are read.

Keys are Fernet keys, newest first: the newest seals, all of them open. They come from the environment, or from a file
that is created with an empty database and never again.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class WrongKey(Exception):
    """A stored secret was sealed with a key that this installation does not have."""


class _Ring:
    """The keys in use. The key file is read again when it has changed, so that key rotation needs no restart."""

    fernet: MultiFernet
    read_from: tuple[object, ...] = ()


# Keys that are used instead within a block, with their ring.
_others: ContextVar[tuple[list[str], MultiFernet] | None] = ContextVar("other_keys", default=None)


@contextmanager
def using_keys(texts: tuple[str, ...]) -> Iterator[None]:
    """Use other keys within the block, in this thread: for a database that was sealed with them."""
    token = _others.set(([*texts], _fixed_ring(texts)))
    try:
        yield
    finally:
        _others.reset(token)


@cache
def _fixed_ring(texts: tuple[str, ...]) -> MultiFernet:
    return _ring_of([*texts])


def _ring() -> MultiFernet:
    if others := _others.get():
        return others[1]
    source = settings.ENCRYPTION_KEYS
    if isinstance(source, Path) and source.exists():
        # The file is always replaced, never modified, so a new one has another inode even at the same time stamp.
        stat = source.stat()
        origin: tuple[object, ...] = (source, stat.st_ino, stat.st_mtime_ns)
    else:
        origin = tuple(keys())
    if _Ring.read_from != origin:
        _Ring.fernet, _Ring.read_from = _ring_of(keys()), origin
    return _Ring.fernet


def keys() -> list[str]:
    """The keys from the environment or the file, newest first; none if the file is missing."""
    if others := _others.get():
        return [*others[0]]
    source = settings.ENCRYPTION_KEYS
    if not isinstance(source, Path):
        return list(source)
    return source.read_text().split() if source.exists() else []


def _ring_of(texts: list[str]) -> MultiFernet:
    if not texts:
        raise ImproperlyConfigured("The file of encryption keys is missing or empty. Put its copy back.")
    try:
        return MultiFernet([Fernet(text) for text in texts])
    except ValueError as error:
        # The library's error may quote the key.
        raise ImproperlyConfigured("ENCRYPTION_KEYS: a key is 32 bytes in URL-safe base64.") from error


def opener(texts: list[str]) -> Callable[[str], bool]:
    """A function that returns whether one of these keys opens a token."""
    ring = _ring_of(texts) if texts else None

    def opens(token: str) -> bool:
        if ring is None:
            return False
        try:
            ring.decrypt(token.encode())
        except InvalidToken:
            return False
        return True

    return opens


def new_key() -> str:
    return Fernet.generate_key().decode()


def write_keys(path: Path, texts: list[str]) -> None:
    """Create or replace a key file atomically. Only its owner may read it."""
    _beside(path, _lines(texts)).replace(path)


@contextmanager
def unchanged_on_failure() -> Iterator[None]:
    """Restore the key file, byte for byte, if the block fails."""
    file = settings.ENCRYPTION_KEYS
    if not isinstance(file, Path):
        yield
        return
    before = _content(file)
    try:
        yield
    except BaseException:
        if _content(file) != before:
            if before is None:
                file.unlink()
            else:
                _beside(file, before).replace(file)
        raise


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def adopt(texts: list[str]) -> None:
    """Append keys to the key file, so that they open but do not seal. Keys from the environment do not change."""
    source, own = settings.ENCRYPTION_KEYS, keys()
    new = [text for text in texts if text not in own]
    if new and isinstance(source, Path):
        write_keys(source, [*own, *new])


def make_first_key() -> None:
    """Create the key file if it is missing and keys are not set in the environment. Nothing may be sealed yet."""
    if isinstance(settings.ENCRYPTION_KEYS, Path):
        make_keys(settings.ENCRYPTION_KEYS, new_key())


def make_keys(path: Path, text: str) -> None:
    """Create a key file atomically, unless it exists. If several processes start at once, one wins."""
    beside = _beside(path, _lines([text]))
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _lines(texts: list[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


def _beside(path: Path, content: bytes) -> Path:
    """Write a file with this content beside `path`, under a temporary name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return beside


def seal(text: str) -> str:
    return _ring().encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    try:
        return _ring().decrypt(token.encode()).decode()
    except InvalidToken:
        raise WrongKey("A stored key was sealed with an encryption key that this installation lacks.") from None


def reseal(token: str) -> str:
    """The same secret under the newest key."""
    return seal(unseal(token))


class Sealed:
    """A secret as it is stored. Its repr reveals nothing."""

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
