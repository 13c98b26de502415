"""What was done once, as calls that do it again: read from its event, and from what it left behind."""

from collections.abc import Callable

from connections.as_code import recipes
from connections.as_code.calls import Call, Declaration, Recipe
from connections.domain import sections
from connections.domain.choices import Outcome, RoutingMode
from connections.domain.parsing import ANYWHERE
from connections.models import Attachment, Cen, Connection, CustomerGateway, Event, TransitRouter
from connections.numbers import whole_number
from connections.wire.operations import UNTAG, Operation, Product, ResourceType

VPC, CBN = Product

Reader = Callable[[Event], Recipe | None]


def recipe_of(event: Event) -> Recipe | None:
    """The calls of an operation that succeeded; None where code cannot say it, or no longer."""
    reader = _READERS.get(event.operation)
    return reader(event) if reader and event.outcome == Outcome.SUCCESS else None


def _pairs(row) -> list[tuple[str, str]]:
    return [(tag.key, tag.value) for tag in row.tags.all()]


def _own(model, event: Event):
    """What an event is about, if it is still there."""
    return model.objects.of(event.account).filter(resource_id=event.resource_id).first()


def _connection(event: Event, resource_id: str) -> Connection | None:
    mine = Connection.objects.of(event.account).with_parts()
    return mine.filter(resource_id=resource_id).first()


def _now(event: Event, resource_id: str) -> list[Declaration]:
    """A connection as Terraform would describe it now."""
    row = _connection(event, resource_id)
    if row is None:
        return []
    return list(recipes.connection(row, row.tunnel, None, _pairs(row)).declarations)


def _calls(event: Event, *calls: Call, declarations=(), removes=False) -> Recipe | None:
    return Recipe(event.region_id, calls, declarations, removes) if calls else None


# --- connections ---------------------------------------------------------------------------------------------------


def _connection_created(event: Event) -> Recipe | None:
    row = _connection(event, event.resource_id)
    if row is None:
        return None
    attachment = row.living_attachment if "transit_router" in event.facts else None
    return recipes.connection(row, row.tunnel, attachment, _pairs(row))


def _connection_modified(event: Event) -> Recipe | None:
    values: dict[str, object] = {}
    for name, fact in event.facts.items():
        if name in (*sections.CONNECTION_FIELDS, *sections.API_FIELDS, *sections.TUNNEL_FIELDS):
            # A secret's fact is a word; any other is the value before and after.
            values[name] = fact[1] if isinstance(fact, list) else fact
    if values.get("routing_mode") == RoutingMode.DESTINATION:
        values["local_subnet"] = values["remote_subnet"] = [str(ANYWHERE)]
    calls = []
    if parameters := recipes.connection_parameters(values):
        about = {"RegionId": event.region_id, "VpnConnectionId": event.resource_id}
        calls.append(Call(VPC, Operation.MODIFY_VPN_ATTACHMENT_ATTRIBUTE, about | parameters))
    calls += _tag_calls(event)
    return _calls(event, *calls, declarations=_now(event, event.resource_id))


def _one(product: Product, action: Operation, *, removes: bool = False, **parameters: str) -> Reader:
    """A call that names the resource of the event, and perhaps its region, and nothing else."""

    def read(event: Event) -> Recipe:
        known = {"region": event.region_id, "resource": event.resource_id}
        return _calls(event, Call(product, action, {wire: known[what] for wire, what in parameters.items()}),
                      removes=removes)  # fmt: skip

    return read


def _granted(event: Event) -> Recipe:
    facts = event.facts
    call = Call(
        CBN,
        Operation.GRANT_INSTANCE_TO_TRANSIT_ROUTER,
        {**_grant(event), "CenOwnerId": whole_number(facts["peer_uid"]), "OrderType": facts["order_type"]},
        "grant",
    )
    known = f"VPN:{event.resource_id}:{facts['peer_uid']}:{facts['peer_cen_id']}"
    return _calls(event, call, declarations=[Declaration(call, known)])


def _grant(event: Event) -> dict:
    return {
        "RegionId": event.region_id,
        "InstanceId": event.resource_id,
        "InstanceType": "VPN",
        "CenId": event.facts["peer_cen_id"],
    }


