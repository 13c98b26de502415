"""The event log of an account."""

from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import tables
from connections.console.lists import BY_PAGE


@require_safe
@vary_on_headers("HX-Request")
def event_list(request):
    table = tables.events(request.user.account, request.GET)
    if tables.wants_fragment(request):
        return tables.with_address(render(request, "events/_table.html", {"table": table}), request, table)
    return render(request, "events/list.html", {"table": table, "tools": BY_PAGE["event-list"].tools(request.user)})
