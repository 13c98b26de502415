"""Write everything into one file."""

from datetime import UTC, datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from connections.english import counted
from connections.management import file_failures, warnings
from connections.models import Account
from connections.services.backups import Unusable, back_up


class Command(BaseCommand):
    help = (
        "Write everything into one file, while the console goes on, and judge whether it could be restored. "
        "Keep it as safe as the keys in it."
    )

    def add_arguments(self, parser):
        stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
        parser.add_argument("file", nargs="?", default=f"vpn-console-{stamp}.backup")

    def handle(self, *args, file, **options):
        # Fail before the file is created if the database is unavailable or has no tables.
        Account.objects.exists()
        with file_failures(file):
            try:
                judgement = back_up(Path(file))
            except FileExistsError as error:
                raise CommandError(f"{file} exists already.") from error
            except Unusable as unusable:
                text = f"{file} was written and is kept, but it cannot be restored. {unusable}"
                raise CommandError(text) from unusable
        self.stdout.write(warnings(judgement.warnings), ending="")
        self.stdout.write(f"{counted(judgement.count, 'row')} in {file}")
