"""When somebody starts, when nothing passes, when the device deletes: a situation in whole seconds since the change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from connections.negotiation.sides import End, Situation, Start

# A moment that never comes. Moments are whole seconds; they are floats only for this one.
NEVER = inf
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open interval of seconds."""

    start: float
    end: float = NEVER

    def holds(self, moment: float) -> bool:
        return self.start <= moment < self.end


def _joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Windows in order, without overlaps and without what lies before the change."""
    joined: list[Window] = []
    for window in sorted(windows, key=lambda window: (window.start, window.end)):
        start = max(0, window.start)
        if window.end <= start:
            continue
        if joined and start <= joined[-1].end:
            joined[-1] = Window(joined[-1].start, max(joined[-1].end, window.end))
        else:
            joined.append(Window(start, window.end))
    return tuple(joined)


class Timeline:
    """A situation as windows and moments, in seconds since the change."""

    def __init__(self, situation: Situation):
        self._zero = situation.changed_at
        around = situation.surroundings
        cloud, device = situation.cloud, situation.device
        self._rates = [
            (Window(self.second(it.since), self._end(it.until)), it.bits) for it in around.traffic if it.bits
        ]
        self.cloud_starts = (Window(0),) if cloud.effect_immediately else self._traffic(situation, End.CLOUD)
        self.device_starts: tuple[Window, ...] = ()
        if device and device.starts != Start.NEVER:
            itself = device.starts == Start.ITSELF
            self.device_starts = (Window(0),) if itself else self._traffic(situation, End.DEVICE)
        self.outages = _joined(Window(self.second(it.since), self._end(it.until)) for it in around.outages)
        # A message that cannot be delivered arrives when the line is back.
        self.deletes = sorted(self._delivered(self.second(moment)) for moment in around.deletes)

    def second(self, moment: datetime) -> int:
        """Whole seconds since the change."""
        return (moment - self._zero) // SECOND

    def _end(self, moment: datetime | None) -> float:
        return NEVER if moment is None else self.second(moment)

    def _traffic(self, situation: Situation, sender: End) -> tuple[Window, ...]:
        # Traffic that is sent once lasts a second.
        return _joined(
            Window(self.second(it.since), self._end(it.until) + 1)
            for it in situation.surroundings.traffic
            if it.sender == sender
        )

    def _delivered(self, moment: float) -> float:
        return next((outage.end for outage in self.outages if outage.holds(moment)), moment)

    def is_cut(self, moment: float) -> bool:
        return any(outage.holds(moment) for outage in self.outages)

    def starts(self, end: End, moment: float) -> bool:
        windows = self.cloud_starts if end == End.CLOUD else self.device_starts
        return any(window.holds(moment) for window in windows)

    def next_start(self, moment: float) -> float:
        """When somebody starts, this moment or later."""
        windows = (*self.cloud_starts, *self.device_starts)
        return min((max(moment, window.start) for window in windows if window.end > moment), default=NEVER)

    def starts_until(self, moment: float) -> float:
        """When nobody starts any more, if the traffic of this moment goes on."""
        for window in _joined((*self.cloud_starts, *self.device_starts)):
            if window.holds(moment):
                return window.end
        return moment

    def next_outage(self, moment: float) -> Window:
        """The outage that goes on at this moment, or the next one."""
        coming = (outage for outage in self.outages if outage.end > moment)
        return next((Window(max(outage.start, moment), outage.end) for outage in coming), Window(NEVER))

    def bits_at(self, moment: float) -> int:
        """Traffic of both ends at a moment, in bit/s."""
        return sum(bits for window, bits in self._rates if window.holds(moment))

    def next_traffic_change(self, moment: float) -> float:
        edges = (edge for window, _bits in self._rates for edge in (window.start, window.end))
        return min((edge for edge in edges if edge > moment), default=NEVER)

    def next_delete(self, moment: float) -> float:
        return next((delete for delete in self.deletes if delete >= moment), NEVER)

    def changes_after(self, moment: float) -> list[float]:
        """Moments at which an attempt may begin to end differently."""
        windows = (*self.cloud_starts, *self.device_starts, *self.outages)
        edges = {edge for window in windows for edge in (window.start, window.end)}
        return sorted(edge for edge in edges if moment < edge < NEVER)
