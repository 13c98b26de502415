"""Addresses without a region."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from connections.console.requests import ConsoleRequest


@require_safe
def in_region(request: ConsoleRequest, page: str) -> HttpResponse:
    """The same page in the session's region, with the same query. A list may show all regions."""
    query = request.META.get("QUERY_STRING", "")
    at = request.place if page.endswith("-list") else request.region
    return redirect(reverse(page, args=[at.id]) + (f"?{query}" if query else ""))
