"""Playing walks and touring them in the pages of a world: what the panel and `static/kit/walk.js` ask for."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from connections.console.access import personal
from connections.console.requests import ConsoleRequest
from connections.console.views.shared import path_back
from connections.models import Connection
from connections.numbers import whole_number
from vpnconsole.kit import entering, lifecycle, sessions, sharing, state
from vpnconsole.kit.endpoint import peers, time
from vpnconsole.kit.errors import KitError
from vpnconsole.kit.pages import world_of
from vpnconsole.kit.texts import spoken
from vpnconsole.kit.walks.format import Walk
from vpnconsole.kit.walks.playing import MODES, Listed, Playing, begin, listed, playing, walk_of

# What is in the state of a world in which people may begin walks.
_OPENED_BY = ("panel", "visitor", "walk")


class Walks:
    """What the panel shows of walks."""

    def __init__(self, request: HttpRequest):
        self.request = request

    @cached_property
    def now(self) -> Playing | None:
        return playing(state.get("walk"))

    @property
    def all(self) -> list[Listed]:
        return list(listed())


def shown_on_page(request: HttpRequest, values: Mapping[str, Any]) -> Playing | None:
    """The walk of a page, if one is on: the page of a signed-in person, who is not an onlooker."""
    if not values.get("walk") or request.GET.get("panel") == "0" or sharing.is_onlooker(request):
        return None
    return playing(values["walk"])


# --- addresses ----------------------------------------------------------------------------------------------------


@login_not_required
@personal
@require_POST
def walk_do(request: ConsoleRequest, what: str) -> HttpResponse:
    """Begin a walk, go on with it or leave it. Scripts send JSON."""
    inside = world_of(request) and not sharing.is_onlooker(request)
    if not inside or what not in DOING or not any(state.get(name) for name in _OPENED_BY):
        raise Http404
    return DOING[what](request)


def _start(request: ConsoleRequest) -> HttpResponse:
    """Begin a walk; ask first if anything would be lost."""
    name, text = request.POST.get("walk", ""), request.POST.get("text", "")
    mode = request.GET.get("mode") or request.POST.get("mode", "")
    walk = walk_of(name, text)
    if walk is None or mode not in MODES:
        raise Http404
    if "sure" not in request.POST and lifecycle.has_changed():
        back = path_back(request, request.POST.get("from", "")) or reverse("home")
        context = {"walk": Listed(name, spoken(walk.title), ""), "mode": mode, "text": text, "back": back}
        return render(request, "kit/over.html", context)
    return _begun(request, walk, name, mode, text)


def _begun(request: ConsoleRequest, walk: Walk, name: str, mode: str, text: str) -> HttpResponse:
    """Begin a walk in a world of its scenario, signed in as its persona."""
    world_id = world_of(request)
    lifecycle.reset(world_id, walk.scenario)
    with entering.world_named(world_id):
        begin(name, mode, text)
    return sessions.lead_into(request, world_id, walk.persona, reverse("home"))


def _again(request: ConsoleRequest) -> HttpResponse:
    """Begin the walk that is on once more. Nobody is asked: what is lost are its own doings."""
    kept = state.get("walk")
    name, text = (kept.get("name", ""), kept.get("text", "")) if kept else ("", "")
    walk = walk_of(name, text)
    if kept is None or walk is None:
        raise Http404
    return _begun(request, walk, name, kept["mode"], text)


def _done(request: ConsoleRequest) -> HttpResponse:
    """Take note that the page has done so many moves."""
    kept = _kept(request)
    at = whole_number(request.POST.get("at"))
    if at is None:
        raise Http404
    state.put({"walk": {**kept, "at": at}})
    return JsonResponse({"at": at})


def _serve(request: ConsoleRequest) -> HttpResponse:
    """Do the move that is next, which is one of the server's: another persona, or something of the endpoint."""
    kept = _kept(request)
    now = playing(kept)
    if now is None or now.is_done or request.POST.get("at") != str(now.at):
        raise Http404
    move = now.moves[now.at]
    answer: dict[str, Any] = {"at": now.at + 1}
    try:
        if move["do"] == "as":
            login(request, sessions.member(move["value"]), backend=sessions.BACKEND)
            answer["to"] = reverse("home")
        elif move["do"] == "kit":
            _kit(request, move["value"])
        else:
            raise Http404
    except KitError as error:
        return JsonResponse({"error": error.message})
    state.put({"walk": {**kept, "at": now.at + 1}})
    return JsonResponse(answer)


def _kit(request: HttpRequest, value: Mapping[str, Any]) -> None:
    """Do what the endpoint does with the same words. Raises KitError."""
    world_id = world_of(request)
    if "advance" in value:
        time.clock_advance(request, world_id, value["advance"])
    elif "settle" in value:
        time.settle(request, world_id)
    else:
        wanted = dict(value["peer"])
        name = wanted.pop("connection")
        found = Connection.objects.filter(name=name).order_by("id").first()
        peers.peer_set(request, world_id, found.resource_id if found else name, **wanted)


def _set_paused(request: ConsoleRequest, *, is_paused: bool) -> HttpResponse:
    kept = state.get("walk")
    if kept is None:
        raise Http404
    state.put({"walk": {**kept, "paused": is_paused}})
    return HttpResponseRedirect(path_back(request, request.POST.get("from", "")) or reverse("home"))


def _stop(request: ConsoleRequest) -> HttpResponse:
    state.put({"walk": None})
    return HttpResponseRedirect(path_back(request, request.POST.get("from", "")) or reverse("home"))


def _kept(request: ConsoleRequest) -> dict[str, Any]:
    """The state of the walk that the page knows. Another one may have begun meanwhile."""
    kept = state.get("walk")
    if not kept or kept["run"] != request.POST.get("run"):
        raise Http404
    return kept


DOING = {
    "start": _start,
    "again": _again,
    "done": _done,
    "serve": _serve,
    "pause": lambda request: _set_paused(request, is_paused=True),
    "resume": lambda request: _set_paused(request, is_paused=False),
    "stop": _stop,
}

urlpatterns = [path("walk/<str:what>/", walk_do, name="walk-do")]
