"""CBN: VPN attachments of transit routers, their associations and propagations, and grants."""

import copy

from connections.api.actions.lookups import attachment, cen, connection, narrowed, router, table
from connections.api.actions.values import iso, milliseconds, tags
from connections.api.errors import ApiError
from connections.api.registry import (
    CBN,
    OPTIONAL_REGION,
    TAG,
    TAG_SHAPE,
    TOKENED,
    Call,
    Choice,
    Flag,
    Number,
    Objects,
    Text,
    action,
    tag_filters,
    tag_pairs,
    token_page,
    tokens,
)
from connections.domain import limits
from connections.domain.choices import Payer
from connections.models import Attachment, Authorization, Cen, TransitRouter
from connections.numbers import whole_number
from connections.services import attachments, authorizations, links
from connections.wire.codes import ErrorCode

UID_MOST = 10**16 - 1
_TAG = Objects("Tag", fields=TAG, most=limits.MAX_TAGS)
_ID = Text("TransitRouterAttachmentId", required=True)
_TABLE = Text("TransitRouterRouteTableId", required=True)
_NAMES = (Text("TransitRouterAttachmentName"), Text("TransitRouterAttachmentDescription"))
_PAYER = tuple(Payer.values)


def _uid(number: int | None) -> str:
    return "" if number is None else str(number)


# --- attachments -------------------------------------------------------------------------------------------------


def _router(call: Call) -> TransitRouter:
    """The transit router that the request names by its ID, or by its CEN instance and region."""
    if call["TransitRouterId"]:
        named = router(call)
        if call["RegionId"] and named.region_id != call["RegionId"]:
            raise ApiError(ErrorCode.ROUTER_NOT_FOUND)
        if call["CenId"] and named.cen.resource_id != call["CenId"]:
            raise ApiError(ErrorCode.ROUTER_NOT_FOUND)
        return named
    if not call["CenId"]:
        raise ApiError(ErrorCode.ROUTER_COMBINATION)
    if not call["RegionId"]:
        raise ApiError(ErrorCode.MISSING, name="RegionId")
    row = cen(call).transit_routers.filter(region_id=call["RegionId"]).select_related("cen").first()
    if row is None:
        raise ApiError(ErrorCode.ROUTER_NOT_FOUND)
    return row


@action(
    CBN,
    Text("VpnId", required=True, note="the connection"),
    Text("CenId", note="with RegionId, unless TransitRouterId is given"),
    Text("TransitRouterId"),
    Number("VpnOwnerId", most=UID_MOST, note="of a connection of another account, which has granted it"),
    Objects("Zone", note="not of a connection with two tunnels", fields=(Text("ZoneId", required=True),), most=1),
    Flag("AutoPublishRouteEnabled", default=True),
    Choice("ChargeType", options=("POSTPAY",), default="POSTPAY"),
    *_NAMES,
    _TAG,
    region=OPTIONAL_REGION,
    writes=True,
    dry_run=True,
    answer={"TransitRouterAttachmentId": str},
    note="neither associates nor propagates: there is an operation for each",
)
def create_transit_router_vpn_attachment(call: Call):
    """Attach a connection to a transit router. It is attaching for a moment."""
    new = Attachment(
        account=call.account,
        transit_router=_router(call),
        zone=call["Zone"][0]["ZoneId"] if call["Zone"] else "",
        name=call["TransitRouterAttachmentName"] or "",
        description=call["TransitRouterAttachmentDescription"] or "",
        auto_publish_route_enabled=call["AutoPublishRouteEnabled"],
        associate_default_route_table=False,
        propagate_to_default_route_table=False,
    )
    row = attachments.create_attachment(
        call.actor, new, call["VpnId"], _uid(call["VpnOwnerId"]), tag_pairs(call["Tag"])
    )
    return {"TransitRouterAttachmentId": row.resource_id}


