"""Values as clients of all kinds send them: blanks, zeros, other spellings, misspelt filters."""

import json

import pytest

from connections.api.actions.connections import ZERO_IS_LEFT_OUT
from connections.models import Connection, Event, Tunnel
from connections.wire import groups
from connections.wire.operations import Product
from tests.api.life import REGION
from vpnconsole.testing import factories

VPC, CBN = Product
PROTECTED = {"LocalSubnet": "10.0.0.0/16", "RemoteSubnet": "192.168.0.0/24"}
CHECK = {"dip": "192.168.0.1", "sip": "10.0.0.1", "interval": 11, "retry": 9, "Policy": "reserve_route"}


@pytest.fixture
def gateway(alice):
    return factories.make_customer_gateway(alice.account, asn=65010)


@pytest.fixture
def create(api, gateway):
    def created(**sent) -> Connection:
        sent = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in sent.items()}
        asked = {"RegionId": REGION, "CustomerGatewayId": gateway.resource_id} | PROTECTED | sent
        answer = api.ok("CreateVpnAttachment", **asked)
        return Connection.objects.get(resource_id=answer["VpnConnectionId"])

    return created


def described(api, made: Connection) -> dict:
    return api.ok("DescribeVpnConnection", RegionId=REGION, VpnConnectionId=made.resource_id)


# --- zeros -------------------------------------------------------------------------------------------------------


def test_numbers_that_a_client_leaves_out_are_the_default_but_a_lifetime_of_0_is_a_lifetime(api, create):
    bgp = {"EnableBgp": True, "LocalAsn": 0, "TunnelCidr": "169.254.10.0/30", "LocalBgpIp": "169.254.10.1"}
    check = {"enable": True, "dip": "192.168.0.1", "sip": "10.0.0.1", "interval": 0, "retry": "0"}
    made = create(
        BgpConfig=bgp, HealthCheckConfig=check, IkeConfig={"IkeLifetime": 0}, IpsecConfig={"IpsecLifetime": 0}
    )
    told = described(api, made)
    assert (told["VcoHealthCheck"]["Interval"], told["VcoHealthCheck"]["Retry"]) == (3, 3)
    assert told["VpnBgpConfig"]["LocalAsn"] == 45104
    assert (told["IkeConfig"]["IkeLifetime"], told["IpsecConfig"]["IpsecLifetime"]) == (0, 0)


def test_every_number_of_the_objects_either_has_0_or_takes_it_for_the_default():
    fields = [name for group in groups.GROUPS for name in group.keys]
    numbers = {
        column.name
        for model in (Connection, Tunnel)
        for column in model._meta.concrete_fields
        if column.name in fields and "Integer" in column.get_internal_type()
    }
    assert numbers == {*ZERO_IS_LEFT_OUT, "ike_lifetime", "ipsec_lifetime"}


# --- a health check that is off ----------------------------------------------------------------------------------


def test_a_health_check_that_is_off_keeps_and_tells_what_it_had(api, create):
    made = create(HealthCheckConfig=CHECK | {"enable": False})
    told = {"Enable": "false", "Dip": "192.168.0.1", "Sip": "10.0.0.1", "Interval": 11, "Retry": 9}
    assert described(api, made)["VcoHealthCheck"] == told | {"Policy": "reserve_route"}
    sent = {"RegionId": REGION, "VpnConnectionId": made.resource_id}
    on = api.ok("ModifyVpnAttachmentAttribute", **sent, HealthCheckConfig='{"enable": true}')
    assert on["VcoHealthCheck"] == told | {"Enable": "true", "Policy": "reserve_route"}
    Connection.objects.update(transition_ends=None)
    off = api.ok(
        "ModifyVpnAttachmentAttribute", **sent, HealthCheckConfig='{"enable": false, "Policy": "revoke_route"}'
    )
    assert off["VcoHealthCheck"] == told | {"Policy": "revoke_route"}
    event = Event.objects.filter(operation="ModifyVpnAttachmentAttribute").order_by("-pk").first()
    changes = {"health_check": [True, False], "health_check_policy": ["reserve_route", "revoke_route"]}
    assert event.facts == changes


# --- networks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "remote", "routes"),
    [
        ("0.0.0.0/0", "172.16.0.0/12", ["172.16.0.0/12"]),
        ("172.16.0.0/12", "0.0.0.0/0", []),
        ("9.9.9.9/32", "9.0.0.0/8", ["9.0.0.0/8"]),
        ("172.16.0.0/12", "0.0.0.0/1", ["0.0.0.0/1"]),
        ("172.16.0.0/12", "0.0.0.0/0,10.0.0.0/8", ["10.0.0.0/8"]),
    ],
)
def test_sides_that_overlap_are_taken_and_told_as_sent(api, create, local, remote, routes):
    made = create(LocalSubnet=local, RemoteSubnet=remote, IkeConfig={"IkeVersion": "ikev2"})
    told = described(api, made)
    assert (told["LocalSubnet"], told["RemoteSubnet"], made.routing_mode) == (local, remote, "protected")
    assert list(made.routes.values_list("destination", flat=True)) == routes


