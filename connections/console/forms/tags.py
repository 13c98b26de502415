"""Forms with the tags of a resource."""

from django import forms
from django.utils.translation import gettext_lazy as _

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

    def stored_value(self, stored, name):
        return pairs_of(stored)

    def stored_text(self, stored, name):
        return tags_text(pairs_of(stored)) or "-"

    def stored_names(self, stored):
        return [] if pairs_of(stored) == self.cleaned_data.get("tags") else ["tags"]

    def now_shown(self, stored, name):
        return pairs_of(stored)

    def merged(self, name, stored):
        """The stored tags with what the user has added, changed and removed."""
        mine, seen = dict(self.cleaned_data.get("tags", ())), self.seen("tags")
        # No tags are shown as a blank text.
        before = dict(map(tuple, seen)) if is_pairs(seen) else {}
        changed = {key: value for key, value in mine.items() if before.get(key) != value}
        kept = {key: value for key, value in stored if key in mine or key not in before}
        return list((kept | changed).items())


class AddTagsForm(TagsForm):
    """Tags to add to several resources."""

    def clean(self):
        super().clean()
        if not self.cleaned_data.get("tags") and not self.has_error("tags"):
            self.add_error("tags", _("Enter a tag key."))
        return self.cleaned_data


def is_pairs(value) -> bool:
    """Whether JSON has a list of pairs of texts here."""
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair) for pair in value
    )


def pairs_of(resource: Tagged) -> list[tuple[str, str]]:
    """The tags of a resource as the value of the field."""
    return [(tag.key, tag.value) for tag in resource.tags.all()]
