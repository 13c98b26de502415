"""Calls about a world's clock, its transitions and its random values."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from vpnconsole.kit import clockwork, draws, entering, state
from vpnconsole.kit.endpoint.routing import Schema, faults, route
from vpnconsole.kit.errors import KitError

_CLOCK: Mapping[str, Schema] = {
    "mode": {"type": "string", "enum": [clockwork.HELD, clockwork.RUNNING, clockwork.REAL]},
    "at": {"type": "string", "maxLength": 40, "description": "ISO 8601, not earlier than the world's time"},
}
_TRANSITIONS: Mapping[str, Schema] = {
    "mode": {
        "type": "string",
        "enum": [clockwork.IMMEDIATE, clockwork.TIME, clockwork.READS, clockwork.MANUAL],
    },
    "seconds": {"type": "number", "minimum": 0, "maximum": 86400, "default": 2, "description": "With time"},
    "reads": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1, "description": "With reads"},
    "for": {
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": list(clockwork.KINDS)},
            "transition": {"type": "string", "maxLength": 20, "description": "Such as attaching"},
        },
    },
}
_IDS: Mapping[str, Schema] = {
    "seed": {"type": ["string", "integer", "null"], "maxLength": 100},
    "requests": {"type": "boolean", "default": False, "description": "IDs of requests, too"},
}


def _or_object(kinds: list[str], fields: Mapping[str, Schema], required: str) -> Schema:
    return {"type": [*kinds, "object"], "properties": fields, "required": [required]}


# The same settings for a new world. Instead of an object there may be its first field alone.
FIELDS: Mapping[str, Schema] = {
    "clock": _or_object(["string"], _CLOCK, "mode"),
    "transitions": _or_object(["string"], _TRANSITIONS, "mode"),
    "ids": _or_object(["string", "integer"], _IDS, "seed"),
}


def whole(name: str, given: Any) -> dict[str, Any]:
    """The object for which a value may stand. Raises KitError."""
    schema = FIELDS[name]
    result = given if isinstance(given, dict) else {schema["required"][0]: given}
    if fault := next(faults(result, {**schema, "type": "object"}, name), None):
        raise KitError(422, "invalid", fault)
    return result


@route("GET", "/worlds/{world}/clock")
def clock_show(request: HttpRequest, world: str) -> dict:
    """The time in a world, and how its transitions end."""
    with entering.world_named(world):
        return clockwork.shown(state.values())


@route("PUT", "/worlds/{world}/clock", fields=_CLOCK, required=("mode",))
def clock_set(request: HttpRequest, world: str, mode: str, at: str = "") -> dict:
    """Hold the clock, let it run, or take the real time; forward only."""
    with entering.world_named(world):
        clockwork.set_clock(mode, at)
    return clock_show(request, world)


@route(
    "POST",
    "/worlds/{world}/clock/advance",
    fields={"seconds": {"type": "number", "minimum": 0, "maximum": 10 * 366 * 86400}},
    required=("seconds",),
)
def clock_advance(request: HttpRequest, world: str, seconds: float) -> dict:
    """Move the clock forward. What waits for somebody ends first."""
    with entering.world_named(world):
        settled = clockwork.advance(seconds)
    return {"settled": settled, **clock_show(request, world)}


@route("PUT", "/worlds/{world}/transitions", fields=_TRANSITIONS, required=("mode",))
def transitions_set(request: HttpRequest, world: str, **rule: Any) -> dict:
    """Set how transitions end from now on: all, or those of a kind or a name. What is under way ends as it was to.

    `immediate`: at once, and negotiations too. `time`: after seconds of the world's time. `reads`: after so many
    answers have shown it. `manual`: by settle or advance.
    """
    with entering.world_named(world):
        clockwork.set_rule(clockwork.rule_of(**rule))
    return clock_show(request, world)


@route("POST", "/worlds/{world}/settle", fields={"id": {"type": "string", "maxLength": 40}})
def settle(request: HttpRequest, world: str, id: str = "") -> dict:
    """End what is under way: all of it, or that of the resource with an ID."""
    with entering.world_named(world):
        return {"settled": clockwork.settle(id)}


@route("PUT", "/worlds/{world}/ids", fields=_IDS, required=("seed",))
def ids_set(request: HttpRequest, world: str, seed: str | int | None, *, requests: bool = False) -> None:
    """Draw IDs and other random values from a seed; null: random ones from now on."""
    with entering.world_named(world):
        state.put(draws.seeded(seed, requests=requests))