def _grant_modified(event: Event) -> Recipe:
    about = {name: value for name, value in _grant(event).items() if name not in ("RegionId", "InstanceType")}
    return _calls(
        event,
        Call(
            CBN, Operation.MODIFY_GRANT_INSTANCE_TO_TRANSIT_ROUTER, about | {"OrderType": event.facts["order_type"][1]}
        ),
    )


def _revoked(event: Event) -> Recipe:
    about = _grant(event) | {"CenOwnerId": whole_number(event.facts["peer_uid"])}
    return _calls(event, Call(CBN, Operation.REVOKE_INSTANCE_FROM_TRANSIT_ROUTER, about), removes=True)


# --- routes --------------------------------------------------------------------------------------------------------


def _route(event: Event, weight: int) -> dict:
    return {
        "RegionId": event.region_id,
        "VpnConnectionId": event.resource_id,
        "RouteDest": event.facts["destination"],
        "NextHop": event.resource_id,
        "OverlayMode": "Ipsec",
        "Weight": weight,
    }


def _route_created(event: Event) -> Recipe:
    call = Call(VPC, Operation.CREATE_VCO_ROUTE_ENTRY, _route(event, event.facts["weight"]), "route")
    known = f"{event.resource_id}:{event.facts['destination']}:{event.resource_id}:{event.facts['weight']}"
    return _calls(event, call, declarations=[Declaration(call, known)])


def _route_weighed(event: Event) -> Recipe:
    before, after = event.facts["weight"]
    return _calls(
        event, Call(VPC, Operation.MODIFY_VCO_ROUTE_ENTRY_WEIGHT, _route(event, before) | {"NewWeight": after})
    )


def _route_deleted(event: Event) -> Recipe | None:
    if "weight" not in event.facts:
        return None
    return _calls(
        event, Call(VPC, Operation.DELETE_VCO_ROUTE_ENTRY, _route(event, event.facts["weight"])), removes=True
    )


# --- the transit router's side -------------------------------------------------------------------------------------


def _attachment(event: Event) -> Attachment | None:
    rows = Attachment.objects.living().filter(account=event.account, resource_id=event.resource_id)
    return rows.select_related("connection__account", "transit_router__cen").first()


def _attached(event: Event) -> Recipe | None:
    row = _attachment(event)
    return recipes.attachment(row) if row else None


def _switched(facts: dict, attachment_id: str, table: str) -> list[Call]:
    """The calls for those switches of an attachment that concern the route table."""
    about = {"TransitRouterAttachmentId": attachment_id, "TransitRouterRouteTableId": table}
    return [
        Call(CBN, on if facts[switch][1] else off, about)
        for switch, on, off, _ in recipes.ROUTE_TABLE
        if switch in facts
    ]


def _attachment_modified(event: Event) -> Recipe | None:
    row = _attachment(event)
    if row is None:
        return None
    spelled = (
        ("name", "TransitRouterAttachmentName"),
        ("auto_publish_route_enabled", "AutoPublishRouteEnabled"),
        ("order_type", "OrderType"),
    )
    changed = {wire: event.facts[name][1] for name, wire in spelled if name in event.facts}
    calls = []
    if changed:
        about = {"TransitRouterAttachmentId": event.resource_id}
        calls.append(Call(CBN, Operation.UPDATE_TRANSIT_ROUTER_VPN_ATTACHMENT_ATTRIBUTE, about | changed))
    calls += _switched(event.facts, event.resource_id, row.transit_router.route_table_id)
    return _calls(event, *calls, declarations=recipes.attachment(row).declarations)


def _detached(event: Event) -> Recipe | None:
    router = TransitRouter.objects.of(event.account).filter(resource_id=event.facts.get("transit_router", "")).first()
    if router is None:
        return None
    about = {"TransitRouterAttachmentId": event.resource_id}
    calls = _switched(event.facts, event.resource_id, router.route_table_id)
    calls.append(Call(CBN, Operation.DELETE_TRANSIT_ROUTER_VPN_ATTACHMENT, about))
    return _calls(event, *calls, removes=True)


def _cen_created(event: Event) -> Recipe | None:
    row = _own(Cen, event)
    return recipes.cen(row, event.region_id, _pairs(row)) if row else None


def _router_created(event: Event) -> Recipe | None:
    row = _own(TransitRouter, event)
    return recipes.transit_router(row, _pairs(row)) if row else None


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
    call = Call(VPC, Operation.MODIFY_CUSTOMER_GATEWAY_ATTRIBUTE, about | parameters)
    return _calls(event, call, declarations=recipes.customer_gateway(row, _pairs(row)).declarations)


