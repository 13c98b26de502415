"""What the database itself keeps beside the rows, so that lists stay quick however many connections there are.

Three columns follow from other tables and are written by triggers alone. Of `connections_connection`: `is_bound`,
whether an attachment binds the connection or is about to, and `search_text`, its name, ID and addresses one a line. Of
`connections_route`: `transit_router_id`, where the attachment of the route's connection leads. A trigram index over the
text answers searches: FTS5 on SQLite, pg_trgm on PostgreSQL. Where a database has neither, a search reads the
connections of one account in one region. Customer gateways have such an index, too; on SQLite it keeps no text of its
own.

Django rebuilds tables on SQLite when it migrates, and triggers go with the old table: they are dropped before a
migration and made anew after it. The statements are idempotent.
"""

import re
from contextlib import contextmanager
from functools import cache
from zlib import crc32

from django.db import connections as databases
from django.db import transaction
from django.db.models.expressions import RawSQL
from django.db.utils import DatabaseError

from connections.domain.choices import AttachmentStatus
from connections.domain.regions import REGIONS

ROWS, WORDS, ROUTES = "connections_connection", "connections_words", "connections_route"
GATEWAYS, GATEWAY_WORDS = "connections_customergateway", "connections_gatewaywords"
# The trigrams that occur in the words of connections.
TERMS = "connections_terms"

# Shorter fragments have no trigram. Two characters are found as the beginning of some, one of them by reading the
# account's connections of the region; on PostgreSQL both are.
SHORTEST = 3

# Three characters of Unicode's private use area name an account and a region: one trigram, so that the index leads
# with them and never reads what other accounts have written.
_PRIVATE, _SIZE = 0xE000, 6400


# Longer than anything that is searched for. SQLite refuses patterns of more than 50,000 bytes.
LONGEST = 100


def typed(text: str | None, longest: int = LONGEST) -> str:
    """What somebody searches for: its first characters, without blanks around. PostgreSQL has no zero character."""
    return (text or "").replace("\0", "").strip()[:longest].strip()


def _letter(region_id: str) -> int:
    return _PRIVATE + crc32(region_id.encode()) % _SIZE


def scope(account_id: int, region_id: str = "") -> str:
    """What every search text of an account in a region begins with, on SQLite; that of a customer gateway in none."""
    low, high = account_id % _SIZE, account_id // _SIZE % _SIZE
    return chr(_PRIVATE + low) + chr(_PRIVATE + high) + chr(_letter(region_id))


def _quoted(text: str) -> str:
    """A text as a phrase of FTS5."""
    return '"' + text.replace('"', '""') + '"'


@cache
def has_trigrams() -> bool:
    """Whether this SQLite has the index. FTS5 knows trigrams from 3.34 on."""
    from sqlite3 import connect, sqlite_version_info

    with connect(":memory:") as probe:
        modules = {name for (name,) in probe.execute("SELECT name FROM pragma_module_list")}
    return sqlite_version_info >= (3, 34) and "fts5" in modules


def found(rows, text: str, account_id: int, region_id: str, at_most: int | None = None):
    """Connections of an account in a region that contain a text, by the index. `at_most`: how many IDs to fetch."""
    if not _has_words(rows) or len(text) < SHORTEST - 1 or (len(text) < SHORTEST and not _folds(text)):
        return read(rows, text)
    limit = f" LIMIT {at_most:d}" if at_most else ""
    where = _quoted(scope(account_id, region_id))
    # The names are this module's own; what was typed is a parameter.
    sql = f"SELECT rowid FROM {WORDS} WHERE {WORDS} MATCH %s{limit}"
    if len(text) >= SHORTEST:
        return rows.filter(pk__in=RawSQL(sql, [f"{where} AND {_quoted(text)}"]))  # noqa: S611
    beginning = text.lower()
    words = [f"{where} AND (", beginning, beginning + chr(0x10FFFF)]
    return rows.filter(pk__in=RawSQL(sql.replace("%s", _BEGUN), words))  # noqa: S611


# All trigrams that begin with a text, as alternatives. Every search text ends with a character of no word.
_BEGUN = f"""(SELECT %s || coalesce(group_concat('"' || replace(term, '"', '""') || '"', ' OR '), '""') || ')'
    FROM {TERMS} WHERE term >= %s AND term < %s)"""


