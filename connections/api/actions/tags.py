"""Tags of resources. Each product changes the tags of its own resources."""

from connections.api.errors import ApiError
from connections.api.registry import (
    CBN,
    OPTIONAL_REGION,
    REGION,
    TAG,
    VPC,
    Call,
    Choice,
    Flag,
    Number,
    Objects,
    Text,
    Texts,
    action,
    tag_filters,
    tag_pairs,
    tokens,
)
from connections.domain import limits
from connections.models import Attachment, Cen, Connection, CustomerGateway, RouteTable, Tag, TransitRouter
from connections.numbers import whole_number
from connections.services.tags import change_tags
from connections.wire.codes import ErrorCode
from connections.wire.operations import UNTAG, Product, ResourceType

Kind = type[Connection] | type[CustomerGateway] | type[Cen] | type[TransitRouter] | type[RouteTable] | type[Attachment]

_KINDS: dict[Product, dict[ResourceType, Kind]] = {
    VPC: {
        ResourceType.VPN_ATTACHMENT: Connection,
        ResourceType.VPN_CONNECTION: Connection,
        ResourceType.CUSTOMER_GATEWAY: CustomerGateway,
    },
    CBN: {
        ResourceType.CEN: Cen,
        ResourceType.TRANSIT_ROUTER: TransitRouter,
        ResourceType.TRANSIT_ROUTER_ROUTE_TABLE: RouteTable,
        ResourceType.TRANSIT_ROUTER_VPN_ATTACHMENT: Attachment,
    },
}
_LINKS: dict[Kind, str] = {
    Connection: "connection",
    CustomerGateway: "customer_gateway",
    Cen: "cen",
    TransitRouter: "transit_router",
    RouteTable: "route_table",
    Attachment: "attachment",
}
# Of the two types of a connection, answers have the first.
_TYPES: dict[Kind, ResourceType] = {
    Connection: ResourceType.VPN_ATTACHMENT,
    CustomerGateway: ResourceType.CUSTOMER_GATEWAY,
    Cen: ResourceType.CEN,
    TransitRouter: ResourceType.TRANSIT_ROUTER,
    RouteTable: ResourceType.TRANSIT_ROUTER_ROUTE_TABLE,
    Attachment: ResourceType.TRANSIT_ROUTER_VPN_ATTACHMENT,
}
RESOURCES = 50


def _type(version: Product) -> Choice:
    return Choice("ResourceType", required=True, options=tuple(_KINDS[version]))


def _ids(required: bool) -> Texts:
    return Texts("ResourceId", required=required, most=RESOURCES)


def _kind(call: Call) -> Kind:
    return _KINDS[call.action.version][ResourceType(call["ResourceType"])]


def _resources(call: Call) -> list:
    """The resources that the request names, in its order. Refuse the whole request if one does not exist."""
    kind, resource_ids = _kind(call), list(dict.fromkeys(call["ResourceId"]))
    # Only customer gateways and connections are looked for in the region of the request.
    region = {"region_id": call.region_id} if kind in (Connection, CustomerGateway) else {}
    rows = kind.objects.filter(account=call.account, resource_id__in=resource_ids, **region)
    by_id = {row.resource_id: row for row in rows}
    for resource_id in resource_ids:
        if resource_id not in by_id:
            raise ApiError(ErrorCode.RESOURCE_NOT_FOUND, what=resource_id[:64])
    return [by_id[resource_id] for resource_id in resource_ids]


def _tag_resources(call: Call) -> dict:
    pairs = tag_pairs(call["Tag"])
    if len({key for key, _ in pairs}) < len(pairs):
        raise ApiError(ErrorCode.DUPLICATE_TAG, why="Each key may appear once.")
    change_tags(call.actor, _resources(call), lambda before: before | dict(pairs))
    return {}


def _un_tag_resources(call: Call) -> dict:
    keys = call["TagKey"]
    if not keys and not call["All"]:
        raise ApiError(ErrorCode.MISSING, name="TagKey")

    def without(before: dict[str, str]) -> dict[str, str]:
        return {} if not keys else {key: value for key, value in before.items() if key not in keys}

    change_tags(call.actor, _resources(call), without)
    return {}


def _list_tag_resources(call: Call) -> dict:
    if not call["ResourceId"] and not call["Tag"]:
        raise ApiError(ErrorCode.MISSING, name="ResourceId")
    kind, size = _kind(call), call["MaxResults" if "MaxResults" in call.values else "PageSize"]
    link = _LINKS[kind]
    rows = Tag.objects.filter(account=call.account, **{f"{link}__isnull": False}).select_related(link)
    if kind in (Connection, CustomerGateway):
        rows = rows.filter(**{f"{link}__region_id": call.region_id})
    if call["ResourceId"]:
        rows = rows.filter(**{f"{link}__resource_id__in": call["ResourceId"]})
    for key, value in tag_filters(call["Tag"]):
        pair = {"key": key} | ({"value": value} if value else {})
        rows = rows.filter(**{f"{link}__in": Tag.objects.filter(account=call.account, **pair).values(link)})
    if call["NextToken"]:
        after = whole_number(call["NextToken"])
        if after is None:
            raise ApiError(ErrorCode.NEXT_TOKEN)
        rows = rows.filter(pk__gt=after)
    tags = list(rows.order_by("pk")[: size + 1])
    items = [
        {
            "ResourceId": getattr(tag, link).resource_id,
            "ResourceType": _TYPES[kind],
            "TagKey": tag.key,
            "TagValue": tag.value,
        }
        for tag in tags[:size]
    ]
    return {
        "NextToken": str(tags[size - 1].pk) if len(tags) > size else "",
        "TagResources": {"TagResource": items},
    }


_LISTED = {
    "NextToken": str,
    "TagResources": {
        "TagResource": [{"ResourceId": str, "ResourceType": str, "TagKey": str, "TagValue": str}],
    },
}
_KEYS = Texts("TagKey", most=limits.MAX_TAGS)
_ALL = Flag("All", default=False, note="removes every tag if no key is named")


def _declare(version: Product, region: Text) -> None:
    """Declare the three operations, which differ between the products in their resources alone."""

    def tag_resources(call: Call):
        """Add tags to resources. A key that exists gets the new value."""
        return _tag_resources(call)

    def un_tag_resources(call: Call):
        """Remove tags from resources: by key, or all."""
        return _un_tag_resources(call)

    def list_tag_resources(call: Call):
        """Tags by resource, or resources by tag."""
        return _list_tag_resources(call)

    rows = Objects("Tag", fields=TAG, most=limits.MAX_TAGS)
    required = Objects("Tag", required=True, fields=(Text("Key", required=True), Text("Value")), most=limits.MAX_TAGS)
    paging = tokens(50, 50) if version == VPC else (_PAGE_SIZE, Text("NextToken"))
    action(version, _type(version), _ids(True), required, region=region, writes=True)(tag_resources)
    action(
        version, _type(version), _ids(True), _KEYS, _ALL, region=region, writes=True, limit=300, name=UNTAG[version]
    )(un_tag_resources)
    action(version, _type(version), _ids(False), rows, *paging, region=region, answer=_LISTED, limit=300)(
        list_tag_resources
    )


_PAGE_SIZE = Number("PageSize", least=1, most=50, default=50)
_declare(VPC, REGION)
_declare(CBN, OPTIONAL_REGION)
