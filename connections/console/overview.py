"""What the overview shows of an account, all regions together.

The numbers are counted by indexes up to a bound, and of what is listed only the newest is read, so that the number of
queries is fixed and their cost does not grow with the account.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection as database
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from connections import clock
from connections.console import collation, event_sentences, paging
from connections.console.event_sentences import Sentence
from connections.console.negotiations import look_again
from connections.console.network_map import MOST_PATHS, NetworkMap, map_of
from connections.console.tunnels import TunnelRow
from connections.console.words import Words
from connections.domain import sections
from connections.domain.choices import ConnectionState, NegotiationStatus
from connections.domain.regions import REGIONS, Region
from connections.models import Account, Cen, Connection, Event, TransitRouter, Tunnel
from connections.models.connections import read_outcomes
from connections.negotiation import Code
from connections.services.attachments import waiting
from connections.services.negotiations import moving_tunnels

# The most that is listed of what needs attention, and of events.
MOST_ITEMS, MOST_EVENTS = 8, 10
FAILURES = (NegotiationStatus.IKE_DOWN, NegotiationStatus.IPSEC_DOWN)
# How many connections of each kind are read in a region: one more than are listed.
_READ = MOST_PATHS + 1
# The page looks again after so many seconds, or sooner if a tunnel is about to turn.
LOOKS_EVERY, SOONEST = 15, 2

# Numbers by region: of connections, customer gateways, and tunnels by their stored status. An index answers each.
_COUNTS = """
WITH regions (region) AS (VALUES {regions}),
statuses (status) AS (VALUES {statuses})
SELECT region, 'connections', (SELECT count(*) FROM (SELECT 1 FROM connections_connection
    WHERE account_id = %(account)s AND region_id = region LIMIT %(most)s) AS counted) FROM regions
UNION ALL SELECT region, 'gateways', (SELECT count(*) FROM (SELECT 1 FROM connections_customergateway
    WHERE account_id = %(account)s AND region_id = region LIMIT %(most)s) AS counted) FROM regions
UNION ALL SELECT region, status, (SELECT count(*) FROM (SELECT 1 FROM connections_tunnel
    WHERE account_id = %(account)s AND region_id = region AND negotiation_status = status
    LIMIT %(most)s) AS counted) FROM regions CROSS JOIN statuses
