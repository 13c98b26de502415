"""What has to be in order, and what is laid out, before a server starts."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Migrate the database and check the keys. In production, check the settings, collect static files and delete "
        "sessions that have ended. In demo mode, load the demo data."
    )

    def add_arguments(self, parser):
        parser.add_argument("--no-migrate", action="store_true", help="another machine migrates the database")

    def handle(self, *args, no_migrate, **options):
        if not no_migrate:
            call_command("migrate", verbosity=0)
        if settings.PRODUCTION:
            call_command("check", deploy=True, fail_level="WARNING", stdout=self.stdout, stderr=self.stderr)
        call_command("check_keys")
        if settings.PRODUCTION:
            call_command("collectstatic", interactive=False, verbosity=0)
            call_command("clearsessions")
        if settings.DEMO_MODE:
            call_command("seed_demo", stdout=self.stdout)
            if not settings.PRODUCTION:
                call_command("show_demo", stdout=self.stdout)
