"""Check that what is stored fits together."""

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from connections.services.integrity import findings


class Command(BaseCommand):
    help = (
        "Look for rows that do not fit together and for secrets that cannot be opened, all of them; warn of events "
        "that do not match the rows, with which the console works."
    )

    def handle(self, *args, **options):
        try:
            found = list(findings())
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        for one in found:
            if not one.is_fault:
                self.stdout.write(f"Warning: {one.sentence}")
        if faults := [one.sentence for one in found if one.is_fault]:
            raise CommandError("\n".join(faults))
        if not found:
            self.stdout.write("Everything fits together.")
