"""What pages show of a connection's tunnels: a row for each, and the panel that explains what is wrong with one."""

from dataclasses import dataclass, field
from datetime import datetime

from django.http import Http404
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from connections import clock
from connections.console import panels
from connections.console.mending import edit_url
from connections.console.negotiations import (
    SECRETS,
    SEVERITIES,
    Mark,
    bgp_mark,
    health_mark,
    lifetime_text,
    obstacles,
    seconds_to_change,
    side_label,
    side_value,
)
from connections.console.words import Words
from connections.domain import sections
from connections.models import Connection, Tunnel
from connections.negotiation import Agreed, Difference, Outcome, Severity
from connections.negotiation.diagnosis import Place

# What the panel can be about.
TUNNEL, BGP, HEALTH = "tunnel", "bgp", "health"
# Where the cloud's side is edited.
CLOUDS_PLACES = (Place.CONNECTION, Place.CUSTOMER_GATEWAY)
# Fields of the connection that decide about a health check, by the row that explains its failure.
_OF_HEALTH = {
    "W2": ("health_check_sip", "health_check_dip"),
    "W3": ("health_check_dip",),
    "W7": ("health_check_retry",),
}
_PHASE_1 = ("ike_version", "ike_mode", "ike_enc_alg", "ike_auth_alg", "ike_pfs", "ike_lifetime")
_PHASE_2 = ("ipsec_enc_alg", "ipsec_auth_alg", "ipsec_pfs", "ipsec_lifetime")
_SEVERITY_TONES = {Severity.CRITICAL: "bad", Severity.WARN: "warn", Severity.NORMAL: "idle"}


@dataclass(frozen=True)
class NoteRow:
    """A remark on a tunnel that is up."""

    severity: Mark
    message: str
    remedy: str


@dataclass(frozen=True)
class TunnelRow:
    """A tunnel at a moment."""

    tunnel: Tunnel
    title: Words
    outcome: Outcome

    @property
    def id(self) -> str:
        return self.tunnel.resource_id

    @property
    def status(self) -> Mark:
        return Mark.of(self.outcome.status)

    @property
    def bgp(self) -> Mark:
        return bgp_mark(self.outcome.bgp)

    @property
    def health(self) -> Mark:
        return health_mark(self.outcome.health)

    @property
    def suffix(self) -> str:
        """The end of test ids that are about the second tunnel."""
        return "" if self.tunnel.index == 1 else f"-{self.tunnel.index}"

    @property
    def since(self) -> datetime | None:
        """When the status began; None if that is still to come."""
        since = self.outcome.since
        return since if since and since <= clock.now() else None

    @property
    def cause(self) -> str:
        """Why the tunnel is not up, in a sentence; blank if it is, or if nobody knows."""
        outcome = self.outcome
        if outcome.is_up:
            return ""
        if obstacle := next(iter(obstacles(self.tunnel.connection, self.tunnel.device)), None):
            return str(obstacle)
        code = outcome.code or (outcome.problem and outcome.problem.code)
        return str(code.message) if code else ""

    @property
    def remedy(self) -> str:
        """What to do about the cause; blank if that is said elsewhere."""
        code = self.outcome.code
        is_known = code and not obstacles(self.tunnel.connection, self.tunnel.device)
        return str(code.remedy) if code and is_known and not self.outcome.is_up else ""

    @property
    def established_for(self) -> str:
        """How long the tunnel has been up, roughly."""
        return duration(self.outcome.established_at)

    @property
    def notes(self) -> list[NoteRow]:
        return [
            NoteRow(severity_mark(note.severity), str(note.message), str(note.remedy)) for note in self.outcome.notes
        ]

    @property
    def agreed(self) -> list[panels.Panel]:
        """What was negotiated, by phase."""
        agreed, connection = self.outcome.agreed, self.tunnel.connection
        if agreed is None:
            return []
        return [
            panels.Panel("phase1", _("Phase 1 (IKE)"), _parameters(connection, agreed, _PHASE_1)),
            panels.Panel(
                "phase2", _("Phase 2 (IPsec)"), [*_parameters(connection, agreed, _PHASE_2), *_associations(agreed)]
            ),
        ]


@dataclass(frozen=True)
class Rows:
    """The tunnels of a connection, and in how many seconds to look again; None if nothing changes soon."""

    rows: list[TunnelRow]
    delay: int | None


def rows_of(connection: Connection) -> Rows:
    tunnels = list(connection.tunnels.all())
    titles = sections.TUNNEL_TITLES if len(tunnels) > 1 else {}
    rows = [TunnelRow(tunnel, titles.get(tunnel.index, _("Tunnel")), tunnel.outcome) for tunnel in tunnels]
    return Rows(rows, seconds_to_change(connection, [row.outcome for row in rows]))


