"""Keep up with negotiations: when settings take effect, the status that lists filter by, and what a tunnel was.

Whatever changes a tunnel's connection, customer gateway, attachment or device does so within `following`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import MISSING, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Case, Max, OuterRef, Subquery, When

from connections import clock
from connections.domain.choices import AttachmentStatus, NegotiationStatus
from connections.models import Account, Chapter, Connection, Device, Tunnel
from connections.negotiation import (
    Bgp,
    Cloud,
    Course,
    HealthCheck,
    Outage,
    Rest,
    Situation,
    Surroundings,
    Turns,
    outcome,
    rest_of,
)
from connections.negotiation.records import record, without_keys
from connections.negotiation.shown import Shown
from connections.persistence.encryption import WrongKey
from connections.services.write_lock import turn
from connections.tunnel_history import oldest_kept

# How many devices a statement inserts, and how many tunnels a transaction updates.
AT_ONCE = 500
# More tunnels than these that have left their rest are worth a write.
MANY = 100
# The columns by which lists filter, and what they show.
COLUMNS = ("negotiation_status", "negotiation_settles", "negotiation_changes", "negotiation_shows")

_PLACE = Case(*(When(negotiation_status=status, then=place) for place, status in enumerate(NegotiationStatus)))
_RANK = Subquery(
    Tunnel.objects.filter(connection=OuterRef("pk"))
    .order_by()
    .values("connection")
    .annotate(rank=Max(_PLACE))
    .values("rank")
)


@contextmanager
def following(tunnels: Collection[Tunnel], *, again: bool = False) -> Iterator[None]:
    """Make a change, and write what follows for these tunnels. `again`: they negotiate again even without a change.

    The change is found by comparing what is stored before and after.
    """
    # Another account may be attaching the connection.
    held = Connection.objects.filter(pk__in={tunnel.connection_id for tunnel in tunnels}).order_by("pk")
    list(held.select_for_update(no_key=True).values_list("pk"))
    before = {tunnel.pk: tunnel.device.situation for tunnel in _read(tunnels)}
    yield
    after, changed = list(_read(tunnels)), {tunnel.pk for tunnel in tunnels}
    note_turns([tunnel.device for tunnel in after])
    followed = [tunnel for tunnel in after if _follow(tunnel, before[tunnel.pk], again and tunnel.pk in changed)]
    if followed:
        write_rank({tunnel.connection_id for tunnel in followed})


def _read(tunnels: Collection[Tunnel]) -> Iterable[Tunnel]:
    """Read all tunnels of the connections of these tunnels: those of a policy-based device depend on each other."""
    rows = Tunnel.objects.whole().select_related("connection__attachment")
    return rows.filter(connection__in={tunnel.connection_id for tunnel in tunnels}).order_by("pk")


def note_turns(devices: Iterable[Device]) -> None:
    """Set whether devices take turns: all devices of connections, which are not saved."""
    of_connection = defaultdict(list)
    for device in devices:
        # New connections have no primary key yet, and are one object.
        of_connection[device.tunnel.connection_id or id(device.tunnel.connection)].append(device)
    now = clock.now()
    for several in of_connection.values():
        known = [device.surroundings.turns for device in several]
        since = min((turns.since for turns in known if turns), default=now) if all(known) else now
        for device in several:
            turns = Turns(device.tunnel.index - 1, len(several), since) if _take_turns(several) else None
            if turns != device.surroundings.turns:
                device.happenings = record(replace(device.surroundings, loss=0, turns=turns))


def _take_turns(devices: Sequence[Device]) -> bool:
    """Whether these are two tunnels with equal networks at one policy-based device, which is on and connected."""
    if len(devices) == 1 or not all(
        device.is_configured and device.is_policy_based and device.is_reachable for device in devices
    ):
        return False
    networks = {(frozenset(device.local_subnet), frozenset(device.remote_subnet)) for device in devices}
    return len(networks) == 1 and len({device.tunnel.customer_gateway_id for device in devices}) == 1


def equip(tunnels: Iterable[tuple[Tunnel, datetime]]) -> None:
    """Insert devices that are not configured, for new tunnels with the moments at which their settings take effect."""
    at_once = defaultdict(list)
    for tunnel, moment in tunnels:
        at_once[moment].append(tunnel)
    for moment, group in at_once.items():
        for start in range(0, len(group), AT_ONCE):
            Device.objects.make(group[start : start + AT_ONCE], changed_at=moment)


def begin(device: Device, now: datetime) -> None:
    """Give a new device, and its tunnel, their first values. The caller stores both."""
    device.changed_at = takes_effect(device.tunnel.connection, now)
    _keep_what_goes_on(device, device.surroundings)
    _rest(device.tunnel)


def begin_without_device(tunnel: Tunnel, changed_at: datetime, now: datetime) -> None:
    """Give a new tunnel its first status, before a device that is not configured is inserted for it."""
    connection, check = tunnel.connection, tunnel.probes
    check = check and replace(check, source="", destination="")
    settings = (
        bool(tunnel.internet_ip),
        connection.effect_immediately,
        tunnel.ike_version,
        connection.enable_bgp,
        check,
    )
    _write_rest(tunnel, _first_rest(settings, changed_at, now))


# An import inserts thousands of tunnels, and of settings only these matter while there is nothing on the other side.
@lru_cache(maxsize=64)
def _first_rest(
    settings: tuple[bool, bool, str, bool, HealthCheck | None], changed_at: datetime, now: datetime
) -> Rest:
    has_address, starts, ike_version, has_bgp, check = settings
    unset: dict[str, Any] = dict.fromkeys((one.name for one in fields(Cloud) if one.default is MISSING), "")
    values = unset | {"gateway_ip": "some" if has_address else "", "ike_version": ike_version, "psk": "some"}
    bgp = Bgp(local_asn=1, local_ip="", peer_asn=1, peer_ip="") if has_bgp else None
    cloud = Cloud(**values, effect_immediately=starts, bgp=bgp, health_check=check)
    return rest_of(Course(Situation("", changed_at, cloud)), now)


def _follow(tunnel: Tunnel, before: Situation, again: bool) -> bool:
    """Write what follows for a tunnel. Returns False if nothing does."""
    device, after = tunnel.device, tunnel.device.situation
    if before == after and not again:
        return False
    now = clock.now()
    if again or _settings(before) != _settings(after):
        _close_chapter(tunnel, before, now - clock.lead())
    if again or _core(before) != _core(after):
        # Where negotiations are ahead of their beginning, nothing is left of what was before.
        problem = None if clock.lead() else outcome(Course(before), now, device.earlier).problem
        device.earlier_code, device.earlier_at = (problem.code, problem.at) if problem else ("", None)
        device.changed_at = takes_effect(tunnel.connection, now)
        _keep_what_goes_on(device, after.surroundings)
    elif before.cloud.bgp != after.cloud.bgp:
        device.happenings = record(replace(device.surroundings, loss=0, bgp_since=now - clock.lead()))
    device.save(update_fields=["changed_at", "happenings", "earlier_code", "earlier_at"])
    _rest(tunnel)
    tunnel.save(update_fields=COLUMNS)
    return True


def take_effect_now(connections: Iterable[Connection]) -> None:
    """Begin the negotiations that were to begin when a transition ends: it has ended before its time."""
    now = clock.now()
    waiting = Tunnel.objects.whole().select_related("connection__attachment")
    begun = list(waiting.filter(connection__in=connections, device__changed_at__gt=now))
    for tunnel in begun:
        tunnel.device.changed_at = takes_effect(tunnel.connection, now)
        tunnel.device.save(update_fields=["changed_at"])
        _rest(tunnel)
        tunnel.save(update_fields=COLUMNS)
    write_rank({tunnel.connection_id for tunnel in begun})


def _settings(situation: Situation) -> tuple:
    """What lasts until somebody changes it."""
    return situation.cloud, situation.device, situation.surroundings.loss, situation.surroundings.turns


def _core(situation: Situation) -> tuple:
    """What the tunnel is negotiated with. BGP and health check of the cloud start over inside it."""
    return replace(situation.cloud, bgp=None, health_check=None), situation.device, situation.surroundings.turns


def takes_effect(connection: Connection, now: datetime) -> datetime:
    """When settings that change now take effect: when the connection is ready."""
    moments = [now - clock.lead()]
    if connection.under_way and connection.transition_ends:
        moments.append(connection.transition_ends)
    attachment = getattr(connection, "attachment", None)
    if attachment is not None and attachment.under_way == AttachmentStatus.ATTACHING and attachment.transition_ends:
        moments.append(attachment.transition_ends)
    return max(moments)


def _keep_what_goes_on(device: Device, around: Surroundings) -> None:
    """Forget what is over when a tunnel is negotiated again."""
    now = clock.now() - clock.lead()
    traffic = tuple(one for one in around.traffic if one.until is None or one.until > now)
    outages = () if device.is_reachable else (Outage(now),)
    device.happenings = record(Surroundings(traffic, outages, turns=around.turns))


def _close_chapter(tunnel: Tunnel, situation: Situation, now: datetime) -> None:
    mine = Chapter.objects.filter(tunnel=tunnel)
    mine.filter(until__lt=oldest_kept()).delete()
    last = mine.order_by("until").last()
    since = max(last.until, situation.changed_at) if last else situation.changed_at
    # What never took effect is not kept.
    if since < now:
        stored = record(without_keys(situation))
        Chapter.objects.create(tunnel=tunnel, since=since, until=now, situation=stored)


def _rest(tunnel: Tunnel) -> None:
    _write_rest(tunnel, _rest_of(tunnel.device))


def _rest_of(device: Device) -> Rest:
    return rest_of(Course(device.situation), clock.now(), device.earlier)


def _columns(rest: Rest) -> dict[str, Any]:
    values = (rest.status, rest.since, rest.until, rest.shows and record(rest.shows))
    return dict(zip(COLUMNS, values, strict=True))


def _write_rest(tunnel: Tunnel, rest: Rest) -> None:
    for name, value in _columns(rest).items():
        setattr(tunnel, name, value)


def moving_tunnels(account: Account, *region_ids: str) -> list[Tunnel]:
    """Read the tunnels of the connections of these regions of which a tunnel moves, with their outcomes.

    If many have left the rest that is stored, store the next one, so that further pages need not compute them all.
    """
    tunnels = list(Tunnel.objects.moving(account, *region_ids).whole())
    now = clock.now()
    for tunnel in tunnels:
        if tunnel.is_moving:
            tunnel.known = tunnel.device.outcome_at(now)
    left = [tunnel for tunnel in tunnels if tunnel.has_left_rest]
    if len(left) > MANY:
        # Pages are right without this: another process may be writing, or the database may be read-only.
        with suppress(DatabaseError):
            for start in range(0, len(left), AT_ONCE):
                _rest_again(left[start : start + AT_ONCE])
    return tunnels


def _rest_again(tunnels: Collection[Tunnel]) -> None:
    with turn(), transaction.atomic():
        held = Connection.objects.filter(pk__in={tunnel.connection_id for tunnel in tunnels}).order_by("pk")
        free = set(held.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True))
        rests = defaultdict(list)
        for tunnel in _read(tunnels):
            if tunnel.has_left_rest and tunnel.connection_id in free:
                rests[_rest_of(tunnel.device)].append(tunnel.pk)
        for rest, keys in rests.items():
            Tunnel.objects.filter(pk__in=keys).update(**_columns(rest))
        write_rank(free)


def rank(tunnels: Iterable[Tunnel]) -> int:
    """Return the rank of a connection with these tunnels: the place of their furthest stored status; 0 without any."""
    places = list(NegotiationStatus)
    return max((places.index(NegotiationStatus(tunnel.negotiation_status)) for tunnel in tunnels), default=0)


def write_rank(connections: Collection[int]) -> None:
    """Update the rank of connections from their stored tunnels."""
    Connection.objects.filter(pk__in=connections).update(status_rank=_RANK)


def outdated(using: str) -> Iterator[Tunnel]:
    """Find stored tunnels of which something else is shown than is said to hold at this moment."""
    for tunnel in Tunnel.objects.using(using).whole().filter(device__isnull=False).order_by("pk").iterator(500):
        if tunnel.is_moving:
            continue
        try:
            shown = Shown.of(tunnel.outcome)
        except WrongKey:
            # That the secrets cannot be opened is reported by itself.
            continue
        if shown.status != tunnel.negotiation_status or not shown.looks_like(tunnel.shown):
            _rest(tunnel)
            yield tunnel
