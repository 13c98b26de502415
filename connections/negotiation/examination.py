"""What a diagnosis looks at, and how one of its checks judges it. `checks.CHECKS` is the table of checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from connections.domain.choices import ConnectionState, NegotiationStatus, Start
from connections.messages import Message
from connections.negotiation.decisions import part_of
from connections.negotiation.outcome import Outcome
from connections.negotiation.pair import Pair
from connections.negotiation.sides import Bgp, Cloud, Device, DeviceBgp, Situation, Surroundings


class Level(StrEnum):
    """What a check has found, worst first."""

    ERROR = "error"
    WARNING = "warning"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What only rows know about a tunnel.

    `routes` are destinations of the connection's own routes, `static` those of entries in route tables that lead to its
    attachment, `others` those of entries that lead elsewhere, all on its transit router. `tunnels` are the statuses of
    the connection's other tunnels.
    """

    state: ConnectionState = ConnectionState.ATTACHED
    is_public: bool = True
    is_on: bool = True
    has_line: bool = True
    routes: tuple[str, ...] = ()
    # Whether a route table has the connection's own and learned routes.
    is_published: bool = True
    static: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    tunnels: tuple[NegotiationStatus, ...] = ()


@dataclass(frozen=True)
class Examination:
    """A tunnel under diagnosis: the situation, its outcome, and facts from other rows of the database."""

    situation: Situation
    outcome: Outcome
    facts: Facts = field(default_factory=Facts)

    @property
    def cloud(self) -> Cloud:
        return self.situation.cloud

    @property
    def around(self) -> Surroundings:
        return self.situation.surroundings

    @cached_property
    def pair(self) -> Pair:
        """Both sides. If nobody starts now, the cloud takes the part that it would take if it could."""
        device = self.situation.device
        starts = device is not None and device.starts == Start.ITSELF
        part = self.outcome.part or part_of(self.cloud, device, self.cloud.effect_immediately, starts)
        return Pair(self.cloud, device, part)

    @property
    def has_device(self) -> bool:
        return self.situation.device is not None

    @property
    def device(self) -> Device:
        """The device's side. Raises ValueError if none is configured."""
        return self.pair.device

    @property
    def bgp(self) -> Bgp:
        """The cloud's end of the session, for checks that apply with BGP only."""
        if self.cloud.bgp is None:
            raise ValueError("BGP is off")
        return self.cloud.bgp

    @property
    def device_bgp(self) -> DeviceBgp:
        """The device's end of the session, for checks that apply with BGP on both sides only."""
        if self.device.bgp is None:
            raise ValueError("BGP is off at the device")
        return self.device.bgp

    @property
    def has_bgp(self) -> bool:
        """Whether both sides have BGP."""
        return self.has_device and self.cloud.bgp is not None and self.device.bgp is not None


Question = Callable[[Examination], bool]
Fields = tuple[str, ...] | Callable[[Examination], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """Something that a check can find: what it says, when it holds, and the sentence for users.

    Without fields of its own, it is about the check's. `of_keys`: only those who may see keys get to know it. `values`
    fills the places of the sentence.
    """

    level: Level
    says: str
    holds: Question
    message: Message
    fields: Fields = ()
    of_keys: bool = False
    values: Callable[[Examination], Mapping[str, Any]] | None = None

    def sentence(self, exam: Examination) -> Message:
        return self.message.filled(**self.values(exam)) if self.values else self.message


def with_device(exam: Examination) -> bool:
    return exam.has_device


def always(exam: Examination) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Check:
    """A check: its first case that holds decides; if none does, the sentence for normal. Fields as of `Difference`."""

    key: str
    title: Message
    normal: Message
    fields: tuple[str, ...]
    cases: tuple[Case, ...]
    applies: Question = with_device

    def case(self, exam: Examination, *, may_see_keys: bool) -> Case | None:
        """The case that holds; None for normal."""
        return next((one for one in self.cases if (may_see_keys or not one.of_keys) and one.holds(exam)), None)
