"""The diagnosis of a connection as its page shows it: findings in words, values of both sides, links to mend them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections import clock, routing
from connections.console.mending import address_of
from connections.console.negotiations import side_label, side_value
from connections.console.words import Words
from connections.domain import sections
from connections.domain.choices import NegotiationStatus, NetworkType, RouteStatus
from connections.domain.parsing import parse_ip
from connections.models import Connection, Tunnel
from connections.negotiation import Code, End
from connections.negotiation.diagnosis import Finding, Mend, Place, diagnose
from connections.negotiation.examination import Facts, Level
from connections.negotiation.pair import Difference

# How many destinations of others are compared with the connection's routes.
MOST_ROUTES = 2000

TITLES: Mapping[Level, Words] = {
    Level.ERROR: gettext_lazy("Problems"),
    Level.WARNING: gettext_lazy("Warnings"),
    Level.NORMAL: gettext_lazy("Passed"),
}
WORDS: Mapping[Level, Words] = {
    Level.ERROR: gettext_lazy("Problem"),
    Level.WARNING: gettext_lazy("Warning"),
    Level.NORMAL: gettext_lazy("Normal"),
}
# What is no field of either side.
_LABELS: Mapping[str, Words] = {
    "routes": gettext_lazy("Routes"),
    "tunnels": gettext_lazy("Connection Status"),
}
_MENDS: Mapping[Place, Words] = {
    Place.CONNECTION: gettext_lazy("Edit %(field)s of the connection"),
    Place.CUSTOMER_GATEWAY: gettext_lazy("Edit %(field)s of the customer gateway"),
    Place.ROUTES: gettext_lazy("Show the connection's routes"),
    Place.DEVICE: gettext_lazy("Edit %(field)s of the simulated device"),
    Place.DEVICE_ACTIONS: gettext_lazy("Show the simulated device"),
}


@dataclass(frozen=True)
class Value:
    """A field with what the cloud and what the device has. `key` is unique on the page."""

    key: str
    label: str
    cloud: str
    device: str

    @property
    def cells(self) -> list[tuple[str, str, bool]]:
        """For each side its key, the value, and whether it can be copied."""
        texts = (self.cloud, self.device)
        return [(f"{self.key}-{end}", text, parse_ip(text) is not None) for end, text in zip(End, texts, strict=True)]


@dataclass(frozen=True)
class Shown:
    """A finding in words. `links` are pairs of text and address."""

    key: str
    level: Level
    title: str
    sentence: str
    values: list[Value]
    links: list[tuple[str, str]]

    @property
    def word(self) -> str:
        return str(WORDS[self.level])


@dataclass(frozen=True)
class Report:
    """The findings about a tunnel, by level. `title` is blank for the only one of a connection."""

    tunnel: Tunnel
    title: str
    status: NegotiationStatus
    code: Code | None
    found: Mapping[Level, list[Shown]]

    @property
    def prefix(self) -> str:
        """What makes test ids and anchors unique on the page."""
        return sections.tunnel_prefix(self.tunnel.index)

    @property
    def groups(self) -> list[tuple[Level, str, list[Shown]]]:
        """Levels with findings, worst first."""
        return [(level, str(TITLES[level]), shown) for level, shown in self.found.items() if shown]

    @property
    def errors(self) -> list[Shown]:
        return self.found[Level.ERROR]

    @property
    def warnings(self) -> list[Shown]:
        return self.found[Level.WARNING]


def reports(connection: Connection, *, may_see_keys: bool) -> list[Report]:
    """Diagnose every tunnel of a connection at this moment."""
    tunnels = list(Tunnel.objects.whole().filter(connection=connection).order_by("index"))
    now = clock.now()
    outcomes = [tunnel.device.outcome_at(now) for tunnel in tunnels]
    known = [
        routing.Negotiated(tunnel, outcome.bgp, outcome.health)
        for tunnel, outcome in zip(tunnels, outcomes, strict=True)
    ]
    facts = _facts(connection, known)
    found = []
    for tunnel, outcome in zip(tunnels, outcomes, strict=True):
        device = tunnel.device
        own = Facts(
            **facts,
            is_on=device.is_on,
            has_line=device.has_line,
            tunnels=tuple(other.status for other in outcomes if other is not outcome),
        )
        findings = diagnose(device.situation, outcome, own, may_see_keys=may_see_keys)
        shown = [_shown(finding, tunnel) for finding in findings]
        by_level = {level: [one for one in shown if one.level == level] for level in Level}
        title = str(sections.TUNNEL_TITLES[tunnel.index]) if len(tunnels) > 1 else ""
        found.append(Report(tunnel, title, outcome.status, outcome.code, by_level))
    return found


def _facts(connection: Connection, tunnels: list[routing.Negotiated]) -> dict:
    """What the rows of a connection say about each of its tunnels. Routes of other accounts are not looked at."""
    attachment = connection.living_attachment
    is_own = attachment is not None and not attachment.is_foreign
    return {
        "state": connection.state,
        "is_public": connection.network_type == NetworkType.PUBLIC,
        "routes": tuple(connection.routes.values_list("destination", flat=True)),
        "is_published": routing.route_status(connection, tunnels) == RouteStatus.PUBLISHED,
        "static": tuple(attachment.entries.values_list("destination", flat=True)) if attachment and is_own else (),
        "others": tuple(routing.leading_elsewhere(attachment, MOST_ROUTES)) if attachment and is_own else (),
    }


def label(name: str) -> str:
    """The label of a field of either side, or of what else a check looks at."""
    return str(_LABELS[name]) if name in _LABELS else side_label(name)


def _word(name: str, value: str) -> str:
    if name == "tunnels" and value:
        return ", ".join(str(NegotiationStatus(one).label) for one in value.split(", "))
    return side_value(name, value)


def _value(difference: Difference, of: str) -> Value:
    name = difference.field
    return Value(f"{of}-{name}", label(name), _word(name, difference.cloud), _word(name, difference.device))


def _shown(finding: Finding, tunnel: Tunnel) -> Shown:
    check = finding.check
    links = links_of(finding.mends, tunnel)
    of = f"{sections.tunnel_prefix(tunnel.index)}-{check.key}"
    values = [_value(value, of) for value in finding.values if value.cloud or value.device]
    return Shown(check.key, finding.level, str(check.title), str(finding.message), values, links)


def links_of(mends: Iterable[Mend], tunnel: Tunnel) -> list[tuple[str, str]]:
    """Texts and addresses of links to where something is mended, at the field."""
    return [(str(_MENDS[mend.place]) % {"field": label(mend.field)}, address_of(mend, tunnel)) for mend in mends]


def as_text(connection: Connection, found: Iterable[Report], now: datetime) -> str:
    """The whole diagnosis as text, in the reader's language."""
    title = _("Diagnosis of %(connection)s") % {"connection": connection.label}
    lines = [f"{title}, {now:%Y-%m-%d %H:%M:%S} UTC"]
    for report in found:
        code = f", {report.code}" if report.code else ""
        lines += ["", f"{report.title or report.tunnel.resource_id}: {report.status.label}{code}"]
        for _level, _title, shown in report.groups:
            for one in shown:
                lines += [f"[{one.word}] {one.title}: {one.sentence}"]
                lines += [_line(value) for value in one.values]
    return "\n".join(lines)


def _line(value: Value) -> str:
    both = _("cloud %(cloud)s, device %(device)s") % {"cloud": value.cloud, "device": value.device}
    return f"    {value.label}: {both}"
