"""The recorder: begin, stop, what has been recorded, and what comes out of it."""

import json
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from connections.console.access import personal
from connections.numbers import whole_number
from vpnconsole.kit import exports, recording
from vpnconsole.kit.recording import documents
from vpnconsole.kit.walks import format
from vpnconsole.kit.walks.documents import KEY, placeholder

# Characters of a recording's name, and of the body with what a page sends: an imported document is the longest.
LONGEST_NAME, LONGEST_EVENT = 80, 128 * 1024


def _in_world(view):
    """Mark a view of everybody in a world."""

    @wraps(view)
    def wrapped(request: HttpRequest, **words: str) -> HttpResponse:
        if not getattr(request, "world", ""):
            raise Http404("Only worlds have recordings.")
        return view(request, **words)

    return personal(wrapped)


def _next(request: HttpRequest) -> HttpResponseRedirect:
    """Back to the page on which a button was pressed."""
    to = request.POST.get("next", "")
    is_ours = to.startswith("/") and url_has_allowed_host_and_scheme(to, None)
    return HttpResponseRedirect(to if is_ours else reverse("kit:recording"))


def _name(request: HttpRequest) -> str:
    return request.GET.get("name", "").strip()[:LONGEST_NAME]


@require_safe
@_in_world
def page(request: HttpRequest) -> HttpResponse:
    """The steps so far, and the exports. `?name=` names the recording."""
    found = recording.current()
    has_steps = found is not None and found.steps
    listings = exports.listings(recording.walk_of(found, _name(request))) if found and has_steps else []
    lines = [format.line(taken.step) for taken in found.steps] if found else []
    texts = [*recording.documents_in(found)] if found else []
    context = {
        "recording": found,
        "name": _name(request),
        "lines": lines,
        "listings": listings,
        "has_keys": any(placeholder(KEY, "1") in text for text in texts),
        "left_out": any(documents.is_left_out(text) for text in texts),
    }
    return render(request, "kit/recording.html", context)


@require_POST
@_in_world
def start(request: HttpRequest) -> HttpResponse:
    recording.start()
    return redirect("home") if request.POST.get("next") is None else _next(request)


@require_POST
@_in_world
def stop(request: HttpRequest) -> HttpResponse:
    recording.set_mode(recording.STOPPED)
    return redirect("kit:recording")


@require_POST
@_in_world
def go_on(request: HttpRequest) -> HttpResponse:
    """Record again after a stop, behind what there is."""
    recording.set_mode(recording.DO)
    return redirect("home")


@require_POST
@_in_world
def discard(request: HttpRequest) -> HttpResponse:
    recording.discard()
    return redirect("kit:recording")


@require_POST
@_in_world
def mode(request: HttpRequest) -> HttpResponse:
    """Change between recording and asserting, where no script does."""
    found = recording.current()
    if found and found.is_running:
        recording.set_mode(recording.DO if found.mode == recording.SEE else recording.SEE)
    return _next(request)


@require_POST
@_in_world
def remove(request: HttpRequest) -> HttpResponse:
    """Remove a step by its number; without one, the last."""
    found = recording.current()
    number = whole_number(request.POST.get("number", ""))
    recording.remove(number if number is not None else len(found.steps) if found else 0)
    return redirect("kit:recording")


@require_POST
@_in_world
def steps(request: HttpRequest) -> HttpResponse:
    """Take what a page sends: 204 if it is kept, otherwise 202."""
    if len(request.body) > LONGEST_EVENT:
        return HttpResponseBadRequest()
    try:
        sent = json.loads(request.body)
    except ValueError:
        return HttpResponseBadRequest()
    is_kept = isinstance(sent, dict) and recording.add(request.user, sent)
    return HttpResponse(status=204 if is_kept else 202)


@require_safe
@_in_world
def download(request: HttpRequest, kind: str) -> HttpResponse:
    found = recording.current()
    export = exports.EXPORTS.get(kind)
    if export is None or not found or not found.steps:
        raise Http404("There is nothing to download.")
    walk = recording.walk_of(found, _name(request))
    response = HttpResponse(export.text(walk), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{export.file(walk)}"'
    return response


urlpatterns = [
    path("recording", page, name="recording"),
    path("recording/start", start, name="recording-start"),
    path("recording/stop", stop, name="recording-stop"),
    path("recording/go-on", go_on, name="recording-go-on"),
    path("recording/discard", discard, name="recording-discard"),
    path("recording/mode", mode, name="recording-mode"),
    path("recording/remove", remove, name="recording-remove"),
    path("recording/steps", steps, name="recording-steps"),
    path("recording/download/<slug:kind>", download, name="recording-download"),
]
