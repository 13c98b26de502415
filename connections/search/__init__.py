"""Search in connections, by fragments of their names, IDs, addresses, AS numbers, networks and tags.

`Connection.search_text` holds them, one per line; services write it. A trigram index over it answers searches: FTS5 on
SQLite (`sqlite_fts`), pg_trgm on PostgreSQL (created by a migration). Without an index, and for fragments of one or two
characters, a search reads all connections of the account in the region.
"""

from zlib import crc32

from django.db import connections as databases
from django.db.models.expressions import RawSQL

from connections.domain.regions import regions_of
from connections.search import sqlite_fts

# Shorter fragments have no trigram.
SHORTEST = 3
# Longer than any useful search. SQLite refuses patterns of more than 50,000 bytes.
LONGEST = 100

# Three characters of Unicode's private use area stand for an account and a region. They are one trigram, by which
# SQLite's index skips the texts of other accounts.
_PRIVATE, _SIZE = 0xE000, 6400


def typed(text: str | None, longest: int = LONGEST) -> str:
    """A search as it was typed, stripped and cut off. PostgreSQL cannot store the zero character."""
    return (text or "").replace("\0", "").strip()[:longest].strip()


def scope(account_id: int, region_id: str) -> str:
    """The beginning of all search texts of an account in a region."""
    numbers = (account_id, account_id // _SIZE, crc32(region_id.encode()))
    return "".join(chr(_PRIVATE + number % _SIZE) for number in numbers)


def text_of(account_id: int, region_id: str, *words: str) -> str:
    """The search text of a connection: its account and region, then what it is found by."""
    return scope(account_id, region_id) + "\n".join(words)


def found(rows, text: str, account_id: int, region_id: str, at_most: int | None = None):
    """Connections of an account in a region, or in all, that contain a text, by the index.

    `at_most`: how many IDs to fetch.
    """
    if databases[rows.db].vendor != "sqlite" or not sqlite_fts.is_available() or len(text) < SHORTEST:
        return read(rows, text)
    scopes = [scope(account_id, one) for one in regions_of(region_id)]
    sql, words = sqlite_fts.numbers(scopes, text, at_most=at_most)
    return rows.filter(pk__in=RawSQL(sql, [words]))  # noqa: S611 - what was typed is a parameter


def read(rows, text: str):
    """The same connections without the index, which is faster for texts that are found often."""
    return rows.filter(search_text__icontains=text)
