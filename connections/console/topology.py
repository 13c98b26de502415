"""A picture of what is connected with what: boxes and lines in their places, and the same in sentences.

From left to right: the customer gateway, the tunnel, the connection, its attachment, the transit router, the CEN
instance. Of another account's resources the picture knows the ID and the account's UID, and no more.
"""

from dataclasses import dataclass, field

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from connections.choices import AttachmentStatus
from connections.console.details import asn_text
from connections.models import Attachment, Connection, Tunnel
from connections.models.cens import Cen, TransitRouter

# Pixels of the drawing's own space: boxes, the lines between them, rows one above the other.
BOX_WIDTH, BOX_HEIGHT = 196, 100
COLUMNS = (0, 372, 688, 944)
ROW = 124
MARGIN = 8
WIDTH = COLUMNS[-1] + BOX_WIDTH
NAME_LENGTH = 26
# More attachments than this are told by their number.
MOST_ROWS = 8


@dataclass(frozen=True)
class Box:
    """A resource. `lines` are pairs of text and whether it is one to be copied: an ID, an address, a number."""

    kind: str
    name: str
    lines: list[tuple[str, bool]]
    x: int
    y: int
    url: str = ""
    faint: bool = False

    @property
    def short_name(self) -> str:
        return self.name if len(self.name) <= NAME_LENGTH else self.name[: NAME_LENGTH - 1] + "…"

    @property
    def spoken(self) -> str:
        return ", ".join([self.kind, *filter(None, [self.name]), *(text for text, _code in self.lines)])

    @property
    def placed(self) -> list[tuple[str, bool, int]]:
        """The lines with their heights."""
        return [(text, code, self.y + 54 + 17 * number) for number, (text, code) in enumerate(self.lines)]

    @property
    def kind_y(self):
        return self.y + 19

    @property
    def name_y(self):
        return self.y + 37

    @property
    def text_x(self):
        return self.x + 12


@dataclass(frozen=True)
class Link:
    """A line between two boxes, with words at both of its ends and below it."""

    x1: int
    y1: int
    x2: int
    y2: int
    state: object
    first: str = ""
    last: str = ""
    below: str = ""
    dashed: bool = False

    @property
    def path(self) -> str:
        bend = self.x2 - 16
        straight = self.y1 == self.y2
        return f"M{self.x1} {self.y1}H{self.x2}" if straight else f"M{self.x1} {self.y1}H{bend}V{self.y2}H{self.x2}"

    @property
    def middle(self):
        return (self.x1 + min(self.x2, self.x1 + COLUMNS[1] - BOX_WIDTH)) // 2

    @property
    def over_y(self):
        return self.y1 - 8

    @property
    def under_y(self):
        return self.y1 + 18

    @property
    def below_y(self):
        return self.y1 + 34

    @property
    def first_x(self):
        return self.x1 + 6

    @property
    def last_x(self):
        return self.x2 - 6


@dataclass
class Picture:
    """What there is to draw, and to read where nothing is drawn."""

    height: int
    boxes: list[Box] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    more: int = 0
    is_settled: bool = True
    width: int = WIDTH


def _gateway(tunnel: Tunnel, y: int) -> Box:
    gateway = tunnel.customer_gateway
    lines = [(gateway.resource_id, True), (gateway.ip_address, True)]
    if gateway.asn:
        lines.append((f"AS {asn_text(gateway.asn)}", True))
    return Box(_("Customer Gateway"), gateway.name, lines, COLUMNS[0], y, gateway.get_absolute_url())


def _connection(connection: Connection, y: int, *, here: bool) -> Box:
    address = connection.tunnel.internet_ip
    lines = [(connection.resource_id, True), (address, True) if address else (_("No gateway address yet"), False)]
    if connection.enable_bgp:
        lines.append((f"AS {asn_text(connection.local_asn)}", True))
    else:
        lines.append((connection.get_routing_mode_display(), False))
    url = "" if here else connection.get_absolute_url()
    return Box(_("IPsec-VPN Connection"), connection.name, lines, COLUMNS[1], y, url)


def _foreign(kind: str, resource_id: str, uid: str, column: int, y: int) -> Box:
    return Box(kind, "", [(resource_id, True), (_("Account %(uid)s") % {"uid": uid}, True)], COLUMNS[column], y)


def _router(router: TransitRouter, y: int, *, here: bool) -> Box:
    lines = [(router.resource_id, True), (str(router.get_region_id_display()), False)]
    lines += [(cidr.cidr, True) for cidr in router.cidrs.all()[:1]]
    return Box(_("Transit Router"), router.name, lines, COLUMNS[2], y, "" if here else router.get_absolute_url())


def _cen(cen: Cen, y: int) -> Box:
    return Box(_("CEN Instance"), cen.name, [(cen.resource_id, True)], COLUMNS[3], y, cen.get_absolute_url())


def _tunnels(connection: Connection, y: int) -> list[Link]:
    tunnels = list(connection.tunnels.all())
    links = []
    for number, tunnel in enumerate(tunnels):
        height = y + BOX_HEIGHT * (number + 1) // (len(tunnels) + 1)
        bgp = connection.enable_bgp
        first, last = (tunnel.peer_bgp_ip, tunnel.local_bgp_ip) if bgp else ("", "")
        links.append(Link(COLUMNS[0] + BOX_WIDTH, height, COLUMNS[1], height, tunnel.status, first, last))
    return links


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


