"""The recipes that create resources, made from rows that are stored or still being typed. Secrets are only named."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from connections.as_code.steps import Declaration, Object, Recipe, Result, Scalar, Secret, Step, Value, Wait
from connections.domain import sections
from connections.domain.applicability import KEPT, Applicability
from connections.domain.choices import ConnectionState, RoutingMode
from connections.domain.parsing import ANYWHERE
from connections.models import (
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    ResourceGroup,
    RouteTable,
    TransitRouter,
    TransitRouterCidr,
    Tunnel,
)
from connections.wire import groups
from connections.wire.names import wire_name
from connections.wire.operations import Operation, Product, ResourceType

PRE_SHARED_KEY = Secret("PRE_SHARED_KEY")
BGP_KEY = Secret("BGP_KEY")

Tags = Sequence[tuple[str, str]]


# --- connections ---------------------------------------------------------------------------------------------------

# Fields that only the API has. They are printed if they differ from the default.
_API_ALONE = (*sections.API_FIELDS, "tunnel_bandwidth")
# Fields with their own parameters, in the order of the page.
_PLAIN = (
    "name",
    "network_type",
    "local_subnet",
    "remote_subnet",
    "effect_immediately",
    *groups.SWITCHES.values(),
    *_API_ALONE,
)


def _typed_values(row: Connection | Tunnel, fields: Sequence[str], applicability: Applicability) -> dict[str, object]:
    """The values to send. Fields that do not apply or are blank are left out, so that the API fills them in."""
    values: dict[str, object] = {}
    defaults = type(row)()
    for name in fields:
        if name != "customer_gateway" and applicability.keeps(name):
            value = getattr(row, name)
            if not applicability.applies(name) and value == getattr(defaults, name):
                continue
            if value not in ("", None, []):
                values[name] = value
    return values


def _connection_values(connection: Connection, applicability: Applicability) -> dict[str, object]:
    values, defaults = _typed_values(connection, sections.CONNECTION_FIELDS, applicability), Connection()
    for name in _API_ALONE:
        value = getattr(connection, name)
        if value != getattr(defaults, name):
            values[name] = value
    if connection.routing_mode == RoutingMode.DESTINATION:
        values["local_subnet"] = values["remote_subnet"] = [str(ANYWHERE)]
    if not connection.enable_bgp:
        del values["enable_bgp"]
    if not connection.health_check and not KEPT & values.keys():
        values.pop("health_check", None)
    return values


def _tunnel_values(tunnel: Tunnel, applicability: Applicability) -> dict[str, object]:
    values = _typed_values(tunnel, sections.TUNNEL_FIELDS, applicability)
    values["customer_gateway"] = tunnel.customer_gateway.resource_id if tunnel.customer_gateway_id else ""
    return values


def _scalar(name: str, value: object) -> Scalar:
    if name == "psk":
        return PRE_SHARED_KEY
    if isinstance(value, (list, tuple)):
        return ",".join(value)
    return value if isinstance(value, (bool, int)) else str(value)


def connection_parameters(values: Mapping[str, object]) -> dict[str, Value]:
    """The parameters for these fields of a connection, which may be all of them or those that changed."""
    return {**_plain_parameters(values), **_objects(values, groups.GROUPS)}


def _plain_parameters(values: Mapping[str, object]) -> dict[str, Scalar]:
    """The fields with parameters of their own."""
    parameters: dict[str, Scalar] = {}
    if "customer_gateway" in values:
        parameters["CustomerGatewayId"] = str(values["customer_gateway"] or "<CustomerGatewayId>")
    for name in _PLAIN:
        if name in values:
            parameters[wire_name(name)] = _scalar(name, values[name])
    return parameters


def _objects(values: Mapping[str, object], of: Sequence[groups.Group]) -> dict[str, Object]:
    """The fields that are in objects."""
    written = {
        group.name: group.written({name: _scalar(name, values[name]) for name in group.keys if name in values})
        for group in of
    }
    return {name: given for name, given in written.items() if given}


def tunnel_fields(values: Mapping[str, object], number: int) -> Object:
    """The parameters for these fields of one of two tunnels, and for the ASN, which is the connection's."""
    objects = _objects(values, groups.TUNNEL_GROUPS)
    if "psk" in values:
        key = Secret(f"{PRE_SHARED_KEY.name}_{number}")
        objects[groups.TUNNEL_IKE.name] = {**objects[groups.TUNNEL_IKE.name], groups.TUNNEL_IKE.keys["psk"]: key}
    return {**_plain_parameters(values), **objects}


