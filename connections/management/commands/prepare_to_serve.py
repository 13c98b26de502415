"""What has to be in order, and what is laid out, before the first worker starts."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Check settings and keys, collect static files, forget sessions that have ended."

    def handle(self, *args, **options):
        if not settings.PRODUCTION:
            raise CommandError("This prepares production: set PRODUCTION=1, or use `dev.py serve`.")
        call_command("check", deploy=True, fail_level="WARNING", stdout=self.stdout, stderr=self.stderr)
        call_command("check_keys")
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("clearsessions")
