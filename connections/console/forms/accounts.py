"""Signing in."""

from django.contrib.auth.forms import AuthenticationForm

from connections.console.forms.kit import ConsoleForm


class SignInForm(ConsoleForm, AuthenticationForm):
    """User name and password."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs["autocomplete"] = "current-password"
