"""Defects of the personas `stale`, `unlabelled`, `visual` and `wrong`: changes of requests, answers and what is read.

The console itself is sound: everything that is wrong on purpose is in this module.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager as Context
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, get_script_prefix, resolve

from connections import clock
from connections.models import Cen, Connection, CustomerGateway, TransitRouter


@dataclass(frozen=True)
class Defect:
    """What a defect does before a request is served, and to its answer."""

    arriving: Callable[[HttpRequest], None] = lambda request: None
    leaving: Callable[[HttpRequest, HttpResponse], None] = lambda request, response: None


def _page_of(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""


def arrive(name: str, request: HttpRequest) -> None:
    """Do what a defect does to a request."""
    # Its answer has to be read.
    request.META.pop("HTTP_ACCEPT_ENCODING", None)
    DEFECTS[name].arriving(request)


def left(name: str, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The answer with what a defect does to it."""
    if not response.headers.get("Content-Type", "").startswith("text/"):
        return response
    changed = HttpResponse(response.getvalue(), status=response.status_code)
    changed.headers, changed.cookies = response.headers, response.cookies
    DEFECTS[name].leaving(request, changed)
    changed.headers["Content-Length"] = str(len(changed.content))
    return changed


# --- stale: lists and search lack what is new ---------------------------------------------------------------------

_MODELS = (Connection, CustomerGateway, Cen, TransitRouter)
_LISTS = re.compile(r".*-list|(connection|customer-gateway|cen)-export|go-to")
_LISTING = re.compile(r"(Describe|List)\w+s")


def outdated(request: HttpRequest, operation: str, milliseconds: int) -> Context[None]:
    """Within the block, lists and search lack what was made in the last milliseconds of the world's clock.

    `operation`: of the API, else blank.
    """
    is_list = _LISTING.fullmatch(operation) if operation else _LISTS.fullmatch(_page_of(request))
    return _without_new(milliseconds) if is_list else nullcontext()


@contextmanager
def _without_new(milliseconds: int) -> Iterator[None]:
    """Put views in the place of tables, for this connection of SQLite alone."""
    since = (clock.now() - timedelta(milliseconds=milliseconds)).replace(tzinfo=None).isoformat(" ")
    tables = [connection.ops.quote_name(model._meta.db_table) for model in _MODELS]
    with connection.cursor() as cursor:
        for table in tables:
            # A moment that Django has formatted.
            cursor.execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE created_at <= '{since}'")  # noqa: S608
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"DROP VIEW temp.{table}")


# --- unlabelled ---------------------------------------------------------------------------------------------------


def _without_test_ids(request: HttpRequest, response: HttpResponse) -> None:
    response.content = re.sub(rb'\sdata-testid="[^"]*"', b"", response.content)


# --- visual: five faults of style ----------------------------------------------------------------------------------

STYLE_PATH = "_kit/visual.css"
# The heads of two columns are exchanged as well. The label has a contrast of 1.6.
STYLE = """
.actionbar [data-testid="form-ok"] { position: relative; top: 6px; }
#div_id_name .field-label { color: #ccc; background: #fff; }
tr[data-name] .identity a { display: inline-block; max-width: 7ch; overflow: hidden; white-space: nowrap; }
.dialog { translate: 40px; }
"""
_HEAD = re.compile(rb"<th\b.*?</th>", re.S)


def _disarranged(request: HttpRequest, response: HttpResponse) -> None:
    link = f'<link rel="stylesheet" href="{get_script_prefix()}{STYLE_PATH}"></head>'
    content = response.content.replace(b"</head>", link.encode(), 1)
    response.content = re.sub(rb"<thead.*?</thead>", _exchanged, content, flags=re.S)


def _exchanged(thead: re.Match[bytes]) -> bytes:
    """The heads of a table, the second in place of the third."""
    heads = _HEAD.findall(thead[0])
    if len(heads) > 2:
        heads[1:3] = heads[2], heads[1]
    following = iter(heads)
    return _HEAD.sub(lambda _: next(following), thead[0])


# --- wrong: six defects -------------------------------------------------------------------------------------------


def _misread(request: HttpRequest) -> None:
    page = _page_of(request)
    query = request.GET.copy()
    if "tag" in query:
        query["tag"] = str(query["tag"]).partition("=")[0]
    if query.get("sort", "").removeprefix("-") == "created":
        query["sort"] = str(query["sort"]).replace("created", "name")
    request.GET = query  # type: ignore[assignment]
    if request.method == "POST" and "_action" not in request.POST:
        form = request.POST.copy()
        if form.get("description"):
            form["description"] = str(form["description"])[:-1]
        if page == "connections-delete":
            form.setlist("id", form.getlist("id")[:-1])
        request.POST = form  # type: ignore[assignment]


def _misprint(request: HttpRequest, response: HttpResponse) -> None:
    if response.headers["Content-Type"].startswith("text/csv"):
        lines = response.content.splitlines(keepends=True)
        response.content = b"".join(lines[:-1] if len(lines) > 1 else lines)
    response.content = re.sub(
        rb'(data-testid="total"[^>]*>\D*)([\d,]+)',
        lambda found: found[1] + f"{int(found[2].replace(b',', b'')) + 1:,}".encode(),
        response.content,
    )


DEFECTS: Mapping[str, Defect] = {
    "unlabelled": Defect(leaving=_without_test_ids),
    "visual": Defect(leaving=_disarranged),
    "wrong": Defect(_misread, _misprint),
}
