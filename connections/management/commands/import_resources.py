"""Import the resources of a document."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from connections.documents import import_text, now_and_then
from connections.domain.refusals import Refused
from connections.english import counted
from connections.management import file_failures
from connections.management.commands.export_resources import account_of
from connections.services.operations import Actor


class Command(BaseCommand):
    help = "Make the resources of a document that an account does not have. All of them, or none if anything is wrong."

    def add_arguments(self, parser):
        parser.add_argument("uid", help="UID of the account")
        parser.add_argument("file", help="the document; - is standard input")

    def handle(self, *args, uid, file, **options):
        account = account_of(uid)
        with file_failures("standard input" if file == "-" else file):
            content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
            text = content.decode("utf-8-sig")
        try:
            outcome = import_text(Actor(account, "import"), text, now_and_then(self.report))
        except Refused as refused:
            raise CommandError(str(refused.message)) from refused
        if outcome.faults:
            faults = [": ".join(filter(None, (fault.place, str(fault.message)))) for fault in outcome.faults]
            more = [f"and {outcome.more_faults} more"] if outcome.more_faults else []
            raise CommandError("\n".join(["Nothing was imported.", *faults, *more]))
        self.stdout.write(f"{counted(len(outcome.made), 'resource')} made, {len(outcome.there)} there already.")
        for before, after in outcome.renamed.items():
            self.stdout.write(f"{before} was taken: {after}")
        for fault in outcome.waiting:
            self.stdout.write(f"Waits for another account: {fault.place}: {fault.message}")

    def report(self, done, total):
        self.stderr.write(f"{done} of {total} resources judged" if done < total else "Writing")