def _has_words(rows) -> bool:
    return databases[rows.db].vendor == "sqlite" and has_trigrams()


def _folds(text: str) -> bool:
    """Whether small letters are all that the index makes of a text: its own rules are for more than ASCII."""
    return text.isascii() or text.lower() == text.upper()


def gateways(rows, text: str, account_id: int):
    """Customer gateways of an account among which are all that contain a text in name, ID or address, by the index.

    PostgreSQL has indexes for such conditions themselves.
    """
    if not _has_words(rows) or len(text) < SHORTEST:
        return rows
    sql = f"SELECT rowid FROM {GATEWAY_WORDS} WHERE {GATEWAY_WORDS} MATCH %s"
    return rows.filter(pk__in=RawSQL(sql, [f"{_quoted(scope(account_id))} AND {_quoted(text)}"]))  # noqa: S611


def read(rows, text: str):
    """The same connections, in the order in which they are wanted: for what is found often."""
    return rows.filter(search_text__icontains=text)


# --- statements --------------------------------------------------------------------------------------------------

_BOUND = f"""EXISTS (SELECT 1 FROM connections_attachment AS a
    WHERE a.connection_id = {{id}} AND a.transition <> '{AttachmentStatus.DETACHING}')"""
_ADDRESSES = """coalesce((SELECT {join} FROM connections_tunnel AS t
    JOIN connections_customergateway AS g ON g.id = t.customer_gateway_id WHERE t.connection_id = {id}), '')"""

_ACCOUNT_SQL = f"{_PRIVATE} + {{row}}account_id % {_SIZE}, {_PRIVATE} + {{row}}account_id / {_SIZE} % {_SIZE}"
_SCOPE_SQL = (
    f"char({_ACCOUNT_SQL.format(row='')}, CASE region_id "
    + " ".join(f"WHEN '{region}' THEN {_letter(region)}" for region in REGIONS)
    + f" ELSE {_PRIVATE} END)"
)
_GATEWAY_SQL = (
    f"char({_ACCOUNT_SQL}, {_letter('')}) || {{row}}name || char(10) || {{row}}resource_id || char(10) || "
    "{row}ip_address || char(10)"
)
_JOIN_SQLITE = "group_concat(char(10) || t.internet_ip || char(10) || g.ip_address, '')"
_TEXT_SQLITE = (
    f"{_SCOPE_SQL} || name || char(10) || resource_id || {_ADDRESSES.format(join=_JOIN_SQLITE, id=f'{ROWS}.id')}"
    " || char(10)"
)
_KEEP_SQLITE = f"UPDATE {ROWS} SET is_bound = {_BOUND.format(id=f'{ROWS}.id')}, search_text = {_TEXT_SQLITE}"
# What is not so yet: to write a large table anew for nothing takes its time.
_FILL_SQLITE = f"{_KEEP_SQLITE} WHERE is_bound <> {_BOUND.format(id=f'{ROWS}.id')} OR search_text <> {_TEXT_SQLITE}"
_LEADS = "(SELECT a.transit_router_id FROM connections_attachment AS a WHERE a.connection_id = {route}.connection_id)"
# Sets what is not so already: an update of nothing starts no trigger.
_LEAD_SQLITE = (
    f"UPDATE {ROUTES} SET transit_router_id = {_LEADS.format(route=ROUTES)} "
    f"WHERE transit_router_id IS NOT {_LEADS.format(route=ROUTES)}"
)
# Statements of which a trigger makes use: an update that changes nothing starts the trigger of the row itself.
_TOUCH = f"UPDATE {ROWS} SET revision = revision WHERE id"

_ON_OTHERS = (
    ("connections_tunnel", "internet_ip, customer_gateway_id"),
    ("connections_attachment", "transition, connection_id, transit_router_id"),
)


