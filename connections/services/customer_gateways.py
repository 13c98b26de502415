"""What can be done with customer gateways."""

from collections.abc import Callable

from connections import errors
from connections.messages import Message, counted
from connections.models import CustomerGateway
from connections.services.events import Actor, operation, own_problems
from connections.services.rows import reread
from connections.services.tags import Pairs, write_tags

EDITABLE = ("name", "description", "auth_key")


def create_customer_gateway(actor: Actor, gateway: CustomerGateway, tags: Pairs = ()) -> CustomerGateway:
    """Register a device. Its address and ASN are final."""
    problems = own_problems(gateway, exclude=["resource_id", "account", "resource_group"])
    with operation(actor, "CreateCustomerGateway", region_id=gateway.region_id) as record:
        gateway.account = actor.account
        if gateway.resource_group_id is None:
            gateway.resource_group = actor.account.default_resource_group
        if problems:
            raise errors.Invalid(problems)
        gateway.save()
        write_tags(gateway, tags, is_new=True)
        record.resource_id = gateway.resource_id
    return gateway


def modify_customer_gateway(actor: Actor, gateway: CustomerGateway, revision: int) -> CustomerGateway:
    """Change the name, the description or the BGP key, if nobody else has since the revision was read."""
    with operation(
        actor, "ModifyCustomerGatewayAttribute", region_id=gateway.region_id, resource_id=gateway.resource_id
    ) as record:
        stored = reread(actor.account, gateway)
        if stored.revision != revision:
            raise errors.Refused(errors.CHANGED_MEANWHILE, what=str(stored))
        for name in EDITABLE:
            before, after = getattr(stored, name), getattr(gateway, name)
            if before != after:
                record.facts[name] = "changed" if name == "auth_key" else [before, after]
                setattr(stored, name, after)
        stored.full_clean(exclude=["resource_id"])
        stored.revision += 1
        stored.save()
    return stored


def delete_customer_gateway(actor: Actor, gateway: CustomerGateway) -> None:
    """Remove a gateway that no tunnel uses."""
    with operation(actor, "DeleteCustomerGateway", region_id=gateway.region_id, resource_id=gateway.resource_id):
        gateway = reread(actor.account, gateway)
        refuse_while_used(
            errors.GATEWAY_IN_USE,
            gateway,
            [tunnel.connection for tunnel in gateway.tunnels.select_related("connection")],
            lambda count: counted("{count} IPsec-VPN connection", "{count} IPsec-VPN connections", count),
        )
        gateway.delete()


def refuse_while_used(reason: errors.Reason, what, users: list, counting: Callable[[int], Message]) -> None:
    """Say which resources stand in the way, a few of them by name."""
    if users:
        examples = ", ".join(user.resource_id for user in users[:3]) + (", …" if len(users) > 3 else "")
        raise errors.Refused(reason, what=str(what), count=counting(len(users)), examples=examples)