def dual_parameters(values: Mapping[str, object], tunnels: Mapping[int, Mapping[str, object]]) -> dict[str, Value]:
    """The parameters for fields of a connection with two tunnels, and for those of its tunnels by their numbers."""
    parameters: dict[str, Value] = {**_plain_parameters(values)}
    if "enable_bgp" in values:
        parameters["EnableTunnelsBgp"] = bool(values["enable_bgp"])
    asn = {"local_asn": values["local_asn"]} if "local_asn" in values else {}
    numbers = sorted(tunnels.keys() | ({1, 2} if asn else set()))
    if entries := [{"TunnelIndex": number, **tunnel_fields({**tunnels.get(number, {}), **asn}, number)}
                   for number in numbers]:  # fmt: skip
        parameters[groups.TUNNELS] = entries
    return parameters


def _tags(pairs: Tags) -> list[Object]:
    return [{"Key": key, "Value": value} for key, value in pairs]


def _chosen_group(row: Connection | CustomerGateway | Cen) -> str:
    """The ID of a row's resource group, or nothing for the default one, which the API fills in."""
    group: ResourceGroup | None = row.resource_group if row.resource_group_id else None
    return "" if group is None or group.is_default else str(group.resource_id)


def _create_connection(connection: Connection, tunnels: Iterable[Tunnel], tags: Tags) -> Step:
    applicability = Applicability.of(connection)
    values = _connection_values(connection, applicability)
    of_tunnels = {tunnel.index: _tunnel_values(tunnel, applicability) for tunnel in tunnels}
    parameters: dict[str, Value] = {"RegionId": connection.region_id}
    if connection.is_dual:
        parameters |= dual_parameters(values, of_tunnels)
    else:
        parameters |= connection_parameters(values | of_tunnels[1])
    if group := _chosen_group(connection):
        parameters["ResourceGroupId"] = group
    if tags:
        parameters["Tags"] = _tags(tags)
    return Step(Product.VPC, Operation.CREATE_VPN_ATTACHMENT, parameters, "connection", "VpnConnectionId")


def uid_number(uid: str) -> int:
    """The UID of an account, which the API takes as a number."""
    return int(uid)


def _attach(
    attachment: Attachment, region_id: str, connection: str | Result, owner: str = "", *, is_dual: bool
) -> list[Step]:
    """Attach, associate and propagate: three switches of the console, three calls of the API."""
    router = attachment.transit_router if attachment.transit_router_id else None
    parameters: dict[str, Value] = {
        "RegionId": region_id,
        "CenId": router.cen.resource_id if router else "<CenId>",
        "TransitRouterId": router.resource_id if router else "<TransitRouterId>",
        "VpnId": connection,
        **({"VpnOwnerId": uid_number(owner)} if owner else {}),
        **({} if is_dual else {"Zone": [{"ZoneId": attachment.zone or "<ZoneId>"}]}),
        "AutoPublishRouteEnabled": attachment.auto_publish_route_enabled,
    }
    parameters |= _texts(
        attachment,
        ("name", "TransitRouterAttachmentName"),
        ("description", "TransitRouterAttachmentDescription"),
    )
    if tags := [(tag.key, tag.value) for tag in attachment.tags.all()] if attachment.pk else []:
        parameters["Tag"] = _tags(tags)
    ready = Wait(
        Product.VPC,
        Operation.DESCRIBE_VPN_CONNECTION,
        {"RegionId": region_id, "VpnConnectionId": connection},
        ("State",),
        ConnectionState.INIT.value,
    )
    steps = [
        Step(
            Product.CBN,
            Operation.CREATE_TRANSIT_ROUTER_VPN_ATTACHMENT,
            parameters,
            "attachment",
            "TransitRouterAttachmentId",
            # The API does not describe another account's connection.
            None if owner else ready,
        )
    ]
    attached = Wait(
        Product.CBN,
        Operation.LIST_TRANSIT_ROUTER_VPN_ATTACHMENTS,
        {"RegionId": region_id, "TransitRouterAttachmentId": Result("attachment")},
        ("TransitRouterAttachments", 0, "Status"),
        "Attached",
    )
    for name, operation, table in _links(attachment):
        about: dict[str, Value] = {
            "TransitRouterAttachmentId": Result("attachment"),
            "TransitRouterRouteTableId": table,
        }
        steps.append(Step(Product.CBN, operation, about, name, after=attached if len(steps) == 1 else None))
    return steps


