"""Print the declarations of a recipe as a Terraform configuration for the vendor's provider.

Arguments have the names of the provider's public documentation (1.246): mostly those of the API in snake case.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from connections.as_code.steps import Declaration, Endpoint, Fields, Object, Recipe, Result, Scalar, Secret, Step, Value
from connections.hcl import aligned, block, indented, quoted
from connections.wire.operations import Operation

LABEL = "Terraform"
LANGUAGE = "hcl"


@dataclass(frozen=True, slots=True)
class _Resource:
    """The resource type for an operation, and its arguments with other names than the API's.

    `lacks`: the parameters for which the provider has no argument, which a comment names. `implied`: the parameters
    that need none.
    """

    type: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()
    # The attribute to which other resources refer.
    key: str = "id"


RESOURCES = {
    Operation.CREATE_VPN_ATTACHMENT: _Resource(
        "alicloud_vpn_gateway_vpn_attachment",
        {"Name": "vpn_attachment_name"},
        lacks=("AutoConfigRoute", "TunnelBandwidth"),
    ),
    Operation.CREATE_CUSTOMER_GATEWAY: _Resource(
        "alicloud_vpn_customer_gateway", {"Name": "customer_gateway_name"}, lacks=("AuthKey", "ResourceGroupId")
    ),
    Operation.CREATE_CEN: _Resource("alicloud_cen_instance", {"Name": "cen_instance_name"}),
    Operation.CREATE_TRANSIT_ROUTER: _Resource(
        # Each block is a resource.
        "alicloud_cen_transit_router",
        implied=("TransitRouterCidrList",),
        key="transit_router_id",
    ),
    Operation.CREATE_TRANSIT_ROUTER_CIDR: _Resource(
        "alicloud_cen_transit_router_cidr", {"Name": "transit_router_cidr_name"}
    ),
    Operation.CREATE_TRANSIT_ROUTER_VPN_ATTACHMENT: _Resource(
        "alicloud_cen_transit_router_vpn_attachment", lacks=("OrderType",)
    ),
    Operation.CREATE_TRANSIT_ROUTER_ROUTE_TABLE: _Resource(
        "alicloud_cen_transit_router_route_table", key="transit_router_route_table_id"
    ),
    Operation.ASSOCIATE_TRANSIT_ROUTER_ATTACHMENT_WITH_ROUTE_TABLE: _Resource(
        "alicloud_cen_transit_router_route_table_association"
    ),
    Operation.ENABLE_TRANSIT_ROUTER_ROUTE_TABLE_PROPAGATION: _Resource(
        "alicloud_cen_transit_router_route_table_propagation"
    ),
    # Ipsec is the only overlay mode.
    Operation.CREATE_VCO_ROUTE_ENTRY: _Resource(
        "alicloud_vpn_gateway_vco_route", lacks=("Description",), implied=("OverlayMode",)
    ),
    Operation.GRANT_INSTANCE_TO_TRANSIT_ROUTER: _Resource("alicloud_cen_transit_router_grant_attachment"),
}
# Keys of objects whose arguments lack the prefix.
_SHORT = {"EnableBgp": "enable"}


def text(recipe: Recipe, endpoint: Endpoint) -> str:
    blocks = [_HEAD, _provider(recipe, endpoint)]
    steps = {declaration.step.name: declaration.step for declaration in recipe.declarations if declaration.step.name}
    for declaration in recipe.declarations:
        blocks += _declared(declaration, steps)
    secrets = dict.fromkeys(re.findall(r"var\.(\w+)", "".join(_outside_strings(block) for block in blocks)))
    blocks[2:2] = [f'variable "{name}" {{\n  type      = string\n  sensitive = true\n}}' for name in secrets]
    return "\n\n".join(blocks) + "\n"


_HEAD = """# The keys come from ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY, secrets from TF_VAR_...
terraform {
  required_providers {
    alicloud = {
      source = "aliyun/alicloud"
    }
  }
}"""


def _provider(recipe: Recipe, endpoint: Endpoint) -> str:
    arguments: dict[str, Scalar] = {
        "region": recipe.region_id,
        **({"account_id": endpoint.uid} if endpoint.uid else {}),
        "account_type": "International",
        "protocol": endpoint.protocol.upper(),
        "skip_region_validation": True,
    }
    inside = [
        # Otherwise the provider asks the vendor's billing service at every run.
        "# account_type is stated, so that the provider does not look it up on the internet.",
        *aligned((name, _literal(value, {})) for name, value in arguments.items()),
        "",
        "endpoints {",
        *indented(aligned((name, quoted(endpoint.host)) for name in ("vpc", "cbn"))),
        "}",
    ]
    return "\n".join(['provider "alicloud" {', *indented(inside), "}"])


def _declared(declaration: Declaration, steps: Mapping[str, Step]) -> list[str]:
    step = declaration.step
    resource = RESOURCES[step.action]
    blocks = [_resource(resource, step, steps)]
    if declaration.existing:
        inside = aligned([("to", f"{resource.type}.{step.name}"), ("id", quoted(declaration.existing))])
        blocks.append(block("import", inside))
    return blocks


def _resource(resource: _Resource, step: Step, steps: Mapping[str, Step]) -> str:
    lost: list[str] = []
    simple: list[tuple[str, str]] = []
    nested: list[list[str]] = []
    for name, value in step.parameters.items():
        argument = resource.renamed.get(name, _snake(name))
        if name == "RegionId" or name in resource.implied:
            continue
        if name in resource.lacks:
            lost.append(_lost(name, value))
            continue
        if isinstance(value, (str, int, Secret, Result)):
            simple.append((argument, _literal(value, steps)))
            continue
        objects = [value] if isinstance(value, Mapping) else () if isinstance(value, Fields) else value
        items = [item for item in objects if isinstance(item, Mapping)]
        if name in ("Tag", "Tags"):
            pairs = aligned((quoted(str(tag["Key"])), quoted(str(tag["Value"]))) for tag in items)
            nested.append(["tags = {", *indented(pairs), "}"])
        else:
            nested += [_nested(argument, item, steps) for item in items]
    # A map is an argument, and arguments come before blocks.
    nested.sort(key=lambda lines: " = " not in lines[0])
    inside = [*lost, *aligned(simple)]
    for lines in nested:
        inside += ["", *lines]
    return block(f'resource "{resource.type}" "{step.name}"', inside)


def _lost(name: str, value: Value) -> str:
    """A comment with what the resource type cannot express."""
    if not isinstance(value, (str, int)):
        return f"# The provider has no argument for {name}."
    return f"# The provider has no argument for {name} = {_literal(value, {})}."


def _nested(name: str, value: Object, steps: Mapping[str, Step]) -> list[str]:
    pairs = [
        (_SHORT.get(key, _snake(key)), _literal(part, steps))
        for key, part in value.items()
        if not isinstance(part, Mapping)
    ]
    inside = aligned(pairs)
    for key, part in value.items():
        if isinstance(part, Mapping):
            inside += ["", *_nested(_snake(key), part, steps)]
    return [f"{name} {{", *indented(inside), "}"]


def _literal(value: Scalar, steps: Mapping[str, Step]) -> str:
    if isinstance(value, Secret):
        return f"var.{value.name.lower()}"
    if isinstance(value, Result):
        resource = RESOURCES[steps[value.of].action]
        return f"{resource.type}.{value.of}.{resource.key}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else quoted(value)


def _outside_strings(text: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
