"""Rates and states of tunnels in equal parts of a window, for charts. [P158]"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connections.negotiation import Course, Sample, Traffic, sample
from connections.negotiation.bgp import next_session_change
from connections.negotiation.health import next_health_change
from connections.tunnel_history.eras import Era

# How many changes within a bucket are looked at; the rest of it is taken for like what was seen.
LOOKED_AT = 8


class State(StrEnum):
    """What was true in a bucket: all the time, never, now and then; NONE: not configured, or there was no tunnel."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"
    NONE = "none"


@dataclass(frozen=True)
class Bucket:
    """A tunnel in a part of a window: average rates from and to the data center in bit/s, and what was up."""

    start: datetime
    end: datetime
    received: int
    sent: int
    tunnel: State
    bgp: State
    health: State


@dataclass(frozen=True)
class _Stay:
    """Samples of tunnels, which hold from a moment until the next one at which anything may change."""

    samples: Mapping[str, Sample]
    until: datetime


def buckets(
    eras: Mapping[str, Collection[Era]], start: datetime, end: datetime, step: timedelta
) -> Iterator[dict[str, Bucket]]:
    """The tunnels of a connection in each step of a window, by ID. The last step ends with the window."""
    stay = _stay(eras, start)
    while start < end:
        until = min(start + step, end)
        seen: list[tuple[_Stay, float]] = []
        moment = start
        while moment < until and len(seen) < LOOKED_AT:
            if moment >= stay.until:
                stay = _stay(eras, moment)
            seen.append((stay, (min(stay.until, until) - moment).total_seconds()))
            moment = stay.until
        if moment < until:
            # Too many changes; the next bucket begins with a look of its own.
            stay = _Stay({}, until)
        yield {tunnel: _bucket(tunnel, seen, start, until) for tunnel in eras}
        start = until


def _bucket(tunnel: str, seen: list[tuple[_Stay, float]], start: datetime, end: datetime) -> Bucket:
    samples = [(stay.samples[tunnel], seconds) for stay, seconds in seen if tunnel in stay.samples]
    whole = sum(seconds for _stay, seconds in seen)
    return Bucket(
        start,
        end,
        round(sum(one.received * seconds for one, seconds in samples) / whole),
        round(sum(one.sent * seconds for one, seconds in samples) / whole),
        _state({one.is_up for one, _seconds in samples}),
        _state({one.bgp_is_up for one, _seconds in samples}),
        _state({one.health_is_good for one, _seconds in samples}),
    )


def _state(answers: Collection[bool | None]) -> State:
    if True in answers:
        return State.BOTH if False in answers else State.UP
    return State.DOWN if False in answers else State.NONE


def _stay(eras: Mapping[str, Collection[Era]], moment: datetime) -> _Stay:
    present = {tunnel: era for tunnel, several in eras.items() for era in several if era.since <= moment < era.until}
    flows = tuple(flow for era in present.values() for flow in era.situation.surroundings.traffic)
    begun = (era.since for several in eras.values() for era in several)
    ends = [era.until for era in present.values()]
    changes = (change for era in present.values() for change in _changes(era.course, moment))
    moments = (*begun, *ends, *changes, *_edges(flows))
    courses = {tunnel: era.course for tunnel, era in present.items()}
    latest = datetime.max.replace(tzinfo=moment.tzinfo)
    return _Stay(sample(courses, flows, moment), min((one for one in moments if one > moment), default=latest))


def _changes(course: Course, moment: datetime) -> Iterator[datetime]:
    second = course.second(moment)
    changes = (course.next_change(second), next_session_change(course, second), next_health_change(course, second))
    return filter(None, map(course.moment, changes))


def _edges(flows: Collection[Traffic]) -> Iterator[datetime]:
    for flow in flows:
        yield flow.since
        if flow.ends:
            yield flow.ends
