"""The event log of an account."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import lists, tables
from connections.console.requests import ConsoleRequest
from connections.console.views.shared import list_page, refreshed


@require_safe
@refreshed
@vary_on_headers("HX-Request")
def event_list(request: ConsoleRequest) -> HttpResponse:
    return list_page(request, lists.EVENTS, tables.events(request.user.account, request.GET))
