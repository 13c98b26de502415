"""Calls about what goes wrong in a world on purpose."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from vpnconsole.kit import defects, entering, state
from vpnconsole.kit.endpoint.routing import route
from vpnconsole.kit.faults import declaration, effects


def _shown() -> dict[str, Any]:
    counted = state.counters()
    given, faults = state.get("faults", []), declaration.listed(state.values())
    return {"faults": [one | _numbers(fault, counted) for one, fault in zip(given, faults, strict=True)]}


def _numbers(fault: declaration.Fault, counted: dict[str, int]) -> dict[str, int]:
    matched, hits, skipped = (counted.get(f"{fault.counted} {name}", 0) for name in ("matched", "hits", "skipped"))
    # Requests that came after the last time are counted, too.
    return {"matched": matched, "hits": min(hits, fault.times or hits), "skipped": skipped}


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
        _replace(faults)
        return _shown()


@route("DELETE", "/worlds/{world}/faults", status=204)
def faults_clear(request: HttpRequest, world: str) -> None:
    """Remove all faults of a world. Those of its personas stay."""
    with entering.world_named(world):
        _replace([])


def _replace(faults: list[dict[str, Any]]) -> None:
    with transaction.atomic():
        state.put({"faults": faults})
        state.forget_counters("fault [0-9]*")


@route("GET", f"/{defects.STYLE_PATH}", needs_token=False)
def visual_style(request: HttpRequest) -> HttpResponse:
    """The styles of the persona `visual`."""
    return HttpResponse(defects.STYLE, "text/css")
