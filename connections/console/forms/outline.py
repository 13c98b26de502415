"""The sidebar of a connection's form: the progress of each section, and the values chosen so far."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from django import forms
from django.forms.widgets import ChoiceWidget
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connections.console.autocomplete import ResourceChoiceField
from connections.console.forms.base import ConsoleBoundField
from connections.console.words import on_or_off
from connections.domain import sections
from connections.domain.sections import Section

# Fields of the summary, as far as they apply and are filled in.
SUMMARY = (
    "name", "associate_resource", "network_type", "cen", "transit_router", "zone", "routing_mode", "local_subnet",
    "remote_subnet", "customer_gateway", "tunnel_cidr", "local_bgp_ip", "local_asn", "health_check_dip", "tags",
)  # fmt: skip


@dataclass(frozen=True)
class OutlineEntry:
    """A section of the form with its number of missing values, errors and changed fields."""

    key: str
    title: str
    missing: int
    errors: int
    changed: int

    @property
    def mark(self) -> str:
        return "errors" if self.errors else "missing" if self.missing else "complete"

    @property
    def words(self) -> str:
        """The progress of the section in words: colour alone is not accessible."""
        if self.errors:
            progress = ngettext("%(count)s error", "%(count)s errors", self.errors) % {"count": self.errors}
        elif self.missing:
            progress = ngettext("%(count)s to fill in", "%(count)s to fill in", self.missing) % {"count": self.missing}
        else:
            progress = _("complete")
        if self.changed:
            changed = ngettext("%(count)s changed", "%(count)s changed", self.changed) % {"count": self.changed}
            return f"{progress}, {changed}"
        return progress


Plain: TypeAlias = "str | list[Plain]"


def plain(value: object) -> Plain:
    """A value as it would be posted, to compare posted with initial values."""
    if isinstance(value, (list, tuple)):
        return [entry for entry in map(plain, value) if any(entry)] or ""
    return "" if value is None else str(getattr(value, "resource_id", value)).strip()


def plain_of(field: forms.Field, value: object) -> Plain:
    return plain(field.prepare_value(value) if isinstance(field, forms.BooleanField) else value)


class Outline:
    """The sidebar of a form. It counts the errors of all fields, or of those in `shown`."""

    def __init__(self, form, shown=None):
        self.form, self._shown = form, shown

    def _plain(self, bound: ConsoleBoundField) -> Plain:
        if self.form.posted is not None and not bound.lock:
            return plain_of(bound.field, bound.field.widget.value_from_datadict(self.form.posted, {}, bound.html_name))
        return plain_of(bound.field, bound.initial)

    def _applying(self, names, tunnel: int = 1) -> list[ConsoleBoundField]:
        return [self.form[name] for name in self.form.html_names(names, tunnel) if self.form.shows(name)]

    def _is_wrong(self, bound: ConsoleBoundField) -> bool:
        if not self.form.is_bound or (self._shown is not None and bound.html_name not in self._shown):
            return False
        return bound.name in bound.form.errors

    @cached_property
    def entries(self) -> list[OutlineEntry]:
        entries = []
        for section in self.form.sections:
            fields = self._applying(section.fields, section.tunnel)
            if not fields:
                continue
            open_fields = [bound for bound in fields if not bound.lock]
            values = {bound.html_name: self._plain(bound) for bound in open_fields}
            first = {
                bound.html_name: plain_of(bound.field, self.form.first_value(bound.html_name)) for bound in open_fields
            }
            entries.append(
                OutlineEntry(
                    section.key,
                    str(section.short),
                    sum(bound.mandatory and not values[bound.html_name] for bound in open_fields),
                    sum(map(self._is_wrong, open_fields)),
                    sum(values[name] != first[name] for name in values),
                )
            )
        return entries

    def _words(self, bound: ConsoleBoundField) -> str:
        if bound.lock:
            return bound.locked_text.words if bound.locked_text else ""
        value, field = self._plain(bound), bound.field
        if isinstance(field, forms.BooleanField):
            return on_or_off(value == "True")
        if isinstance(field, ResourceChoiceField):
            chosen = field.row(str(value)) if value else None
            return field.label_from_instance(chosen) if chosen else ""
        if isinstance(field.widget, ChoiceWidget):
            labels = {str(key): str(label) for key, label in field.widget.choices}
            return labels.get(str(value), "") if value else ""
        if isinstance(value, list):
            return ", ".join(entry if isinstance(entry, str) else "=".join(map(str, entry)) for entry in value)
        return str(value)

    @cached_property
    def rows(self) -> list[tuple[str, str]]:
        """Labels and values of the summary, without secrets."""
        several = len(self.form.tunnels) > 1
        rows = []
        for name in SUMMARY:
            own = name in sections.TUNNEL_FIELDS and several
            for tunnel in self.form.tunnels if own else self.form.tunnels[:1]:
                for bound in self._applying([name], tunnel.instance.index):
                    label = f"{bound.label} ({tunnel.instance.index})" if own else bound.label
                    rows.append((str(label), self._words(bound)))
        return [(label, words) for label, words in rows if words]

    def line(self, section: Section) -> str:
        """The summary of a collapsed section."""
        texts = []
        for bound in self._applying(section.summary, section.tunnel):
            words = self._words(bound)
            if isinstance(bound.field, forms.BooleanField):
                words = f"{bound.label}: {words}"
            texts.append(words)
        return " · ".join(filter(None, texts))

    @property
    def brief_lines(self) -> list[tuple[str, str]]:
        """The same lines with labels for the summary: the protocol, and the number of one of two tunnels."""
        rows = []
        for key, line in self.lines:
            tunnel, __, protocol = key.rpartition("-")
            label = {"ike": "IKE", "ipsec": "IPsec"}[protocol]
            rows.append((f"{label} ({tunnel.removeprefix('tunnel')})" if tunnel else label, line))
        return rows

    @cached_property
    def lines(self) -> list[tuple[str, str]]:
        return [(section.key, self.line(section)) for section in self.form.sections if section.summary]
