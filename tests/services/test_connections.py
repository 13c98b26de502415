"""The service that creates connections: what it creates, refuses and records."""

import copy
import json
import re
from dataclasses import replace
from itertools import islice

import pytest

from connections.domain import rules
from connections.domain.refusals import Invalid, Refused
from connections.models import Attachment, Connection, Event, Route, ServiceLinkedRole, Tag, Tunnel
from connections.services.addresses import proposed_tunnel_cidr
from connections.services.connections import create_connection, modify_connection
from connections.services.devices import load_configuration
from connections.services.drafts import Draft
from vpnconsole.testing.factories import (
    make_account,
    make_actor,
    make_cen,
    make_connection,
    make_customer_gateway,
    make_draft,
    make_transit_router,
)

pytestmark = pytest.mark.django_db

PROTECTED = {"routing_mode": "protected", "local_subnet": ["10.0.0.0/16"], "remote_subnet": ["192.168.0.0/16"]}
BGP = {"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"}


@pytest.fixture
def account():
    return make_account()


def refused(account, **changed) -> list[tuple[str, str]]:
    """The fields and codes for which a draft is refused; nothing of it may be stored."""
    draft = make_draft(account, **changed)
    before = Connection.objects.count(), Tunnel.objects.count(), Tag.objects.count(), ServiceLinkedRole.objects.count()
    with pytest.raises(Invalid) as caught:
        create_connection(make_actor(account), draft)
    after = Connection.objects.count(), Tunnel.objects.count(), Tag.objects.count(), ServiceLinkedRole.objects.count()
    assert after == before
    return [(problem.field, problem.code) for problem in caught.value.problems]


# --- what is created ---------------------------------------------------------------------------------------------


def test_the_least_connection_has_every_default(account):
    connection = Connection.objects.with_parts().get(pk=make_connection(account, name="").pk)
    tunnel = connection.tunnel
    assert (connection.network_type, connection.routing_mode, connection.enable_bgp) == ("public", "destination", False)
    assert (tunnel.ike_version, tunnel.ike_auth_alg, tunnel.ipsec_pfs, tunnel.ike_lifetime) == (
        "ikev2",
        "sha1",
        "group2",
        86400,
    )
    assert connection.resource_group.is_default
    assert connection.state == "init"
    assert tunnel.negotiation_status == "ike_sa_not_established"


def test_a_blank_key_becomes_sixteen_random_characters(account):
    """[P51]"""
    first, second = make_connection(account).tunnel, make_connection(account).tunnel
    assert re.fullmatch("[a-z0-9]{16}", first.psk)
    assert first.psk != second.psk


def test_a_typed_key_is_stored_to_the_letter(account):
    psk = "~`!@#$%^&*()_-+={}[]\\|;:',.<>/?aZ9"
    assert Tunnel.objects.get(connection=make_connection(account, tunnel={"psk": psk})).psk == psk


def test_public_gateway_addresses_come_from_the_benchmark_range_and_differ(account):
    addresses = {make_connection(account).tunnel.internet_ip for _ in range(5)}
    assert len(addresses) == 5
    assert all(address.startswith(("198.18.", "198.19.")) for address in addresses)


def test_an_attached_connection_has_an_attachment_with_the_switches_as_chosen(account):
    router = make_transit_router(account)
    draft = make_draft(account, router=router)
    draft.attachment.propagate_to_default_route_table = False
    connection = create_connection(make_actor(account), draft)
    attachment = Attachment.objects.get(connection=connection)
    assert (attachment.transit_router, attachment.zone, attachment.order_type) == (
        router,
        "eu-central-1a",
        "PayByCenOwner",
    )
    assert attachment.auto_publish_route_enabled
    assert attachment.associate_default_route_table
    assert not attachment.propagate_to_default_route_table


def test_protected_flows_add_a_route_to_each_remote_network(account):
    networks = PROTECTED | {"remote_subnet": ["192.168.0.0/24", "192.168.1.0/24"]}
    connection = make_connection(account, **networks)
    routes = Route.objects.filter(connection=connection).values_list("destination", "source")
    assert list(routes) == [("192.168.0.0/24", "automatic"), ("192.168.1.0/24", "automatic")]


def test_destination_routing_adds_none(account):
    assert not make_connection(account).routes.exists()


def test_what_does_not_apply_is_cleared(account):
    connection = make_connection(
        account,
        routing_mode="destination",
        local_subnet=["10.0.0.0/16"],
        remote_subnet=["192.168.0.0/16"],
        enable_bgp=False,
        local_asn=64512,
        health_check=False,
        tunnel=BGP,
    )
    stored, tunnel = Connection.objects.get(pk=connection.pk), Tunnel.objects.get(connection=connection)
    assert (stored.local_subnet, stored.remote_subnet, stored.local_asn) == ([], [], 45104)
    assert (tunnel.tunnel_cidr, tunnel.local_bgp_ip) == ("", "")
    assert not stored.routes.exists()


