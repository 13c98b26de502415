"""A document to be imported, as a file or typed."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from connections.console.forms.kit import ConsoleForm


class ImportForm(ConsoleForm, forms.Form):
    """A file, or a text; the file counts if there are both."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.FileInput(attrs={"class": "form-control"}),
        help_text=_("YAML or JSON, up to 8 MiB."),
    )
    text = forms.CharField(
        label=_("Or the document itself"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "cols": 100, "spellcheck": "false", "class": "form-control mono"}),
    )

    def clean(self):
        data = super().clean()
        if file := data.get("file"):
            try:
                data["document"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise ValidationError({"file": _("This file is not text in UTF-8.")}) from None
        else:
            data["document"] = data.get("text", "")
            if not data["document"].strip():
                raise ValidationError({"file": _("Choose a file, or put a document into the field below.")})
        return data
