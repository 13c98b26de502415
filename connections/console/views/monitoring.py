"""Rates and states of a connection's tunnels."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connections.console import charts
from connections.console.requests import ConsoleRequest
from connections.console.views.connections import own_connection, tab_context
from connections.console.views.logs import tunnels_of


@require_safe
def connection_monitoring(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    connection = own_connection(request, region_id, connection_id)
    tunnel, tunnels = tunnels_of(request, connection)
    chosen = request.GET.get("range", "")
    chart = charts.chart(tunnel, tunnels, chosen if chosen in charts.RANGES else "")
    context = {
        **tab_context(connection, "monitoring"),
        "tunnel": tunnel,
        "tunnels": tunnels,
        "ranges": charts.RANGES,
        "chart": chart,
    }
    return render(request, "connections/detail_monitoring.html", context)
