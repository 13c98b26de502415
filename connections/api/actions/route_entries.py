"""CBN: entries of a transit router's default route table, made by hand or propagated."""

import hashlib

from connections import ids, routing
from connections.api import codec
from connections.api.actions.found import iso, router_of_table
from connections.api.errors import ApiError, Wire
from connections.api.registry import CBN, TOKENED, Call, Choice, Many, Rows, Text, action, tokens
from connections.models import Attachment, RouteEntry, TransitRouter
from connections.routing import Entry
from connections.services.route_entries import create_route_entry, delete_route_entry

_TABLE = Text("TransitRouterRouteTableId", required=True)
_PREFIX = "TransitRouterRouteEntry"
_DESTINATION = f"{_PREFIX}DestinationCidrBlock"
BLACK_HOLE, TO_ATTACHMENT = "BlackHole", "Attachment"
# The blocks of the transit router itself lead to no attachment; the product does not say how it calls that.
TO_ROUTER = "TransitRouter"


@action(
    CBN,
    _TABLE,
    Text(_DESTINATION, required=True),
    Choice(f"{_PREFIX}NextHopType", required=True, options=(BLACK_HOLE, TO_ATTACHMENT)),
    Text(f"{_PREFIX}NextHopId", note="the attachment, unless the next hop is a black hole"),
    Text(f"{_PREFIX}Name"),
    Text(f"{_PREFIX}Description"),
    region=None,
    writes=True,
    dry_run=True,
    answer={f"{_PREFIX}Id": str},
)
def create_transit_router_route_entry(call: Call):
    """Send a destination to an attachment, or nowhere."""
    router, attachment = router_of_table(call), None
    if call[f"{_PREFIX}NextHopType"] == TO_ATTACHMENT:
        if not call[f"{_PREFIX}NextHopId"]:
            raise ApiError(Wire.MISSING, name=f"{_PREFIX}NextHopId")
        rows = Attachment.objects.living().filter(transit_router=router, resource_id=call[f"{_PREFIX}NextHopId"])
        attachment = rows.first()
        if attachment is None:
            raise ApiError(Wire.ATTACHMENT_NOT_FOUND)
    wanted = RouteEntry(
        transit_router=router,
        destination=call[_DESTINATION],
        attachment=attachment,
        name=call[f"{_PREFIX}Name"] or "",
        description=call[f"{_PREFIX}Description"] or "",
    )
    return {f"{_PREFIX}Id": create_route_entry(call.actor, wanted).resource_id}


@action(
    CBN,
    Text(f"{_PREFIX}Id", note="or the table with destination and next hop"),
    Text("TransitRouterRouteTableId"),
    Text(_DESTINATION),
    Choice(f"{_PREFIX}NextHopType", options=(BLACK_HOLE, TO_ATTACHMENT)),
    Text(f"{_PREFIX}NextHopId"),
    region=None,
    writes=True,
    dry_run=True,
)
def delete_transit_router_route_entry(call: Call):
    """Take a static entry away."""
    rows = RouteEntry.objects.filter(transit_router__account=call.account).select_related("transit_router")
    named = False
    for name, field in (
        (f"{_PREFIX}Id", "resource_id"),
        ("TransitRouterRouteTableId", "transit_router__route_table_id"),
        (_DESTINATION, "destination"),
        (f"{_PREFIX}NextHopId", "attachment__resource_id"),
    ):
        if call[name]:
            rows, named = rows.filter(**{field: call[name]}), named or name in (f"{_PREFIX}Id", _DESTINATION)
    if not named:
        raise ApiError(Wire.MISSING, name=f"{_PREFIX}Id")
    if call[f"{_PREFIX}NextHopType"]:
        rows = rows.filter(attachment__isnull=call[f"{_PREFIX}NextHopType"] == BLACK_HOLE)
    found = list(rows[:2])
    if len(found) != 1:
        raise ApiError(Wire.ENTRY_NOT_FOUND)
    delete_route_entry(call.actor, found[0])
    return {}


_PATH = {"AsPaths": [str], "Communities": [str], "OriginInstanceId": str, "OriginInstanceType": str,
         "OriginRouteType": str, "Preference": int}  # fmt: skip


