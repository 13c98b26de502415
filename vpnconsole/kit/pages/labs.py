"""Labs: their list, and what learners see beside the pages of their world: the brief, tasks with marks, and hints."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import get_script_prefix, path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections.console.access import personal
from connections.console.requests import ConsoleRequest
from connections.console.views.shared import path_back
from connections.console.words import Words
from connections.numbers import whole_number
from vpnconsole.kit import clockwork, entering, keys, labs, lifecycle, sessions, sharing, state, visitors, worlds
from vpnconsole.kit.errors import KitError
from vpnconsole.kit.labs import marking, results
from vpnconsole.kit.labs.format import COST, Lab, Task
from vpnconsole.kit.labs.marking import Progress
from vpnconsole.kit.pages import world_of
from vpnconsole.kit.texts import spoken

LEVELS: Mapping[str, Words] = {
    "easy": gettext_lazy("easy"),
    "medium": gettext_lazy("medium"),
    "hard": gettext_lazy("hard"),
}


@dataclass(frozen=True)
class Listed:
    """A lab in the list."""

    name: str
    lab: Lab

    @property
    def title(self) -> str:
        return spoken(self.lab.title)

    @property
    def about(self) -> str:
        return spoken(self.lab.about)

    @property
    def level(self) -> Words:
        return LEVELS[self.lab.level]


def listed() -> list[Listed]:
    return [Listed(name, lab) for name, lab in labs.shipped().items()]


@dataclass(frozen=True)
class ShownTask:
    """A task as learners see it."""

    task: Task
    progress: Progress

    @property
    def text(self) -> str:
        return spoken(self.task.text)

    @property
    def is_done(self) -> bool:
        return self.progress.is_done(self.task)

    @property
    def because(self) -> str:
        """What is not so yet; blank before the first check."""
        return self.progress.because(self.task, get_language() or "en")

    @property
    def points(self) -> int:
        return self.progress.points_of(self.task)

    @property
    def hints(self) -> list[str]:
        return [spoken(hint) for hint in self.task.hints[: self.progress.hints_taken(self.task)]]

    @property
    def has_more_hints(self) -> bool:
        return not self.is_done and self.progress.hints_taken(self.task) < len(self.task.hints)

    @property
    def choices(self) -> Iterator[tuple[str, str, bool]]:
        """Name, text and whether it is reported."""
        given = self.progress.answered(self.task)
        for choice in self.task.choices:
            yield choice.name, spoken(choice.text), choice.name in given


class ShownLab:
    """The lab of a world, as its pages show it."""

    def __init__(
        self, request: ConsoleRequest, values: Mapping[str, Any], notice: str = "", *, has_moved: bool = False
    ):
        self.request, self.notice, self.has_moved, self._values = request, notice, has_moved, values
        self.progress = Progress(values)
        self.lab = self.progress.lab
        self.cost = COST

    @property
    def title(self) -> str:
        return spoken(self.lab.title)

    @property
    def brief(self) -> list[str]:
        """Paragraphs."""
        return spoken(self.lab.brief).split("\n\n")

    @property
    def tasks(self) -> list[ShownTask]:
        return [ShownTask(task, self.progress) for task in self.lab.tasks]

    @property
    def is_folded(self) -> bool:
        return bool(self._values.get("lab_folded"))

    @property
    def back(self) -> str:
        """The page to which buttons return."""
        return self.request.htmx.current_url_abs_path or "" if self.request.htmx else self.request.get_full_path()

    @property
    def is_own_page(self) -> bool:
        return self.back.partition("?")[0] == reverse("kit:lab")

    @property
    def steps(self) -> list[tuple[int, str]]:
        """How far the clock can be moved: seconds, and words."""
        return [(seconds, _span(seconds)) for seconds in self.lab.advance]

    @cached_property
    def key(self) -> Mapping[str, str]:
        """The access key for the API, if the lab needs one."""
        if not self.lab.access_key:
            return {}
        return keys.shown(world_of(self.request), dict(self._values))[self.lab.persona]

    @property
    def endpoint(self) -> str:
        return self.request.build_absolute_uri(get_script_prefix())


def _span(seconds: int) -> str:
    if seconds % 86400 == 0:
        days = seconds // 86400
        return _("+1 day") if days == 1 else _("+%(days)s days") % {"days": days}
    if seconds % 3600 == 0:
        hours = seconds // 3600
        return _("+1 h") if hours == 1 else _("+%(hours)s h") % {"hours": hours}
    return _("+%(minutes)s min") % {"minutes": seconds // 60}


def shown_on_page(request: HttpRequest, values: Mapping[str, Any]) -> ShownLab | None:
    """The lab beside a page of its world. Not beside the kit's own pages, such as the board of a class."""
    if "progress" not in values or sharing.is_onlooker(request) or request.path_info.startswith("/_kit/"):
        return None
    return ShownLab(request, values)  # type: ignore[arg-type]


def _values(request: HttpRequest) -> dict[str, Any]:
    """The state of a world that has a lab. Raises Http404 elsewhere."""
    values = state.values() if world_of(request) and not sharing.is_onlooker(request) else {}
    if "progress" not in values:
        raise Http404
    return values


# --- the list -----------------------------------------------------------------------------------------------------


