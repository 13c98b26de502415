"""List, filter, figures, details, files and API show how a tunnel and its probes fare at a moment."""

import json

import pytest
from django.test import Client

from connections.console import summary, tables
from connections.domain.choices import NegotiationStatus
from connections.models import AccessKey, Tunnel
from connections.services import devices
from vpnconsole.testing import factories
from vpnconsole.testing.clients import ApiClient

pytestmark = pytest.mark.django_db

LIST = f"/{factories.REGION}/connections/"
BGP = {"enable_bgp": True, "tunnel": {"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"}}
HEALTH_CHECK = {"health_check": True, "health_check_dip": "192.168.0.1", "health_check_sip": "10.0.0.1"}
DAY = 86400

# Status, BGP session, health check and code of a tunnel: what is set at the cloud and at a device that has loaded the
# configuration (None: at one that has not), and the seconds since then.
CASES = {
    "nobody starts": ({"effect_immediately": False}, None, 60, "not_negotiated", "Abnormal", "Abnormal",
                      "NoExceptionFound"),
    "no device": ({}, None, 60, "ike_sa_not_established", "Abnormal", "Abnormal", "NoResponse"),
    "another key": ({}, {"psk": "another"}, 60, "ike_sa_not_established", "Abnormal", "Abnormal", "PskMismatch"),
    "on its way": ({}, {}, 1, "ike_sa_established", "Abnormal", "No result yet", None),
    "phase 2 fails": ({}, {"uses_ah": True}, 60, "ipsec_sa_not_established", "Abnormal", "Abnormal",
                      "SecurityProtocolMismatch"),
    "until the first rekey": ({}, {"ipsec_pfs": ["group14"]}, DAY + 60, "ipsec_sa_not_established", "Abnormal",
                              "Abnormal", "PfsMismatch"),
    "just up": ({}, {}, 4, "ipsec_sa_established", "Abnormal", "No result yet", None),
    "up": ({}, {}, 60, "ipsec_sa_established", "Normal", "Normal", None),
    "up, but": ({}, {"peer_asn": 65099, "probe_allowed": False}, 4 * DAY, "ipsec_sa_established", "Abnormal",
                "Abnormal", None),
}  # fmt: skip
ON_WIRE = {"Normal": "success", "Abnormal": "failed", "No result yet": ""}


@pytest.fixture
def user():
    return factories.make_user()


def whole(connection) -> Tunnel:
    return Tunnel.objects.whole().get(connection=connection)


def load(connection) -> None:
    devices.load_configuration(factories.make_actor(connection.account), whole(connection))


@pytest.mark.parametrize("case", CASES)
def test_every_door_shows_the_same(user, clock, case):
    cloud, device, seconds, status, bgp, health, code = CASES[case]
    connection = factories.make_connection(user.account, **BGP, **HEALTH_CHECK, **cloud)
    if device is not None:
        load(connection)
        edited = whole(connection).device
        for name, value in device.items():
            setattr(edited, name, value)
        if device:
            devices.edit_device(factories.make_actor(user.account), edited, edited.revision)
    clock.tick(seconds)

    client = Client()
    client.force_login(user)
    [row] = json.loads(b"".join(client.get(f"{LIST}export/?format=json").streaming_content))
    label = NegotiationStatus(status).label
    assert (row["status"], row["bgp"], row["health"], row["code"]) == (label, bgp, health, code)

    for address in (f"{LIST}?status={status}", f"{LIST}{connection.resource_id}/"):
        html = client.get(address).content.decode().replace("<wbr>", "")
        assert f">{label}</span>" in html
        assert code is None or f">{code}</span>" in html
    for other in NegotiationStatus:
        rows = tables.connections(user.account, factories.REGION, {"status": other.value})
        assert {row.pk for row in rows.every_row} == ({connection.pk} if other == status else set())
    _states, statuses = summary.of_connections(user.account, factories.REGION, {})
    assert {figure.state: figure.count for figure in statuses} == {status: 1}

    api = ApiClient(AccessKey.objects.create(user=user))
    one = api.ok("DescribeVpnConnection", RegionId=factories.REGION, VpnConnectionId=connection.resource_id)
    [same] = api.ok("DescribeVpnConnections", RegionId=factories.REGION)["VpnConnections"]["VpnConnection"]
    for answer in (one, same):
        assert answer["Status"] == ("ike_sa_not_established" if status == "not_negotiated" else status)
        assert (answer["VpnBgpConfig"]["Status"], answer["VcoHealthCheck"]["Status"]) == (ON_WIRE[bgp], ON_WIRE[health])


def test_a_session_and_a_check_that_are_off_have_no_result(user, clock):
    connection = factories.make_connection(user.account)
    client = Client()
    client.force_login(user)
    [row] = json.loads(b"".join(client.get(f"{LIST}export/?format=json").streaming_content))
    assert (row["bgp"], row["health"]) == ("Not enabled", "Not enabled")
    api = ApiClient(AccessKey.objects.create(user=user))
    answer = api.ok("DescribeVpnConnection", RegionId=factories.REGION, VpnConnectionId=connection.resource_id)
    assert answer["VpnBgpConfig"]["Status"] == "false"
    assert "Status" not in answer["VcoHealthCheck"]


def test_a_problem_is_shown_in_grey_when_it_is_over(user, clock):
    connection = factories.make_connection(user.account)
    load(connection)
    clock.tick(60)
    devices.restart(factories.make_actor(user.account), whole(connection))
    client = Client()
    client.force_login(user)
    shown = []
    for seconds in (10, 169, 1):
        clock.tick(seconds)
        for address in (LIST, f"{LIST}{connection.resource_id}/"):
            html = client.get(address).content.decode().replace("<wbr>", "")
            shown.append((">ReceiveDeleteNotify</span>" in html, "Last problem: ReceiveDeleteNotify" in html))
    assert shown == 4 * [(True, False)] + 2 * [(False, True)]
