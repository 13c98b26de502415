"""How a service says no: bad values, or a state that forbids the operation. Doors turn these into pages and codes."""

from collections.abc import Iterable
from dataclasses import dataclass

from connections.rules import Problem


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 connection, 2 connections."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


class Invalid(Exception):
    """Values that break rules. Nothing was saved."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = list(problems)
        super().__init__("; ".join(f"{problem.field}: {problem.code}" for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a state forbids an operation: a stable code and a sentence that names the way out."""

    code: str
    sentence: str


class Refused(Exception):
    """The operation is not possible now. Nothing was saved."""

    def __init__(self, reason: Reason, **facts):
        self.code = reason.code
        self.message = reason.sentence.format(**facts)
        super().__init__(self.message)


BUSY = Reason("configuring", "{what} is {state} at the moment. Try again in a few seconds.")
CHANGED_MEANWHILE = Reason(
    "changed_meanwhile",
    "Somebody else changed {what} after you opened this page. Check the values below and submit again.",
)
GATEWAY_IN_USE = Reason(
    "gateway_in_use",
    "{what} is used by {count}: {examples}. Give these connections another customer gateway, or delete them, first.",
)
CEN_HAS_ROUTERS = Reason(
    "cen_has_transit_routers",
    "{what} still has {count}: {examples}. Delete them first.",
)
ROUTER_HAS_ATTACHMENTS = Reason(
    "transit_router_has_attachments",
    "{what} still carries {count}: {examples}. Detach these connections first.",
)
NO_FREE_ADDRESS = Reason(
    "no_free_address",
    "Every address in the CIDR blocks of {what} is taken. Use a transit router with a larger block.",
)
