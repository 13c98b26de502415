"""Django's command, which sets up the data folder first."""

from django.core.management.commands import migrate

from vpnconsole import data_folder


class Command(migrate.Command):
    def execute(self, *args, **options):
        # The checks that come before `handle` already connect to the database.
        data_folder.prepare()
        return super().execute(*args, **options)
