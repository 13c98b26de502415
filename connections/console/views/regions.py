"""The regions of the selector."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console.regions import entries
from connections.console.requests import ConsoleRequest


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def regions(request: ConsoleRequest) -> HttpResponse:
    """The selector's entries, for the menu when it opens; or a page, for browsers without scripts."""
    at, text = request.GET.get("at", ""), request.GET.get("q", "")
    found = entries(request.user.account, at, text)
    context = {**vars(found), "at": at, "q": text}
    if not request.htmx:
        return render(request, "regions/page.html", context)
    part = "regions/_entries.html" if request.htmx.target == "region-entries" else "regions/_menu.html"
    return render(request, part, context)
