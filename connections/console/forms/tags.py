"""The rows of keys and values that people put on a resource."""

from django import forms

from connections import rules, sections
from connections.console.forms.kit import ConsoleForm
from connections.console.forms.widgets import TagsField


class TagsForm(ConsoleForm, forms.Form):
    """All tags of one resource; other forms inherit the rows."""

    tags = TagsField(label=sections.LABELS["tags"], required=False)

    def clean(self):
        data = super().clean()
        self.add_problems(rules.tag_problems(data.get("tags", ())))
        return data
