"""Generate Peer Configuration: the configuration of the device at the other end of the tunnel."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import tables
from connections.console.access import needs
from connections.console.requests import ConsoleRequest
from connections.console.views.connections import own_connection
from connections.console.views.errors import too_large
from connections.domain import sections
from connections.domain.choices import Door
from connections.domain.refusals import Refused
from connections.domain.roles import Right
from connections.models import Connection
from connections.peer_config import DIALECTS, Dialect
from connections.peer_config.pieces import fill, own_words
from connections.services.peer_config import NotExpressible, peer_archive, peer_configuration, peer_listing

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
        configuration, listings = peer_listing(request.actor, connection, chosen, tunnel)
        context |= {"configuration": configuration, "listings": listings, "own_words": own_words(configuration.files)}
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
        fill(files[name], request.POST.dict()),
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.PEER_CONFIG)
def connections_peer_config(request: ConsoleRequest, region_id: str) -> HttpResponse:
    """The peer configurations of several connections: GET offers the formats, POST returns an archive."""
    values = request.POST if request.method == "POST" else request.GET
    ids = values.getlist("id")
    if len(ids) > tables.PAGE_SIZES[-1]:
        # A page of the list cannot select so many.
        return too_large()
    mine = Connection.objects.of(request.user.account).in_region(region_id).with_parts()
    chosen = list(mine.filter(resource_id__in=ids).order_by("-id"))
    dialect = _chosen(request)
    if request.method == "POST":
        dialect = DIALECTS.get(values.get("format", ""), dialect)
        archive, left_out = peer_archive(request.actor, chosen, dialect)
        if archive:
            name = f"peer-configurations-{dialect.key}.zip"
            return HttpResponse(
                archive,
                content_type="application/zip",
                headers={"Content-Disposition": f'attachment; filename="{name}"'},
            )
        for connection, why in left_out:
            messages.error(request, f"{connection}: {why}")
        query = urlencode({"id": [one.resource_id for one in chosen], "format": dialect.key}, doseq=True)
        return redirect(f"{request.path}?{query}")
    context = {
        "chosen_connections": chosen,
        "dialects": DIALECTS.values(),
        "chosen": dialect,
        "back": reverse("connection-list", args=[region_id]),
    }
    return render(request, "peer_config/several.html", context)
