"""IPsec-VPN connections: list, create, details."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.catalog import REGIONS
from connections.console import details, tables
from connections.console.forms.connections import ConnectionForm
from connections.console.forms.widgets import changed_rows
from connections.errors import Invalid, Refused
from connections.models import Connection
from connections.services.accounts import vpn_role
from connections.services.connections import create_connection


def _connection(request, region_id, connection_id) -> Connection:
    """The signed-in account's connection with all its parts."""
    mine = Connection.objects.of(request.user.account).filter(region_id=region_id).with_parts()
    return get_object_or_404(mine, resource_id=connection_id)


@require_safe
@vary_on_headers("HX-Request")
def connection_list(request, region_id):
    table = tables.connections(request.user.account, region_id, request.GET)
    template = "connections/_table.html" if tables.wants_fragment(request) else "connections/list.html"
    return tables.with_address(render(request, template, {"table": table}), request, table)


@require_safe
def connection_row(request, region_id, connection_id):
    """One row of the list, for as long as its state is on the move."""
    connection = _connection(request, region_id, connection_id)
    return render(request, "connections/_row.html", {"connection": connection})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def connection_create(request, region_id):
    account, region = request.user.account, REGIONS[region_id]
    form = ConnectionForm(account, region, request.POST if request.method == "POST" else None)
    action = request.POST.get("_action", "")
    if action:
        form = ConnectionForm(account, region, values=changed_rows(request.POST, action))
    elif form.is_valid():
        try:
            connection = create_connection(request.actor, form.draft)
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Refused as refused:
            form.add_error(refused.message)
        else:
            messages.success(request, render_to_string("connections/_created.html", {"connection": connection}))
            return redirect("connection-list", region_id)
    return render(request, "connections/form.html", {"form": form, "role": vpn_role(account)})


@require_POST
@never_cache
def connection_fields(request, region_id, name):
    """What a change of one field brings about on the page: its groups, and messages beside fields."""
    form = ConnectionForm(request.user.account, REGIONS[region_id], request.POST)
    if name not in form.fields:
        raise Http404
    return render(request, "connections/_fields.html", form.answer(name, request.POST.getlist("_shown")))


def _detail(request, region_id, connection_id, tab):
    connection = _connection(request, region_id, connection_id)
    context = {"connection": connection, "tab": tab}
    if tab == "basic":
        context["panels"] = details.connection_panels(connection)
    elif tab == "routes":
        context["routes"] = connection.routes.all()
    return render(request, f"connections/detail_{tab}.html", context)


@require_safe
def connection_detail(request, region_id, connection_id):
    return _detail(request, region_id, connection_id, "basic")


@require_safe
def connection_routes(request, region_id, connection_id):
    return _detail(request, region_id, connection_id, "routes")


@require_safe
def connection_tags(request, region_id, connection_id):
    return _detail(request, region_id, connection_id, "tags")


@require_safe
def connection_header(request, region_id, connection_id):
    """State and status, for as long as they are on the move."""
    return render(request, "connections/_header.html", {"connection": _connection(request, region_id, connection_id)})


@require_safe
@never_cache
def connection_psk(request, region_id, connection_id):
    """The pre-shared key in clear, on demand."""
    connection = _connection(request, region_id, connection_id)
    return render(request, "connections/_psk.html", {"tunnel": connection.tunnel, "connection": connection})
