"""The times in which the settings of a tunnel stayed the same."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain

from django.db.models import QuerySet

from connections import clock
from connections.domain import limits
from connections.models import Chapter, Tunnel
from connections.negotiation import Course, Situation
from connections.negotiation.records import read

# How many chapters are read at once.
AT_ONCE = 50


@dataclass(frozen=True)
class Era:
    """A tunnel from `since` to before `until`, and the situation from which everything follows in this time."""

    since: datetime
    until: datetime
    situation: Situation

    @cached_property
    def course(self) -> Course:
        return Course(self.situation)

    def cut(self, start: datetime, end: datetime) -> "Era | None":
        """The part of this era in a window."""
        since, until = max(start, self.since), min(end, self.until)
        return replace(self, since=since, until=until) if since < until else None


def oldest_kept() -> datetime:
    """The moment to which logs reach back. [P159]"""
    return clock.now() - timedelta(days=limits.LOG_DAYS)


def eras(tunnel: Tunnel, start: datetime, end: datetime, *, newest_first: bool = False) -> Iterator[Era]:
    """The eras of a tunnel in a window, cut to it. The future and what is too old to be kept are left out.

    The tunnel is read with everything that the negotiation needs (`whole`).
    """
    # The present second is a part of the window.
    start, end = max(start, oldest_kept()), min(end, clock.now() + timedelta(microseconds=1))
    chapters = Chapter.objects.filter(tunnel=tunnel)
    present_since = chapters.order_by("-until").values_list("until", flat=True).first() or start
    present = Era(present_since, max(end, present_since), tunnel.device.situation)
    past = _past(chapters.filter(until__gt=start, since__lt=end), newest_first=newest_first)
    found = chain([present], past) if newest_first else chain(past, [present])
    return (part for era in found if (part := era.cut(start, end)))


def _past(chapters: QuerySet[Chapter], *, newest_first: bool) -> Iterator[Era]:
    ids = list(chapters.order_by("-until" if newest_first else "until").values_list("pk", flat=True))
    for first in range(0, len(ids), AT_ONCE):
        rows = Chapter.objects.in_bulk(ids[first : first + AT_ONCE])
        for row in (rows[one] for one in ids[first : first + AT_ONCE] if one in rows):
            yield Era(row.since, row.until, read(Situation, row.situation))
