"""Route tables of a transit router: the tab with a table's entries and links, create, modify, delete."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from connections import routing
from connections.console import lists, next_hops, tables
from connections.console.access import needs
from connections.console.forms.route_tables import LinksForm, RouteTableForm
from connections.console.requests import ConsoleRequest
from connections.console.views.attachments import own_attachment
from connections.console.views.cens import own_router, router_context, status_of
from connections.console.views.shared import came_from, confirm, edit, stale
from connections.domain.roles import Right
from connections.models import Attachment, RouteTable, TransitRouter
from connections.services.links import change_links
from connections.services.route_tables import create_route_table, delete_route_table, modify_route_table

# The most attachments that the tab shows, and the learned entries of a page. Another tab lists all attachments.
SHOWN = 50


def own_table(request: ConsoleRequest, cen_id: str, router_id: str, table_id: str) -> RouteTable:
    router = own_router(request, cen_id, router_id)
    return get_object_or_404(router.route_tables.prefetch_related("tags"), resource_id=table_id)


@require_safe
@vary_on_headers("HX-Request")
def transit_router_routes(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    """The tab with the default route table."""
    return _tab(request, own_router(request, cen_id, router_id))


@require_safe
@vary_on_headers("HX-Request")
def route_table_detail(request: ConsoleRequest, cen_id: str, router_id: str, table_id: str) -> HttpResponse:
    return _tab(request, own_router(request, cen_id, router_id), table_id)


def _tab(request: ConsoleRequest, router: TransitRouter, table_id: str = "") -> HttpResponse:
    """The route tables, and one of them: by default, the default one."""
    every = list(router.route_tables.prefetch_related("tags").order_by("-is_default", "id"))
    router.default_table = every[0]
    route_table = next((one for one in every if table_id in ("", one.resource_id)), None)
    if route_table is None:
        raise Http404
    current = routing.live(route_table)
    table = tables.entries(current, request.GET)
    # The transit router's own entries and the static ones come before the first page.
    own = [*routing.own_entries(route_table), *routing.static_entries(route_table)]
    table.beside = len(own)
    paged = [routing.entry(route_table, route) for route in table.page]
    entries = paged if table.place else [*own, *paged]
    is_fragment = tables.wants_fragment(request)
    carrying = routing.carrying(router).select_related("custom_table").prefetch_related("propagations__route_table")
    shown = list(carrying[: SHOWN + 1])
    learned = Paginator(current.learned, SHOWN).get_page(request.GET.get("learned"))
    next_hops.read_tunnels(entries if is_fragment else [*entries, *learned])
    context = router_context(router, "routes") | {
        "route_table": route_table,
        "table": table,
        "grid": lists.ENTRIES.grid(request, entries, table),
        "learned": learned,
        "attachments": router.attachments.living()[:1],
        "carrying": shown[:SHOWN],
        "more_carrying": len(shown) > SHOWN,
    }
    if is_fragment:
        return tables.with_address(render(request, "shared/_table.html", context), request, table)
    context["learned_grid"] = lists.LEARNED.grid(request, learned)
    context["correlations"] = lists.CORRELATIONS.grid(request, shown[:SHOWN])
    context["route_tables"] = lists.ROUTE_TABLES.grid(request, every)
    return render(request, "cens/router_routes.html", context)


@require_safe
def route_table_status(request: ConsoleRequest, cen_id: str, router_id: str, table_id: str) -> HttpResponse:
    """The state, polled while it is in transition."""
    return status_of(request, own_table(request, cen_id, router_id, table_id), request.path)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def route_table_create(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    router = own_router(request, cen_id, router_id)
    form = RouteTableForm(
        request.POST if request.method == "POST" else None,
        instance=RouteTable(account=router.account, transit_router=router),
        initial={"revision": 1},
    )
    # Its page has the new route table among the others.
    back = reverse("transit-router-routes", args=[cen_id, router_id])
    return edit(
        request,
        form,
        title=_("Create Route Table"),
        verb=_("Create"),
        do=lambda: create_route_table(request.actor, form.instance),
        done=_("The route table was created. Associate attachments with it below."),
        to=back,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def route_table_modify(request: ConsoleRequest, cen_id: str, router_id: str, table_id: str) -> HttpResponse:
    table = own_table(request, cen_id, router_id, table_id)
    form = RouteTableForm(
        request.POST if request.method == "POST" else None, instance=table, initial={"revision": table.revision}
    )

    return edit(
        request,
        form,
        title=_("Modify %(name)s") % {"name": table},
        do=lambda: modify_route_table(request.actor, form.instance, form.cleaned_data["revision"]),
        done=_("%(name)s was modified.") % {"name": table},
        to=table.get_absolute_url(),
        refused=stale(form, lambda: get_object_or_404(RouteTable, pk=table.pk)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def route_table_delete(request: ConsoleRequest, cen_id: str, router_id: str, table_id: str) -> HttpResponse:
    table = own_table(request, cen_id, router_id, table_id)
    return confirm(
        request,
        title=_("Delete %(name)s") % {"name": table},
        text=_("%(id)s and its tags will be deleted. This cannot be undone.") % {"id": table.resource_id},
        do=lambda: delete_route_table(request.actor, table),
        done=_("%(name)s was deleted.") % {"name": table},
        to=reverse("transit-router-routes", args=[cen_id, router_id]),
        back=table.get_absolute_url(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def attachment_tables(request: ConsoleRequest, cen_id: str, router_id: str, attachment_id: str) -> HttpResponse:
    """Change the association and the propagations of an attachment."""
    attachment = own_attachment(request, cen_id, router_id, attachment_id)
    form = LinksForm(attachment, request.POST if request.method == "POST" else None)

    def do() -> None:
        chosen = form.cleaned_data
        change_links(request.actor, attachment, chosen["route_table"], form.propagations, chosen["revision"])

    return edit(
        request,
        form,
        title=_("Route tables of %(name)s") % {"name": attachment},
        do=do,
        done=_("%(name)s was modified. The route tables follow.") % {"name": attachment},
        to=came_from(request) or attachment.get_absolute_url(),
        refused=stale(form, lambda: get_object_or_404(Attachment, pk=attachment.pk)),
    )
