"""Calls about what goes wrong in a world on purpose."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from vpnconsole.kit import defects, entering
from vpnconsole.kit.endpoint.routing import route
from vpnconsole.kit.faults import declaration, effects, stored


def _shown() -> dict[str, Any]:
    return {"faults": stored.shown()}


@route("GET", "/worlds/{world}/faults")
def faults_show(request: HttpRequest, world: str) -> dict:
    """The faults of a world: how many requests each fitted, how often it happened, and delays that were skipped."""
    with entering.world_named(world):
        return _shown()


@route(
    "PUT",
    "/worlds/{world}/faults",
    fields={"faults": {"type": "array", "items": declaration.SCHEMA}},
    required=("faults",),
)
def faults_set(request: HttpRequest, world: str, faults: list[dict[str, Any]]) -> dict:
    """Replace all faults of a world. Their counters start at zero."""
    declaration.check(faults, can_drop=effects.can_drop(request))
    with entering.world_named(world):
        stored.replace(faults)
        return _shown()


@route("DELETE", "/worlds/{world}/faults", status=204)
def faults_clear(request: HttpRequest, world: str) -> None:
    """Remove all faults of a world. Those of its personas stay."""
    with entering.world_named(world):
        stored.replace([])


@route("GET", f"/{defects.STYLE_PATH}", needs_token=False)
def visual_style(request: HttpRequest) -> HttpResponse:
    """The styles of the persona `visual`."""
    return HttpResponse(defects.STYLE, "text/css")
