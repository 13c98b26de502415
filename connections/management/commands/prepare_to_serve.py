"""What has to be in order, and what is laid out, before the first worker starts."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from connections.management import counted
from connections.services.secrets import unreadable


class Command(BaseCommand):
    help = "Check settings and keys, collect static files, forget sessions that have ended."

    def handle(self, *args, **options):
        if not settings.PRODUCTION:
            raise CommandError("This prepares production: set PRODUCTION=1, or use `dev.py serve`.")
        call_command("check", deploy=True, fail_level="WARNING", stdout=self.stdout, stderr=self.stderr)
        if count := unreadable():
            raise CommandError(
                f"{counted(count, 'stored secret')} cannot be opened: ENCRYPTION_KEYS "
                "lacks the key that sealed them. Add it behind the others."
            )
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("clearsessions")