@action(
    CBN,
    Text("CenId"),
    Text("TransitRouterId"),
    Text("TransitRouterAttachmentId"),
    _TAG,
    *tokens(),
    region=OPTIONAL_REGION,
    answer=TOKENED
    | {
        "TransitRouterAttachments": [
            {"TransitRouterAttachmentId": str, "TransitRouterAttachmentName": str,
             "TransitRouterAttachmentDescription": str, "VpnId": str, "VpnOwnerId": int, "VpnRegionId": str,
             "CenId": str, "TransitRouterId": str, "ResourceType": str, "Status": str,
             "AutoPublishRouteEnabled": bool, "ChargeType": str, "OrderType": str, "CreationTime": str,
             "Zones": [{"ZoneId": str}], "Tags": [TAG_SHAPE]}
        ]
    },
)  # fmt: skip
def list_transit_router_vpn_attachments(call: Call):
    """The VPN attachments of the account's transit routers, without those that were detached."""
    rows = Attachment.objects.living().filter(account=call.account)
    rows = narrowed(
        rows, call, CenId="transit_router__cen__resource_id", TransitRouterId="transit_router__resource_id",
        TransitRouterAttachmentId="resource_id", RegionId="transit_router__region_id",
    )  # fmt: skip
    for key, value in tag_filters(call["Tag"]):
        rows = rows.filter(**({"tags__key": key} | ({"tags__value": value} if value else {})))
    rows = rows.select_related("connection__account", "transit_router__cen").prefetch_related("tags")
    page, totals = token_page(call, rows)
    items = [
        {
            "TransitRouterAttachmentId": row.resource_id,
            "TransitRouterAttachmentName": row.name,
            "TransitRouterAttachmentDescription": row.description,
            "VpnId": row.connection.resource_id,
            "VpnOwnerId": whole_number(row.connection.account.uid),
            "VpnRegionId": row.connection.region_id,
            "CenId": row.cen.resource_id,
            "TransitRouterId": row.transit_router.resource_id,
            "ResourceType": "VPN",
            "Status": row.status.value,
            "AutoPublishRouteEnabled": row.auto_publish_route_enabled,
            "ChargeType": "POSTPAY",
            "OrderType": row.order_type,
            "CreationTime": iso(row.created_at),
            "Zones": [{"ZoneId": row.zone}] if row.zone else [],
            "Tags": tags(row),
        }
        for row in page
    ]
    return {"TransitRouterAttachments": items, **totals}


@action(
    CBN,
    _ID,
    *_NAMES,
    Flag("AutoPublishRouteEnabled"),
    Choice("OrderType", options=_PAYER),
    region=None,
    writes=True,
    dry_run=True,
)
def update_transit_router_vpn_attachment_attribute(call: Call):
    """Change the name, the description, route synchronization or the payer of an attachment."""
    stored = attachment(call)
    changed = copy.copy(stored)
    for name, field in (
        ("TransitRouterAttachmentName", "name"),
        ("TransitRouterAttachmentDescription", "description"),
        ("AutoPublishRouteEnabled", "auto_publish_route_enabled"),
        ("OrderType", "order_type"),
    ):
        if call[name] is not None:
            setattr(changed, field, call[name])
    attachments.modify_attachment(call.actor, changed, stored.revision)
    return {}


# The codes for what `remains` of an attachment, the one to report first in front.
_REMAINS = {
    "routes": ErrorCode.ENTRY_EXISTS,
    "association": ErrorCode.ASSOCIATION_EXISTS,
    "propagation": ErrorCode.PROPAGATION_EXISTS,
}


@action(CBN, _ID, Flag("Force", default=False), region=None, writes=True, dry_run=True)
def delete_transit_router_vpn_attachment(call: Call):
    """Detach a connection. Force removes its association, propagations and static routes along with it."""
    stored = attachment(call)
    remains = {} if call["Force"] else attachments.remains(stored)
    for link, code in _REMAINS.items():
        if link in remains:
            raise ApiError(code, why=f"{stored.resource_id} still has {remains[link]}. Remove that first.")
    attachments.delete_attachment(call.actor, stored, force=call["Force"])
    return {}


# --- association and propagation ---------------------------------------------------------------------------------


def _link(function):
    return action(CBN, _ID, _TABLE, region=None, writes=True, dry_run=True)(function)


@_link
def associate_transit_router_attachment_with_route_table(call: Call):
    """Look up traffic from the connection in a route table. An attachment is associated with one at most."""
    links.associate(call.actor, attachment(call), table(call))
    return {}


@_link
def dissociate_transit_router_attachment_from_route_table(call: Call):
    """Look up traffic from the connection in no route table."""
    links.dissociate(call.actor, attachment(call), table(call))
    return {}


@_link
def enable_transit_router_route_table_propagation(call: Call):
    """Propagate the connection's routes to a route table."""
    links.propagate(call.actor, attachment(call), table(call))
    return {}


@_link
def disable_transit_router_route_table_propagation(call: Call):
    """Remove the connection's routes from a route table."""
    links.withdraw(call.actor, attachment(call), table(call))
    return {}


# --- grants ------------------------------------------------------------------------------------------------------

_CEN = Text("CenId", required=True)
_INSTANCE = (Text("InstanceId", required=True), Choice("InstanceType", required=True, options=("VPN",)))
_OWNER = Number("CenOwnerId", required=True, most=UID_MOST)
VPN = ("VPN",)


