"""The recording of a world: what people do in its pages, kept in its file until it is made into a walk.

The functions use the world that the thread is in. `arriving.py` makes an event of what a page sends, without IDs and
keys; `steps.py` makes steps of a walk of the events.
"""

import json
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction

from connections.models import User
from vpnconsole.kit import state
from vpnconsole.kit.recording import arriving
from vpnconsole.kit.recording.steps import Taken, region_of, steps_of
from vpnconsole.kit.walks.format import LANGUAGES, MOST_STEPS, PERSONA, SCENARIO, Walk

KEY = "recording"
UNTITLED = {"en": "A recording", "zh-hans": "录制的操作"}
DO, SEE, STOPPED = "do", "see", ""
# A recording is read with the world's state in each request.
MOST_EVENTS, MOST_BYTES = 500, 128 * 1024
_ADD = (
    "UPDATE kit_state SET value = json_insert(value, '$.events[#]', json(%s)) WHERE name = %s "
    "AND json_extract(value, '$.mode') <> %s AND json_array_length(value, '$.events') < %s AND length(value) < %s"
)


@dataclass(frozen=True)
class Recording:
    """A recording under way (`mode` is do or see) or stopped, with everything that pages have sent."""

    mode: str
    events: list[dict[str, Any]]

    @property
    def is_running(self) -> bool:
        return self.mode != STOPPED

    @cached_property
    def steps(self) -> list[Taken]:
        return steps_of(self.events)[:MOST_STEPS]

    @property
    def is_full(self) -> bool:
        """Whether nothing more is recorded."""
        return (
            len(self.events) >= MOST_EVENTS
            or len(self.steps) >= MOST_STEPS
            or len(json.dumps(self.events)) >= MOST_BYTES
        )


def shown(stored: dict[str, Any]) -> Recording | None:
    """The recording in the state of a world."""
    found = stored.get(KEY)
    return Recording(found["mode"], found["events"]) if found else None


def current() -> Recording | None:
    return shown({KEY: state.get(KEY)})


def start() -> None:
    """Begin a recording, in place of an earlier one."""
    state.put({KEY: {"mode": DO, "events": []}})


def set_mode(mode: str) -> None:
    """Go on in another mode, or stop."""
    with transaction.atomic():
        if found := state.get(KEY):
            state.put({KEY: {**found, "mode": mode}})


def discard() -> None:
    state.put({KEY: None})


def add(user: User | AnonymousUser, sent: dict[str, Any]) -> None:
    """Keep what a page has sent, unless no recording is under way, or it is full. Requests may arrive at once."""
    if sent.get("is") == "mode" and sent.get("mode") in (DO, SEE):
        if (found := current()) and found.is_running:
            set_mode(sent["mode"])
    elif event := arriving.event_of(sent):
        event["user"] = user.username
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [json.dumps(event), KEY, STOPPED, MOST_EVENTS, MOST_BYTES])


def add_kit(user: User | AnonymousUser, what: dict[str, Any]) -> None:
    """Keep what somebody has the kit do, as the action `kit` of a walk has it."""
    if user.is_authenticated:
        add(user, {"is": "kit", "kit": what, "at": time.time() * 1000})


def remove(number: int) -> None:
    """Remove a step by its number from 1, and what belongs to it."""
    with transaction.atomic():
        found = current()
        if found and 0 < number <= len(found.steps):
            gone = {*found.steps[number - 1].events}
            events = [event for place, event in enumerate(found.events) if place not in gone]
            state.put({KEY: {"mode": found.mode, "events": events}})


def walk_of(found: Recording, title: str = "") -> Walk:
    """The walk that a recording makes, with this title in every language."""
    users = [event["user"] for event in sorted(found.events, key=lambda event: event["at"])]
    return Walk(
        dict.fromkeys(LANGUAGES, title) if title else UNTITLED,
        tuple(taken.step for taken in found.steps),
        scenario=state.get("scenario", SCENARIO),
        persona=users[0] if users else PERSONA,
        region=region_of(found.events),
    )
