"""Rates and states of tunnels for monitoring: not counted, but computed from the time. [P158]"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from connections.negotiation import remarks
from connections.negotiation.bgp import session_at
from connections.negotiation.course import Course
from connections.negotiation.health import HealthStatus, health_at
from connections.negotiation.sides import End, Traffic


@dataclass(frozen=True, slots=True)
class Sample:
    """A tunnel at a moment: bit/s from and to the data center, and what is up. None for what is not configured."""

    at: datetime
    received: int
    sent: int
    is_up: bool
    bgp_is_up: bool | None = None
    health_is_good: bool | None = None


def carrier(flow: Traffic, tunnels: Iterable[str]) -> str | None:
    """The tunnel that carries a flow: a fixed one of those that are up, whatever their order.

    If another tunnel goes down or comes up, the flows of the remaining ones stay where they are.
    """
    name = f"{flow.sender} {flow.since.isoformat()} {flow.bits}"
    return max(tunnels, key=lambda tunnel: sha256(f"{name} {tunnel}".encode()).digest(), default=None)


def _passes(flow: Traffic, course: Course, second: int) -> int:
    """What passes of a flow through a tunnel that is up, in bit/s."""
    pair = course.pair_at(second)
    if flow.sender == End.CLOUD or pair is None:
        return flow.bits
    if course.state_at(second).is_cut or not remarks.answers_arrive(pair):
        return 0
    return flow.bits * (100 - course.situation.surroundings.loss) // 100


def sample(courses: Mapping[str, Course], traffic: Iterable[Traffic], moment: datetime) -> dict[str, Sample]:
    """All tunnels of a connection at a moment, by ID. Traffic is the connection's and is spread over them."""
    seconds = {tunnel: course.second(moment) for tunnel, course in courses.items()}
    up = [tunnel for tunnel, course in courses.items() if course.state_at(seconds[tunnel]).is_up]
    rates = {tunnel: {End.CLOUD: 0, End.DEVICE: 0} for tunnel in courses}
    for flow in traffic:
        if flow.since <= moment and (flow.ends is None or moment < flow.ends) and (tunnel := carrier(flow, up)):
            rates[tunnel][flow.sender] += _passes(flow, courses[tunnel], seconds[tunnel])
    samples = {}
    for tunnel, course in courses.items():
        session, health = session_at(course, seconds[tunnel]), health_at(course, seconds[tunnel])
        samples[tunnel] = Sample(
            moment,
            rates[tunnel][End.DEVICE],
            rates[tunnel][End.CLOUD],
            tunnel in up,
            session.is_established if session else None,
            health.status == HealthStatus.NORMAL if health else None,
        )
    return samples
