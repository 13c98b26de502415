"""Show as code: a form, a stored resource or a past operation as API calls."""

from dataclasses import dataclass, replace

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.as_code import python, recipes, request, shell, terraform
from connections.as_code.events import recipe_of
from connections.as_code.steps import Endpoint, Recipe
from connections.console import idempotency
from connections.console.forms.connections import ConnectionForm
from connections.console.requests import ConsoleRequest
from connections.console.views.attachments import own_attachment
from connections.console.views.cens import own_cen, own_router
from connections.console.views.connections import own_connection
from connections.console.views.customer_gateways import own_gateway
from connections.console.views.route_tables import own_table
from connections.domain.regions import REGIONS
from connections.models import Event

LANGUAGES = (python, shell, terraform, request)


@dataclass(frozen=True)
class CodeTab:
    """The recipe in one language."""

    key: str
    label: str
    text: str


def endpoint_of(web_request: ConsoleRequest) -> Endpoint:
    """The address of the API, on the host of this request."""
    return Endpoint(web_request.get_host(), web_request.scheme or "http", web_request.user.account.uid)


def in_languages(recipe: Recipe, endpoint: Endpoint, languages=LANGUAGES) -> list[CodeTab]:
    return [CodeTab(one.LANGUAGE, one.LABEL, one.text(recipe, endpoint)) for one in languages]


def _show(web_request: ConsoleRequest, recipe: Recipe | None, *, title: str, back: str, problems=()) -> HttpResponse:
    listings = []
    if recipe is not None:
        recipe = replace(recipe, region_id=recipe.region_id or web_request.region.id)
        listings = in_languages(recipe, endpoint_of(web_request))
    context = {
        "title": title,
        "back": back,
        "listings": listings,
        "secrets": recipe.secrets if recipe else [],
        "problems": problems,
    }
    return render(web_request, "code/_dialog.html" if web_request.htmx else "code/page.html", context)


def _show_stored(web_request: ConsoleRequest, recipe: Recipe, row) -> HttpResponse:
    """Show a stored resource."""
    return _show(web_request, recipe, title=_("%(name)s as code") % {"name": row}, back=row.get_absolute_url())


def _tags(row) -> list[tuple[str, str]]:
    return [(tag.key, tag.value) for tag in row.tags.all()]


@require_POST
@vary_on_headers("HX-Request")
@idempotency.read_only
def connection_create_code(request: ConsoleRequest, region_id: str) -> HttpResponse:
    """The connection in the form, as far as it is filled in."""
    form = ConnectionForm(request.user.account, REGIONS[region_id], request.POST)
    form.is_valid()
    draft = form.draft
    return _show(
        request,
        recipes.connection(draft.connection, draft.tunnels, draft.attachment, draft.tags or ()),
        title=_("Create this connection by code"),
        back=request.path.removesuffix("code/"),
        problems=[(row.label, row.message.text) for row in form.error_summary],
    )


@require_safe
@vary_on_headers("HX-Request")
def connection_code(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    row = own_connection(request, region_id, connection_id)
    return _show_stored(request, recipes.connection(row, row.tunnels.all(), row.living_attachment, _tags(row)), row)


@require_safe
@vary_on_headers("HX-Request")
def customer_gateway_code(request: ConsoleRequest, region_id: str, gateway_id: str) -> HttpResponse:
    row = own_gateway(request, region_id, gateway_id)
    return _show_stored(request, recipes.customer_gateway(row, _tags(row)), row)


@require_safe
@vary_on_headers("HX-Request")
def cen_code(request: ConsoleRequest, cen_id: str) -> HttpResponse:
    row = own_cen(request, cen_id)
    return _show_stored(request, recipes.cen(row, request.region.id, _tags(row)), row)


@require_safe
@vary_on_headers("HX-Request")
def transit_router_code(request: ConsoleRequest, cen_id: str, router_id: str) -> HttpResponse:
    row = own_router(request, cen_id, router_id)
    return _show_stored(request, recipes.transit_router(row, _tags(row)), row)


@require_safe
@vary_on_headers("HX-Request")
def route_table_code(request: ConsoleRequest, cen_id: str, router_id: str, table_id: str) -> HttpResponse:
    """A custom route table: a default one is made with its transit router."""
    row = own_table(request, cen_id, router_id, table_id)
    if row.is_default:
        raise Http404
    return _show_stored(request, recipes.route_table(row, _tags(row)), row)


@require_safe
@vary_on_headers("HX-Request")
def attachment_code(request: ConsoleRequest, cen_id: str, router_id: str, attachment_id: str) -> HttpResponse:
    row = own_attachment(request, cen_id, router_id, attachment_id)
    return _show_stored(request, recipes.attachment(row), row)


@require_safe
@vary_on_headers("HX-Request")
def event_code(request: ConsoleRequest, request_id: str) -> HttpResponse:
    """The operation of an event."""
    event = Event.objects.of(request.user.account).filter(request_id=request_id).first()
    if event is None:
        raise Http404
    return _show(
        request,
        recipe_of(event),
        title=_("%(operation)s as code") % {"operation": event.operation},
        back=reverse("event-list"),
    )
