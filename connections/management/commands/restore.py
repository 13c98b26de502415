"""Restore everything from one file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from connections.english import counted
from connections.management import warnings
from connections.services.backups import Unusable, restore


class Command(BaseCommand):
    help = "Put back what a backup holds, in place of everything there is. All of it, or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--replace", action="store_true", help="yes, what is there now is to be lost")

    def handle(self, *args, file, replace, **options):
        try:
            judgement = restore(Path(file), replace=replace)
        except Unusable as unusable:
            raise CommandError(f"Nothing was restored. {unusable}") from unusable
        except DatabaseError as error:
            # Its message may contain a row.
            raise CommandError(f"Nothing was restored. The database failed ({type(error).__name__}).") from error
        self.stdout.write(warnings(judgement.warnings), ending="")
        self.stdout.write(f"{counted(judgement.count, 'row')} restored. Everybody has to sign in again.")
