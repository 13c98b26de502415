"""Templates of worlds: their tables are those of the migrations."""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from vpnconsole import paths


def described(cursor) -> dict[str, list]:
    """Columns, indexes and triggers of every table, in any order of columns."""
    cursor.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    tables: dict[str, list] = {}
    for kind, name, table, sql in cursor.fetchall():
        if kind == "table":
            # Words of a column's definition, in the order of their names.
            inside = sql.partition("(")[2].rpartition(")")[0]
            tables[name] = sorted(re.split(r", (?=\"|CONSTRAINT|UNIQUE)", inside))
        else:
            tables[f"{kind} {name} of {table}"] = [sql]
    return tables


@pytest.mark.django_db
@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="compares with the SQLite database of the run")
def test_a_template_has_the_tables_of_the_migrations(control, server):
    control.world(scenario="empty")
    data = Path(server.env["VPNCONSOLE_DATA"])
    folder = paths.memory_folder(data, "worlds") or data / "worlds"
    template = next(folder.glob("template-empty-*.sqlite3"))
    with closing(sqlite3.connect(f"file:{template}?mode=ro", uri=True)) as database:
        made = described(database.cursor())
    assert {made.pop(name) is not None for name in ("kit_state", "kit_counters")} == {True}
    with connection.cursor() as cursor:
        migrated = described(cursor)
    assert made == migrated
