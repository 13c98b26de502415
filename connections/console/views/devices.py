"""Simulated devices: the tab of a connection, the form, and everything that people do with a device."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import idempotency
from connections.console.access import needs
from connections.console.devices import (
    RATES,
    comparison_rows,
    device_panels,
    full_label,
    idle_reason,
    label_of,
    senders,
)
from connections.console.forms.devices import DeviceForm
from connections.console.idempotency import will_be_answered
from connections.console.negotiations import seconds_to_change
from connections.console.requests import ConsoleRequest
from connections.console.views.connections import tab_context, tunnel_of
from connections.console.views.shared import poll, secret, stale
from connections.console.words import Words, rate_text
from connections.domain import device_sections
from connections.domain.refusals import Invalid, Refused
from connections.domain.roles import Right
from connections.models import Connection, Tunnel
from connections.negotiation import End
from connections.numbers import whole_number
from connections.services import devices
from connections.services.disclosures import show_device_key
from connections.services.operations import Actor

PAGE = "device-detail"
# In addresses and forms: to act on the devices of both tunnels to a customer gateway.
ALSO = "also"


def own_tunnel(request: ConsoleRequest, region_id: str, connection_id: str, tunnel_id: str) -> Tunnel:
    """A tunnel of the user's account with its device and everything that the negotiation needs. Raises Http404."""
    mine = Connection.objects.of(request.user.account).filter(region_id=region_id).with_parts()
    stored = mine.prefetch_related("routes", "tunnels__device")
    return tunnel_of(get_object_or_404(stored, resource_id=connection_id), tunnel_id)


def beside(tunnel: Tunnel) -> list[Tunnel]:
    """The other tunnels to the same customer gateway: in the data center, their devices are one."""
    others = (one for one in tunnel.connection.tunnels.all() if one.pk != tunnel.pk)
    return [one for one in others if one.customer_gateway_id == tunnel.customer_gateway_id]


def _status(tunnel: Tunnel) -> dict[str, Any]:
    """The context of the status line. `wait`: seconds until the page asks again; None at rest."""
    outcome = tunnel.outcome
    return {"outcome": outcome, "wait": seconds_to_change(tunnel.connection, [outcome])}


@require_safe
def device_detail(request: ConsoleRequest, region_id: str, connection_id: str, tunnel_id: str) -> HttpResponse:
    tunnel = own_tunnel(request, region_id, connection_id, tunnel_id)
    connection, device = tunnel.connection, tunnel.device
    context = {**tab_context(connection, "device"), "tunnel": tunnel, "device": device, **_status(tunnel)}
    try:
        compared = devices.compared(connection, tunnel)
    except Refused as refused:
        context["refusal"] = refused.message
    else:
        context["sides"] = comparison_rows(compared)
        context["differences"] = sum(one.differs for one in compared)
    if device.is_configured:
        context["panels"] = device_panels(device)
    context["beside"] = beside(tunnel)
    context["also"] = bool(context["beside"]) and ALSO in request.GET
    context["senders"], context["idle"] = senders(device), idle_reason(device)
    context["rates"] = [(str(bits), rate_text(bits)) for bits in RATES]
    context["usual_rate"] = str(RATES[2])
    return render(request, "connections/detail_device.html", context)


@require_safe
@poll
def device_status(request: ConsoleRequest, region_id: str, connection_id: str, tunnel_id: str) -> HttpResponse:
    """The status of the tunnel, polled until it rests."""
    tunnel = own_tunnel(request, region_id, connection_id, tunnel_id)
    context = {"connection": tunnel.connection, "tunnel": tunnel, "polled": True, **_status(tunnel)}
    return render(request, "devices/_status.html", context)


# --- actions ------------------------------------------------------------------------------------------------------


def _sender(values: QueryDict) -> End:
    sender = values.get("sender", "")
    return End.CLOUD if sender == End.CLOUD else End.DEVICE


def _send(actor: Actor, tunnel: Tunnel, also: Sequence[Tunnel], values: QueryDict) -> None:
    bits = whole_number(values.get("bits", ""))
    devices.send(actor, tunnel, _sender(values), -1 if bits is None else bits, steadily="steadily" in values)


Do = Callable[[Actor, Tunnel, Sequence[Tunnel], QueryDict], object]
# What the buttons of the page do, by the last part of their address, and the message afterwards.
ACTIONS: dict[str, tuple[Do, Words]] = {
    "load": (
        lambda actor, tunnel, also, values: devices.load_configuration(actor, tunnel, also),
        gettext_lazy("The device has loaded the peer configuration."),
    ),
    "take": (
        lambda actor, tunnel, also, values: devices.take_cloud_value(actor, tunnel, values.get("field", ""), also),
        gettext_lazy("The device has taken the cloud's value: %(label)s."),
    ),
    "on": (
        lambda actor, tunnel, also, values: devices.switch(actor, tunnel, also, on=True),
        gettext_lazy("The device is on."),
    ),
    "off": (
        lambda actor, tunnel, also, values: devices.switch(actor, tunnel, also, on=False),
        gettext_lazy("The device is off."),
    ),
    "restart": (
        lambda actor, tunnel, also, values: devices.restart(actor, tunnel, also),
        gettext_lazy("The device has restarted and deleted its SAs."),
    ),
    "cut": (
        lambda actor, tunnel, also, values: devices.set_line(actor, tunnel, also, up=False),
        gettext_lazy("The line is cut."),
    ),
    "restore": (
        lambda actor, tunnel, also, values: devices.set_line(actor, tunnel, also, up=True),
        gettext_lazy("The line is restored."),
    ),
    "send": (_send, gettext_lazy("Traffic has been sent.")),
    "stop": (
        lambda actor, tunnel, also, values: devices.stop_traffic(actor, tunnel, _sender(values)),
        gettext_lazy("The steady traffic has stopped."),
    ),
    "reset": (
        lambda actor, tunnel, also, values: devices.reset(actor, tunnel, also),
        gettext_lazy("The tunnel was reset and is negotiated again."),
    ),
}


