"""Open an account with its first user, where there is no demo."""

from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from connections.choices import Role
from connections.models import Account, User
from connections.services.accounts import create_account


class Command(BaseCommand):
    help = "Open an account and its first user. Asks for the password."

    def add_arguments(self, parser):
        parser.add_argument("name", help="name of the account")
        parser.add_argument("username", help="who signs in")

    def handle(self, *args, name, username, **options):
        if User.objects.filter(username=username).exists():
            raise CommandError(f"There is a user {username} already.")
        user = User(username=username, role=Role.ADMINISTRATOR)
        try:
            Account(name=name).full_clean(validate_unique=False)
            user.full_clean(exclude=["account", "password"], validate_unique=False)
            password = getpass("Password: ")
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.set_password(password)
        with transaction.atomic():
            user.account = account = create_account(name)
            user.save()
        self.stdout.write(f"Account {account.name} has UID {account.uid}; {username} can sign in.")
