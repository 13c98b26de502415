"""Forms of VPN attachments: attach, change, detach."""

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connections import search
from connections.console.autocomplete import ResourceChoiceField, Ways
from connections.console.forms.base import ConsoleForm, EditForm, Group, SectionBox, group_id, helper
from connections.domain.choices import ResourceOwner
from connections.domain.sections import ADVANCED
from connections.models import Attachment, Connection, TransitRouter
from connections.services.attachments import available

# The name of the search beside the control for the connection.
SEARCH = "connection-q"


def ways_to_attach(router: TransitRouter, owner_uid: str) -> Ways:
    """How connections to attach are searched and labelled: those of another account by their ID alone."""
    if owner_uid:
        return Ways(
            find=lambda rows, text: rows.filter(resource_id__contains=text),
            label=lambda connection: connection.resource_id,
        )
    return Ways(find=lambda rows, text: search.found(rows, text, router.account_id, router.region_id))


class AttachForm(ConsoleForm, forms.ModelForm):
    """Create Connection on a transit router: the connection, its owner, the zone and the switches."""

    resource_owner = forms.ChoiceField(
        label=_("Resource Owner"),
        choices=ResourceOwner,
        initial=ResourceOwner.CURRENT,
        widget=forms.RadioSelect,
        help_text=_("Different Account: its owner has to authorize this CEN instance first."),
    )
    owner_uid = forms.CharField(
        label=_("Owner UID"), required=False, help_text=_("UID of the account to which the connection belongs.")
    )
    connection = ResourceChoiceField(
        Connection.objects.none(),
        label=_("IPsec-VPN Connection"),
        required=False,
        help_text=_("Unassociated connections of this region."),
    )

    class Meta:
        model = Attachment
        fields = ("name", "zone", *ADVANCED.fields)

    def __init__(self, router: TransitRouter, *args, **kwargs):
        super().__init__(*args, instance=Attachment(account=router.account, transit_router=router), **kwargs)
        self.router = router
        # `clean` asks for it.
        self.fields["zone"].required = False
        self.fields["zone"].help_text = _("Only for connections with one tunnel. Two tunnels have zones of their own.")
        self.field_of("zone", forms.ChoiceField).choices = [
            ("", _("Choose a zone")),
            *((zone.id, zone.label) for zone in router.region.zones),
        ]
        field = self.field_of("connection", ResourceChoiceField)
        if self.owner or not self.foreign:
            field.queryset = available(router.account, router.cen, router.region_id, self.owner)
        field.ways = ways_to_attach(router, self.owner)
        field.address = reverse("attachment-choices", args=[router.cen.resource_id, router.resource_id])
        field.text, field.along = search.typed(self._posted(SEARCH)), ("resource_owner", "owner_uid")
        field.empty_label = self._nothing() if field.is_empty else _("Choose a connection")

    def kept(self, posted):
        return super().kept(posted) | {SEARCH: posted.get(SEARCH, "")}

    def _posted(self, name: str) -> str:
        values = self.data if self.is_bound else self.initial
        return str(values.get(name, "") or "").strip()

    @property
    def foreign(self) -> bool:
        return self._posted("resource_owner") == ResourceOwner.DIFFERENT

    @property
    def owner(self) -> str:
        """The UID of the other account, or blank."""
        return self._posted("owner_uid") if self.foreign else ""

    def _nothing(self) -> str:
        if self.field_of("connection", ResourceChoiceField).text:
            return gettext("Nothing matches")
        if self.foreign:
            return (
                gettext("None is authorized for this CEN instance")
                if self.owner
                else gettext("Enter the owner's UID first")
            )
        return gettext("No unassociated connection in %(region)s") % {"region": self.router.region.name}

    def is_mandatory(self, name):
        return name in ("resource_owner", "owner_uid", "connection", "zone")

    def shows(self, name: str) -> bool:
        return self.foreign

    def swap_attributes(self, bound):
        if bound.name not in ("resource_owner", "owner_uid"):
            return {}
        groups = (
            f"#{group_id('owner_uid')}, #div_id_connection" if bound.name == "resource_owner" else "#div_id_connection"
        )
        return {"name": bound.name, "sync": "closest form:replace", "indicator": groups}

    def clean(self):
        super().clean()
        if self.foreign and not self.owner:
            self.add_error("owner_uid", _("Enter the UID of the account to which the connection belongs."))
        elif not self.cleaned_data.get("connection") and not self.has_error("connection"):
            self.add_error("connection", _("Choose the connection to attach."))
        chosen = self.cleaned_data.get("connection")
        if not (chosen and chosen.is_dual) and not self.cleaned_data.get("zone") and not self.has_error("zone"):
            self.add_error("zone", self.fields["zone"].error_messages["required"])
        return self.cleaned_data

    @property
    def helper(self):
        return helper(
            SectionBox("attach", _("Connection"), "resource_owner", Group("owner_uid", names=["owner_uid"]),
                       "connection", "name", "zone"),
            SectionBox(ADVANCED.key, ADVANCED.title, *ADVANCED.fields),
        )  # fmt: skip


class AttachmentForm(EditForm, forms.ModelForm):
    """The editable fields of an attachment. The payer is one of them only if two accounts are involved."""

    class Meta:
        model = Attachment
        fields = ("name", *ADVANCED.fields, "order_type")
        widgets = {"order_type": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.is_foreign:
            del self.fields["order_type"]


class DetachForm(ConsoleForm, forms.Form):
    """What to delete together with an attachment."""

    dissociate = forms.BooleanField(label=_("Remove the association with the route table"), required=False)
    withdraw = forms.BooleanField(label=_("Remove the propagation; its routes leave the route table"), required=False)
    force = forms.BooleanField(
        label=_("Force"), required=False, help_text=_("Removes whatever still refers to the attachment.")
    )

    def __init__(self, attachment: Attachment, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if attachment.associated_table is None:
            del self.fields["dissociate"]
        if not attachment.propagation_tables:
            del self.fields["withdraw"]
        if len(self.fields) == 1:
            del self.fields["force"]
