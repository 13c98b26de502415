"""Check that what is stored fits together."""

from django.core.management.base import BaseCommand, CommandError

from connections.services.integrity import findings


class Command(BaseCommand):
    help = "Look for rows that do not fit together, for events that do not match them, and for keys nobody can open."

    def handle(self, *args, **options):
        found = list(findings())
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("Everything fits together.")
