"""Replace everything with the demo data."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Delete everything in the database and load the demo data. Needs DEMO_MODE."

    def handle(self, *args, **options):
        if not settings.DEMO_MODE:
            raise CommandError("This deletes everything. It is meant for demos: set DEMO_MODE=1 if this is one.")
        call_command("migrate", verbosity=0)
        call_command("flush", interactive=False, verbosity=0)
        call_command("seed_demo", stdout=self.stdout)
