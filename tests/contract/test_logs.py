"""Logs of a tunnel, by the official SDK."""

from alibabacloud_vpc20160428 import models as vpc

from connections.models import Tunnel
from connections.services import devices
from tests.contract.test_life import connection_of, gateway_of, refusal
from vpnconsole.testing import factories
from vpnconsole.testing.factories import REGION


def test_logs_page_by_page(sdk, alice):
    connection = connection_of(sdk, gateway_of(sdk)).vpn_connection_id
    tunnel = Tunnel.objects.whole().get(connection__resource_id=connection)
    devices.load_configuration(factories.make_actor(alice.account), tunnel)
    begun = int(Tunnel.objects.whole().get(pk=tunnel.pk).device.changed_at.timestamp())

    def asked(**more):
        return vpc.DescribeVpnConnectionLogsRequest(region_id=REGION, vpn_connection_id=connection, **more)

    page = sdk.vpc.describe_vpn_connection_logs(asked(from_=begun, minute_period=10, page_size=1)).body
    assert (page.count, page.is_completed, page.page_number, page.page_size) == (1, True, 1, 1)
    [line] = page.data.logs
    assert f" {connection} [INFO]: phase1: request received, ikev2 [{tunnel.internet_ip}[500]" in line
    recent = sdk.vpc.describe_vpn_connection_logs(asked(minute_period=10)).body
    assert recent.data.logs[:1] == [line]
    refused = refusal(sdk.vpc.describe_vpn_connection_logs, asked(from_=begun))
    assert refused == (400, "MissingMinutePeriod")
    refused = refusal(sdk.vpc.describe_vpn_connection_logs, asked(minute_period=10, tunnel_id="tun-another"))
    assert refused == (404, "InvalidTunnelId.NotFound")