@action(
    CBN,
    _TABLE,
    Text(_DESTINATION),
    Many(f"{_PREFIX}Ids", most=20),
    Many(f"{_PREFIX}Names", most=20),
    Choice(f"{_PREFIX}Status", options=("Active", "Standby", "Rejected", "Prohibited", "Candidate", "Creating",
                                        "Deleting")),
    Choice(f"{_PREFIX}Type", options=("Static", "Propagated")),
    Choice(f"{_PREFIX}NextHopType", options=(BLACK_HOLE, TO_ATTACHMENT, TO_ROUTER)),
    Text(f"{_PREFIX}NextHopId"),
    Text(f"{_PREFIX}NextHopResourceId"),
    Text(f"{_PREFIX}NextHopResourceType"),
    Text(f"{_PREFIX}OriginResourceId"),
    Text(f"{_PREFIX}OriginResourceType"),
    Text("PrefixListId", note="there are none, so nothing is found by one"),
    Rows("RouteFilter", fields=(Text("Key"), Many("Value", most=20)), most=10, note="DestinationCidrBlock is the one "
         "key that is read"),
    *tokens(),
    region=None,
    answer=TOKENED
    | {
        "TransitRouterRouteEntries": [
            {f"{_PREFIX}Id": str, f"{_PREFIX}Name": str, f"{_PREFIX}Description": str, _DESTINATION: str,
             f"{_PREFIX}Status": str, f"{_PREFIX}Type": str, f"{_PREFIX}NextHopType": str,
             f"{_PREFIX}NextHopId": str, f"{_PREFIX}NextHopResourceId": str, f"{_PREFIX}NextHopResourceType": str,
             f"{_PREFIX}OriginResourceId": str, f"{_PREFIX}OriginResourceType": str, "CreateTime": str,
             "OperationalMode": bool, "PathAttributes": _PATH, "PrefixListId": str, "Tag": str}
        ]
    },
)  # fmt: skip
def list_transit_router_route_entries(call: Call):
    """The route table as it stands: static entries, the transit router's own blocks, what attachments propagate."""
    router = router_of_table(call)
    items = [_item(router, entry) for entry in routing.table(router, routing.living(router))]
    for name in ("Status", "Type", "NextHopType", "NextHopId", "NextHopResourceId", "NextHopResourceType",
                 "OriginResourceId", "OriginResourceType", "DestinationCidrBlock"):  # fmt: skip
        if wanted := call[f"{_PREFIX}{name}"]:
            items = [item for item in items if item[f"{_PREFIX}{name}"] == wanted]
    for name in ("Id", "Name"):
        if wanted := call[f"{_PREFIX}{name}s"]:
            items = [item for item in items if item[f"{_PREFIX}{name}"] in wanted]
    for one in call["RouteFilter"] or ():
        if one["Key"] == "DestinationCidrBlock":
            items = [item for item in items if item[_DESTINATION] in (one["Value"] or ())]
    if call["PrefixListId"]:
        items = []
    # The table is derived, so a token counts entries.
    token = call["NextToken"] or "0"
    start, size = codec.integer(token), call["MaxResults"]
    if start is None or start < 0 or start > 10**6:
        raise ApiError(Wire.NEXT_TOKEN)
    more = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return {
        "TransitRouterRouteEntries": items[start : start + size],
        "MaxResults": size,
        "TotalCount": len(items),
        **more,
    }


def _item(router: TransitRouter, entry: Entry) -> dict:
    attachment = entry.attachment
    if attachment is not None:
        kind, next_hop, resource, resource_type = (
            TO_ATTACHMENT, attachment.resource_id, attachment.connection.resource_id, "VPN",
        )  # fmt: skip
    elif entry.is_black_hole:
        kind, next_hop, resource, resource_type = BLACK_HOLE, "", "", ""
    else:
        kind, next_hop, resource, resource_type = TO_ROUTER, router.resource_id, router.resource_id, "TR"
    made = entry.row.created_at if entry.row else (attachment or router).created_at
    return {
        f"{_PREFIX}Id": entry.row.resource_id if entry.row else _derived_id(router, entry),
        f"{_PREFIX}Name": entry.row.name if entry.row else "",
        f"{_PREFIX}Description": entry.row.description if entry.row else "",
        _DESTINATION: entry.destination,
        f"{_PREFIX}Status": entry.status.value,
        f"{_PREFIX}Type": entry.type.value,
        f"{_PREFIX}NextHopType": kind,
        f"{_PREFIX}NextHopId": next_hop,
        f"{_PREFIX}NextHopResourceId": resource,
        f"{_PREFIX}NextHopResourceType": resource_type,
        f"{_PREFIX}OriginResourceId": resource,
        f"{_PREFIX}OriginResourceType": resource_type,
        "CreateTime": iso(made),
        "OperationalMode": False,
        "PathAttributes": {
            "AsPaths": [],
            "Communities": [],
            "OriginInstanceId": resource,
            "OriginInstanceType": resource_type,
            "OriginRouteType": entry.type.value,
            "Preference": 0,
        },
        "PrefixListId": "",
        "Tag": "",
    }


def _derived_id(router: TransitRouter, entry: Entry) -> str:
    """An ID that a derived entry has every time one looks: from what makes it that entry."""
    facts = (router.route_table_id, entry.destination, entry.attachment.resource_id if entry.attachment else "")
    number = int.from_bytes(hashlib.sha256(" ".join(facts).encode()).digest()[:16])
    letters = [ids.ALPHABET[number // 36**place % 36] for place in range(18)]
    return f"rte-{''.join(letters)}"
