"""How an established tunnel fares if nothing interferes: renewals, and what ends it by itself. [P153]"""

from collections.abc import Iterator
from dataclasses import dataclass

from connections.domain.choices import NegotiationStatus
from connections.negotiation import remarks
from connections.negotiation.attempts import PHASE_1, PHASE_2, RETRY
from connections.negotiation.codes import Code
from connections.negotiation.health import fault
from connections.negotiation.pair import Pair, unlimited_last
from connections.negotiation.sides import Part, Surroundings, Turns
from connections.negotiation.stretches import Beat, State, Step, Stretch, upcoming
from connections.negotiation.timeline import NEVER, Timeline

# Seconds. DPD is the product's [P154]; the others are choices of this project.
DPD = 30
REKEY_AGAIN = 12
TURN = 60
# How long a tunnel that was lost is shown as lost before anybody starts.
GONE = 1

IKE_DOWN, IKE_UP = NegotiationStatus.IKE_DOWN, NegotiationStatus.IKE_UP
IPSEC_DOWN, IPSEC_UP = NegotiationStatus.IPSEC_DOWN, NegotiationStatus.IPSEC_UP


@dataclass(frozen=True, slots=True)
class Plan:
    """Stretches, until the tunnel is gone at `end`; without `gone`, another plan follows then."""

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


def deleted(row: str, part: Part | None, at: float = 0) -> Step:
    """The device deletes its SAs and says so."""
    return Step(at, State(row, IKE_DOWN, part), ("U11",), Code.RECEIVE_DELETE_NOTIFY)


class Planner:
    """Makes plans for a pair of sides that has come to terms."""

    def __init__(self, pair: Pair, around: Surroundings, timeline: Timeline):
        self._pair = pair
        self._around = around
        self._timeline = timeline

    def plan(self, up: float, *, resumes: bool = False) -> Plan:
        """What comes after phase 2 is up. A plan that resumes follows another one, in the middle of an SA."""
        pair, check = self._pair, self._pair.cloud.health_check
        established = Step(0, State("N1", IPSEC_UP, pair.part)) if resumes else self._established()
        if self._around.turns:
            return self._taking_turns(up, self._around.turns)
        if remarks.dpd_fails(pair):
            step = Step(DPD, State("U10", IKE_DOWN, pair.part), ("U10",), Code.DPD_HASH_NOTIFY_COMPATIBILITY)
            return self._dropping(up, established, step, pause=0)
        if drop := self._drop(up):
            after, row = drop
            return self._until_traffic_changes(up, self._dropping(up, established, deleted(row, pair.part, after)))
        if check and fault(pair, self._around) == "W7":
            lossy = Step(check.reset_after, State("N1", IPSEC_UP, pair.part, loses_probes=True))
            step = Step(2 * check.reset_after, State("W7", IKE_DOWN, pair.part), ("reset",))
            return self._dropping(up, established, step, lossy, pause=0)
        soft, hard = self._lifetimes("ipsec_lifetime")
        if remarks.changes_late(pair) and soft < NEVER:
            return self._failing_late(up, established, soft, hard)
        stretch = Stretch(up, NEVER, (established,), up, beats=self._rekeys())
        return self._until_traffic_changes(up, Plan((stretch,)))

    def _established(self) -> Step:
        """Phase 2 is up, with the warning of row U5."""
        warnings = {remark.row: remark.code for remark in remarks.remarks_on(self._pair, self._around) if remark.code}
        says = ("phase2", "U5") if "U5" in warnings else ("phase2",)
        return Step(0, State("N1", IPSEC_UP, self._pair.part), says, warnings.get("U5"))

    def _lifetimes(self, name: str) -> tuple[float, float]:
        """When the SA of a phase is renewed, and when it ends, in seconds after it was made."""
        hard = min(unlimited_last(getattr(side, name)) for side in (self._pair.cloud, self._pair.device))
        return (NEVER, NEVER) if hard == NEVER else (max(1, hard * 9 // 10), max(2, hard))

    def _rekeys(self) -> tuple[Beat, ...]:
        """Renewals of both phases. Phase 1 counts from when phase 2 is up, too; it is a second older."""
        phases = (("ipsec_lifetime", "rekey"), ("ike_lifetime", "rekey phase1"))
        softs = ((self._lifetimes(name)[0], says) for name, says in phases)
        return tuple(Beat(soft, soft, (says,)) for soft, says in softs if soft < NEVER)

    def _drop(self, up: float) -> tuple[float, str] | None:
        """After how many seconds the device ends its SA by itself, and by which row; None if it does not."""
        device, drops = self._pair.device, []
        if device.ipsec_kilobytes and (bits := self._timeline.bits_at(up)):
            drops.append((max(1, device.ipsec_kilobytes * 1024 * 8 // bits), "U6"))
        for name in remarks.LIFETIMES:
            theirs, ours = getattr(device, name), unlimited_last(getattr(self._pair.cloud, name))
            if theirs and not device.rekeys and theirs <= ours * 0.9:
                drops.append((theirs, "U5"))
        return min(drops, default=None)

    def _until_traffic_changes(self, up: float, plan: Plan) -> Plan:
        """For a device that counts kilobytes, a plan holds only while the traffic is the same."""
        change = self._timeline.next_traffic_change(up) if self._pair.device.ipsec_kilobytes else NEVER
        return plan if plan.end <= change else Plan(plan.stretches, change)

    def _dropping(self, up: float, established: Step, gone: Step, *between: Step, pause: float = RETRY) -> Plan:
        """A tunnel that comes up and is lost again and again, for as long as somebody starts."""
        part, again = self._pair.part, gone.at + GONE + pause
        steps = (
            established,
            *between,
            gone,
            Step(again, State("", IKE_DOWN, part), ("start",)),
            Step(again + PHASE_1, State("", IKE_UP, part), ("phase1",)),
        )
        period = again + PHASE_2
        end = upcoming(up + gone.at, period, self._timeline.starts_until(up))
        return Plan((Stretch(up, end, steps, up, period),), end, Step(0, gone.state, gone.says, gone.code))

    def _taking_turns(self, up: float, turns: Turns) -> Plan:
        """A tunnel that is up for a minute while its siblings are down."""
        part = self._pair.part
        period = TURN * turns.count
        origin = self._timeline.second(turns.since) + turns.index * TURN
        # The origin must not lie after the beginning, so that there has been a turn before.
        origin -= (max(0, origin - int(up)) // period + 1) * period
        steps = (
            Step(0, State("U4", IPSEC_UP, part), ("phase2",)),
            Step(TURN, State("U4", IPSEC_DOWN, part), ("U11",), Code.RECEIVE_DELETE_NOTIFY),
        )
        return Plan((Stretch(up, NEVER, steps, origin, period),))

    def _failing_late(self, up: float, established: Step, soft: float, hard: float) -> Plan:
        """Fine until the first rekey; then every rekey is refused, and with its lifetime phase 2 ends for good."""
        part = self._pair.part
        late, lost = State("U1", IPSEC_UP, part), State("U1", IPSEC_DOWN, part)
        refused = Beat(0, REKEY_AGAIN, ("U1",), Code.PFS_MISMATCH)
        again = Beat(RETRY, RETRY, ("U1",), Code.PFS_MISMATCH)
        ended = Step(0, lost, ("expired",), Code.PFS_MISMATCH)
        return Plan(
            (
                Stretch(up, up + soft, (established,), up),
                Stretch(up + soft, up + hard, (Step(0, late),), up + soft, beats=(refused,)),
                Stretch(up + hard, NEVER, (ended,), up + hard, beats=(again,)),
            )
        )