@require_POST
def device_action(
    request: ConsoleRequest, region_id: str, connection_id: str, tunnel_id: str, action: str
) -> HttpResponse:
    """Do something with a device. htmx swaps the page's content in place; browsers without scripts load the page."""
    tunnel = own_tunnel(request, region_id, connection_id, tunnel_id)
    do, said = ACTIONS[action]
    field = request.POST.get("field", "")
    done = str(said)
    if action == "take":
        done %= {"label": full_label(field) if field in device_sections.FIELDS else field}
    page = reverse(PAGE, args=[region_id, connection_id, tunnel_id])
    also = beside(tunnel) if ALSO in request.POST else []
    if also:
        page, done = f"{page}?{ALSO}=1", _("For both devices: %(done)s") % {"done": done}
    will_be_answered(request, page, done)
    try:
        do(request.actor, tunnel, also, request.POST)
    except Refused as refused:
        messages.error(request, refused.message)
    except Invalid as invalid:
        messages.error(request, " ".join(str(problem.message) for problem in invalid.problems))
    else:
        messages.success(request, done)
    return redirect(page)


# --- form ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE)
def device_modify(request: ConsoleRequest, region_id: str, connection_id: str, tunnel_id: str) -> HttpResponse:
    tunnel = own_tunnel(request, region_id, connection_id, tunnel_id)
    page = reverse(PAGE, args=[region_id, connection_id, tunnel_id])
    form = DeviceForm(tunnel.device, request.POST if request.method == "POST" else None)
    configured = [one for one in beside(tunnel) if one.device.is_configured]
    also = configured if ALSO in request.POST else []
    if action := request.POST.get("_action", ""):
        form = form.again(action)
    elif form.is_valid():
        done = _("The device of %(tunnel)s was changed.") % {"tunnel": tunnel}
        if also:
            done = _("Both devices were changed.")
        will_be_answered(request, page, done)
        try:
            devices.edit_device(request.actor, form.instance, form.cleaned_data["revision"], also)
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Refused as refused:
            form.add_error(None, refused.message)
            stale(form, lambda: own_tunnel(request, region_id, connection_id, tunnel_id).device)(refused)
        else:
            messages.success(request, done)
            return redirect(page)
    context = {"form": form, "connection": tunnel.connection, "tunnel": tunnel, "page": page}
    context |= {"beside": configured, "also": bool(also)}
    return render(request, "devices/modify.html", context)


@require_POST
@needs(Right.WRITE)
@idempotency.read_only
def device_modify_fields(
    request: ConsoleRequest, region_id: str, connection_id: str, tunnel_id: str, name: str
) -> HttpResponse:
    """Answer to a changed field of the form: fragments that htmx swaps out of band."""
    tunnel = own_tunnel(request, region_id, connection_id, tunnel_id)
    form = DeviceForm(tunnel.device, request.POST)
    if name not in form.fields:
        raise Http404
    answer = form.answer(name, request.POST.getlist("_shown"))
    drawn = answer["helper"].render_layout(form, Context({})) if answer["groups"] else ""
    about = {"modification": form, "oob": True}
    changes = render_to_string("connections/_changes.html", about)
    changes += render_to_string("connections/_changes_line.html", about)
    return render(request, "connections/_fields.html", answer | {"drawn": drawn, "changes": changes})


def _key(request: ConsoleRequest, tunnel: Tunnel, name: str, kind: str, **more: str) -> HttpResponse:
    key = show_device_key(request.actor, tunnel.device, name)
    return secret(request, kind, label=label_of(name), of=tunnel.connection, key=key, **more)


@require_safe
@vary_on_headers("HX-Request")
@needs(Right.SEE_KEYS)
def device_psk(request: ConsoleRequest, region_id: str, connection_id: str, tunnel_id: str) -> HttpResponse:
    """The device's pre-shared key in plain text."""
    tunnel = own_tunnel(request, region_id, connection_id, tunnel_id)
    return _key(request, tunnel, "psk", "psk", prefix="device-")


@require_safe
@vary_on_headers("HX-Request")
@needs(Right.SEE_KEYS)
def device_auth_key(request: ConsoleRequest, region_id: str, connection_id: str, tunnel_id: str) -> HttpResponse:
    """The device's BGP key in plain text."""
    tunnel = own_tunnel(request, region_id, connection_id, tunnel_id)
    return _key(request, tunnel, "auth_key", "bgp-key")
