"""Charts of a tunnel's rates and states, as shapes for SVG and as rows of a table.

The shapes are drawn on a plane in which a step of time is one unit wide, and stretched to the page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections import clock
from connections.console.words import Words, rate_text
from connections.models import Tunnel
from connections.tunnel_history import Bucket, State, buckets, eras

# The height of the plane.
HEIGHT = 100


@dataclass(frozen=True)
class Range:
    """A period that ends now: its label, length and step, the marks below the chart, and how they are written."""

    label: Words
    length: timedelta
    step: timedelta
    marks: int
    mark: str


# The first choice is the usual one, and blank in addresses.
RANGES = {
    "": Range(gettext_lazy("Last hour"), timedelta(hours=1), timedelta(minutes=1), 4, "%H:%M"),
    "1d": Range(gettext_lazy("Last day"), timedelta(days=1), timedelta(minutes=15), 4, "%H:%M"),
    "7d": Range(gettext_lazy("Last week"), timedelta(days=7), timedelta(hours=1), 7, "%m-%d"),
}


def axis_top(most: int) -> int:
    """The end of an axis: 1, 2 or 5 with zeros, at least the largest value."""
    size = 1
    while True:
        for step in (1, 2, 5):
            if step * size >= most:
                return step * size
        size *= 10


@dataclass(frozen=True)
class Run:
    """A stretch of a band: its state, where it begins and how long it is, in steps."""

    state: State
    start: int
    length: int


@dataclass(frozen=True)
class Band:
    """What was up over time. `words` names its states; NONE has a dash."""

    label: Words
    states: Sequence[State]
    words: Mapping[State, Words]

    @property
    def runs(self) -> list[Run]:
        found, start = [], 0
        for state, several in groupby(self.states):
            length = len(list(several))
            found.append(Run(state, start, length))
            start += length
        return found

    def word(self, step: int) -> str:
        return str(self.words.get(self.states[step], "-"))


UP = {State.UP: gettext_lazy("Up"), State.DOWN: gettext_lazy("Down"), State.BOTH: gettext_lazy("Up and down")}
NORMAL = {
    State.UP: gettext_lazy("Normal"),
    State.DOWN: gettext_lazy("Abnormal"),
    State.BOTH: gettext_lazy("Normal and abnormal"),
}


@dataclass(frozen=True)
class Chart:
    """A tunnel over a period. `range_key` is the period's in addresses."""

    range_key: str
    steps: Sequence[Bucket]

    @property
    def width(self) -> int:
        return len(self.steps)

    @cached_property
    def most(self) -> tuple[int, int]:
        """The largest rates, in and out."""
        return max(step.received for step in self.steps), max(step.sent for step in self.steps)

    @property
    def has_traffic(self) -> bool:
        return any(self.most)

    @cached_property
    def top(self) -> int:
        return axis_top(max(self.most))

    @property
    def scale(self) -> list[str]:
        """The labels of the axis, from top to bottom."""
        return [rate_text(self.top), rate_text(self.top / 2), rate_text(0)]

    @property
    def received(self) -> str:
        return self._line(lambda step: step.received)

    @property
    def received_area(self) -> str:
        return f"{self.received} V{HEIGHT} H0 Z"

    @property
    def sent(self) -> str:
        return self._line(lambda step: step.sent)

    def _line(self, rate: Callable[[Bucket], int]) -> str:
        """A path of stairs."""
        heights = [round(HEIGHT - HEIGHT * rate(step) / self.top, 2) for step in self.steps]
        return f"M0,{heights[0]} " + " ".join(f"V{height} H{x}" for x, height in enumerate(heights, 1))

    @property
    def marks(self) -> list[str]:
        """Times below the chart, at equal distances, from its beginning to its end."""
        period = RANGES[self.range_key]
        start = self.steps[0].start
        return [f"{start + period.length * at / period.marks:{period.mark}}" for at in range(period.marks + 1)]

    @property
    def lines(self) -> list[float]:
        """Where the marks within the chart are."""
        marks = RANGES[self.range_key].marks
        return [self.width * at / marks for at in range(1, marks)]

    @cached_property
    def bands(self) -> list[Band]:
        """Phase 2, and what was configured at some time of BGP and health check."""
        found = [Band(gettext_lazy("Phase 2"), [step.tunnel for step in self.steps], UP)]
        for label, states in (
            ("BGP", [step.bgp for step in self.steps]),
            (gettext_lazy("Health Check"), [step.health for step in self.steps]),
        ):
            if set(states) != {State.NONE}:
                found.append(Band(label, states, NORMAL))
        return found

    @property
    def rows(self) -> list[tuple[datetime, list[str]]]:
        """The rows of the table: when a step begins, and its values."""
        return [
            (step.start, [rate_text(step.received), rate_text(step.sent), *(band.word(x) for band in self.bands)])
            for x, step in enumerate(self.steps)
        ]

    @property
    def summary(self) -> str:
        """The chart in a sentence."""
        return _("At most %(received)s in and %(sent)s out between %(start)s and %(end)s UTC.") % {
            "received": rate_text(self.most[0]),
            "sent": rate_text(self.most[1]),
            "start": f"{self.steps[0].start:%Y-%m-%d %H:%M}",
            "end": f"{self.steps[-1].end:%Y-%m-%d %H:%M}",
        }


def chart(tunnel: Tunnel, tunnels: Sequence[Tunnel], range_key: str) -> Chart:
    """The chart of one of a connection's tunnels, over which the connection's traffic is spread."""
    period = RANGES[range_key]
    now = clock.now()
    # Steps begin at full minutes or hours, so that a value does not change from one look to the next.
    begun = datetime.fromtimestamp(now.timestamp() // period.step.total_seconds() * period.step.total_seconds(), UTC)
    start = begun + period.step - period.length
    existing = max(start, tunnel.connection.created_at)
    # The present moment is a part of the last step, which may have just begun.
    end = now + timedelta(microseconds=1)
    known = {one.resource_id: list(eras(one, existing, end)) for one in tunnels}
    steps = [step[tunnel.resource_id] for step in buckets(known, start, end, period.step)]
    return Chart(range_key, steps)
