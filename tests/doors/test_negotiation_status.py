"""List, filter, figures, details and API read the negotiation status that services store with a tunnel."""

import pytest
from django.test import Client

from connections.console import summary, tables
from connections.domain.choices import NegotiationStatus
from connections.models import AccessKey, Tunnel
from vpnconsole.testing import factories
from vpnconsole.testing.clients import ApiClient

pytestmark = pytest.mark.django_db

LIST = f"/{factories.REGION}/connections/"
BGP = {"enable_bgp": True, "tunnel": {"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"}}
HEALTH_CHECK = {"health_check": True, "health_check_dip": "192.168.0.1", "health_check_sip": "10.0.0.1"}


@pytest.fixture
def user():
    return factories.make_user()


@pytest.fixture
def connection(user):
    return factories.make_connection(user.account, **BGP, **HEALTH_CHECK)


def test_a_new_connection_has_not_been_negotiated(connection):
    assert connection.tunnel.status == NegotiationStatus.IKE_DOWN


@pytest.mark.parametrize("status", NegotiationStatus)
def test_every_door_shows_the_stored_status(user, connection, status):
    factories.make_connection(user.account)
    Tunnel.objects.filter(connection=connection).update(negotiation_status=status)
    number = 2 if status == NegotiationStatus.IKE_DOWN else 1

    client = Client()
    client.force_login(user)
    for address in (f"{LIST}?status={status}", f"{LIST}{connection.resource_id}/"):
        assert str(status.label) in client.get(address).content.decode()
    for other in NegotiationStatus:
        rows = tables.connections(user.account, factories.REGION, {"status": other.value})
        assert (connection.pk in {row.pk for row in rows.every_row}) == (other == status)
    _states, statuses = summary.of_connections(user.account, factories.REGION, {})
    assert {figure.state: figure.count for figure in statuses}[status] == number

    api = ApiClient(AccessKey.objects.create(user=user))
    answer = api.ok("DescribeVpnConnection", RegionId=factories.REGION, VpnConnectionId=connection.resource_id)
    is_up = status == NegotiationStatus.IPSEC_UP
    assert answer["Status"] == status
    assert answer["VpnBgpConfig"]["Status"] == ("true" if is_up else "false")
    assert answer["VcoHealthCheck"]["Status"] == ("success" if is_up else "failed")
