"""VPC: customer gateways."""

import copy

from connections.api.actions.lookups import gateway, group_if_named, narrowed
from connections.api.actions.values import fill, milliseconds, tags
from connections.api.registry import (
    PAGED,
    PAGING,
    TAG,
    TAG_SHAPE,
    VPC,
    Call,
    Objects,
    Text,
    action,
    page,
    tag_pairs,
    tagged,
)
from connections.domain import limits
from connections.models import CustomerGateway
from connections.services.customer_gateways import (
    create_customer_gateway as create,
)
from connections.services.customer_gateways import (
    delete_customer_gateway as delete,
)
from connections.services.customer_gateways import (
    modify_customer_gateway as modify,
)
from connections.services.disclosures import keys_for_answer
from connections.services.inserts import refuse_problems

ID = Text("CustomerGatewayId", required=True)
NAME, DESCRIPTION = Text("Name"), Text("Description")
KEY = Text("AuthKey", secret=True, note="the password of the BGP session")
WRITTEN = {"CustomerGatewayId": str, "IpAddress": str, "Name": str, "Description": str, "CreateTime": int}
GATEWAY = WRITTEN | {"Asn": int, "AuthKey": str, "ResourceGroupId": str, "Tags": {"Tag": [TAG_SHAPE]}}


def _written(row: CustomerGateway) -> dict:
    return {
        "CustomerGatewayId": row.resource_id,
        "IpAddress": row.ip_address,
        "Name": row.name,
        "Description": row.description,
        "CreateTime": milliseconds(row.created_at),
    }


def _gateways(call: Call, rows: list[CustomerGateway]) -> list[dict]:
    keys = keys_for_answer(call.actor, rows)
    return [_gateway(row, keys.get(row.resource_id, "")) for row in rows]


def _gateway(row: CustomerGateway, key: str) -> dict:
    return {
        **_written(row),
        **({"Asn": row.asn} if row.asn is not None else {}),
        "AuthKey": key,
        "ResourceGroupId": row.resource_group.resource_id,
        "Tags": {"Tag": tags(row)},
    }


@action(
    VPC,
    Text("IpAddress", required=True),
    Text("Asn", note="plain, or in two segments such as 123.456"),
    NAME,
    DESCRIPTION,
    KEY,
    Text("ResourceGroupId"),
    Objects("Tags", fields=TAG),
    writes=True,
    answer=WRITTEN,
)
def create_customer_gateway(call: Call):
    """Register a gateway device of a data center."""
    row = CustomerGateway(region_id=call.region_id, ip_address=call["IpAddress"], resource_group=group_if_named(call))
    texts = {"name": call["Name"], "description": call["Description"], "auth_key": call["AuthKey"]}
    refuse_problems(fill(row, {name: text for name, text in texts.items() if text} | _asn(call["Asn"])))
    return _written(create(call.actor, row, tag_pairs(call["Tags"])))


def _asn(text: str | None) -> dict[str, str]:
    return {"asn": text} if text else {}


@action(VPC, ID, NAME, DESCRIPTION, KEY, writes=True, answer=WRITTEN | {"ResourceGroupId": str})
def modify_customer_gateway_attribute(call: Call):
    """Change the name, the description or the BGP key. What is not sent stays."""
    stored = gateway(call)
    changed = copy.copy(stored)
    for name, field in (("Name", "name"), ("Description", "description"), ("AuthKey", "auth_key")):
        if call[name] is not None:
            setattr(changed, field, call[name])
    row = modify(call.actor, changed, stored.revision)
    return _written(row) | {"ResourceGroupId": row.resource_group.resource_id}


@action(VPC, ID, writes=True)
def delete_customer_gateway(call: Call):
    """Delete a customer gateway that no connection uses."""
    delete(call.actor, gateway(call))
    return {}


@action(VPC, ID, answer=GATEWAY)
def describe_customer_gateway(call: Call):
    return _gateways(call, [gateway(call)])[0]


@action(
    VPC,
    Text("CustomerGatewayId"),
    Text("ResourceGroupId"),
    Objects("Tag", fields=TAG, most=limits.MAX_TAGS),
    *PAGING,
    answer=PAGED | {"CustomerGateways": {"CustomerGateway": [GATEWAY]}},
)
def describe_customer_gateways(call: Call):
    rows = CustomerGateway.objects.of(call.account).filter(region_id=call.region_id)
    rows = narrowed(rows, call, CustomerGatewayId="resource_id", ResourceGroupId="resource_group__resource_id")
    rows = tagged(rows, call["Tag"]).select_related("resource_group").prefetch_related("tags").order_by("-id")
    gateways, totals = page(call, rows)
    return {"CustomerGateways": {"CustomerGateway": _gateways(call, gateways)}, **totals}
