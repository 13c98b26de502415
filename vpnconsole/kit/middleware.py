"""The kit's middleware: the control endpoint, and the world that a request names."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import StreamingHttpResponse
from django.urls import get_script_prefix
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections import ids
from connections.api.door import knocks
from connections.console.views.errors import error_page
from connections.console.words import Words
from connections.request_context import current
from vpnconsole.kit import (
    clockwork,
    endpoint,
    entering,
    naming,
    pages,
    personas,
    sharing,
    state,
    token,
    visitors,
    world_templates,
    worlds,
)
from vpnconsole.kit.errors import KitError
from vpnconsole.kit.faults import declaration
from vpnconsole.kit.faults.declaration import Fault
from vpnconsole.kit.faults.effects import Faulty, Interrupted
from vpnconsole.kit.faults.matching import Watch
from vpnconsole.kit.labs import facts

# An address below the console's, and the label of a link to it.
Way = tuple[str, Words]
LEAVE, START = "_kit/leave", "_kit/"
_LEAVE: Way = (LEAVE, gettext_lazy("Leave the world"))
_START: Way = (START, gettext_lazy("Open the start page"))
# What people read, by the code of a refusal: a title, a sentence, and the way out.
SAID: dict[str, tuple[Words, Words, Way]] = {
    "world_gone": (
        gettext_lazy("This world is gone"),
        gettext_lazy("It has expired or was deleted, with everything in it."),
        _LEAVE,
    ),
    "two_worlds": (
        gettext_lazy("Two worlds"),
        gettext_lazy("The request names two worlds. Leave the one that this browser remembers."),
        _LEAVE,
    ),
    "onlooker": (
        gettext_lazy("You are only watching"),
        gettext_lazy("This link lets you watch the presenter. You cannot change anything."),
        ("", gettext_lazy("Go to the overview")),
    ),
    "share_gone": (
        gettext_lazy("This link has ended"),
        gettext_lazy("It has expired, or all of its copies are taken. Ask the presenter for another one."),
        _START,
    ),
    "link_gone": (
        gettext_lazy("This link has been used"),
        gettext_lazy("It works only once, within five minutes."),
        _START,
    ),
    "class_gone": (
        gettext_lazy("This class has ended"),
        gettext_lazy("Its worlds were deleted. Ask the teacher for another link."),
        _START,
    ),
    "class_full": (
        gettext_lazy("This class is full"),
        gettext_lazy("It has as many learners as a class may have. Ask the teacher for another link."),
        _START,
    ),
    "too_many_classes": (
        gettext_lazy("There are too many classes"),
        gettext_lazy("End one of them on its board, then try again."),
        ("_kit/labs/", gettext_lazy("Labs")),
    ),
    "too_many_worlds": (
        gettext_lazy("There are too many worlds"),
        gettext_lazy("Nobody can open another one until some of them have ended. Try again later."),
        _START,
    ),
    "worlds_too_large": (
        gettext_lazy("There is no room for another world"),
        gettext_lazy("Nobody can open another one until some of them have ended. Try again later."),
        _START,
    ),
    "busy": (
        gettext_lazy("All copies are in use"),
        gettext_lazy("Everybody here gets a copy of their own, and there is none left. Try again in a minute."),
        _START,
    ),
    "too_fast": (
        gettext_lazy("One copy at a time"),
        gettext_lazy("You have just got a copy. Wait 20 seconds, then try again."),
        _START,
    ),
    "shared_copy": (
        gettext_lazy("Nobody changes this data"),
        gettext_lazy("All visitors start from it. Sign in as a persona, and you get a copy that you can change."),
        _START,
    ),
}


def world(request: HttpRequest) -> dict[str, Any]:
    """A context processor: the start page; in a world its ID, the persona that misbehaves, and what pages show."""
    shown: dict[str, Any] = {"start_page": f"{get_script_prefix()}{START}"} if settings.DEMO_MODE else {}
    if inside := pages.world_of(request):
        shown |= {"world": inside, "misbehaves": personas.mark_of(request), "kit": pages.Shown(request)}
    return shown


class KitMiddleware:
    """Serve each request in the world that it names. Stands before the API's door, behind health checks and limits."""

    def __init__(self, get_response):
        self.get_response = get_response
        token.token()
        # Worlds of another version of the console could not be served.
        worlds.sweep()
        world_templates.drop_stale()
        world_templates.prepare("demo")

    def __call__(self, request):
        if entering.is_inside():
            raise AssertionError("This thread has not left the world of an earlier request.")
        if request.path.startswith(settings.STATIC_URL):
            return self._static(request)
        try:
            if endpoint.answers(request):
                return endpoint.answer(request)
            with entering.named_world(lambda: naming.named(request)) as world:
                if world is None:
                    visitors.keep_shared(request)
                    return self.get_response(request)
                return self._served(request, world)
        except KitError as error:
            return refused(request, error)

    def _static(self, request):
        """Files belong to no world, and are there for pages of worlds that are gone; but faults concern them, too."""
        with suppress(KitError), entering.named_world(lambda: naming.named(request)) as world:
            if world and (chosen := faults_of(state.values())):
                return Faulty(request, Watch(request, *chosen)).serve(self.get_response)
        return self.get_response(request)

    def _served(self, request, world: worlds.World):
        request.world = world.id
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            # Drawn again: in its world, IDs may come from a seed.
            request.request_id = ids.request_id()
        if served := current.get():
            served.world, served.request_id = world.id, request.request_id
        # Nothing goes wrong with the kit's own pages.
        is_own = request.path_info.startswith("/_kit/")
        if chosen := None if is_own else faults_of(state.values()):
            request.faulty = Faulty(request, Watch(request, *chosen))
            response = request.faulty.serve(self.get_response)
        else:
            response = self.get_response(request)
        clockwork.count_answer()
        if knocks(request) and state.get("lab"):
            facts.note_api(request.request_id)
        worlds.note_use(world)
        response.headers[naming.HEADER] = world.id
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = entering.again(world, cast(Iterator[bytes], response.streaming_content))
        return response

    def process_view(self, request, view, args, kwargs):
        """Keep those who only look from changing anything."""
        world_id = pages.world_of(request)
        try:
            return sharing.answer_to_onlooker(request, world_id) if world_id else None
        except KitError as error:
            return refused(request, error)

    def process_exception(self, request, exception):
        """Answer in place of an operation that a fault has interrupted, or a page that the kit refuses."""
        if isinstance(exception, KitError):
            return refused(request, exception)
        return request.faulty.interrupted() if isinstance(exception, Interrupted) else None


