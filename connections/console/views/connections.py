"""IPsec-VPN connections: list, create, details."""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from connections import routing
from connections.console import columns, idempotency, lists, next_hops, next_steps, panels, summary, tables, tunnels
from connections.console.access import needs, personal
from connections.console.forms.clone import form_like
from connections.console.forms.connections import ConnectionForm, posted_count, with_copy
from connections.console.forms.modification import ModificationForm
from connections.console.forms.presets import with_preset
from connections.console.forms.widgets import changed_rows
from connections.console.negotiations import standing
from connections.console.requests import ConsoleRequest
from connections.console.views.errors import too_large
from connections.console.views.shared import came_from, confirm, list_page, poll, refreshed, refusal_of, secret
from connections.domain import sections
from connections.domain.refusals import CHANGED_MEANWHILE, GONE, Invalid, Refused
from connections.domain.regions import ALL_REGIONS, REGIONS
from connections.domain.roles import Right
from connections.models import Connection, Event, TransitRouter, Tunnel
from connections.models.connections import read_outcomes
from connections.services.accounts import vpn_role
from connections.services.connections import (
    create_connection,
    delete_connection,
    deleted,
    modify_connection,
    refuse_deletion,
    refuse_while_attached,
)
from connections.services.disclosures import show_key
from connections.services.operations import Actor

# The tabs of a connection's page: the product's label, the short one on the tab, and the URL name.
TABS = {
    "basic": (gettext_lazy("Basic Information"), gettext_lazy("Basic"), "connection-detail"),
    "tunnels": (gettext_lazy("Tunnel"), gettext_lazy("Tunnel"), "connection-tunnels"),
    "device": (gettext_lazy("Simulated Device"), gettext_lazy("Device"), "device-detail"),
    "routes": (gettext_lazy("Destination-based Route Table"), gettext_lazy("Route Table"), "connection-routes"),
    "bgp": (gettext_lazy("BGP Route Table"), gettext_lazy("BGP"), "connection-bgp-routes"),
    "logs": (gettext_lazy("Logs"), gettext_lazy("Logs"), "connection-logs"),
    "monitoring": (gettext_lazy("Monitoring"), gettext_lazy("Monitoring"), "connection-monitoring"),
    "authorizations": (
        gettext_lazy("Authorize Cross Account Attach CEN"), gettext_lazy("Authorizations"), "connection-authorizations",
    ),
    "tags": (gettext_lazy("Tags"), gettext_lazy("Tags"), "connection-tags"),
    "events": (gettext_lazy("Event Log"), gettext_lazy("Event Log"), "connection-events"),
}  # fmt: skip


def tab_context(connection: Connection, tab: str) -> dict[str, Any]:
    """What every tab of a connection needs. The head and the tab share the outcomes of the tunnels."""
    return {"tabs": TABS, "tab": tab, "tab_label": TABS[tab][0], **_head(connection)}


def _head(connection: Connection) -> dict[str, Any]:
    """What the head of a connection's page needs."""
    read_outcomes([connection])
    return {"connection": connection, "head": tunnels.rows_of(connection)}


def _next_steps(request: ConsoleRequest, connection: Connection, rows: tunnels.Rows) -> list[next_steps.Step]:
    """The steps from here to traffic; none if the user has dismissed them in this session."""
    dismissed = request.session.get(next_steps.DISMISSED, [])
    return [] if connection.resource_id in dismissed else next_steps.steps_of(connection, rows)


def own_connection(request: ConsoleRequest, region_id: str, connection_id: str) -> Connection:
    """A connection of the user's account with all its parts. Raises Http404."""
    mine = Connection.objects.of(request.user.account).filter(region_id=region_id).with_parts()
    return get_object_or_404(mine, resource_id=connection_id)


def _has_settled(request: ConsoleRequest, connection: Connection) -> bool:
    """Whether a connection at rest has another state or status than the page that polls shows."""
    return not connection.is_transient and request.GET.get("shown") != standing(connection)


def _of_tunnel(request: ConsoleRequest, region_id: str, connection_id: str, tunnel_id: str) -> tuple[Connection, int]:
    """A connection with the number of its tunnel with this ID; 0 if it has only this one. Raises Http404."""
    connection = own_connection(request, region_id, connection_id)
    tunnel = tunnel_of(connection, tunnel_id)
    return connection, tunnel.index if connection.is_dual else 0


def tunnel_of(connection: Connection, tunnel_id: str) -> Tunnel:
    """The connection's tunnel that has this ID. Raises Http404."""
    if tunnel := connection.tunnel_with(tunnel_id):
        return tunnel
    raise Http404


