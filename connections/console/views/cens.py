"""CEN instances and their transit routers: list, create, details, modify, delete; CIDR blocks of transit routers."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from connections import routing
from connections.console import lists, tables
from connections.console.access import needs
from connections.console.forms.cens import (
    CenForm,
    CenModifyForm,
    RouterCidrForm,
    RouterCidrModifyForm,
    TransitRouterForm,
    TransitRouterModifyForm,
)
from connections.console.forms.widgets import changed_rows
from connections.console.requests import ConsoleRequest
from connections.console.views.shared import confirm, edit, list_page, poll, refreshed, stale
from connections.domain.refusals import CEN_HAS_ROUTERS, CIDR_IN_USE, ROUTER_HAS_ATTACHMENTS, Invalid, Refused
from connections.domain.roles import Right
from connections.models import Cen, Connection, Event, TransitRouter, TransitRouterCidr
from connections.services.attachments import waiting
from connections.services.cens import (
    create_cen,
    create_transit_router,
    delete_cen,
    delete_transit_router,
    modify_cen,
    modify_transit_router,
)
from connections.services.router_cidrs import create_router_cidr, delete_router_cidr, modify_router_cidr, users_of

Row = TypeVar("Row", Cen, TransitRouter, TransitRouterCidr)

# The tabs of a transit router's page: label and URL name.
TABS = {
    "basic": (gettext_lazy("Basic Information"), "transit-router-detail"),
    "connections": (gettext_lazy("Intra-region Connections"), "transit-router-connections"),
    "routes": (gettext_lazy("Route Tables"), "transit-router-routes"),
    "events": (gettext_lazy("Event Log"), "transit-router-events"),
}


def own_cen(request: ConsoleRequest, cen_id: str) -> Cen:
    return get_object_or_404(Cen.objects.of(request.user.account).select_related("resource_group"), resource_id=cen_id)


def own_router(request: ConsoleRequest, cen_id: str, router_id: str) -> TransitRouter:
    mine = TransitRouter.objects.of(request.user.account).filter(cen__resource_id=cen_id)
    return get_object_or_404(mine.select_related("cen"), resource_id=router_id)


def own_block(request: ConsoleRequest, cen_id: str, router_id: str, cidr_id: str) -> TransitRouterCidr:
    blocks = own_router(request, cen_id, router_id).cidrs.select_related("transit_router__cen")
    return get_object_or_404(blocks, resource_id=cidr_id)


def _modify(
    request: ConsoleRequest,
    form_class: type[CenModifyForm] | type[TransitRouterModifyForm] | type[RouterCidrModifyForm],
    row: Row,
    service: Callable[..., object],
    *,
    title: str,
    to: str,
) -> HttpResponse:
    """Edit a row in a dialog or on a page. If somebody else changed it meanwhile, show the stored values."""
    form = form_class(
        request.POST if request.method == "POST" else None, instance=row, initial={"revision": row.revision}
    )

    return edit(
        request,
        form,
        title=title,
        do=lambda: service(request.actor, form.instance, form.cleaned_data["revision"]),
        done=_("%(name)s was modified.") % {"name": row},
        to=to,
        refused=stale(form, lambda: get_object_or_404(type(row), pk=row.pk)),
    )


@require_safe
@refreshed
@vary_on_headers("HX-Request")
def cen_list(request: ConsoleRequest) -> HttpResponse:
    return list_page(request, lists.CENS, tables.cens(request.user.account, request.GET))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE)
def cen_create(request: ConsoleRequest) -> HttpResponse:
    account = request.user.account
    form = CenForm(account, request.POST if request.method == "POST" else None)
    if action := request.POST.get("_action"):
        form = CenForm(account, initial=form.kept(changed_rows(request.POST, action)))
    elif form.is_valid():
        try:
            cen = create_cen(request.actor, form.instance, form.cleaned_data["tags"])
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(
                request, _("CEN instance %(cen)s was created. It needs a transit router in each region.") % {"cen": cen}
            )
            return redirect(cen)
    return render(request, "cens/form.html", {"form": form})


@require_safe
def cen_detail(request: ConsoleRequest, cen_id: str) -> HttpResponse:
    cen = own_cen(request, cen_id)
    routers = list(tables.routers(cen))
    context = {"cen": cen, "grid": lists.ROUTERS.grid(request, routers), "waiting": _waiting(cen, routers)}
    return render(request, "cens/detail.html", context)


# The most connections whose waiting a page mentions.
WAITING = 5


def _waiting(cen: Cen, routers: Iterable[TransitRouter]) -> list[tuple[Connection, TransitRouter | None]]:
    """Other accounts' connections that wait for a transit router of a CEN instance, each with the router."""
    by_region = {router.region_id: router for router in routers}
    return [(one, by_region.get(one.region_id)) for one in waiting(cen.account, cen)[:WAITING]]


def status_of(request: ConsoleRequest, resource, url: str) -> HttpResponse:
    context = {"resource": resource, "url": url, "settled": not resource.under_way}
    return render(request, "cens/_status.html", context)


