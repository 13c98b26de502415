"""Export an account's resources as a document."""

from django.core.management.base import BaseCommand, CommandError

from connections.documents import as_text, export_with_keys, exported
from connections.domain.choices import Door
from connections.models import Account
from connections.services.operations import Actor


def account_of(uid: str) -> Account:
    account = Account.objects.filter(uid=uid).first()
    if account is None:
        raise CommandError(f"There is no account {uid}.")
    return account


class Command(BaseCommand):
    help = "Print all resources of an account as YAML, or JSON."

    def add_arguments(self, parser):
        parser.add_argument("uid", help="UID of the account")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--keys", action="store_true", help="with pre-shared keys and BGP keys")

    def handle(self, *args, uid, json, keys, **options):
        account = account_of(uid)
        document = export_with_keys(Actor(account, "export"), Door.COMMAND) if keys else exported(account)
        self.stdout.write(as_text(document, "json" if json else "yaml"), ending="")
