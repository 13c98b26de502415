"""The topology diagram: boxes and lines with their states, and the same in sentences.

It shows, from left to right or on narrow screens from top to bottom, the customer gateway with the simulated device,
the tunnel with its BGP session and health check, the connection, its attachment, the transit router and the CEN
instance. Of another account's resources it shows the ID and the account's UID only.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from connections.console import paging
from connections.console.negotiations import (
    Mark,
    bgp_mark,
    device_mark,
    health_mark,
    seconds_to_change,
)
from connections.console.next_hops import through
from connections.console.panels import asn_text
from connections.console.tunnels import TunnelRow
from connections.console.words import tunnel_name
from connections.domain.choices import AttachmentStatus
from connections.models import Attachment, Connection, CustomerGateway, Tunnel
from connections.models.cens import Cen, TransitRouter
from connections.negotiation import Outcome

# The most attachments that are drawn; only the number of the others is shown.
MOST_ROWS = 8


@dataclass(frozen=True)
class Box:
    """A resource. `lines` are pairs of text and whether it can be copied; `marks` are states of what it stands for.

    A faint box stands for what is missing; its address is of the page that adds it.
    """

    kind: str
    name: str
    lines: list[tuple[str, bool]]
    url: str = ""
    faint: bool = False
    marks: list[Mark] = field(default_factory=list)
    id: str = ""
    # How many lines of tunnels lead to it.
    span: int = 1

    @property
    def spoken(self) -> str:
        words = [self.kind, *filter(None, [self.name]), *(text for text, _code in self.lines)]
        return ", ".join([*words, *(str(mark.label) for mark in self.marks)])


@dataclass(frozen=True)
class Link:
    """A line between two boxes, with texts at its ends and beside it. `state` may be missing.

    `code` is the error code of a tunnel; `marks` are states of what runs over it.
    """

    state: Mark | None = None
    first: str = ""
    last: str = ""
    below: str = ""
    code: str = ""
    dashed: bool = False
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True)
class PictureRow:
    """The path through one connection, with the lines of its tunnels."""

    connection: Box
    attachment: Link
    wires: list[Link] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """Customer gateways, and the connections of which the tunnels lead to them, in the same order.

    Gateways of another account's connection are not shown.
    """

    gateways: list[Box] = field(default_factory=list)
    rows: list[PictureRow] = field(default_factory=list)


@dataclass
class Picture:
    """The diagram, with sentences for screen readers. `ends` are the boxes to which all sites lead, in order.

    `delay` is in how many seconds it may look different; None if nothing changes soon.
    """

    sites: list[Site] = field(default_factory=list)
    # The tunnels that are not up, of several connections: why.
    down: list[TunnelRow] = field(default_factory=list)
    ends: list[Box] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    more: int = 0
    # Whether there are more than are counted.
    is_capped: bool = False
    delay: int | None = None

    @property
    def is_many(self) -> bool:
        """Whether several lines lead to the first of the ends."""
        return sum(len(site.rows) for site in self.sites) > 1


Own = CustomerGateway | Connection | TransitRouter | Cen
# The tunnels of a connection with their outcomes, which are computed once.
Outcomes = list[tuple[Tunnel, Outcome]]


def _outcomes(connection: Connection) -> Outcomes:
    return [(tunnel, tunnel.outcome) for tunnel in connection.tunnels.all()]


@dataclass(frozen=True)
class Path:
    """A connection of the same account, of which the tunnels stand in the order in which they are drawn."""

    connection: Connection
    outcomes: Outcomes
    attachment: Link

    @property
    def ends(self) -> tuple[int, ...]:
        """The customer gateways of the tunnels, each once."""
        return tuple(dict.fromkeys(tunnel.customer_gateway_id for tunnel, _outcome in self.outcomes))

    def toward(self, gateway: int) -> "Path":
        """The same with the tunnels to this gateway first."""
        ordered = sorted(self.outcomes, key=lambda pair: pair[0].customer_gateway_id != gateway)
        return replace(self, outcomes=ordered)


def _sites(paths: Sequence[Path], *, here: bool) -> list[Site]:
    """Draw the paths so that customer gateways stand once, beside all their tunnels.

    Only gateways that tunnels join in a circle, or of which one leads to more than two others, stand again.
    """
    left, sites = list(paths), []
    while left:
        joins = Counter(end for path in left if len(path.ends) > 1 for end in path.ends)
        end = min((end for path in left for end in path.ends), key=lambda one: joins[one] or 1)
        chain: list[Path] = []
        while found := [path for path in left if end in path.ends]:
            path = min(found, key=lambda one: len(one.ends)).toward(end)
            left = [one for one in left if one.connection != path.connection]
            chain.append(path)
            end = path.ends[-1]
        sites.append(_site(chain, here=here))
    return sites


def _site(chain: Sequence[Path], *, here: bool) -> Site:
    tunnels = [tunnel for path in chain for tunnel, _outcome in path.outcomes]
    marks = dict(mark for path in chain for mark in _devices(path.connection))
    gateways = []
    for _pk, group in groupby(tunnels, key=lambda tunnel: tunnel.customer_gateway_id):
        own = list(group)
        gateway = own[0].customer_gateway
        lines = [(gateway.ip_address, True)]
        if gateway.asn:
            lines.append((f"AS {asn_text(gateway.asn)}", True))
        box = _resource(_("Customer Gateway"), gateway, lines)
        states = list(dict.fromkeys(marks[tunnel] for tunnel in own))
        gateways.append(replace(box, marks=states, span=len(own)))
    rows = [
        PictureRow(
            _connection(path.connection, path.outcomes, here=here),
            path.attachment,
            [_wire(tunnel, outcome) for tunnel, outcome in path.outcomes],
        )
        for path in chain
    ]
    return Site(gateways, rows)


def _resource(kind: str, row: Own, lines: list[tuple[str, bool]], *, here: bool = False) -> Box:
    """A resource of the same account by its name, or else its ID. `here`: the page is about it."""
    is_named = str(row) != row.resource_id
    url = "" if here else row.get_absolute_url()
    return Box(kind, str(row), [*([(row.resource_id, True)] if is_named else []), *lines], url, id=row.resource_id)


def _wire(tunnel: Tunnel, outcome: Outcome) -> Link:
    """The line of a tunnel. One of two tunnels has a name and a zone."""
    has_bgp, is_dual = tunnel.connection.enable_bgp, tunnel.connection.is_dual
    return Link(
        Mark.of(outcome.status),
        first=tunnel.peer_bgp_ip if has_bgp else "",
        last=tunnel.local_bgp_ip if has_bgp else "",
        below=f"{tunnel_name(tunnel)}, {tunnel.zone}" if is_dual else "",
        code=outcome.code or "",
        dashed=not outcome.is_up,
        marks=_marks(outcome),
    )


def _devices(connection: Connection) -> list[tuple[Tunnel, Mark]]:
    """The tunnels with the states of their simulated devices."""
    tunnels = list(connection.tunnels.all())
    devices = []
    for tunnel in tunnels:
        mark = device_mark(tunnel.device)
        facts = {"number": tunnel.index, "state": mark.label}
        text = _("Simulated device %(number)s: %(state)s") if len(tunnels) > 1 else _("Simulated device: %(state)s")
        devices.append((tunnel, Mark(mark.tone, text % facts)))
    return devices


def _marks(outcome: Outcome) -> list[Mark]:
    """The states of what runs over a tunnel."""
    marks = []
    if outcome.bgp:
        mark = bgp_mark(outcome.bgp)
        marks.append(Mark(mark.tone, _("BGP: %(state)s") % {"state": f"{mark.label} ({outcome.bgp.state})"}))
    if outcome.health:
        mark = health_mark(outcome.health)
        marks.append(Mark(mark.tone, _("Health check: %(state)s") % {"state": mark.label}))
    return marks


def _spread(connection: Connection, outcomes: Outcomes) -> list[Mark]:
    """Through which of two tunnels the traffic goes."""
    mark = through(connection, [tunnel for tunnel, outcome in outcomes if outcome.is_up])
    return [mark] if mark else []


def _connection(connection: Connection, outcomes: Outcomes, *, here: bool) -> Box:
    addresses = [(tunnel.internet_ip, True) for tunnel in connection.tunnels.all() if tunnel.internet_ip]
    lines = addresses or [(_("No gateway address yet"), False)]
    if connection.enable_bgp:
        lines.append((f"AS {asn_text(connection.local_asn)}", True))
    else:
        lines.append((connection.get_routing_mode_display(), False))
    box = _resource(_("IPsec-VPN Connection"), connection, lines, here=here)
    return replace(box, marks=_spread(connection, outcomes), span=len(outcomes))


def _foreign(kind: str, resource_id: str, uid: str) -> Box:
    return Box(kind, resource_id, [(_("Account %(uid)s") % {"uid": uid}, True)])


def _router(router: TransitRouter, *, here: bool) -> Box:
    lines = [(str(router.get_region_id_display()), False), *((cidr.cidr, True) for cidr in router.cidrs.all()[:1])]
    return _resource(_("Transit Router"), router, lines, here=here)


def _cen(cen: Cen) -> Box:
    return _resource(_("CEN Instance"), cen, [])


def _attached(attachment: Attachment) -> Link:
    return Link(Mark.of(attachment.status), below=attachment.zone)


def _sentence(mark: Mark) -> str:
    return _("%(words)s.") % {"words": mark.label}


def _tunnel_sentences(connection: Connection, outcomes: Outcomes) -> list[str]:
    sentences = [_sentence(mark) for _tunnel, mark in _devices(connection)]
    for tunnel, outcome in outcomes:
        status = str(outcome.status.label)
        facts = {
            "gateway": tunnel.customer_gateway, "ip": tunnel.customer_gateway.ip_address, "connection": connection,
            "state": f"{status} ({outcome.code})" if outcome.code else status,
        }  # fmt: skip
        sentences.append(
            (f"{tunnel_name(tunnel)}: " if connection.is_dual else "")
            + _("A tunnel leads from customer gateway %(gateway)s (%(ip)s) to connection %(connection)s: %(state)s.")
            % facts
        )
        if connection.enable_bgp:
            sentences.append(
                _("BGP runs in it between %(peer)s in AS %(peer_asn)s and %(local)s in AS %(asn)s.")
                % {
                    "peer": tunnel.peer_bgp_ip, "peer_asn": tunnel.customer_gateway.asn, "local": tunnel.local_bgp_ip,
                    "asn": connection.local_asn,
                }
            )  # fmt: skip
        sentences += [_sentence(mark) for mark in _marks(outcome)]
    sentences += [f"{connection}: {_sentence(mark)}" for mark in _spread(connection, outcomes)]
    return sentences


def of_connection(connection: Connection) -> Picture:
    """The path from the device in the data center to the CEN instance."""
    outcomes = _outcomes(connection)
    picture = Picture(sentences=_tunnel_sentences(connection, outcomes))
    picture.delay = seconds_to_change(connection, [outcome for _tunnel, outcome in outcomes])
    attachment = connection.living_attachment
    if attachment is None:
        picture.sites = _sites([Path(connection, outcomes, Link(dashed=True))], here=True)
        attach = reverse("connection-attach", args=[connection.region_id, connection.resource_id])
        picture.ends = [Box(_("Transit Router"), _("Not associated"), [], attach, faint=True)]
        picture.sentences.append(_("The connection is not associated with a transit router."))
        return picture
    picture.sites = _sites([Path(connection, outcomes, _attached(attachment))], here=True)
    router = attachment.transit_router
    facts = {"router": router.resource_id, "cen": router.cen.resource_id, "state": attachment.status.label}
    if attachment.is_foreign:
        uid = attachment.account.uid
        picture.ends = [
            _foreign(_("Transit Router"), router.resource_id, uid),
            _foreign(_("CEN Instance"), router.cen.resource_id, uid),
        ]
        picture.sentences.append(
            _("Its attachment to transit router %(router)s of CEN instance %(cen)s, of account %(uid)s: %(state)s.")
            % (facts | {"uid": uid})
        )
    else:
        picture.ends = [_router(router, here=False), _cen(router.cen)]
        picture.sentences.append(
            _("Its attachment to transit router %(router)s of CEN instance %(cen)s: %(state)s.") % facts
        )
    return picture


def _latest(router: TransitRouter) -> tuple[list[Attachment], int]:
    """The newest living attachments with what is drawn of them, and the number of the others up to a bound."""
    living = router.attachments.living()
    tunnels = Prefetch("connection__tunnels", Tunnel.objects.select_related("customer_gateway", "device"))
    rows = living.select_related("account", "connection__account").prefetch_related(tunnels).order_by("-id")
    shown = list(rows[:MOST_ROWS])
    counted = living[: MOST_ROWS + paging.COUNTED + 1].count() if len(shown) == MOST_ROWS else len(shown)
    return shown, counted - len(shown)


def of_router(router: TransitRouter) -> Picture:
    """Everything attached to a transit router, newest first."""
    shown, more = _latest(router)
    picture = Picture(ends=[_router(router, here=True), _cen(router.cen)])
    picture.more, picture.is_capped = min(more, paging.COUNTED), more > paging.COUNTED
    delays = [1 for attachment in shown if attachment.status != AttachmentStatus.ATTACHED]
    paths: list[Path] = []
    foreign: list[Site] = []
    for attachment in shown:
        connection = attachment.connection
        facts = {"connection": connection.resource_id, "state": attachment.status.label}
        if attachment.is_foreign:
            uid = connection.account.uid
            box = _foreign(_("IPsec-VPN Connection"), connection.resource_id, uid)
            foreign.append(Site(rows=[PictureRow(box, _attached(attachment))]))
            picture.sentences.append(
                _("Attachment of connection %(connection)s, of account %(uid)s: %(state)s.") % (facts | {"uid": uid})
            )
        else:
            outcomes = _outcomes(connection)
            delays += filter(None, [seconds_to_change(connection, [outcome for _tunnel, outcome in outcomes])])
            paths.append(Path(connection, outcomes, _attached(attachment)))
            rows = [TunnelRow(tunnel, "", outcome) for tunnel, outcome in outcomes]
            picture.down += [row for row in rows if row.cause]
            picture.sentences += _tunnel_sentences(connection, outcomes)
            picture.sentences.append(_("Attachment of connection %(connection)s: %(state)s.") % facts)
    picture.delay = min(delays, default=None)
    picture.sites = [*_sites(paths, here=False), *foreign]
    if not shown:
        nothing = Box(_("IPsec-VPN Connection"), _("Nothing attached"), [], faint=True)
        picture.sites = [Site(rows=[PictureRow(nothing, Link(dashed=True))])]
        picture.sentences.append(_("Nothing is attached to the transit router."))
    picture.sentences.append(
        _("The transit router %(router)s belongs to CEN instance %(cen)s.")
        % {"router": router.resource_id, "cen": router.cen.resource_id}
    )
    return picture