# By the front of an ID: whose tags they are, and the wire's word for the kind of resource.
_KINDS = {
    "cgw-": (VPC, ResourceType.CUSTOMER_GATEWAY),
    "vco-": (VPC, ResourceType.VPN_ATTACHMENT),
    "cen-": (CBN, ResourceType.CEN),
    "tr-attach-": (CBN, ResourceType.TRANSIT_ROUTER_VPN_ATTACHMENT),
    "tr-": (CBN, ResourceType.TRANSIT_ROUTER),
}


def _tag_calls(event: Event) -> list[Call]:
    found = next((kind for front, kind in _KINDS.items() if event.resource_id.startswith(front)), None)
    if found is None or "tags" not in event.facts:
        return []
    product, kind = found
    before, after = event.facts["tags"]
    about = {"ResourceType": kind, "ResourceId": [event.resource_id]}
    if product is VPC:
        about = {"RegionId": event.region_id, **about}
    put = [{"Key": key, "Value": value} for key, value in after.items() if before.get(key) != value]
    gone = [key for key in before if key not in after]
    return [
        *([Call(product, Operation.TAG_RESOURCES, about | {"Tag": put})] if put else []),
        *([Call(product, UNTAG[product], about | {"TagKey": gone})] if gone else []),
    ]


def _tagged(event: Event) -> Recipe | None:
    declarations = _now(event, event.resource_id)
    if gateway := _own(CustomerGateway, event):
        declarations = recipes.customer_gateway(gateway, _pairs(gateway)).declarations
    if row := _own(Cen, event):
        declarations = recipes.cen(row, event.region_id, _pairs(row)).declarations
    if row := _own(TransitRouter, event):
        declarations = recipes.transit_router(row, _pairs(row)).declarations
    return _calls(event, *_tag_calls(event), declarations=declarations)


_READERS: dict[str, Reader] = {
    Operation.CREATE_VPN_ATTACHMENT: _connection_created,
    Operation.MODIFY_VPN_ATTACHMENT_ATTRIBUTE: _connection_modified,
    Operation.DELETE_VPN_ATTACHMENT: _one(
        VPC, Operation.DELETE_VPN_ATTACHMENT, removes=True, RegionId="region", VpnConnectionId="resource"
    ),
    Operation.GRANT_INSTANCE_TO_TRANSIT_ROUTER: _granted,
    Operation.MODIFY_GRANT_INSTANCE_TO_TRANSIT_ROUTER: _grant_modified,
    Operation.REVOKE_INSTANCE_FROM_TRANSIT_ROUTER: _revoked,
    Operation.CREATE_VCO_ROUTE_ENTRY: _route_created,
    Operation.MODIFY_VCO_ROUTE_ENTRY_WEIGHT: _route_weighed,
    Operation.DELETE_VCO_ROUTE_ENTRY: _route_deleted,
    Operation.CREATE_TRANSIT_ROUTER_VPN_ATTACHMENT: _attached,
    Operation.UPDATE_TRANSIT_ROUTER_VPN_ATTACHMENT_ATTRIBUTE: _attachment_modified,
    Operation.DELETE_TRANSIT_ROUTER_VPN_ATTACHMENT: _detached,
    Operation.CREATE_CEN: _cen_created,
    Operation.DELETE_CEN: _one(CBN, Operation.DELETE_CEN, removes=True, CenId="resource"),
    Operation.CREATE_TRANSIT_ROUTER: _router_created,
    Operation.DELETE_TRANSIT_ROUTER: _one(
        CBN, Operation.DELETE_TRANSIT_ROUTER, removes=True, TransitRouterId="resource"
    ),
    Operation.CREATE_CUSTOMER_GATEWAY: _gateway_created,
    Operation.MODIFY_CUSTOMER_GATEWAY_ATTRIBUTE: _gateway_modified,
    Operation.DELETE_CUSTOMER_GATEWAY: _one(
        VPC, Operation.DELETE_CUSTOMER_GATEWAY, removes=True, RegionId="region", CustomerGatewayId="resource"
    ),
    Operation.TAG_RESOURCES: _tagged,
}

# What can be told as code as long as what it was about is there.
OPERATIONS = frozenset(_READERS)
