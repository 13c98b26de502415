"""The account's setting for simulated devices of new connections, at the doors without a form."""

import getpass

import pytest
from django.core.management import call_command

from connections.models import AccessKey, Account, Device, Tunnel
from vpnconsole.testing import factories
from vpnconsole.testing.clients import ApiClient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("setting", ["not_configured", "configured"])
def test_the_api_creates_connections_with_such_devices(setting, clock):
    user = factories.make_user()
    Account.objects.update(new_devices=setting)
    gateway = factories.make_customer_gateway(user.account)
    ApiClient(AccessKey.objects.create(user=user)).ok(
        "CreateVpnAttachment", RegionId=factories.REGION, CustomerGatewayId=gateway.resource_id,
        LocalSubnet="0.0.0.0/0", RemoteSubnet="0.0.0.0/0",
    )  # fmt: skip
    assert Device.objects.get().is_configured == (setting == "configured")
    clock.tick(60)
    assert Tunnel.objects.whole().get().is_up == (setting == "configured")


@pytest.mark.parametrize(("words", "setting"), [([], "not_configured"), (["--configured-devices"], "configured")])
def test_an_account_is_created_with_the_setting(words, setting, monkeypatch):
    monkeypatch.setattr(getpass, "getpass", lambda prompt: factories.PASSWORD)
    call_command("create_account", "Harbour", "ann", *words)
    assert Account.objects.get(name="Harbour").new_devices == setting
