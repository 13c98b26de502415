"""Classes in the browser: how learners join, and the board of their teacher. Outside of all worlds."""

import csv
from io import StringIO

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import get_script_prefix, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections.console.export import harmless
from connections.console.requests import ConsoleRequest
from vpnconsole.kit import classes, labs, sessions
from vpnconsole.kit.texts import spoken


@login_not_required
@require_POST
def class_begin(request: ConsoleRequest) -> HttpResponse:
    """Begin a class, and lead its teacher to the board."""
    lab = request.POST.get("lab", "")
    # Anybody may visit a public demo; whole classes are for those who run it, by the endpoint.
    if not settings.DEMO_MODE or settings.KIT_VISITORS or lab not in labs.shipped():
        raise Http404
    made = classes.create(lab)
    return HttpResponseRedirect(reverse("kit:board", args=[made.board]))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def class_join(request: ConsoleRequest, secret: str) -> HttpResponse:
    """Ask a learner for a name, and lead to a world of their own."""
    of = classes.of_learners(secret)
    lab = labs.find(of.lab)
    name, error = " ".join(request.POST.get("name", "").split())[: classes.LONGEST_NAME], ""
    if request.method == "POST":
        if name:
            return sessions.lead_into(request, classes.join(of, name).id, lab.persona, get_script_prefix())
        error = _("Enter your name.")
    context = {"title": spoken(lab.title), "about": spoken(lab.about), "most": classes.LONGEST_NAME, "error": error}
    return render(request, "kit/join_class.html", context, status=422 if error else 200)


@login_not_required
@require_safe
def board(request: ConsoleRequest, secret: str) -> HttpResponse:
    """Learners and tasks, as they are now. The page asks again by itself."""
    of = classes.of_teacher(secret)
    lab = labs.find(of.lab)
    context = {
        "secret": secret,
        "title": spoken(lab.title),
        "tasks": [(task.name, spoken(task.text)) for task in lab.tasks],
        "most": lab.points,
        "learners": classes.learners(of),
        "join": request.build_absolute_uri(reverse("kit:class-join", args=[of.join])),
    }
    return render(request, "kit/_board.html" if request.htmx else "kit/board.html", context)


@login_not_required
@require_safe
def board_csv(request: ConsoleRequest, secret: str) -> HttpResponse:
    """The board for spreadsheets."""
    of = classes.of_teacher(secret)
    lab = labs.find(of.lab)
    file = StringIO()
    writer = csv.writer(file)
    heads = [_("Learner"), _("Points"), *(task.name for task in lab.tasks), _("Hints"), _("Minutes")]
    writer.writerow(heads)
    for one in classes.learners(of):
        found = one.progress
        tasks = [found.points_of(task) if done else 0 for task, done in zip(lab.tasks, one.done, strict=True)]
        writer.writerow([harmless(one.name), found.points, *tasks, found.hints, found.minutes])
    # The byte order mark tells spreadsheets that this is UTF-8.
    response = HttpResponse("\ufeff" + file.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="class.csv"'
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def board_end(request: ConsoleRequest, secret: str) -> HttpResponse:
    """End a class, after a question."""
    of = classes.of_teacher(secret)
    if request.method == "POST":
        of.end()
        return HttpResponseRedirect(reverse("kit:labs"))
    context = {
        "title": _("End the class"),
        "text": _("The worlds of all learners are deleted, with everything that they have done."),
        "verb": _("End the class"),
        "back": reverse("kit:board", args=[secret]),
    }
    return render(request, "kit/end_class.html", context)


urlpatterns = [
    path("class/", class_begin, name="class-begin"),
    path("class/<str:secret>/", class_join, name="class-join"),
    path("board/<str:secret>/", board, name="board"),
    path("board/<str:secret>/csv/", board_csv, name="board-csv"),
    path("board/<str:secret>/end/", board_end, name="board-end"),
]
