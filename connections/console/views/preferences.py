"""A user's columns and saved filters of a list, and its export."""

from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import columns, export
from connections.console.access import personal
from connections.console.forms.preferences import ColumnsForm, SavedFilterForm
from connections.console.lists import BY_PAGE
from connections.console.requests import ConsoleRequest
from connections.console.tables import PAGE_SIZES
from connections.console.views.shared import edit
from connections.models import SavedFilter
from connections.numbers import whole_number
from connections.services.preferences import choose_columns, delete_filter, save_filter


def _query(request: ConsoleRequest) -> str:
    """The filter of the page that opened the dialog, or the one that the form carries."""
    if request.method == "POST":
        return request.POST.get("query", "")
    if request.htmx:
        return (request.htmx.current_url or "").partition("?")[2]
    return request.META.get("QUERY_STRING", "")


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@personal
def columns_choose(request: ConsoleRequest, region_id: str) -> HttpResponse:
    """Choose the columns of a list and their order."""
    query = _query(request)
    form = ColumnsForm(request.POST if request.method == "POST" else None, user=request.user, query=query)
    back = BY_PAGE[columns.LIST].address(region_id) + (f"?{QueryDict(query).urlencode()}" if query else "")
    return edit(
        request,
        form,
        title=_("Columns"),
        do=lambda: choose_columns(request.user, columns.LIST, form.cleaned_data["columns"], seen=form.seen("columns")),
        refused=lambda refused: form.show_chosen(),
        done=_("The columns were saved."),
        to=back,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@personal
def saved_filter_create(request: ConsoleRequest, page: str, region_id: str | None = None) -> HttpResponse:
    """Save the list's filter under a name."""
    query, listing = _query(request), BY_PAGE[page]
    kept = listing.read(request.user.account, region_id, QueryDict(query)).query(size="").removeprefix("?")
    form = SavedFilterForm(request.POST if request.method == "POST" else None, query=kept)
    return edit(
        request,
        form,
        title=_("Save this filter"),
        verb=_("Save"),
        do=lambda: save_filter(request.user, page, form.cleaned_data["name"], kept),
        done=_("The filter was saved."),
        to=listing.address(region_id) + (f"?{kept}" if kept else ""),
        refusal="" if kept else _("The list is not filtered: search, filter or sort it first."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@personal
def saved_filters(request: ConsoleRequest, page: str, region_id: str | None = None) -> HttpResponse:
    """The user's saved filters of a list, and deleting them."""
    listing = BY_PAGE[page]
    mine = SavedFilter.objects.filter(user=request.user, page=page)
    number = whole_number(request.POST.get("delete"))
    if number is not None and (saved := mine.filter(pk=number).first()):
        delete_filter(saved)
    template = "preferences/_filters.html" if request.htmx else "preferences/filters.html"
    context = {"filters": mine, "title": listing.title, "back": listing.address(region_id)}
    return render(request, template, context | {"changed": request.method == "POST"})


@require_safe
def list_export(request: ConsoleRequest, page: str, region_id: str | None = None) -> HttpResponseBase:
    """Export all rows that match the list's filter, or the selected ones."""
    kind, listing = request.GET.get("format", "csv"), BY_PAGE[page]
    if kind not in export.FORMATS:
        raise Http404
    rows = listing.read(request.user.account, region_id, request.GET).every_row
    if ids := request.GET.getlist("id")[: PAGE_SIZES[-1]]:
        rows = rows.filter(resource_id__in=ids)
    answer = StreamingHttpResponse(export.WRITERS[kind](rows, listing), export.FORMATS[kind])
    answer["Content-Disposition"] = f'attachment; filename="{listing.file_name(region_id, kind)}"'
    return answer
