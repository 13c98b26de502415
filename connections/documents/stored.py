"""The rows that an import is judged against, read in few queries however large the document is."""

from collections.abc import Iterable, Iterator
from itertools import chain

from django.db.models import Model, QuerySet

from connections.domain.choices import NetworkType, Outcome
from connections.models import (
    Account,
    Attachment,
    Authorization,
    Cen,
    Connection,
    CustomerGateway,
    Event,
    RouteEntry,
    RouteTable,
    TransitRouter,
    Tunnel,
)
from connections.services import derived
from connections.services.negotiations import following
from connections.services.stored import Stored

# The most values in one query.
AT_ONCE = 500
# A longer text is not an ID.
_ID_LENGTH = 32
_WITH_IDS = (CustomerGateway, Cen, TransitRouter, Connection, Tunnel, Attachment, RouteTable, RouteEntry)


def _parts(values: Iterable) -> Iterator[list]:
    every = sorted(values)
    for start in range(0, len(every), AT_ONCE):
        yield every[start : start + AT_ONCE]


def by_id(rows: QuerySet, ids: Iterable[str]) -> dict[str, Model]:
    """The rows with these IDs."""
    return {row.resource_id: row for part in _parts(ids) for row in rows.filter(resource_id__in=part)}


def taken_ids(account: Account, ids: Iterable[str]) -> set[str]:
    """The IDs among these that a new resource of the account must not get.

    They are in use, or another account has ever used them: their events belong to that account. The account may reuse
    its own.
    """
    taken: set[str] = set()
    for part in _parts(text for text in ids if len(text) <= _ID_LENGTH):
        for model in _WITH_IDS:
            taken |= set(model.objects.filter(resource_id__in=part).values_list("resource_id", flat=True))
        done = Event.objects.filter(resource_id__in=part, outcome=Outcome.SUCCESS).exclude(account=account)
        taken |= set(done.values_list("resource_id", flat=True))
    return taken


def have_addresses(addresses: Iterable[tuple[str, str]]) -> bool:
    """Whether a tunnel has one of these pairs of region and gateway address."""
    of_region: dict[str, set[str]] = {}
    for region_id, address in addresses:
        of_region.setdefault(region_id, set()).add(address)
    return any(
        Tunnel.objects.filter(region_id=region_id, internet_ip__in=part).exists()
        for region_id, of_one_region in of_region.items()
        for part in _parts(of_one_region)
    )


def latest_events(account: Account) -> list[int]:
    """The latest events of the account. They differ once anybody has written to it, since each operation adds one.

    Several events, because one may become visible after another with a higher number.
    """
    return list(Event.objects.of(account).order_by("-id").values_list("id", flat=True)[:50])


def foreign_states(ids: Iterable[str], *, lock: bool = False) -> list[tuple]:
    """The states that decide whether these connections of other accounts can be attached. `lock` locks them."""
    states: list[tuple] = []
    for part in _parts(ids):
        rows = Connection.objects.filter(resource_id__in=part).order_by("pk")
        if lock:
            list(rows.select_for_update(no_key=True).values_list("pk"))
        attachment = ("attachment", "attachment__transition_ends")
        states += rows.values_list("pk", "revision", "transition_ends", *attachment)
        opened = Authorization.objects.filter(connection__resource_id__in=part).order_by("pk")
        states += opened.values_list("pk", "peer_uid", "peer_cen_id", "order_type")
    return states


def sweep(connections: Iterable[Connection]) -> None:
    """Remove the attachments of these connections that have finished detaching."""
    for part in _parts(connection.pk for connection in connections):
        Attachment.objects.finished().filter(connection__in=part).delete()


def save_addresses(connections: Iterable[Connection]) -> None:
    """Save the gateway addresses of these connections' tunnels."""
    connections = list(connections)
    tunnels = [tunnel for connection in connections for tunnel in connection.tunnels.all()]
    with following(tunnels):
        Tunnel.objects.bulk_update(tunnels, ["internet_ip"], batch_size=AT_ONCE)
    for connection in connections:
        connection.search_text = derived.search_text(
            connection, connection.tunnels.all(), map(str, connection.tags.all())
        )
    Connection.objects.bulk_update(connections, ["search_text"], batch_size=AT_ONCE)


class Planned(Stored):
    """The database together with the resources that the document has added so far."""

    def __init__(self):
        self.blocks: dict[tuple[str, str], str] = {}
        # Public gateway addresses with their regions.
        self.given: set[tuple[str, str]] = set()
        # By the ID of a transit router: its blocks, and the addresses of its connections.
        self.cidrs_of: dict[str, list[str]] = {}
        self.drawn: dict[str, set[str]] = {}
        self.searches: dict[str, Iterator[str]] = {}
        self.role_asked = False

    def user_of_block(self, connection, tunnel):
        return self.blocks.get((connection.region_id, tunnel.tunnel_cidr)) or super().user_of_block(connection, tunnel)

    def is_free(self, address, region_id):
        return (region_id, address) not in self.given and super().is_free(address, region_id)

    def cidrs(self, router):
        if router.resource_id not in self.cidrs_of:
            self.cidrs_of[router.resource_id] = super().cidrs(router)
        return self.cidrs_of[router.resource_id]

    def hosts(self, router):
        """The addresses from where the last search ended, so that many are found quickly; then from the beginning."""
        rest = self.searches.setdefault(router.resource_id, super().hosts(router))
        return chain(rest, super().hosts(router))

    def addresses(self, router):
        if router.resource_id not in self.drawn:
            self.drawn[router.resource_id] = super().addresses(router) if router.pk else set()
        return self.drawn[router.resource_id]

    def missing_role(self, account):
        if self.role_asked:
            return None
        self.role_asked = True
        return super().missing_role(account)

    def add(self, connection: Connection, tunnels: Iterable[Tunnel]) -> None:
        """Remember what the tunnels of a connection use."""
        for tunnel in tunnels:
            if tunnel.tunnel_cidr:
                self.blocks[connection.region_id, tunnel.tunnel_cidr] = connection.resource_id
            if connection.network_type == NetworkType.PUBLIC:
                self.given.add((connection.region_id, tunnel.internet_ip))
