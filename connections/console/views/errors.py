"""Pages for requests that cannot be served."""

from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh


def not_found(request, exception):
    return render(request, "404.html", status=404)


def forbidden(request, exception):
    return render(request, "403.html", status=403)


def csrf_failure(request, reason=""):
    """Signing in elsewhere changes the token: an open page is told to reload, a form to be sent again."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRefresh()
    return render(request, "403.html", {"csrf": True}, status=403)
