"""Stretches of time: states and happenings that recur, found by arithmetic, however long the stretch is.

All moments are whole seconds since the change.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from connections.domain.choices import NegotiationStatus
from connections.negotiation.codes import Code
from connections.negotiation.sides import Part
from connections.negotiation.timeline import NEVER

Answer = TypeVar("Answer")


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


class Stretches:
    """Stretches one after another, without gaps, the last one without an end; and what can be asked about them."""

    stretches: tuple[Stretch, ...]

    def state_at(self, second: float) -> State:
        """The state at a second; before the first stretch, that of a connection that is not ready."""
        for stretch in reversed(self.stretches):
            if stretch.start <= second:
                return stretch.state_at(second)
        return State("A1", NegotiationStatus.IKE_DOWN)

    def happenings(self, start: float, end: float) -> Iterator[Happening]:
        """What happens in an interval, in order."""
        return (happening for stretch in self.stretches for happening in stretch.happenings(start, end))

    def last_code(self, second: float) -> tuple[int, Code] | None:
        """The last time, at or before a second, that the cloud reported a code."""
        for stretch in reversed(self.stretches):
            if stretch.start <= second and (found := stretch.last_of(second, code=True)):
                time, code = found
                return (int(time), code) if code else None
        return None

    def last_said(self, second: float, *says: str) -> float:
        """The last time, at or before a second, that the logs say one of these; -NEVER if they do not."""
        for stretch in reversed(self.stretches):
            if stretch.start <= second:
                found = [time for name in says if (pair := stretch.last_of(second, says=name)) for time in pair[:1]]
                if found:
                    return max(found)
        return -NEVER

    def next_said(self, second: float, says: str) -> float:
        """The next time after a second that the logs say this."""
        for stretch in self.stretches:
            if stretch.end > second and (time := stretch.next_of(second, says)) < NEVER:
                return time
        return NEVER

    def next_code(self, second: float, besides: Code | None) -> float:
        """When the cloud next reports a code other than `besides`."""
        return min((stretch.next_code(second, besides) for stretch in self.stretches), default=NEVER)

    def code_fades(self, reported: float, shown: float) -> float:
        """When a code has not been reported for so many seconds; NEVER if it is repeated more often for good."""
        for stretch in self.stretches:
            if stretch.end <= reported:
                continue
            # As many occurrences as one period has at most tell whether there is a gap.
            for _count in range(16):
                following = stretch.next_code(reported, None)
                if following == NEVER:
                    break
                if following - reported > shown:
                    return reported + shown
                reported = following
            else:
                if stretch.end == NEVER:
                    return NEVER
                final = stretch.last_of(stretch.end, code=True)
                reported = final[0] if final else reported
        return reported + shown

    def next_change(self, second: float) -> float:
        """When the state changes next; NEVER if it stays."""
        state = self.state_at(second)
        for stretch in self.stretches:
            if stretch.end <= second:
                continue
            if stretch.start > second and stretch.state_at(stretch.start) != state:
                return stretch.start
            for time, other in stretch.changes_after(second):
                if other != state:
                    return time
        return NEVER

    def runs_back(self, second: float, answer: Callable[[State], Answer]) -> Iterator[tuple[Answer, float, float]]:
        """Answers about the state, from this second back to the change: each with its start and its end.

        Of a stretch that recurs, only the latest two periods are looked at.
        """
        answer_now, end, start = answer(self.state_at(second)), second + 1, second
        for time, state in self._states_back(second):
            if answer(state) != answer_now:
                yield answer_now, start, end
                answer_now, end = answer(state), start
            start = time
        yield answer_now, start, end

    def _states_back(self, second: float) -> Iterator[tuple[float, State]]:
        """States back to the change, each with the moment at which it began."""
        for stretch in reversed(self.stretches):
            if stretch.start > second:
                continue
            latest = min(second, stretch.end - 1)
            floor = stretch.start if stretch.period == NEVER else max(stretch.start, latest - 2 * stretch.period)
            yield from self._states_of(stretch, floor, latest)

    @staticmethod
    def _states_of(stretch: Stretch, floor: float, latest: float) -> Iterable[tuple[float, State]]:
        begun = {floor}
        for step in stretch.steps:
            time = upcoming(stretch.origin + step.at, stretch.period, floor)
            while time <= latest:
                begun.add(time)
                time = time + stretch.period
        return ((time, stretch.state_at(time)) for time in sorted(begun, reverse=True))
