"""Check that a server can open stored secrets."""

from django.core.management.base import BaseCommand, CommandError

from connections.services.secrets import key_problems


class Command(BaseCommand):
    help = "Check that the keys of this installation open stored secrets: the oldest and the newest of each column."

    def handle(self, *args, **options):
        if problems := list(key_problems()):
            raise CommandError("\n".join(problems))
