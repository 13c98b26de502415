"""Connections with two tunnels: what is created, refused, changed and negotiated."""

import copy
from itertools import islice

import pytest

from connections.documents import as_text, exported, import_text
from connections.domain import rules
from connections.domain.choices import NegotiationStatus
from connections.domain.refusals import Invalid, Refused
from connections.models import Attachment, Connection, Device, Event, Tunnel
from connections.services import devices
from connections.services.accounts import change_settings
from connections.services.attachments import create_attachment, delete_attachment
from connections.services.connections import (
    create_connection,
    delete_connection,
    modify_connection,
    modify_tunnel,
    new_connection,
)
from connections.services.customer_gateways import delete_customer_gateway
from connections.services.drafts import Draft, own_problems
from connections.services.integrity import findings
from connections.services.stored import Stored
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db

UP = NegotiationStatus.IPSEC_UP
PROTECTED = {"routing_mode": "protected", "local_subnet": ["10.0.0.0/16"], "remote_subnet": ["192.168.0.0/16"]}
SEVERAL = PROTECTED | {"local_subnet": ["10.0.0.0/16", "10.1.0.0/16"]}
FIRST = {"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"}
SECOND = {"tunnel_cidr": "169.254.11.0/30", "local_bgp_ip": "169.254.11.1"}
BGP = {"enable_bgp": True, "first": FIRST, "second": SECOND}


@pytest.fixture
def account():
    return factories.make_account()


@pytest.fixture
def pair(account):
    """A connection with two tunnels at rest."""
    made = factories.make_dual(account)
    factories.rest(made)
    return read(made)


def read(connection) -> Connection:
    return Connection.objects.with_parts().get(pk=connection.pk)


def ups(pair, clock, *waits: int) -> list[list[bool]]:
    """Which tunnels are up after so many seconds each."""
    found = []
    for seconds in waits:
        clock.tick(seconds)
        found.append([tunnel.is_up for tunnel in Tunnel.objects.filter(connection=pair).order_by("index")])
    return found


def modified(connection, first=None, second=None, **changed) -> Draft:
    """A draft of a stored connection with changed values."""
    row, tunnels = copy.copy(connection), [copy.copy(tunnel) for tunnel in connection.tunnels.all()]
    for one, values in zip((row, *tunnels), (changed, first or {}, second or {}), strict=True):
        for name, value in values.items():
            setattr(one, name, value)
    return Draft(row, tunnels, None, None)


def problems(caught) -> set[tuple[str, str, int]]:
    return {(problem.field, problem.code, problem.tunnel) for problem in caught.value.problems}


# --- create --------------------------------------------------------------------------------------------------------


def test_both_tunnels_are_made_with_the_connection(account):
    made = read(factories.make_dual(account))
    one, two = made.tunnels.all()
    assert made.is_dual
    assert ((one.index, one.role), (two.index, two.role)) == ((1, "master"), (2, "slave"))
    assert (one.zone, two.zone) == ("eu-central-1a", "eu-central-1b")
    assert "" not in (one.internet_ip, two.internet_ip)
    assert one.internet_ip != two.internet_ip
    assert one.psk != two.psk
    assert {one.device.is_configured, two.device.is_configured} == {False}
    assert list(findings()) == []


def test_in_a_region_with_one_zone_both_tunnels_lie_in_it(account):
    gateway = factories.make_customer_gateway(account, region_id="cn-nanjing")
    assert [tunnel.zone for tunnel in read(factories.make_dual(account, gateways=[gateway])).tunnels.all()] == [
        "cn-nanjing-a",
        "cn-nanjing-a",
    ]


def test_both_tunnels_may_use_one_customer_gateway(account):
    gateway = factories.make_customer_gateway(account)
    made = read(factories.make_dual(account, gateways=[gateway]))
    assert [tunnel.customer_gateway for tunnel in made.tunnels.all()] == [gateway] * 2
    with pytest.raises(Refused) as caught:
        delete_customer_gateway(factories.make_actor(account), gateway)
    assert "1 IPsec-VPN connection: " in str(caught.value)


