"""Lines of logs in a window, newest or oldest first. No more are made than are wanted."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connections.models import Tunnel
from connections.negotiation import LogLine, lines
from connections.tunnel_history.eras import Era

# Lines are made for a slice of time after the other. A slice is longer than the one before if that had few lines.
SHORTEST, LONGEST = timedelta(minutes=10), timedelta(hours=6)
FEW = 50
# A reading ends after so many lines have been made. A slice without lines counts as much as a few.
MADE, EMPTY = 12_000, 2


@dataclass(frozen=True)
class Slice:
    start: datetime
    end: datetime
    lines: list[LogLine]


@dataclass(frozen=True)
class Reading:
    """Lines of a window, newest first. `before`: older ones lie before this moment; None: there are none.

    With `has_given_up` nothing says whether there are older ones: too many lines had to be made.
    """

    lines: list[LogLine]
    before: datetime | None = None
    has_given_up: bool = False


def _slices(eras: Iterable[Era], *, newest_first: bool) -> Iterator[Slice]:
    for era in eras:
        # Nothing is logged before the settings take effect.
        start, end = max(era.since, era.situation.changed_at), era.until
        length = SHORTEST
        while start < end:
            if newest_first:
                one = _slice(era, max(start, end - length), end)
                end = one.start
            else:
                one = _slice(era, start, min(end, start + length))
                start = one.end
            yield one
            length = min(length * 2, LONGEST) if len(one.lines) < FEW else SHORTEST


def _slice(era: Era, start: datetime, end: datetime) -> Slice:
    return Slice(start, end, lines(era.course, start, end))


def newest(eras: Iterable[Era], most: int, wanted: Callable[[LogLine], bool] = lambda line: True) -> Reading:
    """The newest wanted lines of eras, which come newest first. Lines of the same moment are not separated."""
    found: list[LogLine] = []
    made = 0
    for one in _slices(eras, newest_first=True):
        if made >= MADE:
            return Reading(found, one.end, has_given_up=True)
        for line in reversed(one.lines):
            if len(found) >= most and line.at != found[-1].at:
                return Reading(found, found[-1].at)
            if wanted(line):
                found.append(line)
        made += len(one.lines) + EMPTY
    return Reading(found)


def page(eras: Iterable[Era], skip: int, most: int, wanted: Callable[[LogLine], bool]) -> tuple[list[LogLine], bool]:
    """A page of the wanted lines of eras, which come oldest first; and whether the page has all of its lines."""
    found: list[LogLine] = []
    made = 0
    for one in _slices(eras, newest_first=False):
        if made >= MADE:
            return found, False
        for line in filter(wanted, one.lines):
            if skip:
                skip -= 1
            else:
                found.append(line)
                if len(found) == most:
                    return found, True
        made += len(one.lines) + EMPTY
    return found, True


def texts(tunnel: Tunnel, found: Iterable[LogLine]) -> list[str]:
    """Lines as text, in UTC. They name the connection if it has one tunnel, else the tunnel."""
    source = (tunnel if tunnel.connection.is_dual else tunnel.connection).resource_id
    return [replace(line, source=source).shown(UTC) for line in found]
