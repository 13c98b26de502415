"""Calls about labs: their list, marks of a world's lab, and classes."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from vpnconsole.kit import classes, entering, labs, state
from vpnconsole.kit.endpoint.routing import route
from vpnconsole.kit.errors import KitError
from vpnconsole.kit.labs import marking
from vpnconsole.kit.labs.marking import Progress

LAB = {"type": "string", "maxLength": 60, "description": "The name of a lab"}


@route("GET", "/labs")
def lab_list(request: HttpRequest) -> dict:
    """The labs, with their tasks and points."""
    return {
        "labs": {
            name: {
                "title": lab.title,
                "level": lab.level,
                "minutes": lab.minutes,
                "scenario": lab.scenario,
                "persona": lab.persona,
                "points": lab.points,
                "tasks": {task.name: {"text": task.text, "points": task.points} for task in lab.tasks},
            }
            for name, lab in labs.shipped().items()
        }
    }


@route("GET", "/worlds/{world}/lab")
def lab_show(request: HttpRequest, world: str) -> dict:
    """What the learner of a world has reached at the last check."""
    with entering.world_named(world):
        return _shown()


@route("POST", "/worlds/{world}/lab/check")
def lab_check(request: HttpRequest, world: str) -> dict:
    """Mark the lab of a world by what it has now."""
    with entering.world_named(world):
        marking.check()
        return _shown()


def _shown() -> dict[str, Any]:
    stored = state.values()
    if "progress" not in stored:
        raise KitError(409, "no_lab", "This world has no lab.", 'Make one with "lab".')
    found = Progress(stored)
    return {
        "lab": found.name,
        "learner": found.learner,
        "points": found.points,
        "of": found.lab.points,
        "is_complete": found.is_complete,
        "tasks": {
            task.name: {"done": found.is_done(task), "because": found.because(task, "en"), "points": task.points}
            for task in found.lab.tasks
        },
        "hints": found.hints,
        "attempts": found.attempts,
        "minutes": found.minutes,
    }


@route(
    "POST", "/classes", status=201, fields={"lab": LAB, "name": {"type": "string", "maxLength": 100}}, required=("lab",)
)
def class_create(request: HttpRequest, lab: str, name: str = "") -> dict:
    """Begin a class. The teacher's link leads to the board, the learners' link to a world of their own."""
    made = classes.create(lab, name)
    return {
        "id": made.board,
        "lab": made.lab,
        "board": request.build_absolute_uri(reverse("kit:board", args=[made.board])),
        "join": request.build_absolute_uri(reverse("kit:class-join", args=[made.join])),
        "expires": made.expires,
    }


@route("DELETE", "/classes/{board}", status=204)
def class_delete(request: HttpRequest, board: str) -> None:
    """End a class, and the worlds of its learners."""
    classes.of_teacher(board).end()
