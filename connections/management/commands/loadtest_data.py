"""Fill the database with very many believable resources."""

from time import monotonic

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from connections import loadtest
from connections.models import Connection


class Command(BaseCommand):
    help = "Add very many connections with everything that belongs to them. Needs DEMO_MODE."

    def add_arguments(self, parser):
        plan = loadtest.Plan(0)
        parser.add_argument("connections", type=int, help="how many connections")
        parser.add_argument("--accounts", type=int, default=plan.accounts, help="spread over so many accounts")
        parser.add_argument("--gateways", type=int, default=plan.gateways, help="customer gateways of the largest one")
        parser.add_argument("--cens", type=int, default=plan.cens, help="CEN instances of the largest one")
        parser.add_argument("--routes", type=int, default=plan.routes, help="routes of its first transit router")
        parser.add_argument(
            "--largest", type=int, default=0, help="about so many connections of the largest account in one region"
        )
        parser.add_argument("--one-account", action="store_true", help="everything in one account and one region")

    def handle(self, *args, **options):
        if not settings.DEMO_MODE:
            raise CommandError("This fills the database with made-up data. Set DEMO_MODE=1 if that is wanted.")
        if (
            min(options[name] for name in ("connections", "accounts", "gateways", "cens")) < 1
            or min(options["routes"], options["largest"]) < 0
        ):
            raise CommandError("There must be at least one of everything.")
        names = ("connections", "accounts", "gateways", "cens", "routes", "one_account", "largest")
        plan = loadtest.Plan(**{name: options[name] for name in names})
        begun, before = monotonic(), Connection.objects.count()
        account = loadtest.load(plan, lambda text: self.stdout.write(f"  {text}"))
        self.stdout.write(
            f"  done in {monotonic() - begun:.0f} s: {Connection.objects.count() - before} connections, most of them "
            f"in {loadtest.REGION} of {account.name} (sign in as load-1)"
        )