def test_a_block_inside_the_shared_space_stays_refused(api, gateway):
    sent = {"RegionId": REGION, "CustomerGatewayId": gateway.resource_id, "LocalSubnet": "10.0.0.0/16"}
    for block in ("100.64.0.0/10", "100.64.0.1/32", "100.64.0.0/255.255.0.0"):
        assert api.no("CreateVpnAttachment", **sent, RemoteSubnet=block) == "IllegalParam.RemoteSubnet"


@pytest.mark.parametrize("mode", ["0.0.0.0/0", " 0.0.0.0/0 ", "0.0.0.0/0,"])
def test_both_sides_everywhere_is_destination_routing_however_it_is_spelled(create, mode):
    assert create(LocalSubnet=mode, RemoteSubnet="0.0.0.0/0").routing_mode == "destination"


# --- blanks ------------------------------------------------------------------------------------------------------


def test_blanks_around_values_are_taken_away(api, create):
    made = create(
        Name="  hq ",
        LocalSubnet=" 10.0.0.0/16 , 10.1.0.0/16",
        IkeConfig={"IkeVersion": " ikev2 ", "LocalId": " cloud.example.com "},
        **{"Tags.1.Key": " env ", "Tags.1.Value": " prod "},
    )
    assert (made.name, made.local_subnet) == ("hq", ["10.0.0.0/16", "10.1.0.0/16"])
    assert made.tunnel.local_id == "cloud.example.com"
    assert [(tag.key, tag.value) for tag in made.tags.all()] == [("env", "prod")]
    sent = {"RegionId": REGION, "VpnConnectionId": f" {made.resource_id} "}
    api.ok("ModifyVpnAttachmentAttribute", **sent, Name=" hq")
    assert Event.objects.filter(operation="ModifyVpnAttachmentAttribute").get().facts == {}
    assert api.ok("DescribeVpnConnections", RegionId=REGION, **{"Tag.1.Key": " env "})["TotalCount"] == 1


def test_blanks_in_a_key_are_not(api, gateway):
    sent = {"RegionId": REGION, "CustomerGatewayId": gateway.resource_id} | PROTECTED
    assert api.no("CreateVpnAttachment", **sent, IkeConfig='{"Psk": " secret"}') == "IllegalParam.Psk"


# --- filters -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "sent", "names"),
    [
        ("DescribeVpnConnections", {"Tag": '{"Key": "env"}'}, "Tag.1.Key"),
        ("DescribeVpnConnections", {"Tag": '["env"]'}, "Tag.1.Key"),
        ("DescribeVpnConnections", {"Tag": "env"}, "Tag.1.Key"),
        ("DescribeVpnConnections", {"Tag": "[{}]"}, "Tag.1.Key"),
        ("DescribeVpnConnections", {"Tag.1": '{"Key": "env"}'}, "Tag.1.Key"),
        ("DescribeVpnConnections", {"Tag.1.Value": "prod"}, "Tag.1.Key"),
        ("DescribeVpnConnections", {"Tags.1.Key": "env"}, "Tag.1.Key"),
        ("DescribeCustomerGateways", {"Tags": '[{"Key": "env"}]'}, "Tag.1.Key"),
        ("DescribeVpnConnections", {"vpnConnectionId": "vco-1"}, "VpnConnectionId"),
        ("DescribeVpnConnections", {"VpnConnectionId": "vco-1,vco-2"}, "one ID"),
        ("DescribeVpnConnections", {"CustomerGatewayId": '["cgw-1"]'}, "one ID"),
        ("DescribeVpnAttachments", {"Tag.1.Key": "env"}, "no filter"),
        ("DescribeCens", {"Filters.1.Key": "Name"}, "Filter.1.Key"),
        ("ListTransitRouters", {"FeatureFilter.1.Key": "Colour", "FeatureFilter.1.Value.1": "red"}, "Multicast"),
        ("ListTransitRouterVpnAttachments", {"Tag.1.Value": "prod"}, "Tag.1.Key"),
    ],
)  # fmt: skip
def test_a_filter_that_is_not_understood_is_refused_with_the_form_that_works(api, action, sent, names):
    version = CBN if action.startswith(("ListTransit", "DescribeCens")) else VPC
    answer = api.call(action, version, **{"RegionId": REGION} | sent)
    assert (answer.status_code, answer.data["Code"]) == (400, "InvalidParameter")
    assert names in answer.data["Message"]


def test_tags_as_a_json_list_find_what_they_name(api, alice, gateway):
    factories.make_connection(alice.account, gateway=gateway, tags=[("env", "prod")])
    factories.make_connection(alice.account, gateway=gateway)
    found = api.ok("DescribeVpnConnections", RegionId=REGION, Tag='[{"Key": "env", "Value": "prod"}]')
    assert found["TotalCount"] == 1
