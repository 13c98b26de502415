"""Check that stored rows are consistent."""

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
            results = list(findings())
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        for finding in results:
            if not finding.is_fault:
                self.stdout.write(f"Warning: {finding.sentence}")
        if faults := [finding.sentence for finding in results if finding.is_fault]:
            raise CommandError("\n".join(faults))
        if not results:
            self.stdout.write("Everything fits together.")