def _links(attachment: Attachment) -> Iterator[tuple[str, Operation, str]]:
    """The links of an attachment to route tables: the name of the step, its operation, and the ID of the table."""
    tables: tuple[list[str], list[str]]
    if attachment.transit_router_id:
        association = attachment.associated_table
        tables = (
            [association.resource_id] if association else [],
            [table.resource_id for table in attachment.propagation_tables],
        )
    else:
        typed = [["<TransitRouterRouteTableId>"] * getattr(attachment, switch) for switch, *_ in ROUTE_TABLE]
        tables = (typed[0], typed[1])
    for (_switch, on, _off, name), ids in zip(ROUTE_TABLE, tables, strict=True):
        for number, table in enumerate(ids, 1):
            yield name if number == 1 else f"{name}_{number}", on, table


# Each switch of an attachment, the operations that turn it on and off, and the name of the step that turns it on.
ROUTE_TABLE = (
    (
        "associate_default_route_table",
        Operation.ASSOCIATE_TRANSIT_ROUTER_ATTACHMENT_WITH_ROUTE_TABLE,
        Operation.DISSOCIATE_TRANSIT_ROUTER_ATTACHMENT_FROM_ROUTE_TABLE,
        "association",
    ),
    (
        "propagate_to_default_route_table",
        Operation.ENABLE_TRANSIT_ROUTER_ROUTE_TABLE_PROPAGATION,
        Operation.DISABLE_TRANSIT_ROUTER_ROUTE_TABLE_PROPAGATION,
        "propagation",
    ),
)


def _creating(region_id: str, steps: Sequence[Step], existing: Mapping[str, str] | None = None) -> Recipe:
    """A recipe whose steps all create a resource; `existing` are the IDs of those that exist, by the steps' names."""
    ids = existing or {}
    return Recipe(region_id, steps, [Declaration(step, ids.get(step.name, "")) for step in steps])


def connection(row: Connection, tunnels: Iterable[Tunnel], attachment: Attachment | None, tags: Tags) -> Recipe:
    """Create a connection, and attach it if the attachment belongs to the same account."""
    steps = [_create_connection(row, tunnels, tags)]
    if attachment is not None and attachment.account_id == row.account_id:
        steps += _attach(attachment, row.region_id, Result("connection"), is_dual=row.is_dual)
    return _creating(row.region_id, steps, _existing(row, attachment))


def _existing(row: Connection, attachment: Attachment | None) -> dict[str, str]:
    """The IDs by which Terraform imports the resources that exist, by the names of the steps."""
    if not row.resource_id:
        return {}
    attached = _existing_attachment(attachment) if attachment is not None and attachment.resource_id else {}
    return {"connection": row.resource_id} | attached


def _existing_attachment(attachment: Attachment) -> dict[str, str]:
    links = {name: f"{attachment.resource_id}:{table}" for name, _operation, table in _links(attachment)}
    return {"attachment": attachment.resource_id, **links}


# --- the other resources -------------------------------------------------------------------------------------------


def _texts(
    row: Attachment | CustomerGateway | Cen | TransitRouter | RouteTable, *names: tuple[str, str]
) -> dict[str, Value]:
    return {parameter: getattr(row, name) for name, parameter in names if getattr(row, name)}


def customer_gateway(row: CustomerGateway, tags: Tags) -> Recipe:
    parameters: dict[str, Value] = {
        "RegionId": row.region_id,
        "IpAddress": row.ip_address,
        **_texts(row, ("name", "Name"), ("description", "Description")),
    }
    if row.asn:
        parameters["Asn"] = str(row.asn)
    if row.auth_key:
        parameters["AuthKey"] = BGP_KEY
    if group := _chosen_group(row):
        parameters["ResourceGroupId"] = group
    if tags:
        parameters["Tags"] = _tags(tags)
    step = Step(Product.VPC, Operation.CREATE_CUSTOMER_GATEWAY, parameters, "customer_gateway", "CustomerGatewayId")
    return _creating(row.region_id, [step], {"customer_gateway": row.resource_id})


