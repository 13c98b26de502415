"""Calls that make, list and end worlds."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import get_script_prefix

from connections import ids
from connections.models import AccessKey, User
from vpnconsole.kit import clockwork, entering, naming, scenarios, state, worlds
from vpnconsole.kit.endpoint import time
from vpnconsole.kit.endpoint.routing import route


def shown(request: HttpRequest, world: worlds.World) -> dict[str, Any]:
    """What the endpoint says of a world, from within it."""
    first = state.values()
    return {
        **brief(world),
        "url": request.build_absolute_uri(get_script_prefix()),
        "header": {naming.HEADER: world.id},
        "cookie": cookie(request, naming.COOKIE, world.id),
        **clockwork.shown(),
        "names": first["names"],
        "members": first["members"],
        "keys": {
            key.user.username: {"id": key.access_key_id, "secret": key.secret}
            for key in AccessKey.objects.filter(access_key_id__startswith=naming.KEY_PREFIX + world.id).select_related(
                "user"
            )
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


def cookie(request: HttpRequest, name: str, value: str, expires: float = -1) -> dict[str, Any]:
    """A cookie as Playwright takes it."""
    return {
        "name": name,
        "value": value,
        "domain": request.get_host().rpartition(":")[0] or request.get_host(),
        "path": settings.SESSION_COOKIE_PATH,
        "expires": expires,
        "httpOnly": True,
        "secure": bool(settings.SESSION_COOKIE_SECURE),
        "sameSite": "Lax",
    }


def begin(world: worlds.World) -> worlds.World:
    """Give each member of a new or reset world an access key that names the world. Runs within it.

    The secrets of the keys stay the same when a world is reset.
    """
    members = list(User.objects.order_by("id")[: len(worlds.ALPHABET)])
    kept = {user.username: world.secrets.get(user.username) or ids.access_key_secret() for user in members}
    keys = [
        AccessKey(user=user, access_key_id=naming.access_key_id(world.id, number), secret=kept[user.username])
        for number, user in enumerate(members)
    ]
    with transaction.atomic():
        AccessKey.objects.filter(access_key_id__startswith=naming.KEY_PREFIX).delete()
        AccessKey.objects.bulk_create(keys)
    return replace(world, secrets=kept)


@route(
    "POST",
    "/worlds",
    status=201,
    fields={
        "scenario": {"type": "string", "enum": list(scenarios.SCENARIOS), "default": "demo"},
        "label": {"type": "string", "maxLength": 100, "description": "To sweep worlds of one run"},
        **time.FIELDS,
        "expires_in": {"type": "number", "minimum": 60, "maximum": worlds.LONGEST, "description": "Seconds"},
    },
)
def world_create(
    request: HttpRequest,
    scenario: str = "demo",
    label: str = "",
    expires_in: float = worlds.LONGEST,
    clock: str | dict | None = None,
    transitions: str | dict | None = None,
    ids: str | int | dict | None = None,
) -> dict:
    """Make a world: a copy of a scenario."""
    with worlds.created(scenario, label, expires_in) as world:
        with entering.entered(world):
            time.start(clock, transitions, ids)
        with entering.entered(world):
            world = begin(world)
            worlds.publish(world)
            return shown(request, world)


@route("GET", "/worlds")
def world_list(request: HttpRequest) -> dict:
    """All worlds."""
    return {"worlds": [brief(world) for world in worlds.everything()]}


@route("GET", "/worlds/{world}")
def world_show(request: HttpRequest, world: str) -> dict:
    """A world, with the names of what its scenario had."""
    found = worlds.find(world)
    with entering.entered(found):
        return shown(request, found)


@route("DELETE", "/worlds/{world}", status=204)
def world_delete(request: HttpRequest, world: str) -> None:
    """End a world. Ending one that is gone does nothing."""
    worlds.delete(world)
