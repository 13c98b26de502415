"""Which user a session belongs to, and how long it lasts."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.utils import timezone

from connections.models import User


class AccountBackend(ModelBackend):
    """Django's backend, but it loads the user's account in the same query: every page needs both."""

    def user_can_authenticate(self, user):
        return user.is_let_in

    def get_user(self, user_id):
        user = User.objects.select_related("account").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


def begin_session(request, **more) -> None:
    """Let the session expire a fixed time after signing in. Otherwise each save would extend it.

    Uses Django's clock, because Django compares expiry dates with it, even while a test holds ours.
    """
    request.session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))
