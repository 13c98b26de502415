"""Many realistic resources, for measurements and long lists. They are written in bulk, without the services.

Everything keeps the rules of the services: `tests/services/test_loadtest.py` holds a sample of it against them.
"""

import json
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address
from itertools import accumulate

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.color import no_style
from django.db import connections as databases
from django.db import models, router, transaction

from connections import clock, demo, ids
from connections.domain import limits
from connections.domain.choices import (
    AttachmentStatus,
    AuthenticationAlgorithm,
    ConnectionState,
    DhGroup,
    EncryptionAlgorithm,
    IkeVersion,
    NegotiationStatus,
    Outcome,
    PfsGroup,
    ProbeResult,
    Role,
    RouteSource,
)
from connections.domain.parsing import ANYWHERE
from connections.domain.regions import REGIONS
from connections.models import (
    Account,
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    Device,
    Event,
    Route,
    RouteTable,
    ServiceLinkedRole,
    Tag,
    TransitRouter,
    Tunnel,
    User,
)
from connections.negotiation import Code
from connections.negotiation.records import record
from connections.negotiation.shown import Shown
from connections.persistence.encryption import seal
from connections.search import text_of
from connections.services.accounts import create_account

CHUNK = 2000
REGION = demo.FRANKFURT
# The weights of regions: the first one is by far the most frequent.
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
STRONG = {
    "ike_pfs": DhGroup.GROUP14.value,
    "ipsec_pfs": PfsGroup.GROUP14.value,
    "ike_enc_alg": EncryptionAlgorithm.AES256.value,
}
WEAK = {
    "ike_pfs": DhGroup.GROUP2.value,
    "ipsec_pfs": PfsGroup.GROUP2.value,
    "ike_enc_alg": EncryptionAlgorithm.AES.value,
}
# What a device has as the tunnel's defaults.
SAME = {
    "ike_version": IkeVersion.IKEV2.value,
    "ike_auth_alg": AuthenticationAlgorithm.SHA1.value,
    "ipsec_enc_alg": EncryptionAlgorithm.AES.value,
    "ipsec_auth_alg": AuthenticationAlgorithm.SHA1.value,
    "local_subnet": str(ANYWHERE),
    "remote_subnet": str(ANYWHERE),
}
FIRST_ADDRESS, ADDRESSES = int(ids.PUBLIC_GATEWAYS[1]), ids.PUBLIC_GATEWAYS.num_addresses - 2


@dataclass
class Plan:
    """How much of everything. `gateways`, `cens`, `routes` are the first account's in the first region.

    `largest`: about so many connections there; 0 leaves it to the usual spread.
    """

    connections: int
    accounts: int = 10
    gateways: int = 5000
    cens: int = 500
    routes: int = 10_000
    one_account: bool = False
    largest: int = 0


@dataclass
class Gateway:
    """What connections need of a customer gateway. Connections to the same device share its key."""

    pk: int
    name: str
    ip_address: str
    asn: int | None
    psk: str


@dataclass
class Place:
    """An account in a region, with the resources for its connections."""

    account: Account
    region_id: str
    share: float
    group_id: int
    gateways: list[Gateway] = field(default_factory=list)
    routers: list[int] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    blocks: int = 0


class Table:
    """Rows of a model as database values. Missing values are the model's defaults."""

    def __init__(self, model: type[models.Model], database):
        self.meta, self.database = model._meta, database
        self.last = model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0
        blank = model()
        self.blank = {one.attname: self.stored(one, getattr(blank, one.attname)) for one in self.meta.concrete_fields}
        self.names = [one.column for one in self.meta.concrete_fields]
        self.rows: list[list] = []

    def stored(self, column: models.Field, value):
        return column.get_db_prep_save(value, self.database)

    def add(self, **values) -> int:
        """Collect a row for the next write, and return its primary key. Times come from `Writer.at`."""
        self.last += 1
        self.rows.append([*{**self.blank, **values, self.meta.pk.attname: self.last}.values()])
        return self.last

    def write(self) -> None:
        columns = ", ".join(f'"{name}"' for name in self.names)
        with self.database.cursor() as cursor:
            if self.database.vendor == "postgresql":
                with cursor.copy(f'COPY "{self.meta.db_table}" ({columns}) FROM STDIN') as copy:
                    for row in self.rows:
                        copy.write_row(row)
            else:
                marks = ", ".join("%s" for _ in self.names)
                cursor.executemany(
                    f'INSERT INTO "{self.meta.db_table}" ({columns}) VALUES ({marks})',  # noqa: S608 - our own names
                    self.rows,
                )
        self.rows = []


