"""CBN: route tables of transit routers."""

from connections.api.actions.lookups import router
from connections.api.actions.values import iso
from connections.api.errors import ApiError
from connections.api.registry import (
    CBN,
    TAG,
    TAG_SHAPE,
    TOKENED,
    Call,
    Choice,
    Ignored,
    Objects,
    Text,
    Texts,
    action,
    token_page,
    tokens,
)
from connections.domain import limits
from connections.models import TransitRouter
from connections.wire.codes import ErrorCode

_TAG = Objects("Tag", fields=TAG, most=limits.MAX_TAGS)


@action(
    CBN,
    Text("TransitRouterId"),
    Texts("TransitRouterRouteTableIds", most=20),
    Texts("TransitRouterRouteTableNames", most=20),
    Choice("TransitRouterRouteTableType", options=("System", "Custom")),
    Choice("TransitRouterRouteTableStatus", options=("Creating", "Active", "Deleting")),
    _TAG,
    Ignored("RouteTableOptions"),
    *tokens(),
    region=None,
    answer=TOKENED
    | {
        "TransitRouterRouteTables": [
            {"TransitRouterRouteTableId": str, "TransitRouterRouteTableName": str,
             "TransitRouterRouteTableDescription": str, "TransitRouterRouteTableStatus": str,
             "TransitRouterRouteTableType": str, "CreateTime": str, "RegionId": str, "TransitRouterId": str,
             "RouteTableOptions": {"MultiRegionECMP": str}, "Tags": [TAG_SHAPE]}
        ]
    },
    note="each transit router has a system table only",
)  # fmt: skip
def list_transit_router_route_tables(call: Call):
    """The route tables of a transit router, or those with certain IDs."""
    if not call["TransitRouterId"] and not call["TransitRouterRouteTableIds"]:
        raise ApiError(ErrorCode.TABLE_COMBINATION)
    rows = TransitRouter.objects.of(call.account)
    if call["TransitRouterId"]:
        rows = rows.filter(pk=router(call).pk)
    if call["TransitRouterRouteTableIds"]:
        rows = rows.filter(route_table_id__in=call["TransitRouterRouteTableIds"])
    # There are only system tables, which have neither names nor tags.
    if call["TransitRouterRouteTableType"] == "Custom" or call["TransitRouterRouteTableNames"] or call["Tag"]:
        rows = rows.none()
    if call["TransitRouterRouteTableStatus"] not in (None, "Active"):
        rows = rows.none()
    routers, totals = token_page(call, rows)
    items = [
        {
            "TransitRouterRouteTableId": row.route_table_id,
            "TransitRouterRouteTableName": "",
            "TransitRouterRouteTableDescription": "",
            "TransitRouterRouteTableStatus": "Active",
            "TransitRouterRouteTableType": "System",
            "CreateTime": iso(row.created_at),
            "RegionId": row.region_id,
            "TransitRouterId": row.resource_id,
            "RouteTableOptions": {"MultiRegionECMP": "disable"},
            "Tags": [],
        }
        for row in routers
    ]
    return {"TransitRouterRouteTables": items, **totals}
