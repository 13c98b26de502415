"""A tunnel at a moment: what the console, the API and the diagnosis say of it. [P150, P152]"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connections.domain.choices import NegotiationStatus
from connections.negotiation import remarks
from connections.negotiation.bgp import Session, next_session_change, session_at
from connections.negotiation.codes import Code, Severity
from connections.negotiation.course import Course
from connections.negotiation.decisions import DECISIONS
from connections.negotiation.health import Health, health_at, next_health_change
from connections.negotiation.pair import Difference, Selectors, shorter
from connections.negotiation.remarks import REMARKS, Note
from connections.negotiation.sides import NO_PFS, Part
from connections.negotiation.timeline import NEVER

# Seconds for which a code is shown after its last occurrence. [P160]
SHOWN = 180

# Where a row is in both tables, a decision ends the negotiation.
FIELDS = {remark.row: remark.fields for remark in REMARKS} | {row.row: row.fields for row in DECISIONS}
NOT_STARTED = ("A1", "B1", "C1", "C3")


@dataclass(frozen=True, slots=True)
class Problem:
    """The last occurrence of a code. It is recent for three minutes."""

    code: Code
    at: datetime
    is_recent: bool = True


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both sides agreed on: lifetimes in seconds, 0 for no limit; SPIs as the cloud sees them."""

    ike_version: str
    ike_mode: str
    ike_enc_alg: str
    ike_auth_alg: str
    ike_pfs: str
    ike_lifetime: int
    ipsec_enc_alg: str
    ipsec_auth_alg: str
    ipsec_pfs: str
    ipsec_lifetime: int
    selectors: Selectors
    spi_in: int
    spi_out: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A tunnel at a moment.

    `row` is the row of the tables that explains the state; blank while a negotiation is under way. `code` is what the
    console shows beneath the status now, `problem` the last occurrence, recent or not. `receives` is whether packets
    arrive from the data center. The status is UNTRIED until a first try has ended; it has not changed `since` a moment,
    at the earliest the last change of settings. `next_change` is the next moment at which anything of this changes by
    itself; None for never. `next_turn` is the next change of what lists show: not one code for another while attempts
    are repeated, and not a renewal of keys.
    """

    row: str
    status: NegotiationStatus
    since: datetime | None
    part: Part | None
    code: Code | None
    problem: Problem | None
    differences: tuple[Difference, ...]
    notes: tuple[Note, ...]
    agreed: Agreed | None
    receives: bool
    established_at: datetime | None
    next_rekey_at: datetime | None
    bgp: Session | None
    health: Health | None
    next_change: datetime | None
    next_turn: datetime | None

    @property
    def severity(self) -> Severity | None:
        """How bad the code is."""
        return severity_of(self.code, self.status)

    @property
    def field(self) -> str:
        """The field to look at first; blank if there is none."""
        return self.differences[0].field if self.differences else ""

    @property
    def is_up(self) -> bool:
        return self.status == NegotiationStatus.IPSEC_UP


def severity_of(code: Code | None, status: NegotiationStatus) -> Severity | None:
    """How bad a code is. A tunnel that is up is never in a critical condition."""
    if code is None:
        return None
    is_up = status == NegotiationStatus.IPSEC_UP
    return Severity.WARN if is_up and code.severity == Severity.CRITICAL else code.severity


def furthest(statuses: Iterable[NegotiationStatus]) -> NegotiationStatus:
    """The status of a connection with these tunnels: the furthest that any of them has come."""
    order = list(NegotiationStatus)
    return max(statuses, key=order.index)


def _problem(course: Course, second: int, now: datetime, earlier: Problem | None) -> Problem | None:
    found = course.last_code(second)
    if found and (at := course.moment(found[0])):
        return Problem(found[1], at, now - at < timedelta(seconds=SHOWN))
    return earlier and Problem(earlier.code, earlier.at, now - earlier.at < timedelta(seconds=SHOWN))


def _code(status: NegotiationStatus, row: str, problem: Problem | None, part: Part | None) -> Code | None:
    if problem and problem.is_recent:
        return problem.code
    unheard = row in NOT_STARTED and part != Part.INITIATOR
    return Code.NO_EXCEPTION_FOUND if unheard and status == NegotiationStatus.IKE_DOWN else None


def _notes(course: Course, second: int) -> tuple[Note, ...]:
    pair, state = course.pair_at(second), course.state_at(second)
    if pair is None or not state.is_up:
        return ()
    around = course.situation.surroundings
    notes = tuple(remarks.note(remark, pair) for remark in remarks.remarks_on(pair, around))
    return (*notes, remarks.CUT) if state.is_cut and not pair.cloud.enable_dpd else notes


def _agreed(course: Course, second: int) -> Agreed | None:
    pair = course.pair_at(second)
    if pair is None or pair.agreed is None or not course.state_at(second).is_up:
        return None
    cloud, device = pair.cloud, pair.device
    spi_in, spi_out = course.spis(second)
    # ikev2 takes the keys of the first SA from phase 1, so a difference shows only when they are renewed.
    group = NO_PFS if pair.differs("ipsec_pfs") else cloud.ipsec_pfs
    return Agreed(
        cloud.ike_version,
        cloud.ike_mode if pair.is_v1 else "",
        cloud.ike_enc_alg,
        cloud.ike_auth_alg,
        cloud.ike_pfs,
        shorter(cloud.ike_lifetime, device.ike_lifetime),
        cloud.ipsec_enc_alg,
        cloud.ipsec_auth_alg,
        group,
        shorter(cloud.ipsec_lifetime, device.ipsec_lifetime),
        pair.agreed,
        spi_in,
        spi_out,
    )


def outcome(course: Course, now: datetime, earlier: Problem | None = None) -> Outcome:
    """The tunnel at a moment. `earlier` is the last problem of the settings before these."""
    second = course.second(now)
    state, pair = course.state_at(second), course.pair_at(second)
    problem = _problem(course, second, now, earlier)
    session, health = session_at(course, second), health_at(course, second)
    next_turn = _next_turn(course, second, problem)
    up_since = None
    _status, since, _end = next(course.runs_back(second, lambda state: state.status))
    if state.is_up:
        _is_up, start, _end = next(course.runs_back(second, lambda state: state.is_up))
        up_since = course.moment(start)
    return Outcome(
        row=state.row,
        status=course.status_at(second, was_tried=earlier is not None),
        since=course.moment(max(0, since)),
        part=state.part,
        code=_code(state.status, state.row, problem, state.part),
        problem=problem,
        differences=pair.differences(FIELDS.get(state.row, ())) if pair else (),
        notes=_notes(course, second),
        agreed=_agreed(course, second),
        receives=pair is not None and state.is_up and not state.is_cut and remarks.answers_arrive(pair),
        established_at=up_since,
        next_rekey_at=course.moment(_next_rekey(course, second)) if state.is_up else None,
        bgp=session,
        health=health,
        next_change=course.moment(_next_change(course, second, problem, next_turn)),
        next_turn=course.moment(next_turn),
    )


def _next_rekey(course: Course, second: int) -> float:
    """When the keys of a tunnel that is up are renewed next, or when the first refused attempt is made (U1)."""
    change = course.next_change(second)
    is_refused = change < NEVER and course.state_at(second).row != "U1" and course.state_at(change).row == "U1"
    return min(course.next_said(second, "rekey"), change if is_refused else NEVER)


def _next_turn(course: Course, second: int, problem: Problem | None) -> float:
    if second < 0:
        return 0
    code_turns = course.next_code(second, None)
    if problem and problem.is_recent:
        reported = course.second(problem.at)
        fades = course.code_fades(reported, SHOWN)
        # Codes that take turns are those of one negotiation. One from before the last change gives way to the next.
        code_turns = fades if reported >= 0 else min(fades, code_turns)
    moments = (
        course.next_change(second),
        next_session_change(course, second),
        next_health_change(course, second),
        code_turns,
    )
    return min((moment for moment in moments if moment > second), default=NEVER)


def _next_change(course: Course, second: int, problem: Problem | None, next_turn: float) -> float:
    if second < 0:
        return next_turn
    besides = problem.code if problem and problem.is_recent else None
    moments = (next_turn, course.next_said(second, "rekey"), course.next_code(second, besides))
    return min((moment for moment in moments if moment > second), default=NEVER)
