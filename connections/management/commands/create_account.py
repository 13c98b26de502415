"""Create an account with its first user."""

import getpass

from django.core.management.base import BaseCommand, CommandError

from connections.domain.choices import NewDevices, Role
from connections.domain.refusals import Invalid
from connections.models import Account, User
from connections.services.accounts import create_account
from connections.services.members import judge_user, save_user
from connections.services.operations import own_problems
from connections.services.write_lock import work


class Command(BaseCommand):
    help = "Open an account and its first user. Asks for the password."

    def add_arguments(self, parser):
        parser.add_argument("name", help="name of the account")
        parser.add_argument("username", help="who signs in")
        parser.add_argument(
            "--configured-devices",
            action="store_true",
            help="configure the simulated devices of new connections at once, so that tunnels come up",
        )

    def handle(self, *args, name, username, configured_devices, **options):
        name, username = name.strip(), username.strip()
        user = User(username=username, role=Role.ADMINISTRATOR)
        try:
            problems = own_problems(Account(name=name), exclude=["uid"])
            if problems := [*problems, *own_problems(user, exclude=["account", "password"])]:
                raise Invalid(problems)
            problems = judge_user(user, getpass.getpass("Password: "))
            with work():
                new_devices = NewDevices.CONFIGURED if configured_devices else NewDevices.BARE
                user.account = account = create_account(name, new_devices=new_devices)
                save_user(user, problems)
        except Invalid as invalid:
            raise CommandError(" ".join(str(problem.message) for problem in invalid.problems)) from invalid
        self.stdout.write(f"Account {account.name} has UID {account.uid}; {username} can sign in.")
