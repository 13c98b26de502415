"""Calls that make, list and end worlds."""

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix

from connections.domain.choices import AccessKeyStatus
from connections.models import AccessKey, User
from vpnconsole.kit import clockwork, entering, names, naming, personas, scenarios, state, world_templates, worlds
from vpnconsole.kit.endpoint import time
from vpnconsole.kit.endpoint.browsers import of_world
from vpnconsole.kit.endpoint.routing import route
from vpnconsole.kit.errors import KitError


def shown(request: HttpRequest, world: worlds.World) -> dict[str, Any]:
    """What the endpoint says of a world, from within it."""
    first = state.values()
    return {
        **brief(world),
        "url": request.build_absolute_uri(get_script_prefix()),
        "header": {naming.HEADER: world.id},
        "cookie": of_world(request, world.id),
        **clockwork.shown(),
        "names": names.below(get_script_prefix(), first["names"]),
        "members": first["members"],
        "keys": {
            username: {"id": naming.access_key_id(world.id, number), "secret": secret}
            for number, (username, secret) in enumerate(world.secrets.items())
        },
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


def _new_secret() -> str:
    """Random also where the world's values are seeded."""
    return "".join(secrets.choice(worlds.ALPHABET) for _ in range(30))


def begin(world: worlds.World) -> worlds.World:
    """Begin the time of a new or reset world, which has the same settings each time, and make its keys."""
    with entering.entered(world):
        time.start(*(world.settings.get(name) for name in time.FIELDS))
        return with_keys(world)


def with_keys(world: worlds.World) -> worlds.World:
    """Give each member of a new or reset world an access key that names the world. Runs within it.

    The secrets of the keys stay the same when a world is reset.
    """
    members = User.objects.order_by("id").values_list("username", "pk", "is_active")[: len(worlds.ALPHABET)]
    kept = {username: world.secrets.get(username) or _new_secret() for username, *_ in members}
    AccessKey.objects.bulk_create(
        AccessKey(
            user_id=pk,
            access_key_id=naming.access_key_id(world.id, number),
            secret=kept[username],
            status=AccessKeyStatus.ACTIVE if is_active else AccessKeyStatus.INACTIVE,
        )
        for number, (username, pk, is_active) in enumerate(members)
    )
    return replace(world, secrets=kept)


def _template(scenario: str, settings: Mapping[str, Any]) -> Path:
    return world_templates.ready(scenario, with_personas="personas" in settings)


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
    with ExitStack() as stack:
        source = stack.enter_context(worlds.unpacked(file)) if file else _template(scenario, settings)
        world = stack.enter_context(worlds.created(source, scenario, label, expires_in, settings))
        if file:
            with entering.entered(world):
                world = replace(world, scenario=state.get("scenario", ""))
                clockwork.resume()
                # They name the world that was kept.
                AccessKey.objects.filter(access_key_id__startswith=naming.KEY_PREFIX).delete()
                world = with_keys(world)
        else:
            world = begin(world)
        worlds.publish(world)
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
    before = worlds.find(world)
    template = _template(scenario or before.scenario, before.settings)
    with worlds.locked(world):
        before = replace(worlds.find(world), scenario=scenario or before.scenario)
        with worlds.replaced(before, template) as after:
            after = begin(after)
            worlds.publish(after)
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
    path = worlds.snapshot_path(worlds.find(world), name)
    with worlds.locked(world):
        found = worlds.find(world)
        if not path.exists() and len(worlds.snapshots(found)) >= worlds.SNAPSHOTS:
            raise KitError(429, "too_many_snapshots", f"A world has at most {worlds.SNAPSHOTS} snapshots.")
        worlds.check_size()
        worlds.copy(found.data, path)


def _existing_snapshot(world: worlds.World, name: str) -> Path:
    path = worlds.snapshot_path(world, name)
    if not path.exists():
        known = ", ".join(worlds.snapshots(world)) or "none"
        raise KitError(404, "no_snapshot", f"The world has no snapshot {name!r}.", f"There are {known}.")
    return path


@route("GET", "/worlds/{world}/snapshots/{name}")
def snapshot_show(request: HttpRequest, world: str, name: str) -> dict:
    """When a snapshot was made, and its size."""
    status = _existing_snapshot(worlds.find(world), name).stat()
    return {"name": name, "made": status.st_mtime, "size": status.st_size}


@route("DELETE", "/worlds/{world}/snapshots/{name}", status=204)
def snapshot_delete(request: HttpRequest, world: str, name: str) -> None:
    """Delete a snapshot. Deleting one that is gone does nothing."""
    worlds.snapshot_path(worlds.find(world), name).unlink(missing_ok=True)


@route("POST", "/worlds/{world}/snapshots/{name}/restore", status=204)
def snapshot_restore(request: HttpRequest, world: str, name: str) -> None:
    """Put back everything as it was when the snapshot was made: rows, sessions, clock, random values."""
    worlds.find(world)
    with worlds.locked(world):
        found = worlds.find(world)
        with worlds.replaced(found, _existing_snapshot(found, name)) as after:
            with entering.entered(after):
                clockwork.resume()
            worlds.publish(after)


@route("GET", "/worlds/{world}/file")
def file_download(request: HttpRequest, world: str) -> HttpResponse:
    """The world as one compressed SQLite file. Send it to `POST /worlds`, here or elsewhere, to open it again."""
    found = worlds.find(world)
    name = f'attachment; filename="world-{found.scenario}.sqlite3.gz"'
    return HttpResponse(worlds.packed(found), "application/gzip", headers={"Content-Disposition": name})
