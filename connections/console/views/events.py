"""The event log of an account."""

from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import tables


@require_safe
@vary_on_headers("HX-Request")
def event_list(request):
    table = tables.events(request.user.account, request.GET)
    template = "events/_table.html" if tables.wants_fragment(request) else "events/list.html"
    return tables.with_address(render(request, template, {"table": table}), request, table)
