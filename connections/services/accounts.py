"""Accounts, their resource groups, and their service-linked role."""

from collections.abc import Mapping

from django.db import transaction

from connections.domain.choices import NewDevices
from connections.domain.refusals import Invalid
from connections.models import Account, Cen, Connection, CustomerGateway, ResourceGroup, ServiceLinkedRole
from connections.services.operations import Actor, Record, operation, own_problems
from connections.services.rows import refuse_changed, reread
from connections.wire.operations import Operation

MOVE = "MoveVpnResourceGroup"
MOVE_CEN = "MoveResourceGroup"


def create_account(name: str, *groups: str, new_devices: str = NewDevices.BARE) -> Account:
    """Create an account with its default resource group and further named ones. Raises ValidationError."""
    account = Account(name=name, new_devices=new_devices)
    account.full_clean(validate_unique=False)
    with transaction.atomic():
        account.save()
        ResourceGroup.objects.create(account=account, name="Default Resource Group", is_default=True)
        for group in groups:
            ResourceGroup.objects.create(account=account, name=group)
    return account


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


def change_settings(actor: Actor, **changed: object) -> None:
    """Change settings of the account, by the names of its columns. Raises Invalid for an unknown choice."""
    edited = Account(name=actor.account.name, **changed)
    if problems := own_problems(edited, exclude=["uid", "name"]):
        raise Invalid(problems)
    with operation(actor, Operation.MODIFY_ACCOUNT_SETTINGS) as record:
        write_settings(actor.account, changed, record)


def write_settings(account: Account, changed: Mapping[str, object], record: Record) -> None:
    """Store and record settings, as part of an operation."""
    stored = Account.objects.get(pk=account.pk)
    for name, value in changed.items():
        if (before := getattr(stored, name)) != value:
            record.facts[name] = [before, value]
            setattr(stored, name, value)
            setattr(account, name, value)
    if record.facts:
        stored.save(update_fields=[*record.facts])


def vpn_role(account: Account) -> ServiceLinkedRole | None:
    """Return the account's service-linked role, which its first connection creates. [P7]"""
    return ServiceLinkedRole.objects.filter(account=account, name=ServiceLinkedRole.VPN).first()
