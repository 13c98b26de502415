"""Forms that do their work once, however often they are sent."""

import re
import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from connections.models import Attachment, Cen, Connection, CustomerGateway, Submission, TransitRouter

FIELD = "_once"
_FORM = re.compile(r"[0-9a-f-]{36}")
_MODELS = {model.PREFIX: model for model in (Attachment, Connection, CustomerGateway, Cen, TransitRouter)}


def new_token() -> str:
    """For one form on one page."""
    return str(uuid.uuid4())


def token_of(request) -> str:
    """What tells this submission from others: the form's token with what was filled in; nothing if it is not ours.

    Who goes back, changes something and submits again means something new. Keyed, because keys may be among the values.
    """
    token = request.POST.get(FIELD, "") if request.method == "POST" else ""
    if not _FORM.fullmatch(token):
        return ""
    filled = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    return salted_hmac(FIELD, repr((request.path, filled)), algorithm="sha256").hexdigest()[:36]


def made_in_dialog(gateway: CustomerGateway) -> HttpResponse:
    """Tell the form behind the dialog what there is to choose now."""
    made = {"kind": "customer-gateway", "id": gateway.resource_id, "label": gateway.label}
    return trigger_client_event(HttpResponse(status=204), "resource-created", made)


def done_before(request, submission: Submission) -> HttpResponse:
    """Lead to what the first of two equal forms has made, or changed."""
    model = _MODELS.get(submission.resource_id.rpartition("-")[0])
    found = model and model.objects.filter(account=request.user.account, resource_id=submission.resource_id).first()
    if request.htmx and isinstance(found, CustomerGateway) and request.resolver_match.url_name.endswith("create"):
        return made_in_dialog(found)
    messages.info(request, _("This was done already; it was not done twice."))
    url = found.get_absolute_url() if found else "/"
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