def cen(row: Cen, region_id: str, tags: Tags) -> Recipe:
    parameters = _texts(row, ("name", "Name"), ("description", "Description"))
    if tags:
        parameters["Tag"] = _tags(tags)
    step = Step(Product.CBN, Operation.CREATE_CEN, parameters, "cen", "CenId")
    group = _chosen_group(row)
    if not group:
        return _creating(region_id, [step], {"cen": row.resource_id})
    # The API moves a CEN instance after it has created it; in Terraform the group is an argument.
    move = move_cen(Result("cen"), group)
    declared = replace(step, parameters=parameters | {"ResourceGroupId": group})
    return Recipe(region_id, [step, move], [Declaration(declared, row.resource_id)])


def move_cen(cen: str | Result, group: str) -> Step:
    about: dict[str, Value] = {"ResourceId": cen, "ResourceType": ResourceType.CEN, "NewResourceGroupId": group}
    return Step(Product.CBN, Operation.MOVE_RESOURCE_GROUP, about)


def transit_router(row: TransitRouter, tags: Tags) -> Recipe:
    blocks = list(row.cidrs.all())
    parameters: dict[str, Value] = {
        "CenId": row.cen.resource_id,
        "RegionId": row.region_id,
        **_texts(row, ("name", "TransitRouterName"), ("description", "TransitRouterDescription")),
    }
    if blocks:
        parameters["TransitRouterCidrList"] = [_cidr_parameters(block) for block in blocks]
    if tags:
        parameters["Tag"] = _tags(tags)
    step = Step(Product.CBN, Operation.CREATE_TRANSIT_ROUTER, parameters, "transit_router", "TransitRouterId")
    # In Terraform each block is a resource.
    return Recipe(
        row.region_id,
        [step],
        [
            Declaration(step, f"{row.cen.resource_id}:{row.resource_id}"),
            *(
                Declaration(_create_cidr(block, Result("transit_router"), f"cidr_{number}"), _known_cidr(block))
                for number, block in enumerate(blocks, 1)
            ),
        ],
    )


def _cidr_parameters(block: TransitRouterCidr) -> dict[str, Scalar]:
    parameters: dict[str, Scalar] = {"Cidr": block.cidr}
    for parameter, text in (("Name", block.name), ("Description", block.description)):
        if text:
            parameters[parameter] = text
    if not block.publish_cidr_route:
        parameters["PublishCidrRoute"] = False
    return parameters


def _create_cidr(block: TransitRouterCidr, router: str | Result, name: str) -> Step:
    parameters = {"RegionId": block.transit_router.region_id, "TransitRouterId": router, **_cidr_parameters(block)}
    return Step(Product.CBN, Operation.CREATE_TRANSIT_ROUTER_CIDR, parameters, name, "TransitRouterCidrId")


def _known_cidr(block: TransitRouterCidr) -> str:
    return f"{block.transit_router.resource_id}:{block.resource_id}"


def router_cidr(block: TransitRouterCidr) -> Recipe:
    router = block.transit_router
    step = _create_cidr(block, router.resource_id, "cidr")
    return _creating(router.region_id, [step], {"cidr": _known_cidr(block)})


def route_table(row: RouteTable, tags: Tags) -> Recipe:
    """Create a custom route table. Its entries and links are resources of their own."""
    router = row.transit_router
    parameters: dict[str, Value] = {
        "TransitRouterId": router.resource_id,
        **_texts(row, ("name", "TransitRouterRouteTableName"), ("description", "TransitRouterRouteTableDescription")),
    }
    if tags:
        parameters["Tag"] = _tags(tags)
    step = Step(
        Product.CBN,
        Operation.CREATE_TRANSIT_ROUTER_ROUTE_TABLE,
        parameters,
        "route_table",
        "TransitRouterRouteTableId",
    )
    return _creating(router.region_id, [step], {"route_table": f"{router.resource_id}:{row.resource_id}"})


def attachment(row: Attachment) -> Recipe:
    owner = row.connection.account.uid if row.is_foreign else ""
    about = row.connection
    steps = _attach(row, row.transit_router.region_id, about.resource_id, owner, is_dual=about.is_dual)
    recipe = _creating(row.transit_router.region_id, steps, _existing_attachment(row))
    if not row.is_foreign:
        return recipe
    # Its authorization decides who pays; no parameter of the call does.
    step = replace(steps[0], parameters={**steps[0].parameters, "OrderType": row.order_type})
    return replace(recipe, declarations=[replace(recipe.declarations[0], step=step), *recipe.declarations[1:]])
