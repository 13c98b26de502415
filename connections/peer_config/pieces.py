"""The pieces of a generated text: its keys, words of the site, values of the connection, comments, and the rest."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from connections.peer_config.dialect import PLACEHOLDER, Dialect, generate, generate_both
from connections.peer_config.document import Document

OWN_WORD = re.compile(rf"{PLACEHOLDER}[A-Z0-9]+(?:-[A-Z0-9]+)*")
# A value for such a word must not be able to begin a new line or argument.
OWN_VALUE = re.compile(r"[A-Za-z0-9._:/@+-]{1,80}")
# The beginning of a line that is a comment, of all dialects.
COMMENT = re.compile(r"\s*(?:#|!|//)")
# What a key may be encoded in: hexadecimal or base64. The encoded first character of two keys can be equal.
ENCODED, PADDING = re.compile(r"[A-Za-z0-9+/]"), "="


class Kind(StrEnum):
    """What a piece of a text is."""

    TEXT = "text"
    KEY = "key"
    OWN = "own"
    VALUE = "value"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text. Together the pieces of a text are the text."""

    kind: Kind
    text: str

    def __repr__(self) -> str:
        return f"Piece({self.kind}, {'…' if self.kind == Kind.KEY else self.text!r})"


def pieces(dialect: Dialect, documents: Sequence[Document], files: Mapping[str, str]) -> dict[str, list[Piece]]:
    """Return the pieces of each file that a dialect made of documents.

    Keys are found by generating the files with other keys, whatever the dialect encodes or repeats: what differs is a
    key.
    """
    others = [_with_other_keys(document) for document in documents]
    made = generate_both(dialect, others) if len(others) > 1 else generate(dialect, others[0])
    values = _values(documents)
    return {name: list(_merged(_lines(text, made.files[name], values))) for name, text in files.items()}


def own_words(files: Mapping[str, str]) -> list[str]:
    """Return the words in files that stand for values of the site, each once, in the order of their appearance."""
    return list(dict.fromkeys(word for text in files.values() for word in OWN_WORD.findall(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with values in place of words that stand for them. Words without a sound value stay."""

    def value(match: re.Match[str]) -> str:
        given = values.get(match[0], "").strip()
        return given if OWN_VALUE.fullmatch(given) else match[0]

    return OWN_WORD.sub(value, text)


def _with_other_keys(document: Document) -> Document:
    bgp = replace(document.bgp, key=_other(document.bgp.key)) if document.bgp is not None else None
    return replace(document, psk=_other(document.psk), bgp=bgp)


def _other(key: str) -> str:
    """A key of the same length that differs in every character."""
    return "".join("y" if sign == "x" else "x" for sign in key)


def _lines(text: str, other: str, values: re.Pattern[str]) -> Iterator[Piece]:
    for ours, theirs in zip(text.splitlines(keepends=True), other.splitlines(keepends=True), strict=True):
        if ours == theirs:
            yield from _words(ours, values)
            continue
        start, end = _difference(ours, theirs)
        yield from _words(ours[:start], values)
        yield Piece(Kind.KEY, ours[start:end])
        yield from _words(ours[end:], values)


def _difference(ours: str, theirs: str) -> tuple[int, int]:
    """The bounds in `ours` outside of which both lines are equal, widened to what may be an encoded key."""
    start = next((at for at, (one, two) in enumerate(zip(ours, theirs, strict=False)) if one != two), 0)
    shortest = min(len(ours), len(theirs)) - start
    after = 0
    while after < shortest and ours[-1 - after] == theirs[-1 - after]:
        after += 1
    end = len(ours) - after
    while start and ENCODED.match(ours[start - 1]):
        start -= 1
    while end < len(ours) and (ENCODED.match(ours[end]) or ours[end] == PADDING):
        end += 1
    return start, end


def _words(text: str, values: re.Pattern[str]) -> Iterator[Piece]:
    """The pieces of a line, or of a part of it. In a comment nothing is marked but words of the site."""
    is_comment = COMMENT.match(text)
    for own, part in _split(OWN_WORD, text):
        if own:
            yield Piece(Kind.OWN, part)
        elif is_comment:
            yield Piece(Kind.COMMENT, part)
        else:
            yield from (Piece(Kind.VALUE if found else Kind.TEXT, word) for found, word in _split(values, part))


def _split(pattern: re.Pattern[str], text: str) -> Iterator[tuple[bool, str]]:
    """The parts of a text, each with whether it matches a pattern."""
    at = 0
    for match in pattern.finditer(text):
        yield False, text[at : match.start()]
        yield True, match[0]
        at = match.end()
    yield False, text[at:]


def _values(documents: Sequence[Document]) -> re.Pattern[str]:
    """A pattern of the addresses, networks, names and AS numbers that documents take from their connection."""
    found: set[str] = set()
    for one in documents:
        found |= {one.local_ip, one.remote_ip, one.local_id, one.remote_id}
        found |= {*one.local_networks, *one.remote_networks, *one.destinations}
        if one.bgp is not None:
            bgp = one.bgp
            found |= {str(bgp.local_asn), str(bgp.peer_asn), bgp.local_ip, bgp.peer_ip, bgp.cidr}
        if one.health_check is not None:
            found |= {one.health_check.source, one.health_check.destination}
    longest_first = sorted(found - {""}, key=len, reverse=True)
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-]|\.\w)")


def _merged(found: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces with neighbors of plain text, or of comments, as one, and none empty."""
    for kind, group in groupby((piece for piece in found if piece.text), key=lambda piece: piece.kind):
        if kind in (Kind.TEXT, Kind.COMMENT):
            yield Piece(kind, "".join(piece.text for piece in group))
        else:
            yield from group
