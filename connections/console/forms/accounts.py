"""Signing in, passwords, and members of an account."""

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from connections import metrics
from connections.console.forms.base import ConsoleForm, ShownForm
from connections.domain.choices import NewDevices, Role
from connections.models import Account, User
from connections.rate_limit import client_address
from connections.services import sign_ins

NEW_PASSWORD = {"autocomplete": "new-password"}


def told_to_wait(seconds: int) -> str:
    """The message after too many wrong passwords."""
    minutes = -(-seconds // 60)
    return ngettext(
        "Too many wrong passwords. Wait %(count)s minute, then try again.",
        "Too many wrong passwords. Wait %(count)s minutes, then try again.",
        minutes,
    ) % {"count": minutes}


class SignInForm(ConsoleForm, AuthenticationForm):
    """User name and password. `waiting` is the number of seconds for which attempts are refused."""

    waiting = 0

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs["autocomplete"] = "current-password"
        if settings.DEMO_MODE:
            # The personas come first on the page; focusing the field would scroll past them.
            del self.fields["username"].widget.attrs["autofocus"]

    def clean(self):
        username, address = self.cleaned_data.get("username", ""), client_address(self.request)
        self.waiting = sign_ins.wait(username, address)
        if self.waiting:
            metrics.count(metrics.SIGN_INS, "throttled")
            raise ValidationError(told_to_wait(self.waiting), code="throttled")
        try:
            cleaned = super().clean()
        except ValidationError:
            sign_ins.failed(username, address)
            metrics.count(metrics.SIGN_INS, "failed")
            raise
        if self.user_cache is not None:
            sign_ins.succeeded(username, address)
            metrics.count(metrics.SIGN_INS, "succeeded")
        return cleaned


_NEW_DEVICES = Account._meta.get_field("new_devices")
_SINGLE_TUNNELS = Account._meta.get_field("refuses_single_tunnels")


class AccountSettingsForm(ShownForm):
    """Settings of an account."""

    new_devices = forms.ChoiceField(
        label=_NEW_DEVICES.verbose_name,
        help_text=_NEW_DEVICES.help_text,
        choices=NewDevices,
        widget=forms.RadioSelect,
    )
    refuses_single_tunnels = forms.BooleanField(
        label=_SINGLE_TUNNELS.verbose_name, help_text=_SINGLE_TUNNELS.help_text, required=False
    )
    SETTINGS = ("new_devices", "refuses_single_tunnels")


class MemberForm(ConsoleForm, forms.ModelForm):
    """A new member."""

    password = forms.CharField(
        label=_("Initial Password"),
        strip=False,
        widget=forms.PasswordInput(attrs=NEW_PASSWORD),
        help_text=_("At least 10 characters; hand it over safely. The member can change it."),
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "role")
        # Django's labels are not in title case.
        labels = {"first_name": _("First Name"), "last_name": _("Last Name")}
        help_texts = {"username": _("Used to sign in. Letters, digits and @ . + - _.")}


class RoleForm(ShownForm, forms.Form):
    """Change a member's role."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role,
        help_text=_(
            "Administrators manage members and access keys; operators change resources; read-only members look, "
            "without keys."
        ),
    )


class PasswordForm(ConsoleForm, forms.Form):
    """Change one's own password."""

    before = forms.CharField(
        label=_("Current Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    after = forms.CharField(
        label=_("New Password"),
        strip=False,
        widget=forms.PasswordInput(attrs=NEW_PASSWORD),
        help_text=_("At least 10 characters; avoid common passwords. You'll be signed out on other devices."),
    )