def severity_mark(severity: Severity) -> Mark:
    return Mark(_SEVERITY_TONES[severity], SEVERITIES[severity])


def duration(since: datetime | None) -> str:
    """The time from a moment until now: seconds in the first minute, later up to two larger units."""
    if since is None:
        return ""
    now = clock.now()
    seconds = int((now - since).total_seconds())
    return panels.seconds_text(seconds) if seconds < 60 else timesince(since, now)


def _parameters(connection: Connection, agreed: Agreed, names: tuple[str, ...]) -> list[panels.Row]:
    rows = []
    for name in names:
        value = getattr(agreed, name)
        # ikev2 has no modes.
        if value != "":
            text = lifetime_text(value) if isinstance(value, int) else panels.in_words(connection, name, value)
            rows.append(panels.Row(name, panels.label_of(name), text))
    return rows


def _associations(agreed: Agreed) -> list[panels.Row]:
    return [
        panels.Row("local_subnet", panels.label_of("local_subnet"), [*agreed.selectors.local], "list"),
        panels.Row("remote_subnet", panels.label_of("remote_subnet"), [*agreed.selectors.remote], "list"),
        panels.Row("spi_in", _("Inbound SPI"), f"0x{agreed.spi_in:08x}", "copy"),
        panels.Row("spi_out", _("Outbound SPI"), f"0x{agreed.spi_out:08x}", "copy"),
    ]


@dataclass(frozen=True)
class DifferenceRow:
    """A field in which the two sides differ; `url` and `device_url` edit it on either side, blank where none does."""

    name: str
    label: str
    cloud: str
    device: str
    is_secret: bool
    url: str
    device_url: str


@dataclass(frozen=True)
class Explanation:
    """What is wrong with a tunnel, its BGP session or its health check; `message` is blank if nothing is."""

    title: Words
    message: str = ""
    remedy: str = ""
    code: str = ""
    severity: Mark | None = None
    # The state in the words of RFC 4271, of a session.
    rfc_state: str = ""
    at: datetime | None = None
    is_over: bool = False
    obstacles: list[Words] = field(default_factory=list)
    differences: list[DifferenceRow] = field(default_factory=list)
    # Other fields that may have to be edited: label and address.
    fields: list[tuple[str, str]] = field(default_factory=list)
    keywords: tuple[str, ...] = ()


def explain(tunnel: Tunnel, about: str) -> Explanation:
    """Explain a tunnel's status, its BGP session or its health check. Raises Http404 for anything else."""
    outcome = tunnel.outcome
    if about == BGP:
        return _of_bgp(tunnel, outcome)
    if about == HEALTH:
        return _of_health(tunnel, outcome)
    if about == TUNNEL:
        return _of_tunnel(tunnel, outcome)
    raise Http404


def _of_tunnel(tunnel: Tunnel, outcome: Outcome) -> Explanation:
    code = outcome.code or (outcome.problem and outcome.problem.code)
    if not code:
        return Explanation(_("Error Details"))
    problem = outcome.problem if outcome.problem and outcome.problem.code == code else None
    return Explanation(
        title=_("Error Details"),
        message=str(code.message),
        remedy=str(code.remedy),
        code=code.value,
        severity=severity_mark(outcome.severity or code.severity),
        at=problem.at if problem else None,
        is_over=outcome.is_up,
        obstacles=[] if outcome.is_up else obstacles(tunnel.connection, tunnel.device),
        differences=_rows(tunnel, outcome.differences),
        keywords=code.keywords,
    )


def _of_bgp(tunnel: Tunnel, outcome: Outcome) -> Explanation:
    session, title = outcome.bgp, _("Error Details: BGP")
    if session is None or not session.remedy:
        return Explanation(title)
    return Explanation(
        title=title,
        message=str(session.message),
        remedy=str(session.remedy),
        rfc_state=session.state.value,
        differences=_rows(tunnel, session.differences),
    )


def _of_health(tunnel: Tunnel, outcome: Outcome) -> Explanation:
    health, title = outcome.health, _("Error Details: Health Check")
    if health is None or not health.message:
        return Explanation(title)
    return Explanation(
        title=title,
        message=str(health.message),
        remedy=str(health.remedy),
        fields=[
            (panels.label_of(name), edit_url(tunnel, name, *CLOUDS_PLACES)) for name in _OF_HEALTH.get(health.row, ())
        ],
    )


def _rows(tunnel: Tunnel, differences: tuple[Difference, ...]) -> list[DifferenceRow]:
    return [
        DifferenceRow(
            one.field,
            side_label(one.field),
            side_value(one.field, one.cloud),
            side_value(one.field, one.device),
            one.field in SECRETS,
            edit_url(tunnel, one.field, *CLOUDS_PLACES),
            edit_url(tunnel, one.field, Place.DEVICE, Place.DEVICE_ACTIONS),
        )
        for one in differences
    ]
