"""Base form, bound field and crispy layout objects of the console."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from django import forms
from django.db.models import Model
from django.forms.utils import ErrorList
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from connections.console.autocomplete import ResourceChoiceField
from connections.console.forms.widgets import ChoiceRowsWidget, FlatSelect, RowsWidget, SwitchInput, TagRowsWidget
from connections.console.panels import Row
from connections.console.words import Words, field_text
from connections.domain.edit_locks import Lock
from connections.domain.problems import Problem
from connections.messages import Message
from connections.models import Account, Device, TransitRouterCidr
from connections.models.base import Resource
from connections.persistence.fields import CidrListFormField, PreferencesFormField, WholeNumberFormField

F = TypeVar("F", bound=forms.Field)


@dataclass(frozen=True)
class FieldMessage:
    """A message beside a field. `fix` would correct the field; in a field of several values it replaces `was`.

    `code` is that of the problem, or of the refusal.
    """

    text: str
    fix: str = ""
    was: str = ""
    code: str = ""

    @classmethod
    def of(cls, text: str, message, code: str = "") -> "FieldMessage":
        params = getattr(message, "params", None) or {}
        fix = params.get("fix")
        return cls(text, str(fix) if fix else "", str(params.get("text", "")) if fix else "", code)

    @classmethod
    def all_of(cls, errors: ErrorList) -> "list[FieldMessage]":
        data = errors.as_data()
        return list(dict.fromkeys(cls.of(error.messages[0], error.message, error.code or "") for error in data))


class SummaryRow(NamedTuple):
    """An error of a refused form: the id of its control and the label of its field, unless it concerns no field."""

    id: str
    label: str
    message: FieldMessage


@dataclass(frozen=True)
class StoredSecret:
    """A stored secret that the form can replace but does not contain, as `shared/_key_hidden.html` draws it."""

    kind: str
    url: str
    prefix: str = ""
    suffix: str = ""


def keeps_stored(help_text: Words) -> Words:
    """The help text of a secret whose stored value is not in the field."""
    keeps = _("Leave blank to keep the current key.")
    return format_lazy("{} {}", help_text, keeps) if help_text else keeps


class ConsoleBoundField(forms.BoundField):
    """A bound field that refers to its messages even while there are none, as htmx may add them later."""

    form: "ConsoleForm"

    @property
    def aria_describedby(self):
        parts = [f"{self.auto_id}_helptext"] if self.help_text else []
        return " ".join([*parts, f"{self.auto_id}_error"])

    def build_widget_attrs(self, attrs, widget=None):
        attrs = super().build_widget_attrs(attrs, widget)
        if self.kind != "radio" and not (widget or self.field.widget).is_hidden:
            attrs["data-testid"] = f"field-{self.html_name}"
        return attrs

    @cached_property
    def subwidgets(self):
        widgets = super().subwidgets
        for widget in widgets:
            widget.data["attrs"]["data-testid"] = f"field-{self.html_name}-{widget.data['value']}"
        return widgets

    @property
    def errors(self):
        return super().errors if self.form.is_judged(self.name) else self.form.error_class(renderer=self.form.renderer)

    @property
    def lock(self):
        """Why the field cannot change, or None."""
        return self.form.lock_of(self.name)

    @property
    def locked_text(self):
        """What a locked field shows in place of its control."""
        return self.form.locked_texts.get(self.name)

    @property
    def way_out(self) -> str:
        """The address of a locked field's link; blank if there is none."""
        return self.form.way_out_of(self.lock)

    @property
    def stored_secret(self) -> StoredSecret | None:
        """The stored value of a secret field, if there is one."""
        return self.form.stored_secrets.get(self.name)

    @cached_property
    def kind(self) -> str:
        """The kind of markup that the field needs."""
        if self.lock:
            return "locked"
        widget = self.field.widget
        for kind, widgets in (
            ("radio", forms.RadioSelect),
            ("switch", forms.CheckboxInput),
            ("secret", forms.PasswordInput),
            ("select", forms.Select),
        ):
            if isinstance(widget, widgets):
                return kind
        return "rows" if widget.use_fieldset else "text"

    def as_widget(self, widget=None, attrs=None, only_initial=False):
        if widget is None and isinstance(self.field, ResourceChoiceField):
            self.field.chosen = str(self.value() or "")
        return super().as_widget(widget, attrs, only_initial)

    @property
    def narrowing(self) -> dict[str, str] | None:
        """The search beside a control that cannot offer all choices at once, or None."""
        if not (isinstance(self.field, ResourceChoiceField) and self.field.is_long):
            return None
        return {
            "name": f"{self.html_name}-q",
            "text": self.field.text,
            "address": self.field.address,
            "along": ", ".join(f"[name={name}]" for name in self.field.along),
        }

    @property
    def belongs_to(self) -> Words:
        """What the field belongs to, where a page has several fields with its label; blank otherwise."""
        return self.form.belongs_to

    @property
    def spoken(self) -> str:
        """The label in the names of the field's buttons."""
        return f"{self.belongs_to}: {self.label}" if self.belongs_to else str(self.label)

    @property
    def mandatory(self) -> bool:
        return self.form.is_mandatory(self.name)

    @property
    def can_generate(self) -> bool:
        return "data-generate" in self.field.widget.attrs

    @property
    def warnings(self) -> list[str]:
        return self.form.warnings.get(self.name, [])

    @property
    def swap(self) -> dict[str, str]:
        """The htmx attributes with which a change of this field updates the page."""
        return self.form.swap_attributes(self)

    @property
    def offer(self) -> tuple[str, Words] | None:
        """Address and text of a link that creates a missing choice without leaving the form."""
        return self.form.offers.get(self.name)

    @property
    def has_no_choice(self) -> bool:
        """Whether there is nothing yet to choose from."""
        return isinstance(self.field, ResourceChoiceField) and self.field.is_empty and not self.field.text

    @property
    def error_messages(self) -> list["FieldMessage"]:
        return FieldMessage.all_of(self.errors)

    @property
    def warning_messages(self) -> list["FieldMessage"]:
        return [FieldMessage.of(str(message), message) for message in self.warnings]


