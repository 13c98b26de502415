"""CBN: CEN instances and transit routers."""

import copy
from typing import TypeVar

from connections.api.actions.lookups import cen, group, group_if_named, narrowed, router, router_in_region
from connections.api.actions.values import iso, tags
from connections.api.errors import ApiError
from connections.api.registry import (
    CBN,
    OPTIONAL_REGION,
    PAGED,
    PAGING,
    TAG,
    TAG_SHAPE,
    Call,
    Choice,
    Flag,
    Objects,
    Text,
    Texts,
    action,
    invalid,
    page,
    tag_pairs,
    tagged,
)
from connections.domain import limits
from connections.domain.regions import REGIONS
from connections.models import Cen, TransitRouter, TransitRouterCidr
from connections.numbers import whole_number
from connections.services.accounts import move_to_group
from connections.services.cens import create_cen as create
from connections.services.cens import create_transit_router as create_router
from connections.services.cens import delete_cen as delete
from connections.services.cens import delete_transit_router as delete_router
from connections.services.cens import modify_cen, modify_transit_router
from connections.wire.codes import ErrorCode

Row = TypeVar("Row", Cen, TransitRouter, TransitRouterCidr)

_TAG = Objects("Tag", fields=TAG, most=limits.MAX_TAGS)
_ENTERPRISE = "Enterprise"


# --- CEN instances -----------------------------------------------------------------------------------------------


@action(
    CBN,
    Text("Name"),
    Text("Description"),
    Choice("ProtectionLevel", options=("REDUCED",), default="REDUCED"),
    _TAG,
    region=None,
    writes=True,
    answer={"CenId": str},
)
def create_cen(call: Call):
    """Create a CEN instance, which takes a moment."""
    row = create(
        call.actor, Cen(name=call["Name"] or "", description=call["Description"] or ""), tag_pairs(call["Tag"])
    )
    return {"CenId": row.resource_id}


def edited(row: Row, call: Call, **names: str) -> Row:
    """A copy of a row with the values that the request sends; `names` leads from parameters to fields."""
    changed = copy.copy(row)
    for parameter, name in names.items():
        if call[parameter] is not None:
            setattr(changed, name, call[parameter])
    return changed


@action(
    CBN,
    Text("CenId", required=True),
    Text("Name"),
    Text("Description"),
    Choice("ProtectionLevel", options=("REDUCED",), note="the only level"),
    region=None,
    writes=True,
)
def modify_cen_attribute(call: Call):
    """Change the name or the description. What is not sent stays."""
    row = cen(call)
    modify_cen(call.actor, edited(row, call, Name="name", Description="description"), row.revision)
    return {}


@action(
    CBN,
    Text("ResourceId", required=True),
    Choice("ResourceType", required=True, options=("CEN",)),
    Text("NewResourceGroupId", required=True),
    region=None,
    writes=True,
    dry_run=True,
)
def move_resource_group(call: Call):
    """Move a CEN instance to another resource group."""
    move_to_group(call.actor, cen(call, "ResourceId"), group(call, "NewResourceGroupId"))
    return {}


@action(CBN, Text("CenId", required=True), region=None, writes=True)
def delete_cen(call: Call):
    """Delete a CEN instance without transit routers."""
    delete(call.actor, cen(call))
    return {}


_FILTER = (Choice("Key", required=True, options=("CenId", "Name")), Texts("Value", required=True, most=5))


@action(
    CBN,
    Objects("Filter", fields=_FILTER, most=5, note="filters are joined by and, values of one by or"),
    Text("ResourceGroupId"),
    _TAG,
    *PAGING,
    region=None,
    answer=PAGED
    | {
        "Cens": {
            "Cen": [
                {"CenId": str, "Name": str, "Description": str, "Status": str, "CreationTime": str,
                 "ProtectionLevel": str, "Ipv6Level": str, "ResourceGroupId": str, "Tags": {"Tag": [TAG_SHAPE]},
                 "CenBandwidthPackageIds": {"CenBandwidthPackageId": [str]}}
            ]
        }
    },
)  # fmt: skip
def describe_cens(call: Call):
    rows = Cen.objects.of(call.account)
    for condition in call["Filter"] or ():
        field = "resource_id" if condition["Key"] == "CenId" else "name"
        rows = rows.filter(**{f"{field}__in": condition["Value"]})
    if group := group_if_named(call):
        rows = rows.filter(resource_group=group)
    rows = tagged(rows, call["Tag"]).select_related("resource_group").prefetch_related("tags").order_by("-id")
    cens, totals = page(call, rows)
    items = [
        {
            "CenId": row.resource_id,
            "Name": row.name,
            "Description": row.description,
            "Status": row.status.value,
            "CreationTime": iso(row.created_at),
            "ProtectionLevel": "REDUCED",
            "Ipv6Level": "DISABLED",
            "ResourceGroupId": row.resource_group.resource_id,
            "Tags": {"Tag": tags(row)},
            "CenBandwidthPackageIds": {"CenBandwidthPackageId": []},
        }
        for row in cens
    ]
    return {"Cens": {"Cen": items}, **totals}


# --- transit routers ---------------------------------------------------------------------------------------------

_CIDR = (
    Text("Cidr", required=True),
    Text("Name"),
    Text("Description"),
    Flag("PublishCidrRoute", default=True),
)


