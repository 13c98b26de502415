"""Open an account with its first user, where there is no demo."""

import getpass

from django.core.management.base import BaseCommand, CommandError

from connections.choices import Role
from connections.errors import Invalid
from connections.models import User
from connections.services.accounts import create_account
from connections.services.members import save_user
from connections.services.turns import work


class Command(BaseCommand):
    help = "Open an account and its first user. Asks for the password."

    def add_arguments(self, parser):
        parser.add_argument("name", help="name of the account")
        parser.add_argument("username", help="who signs in")

    def handle(self, *args, name, username, **options):
        password = getpass.getpass("Password: ")
        try:
            with work():
                account = create_account(name)
                save_user(User(username=username, account=account, role=Role.ADMINISTRATOR), password)
        except Invalid as invalid:
            raise CommandError(" ".join(str(problem.message) for problem in invalid.problems)) from invalid
        self.stdout.write(f"Account {account.name} has UID {account.uid}; {username} can sign in.")
