"""Forms about a list: its columns, and saved filters."""

import json

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.console import columns
from connections.console.forms.base import ConsoleForm, ShownForm
from connections.models import SavedFilter
from connections.services.preferences import chosen_columns


def _keys(data: QueryDict, name: str) -> list[str]:
    """Posted keys of columns, at most as many as there are columns."""
    return data.getlist(name)[: len(columns.COLUMNS)]


class ColumnsWidget(forms.Widget):
    """A list of checkboxes in the order of the columns, each with buttons to move it."""

    template_name = "forms/columns.html"
    use_fieldset = True

    def value_from_datadict(self, data, files, name):
        return _keys(data, name)

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        # Columns that are not chosen come last in their usual order; until the form is submitted, none moves.
        order = columns.of([*(self.order or value or ()), *columns.BY_KEY])
        rows = [{"column": column, "is_chosen": column.key in (value or ())} for column in order]
        context["widget"]["rows"] = rows
        return context

    order: list[str] | None = None


class ColumnsForm(ShownForm):
    """Which columns a list shows. None chosen means the usual ones."""

    columns = forms.Field(label=gettext_lazy("Columns"), widget=ColumnsWidget, required=False)
    query = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, user, query="", **kwargs):
        self.user = user
        super().__init__(data, initial={"columns": [column.key for column in columns.chosen(user)], "query": query})
        self.fields["columns"].help_text = _(
            "Name and instance ID are always shown. If you choose none, the default columns are shown."
        )
        self.fields["columns"].widget.order = _keys(data, "order") if data else None

    def unjudge(self) -> None:
        """Apply a button: `up:KEY` and `down:KEY` move a column, `usual` restores the usual ones."""
        verb, __, key = self.data.get("_action", "").partition(":")
        order = [column.key for column in columns.of([*_keys(self.data, "order"), *columns.BY_KEY])]
        picked = _keys(self.data, "columns")
        if verb == "usual":
            order = [column.key for column in columns.of([*columns.USUAL, *columns.BY_KEY])]
            picked = list(columns.USUAL)
        elif key in order:
            at = order.index(key)
            to = min(max(at + (-1 if verb == "up" else 1), 0), len(order) - 1)
            order.insert(to, order.pop(at))
        super().unjudge()
        self.initial["columns"] = [key for key in order if key in picked]
        self.fields["columns"].widget.order = order

    def _shown_text(self, value_of):
        return json.dumps({"columns": chosen_columns(self.user, columns.LIST)})

    def show_chosen(self) -> None:
        """Show the columns that the user has chosen elsewhere meanwhile."""
        chosen = ", ".join(str(column.label) for column in columns.chosen(self.user))
        message = _("Stored value: %(now)s. Submit to replace it with yours.") % {"now": chosen}
        self.warnings.setdefault("columns", []).append(message)
        self.data = self.data.copy()
        self.data["shown"] = self._shown_text(None)

    def clean_columns(self):
        return [column.key for column in columns.of(self.cleaned_data["columns"])]


class SavedFilterForm(ConsoleForm, forms.ModelForm):
    """Save the filter of a list under a name."""

    query = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = SavedFilter
        fields = ("name",)

    def __init__(self, data=None, *, query="", **kwargs):
        super().__init__(data, initial={"query": query})
