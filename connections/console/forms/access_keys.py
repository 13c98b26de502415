"""The form that creates an access key."""

from django import forms
from django.utils.translation import gettext_lazy as _

from connections.console.forms.base import ConsoleForm
from connections.models import User


class MemberField(forms.ModelChoiceField):
    """Chooses among the members of an account."""

    def label_from_instance(self, user):
        return f"{user.display_name} ({user.username}, {user.get_role_display()})"


class AccessKeyForm(ConsoleForm, forms.Form):
    """The member who gets the key."""

    user = MemberField(
        User.objects.none(),
        label=_("User"),
        empty_label=None,
        to_field_name="username",
        help_text=_("Requests that are signed with the key may do what this member may do."),
    )

    def __init__(self, user: User, *args, **kwargs):
        super().__init__(*args, initial={"user": user.username}, **kwargs)
        members = User.objects.filter(account=user.account, is_active=True).order_by("id")
        self.field_of("user", MemberField).queryset = members
