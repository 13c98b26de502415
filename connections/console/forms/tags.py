"""The rows of keys and values that people put on a resource."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from connections.console.forms.base import ConsoleForm
from connections.console.forms.widgets import TagsField
from connections.domain import rules, sections
from connections.models.base import Resource
from connections.persistence.fields import WholeNumberFormField


class TagsForm(ConsoleForm, forms.Form):
    """All tags of one resource; other forms inherit the rows."""

    tags = TagsField(label=sections.LABELS["tags"], required=False)

    def clean(self):
        data = super().clean()
        self.add_problems(rules.tag_problems(data.get("tags", ())))
        return data


class ResourceTagsForm(TagsForm):
    """The tags of a resource that exists, and the revision of it that is being changed."""

    revision = WholeNumberFormField(widget=forms.HiddenInput)

    def show_stored(self, stored: Resource) -> None:
        """Say beside the tags what somebody else has stored meanwhile; take over the new revision."""
        tags = pairs_of(stored)
        if tags != self.cleaned_data.get("tags"):
            told = _("Stored value: %(now)s. Submit to replace it with yours.") % {"now": in_words(tags) or "-"}
            self.warnings.setdefault("tags", []).append(told)
        self.data = self.data.copy()
        self.data["revision"] = stored.revision


def pairs_of(resource: Resource) -> list[tuple[str, str]]:
    """The tags of a resource as the field holds them."""
    return [(tag.key, tag.value) for tag in resource.tags.all()]


def in_words(pairs: Iterable[tuple[str, str]]) -> str:
    """Tags in one line."""
    return ", ".join(f"{key}={value}" if value else key for key, value in pairs)
