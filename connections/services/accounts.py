"""Accounts, and the role that the VPN service takes on in them."""

from django.db import transaction

from connections.models import Account, ResourceGroup, ServiceLinkedRole
from connections.services.events import Record


def create_account(name: str, *groups: str) -> Account:
    """Open an account with its default resource group and, if named, further ones."""
    with transaction.atomic():
        account = Account.objects.create(name=name)
        ResourceGroup.objects.create(account=account, name="Default Resource Group", is_default=True)
        for group in groups:
            ResourceGroup.objects.create(account=account, name=group)
    return account


def vpn_role(account: Account) -> ServiceLinkedRole | None:
    """The account's role, if its first connection has made it."""
    return ServiceLinkedRole.objects.filter(account=account, name=ServiceLinkedRole.VPN).first()


def ensure_vpn_role(account: Account, record: Record) -> None:
    """Make the role with the account's first connection, never twice. Product page, note on Basic configurations."""
    _, made = ServiceLinkedRole.objects.get_or_create(account=account, name=ServiceLinkedRole.VPN)
    if made:
        record.facts["service_linked_role"] = ServiceLinkedRole.VPN
