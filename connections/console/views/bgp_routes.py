"""The BGP route table of a connection, with its sessions."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections import routing
from connections.console import lists
from connections.console.negotiations import Mark, bgp_mark, seconds_to_change, side_label
from connections.console.requests import ConsoleRequest
from connections.console.tables import wants_fragment
from connections.console.views.connections import own_connection, tab_context
from connections.console.views.shared import poll
from connections.models import Tunnel
from connections.negotiation import Session


@dataclass(frozen=True)
class ShownSession:
    """The BGP session of a tunnel, in the words of the console and of RFC 4271."""

    tunnel: Tunnel
    session: Session

    @property
    def status(self) -> Mark:
        return bgp_mark(self.session)

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """What differs: labels with the values of the cloud and of the device. Keys, which are hidden, look alike."""
        differences = (one for one in self.session.differences if one.cloud != one.device)
        return [(side_label(one.field), one.cloud, one.device) for one in differences]


@require_safe
@poll
@vary_on_headers("HX-Request")
def connection_bgp_routes(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    """The tab, polled when the next change is due: then it answers with the part that follows the sessions."""
    connection = own_connection(request, region_id, connection_id)
    tunnels = routing.negotiated(connection)
    sessions = [ShownSession(one.tunnel, one.session) for one in tunnels if one.session]
    advertised, reason = routing.advertised(connection, tunnels)
    routes = [*routing.learned(tunnels), *routing.refused(tunnels), *advertised]
    context = {
        "connection": connection,
        "sessions": lists.BGP_SESSIONS.grid(request, sessions),
        "grid": lists.BGP_ROUTES.grid(request, routes),
        "reason": reason,
        "withdrawn": routing.withdraws_routes(tunnels),
        "wait": seconds_to_change(connection, [one.tunnel.outcome for one in tunnels]),
        "is_fragment": wants_fragment(request),
    }
    if context["is_fragment"]:
        return render(request, "connections/_bgp.html", context)
    return render(request, "connections/detail_bgp.html", context | tab_context(connection, "bgp"))