def _sqlite_triggers() -> dict[str, str]:
    """Triggers by name. Inside one the order is fixed, so the index always forgets exactly what it has been told."""
    forget = f"INSERT INTO {WORDS} ({WORDS}, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);"
    learn = f"INSERT INTO {WORDS} (rowid, search_text) SELECT id, search_text FROM {ROWS} WHERE id = NEW.id;"
    if not has_trigrams():
        forget = learn = ""
    made = {
        "connection_made": f"AFTER INSERT ON {ROWS} BEGIN {learn} {_TOUCH} = NEW.id; END",
        "connection_changed": f"AFTER UPDATE ON {ROWS} BEGIN {forget} {_KEEP_SQLITE} WHERE id = NEW.id; {learn} END",
        "connection_gone": f"AFTER DELETE ON {ROWS} BEGIN {forget or 'SELECT 1;'} END",
    }
    for table, columns in _ON_OTHERS:
        name = table.removeprefix("connections_")
        leads = f" {_LEAD_SQLITE} AND connection_id" if name == "attachment" else ""
        for word, when, row in (("made", "INSERT", "NEW"), ("changed", f"UPDATE OF {columns}", "NEW"),
                                ("gone", "DELETE", "OLD")):  # fmt: skip
            touched = [f"{start} = {row}.connection_id;" for start in (_TOUCH, leads) if start]
            made[f"{name}_{word}"] = f"AFTER {when} ON {table} BEGIN {' '.join(touched)} END"
    if has_trigrams():
        columns = "name, resource_id, ip_address, account_id"
        old, new = (f"{row}.id, {_GATEWAY_SQL.format(row=f'{row}.')}" for row in ("OLD", "NEW"))
        forget = f"INSERT INTO {GATEWAY_WORDS} ({GATEWAY_WORDS}, rowid, words) VALUES ('delete', {old});"
        learn = f"INSERT INTO {GATEWAY_WORDS} (rowid, words) VALUES ({new});"
        made["gateway_made"] = f"AFTER INSERT ON {GATEWAYS} BEGIN {learn} END"
        made["gateway_changed"] = f"AFTER UPDATE OF {columns} ON {GATEWAYS} BEGIN {forget} {learn} END"
        made["gateway_gone"] = f"AFTER DELETE ON {GATEWAYS} BEGIN {forget} END"
    kept = f"BEGIN {_LEAD_SQLITE} AND id = NEW.id; END"
    made["route_made"] = f"AFTER INSERT ON {ROUTES} {kept}"
    made["route_changed"] = f"AFTER UPDATE OF connection_id, transit_router_id ON {ROUTES} {kept}"
    return made


def _install_sqlite(cursor) -> None:
    if has_trigrams():
        cursor.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {WORDS} USING fts5(search_text, content='{ROWS}', "
            "content_rowid='id', tokenize='trigram')"
        )
        cursor.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS {TERMS} USING fts5vocab({WORDS}, 'row')")
        cursor.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {GATEWAY_WORDS} USING fts5(words, content='', tokenize='trigram')"
        )
    cursor.execute(_FILL_SQLITE)
    cursor.execute(_LEAD_SQLITE)
    if has_trigrams():
        cursor.execute(f"INSERT INTO {WORDS} ({WORDS}) VALUES ('rebuild')")
        cursor.execute(f"INSERT INTO {GATEWAY_WORDS} ({GATEWAY_WORDS}) VALUES ('delete-all')")
        cursor.execute(
            f"INSERT INTO {GATEWAY_WORDS} (rowid, words) SELECT id, {_GATEWAY_SQL.format(row='')} FROM {GATEWAYS}"
        )
    for name, body in _sqlite_triggers().items():
        cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {body}")
    _fix_statistics(cursor)


def _remove_sqlite(cursor) -> None:
    for name in _sqlite_triggers():
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