class Writer:
    """The tables that are written in bulk, a chunk at a time."""

    # Rows refer only to rows of earlier tables.
    ORDER = (CustomerGateway, Cen, TransitRouter, RouteTable, Connection, Tunnel, Device, Attachment, Tag, Route, Event)

    def __init__(self, using: str):
        self.database = databases[using]
        self.tables = {model: Table(model, self.database) for model in self.ORDER}
        self.gateways, self.cens, self.routers, self.route_tables, self.connections, *rest = self.tables.values()
        self.tunnels, self.devices, self.attachments, self.tags, self.routes, self.events = rest

    def at(self, moment) -> object:
        """A time as a database value."""
        return Connection._meta.get_field("created_at").get_db_prep_save(moment, self.database)

    def write(self) -> None:
        for table in self.tables.values():
            if table.rows:
                table.write()

    def finish(self) -> None:
        """Advance PostgreSQL's sequences past the assigned keys."""
        with self.database.cursor() as cursor:
            for statement in self.database.ops.sequence_reset_sql(no_style(), list(self.tables)):
                cursor.execute(statement)


def load(plan: Plan, say: Callable[[str], None] = lambda text: None) -> Account:
    """Create everything, and return the largest account. `say` is called with the progress."""
    using = router.db_for_write(Connection)
    chance = random.Random(plan.connections)
    writer = Writer(using)
    with (
        transaction.atomic(using=using),
        ids.seeded(f"load {Connection.objects.count()}"),
    ):
        places = list(_places(plan))
        for place in places:
            _estate(place, plan, writer, chance, first=place is places[0])
        say(f"{sum(len(place.gateways) for place in places)} customer gateways, "
            f"{sum(len(place.routers) for place in places)} transit routers")  # fmt: skip
        for number in _connections(plan, places, writer, chance):
            if number % CHUNK == 0 or number == plan.connections:
                writer.write()
                say(f"{number} connections")
        writer.finish()
    return places[0].account


def _account(number: int, password: str) -> Account:
    name = f"Load Test {number}"
    account = Account.objects.filter(name=name).first()
    if account is None:
        account = create_account(name, "Wide area network")
        user = User(account=account, username=f"load-{number}", first_name="Load", last_name=f"Test {number}",
                    role=Role.ADMINISTRATOR, is_demo=settings.DEMO_MODE and number == 1, password=password)  # fmt: skip
        user.save()
        ServiceLinkedRole.objects.create(account=account, name=ServiceLinkedRole.VPN)
    return account


def _places(plan: Plan) -> Iterator[Place]:
    """The places, largest first: shares decrease from account to account and from region to region."""
    # Hashed once, since hashing is slow by design.
    password = make_password(demo.PASSWORD if settings.DEMO_MODE else None)
    for number in range(1, (1 if plan.one_account else plan.accounts) + 1):
        account = _account(number, password)
        group = account.default_resource_group.pk
        for order, region_id in enumerate(PLACES[:1] if plan.one_account else PLACES, 1):
            taken = Tunnel.objects.filter(account=account, region_id=region_id).exclude(tunnel_cidr="").count()
            zones = [zone.id for zone in REGIONS[region_id].zones]
            yield Place(account, region_id, 1 / number / order**2, group, zones=zones, blocks=taken)


def _id(model, place: Place) -> dict:
    """The account of a row, and the ID that `save()` would give it."""
    return {"account_id": place.account.pk, "resource_id": ids.resource_id(model.PREFIX, place.region_id)}


def _estate(place: Place, plan: Plan, writer: Writer, chance: random.Random, first: bool) -> None:
    """The customer gateways, CEN instances and transit routers of a place."""
    few = max(2, math.floor(plan.connections * place.share / 100))
    now = writer.at(clock.now())
    for number in range(plan.gateways if first else min(few, 300)):
        asn = None if number % 4 == 3 else 65000 + number % 500
        # Addresses for documentation, repeated: several devices behind one NAT.
        ip_address = f"203.0.113.{number % 254 + 1}" if number % 2 else f"198.51.100.{number % 254 + 1}"
        name = f"{chance.choice(SITES)}-edge-{number:04}"
        pk = writer.gateways.add(
            **_id(CustomerGateway, place),
            created_at=now,
            region_id=place.region_id,
            name=name,
            ip_address=ip_address,
            asn=asn,
            description=chance.choice(("", "Edge router", "Firewall pair", "Leased line backup")),
            resource_group_id=place.group_id,
        )
        place.gateways.append(Gateway(pk, name, ip_address, asn, seal(ids.pre_shared_key())))
    for number in range(plan.cens if first else 2):
        name = f"{chance.choice(TEAMS)}-cen-{number:03}"
        cen = writer.cens.add(**_id(Cen, place), created_at=now, name=name, resource_group_id=place.group_id)
        place.routers.append(
            writer.routers.add(
                **_id(TransitRouter, place),
                created_at=now,
                cen_id=cen,
                region_id=place.region_id,
                name=f"{name}-tr",
            )
        )
        writer.route_tables.add(
            **_id(RouteTable, place), created_at=now, transit_router_id=place.routers[-1], is_default=True
        )


