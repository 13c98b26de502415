"""Forms of VPN attachments: attach, change, detach."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from connections import search
from connections.console.autocomplete import ResourceChoiceField, Ways
from connections.console.forms.base import ConsoleForm, EditForm, Group, SectionBox, group_id, helper
from connections.domain import limits
from connections.domain.choices import ResourceOwner
from connections.domain.sections import ADVANCED
from connections.models import Attachment, Connection, TransitRouter
from connections.services.attachments import available, going_with

# The name of the search beside the control for the connection.
SEARCH = "connection-q"


def ways_to_attach(router: TransitRouter, owner_uid: str) -> Ways:
    """How connections to attach are searched and labeled: those of another account by their ID alone."""
    if owner_uid:
        return Ways(
            find=lambda rows, text: rows.filter(resource_id__contains=text),
            label=lambda connection: connection.resource_id,
        )
    return Ways(find=lambda rows, text: search.found(rows, text, router.account_id, router.region_id))


def first_values(router: TransitRouter, asked: QueryDict) -> dict[str, str]:
    """The values with which the form begins: what the address asks for, and what there is no choice about."""
    owner = asked.get("owner_uid", "")
    values = {"connection": asked.get("connection", ""), "owner_uid": owner, "zone": router.region.zones[0].id}
    values["resource_owner"] = ResourceOwner.DIFFERENT.value if owner else ResourceOwner.CURRENT.value
    return with_only(router, values)


def with_only(router: TransitRouter, values: dict[str, Any]) -> dict[str, Any]:
    """The values, with the only connection that can be chosen if none is."""
    foreign = values.get("resource_owner") == ResourceOwner.DIFFERENT
    owner = search.typed(values.get("owner_uid")) if foreign else ""
    if values.get("connection") or (foreign and not owner) or values.get(SEARCH):
        return values
    found = available(router.account, router.cen, router.region_id, owner)[:2]
    return values | {"connection": found[0].resource_id} if len(found) == 1 else values


class AttachForm(ConsoleForm, forms.ModelForm):
    """Create Connection on a transit router: the connection, its owner, the zone and the switches."""

    resource_owner = forms.ChoiceField(
        label=_("Resource Owner"),
        choices=ResourceOwner,
        initial=ResourceOwner.CURRENT,
        widget=forms.RadioSelect,
        help_text=_("Different Account: the owner must authorize this CEN instance first."),
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
        # console.js asks for the connections once the UID is complete.
        self.fields["owner_uid"].widget.attrs["data-whole"] = limits.UID_LENGTH
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
        self.order_fields(["resource_owner", "owner_uid", "connection", "name", "zone", *ADVANCED.fields])

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
            self.add_error("zone", _("Choose a zone."))
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
    """Whether what still refers to an attachment goes with it. Asked only if there is something."""

    force = forms.BooleanField(required=False, initial=True)

    def __init__(self, attachment: Attachment, *args, **kwargs):
        super().__init__(*args, **kwargs)
        going = going_text(attachment)
        self.fields["force"].label = _("Also remove: %(going)s") % {"going": going}
        if not going:
            del self.fields["force"]


def going_text(attachment: Attachment) -> str:
    """What goes with an attachment: associations, propagations and routes by number; blank if nothing does."""
    going = going_with(attachment)
    counted = [
        (going["association"], ngettext("%(count)s association", "%(count)s associations", going["association"])),
        (going["propagation"], ngettext("%(count)s propagation", "%(count)s propagations", going["propagation"])),
        (going["routes"], ngettext("%(count)s route", "%(count)s routes", going["routes"])),
    ]
    return ", ".join(text % {"count": count} for count, text in counted if count)