@require_safe
@refreshed
@vary_on_headers("HX-Request")
def connection_list(request: ConsoleRequest, region_id: str) -> HttpResponse:
    account = request.user.account
    fragment = tables.wants_fragment(request)
    shown, saved = (columns.chosen(request.user), []) if fragment else lists.kept(request.user)
    usual = all(column.is_usual for column in shown)
    table = tables.connections(account, region_id, request.GET, usual=usual)
    listing = lists.connections(shown).at(region_id)
    more: dict[str, Any] = {}
    if not fragment:
        more["tools"] = listing.tools(request.user, region_id, saved)
        more["figures"] = summary.of_connections(account, region_id, request.GET)
    elif "X-Refresh" in request.headers:
        more["new_figures"] = summary.of_connections(account, region_id, request.GET)
    return list_page(request, listing, table, **more)


@require_safe
@poll
def connection_row(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """One row of the list, polled when what it shows is about to change. `?in=all`: that of all regions."""
    connection = own_connection(request, region_id, connection_id)
    place = ALL_REGIONS.id if request.GET.get("in") == ALL_REGIONS.id else region_id
    grid = lists.connections(columns.chosen(request.user)).at(place).grid(request, [connection])
    context = {"connection": connection, "grid": grid, "settled": _has_settled(request, connection)}
    if not connection.is_transient:
        shown = QueryDict(urlsplit(request.htmx.current_url or "").query)
        context["figures"] = summary.of_connections(request.user.account, place, shown)
    return render(request, "connections/_row.html", context)


@require_safe
def connection_menu(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """The actions of a row behind its first one, read when they are opened."""
    return render(request, "connections/_menu.html", {"connection": own_connection(request, region_id, connection_id)})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE)
def connection_create(request: ConsoleRequest, region_id: str) -> HttpResponse:
    account, region = request.user.account, REGIONS[region_id]
    count = posted_count(request.GET, request.session.get("tunnels", 1))
    form = ConnectionForm(account, region, request.POST if request.method == "POST" else None, tunnel_count=count)
    action, like = request.POST.get("_action", ""), None
    if request.method != "POST" and request.GET.get("like"):
        like = own_connection(request, region_id, request.GET["like"])
        form = form_like(like, posted_count(request.GET, 0))
    elif action:
        values = with_copy(request.POST) if action == "copy" else after_action(form, request.POST, action)
        form = ConnectionForm(account, region, values=values)
        if form.tunnel_count != request.session.get("tunnels", 1):
            request.session["tunnels"] = form.tunnel_count
    elif form.is_valid():
        try:
            connection = create_connection(request.actor, form.draft)
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Refused as refused:
            form.add_error(refused.message)
        else:
            messages.success(request, render_to_string("connections/_created.html", {"connection": connection}))
            return redirect(connection)
    return render(request, "connections/form.html", {"form": form, "role": vpn_role(account), "like": like})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE)
def connection_modify(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    return _modify(request, own_connection(request, region_id, connection_id))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE)
def tunnel_modify(request: ConsoleRequest, region_id: str, connection_id: str, tunnel_id: str) -> HttpResponse:
    """Modify one of two tunnels alone. An only tunnel is modified with its connection."""
    return _modify(request, *_of_tunnel(request, region_id, connection_id, tunnel_id))


def after_action(form: ConnectionForm, posted: QueryDict, action: str) -> QueryDict:
    """The posted values after a button that does not submit the form."""
    return with_preset(form, action) if action.startswith("preset:") else changed_rows(posted, action)


def _modify(request: ConsoleRequest, stored: Connection, only: int = 0) -> HttpResponse:
    form = ModificationForm(stored, request.POST if request.method == "POST" else None, only=only)
    if action := request.POST.get("_action", ""):
        values = after_action(form, request.POST, action)
        form = ModificationForm(stored, values=values, only=only)
        form.preview = ModificationForm(stored, values, only=only)
        form.review = form.REVIEWED in request.POST
    elif form.is_valid() and form.needs_review:
        form.review = True
    elif form.is_valid():
        try:
            modify_connection(request.actor, form.draft, form.revision)
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Refused as refused:
            if refused.code == CHANGED_MEANWHILE.code:
                stored = own_connection(request, stored.region_id, stored.resource_id)
                # The operations that increment the revision.
                changed = ("ModifyVpnAttachmentAttribute", "TagResources")
                events = Event.objects.about(stored).filter(operation__in=changed, outcome="success")
                form.stored = stored
                newer = max(stored.revision - form.revision, 0)
                form = form.rebased(events.order_by("-id")[:newer], refused.message)
            else:
                form.add_error(refused.message)
        else:
            # With its new name.
            now = form.draft.connection
            messages.success(request, _("IPsec-VPN connection %(stored)s was modified.") % {"stored": now})
            return redirect(stored)
    context = {"form": form, "stored": stored, "tunnels": stored.tunnels.all()}
    if only:
        context |= {"tunnels": [stored.tunnels.all()[only - 1]], "owner": sections.TUNNEL_TITLES[only]}
    return render(request, "connections/modify.html", context)


