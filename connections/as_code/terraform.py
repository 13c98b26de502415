"""Print the declarations of a recipe as a Terraform configuration for the vendor's provider.

Arguments have the names of the provider's public documentation (1.246): mostly those of the API in snake case.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connections.as_code.steps import Declaration, Endpoint, Object, Recipe, Result, Scalar, Secret, Step
from connections.wire.operations import Operation

LABEL = "Terraform"
LANGUAGE = "hcl"


@dataclass(frozen=True, slots=True)
class _Resource:
    """The resource type for an operation; its arguments with other names than the API's, and those it lacks."""

    type: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    # The attribute to which other resources refer.
    key: str = "id"


_RESOURCES = {
    Operation.CREATE_VPN_ATTACHMENT: _Resource(
        "alicloud_vpn_gateway_vpn_attachment",
        {"Name": "vpn_attachment_name"},
        lacks=("AutoConfigRoute", "TunnelBandwidth"),
    ),
    Operation.CREATE_CUSTOMER_GATEWAY: _Resource(
        "alicloud_vpn_customer_gateway", {"Name": "customer_gateway_name"}, lacks=("AuthKey",)
    ),
    Operation.CREATE_CEN: _Resource("alicloud_cen_instance", {"Name": "cen_instance_name"}),
    Operation.CREATE_TRANSIT_ROUTER: _Resource(
        "alicloud_cen_transit_router", lacks=("TransitRouterCidrList",), key="transit_router_id"
    ),
    Operation.CREATE_TRANSIT_ROUTER_ROUTE_TABLE: _Resource(
        "alicloud_cen_transit_router_route_table", key="transit_router_route_table_id"
    ),
    Operation.CREATE_TRANSIT_ROUTER_CIDR: _Resource("alicloud_cen_transit_router_cidr"),
    Operation.CREATE_TRANSIT_ROUTER_VPN_ATTACHMENT: _Resource("alicloud_cen_transit_router_vpn_attachment"),
    Operation.ASSOCIATE_TRANSIT_ROUTER_ATTACHMENT_WITH_ROUTE_TABLE: _Resource(
        "alicloud_cen_transit_router_route_table_association"
    ),
    Operation.ENABLE_TRANSIT_ROUTER_ROUTE_TABLE_PROPAGATION: _Resource(
        "alicloud_cen_transit_router_route_table_propagation"
    ),
    Operation.CREATE_VCO_ROUTE_ENTRY: _Resource("alicloud_vpn_gateway_vco_route", lacks=("Description", "OverlayMode")),
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
        "protocol": endpoint.protocol.upper(),
        "skip_region_validation": True,
    }
    inside = [
        *_aligned((name, _literal(value, {})) for name, value in arguments.items()),
        "",
        "endpoints {",
        *_indented(_aligned((name, _quoted(endpoint.host)) for name in ("vpc", "cbn"))),
        "}",
    ]
    return "\n".join(['provider "alicloud" {', *_indented(inside), "}"])


def _declared(declaration: Declaration, steps: Mapping[str, Step]) -> list[str]:
    step = declaration.step
    resource = _RESOURCES[step.action]
    blocks = [_resource(resource, step, steps)]
    if declaration.existing:
        inside = _aligned([("to", f"{resource.type}.{step.name}"), ("id", _quoted(declaration.existing))])
        blocks.append(_block("import", inside))
    return blocks


def _resource(resource: _Resource, step: Step, steps: Mapping[str, Step]) -> str:
    simple: list[tuple[str, str]] = []
    nested: list[list[str]] = []
    for name, value in step.parameters.items():
        argument = resource.renamed.get(name, _snake(name))
        if name == "RegionId" or name in resource.lacks:
            continue
        if isinstance(value, (str, int, Secret, Result)):
            simple.append((argument, _literal(value, steps)))
            continue
        items = [item for item in ([value] if isinstance(value, Mapping) else value) if isinstance(item, Mapping)]
        if name in ("Tag", "Tags"):
            pairs = _aligned((_literal(tag["Key"], steps), _literal(tag["Value"], steps)) for tag in items)
            nested.append(["tags = {", *_indented(pairs), "}"])
        else:
            nested += [_nested(argument, item, steps) for item in items]
    # A map is an argument, and arguments come before blocks.
    nested.sort(key=lambda lines: " = " not in lines[0])
    inside = _aligned(simple)
    for lines in nested:
        inside += ["", *lines]
    return _block(f'resource "{resource.type}" "{step.name}"', inside)


def _nested(name: str, value: Object, steps: Mapping[str, Step]) -> list[str]:
    pairs = ((_SHORT.get(key, _snake(key)), _literal(part, steps)) for key, part in value.items())
    return [f"{name} {{", *_indented(_aligned(pairs)), "}"]


def _literal(value: Scalar, steps: Mapping[str, Step]) -> str:
    if isinstance(value, Secret):
        return f"var.{value.name.lower()}"
    if isinstance(value, Result):
        resource = _RESOURCES[steps[value.of].action]
        return f"{resource.type}.{value.of}.{resource.key}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _quoted(value)


def _quoted(value: str) -> str:
    """A string literal. Terraform understands JSON's escapes, and would fill in templates."""
    quoted = json.dumps(value, ensure_ascii=False).replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    return quoted.replace("${", "$${").replace("%{", "%%{")


def _outside_strings(text: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _aligned(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Align arguments as Terraform's formatter does."""
    arguments = list(pairs)
    width = max((len(name) for name, _ in arguments), default=0)
    return [f"{name:<{width}} = {value}" for name, value in arguments]


def _block(head: str, inside: list[str]) -> str:
    return "\n".join([f"{head} {{", *_indented(inside), "}"])


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]
