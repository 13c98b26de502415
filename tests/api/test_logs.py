"""DescribeVpnConnectionLogs: windows of time, pages, refusals."""

import pytest

from connections.models import Tunnel
from connections.services import devices
from tests.conftest import NOON
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db
ZERO = int(NOON.timestamp())
FIRST = "2026-11-24 12:00:00 {} [INFO]: phase1: request received, ikev2 [{}[500] <=> 203.0.113.10[500]]"


@pytest.fixture
def tunnel(alice, clock) -> Tunnel:
    """A tunnel that has come up at noon; it is an hour later."""
    made = factories.make_connection(alice.account).tunnel
    devices.load_configuration(factories.make_actor(alice.account), Tunnel.objects.whole().get(pk=made.pk))
    clock.tick(3600)
    return made


def which(tunnel, **more) -> dict:
    return {"RegionId": factories.REGION, "VpnConnectionId": tunnel.connection.resource_id} | more


def logs(api, tunnel, **more) -> list[str]:
    return api.ok("DescribeVpnConnectionLogs", **which(tunnel, **more))["Data"]["Logs"]


def test_the_log_names_the_connection_and_has_the_cloud_s_lines_oldest_first(api, tunnel):
    answer = api.ok("DescribeVpnConnectionLogs", **which(tunnel, From=ZERO, MinutePeriod=1))
    assert answer["Data"]["Logs"][0] == FIRST.format(tunnel.connection.resource_id, tunnel.internet_ip)
    assert [line[11:19] for line in answer["Data"]["Logs"]] == ["12:00:00", "12:00:01", "12:00:02"]
    assert {name: answer[name] for name in answer if name not in ("Data", "RequestId")} == {
        "Count": 3, "IsCompleted": True, "PageNumber": 1, "PageSize": 10,
    }  # fmt: skip


def test_a_window_is_named_by_two_of_three_or_by_minutes_before_now(api, tunnel, clock):
    three = logs(api, tunnel, From=ZERO, To=ZERO + 3)
    assert len(three) == 3
    assert logs(api, tunnel, From=ZERO, To=ZERO + 2) == three[:2]
    assert logs(api, tunnel, From=ZERO + 1, MinutePeriod=1) == three[1:]
    assert logs(api, tunnel, To=ZERO + 60, MinutePeriod=1) == three
    assert logs(api, tunnel, MinutePeriod=10) == []
    assert logs(api, tunnel, From=0, To=2**32 - 1) == three
    clock.tick(-3595)
    assert logs(api, tunnel, MinutePeriod=10) == three
    assert logs(api, tunnel, From=ZERO + 1, To=ZERO + 1000, TunnelId=tunnel.resource_id) == three[1:]


def test_pages_have_no_total(api, tunnel):
    window = {"From": ZERO, "MinutePeriod": 10}
    three = logs(api, tunnel, **window)
    pages = [logs(api, tunnel, **window, PageSize=2, PageNumber=number) for number in (1, 2, 3)]
    assert pages == [three[:2], three[2:], []]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "MissingMinutePeriod"),
        ({"From": ZERO}, "MissingMinutePeriod"),
        ({"To": ZERO}, "MissingMinutePeriod"),
        ({"MinutePeriod": 0}, "InvalidParameter"),
        ({"MinutePeriod": 11}, "InvalidParameter"),
        ({"From": ZERO, "To": ZERO}, "InvalidParameter"),
        ({"From": -1, "MinutePeriod": 1}, "InvalidParameter"),
        ({"From": 2**32, "MinutePeriod": 1}, "InvalidParameter"),
        ({"MinutePeriod": 1, "PageSize": 51}, "InvalidParameter"),
        ({"MinutePeriod": 1, "TunnelId": "tun-another"}, "InvalidTunnelId.NotFound"),
        ({"MinutePeriod": 1, "VpnConnectionId": "vco-another"}, "InvalidVpnConnectionInstanceId.NotFound"),
        ({"MinutePeriod": 1, "VpnConnectionId": ""}, "MissingVpnConnectionId"),
    ],
)
def test_refusals(api, tunnel, sent, code):
    assert api.no("DescribeVpnConnectionLogs", **which(tunnel) | sent) == code


def test_another_account_s_logs_are_not_found(bobs, tunnel):
    assert bobs.no("DescribeVpnConnectionLogs", **which(tunnel, MinutePeriod=1)).endswith("NotFound")