# Rows of a table and of each prefix of an index's columns in an estate that is large. SQLite keeps what it is told
# until somebody runs ANALYZE, so that the plan of a query does not depend on when that was.
_STATISTICS = {
    "connection_list": "1000000 200000 40000 1",
    "connection_name": "1000000 200000 40000 2 1",
    "connection_resource": "1000000 200000 40000 1 1",
    "connection_created": "1000000 200000 40000 2",
    "connection_bound": "1000000 200000 40000 20000 1",
    "connection_bound_name": "1000000 200000 40000 20000 2 1",
    "connection_moving": "1000000 200000 40000 10",
    "tunnel_of_gateway": "1000000 20 1",
    "tunnel_address": "1000000 200000 2",
    "attachment_of_router": "500000 200 1",
    "attachment_list": "500000 200 1",
    "attachment_created": "500000 200 2",
    "route_of_router": "1000000 1000 2 1",
    "route_of_router_by_age": "1000000 1000 1",
    "route_of_router_created": "1000000 1000 2",
    "attachment_moving": "500000 10",
    "tag_search": "1000000 200000 20000 100 1",
    "gateway_list": "50000 5000 1000 1",
    "gateway_name": "50000 5000 1000 2 1",
    "gateway_created": "50000 5000 1000 2",
    "cen_created": "5000 500 2",
    "cen_list": "5000 500 1",
    "cen_name": "5000 500 2 1",
    "event_list": "2000000 200000 1",
    "event_operation": "2000000 200000 20000 1",
    "event_actor": "2000000 200000 20000 1",
    "event_outcome": "2000000 200000 100000 1",
    "event_at": "2000000 200000 2",
    "event_of_resource": "2000000 10 1",
    "event_of_related": "2000000 10 1",
}


def _fix_statistics(cursor) -> None:
    cursor.execute("ANALYZE sqlite_master")
    cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'")
    tables = dict(cursor.fetchall())
    # Django's own indexes of the owner alone pick out the most of all.
    owners = {name: "1000000 200000" for name in tables if re.match("connections_[a-z]+_account_id_[0-9a-f]{8}$", name)}
    for index, numbers in {**_STATISTICS, **owners}.items():
        cursor.execute("DELETE FROM sqlite_stat1 WHERE idx = %s", [index])
        if index in tables:
            cursor.execute("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (%s, %s, %s)",
                           [tables[index], index, numbers])  # fmt: skip
    cursor.execute("ANALYZE sqlite_master")


_JOIN_PG = "string_agg(E'\\n' || t.internet_ip || E'\\n' || g.ip_address, '')"
_TEXT_PG = "{row}.name || E'\\n' || {row}.resource_id || " + _ADDRESSES.format(join=_JOIN_PG, id="{row}.id")
_LEAD_PG = f"UPDATE {ROUTES} SET weight = weight WHERE connection_id"
_FUNCTIONS_PG = f"""
CREATE OR REPLACE FUNCTION connections_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.is_bound := {_BOUND.format(id="NEW.id")};
    NEW.search_text := {_TEXT_PG.format(row="NEW")};
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION connections_touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN {_TOUCH} = OLD.connection_id; ELSE {_TOUCH} = NEW.connection_id; END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION connections_lead() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.transit_router_id := {_LEADS.format(route="NEW")};
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION connections_lead_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN {_LEAD_PG} = OLD.connection_id; ELSE {_LEAD_PG} = NEW.connection_id; END IF;
    RETURN NULL;
END $$;
"""


def _postgresql_triggers() -> dict[tuple[str, str], str]:
    """Triggers by name and table."""
    before, each = "BEFORE INSERT OR UPDATE ON", "FOR EACH ROW EXECUTE FUNCTION"
    made = {
        ("connection_kept", ROWS): f"{before} {ROWS} {each} connections_keep()",
        ("route_kept", ROUTES): f"{before} {ROUTES} {each} connections_lead()",
    }
    for table, columns in _ON_OTHERS:
        after = f"AFTER INSERT OR DELETE OR UPDATE OF {columns} ON {table} {each}"
        made[table.removeprefix("connections_") + "_touches", table] = f"{after} connections_touch()"
        if table == "connections_attachment":
            made["attachment_leads", table] = f"{after} connections_lead_all()"
    return made


