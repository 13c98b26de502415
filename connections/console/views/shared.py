"""What several resources' views do alike."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect

from connections.errors import Refused


def confirm(request, *, title: str, text: str, do: Callable[[], None], done: str, to: str, back: str, users=()):
    """Ask before something is deleted, in a dialog or on a page; then do it, or say why not.

    `users` are the resources that stand in the way: while there are any, OK is not offered.
    """
    context = {"title": title, "text": text, "back": back, "users": list(users[:10])}
    if request.method == "POST":
        try:
            do()
        except Refused as refused:
            context["refusal"] = refused.message
        else:
            messages.success(request, done)
            return HttpResponseClientRedirect(to) if request.htmx else redirect(to)
    return render(request, "shared/_confirm.html" if request.htmx else "shared/confirm.html", context)
