"""What pages show of negotiations: labels of either side's fields, and when to look again."""

from math import ceil

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst

from connections import clock
from connections.console import panels
from connections.models import Connection, Device
from connections.negotiation.outcome import SHOWN


def look_again(connection: Connection) -> int | None:
    """Seconds after which a page asks for a connection again; None if nothing turns while its codes are shown."""
    if connection.is_transient:
        return 1
    tunnel = connection.tunnel
    turn = tunnel.negotiation_changes if tunnel.is_at_rest else tunnel.outcome.next_turn
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