def dress(field: forms.Field, mandatory: bool) -> None:
    """Give a field the console's messages and widgets."""
    choosing = isinstance(field, (forms.ModelChoiceField, forms.ChoiceField))
    required = _("Choose a value for {label}.") if choosing else _("Enter a value for {label}.")
    field.error_messages["required"] = format_lazy(required, label=field.label)
    if isinstance(field.widget, forms.CheckboxInput):
        field.widget = SwitchInput(attrs=field.widget.attrs)
    if type(field.widget) is forms.Select:
        field.widget = FlatSelect(field.widget.attrs, field.widget.choices)
    if isinstance(field, CidrListFormField):
        if isinstance(field, PreferencesFormField):
            field.widget = ChoiceRowsWidget(field.label, field.options)
        elif not isinstance(field.widget, RowsWidget):
            field.widget = RowsWidget(field.label, field.most)
        field.hidden_widget = forms.MultipleHiddenInput
    if mandatory and not field.widget.use_fieldset:
        field.widget.attrs["aria-required"] = "true"


class ConsoleForm(forms.BaseForm):
    """Mixin for every form of the console."""

    bound_field_class = ConsoleBoundField
    use_required_attribute = False
    data: QueryDict

    @property
    def belongs_to(self) -> Words:
        """See ConsoleBoundField."""
        return ""

    if TYPE_CHECKING:

        def __getitem__(self, name: str) -> ConsoleBoundField: ...

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._warnings: dict[str, list[str]] = {}
        self.offers: dict[str, tuple[str, Words]] = {}
        self.locked_texts: dict[str, Row] = {}
        self.stored_secrets: dict[str, StoredSecret] = {}
        for name, field in self.fields.items():
            dress(field, self.is_mandatory(name))

    def field_of(self, name: str, kind: type[F]) -> F:
        """A field of a known class. Raises TypeError if it is of another."""
        field = self.fields[name]
        if not isinstance(field, kind):
            raise TypeError(f"{name} is a {type(field).__name__}")
        return field

    @property
    def warnings(self) -> dict[str, list[str]]:
        """Advice by field."""
        return self._warnings

    @staticmethod
    def asks_for(name: str, field: forms.Field) -> bool:
        """Whether a form of this class requires a field."""
        return field.required

    def is_mandatory(self, name: str) -> bool:
        return self.asks_for(name, self.fields[name])

    def lock_of(self, name: str) -> Lock | None:
        return None

    def way_out_of(self, lock: Lock) -> str:
        """The address of a lock's link; blank if there is none."""
        return reverse("cen-list") if lock.way_out == "cens" else ""

    def is_judged(self, name: str) -> bool:
        """Whether the form shows the errors of a field."""
        return True

    def swap_attributes(self, bound: ConsoleBoundField) -> dict[str, str]:
        return {}

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Show problems beside their fields, or above the form if it has no such field."""
        for problem in problems:
            field = problem.field if problem.field in self.fields else None
            if field is None or not self.has_error(field):
                self.add_error(field, forms.ValidationError(problem.message, code=problem.code))

    def add_error(self, field: str | None, error) -> None:
        """Add an error. From a model's errors, which are a dictionary, skip those of fields that have one already."""
        if hasattr(error, "error_dict"):
            error = forms.ValidationError(
                {name: errors for name, errors in error.error_dict.items() if not self.has_error(name)}
            )
        elif isinstance(error, Message):
            error = forms.ValidationError(error, error.code)
        super().add_error(field, error)

    def kept(self, posted: QueryDict) -> dict[str, Any]:
        """Posted values as the initial values of an unbound form."""
        return {
            name: field.widget.value_from_datadict(posted, {}, self.add_prefix(name))
            for name, field in self.fields.items()
        }

    def unjudge(self) -> None:
        """Turn into an unbound form that shows what was posted."""
        self.initial = {**self.initial, **self.kept(self.data)}
        self.is_bound, self.data = False, QueryDict()

    @property
    def helper(self) -> FormHelper:
        return helper(*self.fields)

    @property
    def error_summary(self) -> list[SummaryRow]:
        rows = self.unplaced_errors
        for name in self.fields:
            if name in self.errors:
                bound = self[name]
                rows += [SummaryRow(focus_id(bound), str(bound.label), message) for message in bound.error_messages]
        return rows

    @property
    def unplaced_errors(self) -> list[SummaryRow]:
        return [SummaryRow("", "", message) for message in FieldMessage.all_of(self.non_field_errors())]


