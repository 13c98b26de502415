"""Add many connections with everything that belongs to them: `dev.py loadtest-data N`. Needs DEMO_MODE."""

import argparse
import os
import sys
from time import monotonic

import django


def main(words: list[str] | None = None) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")
    django.setup()
    # Models can be imported only after setup.
    from django.conf import settings

    from bench import loadtest
    from connections.models import Connection

    plan = loadtest.Plan(0)
    parser = argparse.ArgumentParser(prog="dev.py loadtest-data", description=__doc__)
    parser.add_argument("connections", type=int, help="how many connections")
    parser.add_argument("--accounts", type=int, default=plan.accounts, help="spread over so many accounts")
    parser.add_argument("--gateways", type=int, default=plan.gateways, help="customer gateways of the largest one")
    parser.add_argument("--cens", type=int, default=plan.cens, help="CEN instances of the largest one")
    parser.add_argument("--routes", type=int, default=plan.routes, help="routes of its first transit router")
    parser.add_argument(
        "--largest", type=int, default=0, help="about so many connections of the largest account in one region"
    )
    parser.add_argument("--one-account", action="store_true", help="everything in one account and one region")
    args = parser.parse_args(words)
    if not settings.DEMO_MODE:
        sys.exit("This fills the database with made-up data. Set DEMO_MODE=1 if that is wanted.")
    if min(args.connections, args.accounts, args.gateways, args.cens) < 1 or min(args.routes, args.largest) < 0:
        sys.exit("There must be at least one of everything.")
    began, before = monotonic(), Connection.objects.count()
    account = loadtest.load(loadtest.Plan(**vars(args)), lambda text: print(f"  {text}", flush=True))
    made = Connection.objects.count() - before
    print(
        f"  done in {monotonic() - began:.0f} s: {made} connections, most of them in {loadtest.REGION} of "
        f"{account.name} (sign in as load-1)"
    )


if __name__ == "__main__":
    main()
