"""Sessions of personas, without signing in by hand."""

from django.contrib.auth import login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from connections.console.sessions import SessionStore
from connections.models import User
from vpnconsole.kit.errors import KitError


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
    login(request, user, backend="connections.console.backends.AccountBackend")
    request.session.save()
    return request.session
