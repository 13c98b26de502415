"""Forms of destination-based routes."""

from django import forms

from connections.console.forms.base import ConsoleForm
from connections.models import Route


class RouteForm(ConsoleForm, forms.ModelForm):
    """A route that a user adds; the service validates it."""

    class Meta:
        model = Route
        fields = ("destination", "weight", "description")
