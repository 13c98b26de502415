"""What scenarios are built with: a scenario's declaration, and short ways to make resources by the usual services."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import transaction

from connections import clock, demo, ids
from connections.messages import Message
from connections.models import (
    AccessKey,
    Account,
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    Device,
    TransitRouter,
    TransitRouterCidr,
    Tunnel,
    User,
)
from connections.services import devices
from connections.services.accounts import create_account
from connections.services.cens import create_cen, create_transit_router
from connections.services.connections import create_connection
from connections.services.customer_gateways import create_customer_gateway
from connections.services.drafts import Draft
from connections.services.negotiations import following
from connections.services.operations import Actor
from vpnconsole.kit import clockwork

# The moment at which worlds begin, so that dates in them repeat.
MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FRANKFURT, ZONE = demo.FRANKFURT, "eu-central-1a"


@dataclass(frozen=True)
class Scenario:
    """What is in a new world.

    `load` fills a migrated database, while the clock is held at `moment`; None: at the present. `state`: first values
    of `kit_state`. `title`: of a story; what it is about gives its solution away.
    """

    name: str
    about: Message
    load: Callable[[], None]
    state: Mapping[str, Any] = field(default_factory=dict)
    moment: datetime | None = MOMENT
    title: Message | None = None

    @property
    def begins(self) -> datetime:
        return self.moment or clock.real().replace(microsecond=0)

    def build(self, load: Callable[[], None] | None = None) -> None:
        """Fill the database, with `load` if it is given: something to be added."""
        with clock.hold(self.begins), clock.told_by(_Settled()), ids.seeded(self.name):
            (load or self.load)()


class _Settled(clock.Source):
    """While a scenario is built, nothing is under way, unless it is meant to be."""

    def transition_ends(self, row: Any, transition: str, start: datetime) -> datetime:
        return start


@contextmanager
def ago(**span: float) -> Iterator[None]:
    """Do something so long before the scenario begins."""
    with clock.hold(clock.real() - timedelta(**span)):
        yield


@contextmanager
def staying_under_way() -> Iterator[None]:
    """What begins in the block stays under way until somebody ends it."""
    rule = clockwork.Rule(clockwork.MANUAL)
    now = clock.real().isoformat()
    with clock.told_by(clockwork.WorldTime({"moment": now, "transitions": [asdict(rule)]})):
        yield


# --- accounts -----------------------------------------------------------------------------------------------------


def load_demo() -> None:
    call_command("seed_demo", stdout=StringIO())


def load_accounts() -> None:
    """The accounts and personas of the demo, without resources."""
    password = make_password(demo.PASSWORD)
    with ids.seeded("demo"):
        for tenant in demo.TENANTS:
            account = create_account(tenant.name, *tenant.groups)
            members = [
                User.objects.create(account=account, password=password, is_demo=True, **asdict(member))
                for member in tenant.members
            ]
            AccessKey.objects.create(
                user=members[0], access_key_id=tenant.access_key_id, secret=tenant.access_key_secret
            )


# Whose resources are made.
_owner: ContextVar[str] = ContextVar("owner", default="alice")


@contextmanager
def owned_by(username: str) -> Iterator[None]:
    """Make resources in the account of another member within the block."""
    token = _owner.set(username)
    try:
        yield
    finally:
        _owner.reset(token)


def actor(username: str = "") -> Actor:
    return Actor.of(User.objects.select_related("account").get(username=username or _owner.get()))


# --- resources ----------------------------------------------------------------------------------------------------


def gateway(name: str, ip_address: str, asn: int | None = None, **more: Any) -> CustomerGateway:
    values = {"region_id": FRANKFURT, "name": name, "ip_address": ip_address, "asn": asn} | more
    return create_customer_gateway(actor(), CustomerGateway(**values), ())


def cen(name: str) -> Cen:
    who = actor()
    group = who.account.resource_groups.get(is_default=True)
    return create_cen(who, Cen(name=name, resource_group=group), ())


def router(of: Cen, name: str, cidrs: Iterable[str] = (), *, region: str = FRANKFURT) -> TransitRouter:
    blocks = [TransitRouterCidr(cidr=cidr) for cidr in cidrs]
    return create_transit_router(actor(), TransitRouter(cen=of, region_id=region, name=name), blocks)


def backbone(days: float) -> TransitRouter:
    """A CEN instance and its transit router in Frankfurt, made so many days ago."""
    with ago(days=days):
        return router(cen("backbone"), "backbone-frankfurt")


def connection(
    name: str,
    gateways: Iterable[CustomerGateway],
    to: TransitRouter | None = None,
    tunnels: Iterable[Mapping[str, Any]] = (),
    tags: Iterable[tuple[str, str]] = (),
    **values: Any,
) -> Connection:
    """A connection of the first account with a tunnel for each gateway; `tunnels` are their values."""
    given = list(tunnels)
    rows = [
        Tunnel(customer_gateway=one, index=number, **(given[number - 1] if given else {}))
        for number, one in enumerate(gateways, 1)
    ]
    zone = ZONE if len(rows) == 1 else ""
    attachment = Attachment(transit_router=to, zone=zone) if to else None
    row = Connection(region_id=FRANKFURT, name=name, **values)
    return create_connection(actor(), Draft(row, rows, attachment, list(tags)))


def tunnel(of: Connection, index: int = 1) -> Tunnel:
    rows = Tunnel.objects.whole().select_related("connection__attachment", "customer_gateway", "account")
    return rows.get(connection=of, index=index)


def load_device(of: Connection, index: int = 1, **settings: Any) -> None:
    """Let the device of a tunnel load the peer configuration; then its settings are changed."""
    device = devices.load_configuration(actor(), tunnel(of, index))
    if settings:
        for name, value in settings.items():
            setattr(device, name, value)
        devices.edit_device(actor(), device, device.revision)


def set_unjudged(of: Connection, **settings: Any) -> None:
    """Give a device a setting that forms refuse, as somebody may have typed it at the device itself."""
    row = tunnel(of)
    with transaction.atomic(), following([row]):
        device = Device.objects.get(tunnel=row)
        for name, value in settings.items():
            setattr(device, name, value)
        device.revision += 1
        device.save()


def account(username: str = "") -> Account:
    return actor(username).account