def test_a_health_check_and_a_zone_are_for_one_tunnel(account):
    """[P172, P173]"""
    router = factories.make_transit_router(account)
    draft = factories.make_dual_draft(account, router=router, health_check=True, health_check_dip="192.168.0.1",
                                      health_check_sip="10.0.0.1")  # fmt: skip
    draft.attachment.zone = "eu-central-1c"
    made = read(create_connection(factories.make_actor(account), draft))
    assert (made.health_check, made.health_check_dip, made.attachment.zone) == (False, "", "")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (BGP | {"second": FIRST}, {("tunnel_cidr", "same_block", 2)}),
        (BGP | {"second": {}}, {("tunnel_cidr", "missing", 2), ("local_bgp_ip", "missing", 2)}),
        (SEVERAL | {"second": {"ike_version": "ikev1"}}, {("ike_version", "several_networks_need_ikev2", 2)}),
        (
            SEVERAL | {"first": {"ike_version": "ikev1"}, "second": {"ike_version": "ikev1"}},
            {("ike_version", "several_networks_need_ikev2", 1), ("ike_version", "several_networks_need_ikev2", 2)},
        ),
        ({"first": {"psk": "a b"}, "second": {"ike_lifetime": 86401}},
         {("psk", "space", 1), ("ike_lifetime", "out_of_range", 2)}),
    ],
)  # fmt: skip
def test_a_problem_names_its_tunnel_and_nothing_is_made(account, changed, expected):
    with pytest.raises(Invalid) as caught:
        factories.make_dual(account, **changed)
    assert problems(caught) == expected
    assert not Connection.objects.exists()
    assert not Tunnel.objects.exists()


def test_with_bgp_each_customer_gateway_needs_an_asn(account):
    """[P176]"""
    gateways = [factories.make_customer_gateway(account, asn=asn, ip_address=f"203.0.113.{asn or 1}")
                for asn in (65, None)]  # fmt: skip
    with pytest.raises(Invalid) as caught:
        factories.make_dual(account, gateways=gateways, **BGP)
    assert problems(caught) == {("customer_gateway", "no_asn", 2)}


def test_one_tunnel_may_use_ikev1_and_a_key_of_its_own(account):
    """[P179, P180]"""
    made = read(factories.make_dual(account, first={"psk": "one"}, second={"psk": "two", "ike_version": "ikev1"}))
    assert [(tunnel.psk, tunnel.ike_version) for tunnel in made.tunnels.all()] == [("one", "ikev2"), ("two", "ikev1")]


class Narrow(Stored):
    """A transit router with three addresses."""

    def hosts(self, router):
        return islice(super().hosts(router), 3)


def test_private_addresses_come_from_the_transit_router_which_needs_room_for_two(account):
    """[P178]"""
    router = factories.make_transit_router(account, cidrs=["10.200.0.0/24"])
    made = read(factories.make_dual(account, network_type="private", router=router))
    assert [tunnel.internet_ip for tunnel in made.tunnels.all()] == ["10.200.0.1", "10.200.0.2"]
    draft = factories.make_dual_draft(account, network_type="private", router=router)
    with pytest.raises(Refused) as caught:
        new_connection(account, draft, own_problems(draft), Narrow())
    assert caught.value.code == "no_free_address"
    assert Tunnel.objects.count() == 2


def test_an_account_may_refuse_new_connections_with_one_tunnel(account):
    """[P170, P188]"""
    old = factories.make_connection(account)
    actor = factories.make_actor(account)
    change_settings(actor, refuses_single_tunnels=True)
    assert Event.objects.latest("id").facts == {"refuses_single_tunnels": [False, True]}
    with pytest.raises(Refused) as caught:
        factories.make_connection(account)
    assert caught.value.code == "single_tunnel"
    factories.make_dual(account)
    factories.rest(old)
    modify_connection(factories.make_actor(account), modified_single(old), old.revision)
    change_settings(factories.make_actor(account), refuses_single_tunnels=False)
    factories.make_connection(account)


def modified_single(connection) -> Draft:
    row = read(connection)
    row.name = "still editable"
    return Draft(row, list(row.tunnels.all()), None, None)


