"""Destination-based routes of a connection: add, change the weight, delete. The details page lists them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from connections.console.access import needs
from connections.console.forms.routes import RouteForm
from connections.console.requests import ConsoleRequest
from connections.console.views.connections import own_connection
from connections.console.views.shared import confirm, edit
from connections.domain.choices import RouteSource
from connections.domain.refusals import Invalid, Refused
from connections.domain.roles import Right
from connections.models import Connection, Route
from connections.numbers import whole_number
from connections.services.routes import change_weight, create_route, delete_route


def _tab(connection: Connection) -> str:
    return reverse("connection-routes", args=[connection.region_id, connection.resource_id])


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def route_create(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    connection = own_connection(request, region_id, connection_id)
    form = RouteForm(request.POST if request.method == "POST" else None, instance=Route(connection=connection))
    return edit(
        request,
        form,
        title=_("Add Route"),
        verb=_("Add Route"),
        do=lambda: create_route(request.actor, form.instance),
        done=_("The route was added to %(connection)s.") % {"connection": connection},
        to=_tab(connection),
    )


@require_POST
@needs(Right.WRITE)
def route_weight(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """Make a route active or standby."""
    connection = own_connection(request, region_id, connection_id)
    weight = request.POST.get("weight", "")
    try:
        change_weight(
            request.actor,
            connection,
            request.POST.get("destination", ""),
            whole_number(weight),
        )
    except Invalid as invalid:
        messages.error(request, invalid.problems[0].message)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The weight is %(weight)s now.") % {"weight": weight})
    return redirect(_tab(connection))


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def route_delete(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    connection = own_connection(request, region_id, connection_id)
    destination = request.GET.get("destination", "")
    if not connection.routes.filter(destination=destination, source=RouteSource.CUSTOM).exists():
        raise Http404
    return confirm(
        request,
        title=_("Delete the route to %(destination)s") % {"destination": destination},
        text=_("Traffic to %(destination)s no longer enters the tunnel of %(connection)s.")
        % {"destination": destination, "connection": connection},
        do=lambda: delete_route(request.actor, connection, destination),
        done=_("The route to %(destination)s was deleted.") % {"destination": destination},
        to=_tab(connection),
        back=_tab(connection),
    )
