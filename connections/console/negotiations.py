"""What pages show of negotiations: labels of either side's fields, results of probes, and when to look again."""

from math import ceil

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst

from connections import clock
from connections.console import panels
from connections.domain.choices import ProbeResult
from connections.models import Connection, Device
from connections.negotiation import Outcome
from connections.negotiation.health import HealthStatus
from connections.negotiation.outcome import SHOWN

_OF_HEALTH = {
    HealthStatus.UNKNOWN: ProbeResult.UNKNOWN,
    HealthStatus.NORMAL: ProbeResult.NORMAL,
    HealthStatus.ABNORMAL: ProbeResult.ABNORMAL,
}


def bgp_result(outcome: Outcome) -> ProbeResult:
    if outcome.bgp is None:
        return ProbeResult.OFF
    return ProbeResult.NORMAL if outcome.bgp.is_established else ProbeResult.ABNORMAL


def health_result(outcome: Outcome) -> ProbeResult:
    return ProbeResult.OFF if outcome.health is None else _OF_HEALTH[outcome.health.status]


def look_again(connection: Connection) -> int | None:
    """Seconds after which a page asks for a connection again; None if nothing turns while its codes are shown."""
    if connection.is_transient:
        return 1
    turn = connection.tunnel.outcome.next_turn
    seconds = ceil((turn - clock.now()).total_seconds()) if turn else None
    return max(1, seconds) if seconds is not None and seconds <= SHOWN else None


def standing(connection: Connection) -> str:
    """What is announced when it has changed; pages send back what they show."""
    return f"{connection.state.value}-{connection.tunnel.status.value}"


def side_label(name: str) -> str:
    """The label of a field of the cloud's or the device's side, as `negotiation.Difference` names it."""
    try:
        return panels.label_of(name)
    except KeyError:
        pass
    try:
        return str(capfirst(Device._meta.get_field(name).verbose_name))
    except FieldDoesNotExist:
        return capfirst(name.replace("_", " "))
