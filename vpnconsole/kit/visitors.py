"""Visitors of a public demo, with KIT_VISITORS=1: each gets a world of their own, and what all share stays as it is."""

import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix, reverse

from connections.api import actions
from connections.console.access import SAFE
from connections.rate_limit import Allowance, client_address
from vpnconsole.kit import lifecycle, naming, sessions, worlds
from vpnconsole.kit.errors import KitError, WorldGone

# Worlds a minute for each address, not in a burst: one every 20 seconds.
PER_MINUTE = 3
# Seconds without a request after which a visitor's world may make room for another one.
IDLE_ENOUGH = 5 * 60
# Seconds after which to try again if there is no room.
BUSY_FOR = 60
# What the banner says: hours without a request after which a world ends.
BANNER = {"idle": worlds.IDLE // 3600}


def admit(request: HttpRequest) -> None:
    """Let a person's request make a world. Raises KitError 429. Without KIT_VISITORS there is no limit."""
    if not settings.KIT_VISITORS:
        return
    if wait := _allowance(settings.CLIENTS_FILE.with_name("visitors")).take(client_address(request), time.monotonic()):
        seconds = ceil(wait)
        raise KitError(
            429, "too_fast", "You have just got a copy. Try again in some seconds.", "Or go on in that one.",
            retry_after=seconds,
        )  # fmt: skip
    _make_room()


@cache
def _allowance(file: Path) -> Allowance:
    return Allowance(file, PER_MINUTE)


def _make_room() -> None:
    """End visitors' worlds, that which was idle for longest first, until there is room. Raises KitError."""
    if not worlds.is_full():
        return
    worlds.sweep()
    idle: list[tuple[float, str]] = []
    for world in worlds.everything():
        with suppress(WorldGone):
            if "visitor" in world.settings and world.used < time.time() - IDLE_ENOUGH:
                idle.append((world.used, world.id))
    for _, world_id in sorted(idle):
        if not worlds.is_full():
            return
        worlds.delete(world_id)
    if worlds.is_full():
        raise KitError(429, "busy", "All copies are in use.", "Try again in a minute.", retry_after=BUSY_FOR)


def make(request: HttpRequest, scenario: str = "demo", **more: Any) -> worlds.World:
    """A world for a person, who stays within the limits of visitors. `more`: settings of the world. Raises KitError."""
    admit(request)
    mark: Mapping[str, Any] = {"visitor": True} if settings.KIT_VISITORS else {}
    return lifecycle.make(scenario, settings={**more, **mark})


def welcome(request: HttpRequest, username: str, to: str, scenario: str = "demo", **more: Any) -> HttpResponse:
    """Lead a person into a world of their own, signed in. Raises KitError."""
    return sessions.lead_into(request, make(request, scenario, **more).id, username, to)


def keep_shared(request: HttpRequest) -> None:
    """Refuse a request outside of all worlds that would change what every visitor starts from. Raises KitError 403."""
    if not settings.KIT_VISITORS or not _writes(request):
        return
    raise KitError(
        403,
        "shared_copy",
        "Nobody changes the data that all visitors share.",
        "Sign in as a persona: you get a copy of your own. API requests name it by the header X-VPNC-World.",
    )


def _writes(request: HttpRequest) -> bool:
    if operation := naming.operation_of(request):
        return operation in _writing_operations()
    if request.method in SAFE or request.path.startswith(f"{get_script_prefix()}_kit/"):
        return False
    # What signing in takes, and the language of the sign-in page. A request for / is an unreadable one of the API.
    own = ("login", "login-as", "logout", "set-language", "home")
    return request.path not in map(reverse, own)


@cache
def _writing_operations() -> frozenset[str]:
    return frozenset(name for (_, name), action in actions.ACTIONS.items() if action.writes)
