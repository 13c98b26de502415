"""Where one comes in, and addresses without a region."""

from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe


@require_safe
def home(request):
    return redirect("connection-list", request.region.id)


@require_safe
def in_region(request, page):
    """The same page in the session's region, with the same query."""
    query = request.META.get("QUERY_STRING", "")
    return redirect(reverse(page, args=[request.region.id]) + (f"?{query}" if query else ""))
