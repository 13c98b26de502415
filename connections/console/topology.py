"""A picture of what is connected with what: boxes and lines in their places, and the same in sentences.

In this order, from left to right or, where there is little room, from top to bottom: the customer gateway, the tunnel,
the connection, its attachment, the transit router, the CEN instance. Of another account's resources the picture knows
the ID and the account's UID, and no more.
"""

from dataclasses import dataclass, field

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from connections.console import paging
from connections.console.panels import asn_text
from connections.domain.choices import AttachmentStatus
from connections.models import Attachment, Connection, Tunnel
from connections.models.cens import Cen, TransitRouter

# More attachments than this are told by their number.
MOST_ROWS = 8


@dataclass(frozen=True)
class Box:
    """A resource. `lines` are pairs of text and whether it is one to be copied: an ID, an address, a number."""

    kind: str
    name: str
    lines: list[tuple[str, bool]]
    url: str = ""
    faint: bool = False

    @property
    def spoken(self) -> str:
        return ", ".join([self.kind, *filter(None, [self.name]), *(text for text, _code in self.lines)])


@dataclass(frozen=True)
class Link:
    """A line between two boxes, with words at both of its ends and beside it. Without a state nothing is said of it."""

    state: object = None
    first: str = ""
    last: str = ""
    below: str = ""
    dashed: bool = False


@dataclass(frozen=True)
class Row:
    """The way through one connection. Of another account's connection there is no gateway to be seen."""

    connection: Box
    attachment: Link
    gateway: Box | None = None
    tunnels: list[Link] = field(default_factory=list)


@dataclass
class Picture:
    """What there is to draw, and to read where nothing is drawn. `ends`: where all rows lead, one after the other."""

    rows: list[Row] = field(default_factory=list)
    ends: list[Box] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    more: int = 0
    # Whether even more are there than are counted.
    is_capped: bool = False
    is_settled: bool = True


def _gateway(tunnel: Tunnel) -> Box:
    gateway = tunnel.customer_gateway
    lines = [(gateway.resource_id, True), (gateway.ip_address, True)]
    if gateway.asn:
        lines.append((f"AS {asn_text(gateway.asn)}", True))
    return Box(_("Customer Gateway"), gateway.name, lines, gateway.get_absolute_url())


def _connection(connection: Connection, *, here: bool) -> Box:
    address = connection.tunnel.internet_ip
    lines = [(connection.resource_id, True), (address, True) if address else (_("No gateway address yet"), False)]
    if connection.enable_bgp:
        lines.append((f"AS {asn_text(connection.local_asn)}", True))
    else:
        lines.append((connection.get_routing_mode_display(), False))
    url = "" if here else connection.get_absolute_url()
    return Box(_("IPsec-VPN Connection"), connection.name, lines, url)


def _foreign(kind: str, resource_id: str, uid: str) -> Box:
    return Box(kind, "", [(resource_id, True), (_("Account %(uid)s") % {"uid": uid}, True)])


def _router(router: TransitRouter, *, here: bool) -> Box:
    lines = [(router.resource_id, True), (str(router.get_region_id_display()), False)]
    lines += [(cidr.cidr, True) for cidr in router.cidrs.all()[:1]]
    return Box(_("Transit Router"), router.name, lines, "" if here else router.get_absolute_url())


def _cen(cen: Cen) -> Box:
    return Box(_("CEN Instance"), cen.name, [(cen.resource_id, True)], cen.get_absolute_url())


def _row(connection: Connection, attachment: Link, *, here: bool) -> Row:
    """All of a connection that is the account's own."""
    tunnels = [
        Link(tunnel.status, *((tunnel.peer_bgp_ip, tunnel.local_bgp_ip) if connection.enable_bgp else ()))
        for tunnel in connection.tunnels.all()
    ]
    return Row(_connection(connection, here=here), attachment, _gateway(connection.tunnel), tunnels)


def _attached(attachment: Attachment) -> Link:
    return Link(attachment.status, below=attachment.zone)


def _told_tunnels(connection: Connection) -> list[str]:
    told = []
    for tunnel in connection.tunnels.all():
        facts = {
            "gateway": tunnel.customer_gateway, "ip": tunnel.customer_gateway.ip_address, "connection": connection,
            "state": tunnel.status.label,
        }  # fmt: skip
        told.append(
            _("A tunnel leads from customer gateway %(gateway)s (%(ip)s) to connection %(connection)s: %(state)s.")
            % facts
        )
        if connection.enable_bgp:
            told.append(
                _("BGP runs in it between %(peer)s in AS %(peer_asn)s and %(local)s in AS %(asn)s.")
                % {
                    "peer": tunnel.peer_bgp_ip, "peer_asn": tunnel.customer_gateway.asn, "local": tunnel.local_bgp_ip,
                    "asn": connection.local_asn,
                }
            )  # fmt: skip
    return told


def of_connection(connection: Connection) -> Picture:
    """The way from the device of the data centre to the cloud."""
    picture = Picture(is_settled=not connection.is_transient, sentences=_told_tunnels(connection))
    attachment = connection.living_attachment
    if attachment is None:
        picture.rows = [_row(connection, Link(dashed=True), here=True)]
        picture.ends = [Box(_("Transit Router"), _("Not associated"), [], faint=True)]
        picture.sentences.append(_("The connection is not associated with a transit router."))
        return picture
    picture.rows = [_row(connection, _attached(attachment), here=True)]
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
    """The newest living attachments with all that is drawn of them, and how many more there are, up to a bound."""
    living = router.attachments.living()
    tunnels = Prefetch("connection__tunnels", Tunnel.objects.select_related("customer_gateway"))
    rows = living.select_related("account", "connection__account").prefetch_related(tunnels).order_by("-id")
    shown = list(rows[:MOST_ROWS])
    counted = living[: MOST_ROWS + paging.COUNTED + 1].count() if len(shown) == MOST_ROWS else len(shown)
    return shown, counted - len(shown)


def of_router(router: TransitRouter) -> Picture:
    """Everything that meets at a transit router, newest first."""
    shown, more = _latest(router)
    picture = Picture(ends=[_router(router, here=True), _cen(router.cen)])
    picture.more, picture.is_capped = min(more, paging.COUNTED), more > paging.COUNTED
    picture.is_settled = all(attachment.status == AttachmentStatus.ATTACHED for attachment in shown)
    for attachment in shown:
        connection = attachment.connection
        facts = {"connection": connection.resource_id, "state": attachment.status.label}
        if attachment.is_foreign:
            uid = connection.account.uid
            box = _foreign(_("IPsec-VPN Connection"), connection.resource_id, uid)
            picture.rows.append(Row(box, _attached(attachment)))
            picture.sentences.append(
                _("Attachment of connection %(connection)s, of account %(uid)s: %(state)s.") % (facts | {"uid": uid})
            )
        else:
            picture.rows.append(_row(connection, _attached(attachment), here=False))
            picture.sentences += _told_tunnels(connection)
            picture.sentences.append(_("Attachment of connection %(connection)s: %(state)s.") % facts)
    if not shown:
        nothing = Box(_("IPsec-VPN Connection"), _("Nothing attached"), [], faint=True)
        picture.rows = [Row(nothing, Link(dashed=True))]
        picture.sentences.append(_("Nothing is attached to the transit router."))
    picture.sentences.append(
        _("The transit router %(router)s belongs to CEN instance %(cen)s.")
        % {"router": router.resource_id, "cen": router.cen.resource_id}
    )
    return picture