# --- modify --------------------------------------------------------------------------------------------------------


def test_the_tunnel_that_is_not_changed_stays_up(account, pair, clock):
    for tunnel in pair.tunnels.all():
        devices.load_configuration(factories.make_actor(account), tunnel)
    clock.tick(60)
    assert [tunnel.status for tunnel in read(pair).tunnels.all()] == [UP, UP]
    began = Tunnel.objects.get(pk=pair.tunnel.pk).device.changed_at
    modify_connection(factories.make_actor(account), modified(pair, second={"psk": "another"}), pair.revision)
    one, two = read(pair).tunnels.all()
    assert (one.status, one.device.changed_at) == (UP, began)
    assert two.status != UP
    assert two.device.changed_at > began


@pytest.mark.parametrize("number", [1, 2])
def test_one_tunnel_is_changed_alone(account, pair, number):
    tunnel = copy.copy(pair.tunnels.all()[number - 1])
    tunnel.ike_enc_alg = "aes256"
    modify_tunnel(factories.make_actor(account), tunnel, pair.revision)
    assert [one.ike_enc_alg for one in read(pair).tunnels.all()] == [
        "aes256" if index == number else "aes" for index in (1, 2)
    ]
    event = Event.objects.latest("id")
    key = "ike_enc_alg" if number == 1 else "tunnel2.ike_enc_alg"
    assert (event.operation, event.resource_id, event.related_id) == (
        "ModifyTunnelAttribute",
        pair.resource_id,
        tunnel.resource_id,
    )
    assert event.facts == {key: ["aes", "aes256"]}
    with pytest.raises(Refused) as caught:
        modify_tunnel(factories.make_actor(account), tunnel, pair.revision)
    assert caught.value.code == "changed_meanwhile"


def test_bgp_is_switched_on_with_both_blocks_and_the_tunnels_may_exchange_them(account, pair):
    """[P177, P186]"""
    with pytest.raises(Invalid) as caught:
        modify_connection(factories.make_actor(account), modified(pair, enable_bgp=True, first=FIRST), pair.revision)
    assert ("tunnel_cidr", "missing", 2) in problems(caught)
    modify_connection(factories.make_actor(account), modified(pair, FIRST, SECOND, enable_bgp=True), pair.revision)
    factories.rest(stored := read(pair))
    stored = read(stored)
    modify_connection(factories.make_actor(account), modified(stored, SECOND, FIRST), stored.revision)
    assert [tunnel.tunnel_cidr for tunnel in read(pair).tunnels.all()] == ["169.254.11.0/30", "169.254.10.0/30"]
    with pytest.raises(Invalid) as caught:
        factories.make_dual(account, **BGP)
    assert problems(caught) == {("tunnel_cidr", "taken", 1), ("tunnel_cidr", "taken", 2)}


def test_the_gateway_type_is_final_and_each_customer_gateway_keeps_its_kind(account, pair):
    private = factories.make_customer_gateway(account, ip_address="10.0.0.9")
    draft = modified(pair, second={"customer_gateway": private}, network_type="private")
    with pytest.raises(Invalid) as caught:
        modify_connection(factories.make_actor(account), draft, pair.revision)
    assert problems(caught) == {("network_type", "locked", 1), ("customer_gateway", "other_type", 2)}


# --- attach, detach, delete ----------------------------------------------------------------------------------------


def test_an_attachment_of_two_tunnels_has_no_zone(account):
    made = factories.make_dual(account, network_type="private")
    factories.rest(made)
    router = factories.make_transit_router(account, cidrs=["10.200.0.0/24"])
    one = factories.make_connection(account)
    factories.rest(one)
    with pytest.raises(Invalid) as caught:
        create_attachment(factories.make_actor(account), Attachment(transit_router=router), one.resource_id)
    assert problems(caught) == {("zone", "missing", 1)}
    attachment = Attachment(account=account, transit_router=router, zone="eu-central-1a")
    create_attachment(factories.make_actor(account), attachment, made.resource_id)
    assert read(made).attachment.zone == ""
    assert [tunnel.internet_ip for tunnel in read(made).tunnels.all()] == ["10.200.0.1", "10.200.0.2"]
    assert "10.200.0.2" in read(made).search_text
    factories.rest(attachment)
    delete_attachment(factories.make_actor(account), attachment, force=True)
    assert [tunnel.internet_ip for tunnel in read(made).tunnels.all()] == ["", ""]