class ShownForm(ConsoleForm, forms.Form):
    """A form that knows which values the user saw, so that it writes back only what the user has changed."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def get_initial_for_field(self, field, field_name):
        if field_name == "shown" and "shown" not in self.initial:
            return self._shown_text(lambda name: super(ShownForm, self).get_initial_for_field(self.fields[name], name))
        return super().get_initial_for_field(field, field_name)

    def _shown_text(self, value_of: Callable[[str], Any]) -> str:
        return json.dumps({name: plain(value_of(name)) for name in self.fields if name not in ("shown", "revision")})

    def seen(self, name: str):
        """The value of a field that the user saw, as `plain` has it; None if the form does not say."""
        try:
            values = json.loads(self.cleaned_data.get("shown") or "{}")
        except (ValueError, RecursionError):
            return None
        return values.get(name) if isinstance(values, dict) else None

    def is_touched(self, name: str) -> bool:
        return plain(self.cleaned_data.get(name)) != self.seen(name)

    def stored_value(self, stored: Model, name: str):
        """The stored value of a field as the form has it."""
        return getattr(stored, name)

    def stored_text(self, stored: Model, name: str) -> str:
        return field_text(stored, name)

    def stored_names(self, stored: Model) -> list[str]:
        """The fields whose stored value differs from the submitted one."""
        names = [field.name for field in stored._meta.concrete_fields if field.name in self.fields]
        return [name for name in names if self.stored_value(stored, name) != self.cleaned_data.get(name)]

    def merged(self, name: str, stored):
        """The value to go on with after another user has stored one: the user's own, if the user has changed it."""
        return self.cleaned_data.get(name) if self.is_touched(name) else stored

    def show_stored(self, stored: Model) -> None:
        """Take over what another user has stored, and show it beside fields that this user has changed as well."""
        self.data = self.data.copy()
        for name in self.stored_names(stored):
            value = self.stored_value(stored, name)
            merged = self.merged(name, value)
            message = _("Stored value: %(now)s. Submit to replace it with yours.")
            if merged == value:
                message = _("Changed after you opened this page: %(now)s.")
            if merged != self.cleaned_data.get(name):
                send(self.data, self.fields[name], self.add_prefix(name), merged)
            self.warnings.setdefault(name, []).append(message % {"now": self.stored_text(stored, name)})
        self.data["shown"] = self._shown_text(lambda name: self.now_shown(stored, name))

    def now_shown(self, stored: Model, name: str):
        """The stored value that the user has seen after `show_stored`; blank for what is no field of the row."""
        is_stored = name in {field.name for field in stored._meta.concrete_fields}
        return self.stored_value(stored, name) if is_stored else None


class EditForm(ShownForm):
    """A form over a stored row, with the revision of the row that the user saw."""

    revision = WholeNumberFormField(widget=forms.HiddenInput)

    def show_stored(self, stored: Resource | TransitRouterCidr | Device) -> None:  # type: ignore[override] # only these have revisions
        super().show_stored(stored)
        self.data["revision"] = str(stored.revision)


def plain(value):
    """A field's value as JSON has it, where all that is blank is equal."""
    return json.loads(json.dumps(value or "", default=str))


def send(data: QueryDict, field: forms.Field, html_name: str, value) -> None:
    """Set a value in posted data as a browser would send it."""
    if isinstance(field.widget, RowsWidget):
        data.setlist(html_name, value)
    elif isinstance(field.widget, TagRowsWidget):
        data.setlist("tag_key", [key for key, _value in value])
        data.setlist("tag_value", [text for _key, text in value])
    elif isinstance(field.widget, forms.CheckboxInput):
        data.pop(html_name, None)
        if field.prepare_value(value):
            data[html_name] = "on"
    else:
        data[html_name] = str(getattr(value, "resource_id", "" if value is None else value))