def _install_postgresql(cursor) -> None:
    # A request may take so long and no longer; filling in what is missing takes as long as there are rows.
    cursor.execute("SET LOCAL statement_timeout = 0")
    cursor.execute(_FUNCTIONS_PG)
    for (name, table), body in _postgresql_triggers().items():
        cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        cursor.execute(f"CREATE TRIGGER {name} {body}")
    cursor.execute(
        f"UPDATE {ROWS} SET revision = revision WHERE is_bound <> {_BOUND.format(id=f'{ROWS}.id')} "
        f"OR search_text <> {_TEXT_PG.format(row=ROWS)}"
    )
    leads = _LEADS.format(route=ROUTES)
    cursor.execute(f"UPDATE {ROUTES} SET weight = weight WHERE transit_router_id IS DISTINCT FROM {leads}")
    try:
        with transaction.atomic(using=cursor.db.alias):
            # Both belong to PostgreSQL's own contrib and may be made by the owner of a database.
            for extension in ("btree_gin", "pg_trgm"):
                cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS connection_words ON {ROWS} "
                "USING gin (account_id, region_id, UPPER(search_text::text) gin_trgm_ops)"
            )
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS gateway_words ON {GATEWAYS} USING gin (account_id, "
                "UPPER(name::text) gin_trgm_ops, resource_id gin_trgm_ops, ip_address gin_trgm_ops)"
            )
    except DatabaseError:
        # Not there, or not allowed: searches then read the account's connections of the region.
        pass


def _remove_postgresql(cursor) -> None:
    for name, table in _postgresql_triggers():
        cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")


def _relax_postgresql(cursor) -> None:
    """Rows of connections and routes still get what follows from others, which have to be there before them."""
    # No request, either.
    cursor.execute("SET LOCAL statement_timeout = 0")
    for name, table in _postgresql_triggers():
        if table not in (ROWS, ROUTES):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")


_DO = {
    "sqlite": (_install_sqlite, _remove_sqlite),
    "postgresql": (_install_postgresql, _remove_postgresql),
}


def install(using: str) -> None:
    """Make triggers and index, and fill in what they would have written. As long as there are rows."""
    database = databases[using]
    with database.cursor() as cursor:
        tables = database.introspection.table_names(cursor)
        kept = {(ROWS, "is_bound"), (ROWS, "search_text"), (ROUTES, "transit_router_id")}
        for table in {ROWS, ROUTES} & set(tables):
            kept -= {(table, column.name) for column in database.introspection.get_table_description(cursor, table)}
        if not kept:
            with transaction.atomic(using=using):
                _DO[database.vendor][0](cursor)


def remove(using: str) -> None:
    """Drop the triggers, before tables are rebuilt."""
    with databases[using].cursor() as cursor:
        _DO[databases[using].vendor][1](cursor)


_INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s "
    "AND sql LIKE 'CREATE INDEX %%'",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = %s "
    "AND indexdef LIKE 'CREATE INDEX %%'",
}


@contextmanager
def in_bulk(using: str, tables):
    """Write very many rows at once, in one transaction: tunnels and attachments before their connections.

    An index that is made at the end takes a fraction of the time of one that is told row by row; those that keep
    something unique stay.
    """
    database = databases[using]
    is_sqlite = database.vendor == "sqlite"
    with database.cursor() as cursor:
        if is_sqlite:
            # Pages are written once, not whenever two megabytes are full.
            cursor.execute("PRAGMA cache_size = -262144")
        (_remove_sqlite if is_sqlite else _relax_postgresql)(cursor)
        indexes = {}
        for table in tables:
            cursor.execute(_INDEXES[database.vendor], [table])
            indexes |= dict(cursor.fetchall())
        for name in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        if is_sqlite:
            cursor.execute(_FILL_SQLITE)
            cursor.execute(_LEAD_SQLITE)
            cursor.execute("PRAGMA cache_size = -2000")
        else:
            # Whatever a table still has to check keeps it from getting an index.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in indexes.values():
            cursor.execute(statement)
        if not is_sqlite:
            # Of tables that it takes for empty, PostgreSQL would read the whole for each row.
            cursor.execute("ANALYZE")
    install(using)


def before_migration(using, plan=(), **kwargs) -> None:
    if plan:
        _take_time(using, "SET statement_timeout = 0")
        remove(using)


def after_migration(using, plan=(), **kwargs) -> None:
    if plan:
        install(using)
        _take_time(using, "RESET statement_timeout")


def _take_time(using: str, sql: str) -> None:
    """A migration, too, is no request: an index over many rows takes its time."""
    if databases[using].vendor == "postgresql":
        with databases[using].cursor() as cursor:
            cursor.execute(sql)
