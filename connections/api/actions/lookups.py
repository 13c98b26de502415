"""The rows of the account that a request names by ID, or the error code for rows that are not there."""

import re
from typing import TypeVar

from django.db.models import Model, QuerySet

from connections.api.errors import ApiError
from connections.api.registry import Call, invalid
from connections.models import (
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    ResourceGroup,
    RouteTable,
    TransitRouter,
    TransitRouterCidr,
)
from connections.wire.codes import ErrorCode

# Blank, or a word: IDs of other kinds of resources find nothing.
_ID = re.compile(r"[A-Za-z0-9_:-]*")

Row = TypeVar("Row", bound=Model)
Rows = TypeVar("Rows", bound=QuerySet)


def gateway(call: Call, resource_id: str = "") -> CustomerGateway:
    """The customer gateway with this ID, or else the one that the request names, in its region."""
    rows = CustomerGateway.objects.of(call.account).filter(region_id=call.region_id)
    return _first(
        rows.select_related("resource_group"), resource_id or call["CustomerGatewayId"], ErrorCode.GATEWAY_NOT_FOUND
    )


def connection(call: Call, name: str = "VpnConnectionId") -> Connection:
    """The connection that the request names, with its parts."""
    rows = Connection.objects.of(call.account)
    if region_id := call.values.get("RegionId"):
        rows = rows.filter(region_id=region_id)
    return _first(rows.with_parts(), call[name], ErrorCode.CONNECTION_NOT_FOUND)


def cen(call: Call, name: str = "CenId") -> Cen:
    return _first(Cen.objects.of(call.account), call[name], ErrorCode.CEN_NOT_FOUND)


def router(call: Call) -> TransitRouter:
    rows = TransitRouter.objects.of(call.account).select_related("cen")
    return _first(rows, call["TransitRouterId"], ErrorCode.ROUTER_NOT_FOUND)


def router_in_region(call: Call) -> TransitRouter:
    """The transit router that the request names, in its region."""
    rows = TransitRouter.objects.of(call.account).filter(region_id=call.region_id).select_related("cen")
    return _first(rows, call["TransitRouterId"], ErrorCode.ROUTER_NOT_FOUND)


def router_cidr(call: Call) -> TransitRouterCidr:
    """The CIDR block that the request names, of its transit router."""
    rows = TransitRouterCidr.objects.filter(transit_router=router_in_region(call)).select_related("transit_router__cen")
    return _first(rows, call["TransitRouterCidrId"], ErrorCode.CIDR_NOT_FOUND)


def table(call: Call) -> RouteTable:
    """The route table that the request names."""
    rows = RouteTable.objects.of(call.account).select_related("transit_router__cen")
    return _first(rows, call["TransitRouterRouteTableId"], ErrorCode.TABLE_NOT_FOUND)


def attachment(call: Call) -> Attachment:
    """The attachment that the request names, of a transit router of the account."""
    rows = Attachment.objects.living().filter(account=call.account)
    rows = rows.select_related("connection__account", "account", "transit_router__cen")
    return _first(rows, call["TransitRouterAttachmentId"], ErrorCode.ATTACHMENT_NOT_FOUND)


def group(call: Call, name: str = "ResourceGroupId") -> ResourceGroup:
    """The resource group that the request names."""
    return _first(ResourceGroup.objects.filter(account=call.account), call[name], ErrorCode.GROUP_NOT_FOUND)


def group_if_named(call: Call) -> ResourceGroup | None:
    """The resource group that the request names, or None if it names none."""
    return group(call) if call["ResourceGroupId"] else None


def _first(rows: QuerySet[Row], resource_id: str, code: ErrorCode) -> Row:
    row = rows.filter(resource_id=resource_id).first()
    if row is None:
        raise ApiError(code)
    return row


def narrowed(rows: Rows, call: Call, **fields: str) -> Rows:
    """Filter rows by the parameters that were sent: `CustomerGatewayId="resource_id"`. Refuse lists in place of IDs."""
    for name, field in fields.items():
        if field.endswith("resource_id") and not _ID.fullmatch(call[name] or ""):
            raise invalid(name, "is one ID.")
    return rows.filter(**{field: call[name] for name, field in fields.items() if call[name]})
