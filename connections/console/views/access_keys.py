"""Access keys of an account: list, create, disable, delete."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import lists
from connections.console.access import needs
from connections.console.forms.access_keys import AccessKeyForm
from connections.console.idempotency import will_be_answered
from connections.console.requests import ConsoleRequest, ShownOnce
from connections.console.views.shared import confirm, list_page
from connections.domain.choices import AccessKeyStatus
from connections.domain.refusals import Refused
from connections.domain.roles import Right
from connections.models import AccessKey, Account
from connections.services.access_keys import create_access_key, delete_access_key, set_access_key_status


def keys_of(account: Account) -> QuerySet[AccessKey]:
    """An account's keys, newest first."""
    return AccessKey.objects.of(account).select_related("user").order_by("-id")


def _own(request: ConsoleRequest, key_id: str) -> AccessKey:
    return get_object_or_404(keys_of(request.user.account), access_key_id=key_id)


@require_safe
def access_key_list(request: ConsoleRequest) -> HttpResponse:
    return list_page(request, lists.ACCESS_KEYS, rows=keys_of(request.user.account))


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.MANAGE)
@sensitive_variables("key")
def access_key_create(request: ConsoleRequest) -> HttpResponse:
    """Only the response to the form contains the secret, which is not kept for other requests."""
    form = AccessKeyForm(request.user, request.POST if request.method == "POST" else None)
    if request.POST.get("_action"):
        form.unjudge()
    elif form.is_valid():
        will_be_answered(request, reverse("access-key-list"))
        try:
            key = create_access_key(request.actor, form.cleaned_data["user"])
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            template = "access_keys/_created.html" if request.htmx else "access_keys/created.html"
            return ShownOnce(render_to_string(template, {"key": key}, request))
    context = {"form": form, "title": _("Create AccessKey"), "back": reverse("access-key-list"), "verb": _("Create")}
    return render(request, "shared/_edit.html" if request.htmx else "shared/edit.html", context)


@require_POST
@needs(Right.MANAGE)
def access_key_status(request: ConsoleRequest, key_id: str) -> HttpResponse:
    """Enable or disable a key. Any unknown status disables it."""
    key = _own(request, key_id)
    is_active = request.POST.get("status") == AccessKeyStatus.ACTIVE
    status = AccessKeyStatus.ACTIVE if is_active else AccessKeyStatus.INACTIVE
    try:
        set_access_key_status(request.actor, key.access_key_id, status)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        message = _("AccessKey %(id)s is disabled: requests signed with it are refused.")
        if status == AccessKeyStatus.ACTIVE:
            message = _("AccessKey %(id)s is enabled.")
        messages.success(request, message % {"id": key.access_key_id})
    return redirect("access-key-list")


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.MANAGE)
def access_key_delete(request: ConsoleRequest, key_id: str) -> HttpResponse:
    key = _own(request, key_id)
    return confirm(
        request,
        title=_("Delete AccessKey %(id)s") % {"id": key.access_key_id},
        text=_("Programs that use it will be refused at once. This cannot be undone."),
        do=lambda: delete_access_key(request.actor, key.access_key_id),
        done=_("AccessKey %(id)s was deleted.") % {"id": key.access_key_id},
        to=reverse("access-key-list"),
        back=reverse("access-key-list"),
    )