def focus_id(bound: ConsoleBoundField) -> str:
    """The id of a field's control; of a radio group, the id of its first button."""
    return bound.auto_id if bound.lock or bound.kind != "radio" else f"{bound.auto_id}_0"


def helper(*layout) -> FormHelper:
    """Crispy's helper for a part of a form: it draws no form tag, no token and no error list."""
    made = FormHelper()
    made.form_tag = False
    made.disable_csrf = True
    made.include_media = False
    made.form_show_errors = False
    made.layout = Layout(*layout)
    return made


def draw(bound: ConsoleBoundField, context, hidden: bool = False) -> SafeString:
    """Draw a field, or its value as hidden inputs."""
    if hidden or bound.is_hidden:
        return bound.as_hidden()
    return render_to_string("bootstrap5/field.html", {**context.flatten(), "field": bound})


class _Box(LayoutObject):
    """Markup around other layout objects and fields."""

    def __init__(self, *fields):
        self.fields = list(fields)

    def around(self, form, content: SafeString) -> str:
        raise NotImplementedError

    def render(self, form, context, template_pack="bootstrap5", **kwargs):
        content = "".join(
            draw(form[field], context) if isinstance(field, str) else field.render(form, context, template_pack)
            for field in self.fields
        )
        return self.around(form, mark_safe(content))  # noqa: S308 - made of what has been drawn


class Markup(LayoutObject):
    """A template among the fields, which is drawn with the form."""

    def __init__(self, template: str):
        self.template = template

    def render(self, form, context, template_pack="bootstrap5", **kwargs):
        return render_to_string(self.template, {**context.flatten(), "form": form})


class SectionBox(_Box):
    """A titled section of a form."""

    def __init__(self, key: str, title: Words, *fields, note: str = ""):
        super().__init__(*fields)
        self.key, self.title, self.note = key, title, note

    def around(self, form, content):
        shown = {"key": self.key, "title": self.title, "note": self.note, "content": content}
        folding = getattr(form, "folding", {})
        if self.key in folding:
            shown |= {"line": folding[self.key], "bar": form.heads.get(self.key), "is_open": CONTAINS_ERROR in content}
        return render_to_string("forms/section.html", shown)


# What a field with an error contains.
CONTAINS_ERROR = 'class="invalid-feedback"'


class LockedBox(LayoutObject):
    """The locked fields of a section, with each reason once."""

    def __init__(self, *names: str, title: Words = ""):
        self.names, self.title = names, title

    def render(self, form, context, template_pack="bootstrap5", **kwargs):
        fields = [form[name] for name in self.names]
        reasons = {bound.lock: (bound.html_name, bound.lock, bound.way_out) for bound in reversed(fields)}
        shown = {"fields": fields, "title": self.title, "reasons": [*reversed(reasons.values())]}
        return render_to_string("forms/_locked_box.html", shown)


class More(_Box):
    """Fields that few need, folded away unless one has an error."""

    def around(self, form, content):
        return render_to_string("forms/more.html", {"content": content, "is_open": CONTAINS_ERROR in content})


class SideBySide(_Box):
    """Two short fields in one row."""

    def around(self, form, content):
        return f'<div class="side-by-side">{content}</div>'


class Group(_Box):
    """Neighboring fields that are shown or hidden together. Hidden inputs carry their values meanwhile."""

    def __init__(self, *fields, names: list[str], oob: bool = False):
        super().__init__(*fields)
        self.names, self.oob = names, oob

    @property
    def id(self) -> str:
        return group_id(self.names[0])

    def render(self, form, context, template_pack="bootstrap5", **kwargs):
        if form.shows(self.names[0]):
            return super().render(form, context, template_pack, **kwargs)
        carried = [draw(form[name], context, hidden=True) for name in self.names if not form[name].lock]
        return self.around(form, mark_safe("".join(carried)))  # noqa: S308 - made of what has been drawn

    def around(self, form, content):
        return render_to_string("forms/group.html", {"id": self.id, "content": content, "oob": self.oob})


def group_id(first_name: str) -> str:
    return f"group-{first_name}"


def own_resource_groups(field: forms.ModelChoiceField, account: Account) -> None:
    """Offer the account's resource groups and select the default one."""
    groups = list(account.resource_groups.all())
    field.queryset, field.to_field_name, field.empty_label = account.resource_groups.all(), "resource_id", None
    field.initial = next((group.resource_id for group in groups if group.is_default), None)
