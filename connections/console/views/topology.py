"""Topology diagrams as fragments, polled while something is in transition."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connections.console.requests import ConsoleRequest
from connections.console.views.cens import own_router
from connections.console.views.connections import own_connection
from connections.console.views.shared import poll


@require_safe
@poll
def connection_topology(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    connection = own_connection(request, region_id, connection_id)
    return render(request, "topology/connection.html", {"connection": connection})


@require_safe
@poll
def transit_router_topology(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    return render(request, "topology/router.html", {"router": own_router(request, cen_id, router_id)})
