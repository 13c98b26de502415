"""VPN attachments of a transit router: create, details, modify, delete."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import idempotency
from connections.console.access import needs
from connections.console.forms.attachments import AttachForm, AttachmentForm, DetachForm, ways_to_attach
from connections.console.forms.base import Group, helper
from connections.console.requests import ConsoleRequest
from connections.console.views.cens import own_router
from connections.console.views.choices import options
from connections.console.views.shared import edit, stale
from connections.domain.choices import ResourceOwner
from connections.domain.refusals import Invalid, Refused
from connections.domain.roles import Right
from connections.models import Attachment
from connections.search import typed
from connections.services.attachments import available, create_attachment, delete_attachment, modify_attachment


def own_attachment(request: ConsoleRequest, cen_id: str, router_id: str, attachment_id: str) -> Attachment:
    router = own_router(request, cen_id, router_id)
    rows = router.attachments.living().select_related("connection__account", "account", "transit_router__cen")
    return get_object_or_404(rows, resource_id=attachment_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE)
def attachment_create(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    router = own_router(request, cen_id, router_id)
    initial = {"connection": request.GET.get("connection", "")}
    form = AttachForm(router, request.POST if request.method == "POST" else None, initial=initial)
    if request.POST.get("_action"):
        form = AttachForm(router, initial=form.kept(request.POST))
    elif form.is_valid():
        try:
            create_attachment(request.actor, form.instance, form.cleaned_data["connection"].resource_id, form.owner)
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(
                request,
                _("%(connection)s is being attached to %(router)s.")
                % {"connection": form.cleaned_data["connection"].resource_id, "router": router},
            )
            return redirect(router)
    return render(request, "attachments/form.html", {"form": form, "router": router, "cen": router.cen})


@require_POST
@needs(Right.WRITE)
@idempotency.read_only
def attachment_fields(request: ConsoleRequest, cen_id: str, router_id: str, name: str) -> HttpResponse:
    """Answer to a changed owner: the UID's group, and the connections to choose from."""
    router = own_router(request, cen_id, router_id)
    if name not in ("resource_owner", "owner_uid"):
        raise Http404
    form = AttachForm(router, initial=AttachForm(router).kept(request.POST))
    groups = [Group("owner_uid", names=["owner_uid"], oob=True)] if name == "resource_owner" else []
    context = {"form": form, "helper": helper(*groups), "groups": groups}
    return render(request, "attachments/_fields.html", context)


@require_safe
@needs(Right.WRITE)
def attachment_choices(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    """Search results for the connection to attach."""
    router = own_router(request, cen_id, router_id)
    foreign = request.GET.get("resource_owner") == ResourceOwner.DIFFERENT
    owner = typed(request.GET.get("owner_uid")) if foreign else ""
    rows = available(router.account, router.cen, router.region_id, owner)
    return options(request, rows if owner or not foreign else rows.none(), ways_to_attach(router, owner))


@require_safe
def attachment_detail(request: ConsoleRequest, cen_id: str, router_id: str, attachment_id: str) -> HttpResponse:
    attachment = own_attachment(request, cen_id, router_id, attachment_id)
    router = attachment.transit_router
    return render(request, "attachments/detail.html", {"attachment": attachment, "router": router, "cen": router.cen})


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def attachment_modify(request: ConsoleRequest, cen_id: str, router_id: str, attachment_id: str) -> HttpResponse:
    attachment = own_attachment(request, cen_id, router_id, attachment_id)
    form = AttachmentForm(
        request.POST if request.method == "POST" else None,
        instance=attachment,
        initial={"revision": attachment.revision},
    )

    return edit(
        request,
        form,
        title=_("Modify %(name)s") % {"name": attachment},
        do=lambda: modify_attachment(request.actor, form.instance, form.cleaned_data["revision"]),
        done=_("%(name)s was modified. The route tables follow.") % {"name": attachment},
        to=attachment.get_absolute_url(),
        refused=stale(form, lambda: get_object_or_404(Attachment, pk=attachment.pk)),
        intro="attachments/_payer.html",
        attachment=attachment,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def attachment_delete(request: ConsoleRequest, cen_id: str, router_id: str, attachment_id: str) -> HttpResponse:
    attachment = own_attachment(request, cen_id, router_id, attachment_id)
    form = DetachForm(attachment, request.POST if request.method == "POST" else None)
    return edit(
        request,
        form,
        title=_("Delete %(id)s") % {"id": attachment.resource_id},
        do=lambda: delete_attachment(request.actor, attachment, **form.cleaned_data),
        done=_("%(id)s is being deleted; the connection will be unassociated.") % {"id": attachment.resource_id},
        to=reverse("transit-router-detail", args=[cen_id, router_id]),
        back=attachment.get_absolute_url(),
        danger=True,
        intro="attachments/_delete.html",
        attachment=attachment,
    )
