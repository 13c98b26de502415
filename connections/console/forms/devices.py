"""The form of a simulated device."""

import copy
from collections.abc import Mapping

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from connections.console.devices import full_label, in_words
from connections.console.forms.base import (
    EditForm,
    Group,
    SectionBox,
    StoredSecret,
    SummaryRow,
    focus_id,
    helper,
    keeps_stored,
    send,
)
from connections.console.forms.modification import COVERED, ChangeRow
from connections.console.forms.outline import Outline
from connections.console.forms.widgets import changed_rows
from connections.domain import device_sections, sections
from connections.domain.choices import IdKind
from connections.models import Device

# The field that removes a stored key.
REMOVALS = {name: f"clear_{name}" for name in sections.SECRETS}
REMOVED = {removal: name for name, removal in REMOVALS.items()}
# Settings that a device may lack. Switches and choices always have a value.
OPTIONAL = (*sections.SECRETS, "local_id_kind", "remote_id_kind", "router_id", "bgp_source_ip", "announced")


class DeviceForm(EditForm, forms.ModelForm):
    """All settings of a simulated device. Settings that do not apply are carried unseen, and keep what is stored."""

    clear_psk = forms.BooleanField(label=_("Remove the stored pre-shared key"), required=False)
    clear_auth_key = forms.BooleanField(label=_("Remove the stored BGP key"), required=False)

    class Meta:
        model = Device
        fields = device_sections.FIELDS

    # Fields whose messages are shown; None for all.
    judged: set[str] | None = None
    # A bound form with the same values. It lists the changes of a form that is shown without validation.
    preview: "DeviceForm | None" = None
    sections = device_sections.SECTIONS
    modifies = True
    automatic: Mapping[str, str] = {}

    def __init__(self, device: Device, data: QueryDict | None = None):
        own = copy.copy(device)
        # The rules judge configured devices, and one is configured by this form.
        own.is_configured = True
        self.stored = device
        super().__init__(data, instance=own, initial={"revision": device.revision})
        kept = device.keys_held
        for name, removal in REMOVALS.items():
            # Stored keys are not part of the page.
            self.initial[name] = ""
            if name not in kept:
                del self.fields[removal]
                continue
            connection = device.tunnel.connection
            where = [connection.region_id, connection.resource_id, device.resource_id]
            url = reverse(f"device-{name.replace('_', '-')}", args=where)
            self.stored_secrets[name] = (
                StoredSecret("psk", url, prefix="device-") if name == "psk" else StoredSecret("bgp-key", url)
            )
            self.fields[name].help_text = keeps_stored(self.fields[name].help_text)
        for name in ("local_id_kind", "remote_id_kind"):
            self.field_of(name, forms.ChoiceField).choices = [("", _("As the text looks")), *IdKind.choices]
        self._first = dict(self.initial)

    def is_mandatory(self, name):
        field = self.fields[name]
        switch = isinstance(field, forms.BooleanField)
        return name in device_sections.FIELDS and not switch and name not in OPTIONAL

    @property
    def posted(self) -> QueryDict | None:
        return self.data if self.is_bound else None

    # --- which fields show ---------------------------------------------------------------------------------------

    @property
    def deciders(self) -> dict[str, object]:
        """The deciding fields' values, posted or initial."""
        values: dict[str, object] = {}
        for name in device_sections.DECIDERS:
            bound = self[name]
            values[name] = bound.field.to_python(bound.data) if self.is_bound else bound.initial
        return values

    def shows(self, name: str) -> bool:
        return device_sections.applies(REMOVED.get(name, name), self.deciders)

    def html_names(self, names, tunnel: int = 1) -> list[str]:
        """Those of the names that are fields, each key with the switch that removes it."""
        with_removals = [one for name in names for one in (name, REMOVALS.get(name, ""))]
        return [name for name in with_removals if name in self.fields]

    # --- validation ----------------------------------------------------------------------------------------------

    def full_clean(self):
        """Validate only fields that apply."""
        everything = self.fields
        self.fields = {name: field for name, field in everything.items() if self.shows(name)}
        try:
            super().full_clean()
        finally:
            self.fields = everything

    def clean(self):
        data = super().clean() or self.cleaned_data
        for name, removal in REMOVALS.items():
            if data.get(removal):
                if data.get(name):
                    self.add_error(removal, _("Enter a new key or remove the stored one, not both."))
            elif not data.get(name):
                # A blank field keeps the stored key.
                data.pop(name, None)
        return data

    def is_judged(self, name):
        return self.judged is None or name in self.judged

    # --- drawing -------------------------------------------------------------------------------------------------

    def first_value(self, name: str) -> object:
        """A field's value before the user typed anything."""
        return self._first.get(name, self.fields[name].initial)

    @property
    def outline(self) -> Outline:
        return Outline(self, self.judged)

    @property
    def helper(self):
        boxes = [SectionBox(one.key, one.title, *self._runs(one.fields)) for one in self.sections]
        return helper("shown", "revision", *boxes)

    def _runs(self, fields, oob=False):
        """Fields, and groups of neighbors that depend on the same value."""
        for pair, run in sections.grouped(fields, device_sections.APPLIES_WHEN):
            names = self.html_names(run)
            yield from [Group(*names, names=names, oob=oob)] if pair else names

    def _groups(self, decider: str) -> list[Group]:
        """The groups to replace after a change of a deciding field."""
        groups = [one for section in self.sections for one in self._runs(section.fields, oob=True)]
        owner = device_sections.APPLIES_WHEN
        return [one for one in groups if isinstance(one, Group) and owner[one.names[0]][0] == decider]

    def swap_attributes(self, bound):
        groups = self._groups(bound.name)
        # Without an indicator htmx would mark the field itself as loading, and our style sheet would hide it.
        indicator = ", ".join(f"#{group.id}" for group in groups) or "#live"
        return {"name": bound.name, "sync": "this:replace", "indicator": indicator}

    def answer(self, name: str, shown: list[str]) -> dict:
        """The context of the answer to a changed field: the groups that it decides, messages, the sidebar."""
        groups = self._groups(name)
        in_groups = {one for group in groups for one in group.names}
        self.judged = {name, *shown} - in_groups
        visible = sum(len(group.names) for group in groups if self.shows(group.names[0]))
        count = ngettext("%(visible)s field shown", "%(visible)s fields shown", visible) % {"visible": visible}
        return {
            "form": self,
            "helper": helper(*groups),
            "groups": groups,
            "notes": [{"field": self[one]} for one in self.fields if one in self.judged and self.shows(one)],
            "said": count if visible else gettext("Fields hidden"),
            "outline": self.outline,
        }

    @property
    def error_summary(self) -> list[SummaryRow]:
        """Every error in the order of the page, with section and field."""
        rows = self.unplaced_errors
        for section in self.sections:
            for bound in map(self.__getitem__, self.html_names(section.fields)):
                label = f"{section.title}: {bound.label}"
                rows += [SummaryRow(focus_id(bound), label, message) for message in bound.error_messages]
        return rows

    def again(self, action: str) -> "DeviceForm":
        """The form after a button without JavaScript, not validated."""
        values = changed_rows(self.data, action)
        form = DeviceForm(self.stored, values)
        form.unjudge()
        form.preview = DeviceForm(self.stored, values)
        return form

    @property
    def change_rows(self) -> list[ChangeRow]:
        """What the form would change, as far as its values could be read."""
        if not self.is_bound:
            return []
        self.errors  # noqa: B018 - validates the form
        rows = []
        for name in device_sections.FIELDS:
            removed = name in REMOVALS and self.cleaned_data.get(REMOVALS[name])
            if name in REMOVALS:
                if removed or name in self.cleaned_data:
                    rows.append(ChangeRow(full_label(name), COVERED, gettext("changed"), False))
                continue
            before, after = getattr(self.stored, name), self.cleaned_data.get(name)
            if name in self.cleaned_data and before != after:
                rows.append(ChangeRow(full_label(name), in_words(name, before), in_words(name, after), False))
        return rows

    @property
    def interrupts(self) -> bool:
        return bool(self.change_rows)

    @property
    def effects(self) -> list[str]:
        return [gettext("The tunnel is negotiated again.")] if self.change_rows else []

    # --- concurrent editing --------------------------------------------------------------------------------------

    def show_stored(self, stored):
        self.data = self.data.copy()
        # Settings that did not apply here, and do now if somebody has changed the deciding ones.
        for name in self.fields:
            if not self.shows(name) and name in self._settings(stored):
                send(self.data, self.fields[name], name, self.stored_value(stored, name))
        self.stored = stored
        super().show_stored(stored)

    def _settings(self, stored: Device) -> list[str]:
        return [name for name in device_sections.FIELDS if name not in REMOVALS]

    def stored_names(self, stored):
        names = [name for name in self._settings(stored) if name in self.cleaned_data]
        return [name for name in names if self.stored_value(stored, name) != self.cleaned_data[name]]

    def now_shown(self, stored, name):
        return super().now_shown(stored, name) if name in self._settings(stored) else None
