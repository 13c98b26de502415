"""Addresses that browsers open, without the token."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix

from vpnconsole.kit import naming
from vpnconsole.kit.endpoint.routing import route


@route("GET", "/_kit/leave", needs_token=False)
def leave(request: HttpRequest) -> HttpResponse:
    """Leave the world that the browser remembers, and open the console."""
    response = HttpResponseRedirect(get_script_prefix())
    for name in (naming.COOKIE, settings.SESSION_COOKIE_NAME):
        response.delete_cookie(name, path=settings.SESSION_COOKIE_PATH, samesite="Lax")
    return response
