"""Forms of route tables, and of the links of an attachment to them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from connections.console.autocomplete import ResourceChoiceField, Ways
from connections.console.forms.base import EditForm, SectionBox, helper
from connections.console.forms.widgets import SwitchInput
from connections.models import Attachment, RouteTable


class RouteTableForm(EditForm, forms.ModelForm):
    """The name and the description of a route table."""

    class Meta:
        model = RouteTable
        fields = ("name", "description")


def label_of(table: RouteTable) -> str:
    """The name of a route table in a choice."""
    return f"{table.label} · {table.type.label}" if table.is_default else table.label


class LinksForm(EditForm):
    """The association of an attachment, and a switch for each route table to which it may propagate its routes."""

    route_table = ResourceChoiceField(
        RouteTable.objects.none(),
        label=Attachment._meta.get_field("custom_table").verbose_name,
        required=False,
        empty_label=_("None"),
        help_text=_("Traffic from the connection is looked up in this route table."),
    )

    def __init__(self, attachment: Attachment, *args, **kwargs):
        table = attachment.associated_table
        initial = {"revision": attachment.revision, "route_table": table.resource_id if table else ""}
        super().__init__(*args, initial=initial, **kwargs)
        field = self.field_of("route_table", ResourceChoiceField)
        field.queryset = attachment.transit_router.route_tables.order_by("-is_default", "id")
        field.ways = Ways(label=label_of)
        self.tables = {f"propagate-{table.resource_id}": table for table in field.queryset}
        propagated = attachment.propagation_tables
        for name, table in self.tables.items():
            self.fields[name] = forms.BooleanField(
                label=label_of(table), required=False, initial=table in propagated, widget=SwitchInput
            )

    @property
    def propagations(self) -> list[RouteTable]:
        """The chosen route tables to which the routes go."""
        return [table for name, table in self.tables.items() if self.cleaned_data[name]]

    @property
    def helper(self):
        return helper(
            "revision",
            SectionBox("association", _("Association"), "route_table"),
            SectionBox(
                "propagations",
                _("Propagations"),
                *self.tables,
            ),
        )
