"""Forms that do their work once, however often they are sent."""

import re
import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from connections.console.messages import Storage, tags_of
from connections.console.requests import ConsoleRequest, url_name
from connections.models import Attachment, Cen, Connection, CustomerGateway, Submission, TransitRouter
from connections.services.operations import Answer

FIELD = "_once"
_FORM = re.compile(r"[0-9a-f-]{36}")
_MODELS = {model.PREFIX: model for model in (Attachment, Connection, CustomerGateway, Cen, TransitRouter)}


def own_resource(account, resource_id: str):
    """The account's resource with an ID, or None."""
    model = _MODELS.get(resource_id.rpartition("-")[0])
    return model and model.objects.filter(account=account, resource_id=resource_id).first()


def new_token() -> str:
    """For one form on one page."""
    return str(uuid.uuid4())


def token_of(request: ConsoleRequest) -> str:
    """What tells this submission from others: the form's token with what was filled in; nothing if it is not ours.

    Who goes back, changes something and submits again means something new. Keyed, because keys may be among the values.
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
    """Before the work is done: the form leads there and says so, also when it comes a second time."""
    request.actor = request.actor.answered(Answer(to, said))


def led_elsewhere(response: HttpResponse) -> bool:
    """Whether an answer says that the work is done, rather than why not."""
    return response.status_code in (204, 302) or "HX-Redirect" in response


def made_in_dialog(gateway: CustomerGateway) -> HttpResponse:
    """Tell the form behind the dialog what there is to choose now."""
    made = {"kind": "customer-gateway", "id": gateway.resource_id, "label": gateway.label}
    return trigger_client_event(HttpResponse(status=204), "resource-created", made)


def done_before(request: ConsoleRequest, submission: Submission) -> HttpResponse:
    """Answer as the first of two equal forms was answered, or lead to what it has made, or changed."""
    if submission.said:
        storage = messages.get_messages(request)
        if isinstance(storage, Storage):
            storage.add_once(messages.SUCCESS, submission.said, tags_of(submission.request_id))
        return _redirect(request, submission.leads_to)
    found = own_resource(request.user.account, submission.resource_id)
    if request.htmx and isinstance(found, CustomerGateway) and url_name(request).endswith("create"):
        return made_in_dialog(found)
    messages.info(request, _("This was done already; it was not done twice."))
    return _redirect(request, submission.leads_to or (found.get_absolute_url() if found else "/"))


def _redirect(request: ConsoleRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