"""
# The newest connections of a region: of all, of those that are not bound, and of those with a tunnel that is down.
_NEWEST = """SELECT * FROM (SELECT id FROM connections_connection WHERE account_id = %s AND region_id = %s
    ORDER BY id DESC LIMIT %s) AS newest"""
_UNBOUND = """SELECT * FROM (SELECT id FROM connections_connection WHERE account_id = %s AND region_id = %s
    AND is_bound = FALSE ORDER BY id DESC LIMIT %s) AS unbound"""
_OF_STATUS = """SELECT * FROM (SELECT connection_id FROM connections_tunnel WHERE account_id = %s AND region_id = %s
    AND negotiation_status = %s ORDER BY connection_id DESC LIMIT %s) AS of_status"""


@dataclass(frozen=True)
class Number:
    """A number that is counted up to a bound."""

    exact: int
    is_capped: bool = False

    @classmethod
    def of(cls, *numbers: int) -> "Number":
        return cls(sum(min(number, paging.COUNTED) for number in numbers), any(n > paging.COUNTED for n in numbers))

    def __str__(self) -> str:
        return f"{self.exact:,}+" if self.is_capped else f"{self.exact:,}"

    def __bool__(self) -> bool:
        return self.exact > 0


@dataclass(frozen=True)
class InRegion:
    """The numbers of a region."""

    region: Region
    connections: Number
    gateways: Number
    tunnels_up: Number
    tunnels: Number
    has_failures: bool

    @property
    def tone(self) -> str:
        if self.has_failures:
            return "bad"
        return "good" if self.tunnels and self.tunnels_up == self.tunnels else "idle"


@dataclass(frozen=True)
class Item:
    """Something that needs attention, and the button that does the next thing. `asks_to_write`: it changes something.

    `key` is the beginning of its test ids. `dialog`: the button opens the dialog.
    """

    key: str
    tone: str
    title: str
    url: str
    place: Words
    text: str
    button: str
    action: str
    asks_to_write: bool = True
    dialog: bool = False
    since: datetime | None = None


@dataclass(frozen=True)
class Step:
    """A step of a new account."""

    key: str
    text: str
    button: str
    url: str
    is_done: bool


@dataclass
class Overview:
    """`delay`: in how many seconds a tunnel may turn; None if the usual time will do."""

    regions: list[InRegion]
    tunnels_up: Number
    tunnels: Number
    connections: Number
    gateways: Number
    items: list[Item] = field(default_factory=list)
    has_more_items: bool = False
    steps: list[Step] = field(default_factory=list)
    map: NetworkMap | None = None
    events: list[Sentence] = field(default_factory=list)
    delay: int | None = None

    @property
    def next_step(self) -> Step | None:
        """The first step that is not done."""
        return next((step for step in self.steps if not step.is_done), None)


def of_account(account: Account, region: Region) -> Overview:
    """The overview. `region` is where a first customer gateway would be created."""
    numbers = _counts(account)
    own = [region_id for region_id in REGIONS if numbers[region_id, "connections"]]
    moving = moving_tunnels(account, *own) if own else []
    for tunnel in moving:
        numbers[tunnel.region_id, tunnel.negotiation_status] -= 1
        numbers[tunnel.region_id, tunnel.status] += 1
    regions = own_regions(numbers)
    overview = Overview(
        regions,
        Number.of(*(_tunnels(numbers, one)[0] for one in REGIONS)),
        Number.of(*(_tunnels(numbers, one)[1] for one in REGIONS)),
        Number.of(*(numbers[one, "connections"] for one in REGIONS)),
        Number.of(*(numbers[one, "gateways"] for one in REGIONS)),
    )
    connections = _read(account, _candidates(account, own, moving)) if own else []
    routers = list(TransitRouter.objects.of(account).select_related("cen").order_by("-id")[:_READ])
    items = _items(account, connections, routers)
    overview.items, overview.has_more_items = items[:MOST_ITEMS], len(items) > MOST_ITEMS
    overview.steps = _steps(account, region, overview, connections, routers)
    if connections:
        overview.map = map_of(account, connections, routers, overview.connections.exact)
    events = Event.objects.of(account).select_related("account").order_by("-at", "-id")[:MOST_EVENTS]
    overview.events = event_sentences.sentences(account, events)
    turns = [tunnel.known.next_turn for tunnel in moving if tunnel.known and tunnel.known.next_turn]
    waits = [(turn - clock.now()).total_seconds() for turn in turns]
    waits += [wait for wait in map(look_again, connections) if wait]
    soonest = min(waits, default=LOOKS_EVERY)
    overview.delay = max(SOONEST, math.floor(soonest) + 1) if soonest < LOOKS_EVERY else None
    return overview


def regions_of(account: Account) -> list[InRegion]:
    """The regions in which an account has something, with stored statuses of tunnels."""
    return own_regions(_counts(account))


def _tunnels(numbers: Counter, region_id: str) -> tuple[int, int]:
    """How many tunnels of a region are up, and how many there are."""
    return numbers[region_id, NegotiationStatus.IPSEC_UP], sum(numbers[region_id, one] for one in NegotiationStatus)


def own_regions(numbers: Counter) -> list[InRegion]:
    """The regions in which the account has something, by name."""
    return [
        InRegion(
            REGIONS[region_id],
            Number.of(numbers[region_id, "connections"]),
            Number.of(numbers[region_id, "gateways"]),
            Number.of(up),
            Number.of(tunnels),
            has_failures=any(numbers[region_id, status] for status in FAILURES),
        )
        for region_id, _name in collation.regions()
        for up, tunnels in [_tunnels(numbers, region_id)]
        if numbers[region_id, "connections"] or numbers[region_id, "gateways"]
    ]


def _counts(account: Account) -> Counter[tuple[str, str]]:
    parameters: dict[str, Any] = {"account": account.pk, "most": paging.COUNTED + 1}
    values = {"regions": REGIONS, "statuses": [status.value for status in NegotiationStatus]}
    lists = {}
    for name, members in values.items():
        keys = [f"{name}_{number}" for number, _member in enumerate(members)]
        parameters |= dict(zip(keys, members, strict=True))
        lists[name] = ", ".join(f"(%({key})s)" for key in keys)
    with database.cursor() as cursor:
        cursor.execute(_COUNTS.format(**lists), parameters)
        return Counter({(region_id, what): number for region_id, what, number in cursor.fetchall()})


def _candidates(account: Account, region_ids: Iterable[str], moving: Iterable[Tunnel]) -> list[int]:
    """The keys of the connections that may be shown: the newest of each kind."""
    parts: list[str] = []
    parameters: list[Any] = []
    for region_id in region_ids:
        for sql, *more in (
            (_NEWEST,),
            (_UNBOUND,),
            *((_OF_STATUS, status.value) for status in NegotiationStatus if status != NegotiationStatus.IPSEC_UP),
        ):
            parts.append(sql)
            parameters += [account.pk, region_id, *more, _READ]
    with database.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        keys = {key for (key,) in cursor.fetchall()}
    keys |= {tunnel.connection_id for tunnel in moving if not tunnel.is_up}
    return sorted(keys, reverse=True)[: 6 * _READ]


def _read(account: Account, keys: list[int]) -> list[Connection]:
    """Connections with what is shown of them, newest first."""
    tunnels = Prefetch("tunnels", Tunnel.objects.select_related("customer_gateway", "device"))
    rows = Connection.objects.of(account).filter(pk__in=keys).order_by("-id")
    rows = rows.select_related("account", "attachment__account", "attachment__transit_router__cen")
    connections = list(rows.prefetch_related(tunnels))
    read_outcomes(connections)
    return connections


def _items(account: Account, connections: list[Connection], routers: list[TransitRouter]) -> list[Item]:
    """What needs attention: failed tunnels first, then what waits to be attached, then devices."""
    failed: list[Item] = []
    unattached: list[Item] = []
    unconfigured: list[Item] = []
    for connection in connections:
        if connection.state == ConnectionState.INIT:
            unattached.append(_unattached(connection))
            continue
        for tunnel in connection.all_tunnels:
            if not tunnel.device.is_configured and not tunnel.is_up:
                unconfigured.append(_unconfigured(connection, tunnel))
            elif len(failed) <= MOST_ITEMS and _has_failed(tunnel):
                failed.append(_failed(connection, tunnel))
    return [*failed, *_waiting(account, routers), *unattached, *unconfigured]


def _has_failed(tunnel: Tunnel) -> bool:
    """Whether a negotiation has failed. One that waits for traffic has not."""
    return tunnel.status in FAILURES and tunnel.shown.code != Code.NO_EXCEPTION_FOUND


def _title(connection: Connection, tunnel: Tunnel) -> str:
    return f"{connection} · {sections.TUNNEL_TITLES[tunnel.index]}" if connection.is_dual else str(connection)


def _failed(connection: Connection, tunnel: Tunnel) -> Item:
    row = TunnelRow(tunnel, "", tunnel.outcome)
    at = [connection.region_id, connection.resource_id]
    return Item(
        f"attention-{tunnel.resource_id}",
        "bad",
        _title(connection, tunnel),
        connection.get_absolute_url(),
        connection.region.name,
        row.cause or str(row.status.label),
        _("Diagnose"),
        reverse("connection-diagnosis", args=at),
        asks_to_write=False,
        since=row.outcome.since,
    )


def _unattached(connection: Connection) -> Item:
    return Item(
        f"attention-{connection.resource_id}",
        "warn",
        str(connection),
        connection.get_absolute_url(),
        connection.region.name,
        _("Isn't attached to a transit router."),
        _("Attach"),
        reverse("connection-attach", args=[connection.region_id, connection.resource_id]),
        dialog=True,
    )


def _unconfigured(connection: Connection, tunnel: Tunnel) -> Item:
    at = [connection.region_id, connection.resource_id, tunnel.resource_id]
    return Item(
        f"attention-{tunnel.resource_id}",
        "warn",
        _title(connection, tunnel),
        connection.get_absolute_url(),
        connection.region.name,
        _("The device isn't configured yet."),
        _("Load the configuration"),
        reverse("device-detail", args=at),
    )


def _waiting(account: Account, routers: list[TransitRouter]) -> list[Item]:
    """Other accounts' connections that this account may attach. They are named by their IDs alone."""
    items = []
    # The database need not sort what it will not read.
    rows = sorted(waiting(account).order_by()[: MOST_ITEMS + 1], key=lambda one: -one.pk)
    cens = {one.resource_id: one for one in Cen.objects.of(account).filter(resource_id__in={c.cen_id for c in rows})}
    for connection in rows:
        cen = cens[connection.cen_id]
        router = next((one for one in routers if (one.cen_id, one.region_id) == (cen.pk, connection.region_id)), None)
        query = f"?owner_uid={connection.account.uid}&connection={connection.resource_id}"
        items.append(
            Item(
                f"attention-{connection.resource_id}",
                "warn",
                connection.resource_id,
                cen.get_absolute_url(),
                connection.region.name,
                _("Account %(uid)s lets you attach this connection to %(cen)s.")
                % {"uid": connection.account.uid, "cen": cen},
                _("Attach"),
                router.attach_url + query if router else cen.get_absolute_url(),
            )
        )
    return items


