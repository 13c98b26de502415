"""Where a tunnel comes to rest: what a list may store of it, and how long that holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from connections.domain.choices import NegotiationStatus
from connections.negotiation.course import Course
from connections.negotiation.outcome import Problem, outcome
from connections.negotiation.shown import Shown

# What is shown for so long is at rest.
LASTING = timedelta(seconds=600)
# After so many turns without rest, a tunnel is taken for one that never rests.
LOOKED_AT = 40


@dataclass(frozen=True, slots=True)
class Rest:
    """What is shown from `since` (None: already) until `until` (None: for good), if nothing is changed.

    A tunnel that never rests has a rest that ends when it begins, of which nothing is shown.
    """

    status: NegotiationStatus
    since: datetime | None = None
    until: datetime | None = None
    shows: Shown | None = None


def rest_of(course: Course, now: datetime, earlier: Problem | None = None) -> Rest:
    """What is shown first that lasts, from a moment on. `earlier` is the last problem of the settings before these."""
    for shows, start, end in _runs(course, now, earlier):
        if end is None or end - start >= LASTING:
            return Rest(shows.status, start if start > now else None, end, shows)
    return Rest(NegotiationStatus.IKE_DOWN, now, now)


def _runs(course: Course, now: datetime, earlier: Problem | None) -> Iterator[tuple[Shown, datetime, datetime | None]]:
    """What is shown, from when, and until when: None for good. The last run may last longer."""
    result = outcome(course, now, earlier)
    shows, start, moment = Shown.of(result), now, now
    for _count in range(LOOKED_AT):
        if result.next_turn is None:
            yield shows, start, None
            return
        moment, before = result.next_turn, result.problem
        result = outcome(course, moment, earlier)
        following = Shown.of(result)
        if not following.looks_like(shows):
            yield shows, start, moment
            shows, start = following, moment
        elif before and course.second(before.at) < 0:
            # The code of the settings before these gives way to the first of these.
            shows = following
    yield shows, start, moment
