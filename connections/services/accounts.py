"""Accounts, their resource groups, and their service-linked role."""

from django.db import transaction

from connections.models import Account, Connection, CustomerGateway, ResourceGroup, ServiceLinkedRole
from connections.services.operations import Actor, operation
from connections.services.rows import reread


def create_account(name: str, *groups: str) -> Account:
    """Create an account with its default resource group and further named ones. Raises ValidationError."""
    account = Account(name=name)
    account.full_clean(validate_unique=False)
    with transaction.atomic():
        account.save()
        ResourceGroup.objects.create(account=account, name="Default Resource Group", is_default=True)
        for group in groups:
            ResourceGroup.objects.create(account=account, name=group)
    return account


def move_to_group(actor: Actor, resource: Connection | CustomerGateway, group: ResourceGroup) -> None:
    """Move a connection or customer gateway of the account to another of its resource groups."""
    with operation(
        actor, "MoveVpnResourceGroup", region_id=resource.region_id, resource_id=resource.resource_id
    ) as record:
        stored = reread(actor.account, resource)
        record.facts = {"resource_group": [str(stored.resource_group.resource_id), str(group.resource_id)]}
        stored.resource_group = actor.account.resource_groups.get(pk=group.pk)
        stored.save(update_fields=["resource_group"])


def vpn_role(account: Account) -> ServiceLinkedRole | None:
    """Return the account's service-linked role, which its first connection creates. [P7]"""
    return ServiceLinkedRole.objects.filter(account=account, name=ServiceLinkedRole.VPN).first()
