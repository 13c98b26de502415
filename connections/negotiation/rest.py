"""Where a tunnel comes to rest: the status that a list may store, and how long it holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from connections.domain.choices import NegotiationStatus
from connections.negotiation.course import Course
from connections.negotiation.timeline import NEVER

# A status that holds for so many seconds is at rest.
LASTING = 600
# After so many changes of the state without rest, a tunnel is taken for one that never rests.
LOOKED_AT = 40


@dataclass(frozen=True, slots=True)
class Rest:
    """The status that holds from `since` (None: already) until `until` (None: for good), if nothing is changed.

    A tunnel that never rests has one that ends when it begins.
    """

    status: NegotiationStatus
    since: datetime | None = None
    until: datetime | None = None


def rest_of(course: Course, now: datetime, *, was_tried: bool = False) -> Rest:
    """The first lasting status from a moment on. `was_tried`: the settings before these have failed."""
    begin = course.second(now)
    for status, start, end in _runs(course, begin, was_tried):
        if end - start >= LASTING:
            since = course.moment(start) if start > begin else None
            return Rest(status, since, course.moment(end))
    return Rest(NegotiationStatus.IKE_DOWN, now, now)


def _runs(course: Course, begin: int, was_tried: bool) -> Iterator[tuple[NegotiationStatus, float, float]]:
    """Statuses with the seconds from which and until which they hold. The last run may last longer."""
    start: float = begin
    second: float = begin
    status = course.status_at(second, was_tried=was_tried)
    for _count in range(LOOKED_AT):
        # Before the change nothing is negotiated.
        second = 0 if second < 0 else _next_change(course, second)
        if second == NEVER:
            yield status, start, NEVER
            return
        following = course.status_at(second, was_tried=was_tried)
        if following != status:
            yield status, start, second
            status, start = following, second
    yield status, start, second


def _next_change(course: Course, second: float) -> float:
    changes = (course.next_change(second), course.first_try)
    return min((change for change in changes if change > second), default=NEVER)
