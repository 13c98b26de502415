"""Idempotent forms: a form that is submitted twice does its work once."""

import re
import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from connections.console.message_storage import Storage, tags_of
from connections.console.requests import ConsoleRequest, url_name
from connections.models import (
    Account,
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    RouteTable,
    Submission,
    TransitRouter,
)
from connections.services.operations import Answer

FIELD = "_once"
_FORM = re.compile(r"[0-9a-f-]{36}")
_MODELS = {model.PREFIX: model for model in (Attachment, Connection, CustomerGateway, Cen, TransitRouter, RouteTable)}


def own_resource(account: Account, resource_id: str):
    """The account's resource with this ID, or None."""
    model = _MODELS.get(resource_id.rpartition("-")[0])
    return model and model.objects.filter(account=account, resource_id=resource_id).first()


def new_token() -> str:
    """A token for one form on one page."""
    return str(uuid.uuid4())


def token_of(request: ConsoleRequest) -> str:
    """Identifies a submission: a keyed hash of the form's token and its values; blank without a valid token.

    Includes the values because a user who goes back, changes something and submits again means a new operation. The
    hash is keyed because the values may contain secrets.
    """
    if not hasattr(request, "idempotency_token"):
        request.idempotency_token = _token_of(request)
    return request.idempotency_token


def _token_of(request: ConsoleRequest) -> str:
    token = request.POST.get(FIELD, "") if request.method == "POST" else ""
    if not _FORM.fullmatch(token):
        return ""
    filled = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    return salted_hmac(FIELD, repr((request.path, filled)), algorithm="sha256").hexdigest()[:36]


def read_only(view):
    """Mark a POST view that changes nothing, so that repeats are served again."""
    view.is_read_only = True
    return view


def will_be_answered(request: ConsoleRequest, to: str, said: str = "") -> None:
    """Set, before the operation, the address and message with which this form and its repeats are answered."""
    request.actor = request.actor.answered(Answer(to, said))


def led_elsewhere(response: HttpResponse) -> bool:
    """Whether a response reports success, rather than errors."""
    return response.status_code in (204, 302) or "HX-Redirect" in response


def made_in_dialog(gateway: CustomerGateway) -> HttpResponse:
    """Add the new gateway to the choices of the form behind the dialog."""
    choice = {"kind": "customer-gateway", "id": gateway.resource_id, "label": gateway.label, "name": gateway.name}
    return trigger_client_event(HttpResponse(status=204), "resource-created", choice)


def done_before(request: ConsoleRequest, submission: Submission) -> HttpResponse:
    """Answer a repeated form like the first one, or redirect to the resource that it created or changed."""
    if submission.said:
        storage = messages.get_messages(request)
        if isinstance(storage, Storage):
            storage.add_once(messages.SUCCESS, submission.said, tags_of(submission.request_id))
        return _redirect(request, submission.leads_to)
    resource = own_resource(request.user.account, submission.resource_id)
    if request.htmx and isinstance(resource, CustomerGateway) and url_name(request).endswith("create"):
        return made_in_dialog(resource)
    messages.info(request, _("This was done already; it was not done twice."))
    return _redirect(request, submission.leads_to or (resource.get_absolute_url() if resource else reverse("home")))


def _redirect(request: ConsoleRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
