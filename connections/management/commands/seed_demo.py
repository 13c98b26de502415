"""Load the demo data: two accounts with resources, created through the services."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from connections import clock, demo, ids
from connections.demo.story import deeds, tell
from connections.demo.times import before, in_office_hours
from connections.english import counted
from connections.models import AccessKey, Account, CustomerGateway, Event, TransitRouter, Tunnel, User
from connections.services.accounts import create_account
from connections.services.cens import create_cen, create_transit_router
from connections.services.connections import create_connection
from connections.services.customer_gateways import create_customer_gateway
from connections.services.operations import Actor


class Command(BaseCommand):
    help = "Load the demo data, unless it is there already. Needs DEMO_MODE."

    def handle(self, *args, **options):
        if not settings.DEMO_MODE:
            raise CommandError("Demo data lets anybody sign in as a persona. Set DEMO_MODE=1 if that is wanted.")
        if User.objects.filter(is_demo=True).exists():
            return
        self.stdout.write("Loading the demo data:")
        present = clock.now().replace(microsecond=0)
        # Hashed once, since hashing is slow by design.
        password = make_password(demo.PASSWORD)
        with transaction.atomic(), ids.seeded("demo"):
            for tenant in demo.TENANTS:
                self.load(tenant, present, password)
            # Last, so that all other IDs stay the same.
            self.load_pairs(present)
            with ids.seeded("demo story"):
                for deed in deeds():
                    with clock.hold(deed.at(present)):
                        tell(deed)
            self.sort_events()
        self.stdout.write(f"  done: {counted(Account.objects.count(), 'account')}")

    def load(self, tenant: demo.Tenant, present: datetime, password: str) -> None:
        start = present - timedelta(days=40)
        account = create_account(tenant.name, *tenant.groups)
        members = [
            User.objects.create(account=account, password=password, is_demo=True, **asdict(member))
            for member in tenant.members
        ]
        user = members[0]
        AccessKey.objects.create(
            user=user, access_key_id=tenant.access_key_id, secret=tenant.access_key_secret, created_at=start
        )
        self.stdout.write(f"  {account.name}, UID {account.uid}")
        with self.by_hand(user, start) as made:
            gateways = {g.name: made(create_customer_gateway, g, t) for g, t in demo.gateways(tenant)}
            self.stdout.write(f"    {counted(len(gateways), 'customer gateway')}")
            cens = {c.name: made(create_cen, c, t) for c, t in demo.cens(tenant, account)}
            routers = {r.name: made(create_transit_router, r, blocks) for r, blocks in demo.routers(tenant, cens)}
            self.stdout.write(f"    {counted(len(cens), 'CEN instance')}, {counted(len(routers), 'transit router')}")
            drafts = demo.drafts(tenant, gateways, routers)
            for draft in drafts:
                made(create_connection, draft)
            self.stdout.write(f"    {counted(len(drafts), 'IPsec-VPN connection')}")
        self.happen(user, demo.happenings(tenant), present)

    def load_pairs(self, present: datetime) -> None:
        """Connections with two tunnels, of the first tenant."""
        user = User.objects.get(username=demo.HARBOUR.members[0].username)
        with self.by_hand(user, present - timedelta(days=25)) as made:
            for gateway, tags in demo.pair_gateways():
                made(create_customer_gateway, gateway, tags)
            gateways = {gateway.name: gateway for gateway in CustomerGateway.objects.of(user.account)}
            routers = {router.name: router for router in TransitRouter.objects.filter(account=user.account)}
            drafts = demo.pairs(gateways, routers)
            for draft in drafts:
                made(create_connection, draft)
        self.stdout.write(f"  {counted(len(drafts), 'IPsec-VPN connection')} with two tunnels")
        self.happen(user, demo.pair_happenings(), present)

    @contextmanager
    def by_hand(self, user: User, start: datetime) -> Iterator[Callable]:
        """Create one resource after another, with some hours between."""
        with clock.hold(start) as held:

            def made(create, *things):
                held.tick(7 * 3600 + 431)
                with clock.hold(in_office_hours(clock.now())):
                    return create(Actor.of(user), *things)

            yield made

    def happen(self, user: User, happenings: Iterable[demo.Happening], present: datetime) -> None:
        members = {member.username: member for member in User.objects.filter(account=user.account)}
        for happening in happenings:
            with clock.hold(before(happening.before)(present)):
                tunnels = Tunnel.objects.filter(connection__account=user.account, index=happening.tunnel)
                tunnel = tunnels.get(connection__name=happening.connection)
                happening.do(Actor.of(members.get(happening.by, user)), tunnel)

    def sort_events(self) -> None:
        """Number the events as if they had been written when they happened: pages list them by their numbers."""
        events = list(Event.objects.order_by("at", "id"))
        Event.objects.all().delete()
        for event in events:
            event.pk = None
        Event.objects.bulk_create(events)