def _connections(plan: Plan, places: list[Place], writer: Writer, chance: random.Random) -> Iterator[int]:
    """Each connection with its tunnel, most with an attachment, tags and routes. Yields their number so far."""
    now = clock.now()
    start = now - timedelta(days=1000)
    step = timedelta(days=1000) / (plan.connections + 1)
    shares = list(accumulate(_shares(plan, places)))
    routes_left = plan.routes
    serial = Connection.objects.count()
    for number in range(plan.connections):
        (place,) = chance.choices(places, cum_weights=shares)
        at = writer.at(start + step * (number + 1))
        # The first router, the backbone, gets a large share.
        router_id = None
        if chance.random() < 0.75:
            router_id = place.routers[0] if chance.random() < 0.2 else chance.choice(place.routers)
        connection_moves, attachment_moves = _on_the_move(router_id is not None, at, now, writer, chance)
        site = chance.choice(SITES)
        bound = router_id is not None and attachment_moves[0] != AttachmentStatus.DETACHING
        tags = _tags(site, chance)
        connection = _connection(place, site, serial + number, at, connection_moves, bound, tags, writer, chance)
        if router_id is not None:
            _attachment(place, connection, router_id, at, attachment_moves, writer, chance)
        backbone = router_id == places[0].routers[0]
        count = min(routes_left, 50) if backbone else 1 if chance.random() < 0.3 else 0
        routes_left -= count if backbone else 0
        for index in range(count):
            _route(connection, router_id, number, index, at, writer)
        for key, value in tags.items():
            writer.tags.add(account_id=place.account.pk, connection_id=connection, key=key, value=value)
        yield number + 1


def _shares(plan: Plan, places: list[Place]) -> list[float]:
    shares = [place.share for place in places]
    if plan.largest and len(places) > 1:
        others = sum(shares[1:])
        # So many of all, and the rest among the others as usual.
        shares[0] = others * plan.largest / max(1, plan.connections - plan.largest)
    return shares


def _connection(
    place: Place,
    site: str,
    serial: int,
    at,
    moves: tuple,
    bound: bool,
    tags: dict[str, str],
    writer: Writer,
    chance: random.Random,
) -> int:
    gateway = chance.choice(place.gateways)
    bgp = gateway.asn is not None and place.blocks < 4000 and chance.random() < 0.3
    transition, ends = moves
    own = _id(Connection, place)
    name = f"{site}-{chance.choice(KINDS)}-{serial:06}"
    internet_ip = str(IPv4Address(FIRST_ADDRESS + serial % ADDRESSES))
    immediately = chance.random() < 0.9
    status, code, device = _device(immediately, chance)
    asns = dict.fromkeys((limits.CLOUD_ASN if bgp else None, gateway.asn))
    words = [name, own["resource_id"], internet_ip, gateway.ip_address, *(str(asn) for asn in asns if asn)]
    words += sorted(f"{key}={value}" for key, value in tags.items())
    connection = writer.connections.add(
        **own,
        created_at=at,
        transition=transition,
        transition_ends=ends,
        region_id=place.region_id,
        name=name,
        is_bound=bound,
        gateway_name=gateway.name,
        status_rank=list(NegotiationStatus).index(status),
        search_text=text_of(place.account.pk, place.region_id, *words),
        resource_group_id=place.group_id,
        enable_bgp=bgp,
        effect_immediately=immediately,
    )
    block = {}
    if bgp:
        # All reserved blocks are below 169.254.64.0.
        number = 64 * 64 + place.blocks
        place.blocks += 1
        hosts = f"169.254.{number // 64}.", number % 64 * 4
        block = {"tunnel_cidr": f"{hosts[0]}{hosts[1]}/30", "local_bgp_ip": f"{hosts[0]}{hosts[1] + 1}"}
    strength = STRONG if chance.random() < 0.6 else WEAK
    tunnel = writer.tunnels.add(
        account_id=place.account.pk,
        resource_id=ids.resource_id("tun", place.region_id),
        connection_id=connection,
        region_id=place.region_id,
        internet_ip=internet_ip,
        customer_gateway_id=gateway.pk,
        psk=gateway.psk,
        negotiation_status=status.value,
        negotiation_shows=_shows(status, code, bgp),
        **strength,
        **block,
    )
    if device is not None:
        device = {
            "is_configured": True, "address": gateway.ip_address, "peer_address": internet_ip, "psk": gateway.psk,
            "local_id": gateway.ip_address, "remote_id": internet_ip, **SAME, **strength,
        } | device  # fmt: skip
        if bgp:
            device |= {
                "enable_bgp": True, "local_asn": gateway.asn, "peer_asn": limits.CLOUD_ASN,
                "local_bgp_ip": f"{hosts[0]}{hosts[1] + 2}",
                "peer_bgp_ip": block["local_bgp_ip"], "announced": "10.0.0.0/8",
            }  # fmt: skip
    writer.devices.add(tunnel_id=tunnel, changed_at=at, **device or {})
    writer.events.add(
        account_id=place.account.pk,
        request_id=ids.request_id(),
        at=at,
        actor="load",
        operation="CreateVpnAttachment",
        resource_id=own["resource_id"],
        region_id=place.region_id,
        outcome=Outcome.SUCCESS.value,
    )
    return connection