def _steps(
    account: Account,
    region: Region,
    overview: Overview,
    connections: list[Connection],
    routers: list[TransitRouter],
) -> list[Step]:
    """The steps of a new account, until a device has its configuration."""
    tunnels = [tunnel for connection in connections for tunnel in connection.all_tunnels]
    if any(tunnel.device.is_configured for tunnel in tunnels):
        return []
    cen = None if routers else Cen.objects.of(account).order_by("-id").first()
    create_router = reverse("transit-router-create", args=[cen.resource_id]) if cen else reverse("cen-create")
    first = tunnels[0] if tunnels else None
    here = [region.id]
    device = (
        reverse("device-detail", args=[first.region_id, first.connection.resource_id, first.resource_id])
        if first
        else ""
    )
    return [
        Step(
            "gateway",
            _("Add a customer gateway for your on-premises VPN device"),
            _("Create customer gateway"),
            reverse("customer-gateway-create", args=here),
            bool(overview.gateways),
        ),
        Step(
            "router",
            _("Create a CEN and a transit router in the region"),
            _("Create transit router") if cen else _("Create CEN"),
            create_router,
            bool(routers),
        ),
        Step(
            "connection",
            _("Create a connection"),
            _("Create connection"),
            reverse("connection-create", args=here),
            bool(connections),
        ),
        Step("device", _("Load the configuration into the device"), _("Load the configuration"), device, is_done=False),
    ]