def faults_of(stored: Mapping[str, Any]) -> tuple[list[Fault], str] | None:
    """What goes wrong in a world, from its state, and the seed from which chance is drawn; None: nothing."""
    faults = [*declaration.listed(stored), *personas.faults_of(stored)]
    return (faults, stored.get("ids", {}).get("seed", "")) if faults else None


def refused(request: HttpRequest, error: KitError) -> HttpResponse:
    """A page for people, with a way out; JSON for programs."""
    response = _refused(request, error)
    response.headers["Cache-Control"] = "no-store"
    if seconds := error.more.get("retry_after"):
        response.headers["Retry-After"] = str(seconds)
    return response


def _refused(request: HttpRequest, error: KitError) -> HttpResponse:
    served = current.get()
    if knocks(request):
        body = {
            "RequestId": served.request_id if served else "",
            "HostId": "",
            "Code": f"VpnConsole.{error.code}",
            "Message": error.message,
            "Recommend": error.hint,
        }
        return JsonResponse(body, status=error.status)
    # Forms of pages are sent with "false", and the answer is a page.
    scripted = request.headers.get("HX-Request")
    if scripted == "true" or ("text/html" not in request.headers.get("Accept", "") and not scripted):
        return JsonResponse(error.body(), status=error.status)
    with translation.override(translation.get_language_from_request(request)):
        title, text, (address, label) = SAID.get(error.code, (_("This is not possible"), error.message, _START))
        return error_page(error.status, title, text, (quote(f"{get_script_prefix()}{address}"), label))
