"""Forms with the tags of a resource."""

from django import forms

from connections.console.forms.base import ConsoleForm, EditForm
from connections.console.forms.widgets import TagsField
from connections.console.words import tags_text
from connections.domain import rules, sections
from connections.models import Cen, Connection, CustomerGateway, RouteTable, TransitRouter

Tagged = Cen | Connection | CustomerGateway | RouteTable | TransitRouter


class TagsForm(ConsoleForm, forms.Form):
    """All tags of one resource; base of forms with tags."""

    tags = TagsField(label=sections.LABELS["tags"], required=False)

    def clean(self):
        super().clean()
        self.add_problems(rules.tag_problems(self.cleaned_data.get("tags", ())))
        return self.cleaned_data


class ResourceTagsForm(EditForm, TagsForm):
    """Edit the tags of an existing resource."""

    def stored_texts(self, stored):
        tags = pairs_of(stored)
        return {} if tags == self.cleaned_data.get("tags") else {"tags": tags_text(tags) or "-"}


def pairs_of(resource: Tagged) -> list[tuple[str, str]]:
    """The tags of a resource as the value of the field."""
    return [(tag.key, tag.value) for tag in resource.tags.all()]
