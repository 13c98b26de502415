"""VPN attachments of a transit router: create, details, modify, delete."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from connections.console import idempotency
from connections.console.access import needs
from connections.console.forms.attachments import (
    AttachForm,
    AttachmentForm,
    DetachForm,
    first_values,
    going_text,
    ways_to_attach,
    with_only,
)
from connections.console.forms.base import Group, helper
from connections.console.idempotency import will_be_answered
from connections.console.requests import ConsoleRequest
from connections.console.views.cens import own_router
from connections.console.views.choices import options
from connections.console.views.connections import own_connection
from connections.console.views.shared import edit, refusal_of, stale
from connections.domain.choices import ResourceOwner
from connections.domain.refusals import Invalid, Refused
from connections.domain.roles import Right
from connections.models import Attachment
from connections.search import typed
from connections.services.attachments import available, create_attachment, delete_attachment, modify_attachment
from connections.services.connections import delete_connection, refuse_while_attached


def own_attachment(request: ConsoleRequest, cen_id: str, router_id: str, attachment_id: str) -> Attachment:
    router = own_router(request, cen_id, router_id)
    rows = router.attachments.living().select_related("connection__account", "account", "transit_router__cen")
    return get_object_or_404(rows, resource_id=attachment_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE)
def attachment_create(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    router = own_router(request, cen_id, router_id)
    posted = request.POST if request.method == "POST" else None
    form = AttachForm(router, posted, initial=first_values(router, request.GET))
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
            return redirect("transit-router-connections", cen_id, router_id)
    return render(request, "attachments/form.html", {"form": form, "router": router, "cen": router.cen})


@require_POST
@needs(Right.WRITE)
@idempotency.read_only
def attachment_fields(request: ConsoleRequest, cen_id: str, router_id: str, name: str) -> HttpResponse:
    """Answer to a changed owner: the UID's group, and the connections to choose from."""
    router = own_router(request, cen_id, router_id)
    if name not in ("resource_owner", "owner_uid"):
        raise Http404
    form = AttachForm(router, initial=with_only(router, AttachForm(router).kept(request.POST)))
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
    again = bool(request.GET.get("again")) and not attachment.is_foreign
    return edit(
        request,
        form,
        title=_("Detach %(connection)s") % {"connection": connection_name(attachment)},
        do=lambda: delete_attachment(request.actor, attachment, **form.cleaned_data),
        done=_("%(connection)s is being detached.") % {"connection": connection_name(attachment)},
        # From the connection's page it is attached again.
        to=(
            attachment.connection.get_absolute_url()
            if again
            else reverse("transit-router-connections", args=[cen_id, router_id])
        ),
        back=attachment.get_absolute_url(),
        danger=True,
        verb=_("Detach"),
        intro="attachments/_delete.html",
        attachment=attachment,
    )


def connection_name(attachment: Attachment) -> str:
    """What the transit router's account may call the connection: another account's by its ID alone."""
    connection = attachment.connection
    return connection.resource_id if attachment.is_foreign else str(connection)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def connection_detach(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """Detach a connection and delete it: two operations, as detaching takes a while.

    The first POST detaches. The answer posts again until the connection is at rest; then it is deleted.
    """
    connection = own_connection(request, region_id, connection_id)
    attachment = connection.living_attachment
    context: dict[str, object] = {"connection": connection, "back": connection.get_absolute_url()}
    refusal = ""
    if attachment is not None and attachment.is_foreign:
        refusal = refusal_of(lambda: refuse_while_attached(connection))
    elif request.method == "POST" and not connection.is_transient:
        if attachment is None:
            to = reverse("connection-list", args=[request.place.id])
            done = _("IPsec-VPN connection %(connection)s was detached and deleted.") % {"connection": connection}
            will_be_answered(request, to, done)
            refusal = refusal_of(lambda: delete_connection(request.actor, connection))
            if not refusal:
                messages.success(request, done)
                return HttpResponseClientRedirect(to) if request.htmx else redirect(to)
        else:
            held = attachment
            refusal = refusal_of(lambda: delete_attachment(request.actor, held, force=True))
            connection = own_connection(request, region_id, connection_id)
    context |= {
        "connection": connection,
        "refusal": refusal,
        "going": going_text(attachment) if attachment else "",
        "detaching": request.method == "POST" and not refusal,
    }
    return render(request, "connections/_detach.html" if request.htmx else "connections/detach.html", context)
