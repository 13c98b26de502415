"""Customer gateways: list, create, details, modify, delete."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import lists, tables
from connections.console.access import needs
from connections.console.forms.customer_gateways import CustomerGatewayForm, CustomerGatewayModifyForm
from connections.console.forms.widgets import changed_rows
from connections.console.idempotency import made_in_dialog, will_be_answered
from connections.console.requests import ConsoleRequest
from connections.console.views.shared import confirm, list_page, refreshed, secret
from connections.domain.refusals import CHANGED_MEANWHILE, GATEWAY_IN_USE, Invalid, Refused
from connections.domain.roles import Right
from connections.models import Connection, CustomerGateway
from connections.services.customer_gateways import (
    create_customer_gateway,
    delete_customer_gateway,
    modify_customer_gateway,
)
from connections.services.disclosures import show_key


def own_gateway(request: ConsoleRequest, region_id: str, gateway_id: str) -> CustomerGateway:
    mine = CustomerGateway.objects.of(request.user.account).filter(region_id=region_id)
    return get_object_or_404(mine.select_related("resource_group"), resource_id=gateway_id)


@require_safe
@refreshed
@vary_on_headers("HX-Request")
def customer_gateway_list(request: ConsoleRequest, region_id: str) -> HttpResponse:
    table = tables.customer_gateways(request.user.account, region_id, request.GET)
    return list_page(request, lists.CUSTOMER_GATEWAYS.at(region_id), table)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def customer_gateway_create(request: ConsoleRequest, region_id: str) -> HttpResponse:
    """Create a gateway on a page, or in a dialog that adds it to the choices of the form behind it."""
    account, in_dialog = request.user.account, bool(request.htmx)
    more = {"auto_id": "dialog_%s"} if in_dialog else {}
    form = CustomerGatewayForm(
        account,
        request.POST if request.method == "POST" else None,
        instance=CustomerGateway(account=account, region_id=region_id),
        **more,
    )
    if action := request.POST.get("_action"):
        form = CustomerGatewayForm(account, initial=form.kept(changed_rows(request.POST, action)), **more)
    elif form.is_valid():
        try:
            gateway = create_customer_gateway(request.actor, form.instance, form.cleaned_data["tags"])
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            if in_dialog:
                return made_in_dialog(gateway)
            messages.success(request, _("Customer gateway %(gateway)s was created.") % {"gateway": gateway})
            return redirect("customer-gateway-list", request.place.id)
    template = "customer_gateways/_dialog.html" if in_dialog else "customer_gateways/form.html"
    return render(request, template, {"form": form})


@require_safe
def customer_gateway_detail(request: ConsoleRequest, region_id: str, gateway_id: str) -> HttpResponse:
    gateway = own_gateway(request, region_id, gateway_id)
    connections = Connection.objects.of(request.user.account).latest_of(gateway, 50).with_parts().order_by("-id")
    grid = lists.GATEWAY_CONNECTIONS.grid(request, connections)
    return render(request, "customer_gateways/detail.html", {"gateway": gateway, "grid": grid})


@require_safe
@vary_on_headers("HX-Request")
@needs(Right.SEE_KEYS)
def customer_gateway_key(request: ConsoleRequest, region_id: str, gateway_id: str) -> HttpResponse:
    """The BGP key in plain text."""
    gateway = own_gateway(request, region_id, gateway_id)
    label = CustomerGateway._meta.get_field("auth_key").verbose_name
    return secret(request, "bgp-key", label=label, of=gateway, key=show_key(request.actor, gateway))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE)
def customer_gateway_modify(request: ConsoleRequest, region_id: str, gateway_id: str) -> HttpResponse:
    gateway = own_gateway(request, region_id, gateway_id)
    form = CustomerGatewayModifyForm(
        request.POST if request.method == "POST" else None,
        instance=gateway,
        initial={"revision": gateway.revision},
    )
    if request.POST.get("_action"):
        form.unjudge()
    elif form.is_valid():
        done = _("Customer gateway %(gateway)s was changed.") % {"gateway": form.instance}
        will_be_answered(request, gateway.get_absolute_url(), done)
        try:
            modify_customer_gateway(request.actor, form.instance, form.cleaned_data["revision"])
        except Refused as refused:
            form.add_error(None, refused.message)
            if refused.code == CHANGED_MEANWHILE.code:
                form.show_stored(own_gateway(request, region_id, gateway_id))
        else:
            messages.success(request, done)
            return redirect(gateway)
    return render(request, "customer_gateways/modify.html", {"form": form, "gateway": gateway})


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def customer_gateway_delete(request: ConsoleRequest, region_id: str, gateway_id: str) -> HttpResponse:
    gateway = own_gateway(request, region_id, gateway_id)
    users = Connection.objects.of(request.user.account).filter(tunnels__customer_gateway=gateway).distinct()
    return confirm(
        request,
        title=_("Delete customer gateway %(gateway)s") % {"gateway": gateway},
        text=_("%(id)s (%(ip_address)s) and its tags will be deleted. This cannot be undone.")
        % {"id": gateway.resource_id, "ip_address": gateway.ip_address},
        do=lambda: delete_customer_gateway(request.actor, gateway),
        done=_("Customer gateway %(gateway)s was deleted.") % {"gateway": gateway},
        to=reverse("customer-gateway-list", args=[request.place.id]),
        back=gateway.get_absolute_url(),
        users=users,
        used=GATEWAY_IN_USE,
    )
