"""Widgets that Django does not have: switches, flat selects, and lists of rows."""

from itertools import chain

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from connections.domain.limits import MAX_TAGS
from connections.domain.parsing import first_of, items_of
from connections.numbers import whole_number


class SwitchInput(forms.CheckboxInput):
    """A checkbox with the ARIA role of a switch."""

    def __init__(self, attrs=None):
        super().__init__({"role": "switch", **(attrs or {})})


class FlatSelect(forms.Select):
    """A select without groups that takes one template; Django's renders a template for each option."""

    template_name = "forms/select.html"

    def get_context(self, name, value, attrs):
        context = forms.Widget.get_context(self, name, value, attrs)
        context["widget"]["options"] = [("" if key is None else str(key), label) for key, label in self.choices]
        context["widget"]["chosen"] = self.format_value(value)[0]
        return context


def _bounded(rows: list, most: int) -> list:
    """The posted rows; if there are too many, the first ones that are not blank."""
    return rows if len(rows) <= most else first_of((row for row in rows if "".join(row).strip()), most)


class RowsWidget(forms.Widget):
    """One input for each value, all with the same name. The first has the field's id, as links refer to it."""

    template_name = "forms/rows.html"
    use_fieldset = True

    def __init__(self, label, maximum, add="", placeholder="192.168.0.0/16"):
        super().__init__()
        self.label, self.maximum, self.placeholder = label, maximum, placeholder
        self.add = add or _("Add CIDR block")

    def value_from_datadict(self, data, files, name):
        if not hasattr(data, "getlist"):
            return data.get(name)
        # A list with commas in one row becomes rows, so that a proposal finds the row that it corrects.
        rows = [items_of([row], self.maximum) or [row] for row in _bounded(data.getlist(name), self.maximum)]
        return first_of(chain.from_iterable(rows), self.maximum)

    def value_omitted_from_data(self, data, files, name):
        return name not in data

    def format_value(self, value):
        return list(value or []) or [""]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"] |= {
            "rows": self.format_value(value),
            "label": self.label,
            "maximum": self.maximum,
            "add": self.add,
            "placeholder": self.placeholder,
        }
        return context


class ChoiceRowsWidget(RowsWidget):
    """One select for each value. The first is preferred."""

    template_name = "forms/choice_rows.html"

    def __init__(self, label, options):
        super().__init__(label, len(options), add=_("Add another"), placeholder="")
        self.options = options

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["options"] = [("", _("Choose")), *self.options.choices]
        return context


class TagRowsWidget(forms.Widget):
    """Rows of a key and a value, posted as two lists of equal length."""

    template_name = "forms/tag_rows.html"
    use_fieldset = True

    def value_from_datadict(self, data, files, name):
        if not hasattr(data, "getlist"):
            return data.get(name)
        return _bounded(list(zip(data.getlist("tag_key"), data.getlist("tag_value"), strict=False)), MAX_TAGS)

    def value_omitted_from_data(self, data, files, name):
        return "tag_key" not in data

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"] |= {
            "rows": list(value or []) or [("", "")],
            "maximum": MAX_TAGS,
        }
        return context


class TagsField(forms.Field):
    """Pairs of key and value, without blank rows. The rules validate them."""

    widget = TagRowsWidget

    def to_python(self, value):
        pairs = [(key.strip(), text.strip()) for key, text in value or []]
        return [pair for pair in pairs if any(pair)]


def changed_rows(posted: QueryDict, action: str) -> QueryDict:
    """The posted values after a button without JavaScript: `add:NAME`, `remove:NAME:INDEX`, or anything else."""
    values = posted.copy()
    verb, __, rest = action.partition(":")
    name, __, position = rest.partition(":")
    number = whole_number(position)
    for key in ("tag_key", "tag_value") if name == "tags" else (name,):
        rows = values.getlist(key)
        if verb == "add":
            rows.append("")
        elif verb == "remove" and number is not None and number < len(rows):
            rows.pop(number)
        if verb in ("add", "remove"):
            values.setlist(key, rows)
    return values
