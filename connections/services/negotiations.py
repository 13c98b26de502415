"""Keep up with negotiations: when settings take effect, the status that lists filter by, and what a tunnel was.

Whatever changes a tunnel's connection, customer gateway, attachment or device does so within `following`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from connections import clock
from connections.domain import limits
from connections.domain.choices import AttachmentStatus, NegotiationStatus
from connections.models import Chapter, Connection, Device, Tunnel
from connections.negotiation import Course, Outage, Situation, Surroundings, outcome, rest_of
from connections.negotiation.records import record, without_keys

# How long former situations, and with them their logs, are kept.
KEPT = timedelta(days=limits.LOG_DAYS)
# How many devices a statement inserts.
AT_ONCE = 500
# The columns by which lists filter.
COLUMNS = ("negotiation_status", "negotiation_settles", "negotiation_changes")


@contextmanager
def following(tunnels: Collection[Tunnel], *, anew: bool = False) -> Iterator[None]:
    """Make a change, and write what follows for these tunnels. `anew`: they begin to negotiate even without a change.

    The change is found by comparing what is stored before and after.
    """
    # Another account may be attaching the connection.
    held = Connection.objects.filter(pk__in={tunnel.connection_id for tunnel in tunnels}).order_by("pk")
    list(held.select_for_update(no_key=True).values_list("pk"))
    before = {tunnel.pk: tunnel.device.situation for tunnel in _read(tunnels)}
    yield
    for tunnel in _read(tunnels):
        _follow(tunnel, before[tunnel.pk], anew)


def _read(tunnels: Collection[Tunnel]) -> Iterable[Tunnel]:
    rows = Tunnel.objects.whole().select_related("connection__attachment")
    return rows.filter(pk__in=[tunnel.pk for tunnel in tunnels]).order_by("pk")


def equip(tunnels: Iterable[tuple[Tunnel, datetime]]) -> None:
    """Insert devices that are not configured, for new tunnels with the moments at which their settings take effect."""
    at_once = defaultdict(list)
    for tunnel, moment in tunnels:
        at_once[moment].append(tunnel)
    for moment, group in at_once.items():
        for start in range(0, len(group), AT_ONCE):
            Device.objects.make(group[start : start + AT_ONCE], changed_at=moment)


def begin(device: Device, now: datetime) -> None:
    """Give a new device, and its tunnel, their first values. The caller inserts both."""
    device.changed_at = takes_effect(device.tunnel.connection, now)
    _keep_what_goes_on(device, Surroundings())
    if device.is_configured:
        _rest(device.tunnel)


def _follow(tunnel: Tunnel, before: Situation, anew: bool) -> None:
    device, after = tunnel.device, tunnel.device.situation
    if before == after and not anew:
        return
    now = clock.now()
    if anew or _settings(before) != _settings(after):
        _close_chapter(tunnel, before, now)
    if anew or _core(before) != _core(after):
        problem = outcome(Course(before), now, device.earlier).problem
        device.earlier_code, device.earlier_at = (problem.code, problem.at) if problem else ("", None)
        device.changed_at = takes_effect(tunnel.connection, now)
        _keep_what_goes_on(device, after.surroundings)
    device.save(update_fields=["changed_at", "happenings", "earlier_code", "earlier_at"])
    _rest(tunnel)
    tunnel.save(update_fields=COLUMNS)


def _settings(situation: Situation) -> tuple:
    """What lasts until somebody changes it."""
    return situation.cloud, situation.device, situation.surroundings.loss


def _core(situation: Situation) -> tuple:
    """What the tunnel is negotiated with. BGP and health check of the cloud start over inside it."""
    return replace(situation.cloud, bgp=None, health_check=None), situation.device


def takes_effect(connection: Connection, now: datetime) -> datetime:
    """When settings that change now take effect: when the connection is ready."""
    moments = [now]
    if connection.under_way and connection.transition_ends:
        moments.append(connection.transition_ends)
    attachment = getattr(connection, "attachment", None)
    if attachment is not None and attachment.under_way == AttachmentStatus.ATTACHING and attachment.transition_ends:
        moments.append(attachment.transition_ends)
    return max(moments)


def _keep_what_goes_on(device: Device, around: Surroundings) -> None:
    """Forget what is over when the negotiation begins anew."""
    now = clock.now()
    traffic = tuple(one for one in around.traffic if one.until is None or one.until > now)
    outages = () if device.is_reachable else (Outage(now),)
    device.happenings = record(Surroundings(traffic, outages))


def _close_chapter(tunnel: Tunnel, situation: Situation, now: datetime) -> None:
    mine = Chapter.objects.filter(tunnel=tunnel)
    mine.filter(until__lt=now - KEPT).delete()
    last = mine.order_by("until").last()
    since = max(last.until, situation.changed_at) if last else situation.changed_at
    # What never took effect is not kept.
    if since < now:
        stored = record(without_keys(situation))
        Chapter.objects.create(tunnel=tunnel, since=since, until=now, situation=stored)


def _rest(tunnel: Tunnel) -> None:
    rest = rest_of(Course(tunnel.device.situation), clock.now())
    tunnel.negotiation_status = NegotiationStatus(rest.status)
    tunnel.negotiation_settles, tunnel.negotiation_changes = rest.since, rest.until


def outdated(using: str) -> Iterator[Tunnel]:
    """Find stored tunnels whose status is said to hold at this moment and does not."""
    for tunnel in Tunnel.objects.using(using).whole().filter(device__is_configured=True).order_by("pk").iterator(500):
        if not tunnel.is_moving and tunnel.outcome.status != tunnel.negotiation_status:
            _rest(tunnel)
            yield tunnel