@require_safe
@poll
def cen_status(request: ConsoleRequest, cen_id: str) -> HttpResponse:
    """The state, polled while it is in transition."""
    cen = own_cen(request, cen_id)
    return status_of(request, cen, reverse("cen-status", args=[cen_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def cen_modify(request: ConsoleRequest, cen_id: str) -> HttpResponse:
    cen = own_cen(request, cen_id)
    title = _("Edit CEN Instance")
    return _modify(request, CenModifyForm, cen, modify_cen, title=title, to=cen.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def cen_delete(request: ConsoleRequest, cen_id: str) -> HttpResponse:
    cen = own_cen(request, cen_id)
    return confirm(
        request,
        title=_("Delete CEN instance %(cen)s") % {"cen": cen},
        text=_("%(id)s and its tags will be deleted. This cannot be undone.") % {"id": cen.resource_id},
        do=lambda: delete_cen(request.actor, cen),
        done=_("CEN instance %(cen)s was deleted.") % {"cen": cen},
        to=reverse("cen-list"),
        back=cen.get_absolute_url(),
        users=cen.transit_routers.all(),
        used=CEN_HAS_ROUTERS,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE)
def transit_router_create(request: ConsoleRequest, cen_id: str) -> HttpResponse:
    cen = own_cen(request, cen_id)

    def made(data=None, **more):
        return TransitRouterForm(
            data, instance=TransitRouter(cen=cen, account=cen.account), region_id=request.region.id, **more
        )

    form = made(request.POST if request.method == "POST" else None)
    if action := request.POST.get("_action"):
        form = made(initial=form.kept(changed_rows(request.POST, action)))
    elif form.is_valid():
        try:
            blocks = [TransitRouterCidr(cidr=cidr) for cidr in form.cleaned_data["cidrs"]]
            router = create_transit_router(request.actor, form.instance, blocks, form.cleaned_data["tags"])
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Transit router %(router)s was created.") % {"router": router})
            return redirect(cen)
    return render(request, "cens/router_form.html", {"form": form, "cen": cen})


@require_safe
def transit_router_detail(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    return _router_tab(request, cen_id, router_id, "basic")


def router_context(router: TransitRouter, tab: str) -> dict[str, object]:
    """What every tab of a transit router's page needs."""
    return {"router": router, "cen": router.cen, "tabs": TABS, "tab": tab, "tab_label": TABS[tab][0]}


def _router_tab(request: ConsoleRequest, cen_id: str, router_id: str, tab: str) -> HttpResponse:
    router = own_router(request, cen_id, router_id)
    context = router_context(router, tab)
    if tab == "basic":
        context["grid"] = lists.CIDRS.grid(request, router.cidrs.select_related("transit_router__cen"))
        context["waiting"] = [(one, router) for one, other in _waiting(router.cen, [router]) if other]
    if tab == "connections":
        table = tables.attachments(router, request.GET)
        context |= {"table": table, "grid": lists.ATTACHMENTS.grid(request, table=table)}
        if tables.wants_fragment(request):
            return tables.with_address(render(request, "shared/_table.html", context), request, table)
    elif tab == "events":
        context["grid"] = lists.TIMELINE.grid(request, Event.objects.about(router).order_by("-id")[:50])
    return render(request, f"cens/router_{tab}.html", context)


@require_safe
@vary_on_headers("HX-Request")
def transit_router_connections(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    return _router_tab(request, cen_id, router_id, "connections")


@require_safe
def transit_router_events(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    return _router_tab(request, cen_id, router_id, "events")


@require_safe
@poll
def transit_router_status(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    """The state, polled while it is in transition."""
    router = own_router(request, cen_id, router_id)
    url = reverse("transit-router-status", args=[cen_id, router_id])
    return status_of(request, router, url)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def transit_router_delete(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    router = own_router(request, cen_id, router_id)
    return confirm(
        request,
        title=_("Delete transit router %(router)s") % {"router": router},
        text=_("%(id)s, its CIDR blocks and tags will be deleted. This cannot be undone.") % {"id": router.resource_id},
        do=lambda: delete_transit_router(request.actor, router),
        done=_("Transit router %(router)s was deleted.") % {"router": router},
        to=router.cen.get_absolute_url(),
        back=router.get_absolute_url(),
        users=routing.living(router, at_most=10),
        used=ROUTER_HAS_ATTACHMENTS,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def transit_router_modify(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    router = own_router(request, cen_id, router_id)
    title = _("Edit Transit Router")
    return _modify(
        request, TransitRouterModifyForm, router, modify_transit_router, title=title, to=router.get_absolute_url()
    )


# --- CIDR blocks of a transit router -----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def router_cidr_create(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    router = own_router(request, cen_id, router_id)
    block = TransitRouterCidr(transit_router=router)
    form = RouterCidrForm(request.POST if request.method == "POST" else None, instance=block)
    return edit(
        request,
        form,
        title=_("Add CIDR Block"),
        verb=_("Add CIDR Block"),
        do=lambda: create_router_cidr(request.actor, form.instance),
        done=_("The CIDR block was added to %(router)s.") % {"router": router},
        to=router.get_absolute_url(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def router_cidr_modify(request: ConsoleRequest, cen_id: str, router_id: str, cidr_id: str) -> HttpResponse:
    block = own_block(request, cen_id, router_id, cidr_id)
    to = block.transit_router.get_absolute_url()
    return _modify(request, RouterCidrModifyForm, block, modify_router_cidr, title=_("Edit CIDR Block"), to=to)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def router_cidr_delete(request: ConsoleRequest, cen_id: str, router_id: str, cidr_id: str) -> HttpResponse:
    block = own_block(request, cen_id, router_id, cidr_id)
    to = block.transit_router.get_absolute_url()
    return confirm(
        request,
        title=_("Delete CIDR block %(cidr)s") % {"cidr": block},
        text=_("Private connections no longer get gateway addresses from %(cidr)s.") % {"cidr": block},
        do=lambda: delete_router_cidr(request.actor, block),
        done=_("CIDR block %(cidr)s was deleted.") % {"cidr": block},
        to=to,
        back=to,
        users=[connection.attachment for connection in users_of(block)],
        used=CIDR_IN_USE,
    )
