"""The peer's document of a stored connection: sides swapped, blanks filled in, nothing invented."""

import pytest

from connections.domain.choices import NetworkType, RoutingMode
from connections.domain.refusals import Refused
from connections.models import Connection
from connections.peer_config import from_connection
from vpnconsole.testing.factories import make_account, make_connection, make_customer_gateway, make_transit_router

pytestmark = pytest.mark.django_db


def document_of(connection):
    return from_connection(Connection.objects.with_parts().get(pk=connection.pk))


def test_the_sides_are_swapped():
    account = make_account()
    gateway = make_customer_gateway(account, asn=65010, auth_key="border#gate")
    connection = make_connection(
        account,
        gateway=gateway,
        routing_mode=RoutingMode.PROTECTED,
        local_subnet=["10.10.0.0/24", "10.11.0.0/24"],
        remote_subnet=["192.168.50.0/24"],
        enable_bgp=True,
        local_asn=123 * 65536 + 456,
        health_check=True,
        health_check_dip="192.168.50.9",
        health_check_sip="10.10.0.9",
        tunnel={
            "local_id": "gw.example.com",
            "remote_id": "dc.example.com",
            "psk": "s3cret'",
            "tunnel_cidr": "169.254.11.0/30",
            "local_bgp_ip": "169.254.11.1",
        },
    )
    document = document_of(connection)
    assert document.connection_id == connection.resource_id
    assert (document.local_ip, document.remote_ip) == (gateway.ip_address, connection.tunnel.internet_ip)
    assert (document.local_id, document.remote_id) == ("dc.example.com", "gw.example.com")
    assert document.local_networks == ("192.168.50.0/24",)
    assert document.remote_networks == ("10.10.0.0/24", "10.11.0.0/24")
    assert document.psk == "s3cret'"
    assert (document.bgp.local_asn, document.bgp.local_ip) == (65010, "169.254.11.2")
    assert (document.bgp.peer_asn, document.bgp.peer_ip) == (8061384, "169.254.11.1")
    assert document.bgp.key == "border#gate"
    assert (document.health_check.source, document.health_check.destination) == ("10.10.0.9", "192.168.50.9")
    assert document.announced == ("192.168.50.0/24",)


def test_blank_identities_are_the_addresses():
    connection = make_connection(make_account())
    document = document_of(connection)
    assert document.local_id == document.local_ip == "203.0.113.10"
    assert document.remote_id == document.remote_ip == connection.tunnel.internet_ip


@pytest.mark.parametrize(
    ("mode", "bgp", "selectors"),
    [
        (RoutingMode.DESTINATION, False, ("0.0.0.0/0",)),
        (RoutingMode.DESTINATION, True, ("0.0.0.0/0",)),
        (RoutingMode.PROTECTED, False, ("192.168.50.0/24",)),
        (RoutingMode.PROTECTED, True, ("0.0.0.0/0",)),
    ],
)
def test_routes_decide_unless_data_flows_are_protected(mode, bgp, selectors):
    connection = make_connection(
        make_account(),
        routing_mode=mode,
        local_subnet=["10.10.0.0/24"],
        remote_subnet=["192.168.50.0/24"],
        enable_bgp=bgp,
        tunnel={"tunnel_cidr": "169.254.11.0/30", "local_bgp_ip": "169.254.11.1"},
    )
    document = document_of(connection)
    assert document.local_selectors == selectors
    assert document.is_route_based == (selectors == ("0.0.0.0/0",))


def test_every_choice_arrives():
    tunnel = {
        "ike_version": "ikev1",
        "ike_mode": "aggressive",
        "ike_enc_alg": "3des",
        "ike_auth_alg": "md5",
        "ike_pfs": "group5",
        "ike_lifetime": 3600,
        "ipsec_enc_alg": "aes192",
        "ipsec_auth_alg": "sha512",
        "ipsec_pfs": "disabled",
        "ipsec_lifetime": 0,
        "enable_dpd": False,
        "enable_nat_traversal": False,
    }
    document = document_of(make_connection(make_account(), effect_immediately=False, tunnel=tunnel))
    ike, ipsec = document.ike, document.ipsec
    assert (ike.version, ike.mode) == ("ikev1", "aggressive")
    assert (ike.encryption, ike.authentication, ike.group, ike.lifetime) == ("3des", "md5", "group5", 3600)
    assert (ipsec.encryption, ipsec.authentication, ipsec.pfs, ipsec.lifetime) == ("aes192", "sha512", "disabled", 0)
    assert [document.dpd, document.nat_traversal, document.cloud_initiates] == [False] * 3


def test_a_private_connection_has_a_gateway_address_once_it_is_attached():
    account = make_account()
    gateway = make_customer_gateway(account, ip_address="10.1.2.3")
    waiting = make_connection(account, gateway=gateway, network_type=NetworkType.PRIVATE)
    with pytest.raises(Refused) as refusal:
        document_of(waiting)
    assert refusal.value.code == "no_gateway_ip"
    router = make_transit_router(account, cidrs=["10.20.0.0/24"])
    attached = make_connection(account, gateway=gateway, network_type=NetworkType.PRIVATE, router=router)
    assert document_of(attached).remote_ip == "10.20.0.1"
