"""Diagnose: what is wrong with a connection's tunnels, and where to mend it. It runs whenever the page is read."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connections import clock
from connections.console import diagnosis
from connections.console.requests import ConsoleRequest
from connections.console.views.connections import own_connection
from connections.domain.roles import Right


@require_safe
def connection_diagnosis(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    connection = own_connection(request, region_id, connection_id)
    reports = diagnosis.reports(connection, may_see_keys=request.user.may(Right.SEE_KEYS))
    now = clock.now()
    text = diagnosis.as_text(connection, reports, now)
    context = {"connection": connection, "reports": reports, "now": now, "text": text}
    return render(request, "connections/diagnosis.html", context)
