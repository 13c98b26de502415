"""Sessions of personas, without signing in by hand."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token

from connections.console.sessions import SessionStore
from connections.models import User
from vpnconsole.kit import entering, naming
from vpnconsole.kit.errors import KitError

BACKEND = "connections.console.backends.AccountBackend"


def member(username: str) -> User:
    """A member of any account. Raises KitError. Runs within the world, as everything here."""
    user = User.objects.select_related("account").filter(username=username).first()
    if user is None:
        known = ", ".join(User.objects.order_by("id").values_list("username", flat=True)[:50])
        raise KitError(422, "unknown_member", f"This world has no member {username!r}.", f"There are {known}.")
    return user


def begin(username: str) -> SessionBase:
    """A new session of a member. Raises KitError for one who may not sign in."""
    user = member(username)
    if not user.is_let_in:
        raise KitError(422, "disabled", f"{username} is disabled and cannot sign in.")
    request = HttpRequest()
    request.session = SessionStore()
    login(request, user, backend=BACKEND)
    request.session.save()
    return request.session


def lead_into(request: HttpRequest, world_id: str, username: str, to: str) -> HttpResponse:
    """A redirect that puts the browser into a world, signed in as a member if one is named. Raises KitError.

    Also for a page of another world, or of the installation.
    """
    with entering.world_named(world_id):
        session = begin(username) if username else None
    response = HttpResponseRedirect(to)
    cookies: list[tuple[str, str, int | None]] = [(naming.COOKIE, world_id, None)]
    if session:
        cookies.append((settings.SESSION_COOKIE_NAME, session.session_key or "", session.get_expiry_age()))
        rotate_token(request)
    for name, value, age in cookies:
        response.set_cookie(
            name, value, age, path=settings.SESSION_COOKIE_PATH, secure=bool(settings.SESSION_COOKIE_SECURE),
            httponly=True, samesite="Lax",
        )  # fmt: skip
    # Of the session that the request came with, the middleware must neither store nor delete anything.
    request.session = SessionStore()
    request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
    return response
