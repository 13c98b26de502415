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

    A tunnel without rest has one that is over already.
    """

    status: NegotiationStatus
    since: datetime | None = None
    until: datetime | None = None


def rest_of(course: Course, now: datetime) -> Rest:
    """The first lasting status from a moment on."""
    begin = course.second(now)
    for status, start, end in _runs(course, begin):
        if end - start >= LASTING:
            since = course.moment(start) if start > begin else None
            return Rest(status, since, course.moment(end))
    return Rest(NegotiationStatus.IKE_DOWN, None, now)


def _runs(course: Course, begin: int) -> Iterator[tuple[NegotiationStatus, float, float]]:
    """Statuses with the seconds from which and until which they hold. The last run may last longer."""
    start: float = begin
    second: float = max(begin, 0)
    # Before the change nothing is negotiated.
    status = NegotiationStatus.IKE_DOWN if begin < 0 else course.state_at(second).status
    if course.state_at(second).status != status:
        yield status, start, second
        status, start = course.state_at(second).status, second
    for _count in range(LOOKED_AT):
        second = course.next_change(second)
        if second == NEVER:
            yield status, start, NEVER
            return
        following = course.state_at(second).status
        if following != status:
            yield status, start, second
            status, start = following, second
    yield status, start, second
