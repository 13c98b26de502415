"""What several resources' views do alike."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from connections.errors import Invalid, Refused


def path_back(request, wanted: str) -> str:
    """A page of this console that somebody wants to go to, or nothing. `redirect` takes a mere word for a view."""
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    return wanted if ours else ""


def refusal_of(do: Callable[[], object]) -> str:
    """Why something cannot be done, or nothing once it has been."""
    try:
        do()
    except Refused as refused:
        return refused.message
    return ""


def confirm(
    request, *, title: str, text: str, do: Callable[[], None], done: str, to: str, back: str, users=(), refusal=""
):
    """Ask before something is deleted, in a dialog or on a page; then do it, or say why not.

    `users` are the resources that stand in the way, `refusal` says so: while there is either, OK is not offered.
    """
    context = {"title": title, "text": text, "back": back, "users": list(users[:10]), "refusal": refusal}
    if request.method == "POST":
        try:
            do()
        except Refused as refused:
            context["refusal"] = refused.message
        else:
            messages.success(request, done)
            return HttpResponseClientRedirect(to) if request.htmx else redirect(to)
    return render(request, "shared/_confirm.html" if request.htmx else "shared/confirm.html", context)


def edit(
    request, form, *, title: str, do: Callable[[], object], done: str, to: str, back: str = "", refusal: str = "",
    refused: Callable[[Refused], None] = lambda refused: None, danger: bool = False, **context,
):  # fmt: skip
    """A small form, in a dialog or on a page of its own: judge, do, say so, or show what stands against it.

    While there is a `refusal` there is no form. `refused` may add to a form what a refusal has made known.
    """
    if request.POST.get("_action"):
        form.unjudge()
    elif not refusal and form.is_valid():
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
    context |= {"form": form, "title": title, "refusal": refusal, "back": back or to, "danger": danger}
    return render(request, "shared/_edit.html" if request.htmx else "shared/edit.html", context)