def test_another_account_attaches_both_tunnels(account):
    other = factories.make_account("Other")
    router = factories.make_transit_router(other, cidrs=["10.201.0.0/24"])
    made = factories.make_dual(account, network_type="private")
    factories.rest(made)
    made.authorizations.create(peer_cen_id=router.cen.resource_id, peer_uid=other.uid)
    attachment = Attachment(account=other, transit_router=router)
    create_attachment(factories.make_actor(other), attachment, made.resource_id, account.uid)
    assert [tunnel.internet_ip for tunnel in read(made).tunnels.all()] == ["10.201.0.1", "10.201.0.2"]
    assert list(findings()) == []


def test_both_tunnels_go_with_the_connection(account, pair):
    delete_connection(factories.make_actor(account), pair)
    assert not Tunnel.objects.exists()


# --- advice --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({}, set()),
        ({"gateway_asn": 65002}, {("customer_gateway", "different_asns")}),
        ({"customer_gateway": "cgw-2", "psk": "b"}, set()),
        ({"psk": "b"}, {("psk", "different_keys")}),
        ({"psk": ""}, set()),
        ({"gateway_asn": None}, set()),
    ],
)
def test_advice_compares_both_tunnels(second, expected):
    """[P179, P181]"""
    first = {"enable_bgp": True, "customer_gateway": "cgw-1", "psk": "a", "gateway_asn": 65001}
    found = list(rules.pair_warnings(first, first | second))
    assert {(problem.field, problem.code) for problem in found} == expected
    assert {problem.tunnel for problem in found} <= {2}
    assert not [one for one in rules.pair_warnings(first | {"enable_bgp": False}, first | second)
                if one.code == "different_asns"]  # fmt: skip


def test_at_a_policy_based_device_tunnels_with_equal_networks_take_turns(account, clock):
    gateway = factories.make_customer_gateway(account)
    pair = factories.make_dual(account, gateways=[gateway], **PROTECTED)
    first, second = pair.tunnels.order_by("index")

    def edit(tunnel, **changed):
        device = Tunnel.objects.whole().get(pk=tunnel.pk).device
        for name, value in changed.items():
            setattr(device, name, value)
        devices.edit_device(factories.make_actor(account), device, device.revision)

    devices.load_configuration(factories.make_actor(account), first, [second])
    assert ups(pair, clock, 10) == [[True, True]]
    edit(first, is_policy_based=True)
    assert ups(pair, clock, 10, 60) == [[True, True]] * 2
    # Each is up for a minute.
    edit(second, is_policy_based=True)
    assert ups(pair, clock, 30, 60, 60) == [[True, False], [False, True], [True, False]]
    outcome = Tunnel.objects.whole().get(pk=second.pk).outcome
    assert (outcome.row, outcome.code) == ("U4", "ReceiveDeleteNotify")
    copied = factories.make_account("Copy")
    assert import_text(factories.make_actor(copied), as_text(exported(account, keys=True), "json")).faults == []
    turns = [device.surroundings.turns for device in Device.objects.filter(tunnel__account=copied).order_by("pk")]
    assert [(one.index, one.count) for one in turns] == [(0, 2), (1, 2)]
    assert turns[0].since == turns[1].since
    # A tunnel stays up while the other device is off, and so do two with different networks.
    devices.switch(factories.make_actor(account), second, on=False)
    assert ups(pair, clock, 40, 60, 60) == [[True, False]] * 3
    devices.switch(factories.make_actor(account), second, on=True)
    assert ups(pair, clock, 30, 60) == [[True, False], [False, True]]
    edit(first, local_subnet=["192.168.0.0/17"])
    assert ups(pair, clock, 60, 60) == [[True, True]] * 2
