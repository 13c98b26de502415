"""The health check of a tunnel: why probes stay without answer, and what the console shows over time. [P155]"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from connections.domain.choices import HealthCheckPolicy
from connections.messages import Message
from connections.messages import message as _
from connections.negotiation import remarks
from connections.negotiation.pair import Pair, overlaps
from connections.negotiation.sides import HealthCheck, Surroundings
from connections.negotiation.stretches import State
from connections.negotiation.timeline import NEVER

if TYPE_CHECKING:
    from connections.negotiation.course import Course


class Answer(Enum):
    """What becomes of a probe."""

    NOT_SENT = "not sent"
    NO = "no"
    YES = "yes"


class HealthStatus(StrEnum):
    """Results, spelled as in the API; blank before the first round. [P155]"""

    UNKNOWN = ""
    NORMAL = "success"
    ABNORMAL = "failed"


@dataclass(frozen=True, slots=True)
class Cause:
    """A row: why the health check fails, and what to do."""

    row: str
    says: str
    message: Message
    remedy: Message


@dataclass(frozen=True, slots=True)
class Probe(Cause):
    """Why a probe of a tunnel that is up stays without answer."""

    holds: Callable[[Pair, HealthCheck, Surroundings], bool]


@dataclass(frozen=True, slots=True)
class Health:
    """What the health check shows: the row that explains a failure, and whether routes are withdrawn."""

    status: HealthStatus
    row: str = ""
    message: Message | None = None
    remedy: Message | None = None
    withdraws_routes: bool = False


def _is_outside(pair: Pair, check: HealthCheck) -> bool:
    agreed = pair.agreed
    carried = agreed and overlaps((check.source,), agreed.local) and overlaps((check.destination,), agreed.remote)
    return not carried


def _is_flapping(check: HealthCheck, around: Surroundings) -> bool:
    return around.loss * check.retries > 100 * (check.retries - 1)


# Each row is a paragraph, as in a table.
# fmt: off
W1 = Cause("W1", "the tunnel is not in phase 2",
           _("The tunnel is not up."),
           _("Look at the tunnel's status first."))
PROBES: tuple[Probe, ...] = (
    Probe("W2", "source or destination lie outside of the tunnel's networks",
          _("The addresses of the health check lie outside of the tunnel's networks."),
          _("Choose addresses within Local Network and Remote Network."),
          lambda pair, check, around: _is_outside(pair, check)),
    Probe("W3", "the destination host is down or does not answer ICMP, or nothing arrives from the device",
          _("The destination of the health check does not answer."),
          _("Choose a destination that is always on and answers ICMP."),
          lambda pair, check, around: not pair.device.probe_host_answers or remarks.receives_nothing(pair)),
    Probe("W4", "the device's policy drops the probes",
          _("The device does not let the probes or their answers through."),
          _("Allow ICMP between the two addresses on the device, without source NAT."),
          lambda pair, check, around: not pair.device.probe_allowed or pair.device.has_source_nat),
    Probe("W5", "the device has no route to the source address into the tunnel",
          _("The data center has no route back to the source of the health check."),
          _("On the device, add a route to the source address with the mask /32 into the tunnel."),
          lambda pair, check, around: not pair.device.probe_routed_back),
    Probe("W6", "answers take another path than the probes",
          _("Answers to the health check do not come back through this tunnel."),
          _("Route answers through the tunnel from which the probes came."),
          lambda pair, check, around: not pair.device.probe_same_path),
    Probe("W7", "so many packets are lost that whole rounds fail",
          _("The line loses so many packets that the health check fails now and then."),
          _("Have the line checked, or allow more retries."),
          lambda pair, check, around: _is_flapping(check, around)),
)
# fmt: on
_BY_ROW: dict[str, Cause] = {cause.row: cause for cause in (W1, *PROBES)}


def fault(pair: Pair, around: Surroundings) -> str:
    """The row by which the probes of a tunnel that is up fail; blank if they are answered or not sent."""
    check = pair.cloud.health_check
    if check is None:
        return ""
    return next((probe.row for probe in PROBES if probe.holds(pair, check, around)), "")


def health_at(course: "Course", second: float) -> Health | None:
    """What the health check shows at a second; None without health check.

    The result turns when the answers, or their absence, have lasted for a round.
    """
    situation = course.situation
    check = situation.cloud.health_check
    if check is None:
        return None
    status = HealthStatus.UNKNOWN
    for answer, start, end in _answers_back(course, second):
        if end - start > check.round:
            status = HealthStatus.NORMAL if answer == Answer.YES else HealthStatus.ABNORMAL
            break
    if status != HealthStatus.ABNORMAL:
        return Health(status)
    pair, state = course.pair_at(second), course.state_at(second)
    row = fault(pair, situation.surroundings) if pair else ""
    why = _BY_ROW["W1" if not state.is_up else row or "W3"]
    return Health(status, why.row, why.message, why.remedy, check.policy == HealthCheckPolicy.REVOKE)


def _answer(state: State, row: str) -> Answer:
    if not state.is_up:
        return Answer.NOT_SENT
    return Answer.NO if state.is_cut or state.loses_probes or row not in ("", "W7") else Answer.YES


def _answers_back(course: "Course", second: float) -> Iterator[tuple[Answer, float, float]]:
    """The answers to the probes, from the last one back to the change of settings."""
    pair = course.pair_at(second)
    row = fault(pair, course.situation.surroundings) if pair else ""
    return course.runs_back(second, lambda state: _answer(state, row))


def next_health_change(course: "Course", second: float) -> float:
    """When the result or its reason changes next."""
    if course.situation.cloud.health_check is None:
        return NEVER
    now = health_at(course, second)
    return next((turn for turn in _turns(course, second) if health_at(course, turn) != now), NEVER)


def _turns(course: "Course", second: float) -> Iterator[float]:
    """Moments at which the result may change: state changes, and a round after each of them."""
    check = course.situation.cloud.health_check
    round_ = check.round if check else 0
    _answer_now, begun, _end = next(_answers_back(course, second))
    moments = [begun + round_]
    moment = second
    # Four changes of state are a whole period of everything that recurs.
    for _count in range(4):
        moment = course.next_change(moment)
        moments += [moment, moment + round_]
    return (moment for moment in sorted(moments) if second < moment < NEVER)