@action(
    CBN,
    Text("CenId", required=True),
    Text("TransitRouterName"),
    Text("TransitRouterDescription"),
    Flag("SupportMulticast", default=False, note="only false"),
    Objects(
        "TransitRouterCidrList",
        fields=_CIDR,
        most=limits.MAX_ROUTER_CIDRS,
    ),
    _TAG,
    writes=True,
    dry_run=True,
    answer={"TransitRouterId": str},
)
def create_transit_router(call: Call):
    """Create the transit router of a CEN instance in a region, which takes a moment."""
    if call["SupportMulticast"]:
        raise invalid("SupportMulticast", "transit routers carry no multicast here.")
    row = TransitRouter(
        cen=cen(call),
        region_id=call.region_id,
        name=call["TransitRouterName"] or "",
        description=call["TransitRouterDescription"] or "",
    )
    blocks = [
        TransitRouterCidr(
            cidr=block["Cidr"],
            name=block["Name"] or "",
            description=block["Description"] or "",
            publish_cidr_route=block["PublishCidrRoute"],
        )
        for block in call["TransitRouterCidrList"] or ()
    ]
    return {"TransitRouterId": create_router(call.actor, row, blocks, tag_pairs(call["Tag"])).resource_id}


@action(
    CBN,
    Text("TransitRouterId", required=True),
    Text("TransitRouterName"),
    Text("TransitRouterDescription"),
    writes=True,
    dry_run=True,
)
def update_transit_router(call: Call):
    """Change the name or the description. What is not sent stays."""
    row = router_in_region(call)
    names = {"TransitRouterName": "name", "TransitRouterDescription": "description"}
    modify_transit_router(call.actor, edited(row, call, **names), row.revision)
    return {}


@action(CBN, Text("TransitRouterId", required=True), region=None, writes=True, dry_run=True)
def delete_transit_router(call: Call):
    """Delete a transit router without attachments."""
    delete_router(call.actor, router(call))
    return {}


CIDR_SHAPE = {"TransitRouterCidrId": str, "Cidr": str, "Name": str, "Description": str, "PublishCidrRoute": bool}


def cidr_values(block: TransitRouterCidr) -> dict:
    return {
        "TransitRouterCidrId": block.resource_id,
        "Cidr": block.cidr,
        "Name": block.name,
        "Description": block.description,
        "PublishCidrRoute": block.publish_cidr_route,
    }


_FEATURE = (Choice("Key", required=True, options=("Multicast",)), Texts("Value", required=True, most=20))


@action(
    CBN,
    Text("CenId"),
    Text("TransitRouterId"),
    Text("TransitRouterName"),
    Choice("Status", options=("Creating", "Active", "Modifying", "Deleting", "Upgrading")),
    Choice("Type", options=(_ENTERPRISE, "Basic")),
    _TAG,
    Objects("FeatureFilter", fields=_FEATURE, most=10, note="Multicast is the one feature, and none has it"),
    *PAGING,
    region=OPTIONAL_REGION,
    answer=PAGED
    | {
        "TransitRouters": [
            {"TransitRouterId": str, "TransitRouterName": str, "TransitRouterDescription": str, "CenId": str,
             "RegionId": str, "AliUid": int, "Type": str, "Status": str, "SupportMulticast": bool,
             "CreationTime": str, "Tags": [TAG_SHAPE],
             "TransitRouterCidrList": [CIDR_SHAPE]}
        ]
    },
)  # fmt: skip
def list_transit_routers(call: Call):
    """Transit routers by region, CEN instance or ID. One of them is required."""
    if not any(call[name] for name in ("CenId", "TransitRouterId", "RegionId")):
        raise ApiError(ErrorCode.ROUTER_COMBINATION)
    rows = TransitRouter.objects.of(call.account).select_related("cen").prefetch_related("tags", "cidrs")
    rows = narrowed(
        rows, call, CenId="cen__resource_id", TransitRouterId="resource_id", RegionId="region_id",
        TransitRouterName="name",
    )  # fmt: skip
    routers = list(tagged(rows, call["Tag"]).order_by("-id"))
    if call["Type"] == "Basic" or any(
        (feature["Value"] or [""])[0].lower() == "true" for feature in call["FeatureFilter"] or ()
    ):
        routers = []
    # A state follows from the clock, so the database cannot filter by it. The rows are few: one for each region.
    if call["Status"]:
        routers = [row for row in routers if row.status == call["Status"]]
    routers, totals = page(call, routers)
    items = [
        {
            "TransitRouterId": row.resource_id,
            "TransitRouterName": row.name,
            "TransitRouterDescription": row.description,
            "CenId": row.cen.resource_id,
            "RegionId": row.region_id,
            "AliUid": whole_number(call.account.uid),
            "Type": _ENTERPRISE,
            "Status": row.status.value,
            "SupportMulticast": False,
            "CreationTime": iso(row.created_at),
            "Tags": tags(row),
            "TransitRouterCidrList": [cidr_values(block) for block in row.cidrs.all()],
        }
        for row in routers
    ]
    return {"TransitRouters": items, **totals}


@action(
    CBN,
    Flag("SupportMulticast", default=False),
    answer={"AvailableZones": [str], "MasterZones": [str], "SlaveZones": [str], "SupportMulticast": bool},
)
def list_transit_router_available_resource(call: Call):
    """The zones of transit routers in a region."""
    zones = [] if call["SupportMulticast"] else [zone.id for zone in REGIONS[call.region_id].zones]
    # Every zone can be the first or the second one of a transit router's attachment.
    return {"AvailableZones": zones, "MasterZones": zones, "SlaveZones": zones, "SupportMulticast": False}


@action(CBN, region=None, answer={"Enabled": bool})
def check_transit_router_service(call: Call):
    """The service is always activated."""
    return {"Enabled": True}
