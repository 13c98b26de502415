"""CBN: CIDR blocks of transit routers."""

from connections.api.actions.cens import CIDR_SHAPE, cidr_values, edited
from connections.api.actions.lookups import narrowed, router_cidr, router_in_region
from connections.api.registry import CBN, Call, Flag, Text, action
from connections.models import TransitRouterCidr
from connections.services.router_cidrs import create_router_cidr, delete_router_cidr, modify_router_cidr

_ROUTER = Text("TransitRouterId", required=True)
_ID = Text("TransitRouterCidrId", required=True)
_TEXTS = (Text("Name"), Text("Description"))


@action(
    CBN,
    _ROUTER,
    Text("Cidr", required=True),
    *_TEXTS,
    Flag("PublishCidrRoute", default=True),
    writes=True,
    dry_run=True,
    answer={"TransitRouterCidrId": str},
)
def create_transit_router_cidr(call: Call):
    """Add a CIDR block, from which private connections get their gateway addresses."""
    block = TransitRouterCidr(
        transit_router=router_in_region(call),
        cidr=call["Cidr"],
        name=call["Name"] or "",
        description=call["Description"] or "",
        publish_cidr_route=call["PublishCidrRoute"],
    )
    return {"TransitRouterCidrId": create_router_cidr(call.actor, block).resource_id}


@action(
    CBN,
    _ROUTER,
    Text("TransitRouterCidrId"),
    dry_run=True,
    answer={"CidrLists": [CIDR_SHAPE | {"TransitRouterId": str, "Family": str}]},
)
def list_transit_router_cidr(call: Call):
    """The CIDR blocks of a transit router."""
    row = router_in_region(call)
    blocks = narrowed(row.cidrs.all(), call, TransitRouterCidrId="resource_id")
    about = {"TransitRouterId": row.resource_id, "Family": "IPv4"}
    return {"CidrLists": [cidr_values(block) | about for block in blocks]}


@action(CBN, _ROUTER, _ID, Text("Cidr"), *_TEXTS, Flag("PublishCidrRoute"), writes=True, dry_run=True)
def modify_transit_router_cidr(call: Call):
    """Change a CIDR block, which no connection may use if it gets other addresses. What is not sent stays."""
    block = router_cidr(call)
    names = {"Name": "name", "Description": "description", "PublishCidrRoute": "publish_cidr_route"}
    changed = edited(block, call, **names | ({"Cidr": "cidr"} if call["Cidr"] else {}))
    modify_router_cidr(call.actor, changed, block.revision)
    return {}


@action(CBN, _ROUTER, _ID, writes=True, dry_run=True)
def delete_transit_router_cidr(call: Call):
    """Delete a CIDR block that no connection uses."""
    delete_router_cidr(call.actor, router_cidr(call))
    return {}
