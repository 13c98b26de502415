"""VPC: destination-based routes of an attached connection."""

from connections import routing
from connections.api.actions.lookups import connection
from connections.api.actions.values import milliseconds
from connections.api.errors import ApiError
from connections.api.registry import PAGED, PAGING, VPC, Call, Choice, Number, Text, action, invalid, page
from connections.domain.choices import RouteStatus
from connections.models import Connection, Route
from connections.services.routes import change_weight, create_route, delete_route
from connections.wire.codes import ErrorCode

CUSTOM, BGP = "custom", "bgp"
_ROUTE = (
    Text("VpnConnectionId", required=True),
    Text("RouteDest", required=True),
    Text("NextHop", required=True, note="the connection itself"),
    Number("Weight", required=True, most=100, note="0 is standby, 100 active"),
    Choice("OverlayMode", options=("Ipsec",), default="Ipsec"),
)
_WRITTEN = {
    "VpnConnectionId": str, "RouteDest": str, "NextHop": str, "Weight": int, "OverlayMode": str, "Description": str,
    "State": str, "CreateTime": int,
}  # fmt: skip


def _connection(call: Call) -> Connection:
    """The connection, which must also be the next hop."""
    row = connection(call)
    if call["NextHop"] != row.resource_id:
        raise invalid("NextHop", "must be the ID of the connection.")
    return row


def _refuse_other_weight(call: Call, row: Connection) -> None:
    """Refuse a request whose weight is not the route's: the weight is a part of the route's identity."""
    if not row.routes.filter(destination=call["RouteDest"], weight=call["Weight"]).exists():
        raise ApiError(ErrorCode.ROUTE_NOT_FOUND, why="There is no route to this destination with this weight.")


@action(VPC, *_ROUTE, Text("Description"), writes=True, dry_run=True, answer=_WRITTEN)
def create_vco_route_entry(call: Call):
    """Create a route to a destination through the connection."""
    row = _connection(call)
    new = Route(
        connection=row, destination=call["RouteDest"], weight=call["Weight"], description=call["Description"] or ""
    )
    route = create_route(call.actor, new)
    return {
        "VpnConnectionId": row.resource_id,
        "RouteDest": route.destination,
        "NextHop": row.resource_id,
        "Weight": route.weight,
        "OverlayMode": call["OverlayMode"],
        "Description": route.description,
        "State": "published",
        "CreateTime": milliseconds(route.created_at),
    }


@action(VPC, *_ROUTE, writes=True, limit=60)
def delete_vco_route_entry(call: Call):
    """Delete a route that was created by hand."""
    row = _connection(call)
    _refuse_other_weight(call, row)
    delete_route(call.actor, row, call["RouteDest"])
    return {}


@action(VPC, *_ROUTE, Number("NewWeight", required=True, most=100), writes=True)
def modify_vco_route_entry_weight(call: Call):
    """Make a route active or standby."""
    row = _connection(call)
    _refuse_other_weight(call, row)
    change_weight(call.actor, row, call["RouteDest"], call["NewWeight"])
    return {}


@action(
    VPC,
    Text("VpnConnectionId", required=True),
    Choice("RouteEntryType", options=(CUSTOM, BGP), default=CUSTOM),
    *PAGING,
    answer=PAGED
    | {
        "VcoRouteEntries": [
            {"VpnConnectionId": str, "RouteDest": str, "NextHop": str, "RouteEntryType": str, "Source": str,
             "State": str, "Weight": int, "AsPath": str, "Community": str, "CreateTime": int,
             "NextHopTunnelIdList": [str]}
        ],
        "VpnRouteCounts": [{"RouteEntryType": str, "Source": str, "RouteCount": int}],
    },
    note="no peer answers here, so there are no learned routes (bgp)",
)  # fmt: skip
def describe_vco_route_entries(call: Call):
    """The routes of a connection: custom (by hand and automatic) or bgp (learned)."""
    row = connection(call)
    # Routes are published if they are in the transit router's table.
    published = routing.route_status(row) == RouteStatus.PUBLISHED
    # Of two tunnels, those that are up. [P189]
    next_hops = [tunnel.resource_id for tunnel in row.tunnels.all() if tunnel.is_up or not row.is_dual]
    rows = row.routes.all() if call["RouteEntryType"] == CUSTOM else row.routes.none()
    routes, totals = page(call, rows.order_by("id"))
    entries = [
        {
            "VpnConnectionId": row.resource_id,
            "RouteDest": route.destination,
            "NextHop": row.resource_id,
            "RouteEntryType": CUSTOM,
            "Source": "CLOUD",
            "State": "published" if published else "unpublished",
            "Weight": route.weight,
            "AsPath": "",
            "Community": "",
            "CreateTime": milliseconds(route.created_at),
            "NextHopTunnelIdList": next_hops,
        }
        for route in routes
    ]
    counts = [{"RouteEntryType": CUSTOM, "Source": "CLOUD", "RouteCount": row.routes.count()}]
    return {"VcoRouteEntries": entries, "VpnRouteCounts": counts, **totals}
