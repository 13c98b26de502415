"""Generate Peer Configuration: the configuration of the device at the other end of the tunnel."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console.access import needs
from connections.console.requests import ConsoleRequest
from connections.console.views.connections import own_connection
from connections.domain import sections
from connections.domain.choices import Door
from connections.domain.refusals import Refused
from connections.domain.roles import Right
from connections.models import Connection
from connections.peer_config import DIALECTS, Dialect
from connections.services.peer_config import NotExpressible, peer_configuration

KEPT = "peer_config_format"


def _chosen(request: ConsoleRequest) -> Dialect:
    """The requested format, or the last one used, or the first."""
    key = request.GET.get("format", "")
    if key in DIALECTS:
        request.session[KEPT] = key
    return DIALECTS.get(request.session.get(KEPT, ""), next(iter(DIALECTS.values())))


def _tunnel(values: QueryDict, connection: Connection) -> int:
    """The number of the only tunnel that the device has; 0 for all. Two gateways are two devices, unless asked."""
    tunnels = connection.tunnels.all()
    if len(tunnels) == 1:
        return 0
    usual = 0 if tunnels[0].customer_gateway_id == tunnels[1].customer_gateway_id else 1
    return {"0": 0, "1": 1, "2": 2}.get(values.get("tunnel", ""), usual)


def _show(request: ConsoleRequest, region_id: str, connection_id: str, template: str) -> HttpResponse:
    connection = own_connection(request, region_id, connection_id)
    chosen = _chosen(request)
    tunnel = _tunnel(request.GET, connection)
    context: dict[str, object] = {"connection": connection, "dialects": DIALECTS.values(), "chosen": chosen}
    context |= {"tunnel": tunnel, "titles": sections.TUNNEL_TITLES}
    try:
        context["configuration"] = peer_configuration(request.actor, connection, chosen, Door.PAGE, tunnel)
    except NotExpressible as refused:
        context["configuration"] = refused.configuration
    except Refused as refused:
        context["refusal"] = refused.message
    return render(request, template, context)


@require_safe
@needs(Right.PEER_CONFIG)
@vary_on_headers("HX-Request")
def connection_peer_config(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """The dialog or page."""
    template = "peer_config/_dialog.html" if request.htmx else "peer_config/page.html"
    return _show(request, region_id, connection_id, template)


@require_safe
@needs(Right.PEER_CONFIG)
def connection_peer_config_text(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """Files and notes in another format."""
    return _show(request, region_id, connection_id, "peer_config/_text.html")


@require_POST
@needs(Right.PEER_CONFIG)
def connection_peer_config_download(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """Download one file of a format. Unknown files redirect to the page that offers them."""
    connection = own_connection(request, region_id, connection_id)
    offer = redirect("connection-peer-config", region_id, connection_id)
    dialect = DIALECTS.get(request.POST.get("format", ""))
    if dialect is None:
        return offer
    try:
        tunnel = _tunnel(request.POST, connection)
        files = peer_configuration(request.actor, connection, dialect, Door.DOWNLOAD, tunnel).files
    except Refused as refused:
        messages.error(request, refused.message)
        return offer
    name = request.POST.get("file", "")
    if name not in files:
        return offer
    kind = "application/json" if name.endswith(".json") else "text/plain; charset=utf-8"
    return HttpResponse(
        files[name], content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
