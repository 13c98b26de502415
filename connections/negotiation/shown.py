"""What lists show of a tunnel. It holds until something turns, so it can be stored."""

from dataclasses import dataclass, replace
from datetime import datetime

from connections.domain.choices import NegotiationStatus, ProbeResult
from connections.negotiation.bgp import Session
from connections.negotiation.codes import Code, Severity
from connections.negotiation.health import Health, HealthStatus
from connections.negotiation.outcome import Outcome, severity_of

_OF_HEALTH = {
    HealthStatus.UNKNOWN: ProbeResult.UNKNOWN,
    HealthStatus.NORMAL: ProbeResult.NORMAL,
    HealthStatus.ABNORMAL: ProbeResult.ABNORMAL,
}


def bgp_result(session: Session | None) -> ProbeResult:
    if session is None:
        return ProbeResult.OFF
    return ProbeResult.NORMAL if session.is_established else ProbeResult.ABNORMAL


def health_result(health: Health | None) -> ProbeResult:
    return ProbeResult.OFF if health is None else _OF_HEALTH[health.status]


@dataclass(frozen=True, slots=True)
class Shown:
    """The status, the code beneath it, the results of the probes, and the last problem if it is over.

    Of codes that take turns while attempts are repeated, it is one.
    """

    status: NegotiationStatus
    code: Code | None
    bgp: ProbeResult
    health: ProbeResult
    last_code: Code | None
    last_at: datetime | None

    @classmethod
    def of(cls, outcome: Outcome) -> "Shown":
        over = outcome.problem if outcome.problem and not outcome.problem.is_recent else None
        return cls(
            outcome.status,
            outcome.code,
            bgp_result(outcome.bgp),
            health_result(outcome.health),
            over.code if over else None,
            over.at if over else None,
        )

    @property
    def severity(self) -> Severity | None:
        """How bad the code is."""
        return severity_of(self.code, self.status)

    def looks_like(self, other: "Shown") -> bool:
        """Whether both are equal but for codes that take turns."""
        return replace(self, code=None) == replace(other, code=None) and (self.code is None) == (other.code is None)
