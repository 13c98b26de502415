"""The recipes that repeat a recorded operation, made from its event and from the rows that still exist."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from connections.as_code import recipes
from connections.as_code.steps import Declaration, Fields, Object, Parameters, Recipe, Step, Value
from connections.domain import sections
from connections.domain.choices import Outcome, RoutingMode
from connections.domain.parsing import ANYWHERE
from connections.models import (
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    Event,
    Route,
    RouteTable,
    TransitRouter,
    TransitRouterCidr,
)
from connections.wire import groups
from connections.wire.operations import UNTAG, Operation, Product, ResourceType

VPC, CBN = Product

Row = TypeVar("Row", CustomerGateway, Cen, TransitRouter, RouteTable)
Reader = Callable[[Event], Recipe | None]


def recipe_of(event: Event) -> Recipe | None:
    """The recipe of an operation that succeeded; None if it has no recipe, or its resource is gone."""
    reader = _READERS.get(event.operation)
    return reader(event) if reader and event.outcome == Outcome.SUCCESS else None


def _pairs(row: Connection | CustomerGateway | Cen | TransitRouter | RouteTable) -> list[tuple[str, str]]:
    return [(tag.key, tag.value) for tag in row.tags.all()]


def _own(model: type[Row], event: Event) -> Row | None:
    """The resource of an event, if it still exists."""
    return model.objects.of(event.account).filter(resource_id=event.resource_id).first()


def _connection(event: Event, resource_id: str) -> Connection | None:
    return Connection.objects.of(event.account).with_parts().filter(resource_id=resource_id).first()


def _now(event: Event, resource_id: str) -> Sequence[Declaration]:
    """The declarations of a connection as it is now."""
    row = _connection(event, resource_id)
    if row is None:
        return []
    return recipes.connection(row, row.tunnels.all(), None, _pairs(row)).declarations


def _recipe(event: Event, *steps: Step, declarations: Sequence[Declaration] = ()) -> Recipe | None:
    return Recipe(event.region_id, steps, declarations) if steps else None


# --- connections ---------------------------------------------------------------------------------------------------


def _connection_created(event: Event) -> Recipe | None:
    row = _connection(event, event.resource_id)
    if row is None:
        return None
    attachment = row.living_attachment if "transit_router" in event.facts else None
    return recipes.connection(row, row.tunnels.all(), attachment, _pairs(row))


def _values_after(event: Event) -> dict[int, dict[str, object]]:
    """What an event changed, by tunnel; 0: in the connection itself."""
    values: dict[int, dict[str, object]] = {}
    for key, fact in event.facts.items():
        name, tunnel = sections.field_of(key)
        if name in (*sections.CONNECTION_FIELDS, *sections.API_FIELDS, *sections.TUNNEL_FIELDS):
            # The fact of a secret is a word; any other is the value before and after.
            values.setdefault(sections.scope(name, tunnel), {})[name] = fact[1] if isinstance(fact, list) else fact
    return values


def _connection_modified(event: Event) -> Recipe | None:
    values = _values_after(event)
    own = values.pop(0, {})
    if own.get("routing_mode") == RoutingMode.DESTINATION:
        own["local_subnet"] = own["remote_subnet"] = [str(ANYWHERE)]
    steps: list[Step] = []
    row = _connection(event, event.resource_id)
    if 2 in values or (row is not None and row.is_dual):
        parameters = recipes.dual_parameters(own, values)
    else:
        parameters = recipes.connection_parameters(own | values.get(1, {}))
    if parameters:
        about: dict[str, Value] = {"RegionId": event.region_id, "VpnConnectionId": event.resource_id}
        steps.append(Step(VPC, Operation.MODIFY_VPN_ATTACHMENT_ATTRIBUTE, about | parameters))
    steps += _tag_steps(event)
    return _recipe(event, *steps, declarations=_now(event, event.resource_id))


def _tunnel_modified(event: Event) -> Recipe | None:
    values = {number: one for number, one in _values_after(event).items() if number}
    if not values:
        return None
    [(number, changed)] = values.items()
    parameters: dict[str, Value] = {
        "RegionId": event.region_id,
        "VpnConnectionId": event.resource_id,
        "TunnelId": event.related_id,
        groups.TUNNELS: Fields(recipes.tunnel_fields(changed, number)),
    }
    step = Step(VPC, Operation.MODIFY_TUNNEL_ATTRIBUTE, parameters)
    return _recipe(event, step, declarations=_now(event, event.resource_id))


def _by_id(product: Product, action: Operation, parameter: str, *, in_region: bool = False) -> Reader:
    """Read a step whose only parameters are the ID of the resource and perhaps its region."""

    def read(event: Event) -> Recipe | None:
        region = {"RegionId": event.region_id} if in_region else {}
        return _recipe(event, Step(product, action, {**region, parameter: event.resource_id}))

    return read


def _granted(event: Event) -> Recipe | None:
    facts = event.facts
    step = Step(
        CBN,
        Operation.GRANT_INSTANCE_TO_TRANSIT_ROUTER,
        {**_grant(event), "CenOwnerId": recipes.uid_number(facts["peer_uid"]), "OrderType": facts["order_type"]},
        "grant",
    )
    known = f"VPN:{event.resource_id}:{facts['peer_uid']}:{facts['peer_cen_id']}"
    return _recipe(event, step, declarations=[Declaration(step, known)])


def _grant(event: Event) -> dict[str, Value]:
    return {
        "RegionId": event.region_id,
        "InstanceId": event.resource_id,
        "InstanceType": "VPN",
        "CenId": event.facts["peer_cen_id"],
    }


def _grant_modified(event: Event) -> Recipe | None:
    about = {
        "InstanceId": event.resource_id,
        "CenId": event.facts["peer_cen_id"],
        "OrderType": event.facts["order_type"][1],
    }
    return _recipe(
        event,
        Step(CBN, Operation.MODIFY_GRANT_INSTANCE_TO_TRANSIT_ROUTER, about),
    )


def _revoked(event: Event) -> Recipe | None:
    about = _grant(event) | {"CenOwnerId": recipes.uid_number(event.facts["peer_uid"])}
    return _recipe(event, Step(CBN, Operation.REVOKE_INSTANCE_FROM_TRANSIT_ROUTER, about))


# --- routes --------------------------------------------------------------------------------------------------------


def _route(event: Event, weight: int) -> dict[str, Value]:
    return {
        "RegionId": event.region_id,
        "VpnConnectionId": event.resource_id,
        "RouteDest": event.facts["destination"],
        "NextHop": event.resource_id,
        "OverlayMode": "Ipsec",
        "Weight": weight,
    }


def _route_created(event: Event) -> Recipe | None:
    parameters = _route(event, event.facts["weight"])
    stored = Route.objects.filter(
        connection__resource_id=event.resource_id,
        connection__account=event.account,
        destination=event.facts["destination"],
    ).first()
    if stored is not None and stored.description:
        parameters["Description"] = stored.description
    step = Step(VPC, Operation.CREATE_VCO_ROUTE_ENTRY, parameters, "route")
    known = f"{event.resource_id}:{event.facts['destination']}:{event.resource_id}:{event.facts['weight']}"
    return _recipe(event, step, declarations=[Declaration(step, known)])


def _route_weighed(event: Event) -> Recipe | None:
    before, after = event.facts["weight"]
    return _recipe(
        event, Step(VPC, Operation.MODIFY_VCO_ROUTE_ENTRY_WEIGHT, _route(event, before) | {"NewWeight": after})
    )


def _route_deleted(event: Event) -> Recipe | None:
    if "weight" not in event.facts:
        return None
    return _recipe(event, Step(VPC, Operation.DELETE_VCO_ROUTE_ENTRY, _route(event, event.facts["weight"])))


# --- the transit router's side -------------------------------------------------------------------------------------


def _attachment(event: Event) -> Attachment | None:
    rows = Attachment.objects.living().filter(account=event.account, resource_id=event.resource_id)
    return rows.select_related("connection__account", "transit_router__cen").first()


def _attached(event: Event) -> Recipe | None:
    row = _attachment(event)
    return recipes.attachment(row) if row else None


def _switched(facts: dict, attachment_id: str, table: str) -> list[Step]:
    """The steps for the switches of an attachment that concern the route table."""
    about: Parameters = {"TransitRouterAttachmentId": attachment_id, "TransitRouterRouteTableId": table}
    return [
        Step(CBN, on if facts[switch][1] else off, about)
        for switch, on, off, _ in recipes.ROUTE_TABLE
        if switch in facts
    ]


def _attachment_modified(event: Event) -> Recipe | None:
    row = _attachment(event)
    if row is None:
        return None
    parameters = (
        ("name", "TransitRouterAttachmentName"),
        ("description", "TransitRouterAttachmentDescription"),
        ("auto_publish_route_enabled", "AutoPublishRouteEnabled"),
        ("order_type", "OrderType"),
    )
    changed = {parameter: event.facts[name][1] for name, parameter in parameters if name in event.facts}
    steps: list[Step] = []
    if changed:
        about = {"TransitRouterAttachmentId": event.resource_id}
        steps.append(Step(CBN, Operation.UPDATE_TRANSIT_ROUTER_VPN_ATTACHMENT_ATTRIBUTE, about | changed))
    steps += _switched(event.facts, event.resource_id, row.transit_router.default_table.resource_id)
    return _recipe(event, *steps, declarations=recipes.attachment(row).declarations)


def _detached(event: Event) -> Recipe | None:
    router = TransitRouter.objects.of(event.account).filter(resource_id=event.facts.get("transit_router", "")).first()
    if router is None:
        return None
    about = {"TransitRouterAttachmentId": event.resource_id}
    steps = _switched(event.facts, event.resource_id, router.default_table.resource_id)
    for fact, operation in (
        ("custom_table", Operation.DISSOCIATE_TRANSIT_ROUTER_ATTACHMENT_FROM_ROUTE_TABLE),
        ("propagations", Operation.DISABLE_TRANSIT_ROUTER_ROUTE_TABLE_PROPAGATION),
    ):
        before = event.facts.get(fact, [[]])[0]
        for table in [before] if isinstance(before, str) else before:
            steps.append(Step(CBN, operation, about | {"TransitRouterRouteTableId": table}))
    steps.append(Step(CBN, Operation.DELETE_TRANSIT_ROUTER_VPN_ATTACHMENT, about))
    return _recipe(event, *steps)


def _linked(operation: Operation) -> Reader:
    """Read a change of one link of an attachment to a route table."""

    def read(event: Event) -> Recipe | None:
        row = _attachment(event)
        about = {
            "TransitRouterAttachmentId": event.resource_id,
            "TransitRouterRouteTableId": event.facts["route_table"],
        }
        declarations = recipes.attachment(row).declarations if row else ()
        return _recipe(event, Step(CBN, operation, about), declarations=declarations)

    return read


def _table_created(event: Event) -> Recipe | None:
    row = _own(RouteTable, event)
    return recipes.route_table(row, _pairs(row)) if row else None


def _table_modified(event: Event) -> Recipe | None:
    parameters = (("name", "TransitRouterRouteTableName"), ("description", "TransitRouterRouteTableDescription"))
    changed = {parameter: event.facts[name][1] for name, parameter in parameters if name in event.facts}
    if not changed:
        return None
    about = {"TransitRouterRouteTableId": event.resource_id}
    return _recipe(
        event, Step(CBN, Operation.UPDATE_TRANSIT_ROUTER_ROUTE_TABLE, about | changed), declarations=_table_now(event)
    )


def _table_now(event: Event) -> Sequence[Declaration]:
    """The declarations of a custom route table as it is now."""
    row = _own(RouteTable, event)
    return recipes.route_table(row, _pairs(row)).declarations if row and not row.is_default else ()


def _cen_created(event: Event) -> Recipe | None:
    row = _own(Cen, event)
    return recipes.cen(row, event.region_id, _pairs(row)) if row else None


def _router_created(event: Event) -> Recipe | None:
    row = _own(TransitRouter, event)
    return recipes.transit_router(row, _pairs(row)) if row else None


def _changed(event: Event, *names: tuple[str, str]) -> dict[str, Value]:
    """The new values of the fields that an event changed, under their parameters."""
    return {parameter: event.facts[name][1] for name, parameter in names if name in event.facts}


def _cen_modified(event: Event) -> Recipe | None:
    row = _own(Cen, event)
    changed = _changed(event, ("name", "Name"), ("description", "Description"))
    if row is None or not changed:
        return None
    step = Step(CBN, Operation.MODIFY_CEN_ATTRIBUTE, {"CenId": event.resource_id} | changed)
    return _recipe(event, step, declarations=recipes.cen(row, event.region_id, _pairs(row)).declarations)


def _router_modified(event: Event) -> Recipe | None:
    row = _own(TransitRouter, event)
    changed = _changed(event, ("name", "TransitRouterName"), ("description", "TransitRouterDescription"))
    if row is None or not changed:
        return None
    about: dict[str, Value] = {"RegionId": event.region_id, "TransitRouterId": event.resource_id}
    step = Step(CBN, Operation.UPDATE_TRANSIT_ROUTER, about | changed)
    return _recipe(event, step, declarations=recipes.transit_router(row, _pairs(row)).declarations)


def _cidr(event: Event) -> TransitRouterCidr | None:
    rows = TransitRouterCidr.objects.filter(transit_router__account=event.account, resource_id=event.resource_id)
    return rows.select_related("transit_router").first()


def _cidr_created(event: Event) -> Recipe | None:
    block = _cidr(event)
    return recipes.router_cidr(block) if block else None


def _about_cidr(event: Event) -> dict[str, Value]:
    return {
        "RegionId": event.region_id,
        "TransitRouterId": event.related_id,
        "TransitRouterCidrId": event.resource_id,
    }


def _cidr_modified(event: Event) -> Recipe | None:
    block = _cidr(event)
    changed = _changed(
        event,
        ("cidr", "Cidr"),
        ("name", "Name"),
        ("description", "Description"),
        ("publish_cidr_route", "PublishCidrRoute"),
    )
    if block is None or not changed:
        return None
    step = Step(CBN, Operation.MODIFY_TRANSIT_ROUTER_CIDR, _about_cidr(event) | changed)
    return _recipe(event, step, declarations=recipes.router_cidr(block).declarations)


def _cidr_deleted(event: Event) -> Recipe | None:
    return _recipe(event, Step(CBN, Operation.DELETE_TRANSIT_ROUTER_CIDR, _about_cidr(event)))


# --- resource groups -----------------------------------------------------------------------------------------------


def _in_group(event: Event) -> Sequence[Declaration]:
    """The resource as it is now, with its resource group even if that is the default one."""
    declared = _declared(event)
    if not declared:
        return []
    step = declared[0].step
    group: Parameters = {"ResourceGroupId": event.facts["resource_group"][1]}
    return [replace(declared[0], step=replace(step, parameters={**step.parameters, **group})), *declared[1:]]


def _moved(event: Event) -> Recipe | None:
    kind = "CustomerGateway" if event.resource_id.startswith("cgw-") else "VpnAttachment"
    about: dict[str, Value] = {
        "RegionId": event.region_id,
        "InstanceId": event.resource_id,
        "ResourceType": kind,
        "NewResourceGroupId": event.facts["resource_group"][1],
    }
    return _recipe(event, Step(VPC, Operation.MOVE_VPN_RESOURCE_GROUP, about), declarations=_in_group(event))


def _cen_moved(event: Event) -> Recipe | None:
    step = recipes.move_cen(event.resource_id, event.facts["resource_group"][1])
    return _recipe(event, step, declarations=_in_group(event))


# --- customer gateways, tags ---------------------------------------------------------------------------------------


def _gateway_created(event: Event) -> Recipe | None:
    row = _own(CustomerGateway, event)
    return recipes.customer_gateway(row, _pairs(row)) if row else None


def _gateway_modified(event: Event) -> Recipe | None:
    row = _own(CustomerGateway, event)
    changed = {
        "Name": event.facts.get("name"),
        "Description": event.facts.get("description"),
        "AuthKey": recipes.BGP_KEY if "auth_key" in event.facts else None,
    }
    parameters = {name: fact[1] if isinstance(fact, list) else fact for name, fact in changed.items() if fact}
    if row is None or not parameters:
        return None
    about = {"RegionId": event.region_id, "CustomerGatewayId": event.resource_id}
    step = Step(VPC, Operation.MODIFY_CUSTOMER_GATEWAY_ATTRIBUTE, about | parameters)
    return _recipe(event, step, declarations=recipes.customer_gateway(row, _pairs(row)).declarations)


# By the prefix of an ID: the product that changes the tags, and the type of the resource.
_TYPES = {
    "cgw-": (VPC, ResourceType.CUSTOMER_GATEWAY),
    "vco-": (VPC, ResourceType.VPN_ATTACHMENT),
    "cen-": (CBN, ResourceType.CEN),
    "tr-attach-": (CBN, ResourceType.TRANSIT_ROUTER_VPN_ATTACHMENT),
    "tr-": (CBN, ResourceType.TRANSIT_ROUTER),
    "vtb-": (CBN, ResourceType.TRANSIT_ROUTER_ROUTE_TABLE),
}


def _tag_steps(event: Event) -> list[Step]:
    types = (pair for prefix, pair in _TYPES.items() if event.resource_id.startswith(prefix))
    product, resource_type = next(types, (None, None))
    if product is None or resource_type is None or "tags" not in event.facts:
        return []
    before, after = event.facts["tags"]
    about: dict[str, Value] = {"ResourceType": resource_type, "ResourceId": [event.resource_id]}
    if product is VPC:
        about = {"RegionId": event.region_id, **about}
    put: list[Object] = [{"Key": key, "Value": value} for key, value in after.items() if before.get(key) != value]
    gone = [key for key in before if key not in after]
    return [
        *([Step(product, Operation.TAG_RESOURCES, about | {"Tag": put})] if put else []),
        *([Step(product, UNTAG[product], about | {"TagKey": gone})] if gone else []),
    ]


def _declared(event: Event) -> Sequence[Declaration]:
    """The declarations of a resource of any kind as it is now."""
    if gateway := _own(CustomerGateway, event):
        return recipes.customer_gateway(gateway, _pairs(gateway)).declarations
    if cen := _own(Cen, event):
        return recipes.cen(cen, event.region_id, _pairs(cen)).declarations
    if router := _own(TransitRouter, event):
        return recipes.transit_router(router, _pairs(router)).declarations
    if attachment := _attachment(event):
        return recipes.attachment(attachment).declarations
    return _now(event, event.resource_id) or _table_now(event)


def _tagged(event: Event) -> Recipe | None:
    return _recipe(event, *_tag_steps(event), declarations=_declared(event))


_READERS: dict[str, Reader] = {
    Operation.CREATE_VPN_ATTACHMENT: _connection_created,
    Operation.MODIFY_VPN_ATTACHMENT_ATTRIBUTE: _connection_modified,
    Operation.MODIFY_TUNNEL_ATTRIBUTE: _tunnel_modified,
    Operation.DELETE_VPN_ATTACHMENT: _by_id(VPC, Operation.DELETE_VPN_ATTACHMENT, "VpnConnectionId", in_region=True),
    Operation.GRANT_INSTANCE_TO_TRANSIT_ROUTER: _granted,
    Operation.MODIFY_GRANT_INSTANCE_TO_TRANSIT_ROUTER: _grant_modified,
    Operation.REVOKE_INSTANCE_FROM_TRANSIT_ROUTER: _revoked,
    Operation.CREATE_VCO_ROUTE_ENTRY: _route_created,
    Operation.MODIFY_VCO_ROUTE_ENTRY_WEIGHT: _route_weighed,
    Operation.DELETE_VCO_ROUTE_ENTRY: _route_deleted,
    Operation.CREATE_TRANSIT_ROUTER_VPN_ATTACHMENT: _attached,
    Operation.UPDATE_TRANSIT_ROUTER_VPN_ATTACHMENT_ATTRIBUTE: _attachment_modified,
    Operation.DELETE_TRANSIT_ROUTER_VPN_ATTACHMENT: _detached,
    **{
        operation: _linked(operation)
        for operation in (
            Operation.ASSOCIATE_TRANSIT_ROUTER_ATTACHMENT_WITH_ROUTE_TABLE,
            Operation.DISSOCIATE_TRANSIT_ROUTER_ATTACHMENT_FROM_ROUTE_TABLE,
            Operation.ENABLE_TRANSIT_ROUTER_ROUTE_TABLE_PROPAGATION,
            Operation.DISABLE_TRANSIT_ROUTER_ROUTE_TABLE_PROPAGATION,
        )
    },
    Operation.CREATE_TRANSIT_ROUTER_ROUTE_TABLE: _table_created,
    Operation.UPDATE_TRANSIT_ROUTER_ROUTE_TABLE: _table_modified,
    Operation.DELETE_TRANSIT_ROUTER_ROUTE_TABLE: _by_id(
        CBN, Operation.DELETE_TRANSIT_ROUTER_ROUTE_TABLE, "TransitRouterRouteTableId"
    ),
    Operation.CREATE_CEN: _cen_created,
    Operation.DELETE_CEN: _by_id(CBN, Operation.DELETE_CEN, "CenId"),
    Operation.CREATE_TRANSIT_ROUTER: _router_created,
    Operation.DELETE_TRANSIT_ROUTER: _by_id(CBN, Operation.DELETE_TRANSIT_ROUTER, "TransitRouterId"),
    Operation.MODIFY_CEN_ATTRIBUTE: _cen_modified,
    Operation.MOVE_RESOURCE_GROUP: _cen_moved,
    Operation.UPDATE_TRANSIT_ROUTER: _router_modified,
    Operation.CREATE_TRANSIT_ROUTER_CIDR: _cidr_created,
    Operation.MODIFY_TRANSIT_ROUTER_CIDR: _cidr_modified,
    Operation.DELETE_TRANSIT_ROUTER_CIDR: _cidr_deleted,
    Operation.MOVE_VPN_RESOURCE_GROUP: _moved,
    Operation.CREATE_CUSTOMER_GATEWAY: _gateway_created,
    Operation.MODIFY_CUSTOMER_GATEWAY_ATTRIBUTE: _gateway_modified,
    Operation.DELETE_CUSTOMER_GATEWAY: _by_id(
        VPC, Operation.DELETE_CUSTOMER_GATEWAY, "CustomerGatewayId", in_region=True
    ),
    Operation.TAG_RESOURCES: _tagged,
}

# The operations that have a recipe, as long as their resource exists.
OPERATIONS = frozenset(_READERS)
