"""Views that several resources share."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from connections import clock
from connections.console import tables
from connections.console.forms.base import ConsoleForm, ShownForm
from connections.console.grids import ListPage, Rows
from connections.console.idempotency import will_be_answered
from connections.console.requests import ConsoleRequest
from connections.console.words import Words
from connections.domain.refusals import CHANGED_MEANWHILE, Invalid, Reason, Refused
from connections.models import Event
from connections.models.base import Resource

DELETE, SAVE = _("Delete"), _("Save changes")

# An operation may end so long after the moment of its event.
LATE = timedelta(seconds=5)


def path_back(request: ConsoleRequest, wanted: str) -> str:
    """An address of this console, or blank. `redirect` would take a single word for the name of a view."""
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    return wanted if ours else ""


def poll(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view that pages poll report that the account has deleted the connection, or its last argument."""

    @wraps(view)
    def answered(request: ConsoleRequest, **named: str) -> HttpResponse:
        try:
            return view(request, **named)
        except Http404:
            # A tunnel goes with its connection.
            polled = named.get("connection_id") or list(named.values())[-1]
            if not (request.htmx and Event.objects.deletes(request.user.account, polled)):
                raise
            return trigger_client_event(HttpResponse(status=204), "resource-gone")

    return answered


def refreshed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a list's page ask for changes since it was read: the answer is blank if the account has no new event."""

    @wraps(view)
    def answered(request: ConsoleRequest, **named: str) -> HttpResponse:
        since = parse_datetime(request.headers.get("X-Refresh", ""))
        if since and since.tzinfo and not Event.objects.of(request.user.account).filter(at__gt=since - LATE).exists():
            return HttpResponse(status=204, headers={"X-Read": clock.now().isoformat()})
        return view(request, **named)

    return answered


def came_from(request: ConsoleRequest) -> str:
    """The page on which a dialog was opened, or blank."""
    return path_back(request, (request.htmx and request.htmx.current_url_abs_path) or "")


def refusal_of(do: Callable[[], object], *harmless: Reason) -> str:
    """Call `do`. Returns the message of its refusal; blank if it succeeded, or was refused for a harmless reason."""
    try:
        do()
    except Refused as refused:
        if refused.code not in {reason.code for reason in harmless}:
            return refused.message
    return ""


def list_page(
    request: ConsoleRequest, listing: ListPage, table: tables.Table | None = None, rows: Rows | None = None, **context
) -> HttpResponse:
    """A list's page, or its table alone if htmx requests that."""
    context |= {"grid": listing.grid(request, rows, table), "table": table}
    context["create"] = listing.create_button(request.user, request.region.id)
    if table and tables.wants_fragment(request):
        return tables.with_address(render(request, "shared/_table.html", context), request, table)
    if listing.exported and "tools" not in context:
        context["tools"] = listing.tools(request.user, listing.place or request.region.id)
    return render(request, listing.template, context)


def confirm(
    request: ConsoleRequest,
    *,
    title: str,
    text: str,
    do: Callable[[], object],
    done: str,
    to: str,
    back: str,
    verb: Words = DELETE,
    users: Rows = (),
    used: Reason | None = None,
    refusal: str = "",
    way_out: tuple[str, Words] | None = None,
    carried: dict | None = None,
) -> HttpResponse:
    """Ask for confirmation, in a dialog or on a page; on POST do it, or show the refusal.

    `users` are resources that prevent the deletion, for the reason `used`; `refusal` says so in words. With either,
    there is no button that does it, but perhaps one to the `way_out`, an address and its label. `verb` is on the
    button. `carried` are values to post with it that are not in the address.
    """
    context: dict[str, object] = {"title": title, "text": text, "back": back, "users": list(users[:10]), "verb": verb}
    context |= {"refusal": refusal, "used": used, "way_out": way_out, "carried": carried or {}}
    if request.method == "POST":
        will_be_answered(request, to, done)
        try:
            do()
        except Refused as refused:
            context["refusal"] = refused.message
        else:
            messages.success(request, done)
            return HttpResponseClientRedirect(to) if request.htmx else redirect(to)
    return render(request, "shared/_confirm.html" if request.htmx else "shared/confirm.html", context)


def stale(form: ShownForm, stored: Callable[[], Model]) -> Callable[[Refused], None]:
    """Have a form show what another user has stored, if that is why the operation was refused."""

    def show(refused: Refused) -> None:
        if refused.code == CHANGED_MEANWHILE.code:
            form.show_stored(stored())

    return show


def secret(request: ConsoleRequest, kind: str, *, label: Words, of: Resource, key: str, **more: Words) -> HttpResponse:
    """A disclosed key in plain text: a fragment that replaces the dots, or a page for browsers without scripts.

    `kind` and `more` are what `shared/_key_hidden.html` needs.
    """
    context = {"kind": kind, "label": label, "of": of, "key": key, "url": request.get_full_path(), **more}
    return render(request, "shared/_key.html" if request.htmx else "shared/secret.html", context)


def edit(
    request: ConsoleRequest,
    form: ConsoleForm,
    *,
    title: str,
    do: Callable[[], object],
    done: str,
    to: str,
    back: str = "",
    refusal: str = "",
    refused: Callable[[Refused], None] = lambda refused: None,
    danger: bool = False,
    verb: Words = SAVE,
    **context,
) -> HttpResponse:
    """A small form in a dialog or on a page. On POST validate it and call `do`, or show the errors.

    With a `refusal` there is no form. `refused` is called after a refusal and may change the form. `verb` is on the
    button.
    """
    if request.POST.get("_action"):
        form.unjudge()
    elif not refusal and form.is_valid():
        will_be_answered(request, to, done)
        try:
            do()
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Refused as caught:
            form.add_error(None, caught.message)
            refused(caught)
        else:
            messages.success(request, done)
            return HttpResponseClientRedirect(to) if request.htmx else redirect(to)
    context |= {"form": form, "title": title, "refusal": refusal, "back": back or to}
    context |= {"danger": danger, "verb": verb}
    return render(request, "shared/_edit.html" if request.htmx else "shared/edit.html", context)