@require_POST
@needs(Right.WRITE)
@idempotency.read_only
def connection_modify_fields(request: ConsoleRequest, region_id: str, connection_id: str, name: str) -> HttpResponse:
    """Answer to a changed field of the modification form, with the list of changes."""
    return _modified(request, own_connection(request, region_id, connection_id), name)


@require_POST
@needs(Right.WRITE)
@idempotency.read_only
def tunnel_modify_fields(
    request: ConsoleRequest, region_id: str, connection_id: str, tunnel_id: str, name: str
) -> HttpResponse:
    stored, only = _of_tunnel(request, region_id, connection_id, tunnel_id)
    return _modified(request, stored, name, only)


def _modified(request: ConsoleRequest, stored: Connection, name: str, only: int = 0) -> HttpResponse:
    form = ModificationForm(stored, request.POST, only=only)
    if name not in form.fields:
        raise Http404
    return _answered(request, form, name, stored)


def _answered(
    request: ConsoleRequest, form: ConnectionForm, name: str, stored: Connection | None = None
) -> HttpResponse:
    """Answer to a changed field: fragments that htmx swaps out of band."""
    shown = request.POST.getlist("_shown")
    answer = form.answer(name, shown)
    context = Context({"stored": stored})
    drawn = answer["helper"].render_layout(answer["form"], context) if answer["groups"] else ""
    changes = ""
    if stored is not None:
        about = {"modification": form, "oob": True}
        changes = render_to_string("connections/_changes.html", about)
        changes += render_to_string("connections/_changes_line.html", about)
    return render(request, "connections/_fields.html", answer | {"drawn": drawn, "changes": changes})


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def connection_delete(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    connection = own_connection(request, region_id, connection_id)
    attachment = connection.living_attachment
    own = attachment is not None and not attachment.is_foreign
    return confirm(
        request,
        title=_("Delete IPsec-VPN connection %(connection)s") % {"connection": connection},
        text=_("%(id)s and its tags, routes and authorizations will be deleted. This can't be undone.")
        % {"id": connection.resource_id},
        verb=_("Delete %(name)s") % {"name": connection},
        do=lambda: delete_connection(request.actor, connection),
        done=_("IPsec-VPN connection %(connection)s was deleted.") % {"connection": connection},
        to=reverse("connection-list", args=[request.place.id]),
        back=connection.get_absolute_url(),
        refusal=refusal_of(lambda: refuse_while_attached(connection)),
        way_out=(reverse("connection-detach", args=[region_id, connection_id]), _("Detach and delete …"))
        if own
        else None,
        users=[attachment] if own else [],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def connections_delete(request: ConsoleRequest, region_id: str) -> HttpResponse:
    """Delete several connections. GET shows which would be deleted and why others would not, POST does it."""
    ids = (request.POST if request.method == "POST" else request.GET).getlist("id")
    if len(ids) > tables.PAGE_SIZES[-1]:
        # A page of the list cannot select so many.
        return too_large()
    mine = Connection.objects.of(request.user.account).in_region(region_id).with_parts()
    rows: list[dict[str, Any]] = []
    for connection in mine.filter(resource_id__in=ids).order_by("-id"):
        if request.method == "POST":
            # Each connection gets an operation and an event.
            refusal = refusal_of(partial(delete_connection, Actor.of(request.user), connection), GONE)
        else:
            refusal = refusal_of(partial(refuse_deletion, connection))
        rows.append({"connection": connection, "refusal": refusal})
    if request.method == "POST":
        # A repeated form also lists the connections that the first one deleted.
        there = {row["connection"].resource_id for row in rows}
        gone = deleted(request.user.account, region_id, [one for one in ids if one not in there])
        rows += [{"connection": connection, "refusal": ""} for connection in gone]
        rows.sort(key=lambda row: ids.index(row["connection"].resource_id))
        if rows and not any(row["refusal"] for row in rows):
            number = len(rows)
            done = ngettext("%(number)s connection deleted.", "%(number)s connections deleted.", number)
            messages.success(request, done % {"number": number})
            to = came_from(request) or reverse("connection-list", args=[region_id])
            return HttpResponseClientRedirect(to) if request.htmx else redirect(to)
    context = {
        "rows": rows,
        "done": request.method == "POST",
        "going": [row for row in rows if not row["refusal"]],
        "back": reverse("connection-list", args=[region_id]),
    }
    return render(request, "connections/_bulk_delete.html" if request.htmx else "connections/bulk_delete.html", context)


@require_POST
@needs(Right.WRITE)
@idempotency.read_only
def connection_fields(request: ConsoleRequest, region_id: str, name: str) -> HttpResponse:
    """Answer to a changed field of the create form."""
    form = ConnectionForm(request.user.account, REGIONS[region_id], request.POST)
    if name not in form.fields:
        raise Http404
    return _answered(request, form, name)


def _detail(request: ConsoleRequest, region_id: str, connection_id: str, tab: str) -> HttpResponse:
    connection = own_connection(request, region_id, connection_id)
    context = tab_context(connection, tab)
    if tab == "basic":
        context |= {"panels": panels.cards(connection), "off": panels.features_off(connection)}
        context["steps"] = _next_steps(request, connection, context["head"])
    elif tab == "routes":
        context["grid"] = lists.ROUTES.grid(request, connection.routes.all())
        tunnels = routing.negotiated(connection)
        context["route_status"] = routing.route_status(connection, tunnels)
        context["withdrawn"] = routing.withdraws_routes(tunnels)
        context["way"] = next_hops.through(connection)
    elif tab == "authorizations":
        authorizations = list(connection.authorizations.all())
        for authorization in authorizations:
            authorization.connection = connection
        context["grid"] = lists.AUTHORIZATIONS.grid(request, authorizations)
        context["refusal"] = refusal_of(lambda: refuse_while_attached(connection))
    elif tab == "events":
        context["grid"] = lists.TIMELINE.grid(request, Event.objects.about(connection).order_by("-id")[:50])
    return render(request, f"connections/detail_{tab}.html", context)


@require_safe
def connection_detail(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    return _detail(request, region_id, connection_id, "basic")


@require_safe
@poll
def connection_routes(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    return _detail(request, region_id, connection_id, "routes")


@require_safe
def connection_authorizations(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    return _detail(request, region_id, connection_id, "authorizations")


@require_safe
def connection_events(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    return _detail(request, region_id, connection_id, "events")


@require_safe
def connection_tags(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    return _detail(request, region_id, connection_id, "tags")


@require_safe
@poll
def connection_header(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """State and status, polled when they are about to change; with `?steps` also what to do next."""
    connection = own_connection(request, region_id, connection_id)
    context = {**_head(connection), "settled": _has_settled(request, connection), "polled": True}
    if "steps" in request.GET:
        context["steps"] = _next_steps(request, connection, context["head"])
    return render(request, "connections/_header.html", context)


@require_POST
@personal
def connection_steps_dismiss(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """Show the next steps of a connection no more in this session."""
    connection = own_connection(request, region_id, connection_id)
    dismissed = [*request.session.get(next_steps.DISMISSED, []), connection.resource_id]
    request.session[next_steps.DISMISSED] = dismissed[-next_steps.REMEMBERED :]
    return redirect(connection)


@require_safe
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def connection_attach(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """Choose the transit router to which a connection is attached. An only one is chosen already."""
    connection = own_connection(request, region_id, connection_id)
    mine = TransitRouter.objects.of(request.user.account).filter(region_id=region_id)
    routers = list(mine.select_related("cen").order_by("-id")[: tables.PAGE_SIZES[-1]])
    attached = connection.living_attachment is not None
    if len(routers) == 1 and not attached:
        to = f"{routers[0].attach_url}?connection={connection.resource_id}"
        return HttpResponseClientRedirect(to) if request.htmx else redirect(to)
    context = {"connection": connection, "routers": routers, "attached": attached}
    return render(request, "connections/_attach.html" if request.htmx else "connections/attach.html", context)


@require_safe
@vary_on_headers("HX-Request")
@needs(Right.SEE_KEYS)
def connection_psk(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """The pre-shared key of the first or the second tunnel in plain text."""
    connection = own_connection(request, region_id, connection_id)
    label = Tunnel._meta.get_field("psk").verbose_name
    tunnels = connection.tunnels.all()
    of_second = request.GET.get("tunnel") == "2" and len(tunnels) > 1
    row, suffix = (tunnels[1], "-2") if of_second else (tunnels[0], "")
    owner = sections.TUNNEL_TITLES[row.index] if connection.is_dual else ""
    key = show_key(request.actor, row)
    return secret(request, "psk", label=label, of=connection, key=key, suffix=suffix, owner=owner)
