"""Forms of authorizations."""

import re

from django import forms
from django.http import QueryDict

from connections.console.forms.base import ConsoleForm, ShownForm
from connections.domain import limits
from connections.models import Authorization, Cen

# The other account copies both with one button.
_UID, _CEN_ID = rf"\b\d{{{limits.UID_LENGTH}}}\b", rf"\b{Cen.PREFIX}-\w+"


def parted(posted: QueryDict) -> QueryDict:
    """Posted values, in which the UID and the ID of the CEN instance may have been pasted into one field together."""
    for name in ("peer_uid", "peer_cen_id"):
        text = posted.get(name, "")
        uid, cen_id = re.search(_UID, text), re.search(_CEN_ID, text)
        if uid and cen_id:
            posted = posted.copy()
            posted["peer_uid"], posted["peer_cen_id"] = uid[0], cen_id[0]
    return posted


class AuthorizationForm(ConsoleForm, forms.ModelForm):
    """The dialog Attach to CEN of the product page."""

    class Meta:
        model = Authorization
        fields = ("peer_uid", "peer_cen_id", "order_type")
        widgets = {"order_type": forms.RadioSelect}

    def __init__(self, posted: QueryDict | None = None, **kwargs):
        super().__init__(None if posted is None else parted(posted), **kwargs)
        for name in ("peer_uid", "peer_cen_id"):
            self.fields[name].widget.attrs.pop("maxlength", None)

    def is_mandatory(self, name):
        return True


class PayerForm(ShownForm, forms.ModelForm):
    """Change who pays for an existing authorization."""

    class Meta:
        model = Authorization
        fields = ("order_type",)
        widgets = {"order_type": forms.RadioSelect}
