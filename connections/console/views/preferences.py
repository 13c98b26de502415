"""What users set for themselves about the list of connections, and the list as a file."""

from django.http import Http404, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import columns, export, tables
from connections.console.access import personal
from connections.console.forms.preferences import ColumnsForm, SavedFilterForm
from connections.console.views.shared import edit
from connections.models import SavedFilter
from connections.services.preferences import choose_columns, delete_filter, save_filter


def _list(region_id: str) -> str:
    return reverse(columns.LIST, args=[region_id])


def _query(request) -> str:
    """What the list is filtered by where the dialog was opened, or what the form has kept of it."""
    if request.method == "POST":
        return request.POST.get("query", "")
    if request.htmx:
        return (request.htmx.current_url or "").partition("?")[2]
    return request.META.get("QUERY_STRING", "")


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@personal
def columns_choose(request, region_id):
    """Which columns the list shows, and in which order."""
    query = _query(request)
    form = ColumnsForm(request.POST if request.method == "POST" else None, user=request.user, query=query)
    back = _list(region_id) + (f"?{QueryDict(query).urlencode()}" if query else "")
    return edit(
        request,
        form,
        title=_("Columns"),
        do=lambda: choose_columns(request.user, columns.LIST, form.cleaned_data["columns"]),
        done=_("The columns were saved."),
        to=back,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@personal
def saved_filter_create(request, region_id):
    """Keep what the list is filtered by under a name."""
    query = _query(request)
    kept = tables.connections(request.user.account, region_id, QueryDict(query)).query(size="").removeprefix("?")
    form = SavedFilterForm(request.POST if request.method == "POST" else None, query=kept)
    return edit(
        request,
        form,
        title=_("Save this filter"),
        do=lambda: save_filter(request.user, columns.LIST, form.cleaned_data["name"], kept),
        done=_("The filter was saved."),
        to=_list(region_id) + (f"?{kept}" if kept else ""),
        refusal="" if kept else _("The list is not filtered: search, filter or sort it first."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@personal
def saved_filters(request, region_id):
    """All of the user's saved filters, to delete some."""
    mine = SavedFilter.objects.filter(user=request.user, page=columns.LIST)
    number = request.POST.get("delete", "")
    if request.method == "POST" and number.isdecimal() and (saved := mine.filter(pk=number[:9]).first()):
        delete_filter(saved)
    template = "preferences/_filters.html" if request.htmx else "preferences/filters.html"
    return render(request, template, {"filters": mine, "back": _list(region_id)})


@require_safe
def connection_export(request, region_id):
    """All connections that the list's filter shows, as a file."""
    file_format = request.GET.get("format", "csv")
    if file_format not in export.FORMATS:
        raise Http404
    table = tables.connections(request.user.account, region_id, request.GET)
    answer = StreamingHttpResponse(export.WRITERS[file_format](table.every_row), export.FORMATS[file_format])
    answer["Content-Disposition"] = f'attachment; filename="connections-{region_id}.{file_format}"'
    answer["Cache-Control"] = "no-store"
    return answer
