"""Make the template of a scenario in the database of this process, which a server starts for this purpose."""

import sqlite3
from contextlib import closing
from pathlib import Path

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from connections.search import sqlite_fts
from vpnconsole.kit import keys, names, scenarios, state
from vpnconsole.kit import personas as misbehaving


def create_schema() -> None:
    """Create all tables at once, which migrating does in many steps and ten times the time.

    A test compares the result with that of the migrations.
    """
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)
    sqlite_fts.install(connection)
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    for app, name in MigrationLoader(None).disk_migrations:
        recorder.record_applied(app, name)


class Command(BaseCommand):
    help = "Make the template of a scenario. Only for the kit itself."

    def add_arguments(self, parser):
        parser.add_argument("scenario", choices=sorted(scenarios.SCENARIOS))
        parser.add_argument("file", type=Path, help="the database of this process")

        parser.add_argument("--personas", action="store_true", help="add those that misbehave")

    def handle(self, *args, scenario, file, personas, **options):
        if str(connection.settings_dict["NAME"]) != str(file):
            raise CommandError("The file must be the database of this process.")
        chosen = scenarios.SCENARIOS[scenario]
        create_schema()
        moment = chosen.begins
        chosen.build()
        state.create_tables()
        first = {"scenario": scenario, "moment": moment.isoformat()}
        # Not of what personas own, which can be very much.
        found = names.of_everything()
        if personas:
            chosen.build(misbehaving.load)
            first["personas"] = misbehaving.ALL
        chosen.build(keys.make)
        state.put(first | {"names": found, "members": names.members()} | dict(chosen.state))
        connection.close()
        with closing(sqlite3.connect(file)) as database:
            # Hundreds of tables and indexes are nearly empty: a file of small pages is half as long to copy.
            database.execute("PRAGMA page_size=2048")
            database.execute("VACUUM")
            # A copy is in the mode in which requests read beside a writer. Closing removes the log of writes.
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
