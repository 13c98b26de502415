"""What a row stores, and what the database's constraints refuse."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from connections.models import Attachment, Connection, CustomerGateway, Event, Route, ServiceLinkedRole, Tag, Tunnel
from vpnconsole.testing.factories import (
    make_account,
    make_cen,
    make_connection,
    make_customer_gateway,
    make_transit_router,
)

pytestmark = pytest.mark.django_db


def test_networks_come_back_as_a_list_in_their_order():
    account = make_account()
    networks = {"local_subnet": ["10.1.0.0/16", "10.0.0.0/16"], "remote_subnet": ["192.168.0.0/24"]}
    connection = make_connection(account, routing_mode="protected", **networks)
    stored = Connection.objects.get(pk=connection.pk)
    assert stored.local_subnet == ["10.1.0.0/16", "10.0.0.0/16"]
    assert stored.remote_subnet == ["192.168.0.0/24"]


def test_ids_are_made_once_and_carry_the_region(clock):
    connection = make_connection(make_account())
    first = connection.resource_id
    assert first.startswith("vco-gw8")
    connection.save()
    assert Connection.objects.get().resource_id == first


def test_identities_follow_the_addresses_unless_they_were_typed():
    account = make_account()
    implied = make_connection(account).tunnel
    assert (implied.identity, implied.peer_identity) == (implied.internet_ip, "203.0.113.10")
    typed = make_connection(account, tunnel={"local_id": "cloud.example.com", "remote_id": "10.9.9.9"}).tunnel
    assert (typed.identity, typed.peer_identity) == ("cloud.example.com", "10.9.9.9")


def test_the_peers_bgp_address_is_the_other_host():
    tunnel = Tunnel(tunnel_cidr="169.254.10.0/30", local_bgp_ip="169.254.10.2")
    assert tunnel.peer_bgp_ip == "169.254.10.1"
    assert Tunnel().peer_bgp_ip == ""


def test_a_row_reports_every_problem_with_its_code():
    gateway = CustomerGateway(name="http://x", description="d" * 101, ip_address="127.0.0.1", asn=45104, auth_key="a b")
    with pytest.raises(ValidationError) as caught:
        gateway.clean()
    codes = {field: [error.code for error in errors] for field, errors in caught.value.error_dict.items()}
    assert codes == {
        "name": ["url_prefix"],
        "description": ["too_long"],
        "ip_address": ["reserved"],
        "asn": ["reserved"],
        "auth_key": ["bad_character"],
    }


def test_a_key_does_not_stand_in_how_a_row_shows_itself():
    tunnel = make_connection(make_account(), tunnel={"psk": "do-not-show-me"}).tunnel
    assert "do-not-show-me" not in f"{tunnel!r} {tunnel}"


def test_an_event_is_never_changed_or_deleted():
    make_connection(make_account())
    event = Event.objects.first()
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()


def two_tunnel_blocks(account):
    for _ in range(2):
        make_connection(account)
    Tunnel.objects.update(tunnel_cidr="169.254.10.0/30")


def two_attachments(account):
    make_connection(account, router=make_transit_router(account))
    attachment = Attachment.objects.get()
    attachment.pk, attachment.resource_id = None, ""
    attachment.save()


def two_routers_in_a_region(account):
    cen = make_cen(account)
    first = make_transit_router(account, cen=cen)
    first.pk, first.resource_id = None, ""
    first.save()


def two_roles(account):
    for _ in range(2):
        ServiceLinkedRole.objects.create(account=account, name=ServiceLinkedRole.VPN)


def two_routes_to_a_destination(account):
    connection = make_connection(account)
    for _ in range(2):
        Route.objects.create(connection=connection, destination="10.0.0.0/8")


def a_tag_on_two_resources(account):
    Tag.objects.create(account=account, key="k", cen=make_cen(account), customer_gateway=make_customer_gateway(account))


def a_tag_on_nothing(account):
    Tag.objects.create(account=account, key="k")


def a_key_twice(account):
    cen = make_cen(account)
    for _ in range(2):
        Tag.objects.create(account=account, key="k", cen=cen)


def two_default_groups(account):
    account.resource_groups.create(name="another", is_default=True)


def a_gateway_number_out_of_range(account):
    make_customer_gateway(account)
    CustomerGateway.objects.update(asn=0)


@pytest.mark.parametrize(
    "deed",
    [
        two_tunnel_blocks,
        two_attachments,
        two_routers_in_a_region,
        two_roles,
        two_routes_to_a_destination,
        a_tag_on_two_resources,
        a_tag_on_nothing,
        a_key_twice,
        two_default_groups,
        a_gateway_number_out_of_range,
    ],
)
def test_the_database_itself_refuses(deed):
    account = make_account()
    with pytest.raises(IntegrityError):
        deed(account)
