"""The form that moves a resource to another resource group."""

from django import forms

from connections.console.forms.base import EditForm, own_resource_groups
from connections.models import Cen, Connection, CustomerGateway, ResourceGroup


class ResourceGroupForm(EditForm):
    """The resource group of a connection, customer gateway or CEN instance."""

    resource_group = forms.ModelChoiceField(ResourceGroup.objects.none(), label=Cen.resource_group.field.verbose_name)

    def __init__(self, resource: Connection | CustomerGateway | Cen, *args, **kwargs):
        initial = {"resource_group": resource.resource_group.resource_id, "revision": resource.revision}
        super().__init__(*args, initial=initial, **kwargs)
        own_resource_groups(self.field_of("resource_group", forms.ModelChoiceField), resource.account)
        self.order_fields(["resource_group"])
