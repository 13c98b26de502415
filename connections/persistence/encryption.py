"""Sealing secrets for storage: what leaves for the database is a token, what comes back is opened where it is read.

Keys are Fernet keys, the newest first: it seals, all of them open. They come from the environment, or from a file that
is created together with an empty database and never again.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class WrongKey(Exception):
    """A stored secret was sealed with a key that is not here."""


class _Ring:
    """The keys in use. A file of keys is read again once it has changed, so that rotating needs no restart."""

    fernet: MultiFernet
    read_from: tuple[object, ...] = ()


def _ring() -> MultiFernet:
    source = settings.ENCRYPTION_KEYS
    if isinstance(source, Path) and source.exists():
        # A file is always replaced, never written to, so a new one has another inode even within the same moment.
        stat = source.stat()
        origin: tuple[object, ...] = (source, stat.st_ino, stat.st_mtime_ns)
    else:
        origin = tuple(keys())
    if _Ring.read_from != origin:
        _Ring.fernet, _Ring.read_from = _made(keys()), origin
    return _Ring.fernet


def keys() -> list[str]:
    """The keys as they stand in the environment or the file, the newest first; none if the file is missing."""
    source = settings.ENCRYPTION_KEYS
    if not isinstance(source, Path):
        return list(source)
    return source.read_text().split() if source.exists() else []


def _made(texts: list[str]) -> MultiFernet:
    if not texts:
        raise ImproperlyConfigured("The file of encryption keys is missing or empty. Put its copy back.")
    try:
        return MultiFernet([Fernet(text) for text in texts])
    except ValueError as error:
        # The error of the library may quote the key.
        raise ImproperlyConfigured("ENCRYPTION_KEYS: a key is 32 bytes in URL-safe base64.") from error


def opener(texts: list[str]) -> Callable[[str], bool]:
    """A function that says whether a token can be opened with one of these keys."""
    ring = _made(texts) if texts else None

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
    """Create or replace a file of keys atomically; only its owner may read it."""
    _beside(path, _lines(texts)).replace(path)


@contextmanager
def unchanged_on_failure() -> Iterator[None]:
    """Restore the file of keys, byte for byte, if the block fails."""
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
    """Add keys to the file, behind those in it, so that they open but do not seal. Keys of the environment stay."""
    source, own = settings.ENCRYPTION_KEYS, keys()
    new = [text for text in texts if text not in own]
    if new and isinstance(source, Path):
        write_keys(source, [*own, *new])


def make_first_key() -> None:
    """Create the file of keys, where keys are kept in one and it is missing. Only for when nothing is sealed yet."""
    if isinstance(settings.ENCRYPTION_KEYS, Path):
        make_keys(settings.ENCRYPTION_KEYS, new_key())


def make_keys(path: Path, text: str) -> None:
    """Create a file with its first key, unless it exists. If several processes start at once, one wins."""
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
    """A complete file with this content in the same folder, under a temporary name."""
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
