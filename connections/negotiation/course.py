"""How a tunnel fares over time, as a function of its situation: attempts, retries, rekeys, outages, resets. [P153]

A course is a sequence of stretches. Whatever recurs is one stretch, however often it recurs, so a course is as quick
to ask about next year as about the next second.
"""

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256

from connections.domain.choices import NegotiationStatus
from connections.negotiation import remarks
from connections.negotiation.attempts import PHASE_1, PHASE_2, Attempt, Cycle, cycle_of
from connections.negotiation.codes import Code
from connections.negotiation.decisions import Ending, decide, part_of
from connections.negotiation.health import fault
from connections.negotiation.pair import Pair, unlimited_last
from connections.negotiation.plans import DPD, GONE, Plan, Planner, deleted
from connections.negotiation.sides import End, Part, Situation
from connections.negotiation.stretches import State, Step, Stretch, Stretches, once
from connections.negotiation.timeline import NEVER, Timeline

IKE_DOWN, IKE_UP, IPSEC_UP = NegotiationStatus.IKE_DOWN, NegotiationStatus.IKE_UP, NegotiationStatus.IPSEC_UP


class Course(Stretches):
    """How a tunnel fares in a situation, from the change on."""

    def __init__(self, situation: Situation):
        self.situation = situation
        self.timeline = Timeline(situation)
        self._has_reset = False
        self._pairs: dict[Part | None, Pair] = {}
        self.stretches = tuple(self._stretches())

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
            yield once(0, NEVER, Step(0, idle))
            return
        while moment < NEVER:
            start = self.timeline.next_start(moment)
            if start > moment:
                state = state or idle
                yield once(moment, start, Step(0, state))
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
        cycle = cycle_of(attempt, start, state)
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
                if not following.ends_like(attempt):
                    return moment, following
        return NEVER, None

    def _up(self, start: float, attempt: Attempt) -> Generator[Stretch, None, float]:
        """A tunnel that comes up, until it is gone; returns when somebody may start again."""
        pair, part, around = attempt.pair, attempt.pair.part, self.situation.surroundings
        warnings = {remark.row: remark.code for remark in remarks.remarks_on(pair, around) if remark.code}
        yield once(
            start,
            start + PHASE_2,
            Step(0, State("", IKE_DOWN, part), ("start",)),
            Step(
                PHASE_1,
                State("", IKE_UP, part),
                ("phase1", "I1") if "I1" in warnings else ("phase1",),
                warnings.get("I1"),
            ),
        )
        since = up = start + PHASE_2
        planner = Planner(pair, around, self.timeline)
        plan = planner.plan(up)
        while True:
            outage = self.timeline.next_outage(since)
            delete = self.timeline.next_delete(since)
            reset = self._health_reset(up, pair)
            cut = min(outage.start, delete, reset, plan.end)
            yield from plan.between(since, cut)
            if cut == NEVER:
                return NEVER
            ends = {
                delete: deleted("U11", part),
                reset: Step(0, State(fault(pair, around), IKE_DOWN, part), ("reset",)),
                **({plan.end: plan.gone} if plan.gone else {}),
            }
            if cut in ends:
                self._has_reset |= cut == reset
                return (yield from self._gone(cut, ends[cut]))
            if not plan.state_at(cut).is_up:
                return cut
            if cut == plan.end:
                since, plan = cut, planner.plan(cut, resumes=True)
                continue
            killed, step = self._killed(cut, plan, pair)
            row = plan.state_at(cut).row if self.situation.cloud.enable_dpd else "U8"
            yield once(cut, min(killed, outage.end), Step(0, State(row, IPSEC_UP, part, is_cut=True)))
            if killed < outage.end:
                return (yield from self._gone(killed, step))
            if outage.end == NEVER:
                return NEVER
            since = outage.end

    @staticmethod
    def _gone(moment: float, step: Step) -> Generator[Stretch, None, float]:
        """The second in which the tunnel is lost."""
        yield once(moment, moment + GONE, step)
        return moment + GONE

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

    @cached_property
    def first_try(self) -> float:
        """The second from which a first try has ended: phase 1 is up, or a code is reported; NEVER if nobody tries."""
        return min(self.next_code(-1, None), self.next_said(-1, "phase1"))

    def status_at(self, second: float, *, was_tried: bool = False) -> NegotiationStatus:
        """The status that users see. `was_tried`: the settings before these have failed."""
        status = self.state_at(second).status
        is_untried = status == IKE_DOWN and not was_tried and second < self.first_try
        return NegotiationStatus.UNTRIED if is_untried else status

    def second(self, moment: datetime) -> int:
        """Whole seconds from the change to a moment."""
        return self.timeline.second(moment)

    def moment(self, second: float) -> datetime | None:
        return None if second == NEVER else self.situation.changed_at + timedelta(seconds=second)

    def pair_at(self, second: float) -> Pair | None:
        """Both sides, with the cloud's part of this second; None without a device."""
        return self.pair(self.state_at(second).part)

    def pair(self, part: Part | None) -> Pair | None:
        """Both sides, with the cloud in this part; None without a device."""
        return None if self.situation.device is None else self._pair(part)

    def _pair(self, part: Part | None) -> Pair:
        # One for each part, so that what a pair has worked out is worked out once.
        if part not in self._pairs:
            self._pairs[part] = Pair(self.situation.cloud, self.situation.device, part)
        return self._pairs[part]

    def spis(self, second: float) -> tuple[int, int]:
        """The SPIs of the cloud's SAs, inwards and outwards: derived, not random."""
        made = self.last_said(second, "phase2", "rekey")
        text = f"{self.situation.tunnel_id} {self.situation.changed_at.isoformat()} {made}"
        digest = sha256(text.encode()).digest()
        # SPIs below 256 are reserved (RFC 4303).
        return int.from_bytes(digest[:4], "big") | 256, int.from_bytes(digest[4:8], "big") | 256