def health_check(**fields):
    return {f"health_check_{name}": value for name, value in fields.items()}


def test_a_health_check_that_is_off_keeps_what_is_right(account):
    kept = health_check(dip="192.168.0.1", sip="10.0.0.1", interval=11, retry=9, policy="reserve_route")
    connection = Connection.objects.get(pk=make_connection(account, health_check=False, **kept).pk)
    assert {name: getattr(connection, name) for name in kept} == kept
    wrong = health_check(dip="192.168.0.999", sip="10.0.0.1", interval=99999, retry=None, policy="reserve_route")
    connection = Connection.objects.get(pk=make_connection(account, health_check=False, **wrong).pk)
    defaults = health_check(dip="", interval=3, retry=3)
    assert {name: getattr(connection, name) for name in kept} == wrong | defaults


def test_tags_are_stored_with_the_connection(account):
    connection = make_connection(account, tags=[("env", "prod"), ("empty", "")])
    assert [str(tag) for tag in connection.tags.all()] == ["env=prod", "empty"]


# --- private connections -----------------------------------------------------------------------------------------


def test_a_private_connection_draws_its_address_from_the_routers_block(account):
    router = make_transit_router(account, cidrs=["10.200.0.0/24"])
    gateway = make_customer_gateway(account, ip_address="10.9.0.1")
    addresses = [
        make_connection(account, gateway=gateway, router=router, network_type="private").tunnel.internet_ip
        for _ in range(3)
    ]
    assert addresses == ["10.200.0.1", "10.200.0.2", "10.200.0.3"]


def test_an_unassociated_private_connection_has_no_address_yet(account):
    assert make_connection(account, network_type="private").tunnel.internet_ip == ""


def test_a_private_connection_needs_a_router_with_a_block(account):
    router = make_transit_router(account)
    assert refused(account, router=router, network_type="private") == [("transit_router", "no_cidr")]


def test_a_block_without_a_free_address_is_said_so(account):
    router = make_transit_router(account, cidrs=["10.200.0.0/24"])
    connection = make_connection(account, router=router, network_type="private")
    tunnel = connection.tunnel
    Tunnel.objects.bulk_create(
        Tunnel(
            resource_id=f"tun-{number}",
            connection=connection,
            account=account,
            region_id=connection.region_id,
            index=number,
            internet_ip=f"10.200.0.{number}",
            customer_gateway=tunnel.customer_gateway,
        )
        for number in range(2, 255)
    )
    with pytest.raises(Refused) as caught:
        make_connection(account, router=router, network_type="private")
    assert caught.value.code == "no_free_address"
    assert Connection.objects.count() == 1


# --- rules that span rows ----------------------------------------------------------------------------------------


def test_every_problem_is_reported_at_once(account):
    codes = refused(
        account,
        name="http://x",
        **(PROTECTED | {"local_subnet": ["10.0.0.0/16", "10.1.0.0/16"]}),
        tunnel={"ike_version": "ikev1", "psk": "a b", "ike_lifetime": 90000},
        tags=[("aliyun", "")],
    )
    assert sorted(codes) == [
        ("ike_lifetime", "out_of_range"),
        ("ike_version", "several_networks_need_ikev2"),
        ("name", "url_prefix"),
        ("psk", "space"),
        ("tags", "key_reserved_prefix"),
    ]


def test_bgp_needs_a_gateway_with_a_number(account):
    gateway = make_customer_gateway(account, asn=None)
    assert refused(account, gateway=gateway, enable_bgp=True, tunnel=BGP) == [("customer_gateway", "no_asn")]


def test_a_tunnel_block_is_used_once_in_an_account_and_region(account):
    make_connection(account, enable_bgp=True, tunnel=BGP)
    assert refused(account, enable_bgp=True, tunnel=BGP) == [("tunnel_cidr", "taken")]


def test_elsewhere_the_same_tunnel_block_is_free(account):
    make_connection(account, enable_bgp=True, tunnel=BGP)
    london = make_customer_gateway(account, region_id="eu-west-1")
    make_connection(account, gateway=london, enable_bgp=True, tunnel=BGP)
    make_connection(make_account("Summit Retail"), enable_bgp=True, tunnel=BGP)
    assert Tunnel.objects.filter(tunnel_cidr=BGP["tunnel_cidr"]).count() == 3


def test_the_proposed_block_is_the_next_free_one(account):
    assert proposed_tunnel_cidr(account, "eu-central-1") == "169.254.10.0/30"
    make_connection(account, enable_bgp=True, tunnel=BGP)
    assert proposed_tunnel_cidr(account, "eu-central-1") == "169.254.10.4/30"
    assert proposed_tunnel_cidr(account, "eu-west-1") == "169.254.10.0/30"


