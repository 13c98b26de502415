"""SQLite's trigram index: an FTS5 table over `Connection.search_text`, with the triggers from SQLite's documentation.

When Django migrates on SQLite, it rebuilds tables and so loses their triggers. They are dropped before a migration and
created after it.
"""

from collections.abc import Sequence
from functools import cache
from sqlite3 import connect, sqlite_version_info

TABLE, INDEX = "connections_connection", "connections_words"
_REMOVE = f"INSERT INTO {INDEX} ({INDEX}, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);"
_ADD = f"INSERT INTO {INDEX} (rowid, search_text) VALUES (NEW.id, NEW.search_text);"
TRIGGERS = {
    "connection_inserted": f"AFTER INSERT ON {TABLE} BEGIN {_ADD} END",
    "connection_deleted": f"AFTER DELETE ON {TABLE} BEGIN {_REMOVE} END",
    "connection_updated": f"AFTER UPDATE OF search_text ON {TABLE} WHEN OLD.search_text <> NEW.search_text "
    f"BEGIN {_REMOVE} {_ADD} END",
}


@cache
def is_available() -> bool:
    """Whether this SQLite supports the index: FTS5 has trigrams since 3.34."""
    with connect(":memory:") as probe:
        modules = {name for (name,) in probe.execute("SELECT name FROM pragma_module_list")}
    return sqlite_version_info >= (3, 34) and "fts5" in modules


def numbers(scopes: Sequence[str], text: str, at_most: int | None = None) -> tuple[str, str]:
    """SQL for the primary keys of connections whose text contains one of the scopes and a text, and its parameter."""
    limit = f" LIMIT {at_most:d}" if at_most else ""
    words = f"({' OR '.join(map(_phrase, scopes))}) AND {_phrase(text)}"
    return f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s{limit}", words


def _phrase(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def remove_triggers(database) -> None:
    """Drop all triggers on the console's tables, also those of earlier versions."""
    with database.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'connections\\_%%' "
                       "ESCAPE '\\'", [])  # fmt: skip
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}")


def install(database) -> None:
    """Create the index and its triggers, and index all rows. Does nothing before the migration that adds the column."""
    with database.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pragma_table_info(%s) WHERE name = 'search_text'", [TABLE])
        if not is_available() or cursor.fetchone() is None:
            return
        cursor.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {INDEX} USING fts5(search_text, content='{TABLE}', "
            "content_rowid='id', tokenize='trigram')"
        )
        for name, body in TRIGGERS.items():
            cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {body}")
        cursor.execute(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('rebuild')")
