"""Create, modify and delete customer gateways."""

from collections.abc import Callable, Sequence

from django.db.models import Model

from connections.domain import refusals, rules
from connections.domain.problems import Problem
from connections.messages import Message, counted
from connections.models import Account, CustomerGateway, ResourceGroup
from connections.models.base import Resource
from connections.services import derived
from connections.services.inserts import New, refuse_problems, related, row_problems
from connections.services.negotiations import following
from connections.services.operations import Actor, operation
from connections.services.rows import reread, spelled
from connections.services.tags import Pairs, new_tags

CREATE = "CreateCustomerGateway"
EDITABLE = ("name", "description", "auth_key")


def create_customer_gateway(actor: Actor, gateway: CustomerGateway, tags: Pairs = ()) -> CustomerGateway:
    """Create a customer gateway. Its address and ASN are final."""
    own = row_problems([gateway])
    with operation(actor, CREATE, region_id=gateway.region_id) as record:
        new_customer_gateway(actor.account, gateway, own, tags).store(record)
    return gateway


def new_customer_gateway(account: Account, gateway: CustomerGateway, own: Sequence[Problem], tags: Pairs = ()) -> New:
    """Judge a new customer gateway. `own`: its problems by itself. Raises Invalid with every problem."""
    gateway.account = account
    gateway.resource_group = related(gateway, "resource_group", ResourceGroup) or account.default_resource_group
    refuse_problems([*own, *rules.tag_problems(tags)])
    return New(CREATE, gateway.region_id, gateway, [*new_tags(gateway, tags)])


def modify_customer_gateway(actor: Actor, gateway: CustomerGateway, revision: int) -> CustomerGateway:
    """Change the name, the description or the BGP key. Raises Refused if the revision is no longer current."""
    with operation(
        actor, "ModifyCustomerGatewayAttribute", region_id=gateway.region_id, resource_id=gateway.resource_id
    ) as record:
        stored = reread(actor.account, gateway)
        if stored.revision != revision:
            raise refusals.Refused(refusals.CHANGED_MEANWHILE, what=str(stored))
        for name in EDITABLE:
            before, after = spelled(stored, name), spelled(gateway, name)
            if before != after:
                record.facts[name] = "changed" if name == "auth_key" else [before, after]
                setattr(stored, name, after)
        stored.full_clean(exclude=["resource_id"])
        stored.revision += 1
        with following(stored.tunnels.all() if "auth_key" in record.facts else ()):
            stored.save()
        if "name" in record.facts:
            derived.write_gateway_name(stored)
    return stored


def delete_customer_gateway(actor: Actor, gateway: CustomerGateway) -> None:
    """Delete a customer gateway. Raises Refused if a tunnel uses it."""
    with operation(
        actor, "DeleteCustomerGateway", region_id=gateway.region_id, resource_id=gateway.resource_id
    ) as record:
        gateway = reread(actor.account, gateway)
        refuse_while_used(
            refusals.GATEWAY_IN_USE,
            gateway,
            # Both tunnels of a connection may use it.
            list(dict.fromkeys(tunnel.connection for tunnel in gateway.tunnels.select_related("connection"))),
            lambda count: counted("{count} IPsec-VPN connection", "{count} IPsec-VPN connections", count),
        )
        record.facts = {"name": gateway.name}
        gateway.delete()


def refuse_while_used(
    reason: refusals.Reason, what: Model, users: Sequence[Resource], counting: Callable[[int], Message]
) -> None:
    """Raise Refused if resources use `what`; the refusal counts them and names three."""
    if users:
        examples = ", ".join(user.resource_id for user in users[:3]) + (", …" if len(users) > 3 else "")
        raise refusals.Refused(reason, what=str(what), count=counting(len(users)), examples=examples)
