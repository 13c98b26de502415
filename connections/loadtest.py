"""Very many believable resources, for measuring and for looking at long lists. Written in bulk, beside the services.

Everything keeps the rules of the services: `tests/test_loadtest.py` holds a sample of it against them.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from django.conf import settings
from django.db import connections as databases
from django.db import models, router, transaction

from connections import clock, demo, ids, rules, search
from connections.catalog import REGIONS
from connections.choices import (
    AttachmentStatus,
    ConnectionState,
    DhGroup,
    EncryptionAlgorithm,
    Outcome,
    PfsGroup,
    Role,
    RouteSource,
)
from connections.models import (
    Account,
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    Event,
    Route,
    ServiceLinkedRole,
    Tag,
    TransitRouter,
    Tunnel,
    User,
)
from connections.services.accounts import create_account
from connections.vault import Sealed, seal

CHUNK = 2000
REGION = demo.FRANKFURT
# How a connection's region is chosen, the first one by far the most often.
PLACES = (REGION, "cn-hangzhou", "ap-southeast-1", "us-east-1", "cn-shanghai", "ap-northeast-1")
SITES = (
    "hamburg", "antwerp", "lyon", "turin", "gdansk", "porto", "malmo", "graz",
    "basel", "leeds", "osaka", "busan", "penang", "cebu", "hanoi", "perth",
    "lima", "quito", "austin", "boise", "reno", "tampa", "ningbo", "wuxi",
    "dalian", "xiamen", "jinan", "hefei",
)  # fmt: skip
KINDS = ("store", "depot", "dc", "branch", "plant", "kiosk", "office", "lab")
STAGES = ("prod", "prod", "prod", "staging", "test")
TEAMS = ("network", "retail", "logistics", "security")


@dataclass
class Plan:
    """How much of everything. `gateways`, `cens`, `routes` are the first account's in the first region."""

    connections: int
    accounts: int = 10
    gateways: int = 5000
    cens: int = 500
    routes: int = 10_000
    one_account: bool = False


@dataclass
class Place:
    """An account in a region, with what its connections can be made of."""

    account: Account
    region_id: str
    share: float
    group_id: int
    gateways: list[CustomerGateway] = field(default_factory=list)
    routers: list[TransitRouter] = field(default_factory=list)
    blocks: int = 0


class Writer:
    """Writes rows with numbers of its own, a chunk at a time: numbers are known before the rows are there."""

    def __init__(self, using: str):
        self.database = databases[using]
        self.numbers: dict[type[models.Model], int] = {}

    def number(self, row: models.Model) -> models.Model:
        model = type(row)
        last = self.numbers.get(model)
        if last is None:
            last = model.objects.aggregate(last=models.Max("pk"))["last"] or 0
        row.pk = self.numbers[model] = last + 1
        return row

    def write(self, rows: list[models.Model]) -> None:
        if not rows:
            return
        if self.database.vendor != "sqlite":
            type(rows[0]).objects.bulk_create(rows, batch_size=CHUNK)
            return
        meta = type(rows[0])._meta
        fields = meta.concrete_fields
        columns = ", ".join(f'"{one.column}"' for one in fields)
        marks = ", ".join("%s" for _ in fields)
        with self.database.cursor() as cursor:
            cursor.executemany(
                f'INSERT INTO "{meta.db_table}" ({columns}) VALUES ({marks})',  # noqa: S608 - our own names
                [[one.get_db_prep_save(row.__dict__[one.attname], self.database) for one in fields] for row in rows],
            )

    def finish(self) -> None:
        """Let PostgreSQL count on from the numbers that were given."""
        with self.database.cursor() as cursor:
            for statement in self.database.ops.sequence_reset_sql(_no_style(), list(self.numbers)):
                cursor.execute(statement)


def _no_style():
    from django.core.management.color import no_style

    return no_style()


def load(plan: Plan, say: Callable[[str], None] = lambda text: None) -> Account:
    """Make everything; the account that has the most of it. `say` is told what has been reached."""
    using = router.db_for_write(Connection)
    writer, chance = Writer(using), random.Random(plan.connections)  # noqa: S311 - made-up data
    with transaction.atomic(using=using), ids.seeded(f"load {Connection.objects.count()}"):
        search.remove(using)
        places = list(_places(plan))
        for place in places:
            _estate(place, plan, writer, chance, first=place is places[0])
        say(f"{sum(len(place.gateways) for place in places)} customer gateways, "
            f"{sum(len(place.routers) for place in places)} transit routers")  # fmt: skip
        made = _connections(plan, places, writer, chance)
        while chunk := list(islice(made, CHUNK)):
            for model in (Connection, Tunnel, Attachment, Tag, Route, Event):
                writer.write([row for rows in chunk for row in rows if type(row) is model])
            say(f"{writer.numbers[Connection]} connections")
        say("filling the search index")
        search.install(using)
        writer.finish()
    if databases[using].vendor == "postgresql":
        with databases[using].cursor() as cursor:
            cursor.execute("ANALYZE")
    return places[0].account


