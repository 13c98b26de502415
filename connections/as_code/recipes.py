"""Which API calls do what the console does, from rows that are stored or only typed so far. Secrets stay outside."""

from collections.abc import Mapping, Sequence

from connections.as_code.calls import Call, Declaration, Product, Question, Recipe, Result, Secret, Value
from connections.domain import sections
from connections.domain.applicability import Applicability
from connections.domain.choices import ConnectionState, RoutingMode
from connections.domain.parsing import ANYWHERE
from connections.models import Attachment, Cen, Connection, CustomerGateway, TransitRouter, Tunnel
from connections.numbers import whole_number
from connections.wire.names import wire_name

PRE_SHARED_KEY = Secret("PRE_SHARED_KEY")
BGP_KEY = Secret("BGP_KEY")

Tags = Sequence[tuple[str, str]]


# --- connections ---------------------------------------------------------------------------------------------------

_IKE = ("psk", *sections.IKE.fields)
_SWITCHES = ("enable_dpd", "enable_nat_traversal")
_IPSEC = tuple(name for name in sections.IPSEC.fields if name not in _SWITCHES)
_BGP = ("enable_bgp", "local_asn", *sections.BGP.fields)
_HEALTH_CHECK = sections.HEALTH_CHECK.fields
# What the API alone asks for. Code says it where it is not the default.
_API_ALONE = (*sections.API_FIELDS, "tunnel_bandwidth")
# Parameters of their own, in the order in which the page asks for them.
_PLAIN = ("name", "network_type", "local_subnet", "remote_subnet", "effect_immediately", *_SWITCHES, *_API_ALONE)


def _health_check_name(name: str) -> str:
    """Most keys of this object are in small letters [P132]."""
    short = name.removeprefix("health_check").removeprefix("_") or "enable"
    return "Policy" if short == "policy" else short


_OBJECTS = (
    ("IkeConfig", _IKE, wire_name),
    ("IpsecConfig", _IPSEC, wire_name),
    ("BgpConfig", _BGP, wire_name),
    ("HealthCheckConfig", _HEALTH_CHECK, _health_check_name),
)


def _typed_values(connection: Connection, tunnel: Tunnel) -> dict[str, object]:
    """Every value that says something: what does not apply and what is blank is left to the system."""
    applicability = Applicability.of(connection)
    values = {}
    for row, fields in ((connection, sections.CONNECTION_FIELDS), (tunnel, sections.TUNNEL_FIELDS)):
        for name in fields:
            if name != "customer_gateway" and applicability.applies(name):
                value = getattr(row, name)
                if value not in ("", None, []):
                    values[name] = value
    for name in _API_ALONE:
        value = getattr(connection, name)
        if value != connection._meta.get_field(name).default:
            values[name] = value
    if connection.routing_mode == RoutingMode.DESTINATION:
        values["local_subnet"] = values["remote_subnet"] = [str(ANYWHERE)]
    for name in ("enable_bgp", "health_check"):
        if not values[name]:
            del values[name]
    values["customer_gateway"] = tunnel.customer_gateway.resource_id if tunnel.customer_gateway_id else ""
    return values


def _wire_value(name: str, value: object) -> Value:
    if name == "psk":
        return PRE_SHARED_KEY
    if isinstance(value, (list, tuple)):
        return ",".join(value)
    return value if isinstance(value, (bool, int)) else str(value)


def connection_parameters(values: Mapping[str, object]) -> dict[str, Value]:
    """The parameters that carry these fields, whether all of a connection or some that have changed."""
    parameters: dict[str, Value] = {}
    if "customer_gateway" in values:
        parameters["CustomerGatewayId"] = values["customer_gateway"] or "<CustomerGatewayId>"
    for name in _PLAIN:
        if name in values:
            parameters[wire_name(name)] = _wire_value(name, values[name])
    for parameter, fields, spelled in _OBJECTS:
        given = {spelled(name): _wire_value(name, values[name]) for name in fields if name in values}
        if given:
            parameters[parameter] = given
    return parameters


def _tags(pairs: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs]


def _create_connection(connection: Connection, tunnel: Tunnel, tags: Tags) -> Call:
    parameters = {"RegionId": connection.region_id, **connection_parameters(_typed_values(connection, tunnel))}
    if tags:
        parameters["Tags"] = _tags(tags)
    return Call(Product.VPC, "CreateVpnAttachment", parameters, "connection", "VpnConnectionId")


