"""What a fault is: which requests it is for, when it happens, and what happens then."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any

from connections.domain import refusals
from connections.domain.refusals import Reason
from connections.persistence.database_outages import Why
from connections.wire.codes import ErrorCode
from vpnconsole.kit.errors import KitError

PAGE, FRAGMENT, API, STATIC = DOORS = ("page", "fragment", "api", "static")
BEFORE, AFTER = "before", "after"
END = "end"
# Faults in one list.
MOST = 100
# Milliseconds.
LONGEST = 30_000


def gaps(text: str) -> set[str]:
    """The names of the gaps in a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


# By their codes. Codes with gaps are not those of one refusal.
API_ERRORS: Mapping[str, ErrorCode] = {error.code: error for error in reversed(ErrorCode) if not gaps(error.code)}
REFUSALS: Mapping[str, Reason] = {reason.code: reason for reason in vars(refusals).values() if type(reason) is Reason}
OUTAGES: Mapping[str, Why] = {"busy": Why.BUSY, "away": Why.AWAY, "full": Why.FULL}

_MATCH = {
    "door": {"type": "string", "enum": list(DOORS)},
    "method": {"type": "string", "maxLength": 20},
    "path": {"type": "string", "maxLength": 300, "description": "With * and ?, without the base path"},
    "operation": {"type": "string", "maxLength": 100, "description": "Of the API, or of the event that a form writes"},
    "actor": {"type": "string", "maxLength": 150, "description": "A user name"},
    "writes": {"type": "boolean", "description": "true: operations that write, whichever they are"},
}
_WHEN = {
    "nth": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 1_000_000}},
    "every": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
    "first": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
    "probability": {"type": "number", "minimum": 0, "maximum": 1, "description": "Drawn from the world's seed"},
}
_EFFECT = {
    "delay_ms": {"type": "integer", "minimum": 1, "maximum": LONGEST},
    "status": {"type": "integer", "minimum": 400, "maximum": 599},
    "retry_after": {"type": "integer", "minimum": 0, "maximum": 3600, "description": "Seconds, with status"},
    "api_error": {"type": "string", "enum": list(API_ERRORS), "description": "A code of docs/api.md"},
    "refuse": {"type": "string", "enum": list(REFUSALS), "description": "The code of a refusal"},
    "database": {"type": "string", "enum": list(OUTAGES)},
    "drop": {"type": "string", "enum": [BEFORE, AFTER], "description": "Close the connection without an answer"},
    "cut": {"type": "number", "minimum": 0, "maximum": 0.99, "description": "The share of the body that arrives"},
    "session": {"type": "string", "enum": [END]},
    "stale_ms": {"type": "integer", "minimum": 1, "maximum": 3_600_000, "description": "What is so new is not listed"},
    "stuck": {"type": "boolean", "description": "true: what the request begins does not settle by itself"},
}


def _object(properties: Mapping[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


SCHEMA = _object(
    {
        "match": _object(_MATCH),
        "when": _object(_WHEN),
        "effect": _object(_EFFECT),
        "times": {"type": "integer", "minimum": 1, "maximum": 1_000_000, "description": "How often at most"},
        "optional": {"type": "boolean", "description": "true: a test does not fail if it never happened"},
    },
    ("effect",),
)


@dataclass(frozen=True)
class Fault:
    """One fault. `name` is that of its counters: its number in the list, or the persona whose it is.

    Only personas have the effect `defect`, with the name of one in `vpnconsole.kit.defects`.
    """

    name: str
    effect: Mapping[str, Any]
    match: Mapping[str, Any] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=dict)
    # None: as often as it is due.
    times: int | None = None
    optional: bool = False

    @property
    def label(self) -> str:
        """What answers and log lines say of it."""
        return f"{self.name} {'+'.join(name for name in self.effect if name != 'retry_after')}"

    @property
    def counted(self) -> str:
        """What the names of its counters begin with."""
        return f"fault {self.name}"

    def awaits_operation(self, door: str) -> bool:
        """Whether it is decided when an operation begins, instead of when the request arrives.

        Requests of the API name their operation.
        """
        is_named_later = "operation" in self.match and door != API
        return is_named_later or "refuse" in self.effect or self.match.get("writes", False)

    def concerns(self, door: str) -> bool:
        """Whether its effect is possible at a door."""
        if "api_error" in self.effect:
            return door == API
        if {"stale_ms", "stuck"} & self.effect.keys():
            return door != STATIC
        if "session" in self.effect or "defect" in self.effect:
            return door in (PAGE, FRAGMENT)
        return True


def check(faults: Iterable[Mapping[str, Any]], *, can_drop: bool) -> None:
    """Raise KitError for a list of faults that is as the schema says but makes no sense."""
    listed = list(faults)
    if len(listed) > MOST:
        raise KitError(422, "invalid", f"There are at most {MOST} faults.")
    for number, fault in enumerate(listed):
        if why := _mistake(fault["effect"], fault.get("match", {})):
            raise KitError(422, "invalid", f"faults[{number}]: {why}")
        if not can_drop and {"drop", "cut"} & fault["effect"].keys():
            raise KitError(
                409, "cannot_drop", "This server cannot close a connection on purpose.", "Start it without --reload."
            )


def _mistake(effect: Mapping[str, Any], match: Mapping[str, Any]) -> str:
    kinds = sorted(effect.keys() - {"delay_ms", "retry_after"})
    if len(kinds) > 1:
        return f"{kinds[0]} and {kinds[1]} are two effects; give each a fault of its own."
    if not effect.keys() - {"retry_after"}:
        return "It has no effect."
    if "retry_after" in effect and "status" not in effect:
        return "retry_after goes with status."
    door = match.get("door")
    if door and not Fault("", effect).concerns(door):
        return f"{kinds[0]} does not concern requests of the door {door}."
    return ""


def listed(stored: Mapping[str, Any]) -> list[Fault]:
    """The faults that somebody set in a world, from its state."""
    return [Fault(str(number), **fault) for number, fault in enumerate(stored.get("faults", ()), 1)]
