"""Services write what triggers wrote before: which connections are bound, what they are found by, where routes lead.

A search text now begins with its account and region on both databases, and ends with its last address. On SQLite the
index of customer gateways goes: an account's gateways are few enough to be read. The index of connections is created
again after the migrations, and made-up statistics are deleted.
"""

from zlib import crc32

from django.db import DatabaseError, migrations, models, transaction

TRIGGER_FUNCTIONS = "connections_keep, connections_touch, connections_lead, connections_lead_all"
PRIVATE, SIZE = 0xE000, 6400


def replace_triggers(apps, schema_editor):
    connection = schema_editor.connection
    {"sqlite": on_sqlite, "postgresql": on_postgresql}[connection.vendor](apps, connection)


def on_sqlite(apps, connection):
    # The triggers are gone already: they are dropped before each migration.
    with connection.cursor() as cursor:
        for table in ("connections_terms", "connections_words", "connections_gatewaywords"):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute("UPDATE connections_connection SET search_text = rtrim(search_text, char(10))")
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if cursor.fetchone():
            cursor.execute("DELETE FROM sqlite_stat1")
            cursor.execute("ANALYZE sqlite_master")


def on_postgresql(apps, connection):
    with connection.cursor() as cursor:
        cursor.execute(f"DROP FUNCTION IF EXISTS {TRIGGER_FUNCTIONS} CASCADE")
        cursor.execute("SELECT DISTINCT region_id FROM connections_connection")
        for (region_id,) in cursor.fetchall():
            cursor.execute(
                f"UPDATE connections_connection SET search_text = chr({PRIVATE} + account_id::int %% {SIZE}) || "
                f"chr({PRIVATE} + account_id::int / {SIZE} %% {SIZE}) || %s || search_text WHERE region_id = %s",
                [chr(PRIVATE + crc32(region_id.encode()) % SIZE), region_id],
            )
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            # Both belong to PostgreSQL itself, and the owner of a database may create them.
            for extension in ("btree_gin", "pg_trgm"):
                cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
            # As `icontains` asks. Django's GinIndex could not be left out on SQLite, nor where there is no extension.
            cursor.execute(
                "CREATE INDEX IF NOT EXISTS connection_words ON connections_connection "
                "USING gin (account_id, region_id, UPPER(search_text::text) gin_trgm_ops)"
            )
            cursor.execute(
                "CREATE INDEX IF NOT EXISTS gateway_words ON connections_customergateway USING gin (account_id, "
                "UPPER(name::text) gin_trgm_ops, resource_id gin_trgm_ops, ip_address gin_trgm_ops)"
            )
    except DatabaseError:
        # Without the extensions, searches read the connections of one account in one region.
        pass


class Migration(migrations.Migration):
    dependencies = [("connections", "0022_import_progress")]

    operations = [
        migrations.RunPython(replace_triggers, migrations.RunPython.noop),
        migrations.RemoveIndex("event", "event_of_resource"),
        migrations.AddIndex("event", models.Index(fields=["account", "resource_id", "at"], name="event_of_resource")),
    ]