def _account(number: int) -> Account:
    name = f"Load Test {number}"
    account = Account.objects.filter(name=name).first()
    if account is None:
        account = create_account(name, "Wide area network")
        user = User(account=account, username=f"load-{number}", first_name="Load", last_name=f"Test {number}",
                    role=Role.ADMINISTRATOR, is_demo=settings.DEMO_MODE and number == 1)  # fmt: skip
        user.set_password(demo.PASSWORD) if settings.DEMO_MODE else user.set_unusable_password()
        user.save()
        ServiceLinkedRole.objects.create(account=account, name=ServiceLinkedRole.VPN)
    return account


def _places(plan: Plan) -> Iterator[Place]:
    """The first account and region first. Shares fall from account to account and from region to region."""
    for number in range(1, (1 if plan.one_account else plan.accounts) + 1):
        account = _account(number)
        group = account.default_resource_group.pk
        for order, region_id in enumerate(PLACES[:1] if plan.one_account else PLACES, 1):
            taken = Tunnel.objects.filter(account=account, region_id=region_id).exclude(tunnel_cidr="").count()
            yield Place(account, region_id, 1 / number / order**2, group, blocks=taken)


def _resource(model, place: Place, **values):
    """A row with an ID of its own, and whatever `save()` would have given it."""
    row = model(account=place.account, **values)
    row.resource_id = ids.resource_id(model.PREFIX, place.region_id)
    return row


def _estate(place: Place, plan: Plan, writer: Writer, chance: random.Random, first: bool) -> None:
    """The customer gateways, CEN instances and transit routers of a place."""
    few = max(2, int(plan.connections * place.share / 100))
    for number in range(plan.gateways if first else min(few, 300)):
        place.gateways.append(
            writer.number(
                _resource(
                    CustomerGateway,
                    place,
                    region_id=place.region_id,
                    name=f"{chance.choice(SITES)}-edge-{number:04}",
                    # Addresses set aside for documentation, over and over: several devices behind one NAT.
                    ip_address=f"203.0.113.{number % 254 + 1}" if number % 2 else f"198.51.100.{number % 254 + 1}",
                    asn=None if number % 4 == 3 else 65000 + number % 500,
                    description=chance.choice(("", "Edge router", "Firewall pair", "Leased line backup")),
                    resource_group_id=place.group_id,
                )
            )
        )
    writer.write(place.gateways)
    cens = [
        writer.number(
            _resource(Cen, place, name=f"{chance.choice(TEAMS)}-cen-{number:03}", resource_group_id=place.group_id)
        )
        for number in range(plan.cens if first else 2)
    ]
    writer.write(cens)
    for cen in cens:
        row = _resource(TransitRouter, place, cen=cen, region_id=place.region_id, name=f"{cen.name}-tr")
        row.route_table_id = ids.resource_id("vtb", place.region_id)
        place.routers.append(writer.number(row))
    writer.write(place.routers)


def _connections(
    plan: Plan, places: list[Place], writer: Writer, chance: random.Random
) -> Iterator[list[models.Model]]:
    """Each connection with its tunnel, and for most an attachment, tags, routes."""
    now = clock.now()
    start = now - timedelta(days=1000)
    step = timedelta(days=1000) / (plan.connections + 1)
    shares = [place.share for place in places]
    routes_left = plan.routes
    serial = Connection.objects.count()
    for number in range(plan.connections):
        place = chance.choices(places, shares)[0]
        at = start + step * (number + 1)
        rows = _connection(place, serial + number, at, writer, chance)
        connection, _ = rows
        attachment = None
        if chance.random() < 0.75:
            # The first router is the backbone; it gets a good part.
            router = place.routers[0] if chance.random() < 0.2 else chance.choice(place.routers)
            attachment = _attachment(place, connection, router, at, chance)
            rows.append(writer.number(attachment))
        _on_the_move(connection, attachment, now, chance)
        backbone = attachment is not None and attachment.transit_router_id == places[0].routers[0].pk
        count = min(routes_left, 50) if backbone else int(chance.random() < 0.3)
        routes_left -= count if backbone else 0
        for index in range(count):
            rows.append(writer.number(_route(connection, number, index, at)))
        rows += map(writer.number, _tags(place, connection, chance))
        rows.append(writer.number(_event(place, connection, at)))
        yield rows


