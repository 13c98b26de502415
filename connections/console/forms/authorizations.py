"""Forms of authorizations."""

from django import forms

from connections.console.forms.base import ConsoleForm, ShownForm
from connections.models import Authorization


class AuthorizationForm(ConsoleForm, forms.ModelForm):
    """The dialog Attach to CEN of the product page."""

    class Meta:
        model = Authorization
        fields = ("peer_uid", "peer_cen_id", "order_type")
        widgets = {"order_type": forms.RadioSelect}

    def is_mandatory(self, name):
        return True


class PayerForm(ShownForm, forms.ModelForm):
    """Change who pays for an existing authorization."""

    class Meta:
        model = Authorization
        fields = ("order_type",)
        widgets = {"order_type": forms.RadioSelect}
