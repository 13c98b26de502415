"""Logs of a connection's tunnels."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url

from connections.console import log_queries, tables
from connections.console.log_queries import LogQuery
from connections.console.requests import ConsoleRequest
from connections.console.views.connections import own_connection, tab_context
from connections.console.views.shared import poll
from connections.models import Connection, Tunnel
from connections.tunnel_history import texts
from connections.tunnel_history.logs import MADE


def tunnels_of(request: ConsoleRequest, connection: Connection) -> tuple[Tunnel, list[Tunnel]]:
    """The requested tunnel, by default the first one, and all of its connection. Raises Http404."""
    tunnels = list(Tunnel.objects.whole().filter(connection=connection).order_by("index"))
    wanted = request.GET.get("tunnel") or tunnels[0].resource_id
    for tunnel in tunnels:
        if tunnel.resource_id == wanted:
            return tunnel, tunnels
    raise Http404


@require_safe
@vary_on_headers("HX-Request")
def connection_logs(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """The tab. htmx requests the lines alone, or with `before` the older ones below those that it has."""
    connection = own_connection(request, region_id, connection_id)
    tunnel, tunnels = tunnels_of(request, connection)
    query = LogQuery.of(tunnel, request.GET)
    context = {
        **tab_context(connection, "logs"),
        "query": query,
        "silence": None if query.reading.lines else log_queries.silence(query),
    }
    if tables.wants_fragment(request):
        if "before" in request.GET:
            return render(request, "logs/_older.html", context)
        answer = render(request, "logs/_log.html", context)
        address = query.address()
        return push_url(answer, f"{request.path}?{address}" if address else request.path)
    context |= {
        "tunnels": tunnels,
        "windows": [(key, label) for key, (label, _length) in log_queries.WINDOWS.items()],
        "levels": [(key, label) for key, (label, _levels) in log_queries.LEVELS.items()],
        "ends": [(key, label) for key, (label, _ends) in log_queries.ENDS.items()],
        "own": log_queries.OWN,
    }
    return render(request, "connections/detail_logs.html", context)


@require_safe
@poll
def connection_logs_new(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """The lines since the last answer, polled while a page follows the log."""
    connection = own_connection(request, region_id, connection_id)
    tunnel, _all = tunnels_of(request, connection)
    query = LogQuery.of(tunnel, request.GET).since(request.GET.get("after", ""))
    return render(request, "logs/_new.html", {"connection": connection, "query": query})


@require_safe
def connection_logs_export(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """The lines as a text file, oldest first."""
    tunnel, _all = tunnels_of(request, own_connection(request, region_id, connection_id))
    query = LogQuery.of(tunnel, request.GET)
    name = f"{connection_id}-{query.end:%Y%m%dT%H%M%SZ}.log"
    reading = query.read(MADE)
    found = reading.lines[::-1]
    lines = [f"{line.end:6} {text}" for line, text in zip(found, texts(tunnel, found), strict=True)]
    if reading.before:
        # Programs read the file, too: English in both languages.
        lines.insert(0, f"# Older lines are left out: before {reading.before:%Y-%m-%d %H:%M:%S}.")
    text = "".join(f"{line}\n" for line in lines)
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers={"Content-Disposition": disposition})
