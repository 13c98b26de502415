"""The command palette and the list of keys, in the dialog or as pages."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import palette
from connections.console.requests import ConsoleRequest


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def go_to(request: ConsoleRequest) -> HttpResponse:
    """Find a page or a resource and go there."""
    text = request.GET.get("q", "")
    here = (request.htmx and request.htmx.current_url_abs_path) or ""
    context = {"groups": palette.find(request.user, request.region, text, here), "q": text}
    if not request.htmx:
        return render(request, "palette/page.html", context)
    return render(request, "palette/_matches.html" if "q" in request.GET else "palette/_dialog.html", context)


@require_safe
@vary_on_headers("HX-Request")
def shortcuts(request: ConsoleRequest) -> HttpResponse:
    return render(request, "palette/_keys.html" if request.htmx else "palette/keys.html")
