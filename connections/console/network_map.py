"""The picture of an account: its sites, connections, transit routers and CEN instances, and the lines between them.

Boxes stand once: a CEN instance beside its transit routers, these beside the sites whose connections are attached to
them. Of many connections, only some are drawn: those that are down first, then the newest.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from connections.console import paging
from connections.console.chains import Strand, chains, gateways
from connections.console.negotiations import Mark
from connections.console.topology import Box
from connections.models import Account, Connection, TransitRouter

# The most connections that are drawn.
MOST_PATHS = 12


@dataclass(frozen=True)
class Path:
    """A connection with marks for the lines of its tunnels, and for that to its transit router, if it has one."""

    box: Box
    tunnels: list[Mark]
    attachment: Mark | None


@dataclass
class Site:
    """Customer gateways, and the connections of which the tunnels lead to them, in the same order."""

    boxes: list[Box]
    paths: list[Path]


@dataclass
class AtRouter:
    """A transit router, the connections that lead to it, and their sites."""

    box: Box
    connections: list[Connection] = field(default_factory=list)

    @property
    def sites(self) -> list[Site]:
        return [Site(list(_boxes(chain)), list(map(_path, chain))) for chain in chains(self.connections)]


@dataclass
class AtCen:
    """A CEN instance and its transit routers; None for connections that lead nowhere, or to another account."""

    box: Box | None
    routers: dict[object, AtRouter] = field(default_factory=dict)


@dataclass
class NetworkMap:
    """`more` is how many connections are not drawn, at most as many as are counted."""

    cens: dict[object, AtCen] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)
    more: int = 0

    @property
    def is_capped(self) -> bool:
        return self.more >= paging.COUNTED - MOST_PATHS


def map_of(
    account: Account, connections: Iterable[Connection], routers: Iterable[TransitRouter], total: int
) -> NetworkMap:
    """Draw some of an account's connections, and the transit routers that have none. `total` is how many there are."""
    chosen = sorted(connections, key=lambda one: (one.tunnels_up == one.tunnel_count, -one.pk))[:MOST_PATHS]
    picture = NetworkMap(more=total - len(chosen))
    for connection in sorted(chosen, key=_order):
        _add(picture, account, connection)
    if not picture.more:
        for router in sorted(routers, key=lambda one: (one.cen_id, one.pk)):
            _at_router(picture, account, router)
    if None in picture.cens:
        picture.cens[None] = picture.cens.pop(None)
    return picture


def _order(connection: Connection) -> tuple:
    attachment = connection.living_attachment
    router = attachment.transit_router if attachment else None
    sites = [gateway.pk for gateway in connection.customer_gateways]
    return (router.cen_id if router else 0, router.pk if router else 0, sites, connection.pk)


def _add(picture: NetworkMap, account: Account, connection: Connection) -> None:
    attachment = connection.living_attachment
    at = _at_router(picture, account, attachment.transit_router if attachment else None)
    at.connections.append(connection)
    names = {
        "sites": ", ".join(map(str, connection.customer_gateways)), "connection": connection,
        "state": Mark.of(connection.status).label, "router": at.box.name,
    }  # fmt: skip
    picture.sentences.append(
        _("%(sites)s to %(connection)s: %(state)s. Attached to %(router)s.") % names
        if attachment
        else _("%(sites)s to %(connection)s: %(state)s. Not attached to a transit router.") % names
    )


def _boxes(chain: Iterable[Strand]) -> Iterator[Box]:
    for gateway, tunnels in gateways(chain):
        lines = [(gateway.ip_address, True)]
        yield Box(_("Customer Gateway"), str(gateway), lines, gateway.get_absolute_url(), span=len(tunnels))


def _path(strand: Strand) -> Path:
    connection, attachment = strand.connection, strand.connection.living_attachment
    marks = [Mark.of(connection.status)]
    box = Box(_("IPsec-VPN Connection"), str(connection), [], connection.get_absolute_url(), marks=marks)
    wires = [Mark.of(tunnel.status) for tunnel in strand.tunnels]
    return Path(box, wires, Mark.of(attachment.status) if attachment else None)


def _at_router(picture: NetworkMap, account: Account, router: TransitRouter | None) -> AtRouter:
    """The place of a transit router in the picture. Of another account's, it has the ID and the account's UID only."""
    if router is None:
        nothing = AtCen(None, {None: AtRouter(Box(_("Transit Router"), _("Not attached"), [], faint=True))})
        return picture.cens.setdefault(None, nothing).routers[None]
    cen, is_own = router.cen, router.account_id == account.pk
    place = picture.cens.get(cen.pk)
    if place is None:
        kind = _("CEN Instance")
        box = Box(kind, str(cen), [], cen.get_absolute_url()) if is_own else Box(kind, cen.resource_id, [])
        place = picture.cens[cen.pk] = AtCen(box)
    if router.pk not in place.routers:
        kind, region = _("Transit Router"), str(router.region.name)
        if is_own:
            box = Box(kind, str(router), [(region, False)], router.get_absolute_url())
        else:
            box = Box(kind, router.resource_id, [(_("of another account"), False)])
        place.routers[router.pk] = AtRouter(box)
    return place.routers[router.pk]
