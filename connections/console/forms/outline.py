"""The sidebar of a form: the progress of each section, a sketch of the connection, and what differs."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from django import forms
from django.forms.widgets import ChoiceWidget
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connections.console.autocomplete import ResourceChoiceField
from connections.console.forms.base import ConsoleBoundField, focus_id
from connections.console.words import Words, on_or_off
from connections.domain import sections
from connections.domain.sections import Section


@dataclass(frozen=True)
class OutlineEntry:
    """A section of the form: its missing fields, and its numbers of errors and of fields that the user filled in.

    `start` says how a section is that the user has not touched: it has its defaults, or what is stored or copied.
    """

    key: str
    title: str
    missing: list[ConsoleBoundField]
    errors: int
    filled: int
    start: str
    modifies: bool

    @property
    def mark(self) -> str:
        return "errors" if self.errors else "missing" if self.missing else "filled" if self.filled else "default"

    @property
    def target(self) -> str:
        """The anchor of the entry's link: the field to fill in, or the section."""
        return focus_id(self.missing[0]) if self.mark == "missing" else self.key

    @property
    def words(self) -> str:
        """The progress of the section in words: color alone is not accessible."""
        texts = []
        if self.errors:
            texts.append(ngettext("%(count)s error", "%(count)s errors", self.errors) % {"count": self.errors})
        elif self.missing:
            text = ngettext("%(count)s to fill in: %(first)s", "%(count)s to fill in: %(first)s…", len(self.missing))
            texts.append(text % {"count": len(self.missing), "first": self.missing[0].label})
        if self.filled and self.modifies:
            texts.append(ngettext("%(count)s changed", "%(count)s changed", self.filled) % {"count": self.filled})
        elif self.filled:
            texts.append(ngettext("%(count)s filled in", "%(count)s filled in", self.filled) % {"count": self.filled})
        return ", ".join(texts) or self.start


@dataclass(frozen=True)
class Place:
    """A box of the sketch: a site, the connection, or what it is attached to. Dim while it has not been chosen."""

    title: Words
    detail: str = ""
    is_dim: bool = False


Plain: TypeAlias = "str | list[Plain]"


def plain(value: object) -> Plain:
    """A value as it would be posted, to compare posted with initial values."""
    if isinstance(value, (list, tuple)):
        return [entry for entry in map(plain, value) if any(entry)] or ""
    return "" if value is None else str(getattr(value, "resource_id", value)).strip()


def flat(value: Plain) -> str:
    """A value as one text."""
    return value if isinstance(value, str) else ",".join(map(flat, value))


def plain_of(field: forms.Field, value: object) -> Plain:
    return plain(field.prepare_value(value) if isinstance(field, forms.BooleanField) else value)


_NO_SITE = Place(gettext_lazy("Customer gateway?"), is_dim=True)
_NOWHERE = Place(gettext_lazy("Not associated"), is_dim=True)
_ELSEWHERE = Place(gettext_lazy("Another account"))


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

    def _is_changed(self, bound: ConsoleBoundField) -> bool:
        first = plain_of(bound.field, self.form.first_value(bound.html_name))
        return not bound.lock and self._plain(bound) != first

    def _is_automatic(self, bound: ConsoleBoundField) -> bool:
        """Whether the field has a value that the console has put in."""
        return self.form.automatic.get(bound.html_name) == flat(self._plain(bound))

    @cached_property
    def entries(self) -> list[OutlineEntry]:
        return [self._entry(section) for section in self.form.sections if self._fields(section)]

    def _fields(self, section: Section) -> list[ConsoleBoundField]:
        return self._applying(section.fields, section.tunnel)

    def _entry(self, section: Section) -> OutlineEntry:
        fields = self._fields(section)
        open_fields = [bound for bound in fields if not bound.lock]
        changed = [bound for bound in open_fields if self._is_changed(bound)]
        automatic = [bound for bound in changed if self._is_automatic(bound)]
        modifies = self.form.modifies
        first, *others = [*fields, None]
        is_off = isinstance(first.field, forms.BooleanField) and others == [None] and len(section.fields) > 1
        start = _("unchanged") if modifies else _("prefilled") if automatic else _("defaults")
        return OutlineEntry(
            section.key,
            str(section.short),
            [bound for bound in open_fields if bound.mandatory and not self._plain(bound)],
            sum(map(self._is_wrong, open_fields)),
            len(changed) - len(automatic),
            _("off") if is_off and not changed and self._plain(first) != "True" else start,
            modifies,
        )

    @property
    def automatic(self) -> list[str]:
        """Values that the console has put in, as the form carries them."""
        names = {name for entry in self.form.sections for name in self.form.html_names(entry.fields, entry.tunnel)}
        kept = [self.form[name] for name in self.form.automatic if name in names]
        return [
            f"{bound.html_name}={flat(self._plain(bound))}"
            for bound in kept
            if self._is_changed(bound) and self._is_automatic(bound)
        ]

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
        """Labels and values of what differs from the default, or from what is stored. Secrets are not shown."""
        several = len(getattr(self.form, "tunnels", ())) > 1
        rows = []
        for section in self.form.sections:
            changed = [bound for bound in self._fields(section) if self._is_changed(bound)]
            label = str(section.short)
            if section.summary and any(bound.name in section.summary for bound in changed):
                rows.append((label, self.line(section)))
                changed = [bound for bound in changed if bound.name not in section.summary]
            for bound in changed:
                secret = isinstance(bound.field.widget, forms.PasswordInput)
                own = several and bound.name in sections.TUNNEL_FIELDS
                name = f"{bound.label} ({section.tunnel})" if own else str(bound.label)
                rows.append((name, _("changed") if secret else self._words(bound) or "-"))
        return rows

    @property
    def sketch(self) -> list[list[Place]]:
        """The connection as a picture: its sites, itself, and the transit router."""
        sites = []
        for tunnel in self.form.tunnels:
            gateway = self._row("customer_gateway", tunnel.instance.index)
            sites.append(Place(gateway.name or gateway.resource_id, gateway.ip_address) if gateway else _NO_SITE)
        name = next((self._words(bound) for bound in self._applying(["name"])), "")
        modes = [self._words(bound) for bound in self._applying(["routing_mode"])]
        modes += [_("BGP")] if self.form.deciders.get("enable_bgp") else []
        own = Place(name or str(getattr(self.form, "stored", "")) or _("New connection"), " · ".join(modes))
        attachment = self.form.attachment_to_leave
        router = attachment.transit_router if attachment else self._row("transit_router")
        if router is None or (attachment and attachment.is_foreign):
            return [sites, [own], [_ELSEWHERE if attachment else _NOWHERE]]
        return [sites, [own], [Place(router.name or router.resource_id, router.cen.name or router.cen.resource_id)]]

    def _row(self, name: str, tunnel: int = 1):
        """The resource that is chosen in a field, or None."""
        for bound in self._applying([name], tunnel):
            value = str(self._plain(bound))
            return bound.field.row(value) if value and isinstance(bound.field, ResourceChoiceField) else None
        return None

    def line(self, section: Section) -> str:
        """The summary of a collapsed section."""
        texts = []
        for bound in self._applying(section.summary, section.tunnel):
            words = self._words(bound)
            if isinstance(bound.field, forms.BooleanField):
                words = f"{bound.label}: {words}"
            texts.append(words)
        return " · ".join(filter(None, texts))

    @cached_property
    def lines(self) -> list[tuple[str, str]]:
        return [(section.key, self.line(section)) for section in self.form.sections if section.summary]
