"""Forms of customer gateways."""

from django import forms
from django.utils.translation import gettext_lazy as _

from connections.console.forms.kit import ConsoleForm, own_resource_groups
from connections.console.forms.tags import TagsForm
from connections.models import CustomerGateway
from connections.services.customer_gateways import EDITABLE


class CustomerGatewayForm(TagsForm, forms.ModelForm):
    """A new customer gateway with its tags."""

    class Meta:
        model = CustomerGateway
        fields = ("name", "ip_address", "asn", "auth_key", "description", "resource_group")

    def __init__(self, account, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own_resource_groups(self.fields["resource_group"], account)
        self.order_fields([*self.Meta.fields, "tags"])


class CustomerGatewayModifyForm(ConsoleForm, forms.ModelForm):
    """What can be changed of a customer gateway, and the revision that is being changed."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = CustomerGateway
        fields = EDITABLE

    def show_stored(self, stored: CustomerGateway) -> None:
        """Say beside each field what somebody else has stored meanwhile; take over the new revision."""
        for name in EDITABLE:
            if getattr(stored, name) != self.cleaned_data.get(name):
                now = _("changed") if name == "auth_key" else f"now “{getattr(stored, name)}”"
                self.warnings.setdefault(name, []).append(
                    _("Stored value: %(now)s. Submit to replace it with yours.") % {"now": now}
                )
        self.data = self.data.copy()
        self.data["revision"] = stored.revision
