"""The recording of a world: what people do in its pages, kept in its file until it is made into a walk.

The functions use the world that the thread is in. `arriving.py` makes an event of what a page sends, without IDs and
keys; `steps.py` makes steps of a walk of the events.
"""

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction

from connections.models import User
from vpnconsole.kit import state
from vpnconsole.kit.recording import arriving
from vpnconsole.kit.recording.steps import Taken, region_of, steps_of
from vpnconsole.kit.walks import format
from vpnconsole.kit.walks.format import LANGUAGES, MOST_STEPS, PERSONA, SCENARIO, Walk

KEY = "recording"
UNTITLED = {"en": "A recording", "zh-hans": "录制的操作"}
DO, SEE, STOPPED = "do", "see", ""
# A recording is read with the world's state in each request. The bytes are those of the events, as JSON.
MOST_EVENTS, MOST_BYTES = 500, format.MOST_BYTES
SHORTEST = 200
_ADD = (
    "UPDATE kit_state SET value = json_insert(value, '$.events[#]', json(%s)) WHERE name = %s "
    "AND json_extract(value, '$.mode') <> %s AND json_array_length(value, '$.events') < %s AND length(value) < %s"
)


@dataclass(frozen=True)
class Recording:
    """A recording under way (`mode` is do or see) or stopped, with everything that pages have sent.

    `run` differs for each recording.
    """

    mode: str
    run: str
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
            # Hardly anything is shorter than what is left then.
            or len(json.dumps(self.events)) >= MOST_BYTES - SHORTEST
        )


def shown(stored: dict[str, Any]) -> Recording | None:
    """The recording in the state of a world."""
    found = stored.get(KEY)
    return Recording(found["mode"], found["run"], found["events"]) if found else None


def current() -> Recording | None:
    return shown({KEY: state.get(KEY)})


def start() -> None:
    """Begin a recording, in place of an earlier one."""
    state.put({KEY: {"mode": DO, "run": secrets.token_hex(4), "events": []}})


def set_mode(mode: str) -> None:
    """Go on in another mode, or stop."""
    with transaction.atomic():
        if found := state.get(KEY):
            state.put({KEY: {**found, "mode": mode}})


def carried(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The recording of a world whose data were replaced, as it is stored.

    `before`: what it was; `after`: what the new data have. One under way goes on with what led to the new data.
    """
    if before is None or before["mode"] == STOPPED:
        return before
    return {**before, "events": after["events"] if after else []}


def discard() -> None:
    state.put({KEY: None})


def add(user: User | AnonymousUser, sent: dict[str, Any]) -> bool:
    """Keep what a page has sent, unless no recording is under way, or it is full. Requests may arrive at once.

    Return whether it was kept.
    """
    if sent.get("is") == "mode" and sent.get("mode") in (DO, SEE):
        found = current()
        is_running = found is not None and found.is_running
        if is_running:
            set_mode(sent["mode"])
        return is_running
    event = arriving.event_of(sent)
    if event is None:
        return False
    text = json.dumps({**event, "user": user.username})
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [text, KEY, STOPPED, MOST_EVENTS, MOST_BYTES - len(text)])
        return cursor.rowcount > 0


def add_kit(user: User | AnonymousUser, what: dict[str, Any]) -> None:
    """Keep what somebody has the kit do, as the action `kit` of a walk has it."""
    found = current()
    if user.is_authenticated and found:
        # Times of pages may be ahead of the server's.
        latest = max((event["at"] for event in found.events), default=0)
        add(user, {"is": "kit", "kit": what, "at": max(time.time() * 1000, latest)})


def remove(number: int) -> None:
    """Remove a step by its number from 1, and what belongs to it."""
    with transaction.atomic():
        found = current()
        if found and 0 < number <= len(found.steps):
            gone = {*found.steps[number - 1].events}
            events = [event for place, event in enumerate(found.events) if place not in gone]
            state.put({KEY: {"mode": found.mode, "run": found.run, "events": events}})


def documents_in(found: Recording) -> Iterator[str]:
    """The documents that a recording has."""
    for taken in found.steps:
        for field, value in taken.step.value.items() if taken.step.action == "fill" else ():
            if field != "tags" and format.is_document(value):
                yield value["document"]


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
