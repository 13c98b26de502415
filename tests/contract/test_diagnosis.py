"""DiagnoseVpnConnections by the official SDK, with and without asyncio."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from alibabacloud_vpc20160428 import models as vpc

from connections import clock
from connections.models import Device, Tunnel
from connections.services import devices
from connections.services.operations import Actor
from tests.contract.test_life import connection_of, gateway_of, refusal
from vpnconsole.testing.factories import REGION


@pytest.fixture
def broken(sdk, alice) -> str:
    """A connection whose device has had another DH group for a while."""
    connection = connection_of(sdk, gateway_of(sdk)).vpn_connection_id
    tunnel = Tunnel.objects.whole().get(connection__resource_id=connection)
    devices.load_configuration(Actor.of(alice), tunnel)
    since = clock.now() - timedelta(seconds=20)
    Device.objects.filter(tunnel=tunnel).update(ike_pfs=["group1"], changed_at=since)
    return connection


def test_a_problem_is_told_with_both_values(sdk, broken):
    request = vpc.DiagnoseVpnConnectionsRequest(region_id=REGION, vpn_connection_ids=[broken], page_size=10)
    body = sdk.vpc.diagnose_vpn_connections(request).body
    (found,) = body.vpn_connections
    assert (body.total_count, body.page_number, body.page_size) == (1, 1, 10)
    assert (found.vpn_connection_id, found.failed_reason_code, found.severity) == (
        broken,
        "DhGroupMismatch",
        "Critical",
    )
    assert (found.mismatch_local_param, found.mismatch_remote_param) == ("group2", "group1")
    assert found.failed_reason == "The DH groups of phase 1 differ."
    assert "dh_group" in found.source_log
    assert abs(found.failed_time / 1000 - clock.now().timestamp()) < 180

    by_tunnel = vpc.DiagnoseVpnConnectionsRequest(region_id=REGION, tunnel_ids=[found.tunnel_id])
    # In a separate thread: earlier browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        again = pool.submit(asyncio.run, sdk.vpc.diagnose_vpn_connections_async(by_tunnel)).result().body
    assert [one.to_map() for one in again.vpn_connections] == [found.to_map()]


def test_unknown_connections_are_refused(sdk):
    request = vpc.DiagnoseVpnConnectionsRequest(region_id=REGION, vpn_connection_ids=["vco-nowhere"])
    assert refusal(sdk.vpc.diagnose_vpn_connections, request) == (404, "InvalidVpnConnectionInstanceId.NotFound")