def _shows(status: NegotiationStatus, code: Code | None, bgp: bool) -> str:
    """What lists show, as a database value."""
    session = ProbeResult.OFF
    if bgp:
        session = ProbeResult.NORMAL if status == NegotiationStatus.IPSEC_UP else ProbeResult.ABNORMAL
    return json.dumps(record(Shown(status, code, session, ProbeResult.OFF, None, None)))


def _device(immediately: bool, chance: random.Random) -> tuple[NegotiationStatus, Code | None, dict | None]:
    """What differs at the device that answers a tunnel, and what follows. None: it is not configured."""
    number = chance.random()
    if number < 0.6:
        return NegotiationStatus.IPSEC_UP, None, {}
    if number < 0.7:
        return NegotiationStatus.IKE_DOWN, Code.PSK_MISMATCH, {"psk": seal("another-key-entirely")}
    if number < 0.8:
        return NegotiationStatus.IPSEC_DOWN, Code.SECURITY_PROTOCOL_MISMATCH, {"uses_ah": True}
    if immediately:
        return NegotiationStatus.IKE_DOWN, Code.NO_RESPONSE, None
    return NegotiationStatus.UNTRIED, Code.NO_EXCEPTION_FOUND, None


def _attachment(
    place: Place, connection: int, router_id: int, at, moves: tuple, writer: Writer, chance: random.Random
) -> None:
    transition, ends = moves
    writer.attachments.add(
        **_id(Attachment, place),
        created_at=at,
        connection_id=connection,
        transit_router_id=router_id,
        zone=chance.choice(place.zones),
        payer_since=at,
        transition=transition,
        transition_ends=ends,
    )


def _on_the_move(attached: bool, at, now, writer: Writer, chance: random.Random) -> tuple[tuple, tuple]:
    """The transitions of a connection and its attachment, with their ends. Nearly everything rests.

    One in five hundred is busy for as long from now as a transition can be.
    """
    made, bound = (ConnectionState.PROVISIONING.value, at), (AttachmentStatus.ATTACHING.value, at)
    if chance.random() < 0.002:
        later = writer.at(now + chance.uniform(0.1, 1) * (clock.furthest_end() - clock.now()))
        if not attached:
            made = ConnectionState.PROVISIONING.value, later
        elif chance.random() < 0.5:
            made = ConnectionState.UPDATING.value, later
        else:
            bound = chance.choice((AttachmentStatus.ATTACHING, AttachmentStatus.DETACHING)).value, later
    return made, bound


def _route(connection: int, router_id: int | None, number: int, index: int, at, writer: Writer) -> None:
    value = (number * 50 + index) % (1 << 16)
    writer.routes.add(
        connection_id=connection,
        transit_router_id=router_id,
        destination=f"10.{value >> 8}.{value & 255}.0/24",
        weight=limits.ROUTE_WEIGHTS[-1],
        source=RouteSource.CUSTOM.value,
        created_at=at,
    )


def _tags(site: str, chance: random.Random) -> dict[str, str]:
    tags = {"env": chance.choice(STAGES), "site": site}
    if chance.random() < 0.3:
        tags["owner"] = chance.choice(TEAMS)
    return tags
