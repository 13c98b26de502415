"""Stretches of time: states and happenings that recur, found by arithmetic, however long the stretch is.

All moments are whole seconds since the change.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from connections.domain.choices import NegotiationStatus
from connections.negotiation.codes import Code
from connections.negotiation.sides import Part
from connections.negotiation.timeline import NEVER


@dataclass(frozen=True, slots=True)
class State:
    """What is true of a tunnel for a while. The row is blank while a negotiation is under way."""

    row: str
    status: NegotiationStatus
    part: Part | None = None
    # Up, but nothing passes.
    is_cut: bool = False
    # Up, but the answers to the health check's probes are lost.
    loses_probes: bool = False

    @property
    def is_up(self) -> bool:
        return self.status == NegotiationStatus.IPSEC_UP


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on, in seconds after the origin of its stretch, the state is this. `says` names lines of the logs."""

    at: float
    state: State
    says: tuple[str, ...] = ()
    # The code that the cloud reports at this moment.
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """What happens every so many seconds, for the first time at `at`, without a change of state."""

    at: float
    every: float
    says: tuple[str, ...]
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """What happens at a moment, and in which state."""

    at: int
    state: State
    says: tuple[str, ...]
    code: Code | None


def last(first: float, every: float, moment: float) -> float:
    """The last time, at or before a moment, of something that recurs from `first` on; -NEVER if there is none."""
    if moment < first:
        return -NEVER
    return first if every == NEVER else first + (moment - first) // every * every


def upcoming(first: float, every: float, moment: float) -> float:
    """The next time, at or after a moment, of something that recurs."""
    if first >= moment:
        return first
    return NEVER if every == NEVER else first - (first - moment) // every * every


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to before `end`, steps recur every `period` seconds, counted from `origin`."""

    start: float
    end: float
    steps: tuple[Step, ...]
    origin: float
    period: float = NEVER
    beats: tuple[Beat, ...] = ()

    def cut(self, start: float, end: float) -> "Stretch | None":
        """The part of this stretch in an interval."""
        start, end = max(start, self.start), min(end, self.end)
        return replace(self, start=start, end=end) if start < end else None

    def state_at(self, moment: float) -> State:
        """The state at a moment of this stretch. A step at the origin comes first."""
        return max(self.steps, key=lambda step: last(self.origin + step.at, self.period, moment)).state

    def _recurring(self) -> Iterator[tuple[float, float, tuple[str, ...], Code | None]]:
        for step in self.steps:
            yield self.origin + step.at, self.period, step.says, step.code
        for beat in self.beats:
            yield self.origin + beat.at, beat.every, beat.says, beat.code

    def happenings(self, start: float, end: float) -> list[Happening]:
        """What happens in an interval, in order. Its cost grows with their number, not with their distance."""
        start, end = max(start, self.start), min(end, self.end)
        found = []
        for first, every, says, code in self._recurring():
            moment = upcoming(first, every, start)
            while (says or code) and moment < end:
                found.append(Happening(int(moment), self.state_at(moment), says, code))
                moment = NEVER if every == NEVER else moment + every
        return sorted(found, key=lambda happening: happening.at)

    def last_of(self, moment: float, *, says: str = "", code: bool = False) -> tuple[float, Code | None] | None:
        """The last time, at or before a moment, that the logs say this, or that any code is reported."""
        moment = min(moment, self.end - 1)
        found = [
            (time, its_code)
            for first, every, words, its_code in self._recurring()
            if (says in words or (code and its_code)) and (time := last(first, every, moment)) >= self.start
        ]
        return max(found, key=lambda pair: pair[0], default=None)

    def next_of(self, moment: float, says: str) -> float:
        """The next time after a moment that the logs say this."""
        after = max(moment + 1, self.start)
        times = (upcoming(first, every, after) for first, every, words, _ in self._recurring() if says in words)
        time = min(times, default=NEVER)
        return time if time < self.end else NEVER

    def next_code(self, moment: float, besides: Code | None) -> float:
        """The next time after a moment that the cloud reports a code other than `besides`."""
        after = max(moment + 1, self.start)
        times = (
            upcoming(first, every, after) for first, every, _, code in self._recurring() if code not in (None, besides)
        )
        time = min(times, default=NEVER)
        return time if time < self.end else NEVER

    def changes_after(self, moment: float) -> Iterator[tuple[float, State]]:
        """The next moments at which a step begins, in order, until all have recurred once."""
        after = max(moment + 1, self.start)
        times = sorted((upcoming(self.origin + step.at, self.period, after), step.at, step) for step in self.steps)
        return ((time, step.state) for time, _, step in times if time < self.end)


def once(start: float, end: float, *steps: Step) -> Stretch:
    """A stretch in which nothing recurs."""
    return Stretch(start, end, steps, origin=start)