def _connection(place: Place, serial: int, at, writer: Writer, chance: random.Random) -> list[models.Model]:
    gateway = chance.choice(place.gateways)
    bgp = gateway.asn is not None and place.blocks < 4000 and chance.random() < 0.3
    connection = _resource(
        Connection,
        place,
        region_id=place.region_id,
        name=f"{chance.choice(SITES)}-{chance.choice(KINDS)}-{serial:06}",
        resource_group_id=place.group_id,
        enable_bgp=bgp,
        effect_immediately=chance.random() < 0.9,
    )
    connection.created_at = at
    strong = chance.random() < 0.6
    tunnel = Tunnel(
        account=place.account,
        region_id=place.region_id,
        internet_ip=str(ids.PUBLIC_GATEWAYS[serial % (ids.PUBLIC_GATEWAYS.num_addresses - 2) + 1]),
        customer_gateway=gateway,
        ike_pfs=DhGroup.GROUP14 if strong else DhGroup.GROUP2,
        ipsec_pfs=PfsGroup.GROUP14 if strong else PfsGroup.GROUP2,
        ike_enc_alg=EncryptionAlgorithm.AES256 if strong else EncryptionAlgorithm.AES,
    )
    tunnel.resource_id = ids.resource_id("tun", place.region_id)
    tunnel.psk = Sealed(seal(ids.pre_shared_key()))
    if bgp:
        # 169.254.0.0/24 and what else the rules keep for others lies below 169.254.64.0.
        block = 64 * 64 + place.blocks
        place.blocks += 1
        tunnel.tunnel_cidr = f"169.254.{block // 64}.{block % 64 * 4}/30"
        tunnel.local_bgp_ip = f"169.254.{block // 64}.{block % 64 * 4 + 1}"
    writer.number(connection)
    tunnel.connection = connection
    return [connection, writer.number(tunnel)]


def _attachment(place: Place, connection: Connection, router: TransitRouter, at, chance: random.Random) -> Attachment:
    attachment = _resource(
        Attachment,
        place,
        connection=connection,
        transit_router=router,
        zone=chance.choice(REGIONS[place.region_id].zones).id,
        payer_since=at,
        transition=AttachmentStatus.ATTACHING,
        transition_ends=at + timedelta(seconds=4),
    )
    attachment.created_at = at
    return attachment


def _on_the_move(connection: Connection, attachment: Attachment | None, now, chance: random.Random) -> None:
    """Nearly everything rests. One in five hundred is busy for some minutes from now."""
    connection.transition, connection.transition_ends = ConnectionState.PROVISIONING, connection.created_at
    if chance.random() >= 0.002:
        return
    later = now + timedelta(minutes=chance.uniform(1, 60))
    if attachment is None:
        connection.transition_ends = later
    elif chance.random() < 0.5:
        connection.transition, connection.transition_ends = ConnectionState.UPDATING, later
    else:
        attachment.transition = chance.choice((AttachmentStatus.ATTACHING, AttachmentStatus.DETACHING))
        attachment.transition_ends = later


def _route(connection: Connection, number: int, index: int, at) -> Route:
    value = (number * 50 + index) % (1 << 16)
    return Route(
        connection=connection,
        destination=f"10.{value >> 8}.{value & 255}.0/24",
        weight=rules.ROUTE_WEIGHTS[-1],
        source=RouteSource.CUSTOM,
        created_at=at,
    )


def _tags(place: Place, connection: Connection, chance: random.Random) -> Iterable[Tag]:
    pairs = [("env", chance.choice(STAGES)), ("site", connection.name.split("-")[0])]
    if chance.random() < 0.3:
        pairs.append(("owner", chance.choice(TEAMS)))
    return [Tag(account=place.account, connection=connection, key=key, value=value) for key, value in pairs]


def _event(place: Place, connection: Connection, at) -> Event:
    return Event(
        account=place.account,
        request_id=ids.request_id(),
        at=at,
        actor="load",
        operation="CreateVpnAttachment",
        resource_id=connection.resource_id,
        region_id=place.region_id,
        outcome=Outcome.SUCCESS,
    )
