"""Forms of customer gateways."""

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from connections.console.forms.base import ConsoleForm, StoredSecret, keeps_stored, own_resource_groups
from connections.console.forms.tags import TagsForm
from connections.models import CustomerGateway
from connections.persistence.fields import WholeNumberFormField
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

    revision = WholeNumberFormField(widget=forms.HiddenInput)
    clear_auth_key = forms.BooleanField(label=_("Remove the stored BGP key"), required=False)

    class Meta:
        model = CustomerGateway
        fields = EDITABLE

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        gateway = self.instance
        self.stored_key = gateway.auth_key
        # The stored key is not part of the page.
        self.initial["auth_key"] = ""
        if not self.stored_key:
            del self.fields["clear_auth_key"]
            return
        key = reverse("customer-gateway-key", args=[gateway.region_id, gateway.resource_id])
        self.stored_secrets["auth_key"] = StoredSecret("customer_gateways/_key_hidden.html", key)
        self.fields["auth_key"].help_text = keeps_stored(self.fields["auth_key"].help_text)
        names = list(self.fields)
        names.remove("clear_auth_key")
        names.insert(names.index("auth_key") + 1, "clear_auth_key")
        self.order_fields(names)

    def clean(self):
        data = super().clean()
        if data.get("clear_auth_key"):
            if data.get("auth_key"):
                self.add_error("clear_auth_key", _("Enter a new key or remove the stored one, not both."))
        elif data.get("auth_key") == "":
            data["auth_key"] = self.stored_key
        return data

    @property
    def leaves_key(self) -> bool:
        return self.cleaned_data.get("auth_key") == self.stored_key and not self.data.get(self.add_prefix("auth_key"))

    def show_stored(self, stored: CustomerGateway) -> None:
        """Say beside each field what somebody else has stored meanwhile; take over the new revision."""
        for name in EDITABLE:
            if name == "auth_key" and self.leaves_key:
                continue
            if getattr(stored, name) != self.cleaned_data.get(name):
                now = _("changed") if name == "auth_key" else f"now “{getattr(stored, name)}”"
                self.warnings.setdefault(name, []).append(
                    _("Stored value: %(now)s. Submit to replace it with yours.") % {"now": now}
                )
        self.data = self.data.copy()
        self.data["revision"] = stored.revision
