"""Outcomes by name: each can be reached, by a cloud's side that has what it needs."""

import pytest

from connections import clock as clocks
from connections.models import Connection, Event
from connections.services.integrity import findings
from connections.services.operations import own_problems
from tests.conftest import NOON
from vpnconsole.kit import peers
from vpnconsole.kit.errors import KitError
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db

NETWORKS = {"routing_mode": "protected", "local_subnet": ["10.10.0.0/16"], "remote_subnet": ["192.168.50.0/24"]}
CLOUDS = {
    "ikev2": NETWORKS,
    "main": {**NETWORKS, "tunnel": {"ike_version": "ikev1"}},
    "aggressive": {**NETWORKS, "tunnel": {"ike_version": "ikev1", "ike_mode": "aggressive"}},
    "without NAT traversal": {
        **NETWORKS, "tunnel": {"ike_version": "ikev1", "enable_nat_traversal": False}
    },
    "several networks": {**NETWORKS, "remote_subnet": ["192.168.50.0/24", "192.168.51.0/24"]},
    "passive": {**NETWORKS, "effect_immediately": False},
    "checked": {
        **NETWORKS, "health_check": True, "health_check_sip": "10.10.0.10", "health_check_dip": "192.168.50.1"
    },
    "bgp": {
        "enable_bgp": True, "local_asn": 64512,
        "tunnel": {"tunnel_cidr": "169.254.9.0/30", "local_bgp_ip": "169.254.9.1"}
    },
}  # fmt: skip


@pytest.fixture
def tunnels(settings):
    settings.TRANSITION_SECONDS = 0
    with clocks.hold(NOON):
        account = factories.make_account()
        gateway = factories.make_customer_gateway(account, asn=65010)
        router = factories.make_transit_router(account)
        for name, values in CLOUDS.items():
            factories.make_connection(account, gateway=gateway, router=router, name=name, **values)
        factories.make_dual(account, gateways=[gateway, gateway], router=router, name="two tunnels", **NETWORKS)
        ids = Connection.objects.order_by("pk").values_list("name", "resource_id")
        yield {name: peers.tunnels_of(resource_id, 1)[0] for name, resource_id in ids}


def is_reached(tunnel, wish) -> bool:
    try:
        device, _lead = peers.device_for(tunnel, wish, {})
    except KitError as error:
        if error.code != "out_of_reach":
            raise
        return False
    device.is_configured = True
    assert own_problems(device, exclude=["tunnel"]) == [], wish
    return True


def test_every_row_and_word_can_be_reached(tunnels):
    wishes = [peers.Wish(row=row) for row in peers.RECIPES]
    wishes += [peers.Wish(negotiation=status) for status in peers.BY_STATUS]
    wishes += [peers.Wish(health=word) for word in peers.HEALTH]
    assert [wish for wish in wishes if not any(is_reached(tunnel, wish) for tunnel in tunnels.values())] == []
    # What needs something of the cloud's side is reached with that alone.
    for row, names in (
        ("E1", ["main", "aggressive", "without NAT traversal"]),
        ("H6", ["aggressive"]),
        ("U3", ["several networks"]),
        ("U4", ["two tunnels"]),
        ("W5", ["checked"]),
    ):
        assert [name for name, tunnel in tunnels.items() if is_reached(tunnel, peers.Wish(row=row))] == names, row


def test_a_forced_outcome_holds_at_once_and_is_recorded(tunnels, client):
    tunnel = tunnels["ikev2"]

    def led(row, *, at_once=True):
        peers.apply([tunnel], peers.Wish(row=row), {}, at_once=at_once)
        return peers.tunnels_of(tunnel.connection.resource_id, None)[0].outcome

    outcomes = [led(row) for row in ("F3", "N1", "U1", "N1")]
    # Nothing is left of the codes before.
    assert [(one.row, one.code) for one in outcomes] == [
        ("F3", "DhGroupMismatch"), ("N1", None), ("U1", "PfsMismatch"), ("N1", None)
    ]  # fmt: skip
    client.force_login(factories.make_user(tunnel.account))
    for page in ("logs/", "monitoring/", "diagnosis/"):
        assert client.get(f"{tunnel.connection.get_absolute_url()}{page}").status_code == 200
    assert [*findings()] == []
    assert led("N1", at_once=False).row == ""
    assert set(Event.objects.filter(operation__contains="Device").values_list("actor", flat=True)) == {peers.ACTOR}
