"""DiagnoseVpnConnections: the recent problem of each tunnel, in the product's words."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connections.api.actions import ACTIONS
from connections.api.registry import VPC
from connections.models import Device
from connections.services import devices
from connections.services.operations import Actor
from tests.api.shapes import misfits
from vpnconsole.testing import factories
from vpnconsole.testing.factories import REGION

DIAGNOSE = "DiagnoseVpnConnections"
# Longer than a negotiation takes, shorter than until it is repeated.
SOON = 10


@pytest.fixture
def connect(alice, clock):
    """Make a connection whose device agrees with it but for some settings."""
    gateway = factories.make_customer_gateway(alice.account)

    def make(**settings):
        made = factories.make_connection(alice.account, gateway=gateway, tunnel={"psk": "k3y-Planted"})
        devices.load_configuration(Actor.of(alice), made.tunnel)
        device = Device.objects.get(tunnel=made.tunnel)
        for name, value in settings.items():
            setattr(device, name, value)
        device.save()
        return made

    return make


def ids(*connections):
    return {f"VpnConnectionIds.{number}": one.resource_id for number, one in enumerate(connections, 1)}


def entries(api, *connections, **more):
    return api.ok(DIAGNOSE, RegionId=REGION, **ids(*connections), **more)["VpnConnections"]


def test_a_problem_has_its_code_both_values_and_a_line_of_the_log(api, clock, connect):
    connection = connect(ike_pfs=["group14"])
    clock.tick(SOON)
    (entry,) = entries(api, connection)
    log = entry.pop("SourceLog")
    assert entry == {
        "VpnConnectionId": connection.resource_id,
        "TunnelId": connection.tunnel.resource_id,
        "FailedReasonCode": "DhGroupMismatch",
        "FailedReason": "The DH groups of phase 1 differ.",
        "FailedTime": entry["FailedTime"],
        "Severity": "Critical",
        "MismatchLocalParam": "group2",
        "MismatchRemoteParam": "group14",
    }
    begun = Device.objects.get(tunnel=connection.tunnel).changed_at.timestamp() * 1000
    assert begun <= entry["FailedTime"] <= begun + SOON * 1000
    assert "[PROTO_ERR]" in log
    assert "rejected dh_group" in log


def test_keys_are_hidden(api, clock, connect):
    connection = connect(psk="k3y-Other")
    clock.tick(SOON)
    (entry,) = entries(api, connection)
    assert entry["FailedReasonCode"] == "PskMismatch"
    assert (entry["MismatchLocalParam"], entry["MismatchRemoteParam"]) == ("******", "******")
    assert "k3y" not in str(entry)


def test_healthy_tunnels_have_no_entry(api, clock, connect):
    healthy, broken = connect(), connect(ipsec_enc_alg=["des"])
    assert entries(api, healthy, broken) == []
    clock.tick(SOON)
    assert [one["VpnConnectionId"] for one in entries(api, healthy, broken)] == [broken.resource_id]


def test_a_problem_of_former_settings_stays_for_three_minutes_without_values(api, clock, alice, connect):
    connection = connect(ike_pfs=["group14"])
    clock.tick(SOON)
    devices.load_configuration(Actor.of(alice), connection.tunnel)
    clock.tick(SOON)
    (entry,) = entries(api, connection)
    assert (entry["FailedReasonCode"], entry["Severity"]) == ("DhGroupMismatch", "Warn")
    assert [entry[name] for name in ("SourceLog", "MismatchLocalParam", "MismatchRemoteParam")] == ["", "", ""]
    clock.tick(180)
    assert entries(api, connection) == []


def test_a_device_that_is_not_configured_does_not_answer(api, clock, alice):
    connection = factories.make_connection(alice.account)
    clock.tick(SOON)
    (entry,) = entries(api, connection)
    assert (entry["FailedReasonCode"], entry["Severity"]) == ("NoResponse", "Warn")


def test_tunnels_can_be_named_and_both_lists_narrow(api, clock, connect):
    one, other = connect(psk="k3y-Other"), connect(psk="k3y-Other")
    clock.tick(SOON)
    by_tunnel = api.ok(DIAGNOSE, RegionId=REGION, **{"TunnelIds.1": one.tunnel.resource_id})["VpnConnections"]
    assert [entry["VpnConnectionId"] for entry in by_tunnel] == [one.resource_id]
    both = entries(api, one, other, **{"TunnelIds.1": one.tunnel.resource_id})
    assert both == by_tunnel
    assert entries(api, one, VpnGatewayId="vpn-not-exist") == by_tunnel
    assert entries(api, one, VpnGatewayId="vpn-other") == []


def test_a_page_of_several_takes_as_many_queries_as_one(api, clock, connect):
    connections = [connect(psk="k3y-Other") for _number in range(3)]
    clock.tick(SOON)
    # The first request of a key writes when it was used.
    entries(api, connections[0])
    with CaptureQueriesContext(database) as for_one:
        entries(api, connections[0])
    with CaptureQueriesContext(database) as for_three:
        answer = api.ok(DIAGNOSE, RegionId=REGION, **ids(*connections), PageSize=2, PageNumber=2)
    assert len(for_three) == len(for_one)
    assert (len(answer["VpnConnections"]), answer["TotalCount"], answer["PageNumber"]) == (1, 3, 2)
    assert misfits(answer, ACTIONS[VPC, DIAGNOSE].answer | {"RequestId": str}) == []


def test_what_is_not_there_is_refused(api, bobs, clock, connect):
    connection = connect()
    for client, named, code in (
        (api, {}, "MissingVpnConnectionIds"),
        (bobs, ids(connection), "InvalidVpnConnectionInstanceId.NotFound"),
        (api, ids(connection) | {"TunnelIds.1": "tun-nowhere"}, "InvalidResourceId.NotFound"),
        (bobs, {"TunnelIds.1": connection.tunnel.resource_id}, "InvalidResourceId.NotFound"),
    ):
        assert client.no(DIAGNOSE, RegionId=REGION, **named) == code
