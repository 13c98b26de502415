"""Everything in one file."""

from datetime import UTC, datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from connections.management import counted
from connections.services.backups import back_up


class Command(BaseCommand):
    help = "Write everything into one file, while the console goes on. Keep it as safe as the keys in it."

    def add_arguments(self, parser):
        stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
        parser.add_argument("file", nargs="?", default=f"vpn-console-{stamp}.backup")

    def handle(self, *args, file, **options):
        try:
            count = back_up(Path(file))
        except FileExistsError as error:
            raise CommandError(f"{file} exists already.") from error
        self.stdout.write(f"{counted(count, 'row')} in {file}")
