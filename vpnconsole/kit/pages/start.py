"""The start page: what people can do here, each in a world of their own."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import get_script_prefix
from django.views.decorators.http import require_POST, require_safe

from connections.console.requests import ConsoleRequest
from vpnconsole.kit import entering, sessions, visitors
from vpnconsole.kit.pages import world_of
from vpnconsole.kit.scenarios import SCENARIOS, several
from vpnconsole.kit.walks import playing, shipped

LLMS = Path(__file__).parent.parent / "llms.txt"
# Who is signed in. Every scenario has this persona.
PERSONA = "alice"
# The scenario for presentations.
PRESENTED = "real-clock"
# One has thousands of rows, and takes too long to make while a person waits; the others are the worlds of labs.
NOT_OFFERED = {"crowded", *(scenario.name for scenario in several.SCENARIOS)}


@login_not_required
@require_safe
def start(request: ConsoleRequest) -> HttpResponse:
    """What there is to begin with."""
    if not settings.DEMO_MODE:
        raise Http404
    offered = [scenario for scenario in SCENARIOS.values() if scenario.name not in NOT_OFFERED]
    context = {
        "inside": world_of(request),
        "presented": PRESENTED,
        "tours": list(playing.listed()),
        "scenarios": [scenario for scenario in offered if not scenario.title],
        "stories": [scenario for scenario in offered if scenario.title],
    }
    return render(request, "kit/start.html", context)


@login_not_required
@require_safe
def llms(request: ConsoleRequest) -> HttpResponse:
    """What programs need to know of the console."""
    return HttpResponse(LLMS.read_text(encoding="utf-8"), content_type="text/plain; charset=utf-8")


@login_not_required
@require_POST
def begin(request: ConsoleRequest) -> HttpResponse:
    """Lead a person into a new world: of a scenario, to present in it, or to take a tour."""
    if not settings.DEMO_MODE:
        raise Http404
    if tour := request.POST.get("tour", ""):
        return _toured(request, tour)
    scenario = request.POST.get("scenario", "")
    if scenario not in SCENARIOS or scenario in NOT_OFFERED:
        raise Http404
    shown = {"panel": True} if request.POST.get("panel") else {}
    return visitors.welcome(request, PERSONA, get_script_prefix(), scenario, **shown)


def _toured(request: ConsoleRequest, name: str) -> HttpResponse:
    walk = shipped().get(name)
    if walk is None:
        raise Http404
    # Where the visitor's banner does not, the panel says how to go on with a tour.
    world = visitors.make(request, walk.scenario, **({} if settings.KIT_VISITORS else {"panel": True}))
    with entering.entered(world):
        playing.begin(name, playing.TOUR)
    return sessions.lead_into(request, world.id, walk.persona, get_script_prefix())
