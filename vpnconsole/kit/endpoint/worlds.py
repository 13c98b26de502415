"""Calls that make, list and end worlds."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix

from vpnconsole.kit import clockwork, entering, keys, labs, lifecycle, names, naming, personas, scenarios, state, worlds
from vpnconsole.kit.endpoint import time
from vpnconsole.kit.endpoint.browsers import of_world
from vpnconsole.kit.endpoint.routing import route


def shown(request: HttpRequest, world: worlds.World) -> dict[str, Any]:
    """What the endpoint says of a world, from within it."""
    stored = state.values()
    return {
        **brief(world),
        "url": request.build_absolute_uri(get_script_prefix()),
        "header": {naming.HEADER: world.id},
        "cookie": of_world(request, world.id),
        **clockwork.shown(stored),
        "names": names.below(get_script_prefix(), state.get("names")),
        "members": state.get("members"),
        "keys": keys.shown(world.id, stored),
    }


def brief(world: worlds.World) -> dict[str, Any]:
    return {
        "id": world.id,
        "scenario": world.scenario,
        "label": world.label,
        "born": world.born,
        "used": world.used,
        "expires": world.ends,
        "size": world.size,
    }


SCENARIO = {"type": "string", "enum": list(scenarios.SCENARIOS)}


@route(
    "POST",
    "/worlds",
    status=201,
    fields={
        "scenario": {**SCENARIO, "default": "demo"},
        "label": {"type": "string", "maxLength": 100, "description": "By which `sweep` finds the worlds of a run"},
        **time.FIELDS,
        "personas": {"type": "string", "enum": [personas.ALL], "description": "Members that misbehave, too"},
        "lab": {"type": "string", "enum": list(labs.shipped()), "description": "Begins a lab, in its scenario"},
        "learner": {"type": "string", "maxLength": 60, "description": "The name of who does the lab"},
        "panel": {"type": "boolean", "default": False, "description": "Pages have the presenter's panel"},
        "expires_in": {"type": "number", "minimum": 60, "maximum": worlds.LONGEST, "description": "Seconds"},
    },
    files=("application/gzip", "application/vnd.sqlite3"),
)
def world_create(
    request: HttpRequest,
    scenario: str = "demo",
    label: str = "",
    expires_in: float = worlds.LONGEST,
    file: bytes = b"",
    **settings: Any,
) -> dict:
    """Make a world: a copy of a scenario, or of a world that was kept as a file."""
    whole = {name: time.whole(name, value) if name in time.FIELDS else value for name, value in settings.items()}
    world = lifecycle.make(scenario, label, expires_in, file, whole)
    with entering.entered(world):
        return shown(request, world)


@route("GET", "/worlds")
def world_list(request: HttpRequest) -> dict:
    """All worlds."""
    return {"worlds": [brief(world) for world in worlds.everything()]}


@route("GET", "/worlds/{world}")
def world_show(request: HttpRequest, world: str) -> dict:
    """A world, with the names of what its scenario had."""
    with entering.world_named(world) as found:
        return shown(request, found)


@route("DELETE", "/worlds/{world}", status=204)
def world_delete(request: HttpRequest, world: str) -> None:
    """End a world. Ending one that is gone does nothing."""
    worlds.delete(world)


@route("POST", "/worlds/{world}/reset", fields={"scenario": SCENARIO})
def world_reset(request: HttpRequest, world: str, scenario: str = "") -> dict:
    """Make a world as new, sessions included. Its ID and access keys stay the same."""
    after = lifecycle.reset(world, scenario)
    with entering.entered(after):
        return shown(request, after)


@route("POST", "/sweep", fields={"label": {"type": "string", "maxLength": 100}})
def sweep(request: HttpRequest, label: str | None = None) -> dict:
    """End the worlds that have expired, and those with a label."""
    return {"ended": worlds.sweep(label or None)}


# --- snapshots and files ------------------------------------------------------------------------------------------


@route("GET", "/worlds/{world}/snapshots")
def snapshot_list(request: HttpRequest, world: str) -> dict:
    """The names of a world's snapshots."""
    return {"snapshots": worlds.snapshots(worlds.find(world))}


@route("PUT", "/worlds/{world}/snapshots/{name}", status=204)
def snapshot_create(request: HttpRequest, world: str, name: str) -> None:
    """Keep the world as it is now, in place of an earlier snapshot of the same name."""
    lifecycle.keep(world, name)


@route("GET", "/worlds/{world}/snapshots/{name}")
def snapshot_show(request: HttpRequest, world: str, name: str) -> dict:
    """When a snapshot was made, and its size."""
    status = lifecycle.existing_snapshot(worlds.find(world), name).stat()
    return {"name": name, "made": status.st_mtime, "size": status.st_size}


@route("DELETE", "/worlds/{world}/snapshots/{name}", status=204)
def snapshot_delete(request: HttpRequest, world: str, name: str) -> None:
    """Delete a snapshot. Deleting one that is gone does nothing."""
    worlds.snapshot_path(worlds.find(world), name).unlink(missing_ok=True)


@route("POST", "/worlds/{world}/snapshots/{name}/restore", status=204)
def snapshot_restore(request: HttpRequest, world: str, name: str) -> None:
    """Put back everything as it was when the snapshot was made: rows, sessions, clock, random values."""
    lifecycle.restore(world, name)


@route("GET", "/worlds/{world}/file")
def file_download(request: HttpRequest, world: str) -> HttpResponse:
    """The world as one compressed SQLite file. Send it to `POST /worlds`, here or elsewhere, to open it again."""
    found = worlds.find(world)
    name = f'attachment; filename="world-{found.scenario}.sqlite3.gz"'
    return HttpResponse(worlds.packed(found), "application/gzip", headers={"Content-Disposition": name})
