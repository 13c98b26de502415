"""How a tunnel fares over time, as a function of its situation: attempts, retries, rekeys, outages, resets. [P153]

A course is a sequence of stretches. Whatever recurs is one stretch, however often it recurs, so a course is as quick
to ask about next year as about the next second.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from connections.domain.choices import NegotiationStatus
from connections.negotiation import remarks
from connections.negotiation.codes import Code
from connections.negotiation.decisions import Decision, Ending, Pair, Verdict, decide, part_of, unlimited_last
from connections.negotiation.health import fault
from connections.negotiation.sides import End, Part, Situation
from connections.negotiation.stretches import Beat, Happening, State, Step, Stretch, last, upcoming
from connections.negotiation.timeline import NEVER, Timeline

# Seconds. DPD is the product's [P154]; the others are choices of this project.
PHASE_1, PHASE_2 = 1, 2
RETRY = 30
RETRANSMITS = (4, 11, 24, 47)
WAITING = 30
GIVEN_UP = 60
DPD = 30
REKEY_AGAIN = 12
TURN = 60
GONE = 1

Answer = TypeVar("Answer")

IKE_DOWN, IKE_UP = NegotiationStatus.IKE_DOWN, NegotiationStatus.IKE_UP
IPSEC_DOWN, IPSEC_UP = NegotiationStatus.IPSEC_DOWN, NegotiationStatus.IPSEC_UP


@dataclass(frozen=True, slots=True)
class Attempt:
    """A negotiation: the sides, the row that decides, and how it ends for the cloud."""

    pair: Pair
    decision: Decision
    is_cut: bool

    @property
    def verdict(self) -> Verdict:
        return self.decision.verdict(self.pair.part)

    @property
    def start(self) -> tuple[str]:
        """What the logs say of the first message, which may reach nobody."""
        is_lost = self.decision.row == "C1" or (self.decision.row in ("C2", "C3") and not self.is_refused)
        return ("call" if is_lost else "start",)

    @property
    def is_refused(self) -> bool:
        return self.verdict.ending in (Ending.REFUSED_1, Ending.REFUSED_2)

    @property
    def outcome(self) -> tuple:
        """What two attempts have in common if nothing has changed between them."""
        return self.decision.row, self.pair.part, self.is_cut


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


@dataclass(frozen=True, slots=True)
class Plan:
    """How an established tunnel fares if nothing interferes, until it ends in a way of its own."""

    stretches: tuple[Stretch, ...]
    end: float = NEVER
    gone: Step | None = None

    def between(self, start: float, end: float) -> Iterator[Stretch]:
        return (part for stretch in self.stretches if (part := stretch.cut(start, end)))

    def state_at(self, moment: float) -> State:
        return next(stretch for stretch in reversed(self.stretches) if stretch.start <= moment).state_at(moment)

    def sa_made(self, moment: float) -> float:
        """When the SA of this moment was made."""
        made = (stretch.last_of(moment, says=says) for stretch in self.stretches for says in ("phase2", "rekey"))
        return max((time for time, _ in filter(None, made)), default=self.stretches[0].start)


def _once(start: float, end: float, *steps: Step) -> Stretch:
    return Stretch(start, end, steps, origin=start)


class Course:
    """How a tunnel fares in a situation."""

    def __init__(self, situation: Situation):
        self.situation = situation
        self.timeline = Timeline(situation)
        self._has_reset = False
        self._pairs: dict[Part | None, Pair] = {}
        self.stretches = tuple(self._stretches())

    # How it is made.

    def _attempt(self, moment: float, begun: float) -> Attempt:
        """The attempt that began then, with the line as it is at this moment."""
        cloud, device, timeline = self.situation.cloud, self.situation.device, self.timeline
        is_cut = timeline.is_cut(moment)
        cloud_starts = timeline.starts(End.CLOUD, begun)
        device_starts = timeline.starts(End.DEVICE, begun) or timeline.starts(End.DEVICE, moment)
        if is_cut:
            part = Part.INITIATOR if cloud_starts else Part.RESPONDER if device_starts else None
            pair = Pair(cloud, None, part)
        else:
            pair = self._pair(part_of(cloud, device, cloud_starts, device_starts))
        return Attempt(pair, decide(pair), is_cut)

    def _stretches(self) -> Iterator[Stretch]:
        moment: float = 0
        state: State | None = None
        idle = State(decide(Pair(self.situation.cloud, self.situation.device, None)).row, IKE_DOWN)
        if idle.row == "A1":
            yield _once(0, NEVER, Step(0, idle))
            return
        while moment < NEVER:
            start = self.timeline.next_start(moment)
            if start > moment:
                state = state or idle
                yield _once(moment, start, Step(0, state))
                moment = start
                continue
            attempt: Attempt | None = self._attempt(moment, moment)
            while attempt:
                if attempt.verdict.ending == Ending.UP:
                    moment = yield from self._up(moment, attempt)
                    state = attempt = None
                else:
                    state, moment, attempt = yield from self._failing(moment, attempt, state)

    def _failing(
        self, start: float, attempt: Attempt, before: State | None
    ) -> Generator[Stretch, None, tuple[State, float, Attempt | None]]:
        """Attempts that end in the same way again and again.

        Returns the state, when that ends, and the attempt that ends differently; None if nobody starts any more.
        """
        state = State(attempt.decision.row, attempt.verdict.ending.status, attempt.pair.part)
        cycle = self._cycle(start, attempt, state)
        begin = start
        if before != state:
            yield from cycle.lead
            begin = max((stretch.end for stretch in cycle.lead), default=start)
        end, following = self._differing(attempt, cycle)
        if recurring := cycle.recurring.cut(begin, end):
            yield recurring
        return state, max(begin, end), following

    def _differing(self, attempt: Attempt, cycle: Cycle) -> tuple[float, Attempt | None]:
        """When and how an attempt first ends differently; NEVER if they all end alike."""
        for edge in self.timeline.changes_after(cycle.recurring.start):
            device_begins = self.timeline.starts(End.DEVICE, edge) and not self.timeline.starts(End.DEVICE, edge - 1)
            for moment in (edge if device_begins else cycle.next_packet(edge), cycle.next_attempt(edge)):
                following = self._attempt(moment, cycle.begun(moment))
                if following.pair.part is None:
                    # Nobody starts any more; the attempt under way is completed.
                    return max(edge, cycle.begun(edge) + cycle.length), None
                if following.outcome != attempt.outcome:
                    return moment, following
        return NEVER, None

    def _cycle(self, start: float, attempt: Attempt, state: State) -> Cycle:
        """The attempts that end like this one."""
        row, code, part = attempt.decision.row, attempt.verdict.code, attempt.pair.part
        begin = Step(0, State("", IKE_DOWN, part), attempt.start)
        phase_1 = Step(PHASE_1, State("", IKE_UP, part), ("phase1",))
        match attempt.verdict.ending:
            case Ending.REFUSED_1:
                steps = (Step(0, state, attempt.start), Step(PHASE_1, state, (row,), code))
                recurring = Stretch(start, NEVER, steps, start, PHASE_1 + RETRY)
                return Cycle((_once(start, start + PHASE_1, begin),), recurring, (0,), PHASE_1 + 1)
            case Ending.REFUSED_2:
                # Phase 1 stays, and only phase 2 is tried again.
                steps = (Step(0, state), Step(PHASE_2, state, (row,), code))
                recurring = Stretch(start, NEVER, steps, start, RETRY)
                return Cycle((_once(start, start + PHASE_2, begin, phase_1),), recurring, (PHASE_2,), PHASE_2 + 1)
        steps = self._silence(attempt, state) if part else (Step(0, state),)
        recurring = Stretch(start, NEVER, steps, start, GIVEN_UP + RETRY)
        lead: tuple[Stretch, ...] = ()
        if attempt.verdict.ending == Ending.SILENT_1:
            lead = (_once(start, start + RETRANSMITS[0], begin),)
        elif attempt.verdict.ending == Ending.SILENT_2:
            waiting = [replace(step, state=phase_1.state) for step in steps if 0 < step.at < GIVEN_UP]
            lead = (_once(start, start + GIVEN_UP, begin, phase_1, *waiting),)
        return Cycle(lead, recurring, (0, *RETRANSMITS), GIVEN_UP + 1)

    def _silence(self, attempt: Attempt, state: State) -> tuple[Step, ...]:
        """An attempt without an answer: retransmits, then it is given up."""
        code = attempt.verdict.code
        is_heard = attempt.verdict.ending != Ending.NOTHING
        on_retransmit = code if is_heard and code == Code.NO_RESPONSE else None
        given_up = code if is_heard else None
        if on_retransmit and attempt.pair.is_v1:
            given_up = Code.PHASE_1_NEGOTIATION_TIMEOUT
        steps = [Step(0, state, attempt.start)]
        steps += [
            Step(at, state, (f"retransmit {count}",), on_retransmit) for count, at in enumerate(RETRANSMITS, start=1)
        ]
        if on_retransmit and attempt.pair.is_v1 and not self.situation.cloud.effect_immediately:
            # Traffic asked for phase 2 and waits in vain for phase 1.
            steps.append(Step(WAITING, state, ("waiting",), Code.NEGOTIATION_FAILED))
        steps.append(Step(GIVEN_UP, state, ("given up", attempt.decision.row), given_up))
        return tuple(sorted(steps, key=lambda step: step.at))

    def _up(self, start: float, attempt: Attempt) -> Generator[Stretch, None, float]:
        """A tunnel that comes up, until it is gone; returns when somebody may start again."""
        pair, part = attempt.pair, attempt.pair.part
        codes = {remark.row: remark.code for remark in remarks.remarks_on(pair, self.situation.surroundings)}
        warns = {row for row, code in codes.items() if code}
        phase_1 = ("phase1", *(("I1",) if "I1" in warns else ()))
        yield _once(
            start,
            start + PHASE_2,
            Step(0, State("", IKE_DOWN, part), ("start",)),
            Step(PHASE_1, State("", IKE_UP, part), phase_1, codes.get("I1")),
        )
        since = up = start + PHASE_2
        plan = self._plan(up, pair, "U5" in warns)
        while True:
            outage = self.timeline.next_outage(since)
            delete = self.timeline.next_delete(since)
            reset = self._health_reset(up, pair)
            cut = min(outage.start, delete, reset, plan.end)
            yield from plan.between(since, cut)
            if cut == NEVER:
                return NEVER
            if cut == plan.end and plan.gone:
                return (yield from self._gone(cut, plan.gone))
            if cut == reset:
                self._has_reset = True
                row = fault(pair, self.situation.surroundings) or ""
                return (yield from self._gone(cut, Step(0, State(row, IKE_DOWN, part), ("reset",))))
            if cut == delete:
                return (yield from self._gone(cut, self._deleted("U11", part)))
            if not plan.state_at(cut).is_up:
                return cut
            killed, step = self._killed(cut, plan, pair)
            row = plan.state_at(cut).row if self.situation.cloud.enable_dpd else "U8"
            if cut < (end := min(killed, outage.end)):
                yield _once(cut, end, Step(0, State(row, IPSEC_UP, part, is_cut=True)))
            if killed < outage.end:
                return (yield from self._gone(killed, step))
            if outage.end == NEVER:
                return NEVER
            since = outage.end

    @staticmethod
    def _gone(moment: float, step: Step) -> Generator[Stretch, None, float]:
        """The second in which the tunnel is lost."""
        yield _once(moment, moment + GONE, step)
        return moment + GONE

    @staticmethod
    def _deleted(row: str, part: Part | None, at: float = 0) -> Step:
        return Step(at, State(row, IKE_DOWN, part), ("U11",), Code.RECEIVE_DELETE_NOTIFY)

    def _health_reset(self, up: float, pair: Pair) -> float:
        """When the failing health check resets the tunnel, which it does once."""
        check = self.situation.cloud.health_check
        row = check and fault(pair, self.situation.surroundings)
        return NEVER if not check or not row or row == "W7" or self._has_reset else up + check.reset_after

    def _killed(self, cut: float, plan: Plan, pair: Pair) -> tuple[float, Step]:
        """When and how the cloud gives up a tunnel in which nothing passes any more."""
        cloud, part = self.situation.cloud, pair.part
        ends: list[tuple[float, Step]] = [
            (
                max(cut + 1, plan.sa_made(cut) + unlimited_last(cloud.ipsec_lifetime)),
                Step(0, State("U8", IKE_DOWN, part), ("expired",)),
            )
        ]
        if cloud.enable_dpd:
            ends.append((cut + DPD, Step(0, State("U9", IKE_DOWN, part), ("U9",), Code.DPD_TIMEOUT)))
        if cloud.health_check and not fault(pair, self.situation.surroundings):
            ends.append((cut + cloud.health_check.reset_after, Step(0, State("W3", IKE_DOWN, part), ("reset",))))
        return min(ends, key=lambda end: end[0])

    def _plan(self, up: float, pair: Pair, is_long: bool) -> Plan:
        """How the tunnel fares after phase 2 is up."""
        part, turns = pair.part, self.situation.surroundings.turns
        state = State("N1", IPSEC_UP, part)
        established = Step(
            0, state, ("phase2", *(("U5",) if is_long else ())), Code.LIFETIME_MISMATCH if is_long else None
        )
        if turns and turns.count > 1:
            return self._taking_turns(up, part)
        if remarks.dpd_fails(pair):
            step = Step(DPD, State("U10", IKE_DOWN, part), ("U10",), Code.DPD_HASH_NOTIFY_COMPATIBILITY)
            return self._dropping(up, established, step)
        if drop := self._drop(pair):
            row, after = drop
            return self._dropping(up, established, self._deleted(row, part, after))
        check = self.situation.cloud.health_check
        if check and fault(pair, self.situation.surroundings) == "W7":
            lossy = State("N1", IPSEC_UP, part, loses_probes=True)
            step = Step(2 * check.reset_after, State("W7", IKE_DOWN, part), ("reset",))
            return self._dropping(up, established, step, Step(check.reset_after, lossy))
        soft, hard = self._lifetimes(pair, "ipsec_lifetime")
        beats = self._rekeys(pair, up)
        if remarks.changes_late(pair) and soft < NEVER:
            return self._failing_late(up, established, soft, hard)
        return Plan((Stretch(up, NEVER, (established,), up, beats=beats),))

    @staticmethod
    def _lifetimes(pair: Pair, name: str) -> tuple[float, float]:
        """When the SA of a phase is renewed, and when it ends, in seconds after it was made."""
        hard = min(unlimited_last(getattr(pair.cloud, name)), unlimited_last(getattr(pair.device, name)))
        return (NEVER, NEVER) if hard == NEVER else (max(1, hard * 9 // 10), max(2, hard))

    def _rekeys(self, pair: Pair, up: float) -> tuple[Beat, ...]:
        """Renewals of both phases; counted from when phase 2 is up, the second by which phase 1 is older is ignored."""
        phases = (("ipsec_lifetime", "rekey"), ("ike_lifetime", "rekey phase1"))
        softs = ((self._lifetimes(pair, name)[0], says) for name, says in phases)
        return tuple(Beat(soft, soft, (says,)) for soft, says in softs if soft < NEVER)

    def _drop(self, pair: Pair) -> tuple[str, float] | None:
        """The row by which the device ends its SA by itself, and after how many seconds; None if it does not."""
        device, drops = pair.device, []
        bits = sum(traffic.bits for traffic in self.situation.surroundings.traffic)
        if device.ipsec_kilobytes and bits:
            drops.append((max(1, device.ipsec_kilobytes * 1024 * 8 // bits), "U6"))
        for name in remarks.LIFETIMES:
            theirs, ours = getattr(device, name), unlimited_last(getattr(pair.cloud, name))
            if theirs and not device.rekeys and theirs <= ours * 0.9:
                drops.append((theirs, "U5"))
        return min(((row, after) for after, row in drops), key=lambda drop: drop[1], default=None)

    def _dropping(self, up: float, established: Step, gone: Step, *between: Step) -> Plan:
        """A tunnel that comes up and is lost again and again, for as long as somebody starts."""
        pause = 0 if gone.code == Code.DPD_HASH_NOTIFY_COMPATIBILITY or "reset" in gone.says else RETRY
        part, again = established.state.part, gone.at + GONE + pause
        steps = (
            established,
            *between,
            gone,
            Step(again, State("", IKE_DOWN, part), ("start",)),
            Step(again + PHASE_1, State("", IKE_UP, part), ("phase1",)),
        )
        period = again + PHASE_2
        end = upcoming(up + gone.at, period, self.timeline.starts_until(up))
        stretch = Stretch(up, end, steps, up, period)
        final = Step(0, gone.state, gone.says, gone.code)
        return Plan((stretch,), end, final)

    def _taking_turns(self, up: float, part: Part | None) -> Plan:
        """A tunnel that is up for a minute while its siblings are down."""
        turns = self.situation.surroundings.turns
        if turns is None:
            raise ValueError("no turns are taken")
        period = TURN * turns.count
        # The origin is not after the beginning, so that everything has a turn before.
        origin = self.timeline.second(turns.since) + turns.index * TURN
        origin -= (max(0, origin - int(up)) // period + 1) * period
        steps = (
            Step(0, State("U4", IPSEC_UP, part), ("phase2",)),
            Step(TURN, State("U4", IPSEC_DOWN, part), ("U11",), Code.RECEIVE_DELETE_NOTIFY),
        )
        return Plan((Stretch(up, NEVER, steps, origin, period),))

    def _failing_late(self, up: float, established: Step, soft: float, hard: float) -> Plan:
        """Fine until the first rekey; then every rekey is refused, and with its lifetime phase 2 ends for good."""
        part = established.state.part
        late, lost = State("U1", IPSEC_UP, part), State("U1", IPSEC_DOWN, part)
        refused = Beat(0, REKEY_AGAIN, ("U1",), Code.PFS_MISMATCH)
        again = Beat(RETRY, RETRY, ("U1",), Code.PFS_MISMATCH)
        return Plan(
            (
                Stretch(up, up + soft, (established,), up),
                Stretch(up + soft, up + hard, (Step(0, late),), up + soft, beats=(refused,)),
                Stretch(up + hard, NEVER, (Step(0, lost, ("expired",), Code.PFS_MISMATCH),), up + hard, beats=(again,)),
            )
        )

    # What can be asked.

    def second(self, moment: datetime) -> int:
        """Whole seconds from the change to a moment."""
        return self.timeline.second(moment)

    def moment(self, second: float) -> datetime | None:
        return None if second == NEVER else self.situation.changed_at + timedelta(seconds=second)

    def state_at(self, second: float) -> State:
        """The state at a second; before the change, that of a connection that is not ready."""
        for stretch in reversed(self.stretches):
            if stretch.start <= second:
                return stretch.state_at(second)
        return State("A1", IKE_DOWN)

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

    def spis(self, second: float) -> tuple[int, int]:
        """The SPIs of the cloud's SAs, inwards and outwards: derived, not random."""
        made = self.last_said(second, "phase2", "rekey")
        text = f"{self.situation.tunnel_id} {self.situation.changed_at.isoformat()} {made}"
        digest = sha256(text.encode()).digest()
        # SPIs below 256 are reserved (RFC 4303).
        return tuple(int.from_bytes(digest[at : at + 4], "big") | 256 for at in (0, 4))  # type: ignore[return-value]

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

    def pair_at(self, second: float) -> Pair | None:
        """Both sides, with the cloud's part of this second; None without a device."""
        return None if self.situation.device is None else self._pair(self.state_at(second).part)

    def _pair(self, part: Part | None) -> Pair:
        """Both sides. One for each part, so that what a pair has found out is found out once."""
        if part not in self._pairs:
            self._pairs[part] = Pair(self.situation.cloud, self.situation.device, part)
        return self._pairs[part]

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
