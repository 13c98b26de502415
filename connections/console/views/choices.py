"""Search results for controls that cannot offer all options at once."""

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connections.console.autocomplete import USUAL, Ways, cens_to_choose, offer
from connections.console.requests import ConsoleRequest
from connections.models import CustomerGateway
from connections.search import typed


@require_safe
def choices(request: ConsoleRequest, region_id: str, kind: str) -> HttpResponse:
    """Options of a select (`field` names it, its search is `FIELD-q`) or of a datalist (`list` names its input)."""
    account = request.user.account
    if kind == "customer-gateways":
        rows = CustomerGateway.objects.of(account).in_region(region_id).order_by("-id")
        return options(request, rows)
    if kind == "cens":
        return options(request, cens_to_choose(account, typed(request.GET.get("resource_group"))))
    raise Http404


def options(request: ConsoleRequest, rows: QuerySet, ways: Ways = USUAL) -> HttpResponse:
    """The options of a control: rows that match its search, and the chosen one."""
    field = request.GET.get("field", "")
    listed = request.GET.get("list")
    text = typed(request.GET.get(listed if listed else f"{field}-q"))
    chosen = "" if listed else typed(request.GET.get(field))
    offered, more = offer(rows, text, chosen, ways)
    context = {"offered": offered, "more": more, "chosen": chosen, "is_list": bool(listed)}
    return render(request, "shared/_options.html", context)
