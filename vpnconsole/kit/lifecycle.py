"""Making worlds, and making them as new: what the endpoint and the pages for people have in common."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from connections.models import Event
from vpnconsole.kit import clockwork, draws, entering, keys, recording, state, world_templates, worlds
from vpnconsole.kit.errors import KitError
from vpnconsole.kit.labs import marking

# Settings of a world that pages show. They are in its state, too.
SHOWN = ("panel", "visitor", "lab", "learner")


def make(
    scenario: str = "demo",
    label: str = "",
    expires_in: float = worlds.LONGEST,
    file: bytes = b"",
    settings: Mapping[str, Any] | None = None,
) -> worlds.World:
    """A new world: a copy of a scenario, or of a world that was kept as a file. Raises KitError.

    `settings`: `clock`, `transitions` and `ids` as objects of the endpoint, `personas`, and those that pages show.
    """
    settings = settings or {}
    with ExitStack() as stack:
        source = stack.enter_context(worlds.unpacked(file)) if file else _template(scenario, settings)
        world = stack.enter_context(worlds.created(source, scenario, label, expires_in, settings))
        if file:
            with entering.entered(world) as stored:
                world = replace(world, scenario=stored.get("scenario", ""))
                clockwork.resume()
                keys.name(world.id)
        else:
            _begin(world)
        worlds.publish(world)
    return world


def reset(world_id: str, scenario: str = "") -> worlds.World:
    """Make a world as new, sessions included. Its ID and access keys stay the same. Raises KitError."""
    before = worlds.find(world_id)
    template = _template(scenario or before.scenario, before.settings)
    with entering.entered(before) as stored:
        progress, recorded = stored.get("progress"), stored.get(recording.KEY)
    with worlds.locked(world_id):
        before = replace(worlds.find(world_id), scenario=scenario or before.scenario)
        with worlds.replaced(before, template) as after:
            _begin(after, progress, recording.carried(recorded, None))
            worlds.publish(after)
    return after


def keep(world_id: str, name: str) -> None:
    """Keep a world as it is now, in place of an earlier snapshot of the same name. Raises KitError."""
    path = worlds.snapshot_path(worlds.find(world_id), name)
    with worlds.locked(world_id):
        found = worlds.find(world_id)
        if not path.exists() and len(worlds.snapshots(found)) >= worlds.SNAPSHOTS:
            raise KitError(429, "too_many_snapshots", f"A world has at most {worlds.SNAPSHOTS} snapshots.")
        worlds.check_size()
        worlds.copy(found.data, path)


def restore(world_id: str, name: str) -> None:
    """Put back everything as it was when the snapshot was made. Raises KitError."""
    worlds.find(world_id)
    with worlds.locked(world_id):
        found = worlds.find(world_id)
        with entering.entered(found) as stored:
            recorded = stored.get(recording.KEY)
        with worlds.replaced(found, existing_snapshot(found, name)) as after:
            with entering.entered(after) as stored:
                clockwork.resume()
                state.put({recording.KEY: recording.carried(recorded, stored.get(recording.KEY))})
            worlds.publish(after)


def existing_snapshot(world: worlds.World, name: str) -> Path:
    """The file of a snapshot. Raises KitError."""
    path = worlds.snapshot_path(world, name)
    if not path.exists():
        known = ", ".join(worlds.snapshots(world)) or "none"
        raise KitError(404, "no_snapshot", f"The world has no snapshot {name!r}.", f"There are {known}.")
    return path


def _template(scenario: str, settings: Mapping[str, Any]) -> Path:
    return world_templates.ready(scenario, with_personas="personas" in settings)


def _begin(
    world: worlds.World, progress: Mapping[str, Any] | None = None, recorded: Mapping[str, Any] | None = None
) -> None:
    """Begin the time of a new or reset world, which has the same settings each time, and name it in its keys.

    `progress`: what a learner has done of its lab before. `recorded`: its recording.
    """
    given = world.settings
    with entering.entered(world) as stored:
        first = clockwork.begun(stored, given.get("clock"), given.get("transitions"))
        if "ids" in given:
            first |= draws.seeded(**given["ids"])
        if shown := {name: given[name] for name in SHOWN if name in given}:
            first |= {**shown, "begun": _last_event()}
        state.put(first | ({recording.KEY: recorded} if recorded else {}))
        keys.name(world.id)
    if "lab" in given:
        # Entered again: its time has begun.
        with entering.entered(world):
            marking.begin(given["lab"], progress)


def _last_event() -> int:
    return Event.objects.order_by("-id").values_list("id", flat=True).first() or 0


def has_changed() -> bool:
    """Whether anything was done in a world with a panel or the like since it began. Runs within it."""
    return _last_event() > state.get("begun", 0)
