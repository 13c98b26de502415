"""How a session becomes a user."""

from django.contrib.auth.backends import ModelBackend

from connections.models import User


class AccountBackend(ModelBackend):
    """Django's own, fetching the account along with the user: every page needs both."""

    def get_user(self, user_id):
        user = User.objects.select_related("account").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
