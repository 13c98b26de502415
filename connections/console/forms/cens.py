"""Forms of CEN instances and transit routers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from connections.console import collation
from connections.console.forms.base import ConsoleForm, EditForm, own_resource_groups
from connections.console.forms.tags import TagsForm
from connections.console.forms.widgets import RowsWidget
from connections.domain import limits
from connections.models import Account, Cen, TransitRouter, TransitRouterCidr
from connections.persistence.fields import CidrListFormField
from connections.services import router_cidrs
from connections.services.cens import EDITABLE, router_problems


class CenForm(TagsForm, forms.ModelForm):
    """A new CEN instance with its tags."""

    class Meta:
        model = Cen
        fields = ("name", "description", "resource_group")

    def __init__(self, account: Account, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own_resource_groups(self.field_of("resource_group", forms.ModelChoiceField), account)
        self.order_fields([*self.Meta.fields, "tags"])


class CenModifyForm(EditForm, forms.ModelForm):
    """What can be changed of a CEN instance."""

    class Meta:
        model = Cen
        fields = EDITABLE


class TransitRouterForm(TagsForm, forms.ModelForm):
    """A new transit router with its CIDR blocks and tags."""

    cidrs = CidrListFormField(
        most=limits.MAX_ROUTER_CIDRS,
        label=_("CIDR Blocks"),
        widget=RowsWidget(_("CIDR block"), limits.MAX_ROUTER_CIDRS, placeholder="10.0.0.0/20"),
        required=False,
        help_text=_("Private connections take their gateway addresses from here. Up to 5 blocks, /16 to /24."),
    )

    class Meta:
        model = TransitRouter
        fields = ("region_id", "name", "description")

    def __init__(self, *args, region_id="", **kwargs):
        super().__init__(*args, **kwargs)
        taken = set(self.instance.cen.transit_routers.values_list("region_id", flat=True))
        free = [(region_id, name) for region_id, name in collation.regions() if region_id not in taken]
        if region_id in taken:
            # Not the first one of the alphabet: it cannot be changed later.
            free.insert(0, ("", _("Choose a region")))
        else:
            self.initial["region_id"] = region_id
        self.field_of("region_id", forms.ChoiceField).choices = free
        self.fields["region_id"].help_text = _(
            "One transit router per region in a CEN instance. Can't be changed later."
        )
        self.order_fields([*self.Meta.fields, "cidrs", "tags"])

    def clean(self):
        super().clean()
        data = self.cleaned_data
        self.instance.region_id = data.get("region_id", "")
        self.add_problems(router_problems(self.instance, data.get("cidrs", ())))
        return data


class TransitRouterModifyForm(EditForm, forms.ModelForm):
    """What can be changed of a transit router."""

    class Meta:
        model = TransitRouter
        fields = EDITABLE


class RouterCidrForm(ConsoleForm, forms.ModelForm):
    """A new CIDR block of a transit router."""

    class Meta:
        model = TransitRouterCidr
        fields = router_cidrs.EDITABLE
        widgets = {"cidr": forms.TextInput(attrs={"placeholder": "10.0.0.0/20"})}

    def clean(self):
        super().clean()
        self.instance.cidr = self.cleaned_data.get("cidr", "")
        self.add_problems(router_cidrs.cidr_problems(self.instance))
        return self.cleaned_data


class RouterCidrModifyForm(EditForm, RouterCidrForm):
    """A stored CIDR block."""