@pytest.mark.parametrize(("used", "next_one"), [(23, "169.254.10.92/30"), (24, "169.254.10.96/30")])
def test_a_block_is_proposed_however_many_are_used(account, used, next_one):
    gateway = make_customer_gateway(account)
    for block in islice(rules.tunnel_cidrs_to_offer(), used):
        host = rules.tunnel_hosts(block)[0]
        make_connection(account, gateway=gateway, enable_bgp=True, tunnel={"tunnel_cidr": block, "local_bgp_ip": host})
    assert proposed_tunnel_cidr(account, "eu-central-1") == next_one


def test_a_gateway_of_another_region_is_refused(account):
    gateway = make_customer_gateway(account, region_id="eu-west-1")
    assert refused(account, gateway=gateway, region_id="eu-central-1") == [("customer_gateway", "other_region")]


def test_another_accounts_gateway_is_not_found(account):
    gateway = make_customer_gateway(make_account("Summit Retail"))
    assert refused(account, gateway=gateway) == [("customer_gateway", "not_found")]


def test_another_accounts_transit_router_is_not_found(account):
    router = make_transit_router(make_account("Summit Retail"))
    assert refused(account, router=router) == [("transit_router", "not_found")]


@pytest.mark.parametrize(
    ("region", "zone", "expected"),
    [
        ("eu-central-1", "eu-west-1a", [("zone", "other_region")]),
        ("eu-west-1", "eu-central-1a", [("transit_router", "other_region")]),
    ],
)
def test_router_and_zone_are_of_the_connections_region(account, region, zone, expected):
    router = make_transit_router(account, region_id=region)
    assert refused(account, router=router, zone=zone) == expected


def test_a_router_that_is_being_created_is_busy(account, settings, clock):
    settings.TRANSITION_SECONDS = 10
    cen = make_cen(account)
    clock.tick(10)
    router = make_transit_router(account, cen=cen)
    with pytest.raises(Refused) as caught:
        make_connection(account, router=router)
    assert caught.value.code == "configuring"
    assert not Connection.objects.exists()
    clock.tick(10)
    make_connection(account, router=router)


# --- role and events ---------------------------------------------------------------------------------------------


def test_the_role_is_made_with_the_first_connection_and_never_again(account, clock):
    make_connection(account)
    role = ServiceLinkedRole.objects.get(account=account)
    clock.tick(60)
    make_connection(account)
    assert ServiceLinkedRole.objects.get(account=account).created_at == role.created_at


def test_each_operation_leaves_one_event(account):
    connection = make_connection(account, router=make_transit_router(account))
    operations = [event.operation for event in Event.objects.filter(account=account).order_by("id")]
    assert operations == ["CreateCen", "CreateTransitRouter", "CreateCustomerGateway", "CreateVpnAttachment"]
    event = Event.objects.get(operation="CreateVpnAttachment")
    assert (event.resource_id, event.region_id, event.outcome) == (connection.resource_id, "eu-central-1", "success")


def test_a_refusal_leaves_an_event_too(account, settings, clock):
    settings.TRANSITION_SECONDS = 10
    cen = make_cen(account)
    clock.tick(10)
    router = make_transit_router(account, cen=cen)
    draft = make_draft(account, router=router)
    with pytest.raises(Refused):
        create_connection(make_actor(account), draft)
    event = Event.objects.get(operation="CreateVpnAttachment")
    assert (event.outcome, event.code) == ("refused", "configuring")


def test_no_event_holds_a_secret(account):
    gateway = make_customer_gateway(account, auth_key="planted-bgp-key")
    make_connection(account, gateway=gateway, tunnel={"psk": "planted-psk"})
    everything = json.dumps(list(Event.objects.values()), default=str)
    assert "CreateVpnAttachment" in everything
    assert "planted" not in everything


def test_a_change_of_one_tunnel_negotiates_that_tunnel_alone(account, clock):
    draft = make_draft(account)
    first = draft.tunnels[0]
    second = Tunnel(index=2, customer_gateway=first.customer_gateway)
    create_connection(make_actor(account), replace(draft, tunnels=[first, second]))
    for tunnel in Tunnel.objects.all():
        load_configuration(make_actor(account), tunnel)
    clock.tick(60)
    stored = Connection.objects.with_parts().get()
    tunnels = [copy.copy(tunnel) for tunnel in stored.tunnels.all()]
    tunnels[1].ike_pfs = "group14"
    modify_connection(make_actor(account), Draft(copy.copy(stored), tunnels), stored.revision)
    statuses = [tunnel.status for tunnel in Tunnel.objects.order_by("index")]
    assert statuses == ["ipsec_sa_established", "not_negotiated"]
