"""Forms of customer gateways."""

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connections.console.forms.base import EditForm, More, StoredSecret, helper, keeps_stored, own_resource_groups
from connections.console.forms.tags import TagsForm
from connections.models import Account, CustomerGateway
from connections.services.customer_gateways import EDITABLE


class CustomerGatewayForm(TagsForm, forms.ModelForm):
    """A new customer gateway with its tags."""

    class Meta:
        model = CustomerGateway
        fields = ("name", "ip_address", "asn", "auth_key", "description", "resource_group")

    def __init__(self, account: Account, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own_resource_groups(self.field_of("resource_group", forms.ModelChoiceField), account)
        self.order_fields([*self.Meta.fields, "tags"])
        self.in_dialog = str(self.auto_id).startswith("dialog")

    @property
    def helper(self):
        first, rest = list(self.fields)[:3], list(self.fields)[3:]
        return helper(*first, More(*rest)) if self.in_dialog else super().helper


class CustomerGatewayModifyForm(EditForm, forms.ModelForm):
    """What can be changed of a customer gateway."""

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
        self.stored_secrets["auth_key"] = StoredSecret("bgp-key", key)
        self.fields["auth_key"].help_text = keeps_stored(self.fields["auth_key"].help_text)
        names = list(self.fields)
        names.remove("clear_auth_key")
        names.insert(names.index("auth_key") + 1, "clear_auth_key")
        self.order_fields(names)

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if data.get("clear_auth_key"):
            if data.get("auth_key"):
                self.add_error("clear_auth_key", _("Enter a new key or remove the stored one, not both."))
        elif data.get("auth_key") == "":
            data["auth_key"] = self.stored_key
        return data

    @property
    def leaves_key(self) -> bool:
        return self.cleaned_data.get("auth_key") == self.stored_key and not self.data.get(self.add_prefix("auth_key"))

    def stored_names(self, stored):
        return [name for name in super().stored_names(stored) if name != "auth_key" or not self.leaves_key]

    def stored_text(self, stored, name):
        return gettext("changed") if name == "auth_key" else super().stored_text(stored, name)

    def now_shown(self, stored, name):
        # The stored key is not part of the page.
        return None if name == "auth_key" else super().now_shown(stored, name)
