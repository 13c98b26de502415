"""The device that `tests.mirrored` makes has what the peer configuration says, and agrees with the cloud."""

from datetime import UTC, datetime, timedelta

import pytest

from connections.negotiation import Bgp, Cloud, Course, Situation, outcome
from connections.peer_config import from_connection
from tests.mirrored import mirror
from vpnconsole.testing.factories import make_account, make_connection, make_customer_gateway, make_route

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

PROTECTED = {
    "routing_mode": "protected",
    "local_subnet": ["10.10.0.0/16", "10.20.0.0/16"],
    "remote_subnet": ["192.168.50.0/24"],
}
BGP = {
    "enable_bgp": True,
    "local_asn": 64800,
    "tunnel": {"tunnel_cidr": "169.254.11.0/30", "local_bgp_ip": "169.254.11.1"},
}
TUNNEL_FIELDS = (
    "ike_version",
    "ike_mode",
    "ike_enc_alg",
    "ike_auth_alg",
    "ike_pfs",
    "ike_lifetime",
    "psk",
    "ipsec_enc_alg",
    "ipsec_auth_alg",
    "ipsec_pfs",
    "ipsec_lifetime",
    "enable_dpd",
    "enable_nat_traversal",
)


def cloud_of(connection) -> Cloud:
    """The cloud's side of a stored connection."""
    tunnel, document = connection.tunnel, from_connection(connection)
    gateway = tunnel.customer_gateway
    return Cloud(
        gateway_ip=tunnel.internet_ip,
        customer_gateway_ip=gateway.ip_address,
        local_id=tunnel.identity,
        remote_id=tunnel.peer_identity,
        # The document is written from the device's point of view.
        local_subnet=document.remote_selectors,
        remote_subnet=document.local_selectors,
        effect_immediately=connection.effect_immediately,
        bgp=Bgp(
            local_asn=connection.local_asn,
            local_ip=tunnel.local_bgp_ip,
            peer_asn=gateway.asn,
            peer_ip=tunnel.peer_bgp_ip,
            key=gateway.auth_key,
        )
        if connection.enable_bgp
        else None,
        **{name: getattr(tunnel, name) for name in TUNNEL_FIELDS},
    )


@pytest.mark.parametrize(
    "settings",
    [
        {},
        PROTECTED,
        BGP,
        {**PROTECTED, **BGP},
        {
            "tunnel": {
                "ike_version": "ikev1",
                "ike_mode": "aggressive",
                "local_id": "cloud.example",
                "remote_id": "hq.example",
            }
        },
        {
            "tunnel": {
                "ike_version": "ikev1",
                "ipsec_pfs": "disabled",
                "enable_dpd": False,
                "enable_nat_traversal": False,
            }
        },
    ],
    ids=["usual", "protected", "bgp", "protected with bgp", "aggressive", "main"],
)
def test_the_device_has_what_the_peer_configuration_says(settings):
    account = make_account()
    gateway = make_customer_gateway(account, auth_key="session-key")
    connection = make_connection(account, gateway=gateway, **settings)
    if settings.get("routing_mode") != "protected":
        make_route(connection, "192.168.60.0/24")
    cloud, document = cloud_of(connection), from_connection(connection)
    device = mirror(cloud, announced=document.announced)

    assert (device.address, device.peer_address) == (document.local_ip, document.remote_ip)
    assert (device.local_id, device.remote_id, device.psk) == (document.local_id, document.remote_id, document.psk)
    assert (device.local_subnet, device.remote_subnet) == (document.local_selectors, document.remote_selectors)
    ike, ipsec = document.ike, document.ipsec
    assert (device.ike_version, device.ike_mode) == ((ike.version,), ike.mode)
    assert (device.ike_enc_alg, device.ike_auth_alg) == ((ike.encryption,), (ike.authentication,))
    assert (device.ike_pfs, device.ike_lifetime) == ((ike.group,), ike.lifetime)
    assert (device.ipsec_enc_alg, device.ipsec_auth_alg) == ((ipsec.encryption,), (ipsec.authentication,))
    assert (device.ipsec_pfs, device.ipsec_lifetime) == ((ipsec.pfs,), ipsec.lifetime)
    assert (device.enable_dpd, device.enable_nat_traversal) == (document.dpd, document.nat_traversal)
    assert (device.bgp is None) == (document.bgp is None)
    if device.bgp and document.bgp:
        bgp = document.bgp
        assert (device.bgp.local_asn, device.bgp.local_ip) == (bgp.local_asn, bgp.local_ip)
        assert (device.bgp.peer_asn, device.bgp.peer_ip, device.bgp.key) == (bgp.peer_asn, bgp.peer_ip, bgp.key)
        assert tuple(announcement.prefix for announcement in device.bgp.announced) == document.announced

    result = outcome(Course(Situation("tun-1", NOON, cloud, device)), NOON + timedelta(minutes=1))
    assert (result.is_up, result.code, result.notes) == (True, None, ())
    assert result.bgp is None or result.bgp.is_established
