"""The page about the API: its address, the access keys and the latest requests."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections.as_code import python, request, shell
from connections.as_code.steps import Recipe, Step
from connections.console import lists, tables
from connections.console.requests import ConsoleRequest
from connections.console.views.access_keys import keys_of
from connections.console.views.as_code import endpoint_of, in_languages
from connections.wire.operations import Operation, Product


@require_safe
@vary_on_headers("HX-Request")
def api(web_request: ConsoleRequest) -> HttpResponse:
    account = web_request.user.account
    table = tables.api_calls(account, web_request.GET)
    context = {"table": table, "grid": lists.API_CALLS.grid(web_request, table=table)}
    if tables.wants_fragment(web_request):
        return tables.with_address(render(web_request, "shared/_table.html", context), web_request, table)
    ask = Step(
        Product.VPC, Operation.DESCRIBE_VPN_CONNECTIONS, {"RegionId": web_request.region.id}, "found", "TotalCount"
    )
    endpoint = endpoint_of(web_request)
    context |= {
        "endpoint": endpoint,
        "products": list(Product),
        "keys": keys_of(account).prefetch_related("refusals")[:5],
        "listings": in_languages(Recipe(web_request.region.id, [ask]), endpoint, (python, shell, request)),
    }
    return render(web_request, "api/page.html", context)
