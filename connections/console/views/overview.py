"""The overview of an account, which is the start page."""

from hashlib import sha256

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console.overview import LOOKS_EVERY, of_account
from connections.console.requests import ConsoleRequest


@require_safe
@vary_on_headers("HX-Request")
def overview(request: ConsoleRequest) -> HttpResponse:
    """The page, or its body alone for the page that polls. An unchanged body is not sent again."""
    shown = of_account(request.user.account, request.region)
    body = render_to_string("overview/_body.html", {"overview": shown}, request)
    digest = sha256(body.encode()).hexdigest()[:16]
    # Before a tunnel turns, the page must be told when to look again.
    if request.htmx and request.GET.get("shown") == digest and shown.delay is None:
        return HttpResponse(status=204)
    context = {"overview": shown, "body": body, "digest": digest, "delay": shown.delay, "every": LOOKS_EVERY}
    return render(request, "overview/_followed.html" if request.htmx else "overview/page.html", context)
