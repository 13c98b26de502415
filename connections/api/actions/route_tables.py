"""CBN: route tables of transit routers, their associations and their propagations."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from connections.api.actions import lookups
from connections.api.actions.values import iso, tags
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
    Parameter,
    Text,
    Texts,
    action,
    tag_pairs,
    tagged,
    token_page,
    tokens,
)
from connections.domain import limits
from connections.domain.choices import CenStatus, TableType
from connections.models import Attachment, Propagation, RouteTable
from connections.models.attachments import finished
from connections.models.base import under_way
from connections.numbers import whole_number
from connections.services import route_tables as services
from connections.wire.codes import ErrorCode

_TABLE = "TransitRouterRouteTable"
_TAG = Objects("Tag", fields=TAG, most=limits.MAX_TAGS)
_NAMES = (Text(f"{_TABLE}Name"), Text(f"{_TABLE}Description"))
# The vendor's word for a state that no route table has here: it is deleted at once.
_DELETING = "Deleting"


@action(
    CBN,
    Text("TransitRouterId", required=True),
    *_NAMES,
    _TAG,
    Ignored("RouteTableOptions"),
    region=None,
    writes=True,
    dry_run=True,
    answer={f"{_TABLE}Id": str},
)
def create_transit_router_route_table(call: Call):
    """Create a custom route table, which takes a moment."""
    new = RouteTable(
        account=call.account,
        transit_router=lookups.router(call),
        name=call[f"{_TABLE}Name"] or "",
        description=call[f"{_TABLE}Description"] or "",
    )
    return {f"{_TABLE}Id": services.create_route_table(call.actor, new, tag_pairs(call["Tag"])).resource_id}


@action(
    CBN,
    Text(f"{_TABLE}Id", required=True),
    *_NAMES,
    Ignored("RouteTableOptions"),
    region=None,
    writes=True,
    dry_run=True,
)
def update_transit_router_route_table(call: Call):
    """Change the name and the description of a route table."""
    stored = lookups.table(call)
    changed = copy.copy(stored)
    for name, field in ((f"{_TABLE}Name", "name"), (f"{_TABLE}Description", "description")):
        if call[name] is not None:
            setattr(changed, field, call[name])
    services.modify_route_table(call.actor, changed, stored.revision)
    return {}


# The codes for what a route table is used for, the one to report first in front.
_USES = {
    "association": ErrorCode.ASSOCIATION_EXISTS,
    "propagation": ErrorCode.PROPAGATION_EXISTS,
    "routes": ErrorCode.ENTRY_EXISTS,
}


@action(CBN, Text(f"{_TABLE}Id", required=True), region=None, writes=True, dry_run=True)
def delete_transit_router_route_table(call: Call):
    """Delete a custom route table that has no associations, propagations and static entries."""
    stored = lookups.table(call)
    uses = {} if stored.is_default else services.uses(stored)
    for use, code in _USES.items():
        if use in uses:
            raise ApiError(code, why=f"{stored.resource_id} still has {uses[use]}. Remove them first.")
    services.delete_route_table(call.actor, stored)
    return {}


@action(
    CBN,
    Text("TransitRouterId"),
    Texts(f"{_TABLE}Ids", most=20),
    Texts(f"{_TABLE}Names", most=20),
    Choice(f"{_TABLE}Type", options=tuple(TableType.values)),
    Choice(f"{_TABLE}Status", options=(*CenStatus.values, _DELETING)),
    _TAG,
    Ignored("RouteTableOptions"),
    *tokens(),
    region=None,
    answer=TOKENED
    | {
        f"{_TABLE}s": [
            {f"{_TABLE}Id": str, f"{_TABLE}Name": str, f"{_TABLE}Description": str, f"{_TABLE}Status": str,
             f"{_TABLE}Type": str, "CreateTime": str, "RegionId": str, "TransitRouterId": str,
             "RouteTableOptions": {"MultiRegionECMP": str}, "Tags": [TAG_SHAPE]}
        ]
    },
)  # fmt: skip
def list_transit_router_route_tables(call: Call):
    """The route tables of a transit router, or those with certain IDs."""
    if not call["TransitRouterId"] and not call[f"{_TABLE}Ids"]:
        raise ApiError(ErrorCode.TABLE_COMBINATION)
    rows = RouteTable.objects.of(call.account)
    if call["TransitRouterId"]:
        rows = rows.filter(transit_router=lookups.router(call))
    for name, field in ((f"{_TABLE}Ids", "resource_id"), (f"{_TABLE}Names", "name")):
        if call[name]:
            rows = rows.filter(**{f"{field}__in": call[name]})
    if call[f"{_TABLE}Type"]:
        rows = rows.filter(is_default=call[f"{_TABLE}Type"] == TableType.SYSTEM)
    if status := call[f"{_TABLE}Status"]:
        is_under_way = under_way() & Q(transition=CenStatus.CREATING)
        rows = rows.filter(is_under_way) if status == CenStatus.CREATING else rows.exclude(is_under_way)
        rows = rows.none() if status == _DELETING else rows
    rows = tagged(rows, call["Tag"]).select_related("transit_router").prefetch_related("tags")
    page, totals = token_page(call, rows)
    items = [
        {
            f"{_TABLE}Id": row.resource_id,
            f"{_TABLE}Name": row.name,
            f"{_TABLE}Description": row.description,
            f"{_TABLE}Status": row.status.value,
            f"{_TABLE}Type": row.type.value,
            "CreateTime": iso(row.created_at),
            "RegionId": row.region_id,
            "TransitRouterId": row.transit_router.resource_id,
            "RouteTableOptions": {"MultiRegionECMP": "disable"},
            "Tags": tags(row),
        }
        for row in page
    ]
    return {f"{_TABLE}s": items, **totals}


# --- associations and propagations ---------------------------------------------------------------------------------

_OF = "TransitRouterAttachment"
_VPN = "VPN"
_LINK = {f"{_OF}Id": str, f"{_TABLE}Id": str, "ResourceId": str, "ResourceType": str, "Status": str}
_ACTIVE = "Active"
# The words for the links of an attachment that is being attached, and words for links that are removed at once here.
_ASSOCIATING, _DISSOCIATING = "Associating", "Dissociating"
_ENABLING, _DISABLING = "Enabling", "Disabling"
_NONE = Q(pk__in=())


def _filters(*statuses: str) -> tuple[Parameter, ...]:
    return (
        Text(f"{_TABLE}Id"),
        Text(f"{_OF}Id"),
        Text(f"{_OF}ResourceId", note="the connection"),
        Choice(f"{_OF}ResourceType", options=(_VPN, "VPC", "VBR", "TR", "CCN", "ECR"), note="only VPN is found"),
        Choice("Status", options=(_ACTIVE, *statuses)),
        *tokens(),
    )


def _wanted(call: Call, moving: str, path: str = "") -> Q:
    """Match attachments, reached by a path of relations, that the filters let through. `moving`: see `_links`."""
    wanted = Q(**{f"{path}account": call.account}) & ~finished(path)
    for name, field in ((f"{_OF}Id", "resource_id"), (f"{_OF}ResourceId", "connection__resource_id")):
        if call[name]:
            wanted &= Q(**{f"{path}{field}": call[name]})
    if call["Status"]:
        wanted &= {_ACTIVE: ~under_way(path), moving: under_way(path)}.get(call["Status"], _NONE)
    return wanted if call[f"{_OF}ResourceType"] in (None, _VPN) else _NONE


# The rows of links, and what a row says: the attachment and the route table.
_Source = tuple[QuerySet, Callable[[Any], tuple[Attachment, RouteTable]]]


def _links(call: Call, moving: str, sources: Sequence[_Source]) -> tuple[list[dict], dict]:
    """A page of links, newest first in each source, and the totals. A link is `moving` while its attachment is.

    A token is the number of a source and the key of a row in it.
    """
    size, (number, after) = call["MaxResults"], _place(call["NextToken"])
    places: list[tuple[int, int]] = []
    items: list[dict[str, str]] = []
    for at, (rows, ends) in enumerate(sources):
        rest = rows.filter(pk__lt=after) if at == number and after is not None else rows
        for row in rest.order_by("-pk")[: size + 1 - len(items)] if at >= number else ():
            attachment, table = ends(row)
            places.append((at, row.pk))
            items.append(
                {
                    f"{_OF}Id": attachment.resource_id,
                    f"{_TABLE}Id": table.resource_id,
                    "ResourceId": attachment.connection.resource_id,
                    "ResourceType": _VPN,
                    "Status": moving if attachment.under_way else _ACTIVE,
                }
            )
    more = {"NextToken": "~".join(map(str, places[size - 1]))} if len(items) > size else {}
    total = sum(rows.count() for rows, _ends in sources)
    return items[:size], {"MaxResults": size, "TotalCount": total, **more}


def _place(token: str | None) -> tuple[int, int | None]:
    """Parse a token into the number of a source and the key of a row, after which the list goes on."""
    if not token:
        return 0, None
    number, _tilde, key = token.partition("~")
    places = whole_number(number), whole_number(key)
    if places[0] is None or places[1] is None:
        raise ApiError(ErrorCode.NEXT_TOKEN)
    return places[0], places[1]


def _named_table(call: Call, path: str) -> Q:
    """Match route tables, reached by a path of relations, that the request asks for: by ID, or all."""
    return Q(**{f"{path}resource_id": call[f"{_TABLE}Id"]}) if call[f"{_TABLE}Id"] else Q()


def _linked_to_default(call: Call, moving: str, **linked: bool) -> QuerySet[Attachment]:
    """The attachments with one of the switches that link them to the default route table of their transit router."""
    rows = Attachment.objects.filter(_wanted(call, moving), **linked)
    if call[f"{_TABLE}Id"]:
        # Read beforehand: with a subquery, PostgreSQL would read and sort all attachments of the transit router.
        default = RouteTable.objects.filter(_named_table(call, ""), account=call.account, is_default=True)
        rows = rows.filter(transit_router__in=list(default.values_list("transit_router", flat=True)))
    return rows.select_related("connection").prefetch_related("transit_router__route_tables")


@action(
    CBN,
    *_filters(_ASSOCIATING, _DISSOCIATING),
    region=None,
    answer=TOKENED | {"TransitRouterAssociations": [_LINK]},
)
def list_transit_router_route_table_associations(call: Call):
    """Which attachments are associated with which route tables."""
    custom = Attachment.objects.filter(
        _wanted(call, _ASSOCIATING), _named_table(call, "custom_table__"), custom_table__isnull=False
    ).select_related("connection", "custom_table")
    sources: list[_Source] = [
        (
            _linked_to_default(call, _ASSOCIATING, associate_default_route_table=True),
            lambda attachment: (attachment, attachment.transit_router.default_table),
        ),
        (custom, lambda attachment: (attachment, attachment.custom_table)),
    ]
    items, totals = _links(call, _ASSOCIATING, sources)
    return {"TransitRouterAssociations": items, **totals}


@action(
    CBN,
    *_filters(_ENABLING, _DISABLING),
    region=None,
    answer=TOKENED | {"TransitRouterPropagations": [_LINK]},
)
def list_transit_router_route_table_propagations(call: Call):
    """Which attachments propagate their routes to which route tables."""
    custom = Propagation.objects.filter(
        _wanted(call, _ENABLING, "attachment__"), _named_table(call, "route_table__")
    ).select_related("attachment__connection", "route_table")
    sources: list[_Source] = [
        (
            _linked_to_default(call, _ENABLING, propagate_to_default_route_table=True),
            lambda attachment: (attachment, attachment.transit_router.default_table),
        ),
        (custom, lambda propagation: (propagation.attachment, propagation.route_table)),
    ]
    items, totals = _links(call, _ENABLING, sources)
    return {"TransitRouterPropagations": items, **totals}
