"""VPC: destination-based routes of an attached connection."""

from connections import routing
from connections.api.actions.lookups import connection
from connections.api.actions.values import milliseconds
from connections.api.errors import ApiError
from connections.api.registry import PAGED, PAGING, VPC, Call, Choice, Number, Text, action, invalid, page
from connections.domain.choices import BgpSource, RouteStatus
from connections.models import Connection, Route
from connections.routing import BgpRoute
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
)  # fmt: skip
def describe_vco_route_entries(call: Call):
    """The routes of a connection: custom (by hand and automatic) or bgp (advertised by the cloud, and learned)."""
    row = connection(call)
    tunnels = routing.negotiated(row)
    bgp = [*routing.advertised(row, tunnels)[0], *routing.learned(tunnels)]
    if call["RouteEntryType"] == CUSTOM:
        # Routes are published if they are in the transit router's table.
        state = "published" if routing.route_status(row, tunnels) == RouteStatus.PUBLISHED else "unpublished"
        routes, totals = page(call, row.routes.order_by("id"))
        # Of two tunnels, those that are up. [P189]
        next_hops = [one.tunnel.resource_id for one in tunnels if one.tunnel.is_up or not row.is_dual]
        items = [_custom(row, route, state, next_hops) for route in routes]
    else:
        routes, totals = page(call, bgp)
        items = [_learned(row, route) for route in routes]
    counts = [{"RouteEntryType": CUSTOM, "Source": "CLOUD", "RouteCount": row.routes.count()}]
    counts += [
        {"RouteEntryType": BGP, "Source": source.value, "RouteCount": sum(one.source == source for one in bgp)}
        for source in BgpSource
    ]
    return {"VcoRouteEntries": items, "VpnRouteCounts": counts, **totals}


def _custom(row: Connection, route: Route, state: str, next_hops: list[str]) -> dict:
    return {
        "VpnConnectionId": row.resource_id,
        "RouteDest": route.destination,
        "NextHop": row.resource_id,
        "RouteEntryType": CUSTOM,
        "Source": "CLOUD",
        "State": state,
        "Weight": route.weight,
        "AsPath": "",
        "Community": "",
        "CreateTime": milliseconds(route.created_at),
        "NextHopTunnelIdList": next_hops,
    }


def _learned(row: Connection, route: BgpRoute) -> dict:
    return {
        "VpnConnectionId": row.resource_id,
        "RouteDest": route.destination,
        "NextHop": row.resource_id,
        "RouteEntryType": BGP,
        "Source": route.source.value,
        "State": "Active",
        "Weight": 100,
        "AsPath": f"[{', '.join(map(str, route.as_path))}]",
        "Community": "",
        "CreateTime": milliseconds(route.since),
        "NextHopTunnelIdList": [tunnel.resource_id for tunnel in route.tunnels],
    }
