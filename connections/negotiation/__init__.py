"""How the two sides of a tunnel negotiate, as pure functions of settings and time: no rows, no clock, no chance.

    course = Course(Situation(tunnel_id, changed_at, cloud, device, surroundings))
    outcome(course, now)            status, code, what differs, what was agreed, BGP, health check, the next change
    lines(course, start, end)       the logs of both ends
    sample(courses, traffic, now)   rates of all tunnels of a connection

docs/negotiation.md has the tables of rows.
"""

from connections.negotiation.bgp import BgpState, Route, Session
from connections.negotiation.codes import Code, Severity
from connections.negotiation.course import Course
from connections.negotiation.health import Health, HealthStatus
from connections.negotiation.logs import LogLine, lines
from connections.negotiation.metrics import Sample, sample
from connections.negotiation.outcome import Agreed, Outcome, Problem, furthest, outcome
from connections.negotiation.pair import Difference, Selectors
from connections.negotiation.remarks import Note
from connections.negotiation.rest import Rest, rest_of
from connections.negotiation.sides import (
    ANY,
    Announcement,
    Bgp,
    Cloud,
    Device,
    DeviceBgp,
    End,
    HealthCheck,
    IdKind,
    Outage,
    Part,
    Situation,
    Start,
    Surroundings,
    Traffic,
    Turns,
)

__all__ = [
    "ANY",
    "Agreed",
    "Announcement",
    "Bgp",
    "BgpState",
    "Cloud",
    "Code",
    "Course",
    "Device",
    "DeviceBgp",
    "Difference",
    "End",
    "Health",
    "HealthCheck",
    "HealthStatus",
    "IdKind",
    "LogLine",
    "Note",
    "Outage",
    "Outcome",
    "Part",
    "Problem",
    "Rest",
    "Route",
    "Sample",
    "Selectors",
    "Session",
    "Severity",
    "Situation",
    "Start",
    "Surroundings",
    "Traffic",
    "Turns",
    "furthest",
    "lines",
    "outcome",
    "rest_of",
    "sample",
]
