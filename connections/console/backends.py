"""How a session becomes a user, and how long it does."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db.models import F
from django.utils import timezone

from connections.models import Account, User
from connections.prepared import Prepared

_user = Prepared(
    lambda key: User.objects.filter(pk=key).annotate(account_uid=F("account__uid"), account_name=F("account__name"))
)


class AccountBackend(ModelBackend):
    """Django's own, fetching the account along with the user: every page needs both."""

    def user_can_authenticate(self, user):
        return user.is_let_in

    def get_user(self, user_id):
        user = _user.first(user_id)
        if user is None or not self.user_can_authenticate(user):
            return None
        account = (user.account_id, user.account_uid, user.account_name)
        user.account = Account.from_db(user._state.db, ("id", "uid", "name"), account)
        return user


def begin_session(request, **more) -> None:
    """The hours count from signing in. Otherwise they would begin anew whenever the session is saved.

    By the clock by which Django judges sessions, whatever time it is in a test.
    """
    request.session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))
