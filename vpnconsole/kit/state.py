"""What the kit keeps in a world's file: values by name, and counters. Only worlds have these two tables.

All functions use the database that the thread is in.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection

# Published, so that a world's file can be opened elsewhere. Worlds must not hold real secrets.
PUBLISHED_KEY = "dnBuLWNvbnNvbGUgd29ybGRzOiBwdWJsaXNoZWQga2U="

_TABLES = (
    "CREATE TABLE kit_state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE kit_counters (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID",
)


def create_tables() -> None:
    with connection.cursor() as cursor:
        for sql in _TABLES:
            cursor.execute(sql)


def values() -> dict[str, Any]:
    """Everything in `kit_state` but what can be very long: `names` and `members`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, value FROM kit_state WHERE name NOT IN ('names', 'members')")
        return {name: json.loads(value) for name, value in cursor.fetchall()}


def get(name: str, default: Any = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM kit_state WHERE name = %s", [name])
        row = cursor.fetchone()
    return json.loads(row[0]) if row else default


def put(new: Mapping[str, Any]) -> None:
    """Store values in place of earlier ones of the same names."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO kit_state (name, value) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [(name, json.dumps(value)) for name, value in new.items()],
        )


def count(name: str, by: int = 1) -> int:
    """Add to a counter, in the transaction of the caller if there is one, and return its new number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kit_counters (name, number) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET number = number + excluded.number RETURNING number",
            [name, by],
        )
        return cursor.fetchone()[0]


def counters() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, number FROM kit_counters")
        return dict(cursor.fetchall())


def forget_counters(pattern: str) -> None:
    """Delete the counters whose names fit a pattern with * and [0-9]."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kit_counters WHERE name GLOB %s", [pattern])
