"""Pages for requests that cannot be served."""

import sys
from urllib.parse import urlsplit, urlunsplit

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from connections import metrics
from connections.console.views.shared import path_back
from connections.console.words import Words
from connections.persistence.database_outages import Why, fate, reason
from connections.request_context import Saved, current

# Seconds: long enough for a server to restart, short enough to wait for.
RETRY_AFTER = 5


def error_page(code: int, title: Words, text: Words, way: tuple[str, Words] = ("", "")) -> HttpResponse:
    """A page that needs neither a session nor the database. `way`: an address and its label instead of the overview."""
    served = current.get()
    context = {"code": code, "title": title, "text": text, "language": get_language(), "way": way[0]}
    context |= {"way_label": way[1], "request_id": served.request_id if served else ""}
    context["world"] = served.world if served else ""
    return HttpResponse(render_to_string("error.html", context), status=code)


def bad_request(request, exception):
    """Answer a malformed request, or one that is too large."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return too_large()
    if isinstance(exception, SessionInterrupted):
        # Another request ended the session while this one was being served.
        return error_page(400, _("You were signed out meanwhile"), _fate(exception) or _("Sign in and try again."))
    return unreadable()


def unreadable() -> HttpResponse:
    return error_page(400, _("This request cannot be read"), _("Go back, reload the page and try again."))


def too_large() -> HttpResponse:
    return error_page(413, _("Upload too large"), _("The request is larger than the console accepts."))


def too_many(seconds: int) -> HttpResponse:
    text = _("Try again in %(seconds)s seconds.") % {"seconds": seconds}
    response = error_page(429, _("Too many requests"), text)
    response.headers["Retry-After"] = str(seconds)
    return response


def not_found(request, exception):
    return render(request, "404.html", status=404)


def forbidden(request, exception):
    return render(request, "403.html", status=403)


_DATABASE = {
    Why.AWAY: (
        gettext_lazy("The database cannot be reached"),
        gettext_lazy("Nothing was saved. Try again in a moment; your input is kept."),
    ),
    Why.BUSY: (
        gettext_lazy("The database is busy"),
        gettext_lazy("Your request waited too long. Nothing was saved; try again in a moment."),
    ),
    Why.SLOW: (
        gettext_lazy("This took too long"),
        gettext_lazy(
            "The database did not finish in time. Nothing was saved. Search for less, or try again in a moment."
        ),
    ),
    Why.FULL: (
        gettext_lazy("There is no room left"),
        gettext_lazy("The database's disk is full, or does not take what is written. Nothing was saved."),
    ),
    Why.READ_ONLY: (
        gettext_lazy("The database is read-only at the moment"),
        gettext_lazy("It takes no changes. Nothing was saved."),
    ),
    Why.DAMAGED: (
        gettext_lazy("The database or its disk is damaged"),
        gettext_lazy("Nothing was saved. Tell the person who runs this console."),
    ),
}


def server_error(request):
    """Answer an unexpected error, or a database outage."""
    error = sys.exc_info()[1]
    why = reason(error)
    if why is None:
        text = _("Nothing was saved. Go back and try again; what you had typed into a form is kept.")
        return error_page(500, _("Something went wrong on our side"), _fate(error) or text)
    if why is Why.TOO_MUCH:
        return too_large()
    metrics.count(metrics.UNAVAILABLE, why.value)
    title, advice = _DATABASE[why]
    response = error_page(503, title, _fate(error) or advice)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _fate(error: BaseException | None) -> str:
    """A sentence on whether the failed request was saved; blank if nothing was."""
    match fate(error):
        case Saved.SOMETHING:
            return _("Something was saved before this happened. Look before you do it again.")
        case Saved.UNSURE:
            return _(
                "It is not known whether this was saved: the database went away at that moment. Send the same form "
                "again: it is done once, even if it was done already."
            )
    return ""


def csrf_failure(request, reason=""):
    """Signing in elsewhere changes the CSRF token: have the page opened again, which brings back what was typed."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRefresh()
    page = urlsplit(request.headers.get("Referer", ""))
    back = path_back(request, urlunsplit(("", "", page.path, page.query, "")))
    return render(request, "403.html", {"csrf": True, "back": back}, status=403)