@action(
    CBN,
    _CEN,
    _OWNER,
    *_INSTANCE,
    Choice("OrderType", options=_PAYER, default=Payer.CEN_OWNER.value),
    region=OPTIONAL_REGION,
    writes=True,
)
def grant_instance_to_transit_router(call: Call):
    """Let a CEN instance of another account attach a connection."""
    row = connection(call, "InstanceId")
    authorization = Authorization(
        connection=row, peer_uid=_uid(call["CenOwnerId"]), peer_cen_id=call["CenId"], order_type=call["OrderType"]
    )
    authorizations.authorize(call.actor, authorization)
    return {}


@action(CBN, _CEN, _OWNER, *_INSTANCE, region=OPTIONAL_REGION, writes=True)
def revoke_instance_from_transit_router(call: Call):
    """Revoke a grant that is not in use."""
    row = connection(call, "InstanceId")
    _refuse_unknown_grant(row.authorizations.filter(peer_cen_id=call["CenId"], peer_uid=_uid(call["CenOwnerId"])))
    authorizations.unauthorize(call.actor, row, call["CenId"])
    return {}


def _refuse_unknown_grant(rows) -> None:
    if not rows.exists():
        raise ApiError(ErrorCode.GRANT_NOT_FOUND, why="There is no such grant.")


@action(
    CBN,
    _CEN,
    Text("InstanceId", required=True),
    Choice("OrderType", required=True, options=_PAYER),
    region=OPTIONAL_REGION,
    writes=True,
)
def modify_grant_instance_to_transit_router(call: Call):
    """Agree to another payer."""
    row = connection(call, "InstanceId")
    _refuse_unknown_grant(row.authorizations.filter(peer_cen_id=call["CenId"]))
    authorizations.change_payer(call.actor, row, call["CenId"], call["OrderType"])
    return {}


def _payers(grant: Authorization) -> dict[str, str]:
    """Who pays by the grant, and who pays for the attachment that uses it."""
    attached = grant.connection.living_attachment if grant.in_use else None
    return {"OrderType": grant.order_type, "EffectiveOrderType": (attached or grant).order_type}


@action(
    CBN,
    Text("ResourceId", required=True),
    Choice("ProductType", required=True, options=VPN),
    *tokens(),
    region=OPTIONAL_REGION,
    answer=TOKENED
    | {
        "GrantRules": [
            {"CenId": str, "CenOwnerId": int, "OrderType": str, "EffectiveOrderType": str, "CreateTime": str}
        ]
    },
)
def describe_grant_rules_to_resource(call: Call):
    """The CEN instances that may attach a connection."""
    row = connection(call, "ResourceId")
    grants, totals = token_page(call, row.authorizations.all())
    items = []
    for grant in grants:
        grant.connection = row
        items.append(
            {
                "CenId": grant.peer_cen_id,
                "CenOwnerId": whole_number(grant.peer_uid),
                "CreateTime": iso(grant.created_at),
                **_payers(grant),
            }
        )
    return {"GrantRules": items, **totals}


@action(
    CBN,
    _CEN,
    Choice("ProductType", required=True, options=VPN),
    Text("ChildInstanceId"),
    Number("ChildInstanceOwnerId", most=UID_MOST),
    *tokens(),
    region=OPTIONAL_REGION,
    answer=TOKENED
    | {
        "GrantRules": {
            "GrantRule": [
                {"CenId": str, "CenOwnerId": int, "ChildInstanceId": str, "ChildInstanceOwnerId": int,
                 "ChildInstanceRegionId": str, "ChildInstanceType": str, "OrderType": str,
                 "EffectiveOrderType": str, "CreateTime": int}
            ]
        }
    },
)  # fmt: skip
def describe_grant_rules_to_cen(call: Call):
    """The connections of other accounts that a CEN instance may attach."""
    own: Cen = cen(call)
    rows = Authorization.objects.filter(peer_cen_id=own.resource_id, peer_uid=call.account.uid)
    for name, field in (
        ("ChildInstanceId", "connection__resource_id"),
        ("RegionId", "connection__region_id"),
    ):
        if call[name]:
            rows = rows.filter(**{field: call[name]})
    if call["ChildInstanceOwnerId"] is not None:
        rows = rows.filter(connection__account__uid=_uid(call["ChildInstanceOwnerId"]))
    rows = rows.select_related(
        "connection__account", "connection__attachment__account", "connection__attachment__transit_router__cen"
    )
    grants, totals = token_page(call, rows)
    items = [
        {
            "CenId": own.resource_id,
            "CenOwnerId": whole_number(call.account.uid),
            "ChildInstanceId": grant.connection.resource_id,
            "ChildInstanceOwnerId": whole_number(grant.connection.account.uid),
            "ChildInstanceRegionId": grant.connection.region_id,
            "ChildInstanceType": "VPN",
            "CreateTime": milliseconds(grant.created_at),
            **_payers(grant),
        }
        for grant in grants
    ]
    return {"GrantRules": {"GrantRule": items}, **totals}
