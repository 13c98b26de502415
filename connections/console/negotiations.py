"""Words for negotiations: fields and values of either side, and the states of tunnels, sessions, checks and devices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from connections import clock
from connections.console import panels
from connections.console.badges import tone
from connections.console.words import Words
from connections.domain.choices import Start
from connections.models import Connection, Device
from connections.negotiation import ANY, Health, Outcome, Session, Severity
from connections.negotiation.outcome import SHOWN
from connections.negotiation.rest import LASTING
from connections.negotiation.shown import bgp_result, health_result
from connections.numbers import whole_number

# Fields of a `Difference` whose values are not those of the device's field, such as "UDP 500: blocked".
_LABELS: dict[str, Words] = {
    "udp_500_open": "UDP 500",
    "udp_4500_open": "UDP 4500",
    "esp_open": "ESP",
    "uses_ah": _("Security Protocol"),
    "uses_transport_mode": _("Encapsulation Mode"),
    "has_odd_hash": _("Computation of the Authentication Algorithm"),
    "has_odd_dpd": _("Payload Order of DPD"),
    "sa_per_pair": _("Security Associations"),
}
# Values of fields that only devices have.
_VALUES: dict[str, Words] = {
    "on": _("On"),
    "off": _("Off"),
    "open": _("Open"),
    "blocked": _("Blocked"),
    "yes": _("Yes"),
    "no": _("No"),
    "esp": "ESP",
    "ah": "AH",
    "tunnel": _("Tunnel mode"),
    "transport": _("Transport mode"),
    "standard": _("As in the standard"),
    "its own": _("In its own way"),
    "hash, notify": "hash-notify",
    "notify, hash": "notify-hash",
    "one for all": _("One for all pairs of networks"),
    "one each pair": _("One for each pair of networks"),
}
# How long a list mentions a problem that is over.
MENTIONED = timedelta(days=1)
SECRETS = ("psk", "key")
# Free text.
_IDENTITIES = ("local_id", "remote_id")
_LIFETIMES = ("ike_lifetime", "ipsec_lifetime")

SEVERITIES: dict[Severity, Words] = {
    Severity.CRITICAL: _("Critical"),
    Severity.WARN: _("Warning"),
    Severity.NORMAL: _("Information"),
}


@dataclass(frozen=True)
class Mark:
    """A state as pages show it: a tone (good, bad, idle or moving) and words."""

    tone: str
    label: Words

    @classmethod
    def of(cls, state) -> "Mark":
        return cls(tone(state), state.label)


# Fields of a `Difference` that a device has under another name.
_DEVICES = {
    "customer_gateway_ip": "address",
    "gateway_ip": "peer_address",
    "local_ip": "local_bgp_ip",
    "peer_ip": "peer_bgp_ip",
    "source_ip": "bgp_source_ip",
    "key": "auth_key",
}


def look_again(connection: Connection) -> int | None:
    """Seconds after which a page asks for a connection again; None if nothing turns while its codes are shown."""
    if connection.is_transient:
        return 1
    turns = [
        tunnel.negotiation_changes if tunnel.is_at_rest else tunnel.outcome.next_turn
        for tunnel in connection.all_tunnels
    ]
    turn = min((one for one in turns if one), default=None)
    seconds = ceil((turn - clock.now()).total_seconds()) if turn else None
    return max(1, seconds) if seconds is not None and seconds <= SHOWN else None


def is_of_late(moment: datetime) -> bool:
    """Whether a list still mentions a problem that was over at a moment: for a day."""
    return clock.now() - moment < MENTIONED


def standing(connection: Connection) -> str:
    """What is announced when it has changed; pages send back what they show."""
    return "-".join([connection.state.value, *(tunnel.status.value for tunnel in connection.all_tunnels)])


def side_label(name: str) -> str:
    """The label of a field of the cloud's or the device's side, as `negotiation.Difference` names it."""
    phase, label = side_label_parts(name)
    return f"{phase}: {label}" if phase else label


def side_label_parts(name: str) -> tuple[str, str]:
    """The same in two parts: the phase, which may be blank, and the label."""
    name = _DEVICES.get(name, name)
    return ("", str(_LABELS[name])) if name in _LABELS else (_phase(name), _own_label(name))


def _own_label(name: str) -> str:
    try:
        return panels.label_of(name)
    except KeyError:
        pass
    try:
        return str(capfirst(panels.column(Device, name).verbose_name))
    except FieldDoesNotExist:
        return capfirst(name.replace("_", " "))


def with_phase(name: str, label: Words) -> str:
    """A label with the phase of a field, as both phases have algorithms and lifetimes."""
    phase = _phase(name)
    return f"{phase}: {label}" if phase else str(label)


def _phase(name: str) -> str:
    return {"ike": "IKE", "ipsec": "IPsec"}.get(name.partition("_")[0], "")


def side_value(name: str, value: str) -> str:
    """A value of a `Difference` as pages show it."""
    if value in ("", "None"):
        return "-"
    if name in _LIFETIMES:
        return lifetime_text(whole_number(value) or 0)
    if name == "effect_immediately":
        return str(_VALUES["yes" if value == "on" else "no"])
    if name == "starts":
        return str(Start(value).label)
    if name in _IDENTITIES:
        return str(_("Any identity")) if value == ANY else value
    return str(_VALUES.get(value, value))


def lifetime_text(seconds: int) -> str:
    """A lifetime beside its label, which names the unit."""
    return str(seconds or _("No limit"))


def bgp_mark(session: Session | None) -> Mark:
    """The state of a BGP session in the console's words. A session that is about to come up is no failure."""
    mark = Mark.of(bgp_result(session))
    is_coming = session is not None and not session.is_established and not session.row
    return Mark("moving", mark.label) if is_coming else mark


def health_mark(health: Health | None) -> Mark:
    """The result of a health check."""
    return Mark.of(health_result(health))


def device_mark(device: Device) -> Mark:
    """The state of a simulated device."""
    if not device.is_configured:
        return Mark("idle", _("not configured"))
    if not device.is_on:
        return Mark("bad", _("off"))
    return Mark("good", _("on")) if device.has_line else Mark("bad", _("unreachable"))


def obstacles(connection: Connection, device: Device) -> list[Words]:
    """What keeps any negotiation of a tunnel from succeeding, whatever the settings are."""
    found = {
        _("The connection is in transition. Its settings take effect afterwards."): connection.is_transient,
        _("The simulated device is not configured yet."): not device.is_configured,
        _("The simulated device is switched off."): not device.is_on,
        _("The line between the cloud and the simulated device is cut."): not device.has_line,
    }
    return [sentence for sentence, holds in found.items() if holds]


def seconds_to_change(connection: Connection, outcomes: Iterable[Outcome]) -> int | None:
    """Whole seconds until a page shows something else, if nobody changes anything; None if that takes long."""
    if connection.is_transient:
        return 1
    now = clock.now()
    waits = [one.next_change - now for one in outcomes if one.next_change]
    return min((max(1, ceil(wait.total_seconds())) for wait in waits if wait < LASTING), default=None)
