"""Accounts, their resource groups, and their service-linked role."""

from django.db import transaction

from connections.domain.roles import Right
from connections.models import Account, Cen, Connection, CustomerGateway, ResourceGroup, ServiceLinkedRole
from connections.services.operations import Actor, operation
from connections.services.rows import refuse_changed, reread

MOVE = "MoveVpnResourceGroup"
MOVE_CEN = "MoveResourceGroup"
SETTINGS = "ModifyAccountSettings"


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


def refuse_single_tunnels(actor: Actor, *, refuse: bool) -> None:
    """Refuse new connections with a single tunnel from now on, or accept them again. [P170]"""
    with operation(actor, SETTINGS, right=Right.MANAGE) as record:
        stored = Account.objects.get(pk=actor.account.pk)
        if stored.refuses_single_tunnels != refuse:
            record.facts = {"refuses_single_tunnels": [stored.refuses_single_tunnels, refuse]}
            stored.refuses_single_tunnels = refuse
            stored.save(update_fields=["refuses_single_tunnels"])


def move_to_group(
    actor: Actor, resource: Connection | CustomerGateway | Cen, group: ResourceGroup, revision: int | None = None
) -> None:
    """Move a resource of the account to another of its resource groups.

    With a revision, raises Refused if it is no longer current.
    """
    name, region_id = (MOVE_CEN, "") if isinstance(resource, Cen) else (MOVE, resource.region_id)
    with operation(actor, name, region_id=region_id, resource_id=resource.resource_id) as record:
        stored = reread(actor.account, resource)
        if revision is not None:
            refuse_changed(stored, revision)
        record.facts = {"resource_group": [str(stored.resource_group.resource_id), str(group.resource_id)]}
        stored.resource_group = actor.account.resource_groups.get(pk=group.pk)
        stored.revision += 1
        stored.save(update_fields=["resource_group", "revision"])


def vpn_role(account: Account) -> ServiceLinkedRole | None:
    """Return the account's service-linked role, which its first connection creates. [P7]"""
    return ServiceLinkedRole.objects.filter(account=account, name=ServiceLinkedRole.VPN).first()
