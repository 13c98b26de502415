"""Simulated devices: one for each tunnel, judged by the rules, read as the negotiation's side."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor

from connections.domain import limits
from connections.models import Device, Tunnel
from connections.models.devices import SETTINGS, SWITCHES
from connections.negotiation import Announcement, DeviceBgp
from connections.negotiation import Device as Side
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db

configured = factories.configured_device


def test_a_new_tunnel_has_a_device_that_is_not_configured():
    device = factories.make_connection(factories.make_account()).tunnel.device
    assert (device.is_configured, device.is_reachable, device.side) == (False, True, None)


def test_a_device_goes_with_its_connection():
    factories.make_connection(factories.make_account()).delete()
    assert not Device.objects.exists()


def test_every_setting_reaches_the_negotiation():
    device = configured(starts="traffic", loss=5, mtu=1200, narrows=False)
    side = device.side
    assert isinstance(side, Side)
    assert (side.address, side.psk, side.mtu, side.narrows) == ("203.0.113.10", "key", 1200, False)
    assert side.ike_version == ("ikev2", "ikev1")
    assert side.bgp == DeviceBgp(
        local_asn=65010, local_ip="169.254.10.2", peer_asn=45104, peer_ip="169.254.10.1",
        announced=(Announcement("192.168.0.0/16"), Announcement("10.1.0.0/16", (65020, 65021))),
    )  # fmt: skip
    assert (
        replace(side, bgp=None) == configured(starts="traffic", loss=5, mtu=1200, narrows=False, enable_bgp=False).side
    )


def test_every_column_is_a_setting_a_switch_or_kept_by_services():
    columns = {field.name for field in Device._meta.concrete_fields if field.editable and not field.primary_key}
    assert columns == set(SETTINGS)
    assert {field.name for field in Device._meta.concrete_fields} >= set(SWITCHES)


def test_a_device_that_is_not_configured_is_not_judged():
    Device().clean()


def test_what_the_cloud_would_refuse_is_taken():
    configured(remote_id="%any", hold_time=1, psk="", local_asn=45104, loss=100).full_clean(exclude=["tunnel"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", ""),
        ("address", "1.2.3"),
        ("peer_address", "01.2.3.4"),
        ("ike_version", []),
        ("ike_version", ["ikev1", "ikev1"]),
        ("ike_enc_alg", ["rot13"]),
        ("ike_mode", ""),
        ("starts", "sometimes"),
        ("local_id_kind", "passport"),
        ("local_id", ""),
        ("remote_id", "two words"),
        ("remote_id", "bell\x07"),
        ("psk", "a b"),
        ("ike_lifetime", limits.LIFETIME_MAX + 1),
        ("ipsec_kilobytes", 2**31),
        ("hold_time", 65536),
        ("mtu", 67),
        ("loss", 101),
        ("local_subnet", []),
        ("remote_subnet", ["10.0.0.1/8"]),
        ("local_bgp_ip", ""),
        ("router_id", "x"),
        ("local_asn", None),
        ("peer_asn", 0),
        ("auth_key", "what?"),
        ("announced", ["10.0.0.0/8 as65001"]),
        ("announced", ["10.0.0.0/8 0"]),
        ("announced", ["nowhere"]),
        ("announced", ["10.0.0.0/8"] * (limits.MAX_ANNOUNCED + 1)),
    ],
)
def test_nonsense_is_refused_at_its_field(field, value):
    with pytest.raises(ValidationError) as refusal:
        configured(**{field: value}).clean()
    assert set(refusal.value.error_dict) == {field}


@pytest.mark.parametrize("field", ["local_bgp_ip", "local_asn", "announced"])
def test_bgp_is_judged_only_while_it_is_on(field):
    configured(enable_bgp=False, **{field: None}).clean()


@pytest.mark.django_db(transaction=True)
def test_the_upgrade_makes_a_device_for_each_tunnel():
    account = factories.make_account()
    gateway = factories.make_customer_gateway(account)
    made = {factories.make_connection(account, gateway=gateway).tunnel.pk for _ in range(3)}
    MigrationExecutor(database).migrate([("connections", "0026_route_tables")])
    MigrationExecutor(database).migrate(MigrationExecutor(database).loader.graph.leaf_nodes("connections"))
    devices = Device.objects.all()
    assert {device.tunnel_id for device in devices} == made == set(Tunnel.objects.values_list("pk", flat=True))
    for device in devices:
        fresh = Device(tunnel=device.tunnel, changed_at=device.changed_at)
        names = [field.name for field in Device._meta.concrete_fields if field.name != "id"]
        assert [getattr(device, name) for name in names] == [getattr(fresh, name) for name in names]