@login_not_required
@require_safe
def lab_list(request: ConsoleRequest) -> HttpResponse:
    if not settings.DEMO_MODE:
        raise Http404
    context = {"labs": listed(), "classes": not settings.KIT_VISITORS, "inside": world_of(request)}
    return render(request, "kit/labs.html", context)


@login_not_required
@require_POST
def lab_begin(request: ConsoleRequest) -> HttpResponse:
    """Lead a person into a world of their own with a lab."""
    name = request.POST.get("lab", "")
    if not settings.DEMO_MODE or name not in labs.shipped():
        raise Http404
    lab = labs.find(name)
    return visitors.welcome(request, lab.persona, get_script_prefix(), lab.scenario, lab=name, **lab.settings)


# --- in a world ---------------------------------------------------------------------------------------------------


@login_not_required
@personal
@require_safe
def lab_show(request: ConsoleRequest) -> HttpResponse:
    """The lab as a page of its own, for browsers without scripts."""
    return render(request, "kit/lab.html", {"lab": ShownLab(request, _values(request))})


@login_not_required
@personal
@require_POST
def lab_do(request: ConsoleRequest, what: str) -> HttpResponse:
    """Do what a button of the lab says, and return to the page, or to the lab as it is then."""
    _values(request)
    if what not in DOING:
        raise Http404
    try:
        notice = DOING[what](request)
    except KitError as error:
        raise Http404 from error
    if not request.htmx:
        return HttpResponseRedirect(path_back(request, request.POST.get("from", "")) or reverse("kit:lab"))
    # Entered again: its time is that of now.
    with entering.entered(worlds.find(world_of(request))) as values:
        lab = ShownLab(request, values, notice, has_moved=what == "advance")
        return render(request, "kit/_lab.html", {"lab": lab})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def lab_over(request: ConsoleRequest) -> HttpResponse:
    """Make the world of a lab as new, after a question."""
    values = _values(request)
    if request.method == "POST":
        lifecycle.reset(world_of(request))
        return sessions.lead_into(request, world_of(request), labs.find(values["lab"]).persona, get_script_prefix())
    context = {
        "title": _("Start over"),
        "text": _("The lab begins again. Hints that you have read stay, and your time goes on."),
        "verb": _("Start over"),
        "back": reverse("kit:lab"),
    }
    return render(request, "shared/confirm.html", context)


@login_not_required
@require_safe
def lab_result(request: ConsoleRequest) -> HttpResponse:
    """What a learner has reached, as a file that this installation can check later."""
    text = results.signed(Progress(_values(request)))
    headers = {"Content-Disposition": 'attachment; filename="result.txt"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def lab_verify(request: ConsoleRequest) -> HttpResponse:
    """Whether the file of a result is as this installation has signed it."""
    if not settings.DEMO_MODE:
        raise Http404
    text, result, is_wrong = request.POST.get("result", "")[: results.LONGEST], None, False
    if request.method == "POST":
        try:
            result = results.read(text)
        except signing.BadSignature:
            is_wrong = True
    context: dict[str, Any] = {"text": text, "result": result, "is_wrong": is_wrong}
    if result:
        # The lab may have been one of another version.
        lab = labs.shipped().get(result.lab)
        context |= {"lab": spoken(lab.title) if lab else result.lab, "ended": parse_datetime(result.ended)}
    return render(request, "kit/verify.html", context, status=422 if is_wrong else 200)


# --- what buttons do: each returns a sentence -----------------------------------------------------------------------


def _check(request: ConsoleRequest) -> str:
    marking.check()
    progress = Progress(state.values())
    done = sum(progress.is_done(task) for task in progress.lab.tasks)
    if progress.is_complete:
        return _("All tasks are done: %(points)s points.") % {"points": progress.points}
    return _("%(done)s of %(count)s tasks are done.") % {"done": done, "count": len(progress.lab.tasks)}


def _hint(request: ConsoleRequest) -> str:
    marking.take_hint(request.POST.get("task", ""))
    return _("The hint is beneath its task.")


def _answer(request: ConsoleRequest) -> str:
    marking.answer(request.POST.get("task", ""), request.POST.getlist("choice"))
    return _check(request)


def _advance(request: ConsoleRequest) -> str:
    seconds = whole_number(request.POST.get("seconds", ""))
    lab = labs.find(state.get("lab"))
    if seconds not in lab.advance:
        raise KitError(422, "invalid", "The lab does not move the clock so far.")
    clockwork.advance(seconds)
    return _("The clock was moved: %(span)s.") % {"span": _span(seconds)}


def _fold(request: ConsoleRequest) -> str:
    state.put({"lab_folded": not state.get("lab_folded", False)})
    return ""


DOING: Mapping[str, Callable[[ConsoleRequest], str]] = {
    "check": _check,
    "hint": _hint,
    "answer": _answer,
    "advance": _advance,
    "fold": _fold,
}

urlpatterns = [
    path("labs/", lab_list, name="labs"),
    path("labs/begin/", lab_begin, name="lab-begin"),
    path("labs/verify/", lab_verify, name="lab-verify"),
    path("lab/", lab_show, name="lab"),
    path("lab/over/", lab_over, name="lab-over"),
    path("lab/result/", lab_result, name="lab-result"),
    path("lab/<slug:what>/", lab_do, name="lab-do"),
]