def _attach(attachment: Attachment, region_id: str, connection: str | Result, owner: str = "") -> list[Call]:
    """Attach, then associate and propagate: three switches of the console, three calls here."""
    router = attachment.transit_router if attachment.transit_router_id else None
    parameters: dict[str, Value] = {
        "RegionId": region_id,
        "CenId": router.cen.resource_id if router else "<CenId>",
        "TransitRouterId": router.resource_id if router else "<TransitRouterId>",
        "VpnId": connection,
        **({"VpnOwnerId": whole_number(owner)} if owner else {}),
        "Zone": [{"ZoneId": attachment.zone or "<ZoneId>"}],
        "AutoPublishRouteEnabled": attachment.auto_publish_route_enabled,
    }
    if attachment.name:
        parameters["TransitRouterAttachmentName"] = attachment.name
    ready = Question(
        Product.VPC,
        "DescribeVpnConnection",
        {"RegionId": region_id, "VpnConnectionId": connection},
        ("State",),
        ConnectionState.INIT.value,
    )
    calls = [
        Call(
            Product.CBN,
            "CreateTransitRouterVpnAttachment",
            parameters,
            "attachment",
            "TransitRouterAttachmentId",
            # Another account's connection cannot be described.
            None if owner else ready,
        )
    ]
    table = router.route_table_id if router else "<TransitRouterRouteTableId>"
    attached = Question(
        Product.CBN,
        "ListTransitRouterVpnAttachments",
        {"RegionId": region_id, "TransitRouterAttachmentId": Result("attachment")},
        ("TransitRouterAttachments", 0, "Status"),
        "Attached",
    )
    for switch, on, _, name in ROUTE_TABLE:
        if getattr(attachment, switch):
            about = {"TransitRouterAttachmentId": Result("attachment"), "TransitRouterRouteTableId": table}
            calls.append(Call(Product.CBN, on, about, name, after=attached if len(calls) == 1 else None))
    return calls


# A switch of the attachment, the calls that turn it on and off, and a name for what is then there.
ROUTE_TABLE = (
    (
        "associate_default_route_table",
        "AssociateTransitRouterAttachmentWithRouteTable",
        "DissociateTransitRouterAttachmentFromRouteTable",
        "association",
    ),
    (
        "propagate_to_default_route_table",
        "EnableTransitRouterRouteTablePropagation",
        "DisableTransitRouterRouteTablePropagation",
        "propagation",
    ),
)


def _made(region_id: str, calls: Sequence[Call], existing: Mapping[str, str] | None = None) -> Recipe:
    """A recipe whose calls all make something."""
    known = existing or {}
    return Recipe(region_id, calls, [Declaration(call, known.get(call.name, "")) for call in calls])


def connection(row: Connection, tunnel: Tunnel, attachment: Attachment | None, tags: Tags) -> Recipe:
    """Create a connection; attach it where it is, or is to be, attached to a transit router of the same account."""
    calls = [_create_connection(row, tunnel, tags)]
    if attachment is not None and attachment.account_id == row.account_id:
        calls += _attach(attachment, row.region_id, Result("connection"))
    return _made(row.region_id, calls, _existing(row, attachment))


def _existing(row: Connection, attachment: Attachment | None) -> dict[str, str]:
    """What is there already, by the IDs under which Terraform takes it over."""
    if not row.resource_id:
        return {}
    found = {"connection": row.resource_id}
    if attachment is not None and attachment.resource_id:
        found |= _existing_attachment(attachment)
    return found


def _existing_attachment(attachment: Attachment) -> dict[str, str]:
    router = attachment.transit_router
    with_table = f"{attachment.resource_id}:{router.route_table_id}"
    return {"attachment": attachment.resource_id, "association": with_table, "propagation": with_table}


# --- the other resources -------------------------------------------------------------------------------------------


def _texts(row, *names: tuple[str, str]) -> dict[str, Value]:
    return {wire: getattr(row, name) for name, wire in names if getattr(row, name)}


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
    if tags:
        parameters["Tags"] = _tags(tags)
    call = Call(Product.VPC, "CreateCustomerGateway", parameters, "customer_gateway", "CustomerGatewayId")
    return _made(row.region_id, [call], {"customer_gateway": row.resource_id})


def cen(row: Cen, region_id: str, tags: Tags) -> Recipe:
    parameters = _texts(row, ("name", "Name"), ("description", "Description"))
    if tags:
        parameters["Tag"] = _tags(tags)
    call = Call(Product.CBN, "CreateCen", parameters, "cen", "CenId")
    return _made(region_id, [call], {"cen": row.resource_id})


def transit_router(row: TransitRouter, tags: Tags) -> Recipe:
    blocks = list(row.cidrs.all())
    parameters: dict[str, Value] = {
        "CenId": row.cen.resource_id,
        "RegionId": row.region_id,
        **_texts(row, ("name", "TransitRouterName"), ("description", "TransitRouterDescription")),
    }
    if blocks:
        parameters["TransitRouterCidrList"] = [{"Cidr": block.cidr} for block in blocks]
    if tags:
        parameters["Tag"] = _tags(tags)
    call = Call(Product.CBN, "CreateTransitRouter", parameters, "transit_router", "TransitRouterId")
    # For Terraform a block is a resource of its own.
    return Recipe(
        row.region_id,
        [call],
        [
            Declaration(call, f"{row.cen.resource_id}:{row.resource_id}"),
            *(
                Declaration(
                    Call(
                        Product.CBN,
                        "CreateTransitRouterCidr",
                        {"TransitRouterId": Result("transit_router"), "Cidr": block.cidr},
                        f"cidr_{number}",
                    ),
                    f"{row.resource_id}:{block.resource_id}",
                )
                for number, block in enumerate(blocks, 1)
            ),
        ],
    )


def attachment(row: Attachment) -> Recipe:
    owner = row.connection.account.uid if row.is_foreign else ""
    calls = _attach(row, row.transit_router.region_id, row.connection.resource_id, owner)
    return _made(row.transit_router.region_id, calls, _existing_attachment(row))
