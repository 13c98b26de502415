"""Calls about the walk that the pages of a world play."""

from django.http import HttpRequest

from vpnconsole.kit import entering
from vpnconsole.kit.endpoint.routing import route
from vpnconsole.kit.walks import format, playing, shipped


@route("GET", "/walks")
def walk_list(request: HttpRequest) -> dict:
    """The walks that the console has: names, titles, and the scenarios and personas with which they begin."""
    walks = {
        name: {"title": dict(walk.title), "scenario": walk.scenario, "persona": walk.persona}
        for name, walk in shipped().items()
    }
    return {"walks": walks}


@route(
    "PUT",
    "/worlds/{world}/walk",
    status=204,
    fields={
        "name": {"type": "string", "maxLength": 64, "default": "", "description": "Of a walk that the console has"},
        "text": {"type": "string", "maxLength": format.MOST_BYTES, "default": "", "description": "Of a walk's file"},
        "mode": {"type": "string", "enum": list(playing.MODES), "default": playing.PLAY},
    },
)
def walk_set(request: HttpRequest, world: str, name: str = "", text: str = "", mode: str = playing.PLAY) -> None:
    """Begin a walk in the pages of the world, which stays as it is.

    `play` does a step at a key, `tour` waits for a person to do it.
    """
    with entering.world_named(world):
        playing.begin(name, mode, text)
