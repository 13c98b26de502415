"""The form that imports a document."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from connections.console.forms.base import ConsoleForm
from connections.services.secrets import sealed_columns


class ImportForm(ConsoleForm, forms.Form):
    """A file or a text. If there are both, the file is imported."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.FileInput(attrs={"class": "form-control"}),
        help_text=_("YAML or JSON, up to 8 MiB."),
    )
    text = forms.CharField(
        label=_("Or paste the document"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 12,
                "cols": 100,
                "spellcheck": "false",
                "class": "form-control mono",
                # Browsers keep no draft of a document with keys.
                "data-secret-names": "|".join(sorted({name for __, name in sealed_columns()})),
            }
        ),
    )

    def unjudge(self) -> None:
        """Put the content of the file, if it fits, into the text field: browsers don't keep the chosen file."""
        file = self.files.get("file")
        super().unjudge()
        self.files = MultiValueDict()
        if not file:
            return
        try:
            if (file.size or 0) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2:
                self.initial["text"] = file.read().decode("utf-8-sig")
                return
        except UnicodeDecodeError:
            pass
        self.fields["file"].help_text = _("The page was drawn again: choose %(file)s once more.") % {"file": file.name}

    def clean(self):
        super().clean()
        data = self.cleaned_data
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
