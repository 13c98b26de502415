"""Encrypt stored secrets with a new key."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from connections.english import counted
from connections.management import file_failures
from connections.persistence.encryption import WrongKey
from connections.services.secrets import rotate


class Command(BaseCommand):
    help = "Seal every stored secret anew: under a new key, or under the first of ENCRYPTION_KEYS if that is set."

    def handle(self, *args, **options):
        try:
            with file_failures(settings.ENCRYPTION_KEYS):
                count = rotate()
        except (ImproperlyConfigured, WrongKey) as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self.stdout.write(f"{counted(count, 'secret')} sealed anew.")
        if not isinstance(settings.ENCRYPTION_KEYS, Path):
            self.stdout.write("ENCRYPTION_KEYS may hold its first key alone from now on.")