def _attached(attachment: Attachment, y: int, router_y: int) -> Link:
    middle = y + BOX_HEIGHT // 2
    return Link(
        COLUMNS[1] + BOX_WIDTH, middle, COLUMNS[2], router_y + BOX_HEIGHT // 2, attachment.status, below=attachment.zone
    )


def _into_cen(y: int) -> Link:
    middle = y + BOX_HEIGHT // 2
    return Link(COLUMNS[2] + BOX_WIDTH, middle, COLUMNS[3], middle, None)


def of_connection(connection: Connection) -> Picture:
    """The way from the device of the data centre to the cloud."""
    picture = Picture(height=BOX_HEIGHT + 2 * MARGIN, is_settled=not connection.is_transient)
    picture.boxes = [_gateway(connection.tunnel, MARGIN), _connection(connection, MARGIN, here=True)]
    picture.links = _tunnels(connection, MARGIN)
    picture.sentences = _told_tunnels(connection)
    attachment = connection.living_attachment
    if attachment is None:
        nothing = Box(_("Transit Router"), _("Not associated"), [], COLUMNS[2], MARGIN, faint=True)
        middle = MARGIN + BOX_HEIGHT // 2
        picture.boxes.append(nothing)
        picture.links.append(Link(COLUMNS[1] + BOX_WIDTH, middle, COLUMNS[2], middle, None, dashed=True))
        picture.sentences.append(_("The connection is not associated with a transit router."))
        return picture
    picture.links.append(_attached(attachment, MARGIN, MARGIN))
    router = attachment.transit_router
    facts = {"router": router.resource_id, "cen": router.cen.resource_id, "state": attachment.status.label}
    if attachment.is_foreign:
        uid = attachment.account.uid
        picture.boxes += [
            _foreign(_("Transit Router"), router.resource_id, uid, 2, MARGIN),
            _foreign(_("CEN Instance"), router.cen.resource_id, uid, 3, MARGIN),
        ]
        picture.sentences.append(
            _("Its attachment to transit router %(router)s of CEN instance %(cen)s, of account %(uid)s: %(state)s.")
            % (facts | {"uid": uid})
        )
    else:
        picture.boxes += [_router(router, MARGIN, here=False), _cen(router.cen, MARGIN)]
        picture.sentences.append(
            _("Its attachment to transit router %(router)s of CEN instance %(cen)s: %(state)s.") % facts
        )
    picture.links.append(_into_cen(MARGIN))
    return picture


def _latest(router: TransitRouter) -> tuple[list[Attachment], int]:
    """The newest living attachments with all that is drawn of them, and how many more there are."""
    living = router.attachments.living()
    tunnels = Prefetch("connection__tunnels", Tunnel.objects.select_related("customer_gateway"))
    rows = living.select_related("account", "connection__account").prefetch_related(tunnels).order_by("-id")
    shown = list(rows[:MOST_ROWS])
    return shown, max(living.count() - MOST_ROWS, 0) if len(shown) == MOST_ROWS else 0


def of_router(router: TransitRouter) -> Picture:
    """Everything that meets at a transit router, newest first."""
    shown, more = _latest(router)
    rows = max(len(shown), 1)
    picture = Picture(height=ROW * (rows - 1) + BOX_HEIGHT + 2 * MARGIN, more=more)
    picture.is_settled = all(attachment.status == AttachmentStatus.ATTACHED for attachment in shown)
    middle = MARGIN + ROW * (rows - 1) // 2
    for number, attachment in enumerate(shown):
        y = MARGIN + ROW * number
        connection = attachment.connection
        facts = {"connection": connection.resource_id, "state": attachment.status.label}
        if attachment.is_foreign:
            uid = connection.account.uid
            picture.boxes.append(_foreign(_("IPsec-VPN Connection"), connection.resource_id, uid, 1, y))
            picture.sentences.append(
                _("Attachment of connection %(connection)s, of account %(uid)s: %(state)s.") % (facts | {"uid": uid})
            )
        else:
            picture.boxes += [_gateway(connection.tunnel, y), _connection(connection, y, here=False)]
            picture.links += _tunnels(connection, y)
            picture.sentences += _told_tunnels(connection)
            picture.sentences.append(_("Attachment of connection %(connection)s: %(state)s.") % facts)
        picture.links.append(_attached(attachment, y, middle))
    if not shown:
        nothing = Box(_("IPsec-VPN Connection"), _("Nothing attached"), [], COLUMNS[1], MARGIN, faint=True)
        picture.boxes.append(nothing)
        picture.sentences.append(_("Nothing is attached to the transit router."))
        at = MARGIN + BOX_HEIGHT // 2
        picture.links.append(Link(COLUMNS[1] + BOX_WIDTH, at, COLUMNS[2], at, None, dashed=True))
    picture.boxes += [_router(router, middle, here=True), _cen(router.cen, middle)]
    picture.links.append(_into_cen(middle))
    picture.sentences.append(
        _("The transit router %(router)s belongs to CEN instance %(cen)s.")
        % {"router": router.resource_id, "cen": router.cen.resource_id}
    )
    return picture
