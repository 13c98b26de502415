"""Django's command, which sets up the data folder first."""

from django.core.management.commands import migrate
from django.db import transaction

from vpnconsole import data_folder


class Command(migrate.Command):
    def execute(self, *args, **options):
        # The checks that come before `handle` already connect to the database.
        data_folder.prepare()
        # They report a locked SQLite database as one without JSON. Take the lock before, and fail with a clear error.
        with transaction.atomic():
            pass
        return super().execute(*args, **options)
