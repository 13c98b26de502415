"""The tunnels of a connection, and what is wrong with one."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import tunnels
from connections.console.requests import ConsoleRequest
from connections.console.views.connections import own_connection, tab_context, tunnel_of
from connections.console.views.shared import poll


@require_safe
@vary_on_headers("HX-Request")
@poll
def connection_tunnels(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """The tab, and its content when the page polls it."""
    connection = own_connection(request, region_id, connection_id)
    context = {**tab_context(connection, "tunnels"), "shown": tunnels.rows_of(connection)}
    if request.htmx:
        return render(request, "connections/_tunnels.html", context)
    return render(request, "connections/detail_tunnels.html", context)


@require_safe
@vary_on_headers("HX-Request")
def tunnel_error(request: ConsoleRequest, region_id: str, connection_id: str, tunnel_id: str) -> HttpResponse:
    """Error Details of a tunnel; with `?of=bgp` or `?of=health` of its BGP session or health check."""
    connection = own_connection(request, region_id, connection_id)
    tunnel = tunnel_of(connection, tunnel_id)
    explanation = tunnels.explain(tunnel, request.GET.get("of", tunnels.TUNNEL))
    context = {"connection": connection, "tunnel": tunnel, "explanation": explanation}
    return render(request, "tunnels/_dialog.html" if request.htmx else "tunnels/page.html", context)
