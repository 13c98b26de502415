"""Attempts that end alike again and again: refused, not answered, or never heard by the cloud. [P153]"""

from dataclasses import dataclass, replace

from connections.domain.choices import NegotiationStatus
from connections.negotiation.codes import Code
from connections.negotiation.decisions import Decision, Ending, Verdict
from connections.negotiation.pair import Pair
from connections.negotiation.stretches import State, Step, Stretch, last, once, upcoming
from connections.negotiation.timeline import NEVER

# Seconds. All are choices of this project.
PHASE_1, PHASE_2 = 1, 2
RETRY = 30
RETRANSMITS = (4, 11, 24, 47)
WAITING = 30
GIVEN_UP = 60


@dataclass(frozen=True, slots=True)
class Attempt:
    """A negotiation: the sides, the row that decides, and whether the line is cut."""

    pair: Pair
    decision: Decision
    is_cut: bool

    @property
    def verdict(self) -> Verdict:
        return self.decision.verdict(self.pair.part)

    @property
    def begins(self) -> tuple[str]:
        """What the logs say of the first message, which may reach nobody."""
        is_refused = self.verdict.ending in (Ending.REFUSED_1, Ending.REFUSED_2)
        is_lost = self.decision.row == "C1" or (self.decision.row in ("C2", "C3") and not is_refused)
        return ("call" if is_lost else "start",)

    def ends_like(self, other: "Attempt") -> bool:
        return (self.decision.row, self.pair.part, self.is_cut) == (other.decision.row, other.pair.part, other.is_cut)


@dataclass(frozen=True, slots=True)
class Cycle:
    """Attempts that end alike: the first seconds, what recurs, when packets are sent, and how long an attempt takes."""

    lead: tuple[Stretch, ...]
    recurring: Stretch
    packets: tuple[float, ...]
    length: float

    def begun(self, moment: float) -> float:
        """When the attempt of a moment began."""
        return last(self.recurring.origin, self.recurring.period, moment)

    def next_packet(self, moment: float) -> float:
        """When the next packet is sent, at this moment or later."""
        origin, period = self.recurring.origin, self.recurring.period
        return min(upcoming(origin + packet, period, moment) for packet in self.packets)

    def next_attempt(self, moment: float) -> float:
        """When the next attempt begins, at this moment or later."""
        return upcoming(self.recurring.origin, self.recurring.period, moment)


def cycle_of(attempt: Attempt, start: float, state: State) -> Cycle:
    """The attempts from `start` on that end like this one, in this state."""
    match attempt.verdict.ending:
        case Ending.REFUSED_1:
            return _refused_in_phase_1(attempt, start, state)
        case Ending.REFUSED_2:
            return _refused_in_phase_2(attempt, start, state)
    return _not_answered(attempt, start, state)


def _trying(attempt: Attempt) -> Step:
    """The beginning of a first attempt, of which nobody knows yet how it ends."""
    return Step(0, State("", NegotiationStatus.IKE_DOWN, attempt.pair.part), attempt.begins)


def _phase_1_up(attempt: Attempt) -> Step:
    return Step(PHASE_1, State("", NegotiationStatus.IKE_UP, attempt.pair.part), ("phase1",))


def _refused_in_phase_1(attempt: Attempt, start: float, state: State) -> Cycle:
    refused = Step(PHASE_1, state, (attempt.decision.row,), attempt.verdict.code)
    recurring = Stretch(start, NEVER, (Step(0, state, attempt.begins), refused), start, PHASE_1 + RETRY)
    return Cycle((once(start, start + PHASE_1, _trying(attempt)),), recurring, (0,), PHASE_1 + 1)


def _refused_in_phase_2(attempt: Attempt, start: float, state: State) -> Cycle:
    """Phase 1 stays, and only phase 2 is tried again."""
    refused = Step(PHASE_2, state, (attempt.decision.row,), attempt.verdict.code)
    recurring = Stretch(start, NEVER, (Step(0, state), refused), start, RETRY)
    lead = once(start, start + PHASE_2, _trying(attempt), _phase_1_up(attempt))
    return Cycle((lead,), recurring, (PHASE_2,), PHASE_2 + 1)


def _not_answered(attempt: Attempt, start: float, state: State) -> Cycle:
    """Silence in either phase, or an attempt of the device that does not reach the cloud."""
    steps = _silence(attempt, state)
    recurring = Stretch(start, NEVER, steps, start, GIVEN_UP + RETRY)
    lead: tuple[Stretch, ...] = ()
    if attempt.verdict.ending == Ending.SILENT_1:
        lead = (once(start, start + RETRANSMITS[0], _trying(attempt)),)
    elif attempt.verdict.ending == Ending.SILENT_2:
        phase_1 = _phase_1_up(attempt)
        waiting = [replace(step, state=phase_1.state) for step in steps if 0 < step.at < GIVEN_UP]
        lead = (once(start, start + GIVEN_UP, _trying(attempt), phase_1, *waiting),)
    return Cycle(lead, recurring, (0, *RETRANSMITS), GIVEN_UP + 1)


def _silence(attempt: Attempt, state: State) -> tuple[Step, ...]:
    """An attempt without an answer: retransmits, then it is given up."""
    # What the cloud does not notice has no code.
    given_up = None if attempt.verdict.ending == Ending.NOTHING else attempt.verdict.code
    on_retransmit = given_up if given_up == Code.NO_RESPONSE else None
    if on_retransmit and attempt.pair.is_v1:
        given_up = Code.PHASE_1_NEGOTIATION_TIMEOUT
    steps = [Step(0, state, attempt.begins)]
    steps += [Step(at, state, (f"retransmit {count}",), on_retransmit) for count, at in enumerate(RETRANSMITS, start=1)]
    if on_retransmit and attempt.pair.is_v1 and not attempt.pair.cloud.effect_immediately:
        # Traffic asked for phase 2 and waits in vain for phase 1.
        steps.append(Step(WAITING, state, ("waiting",), Code.NEGOTIATION_FAILED))
    steps.append(Step(GIVEN_UP, state, ("given up", attempt.decision.row), given_up))
    return tuple(sorted(steps, key=lambda step: step.at))
