"""Connections with two tunnels through the API."""

import json

import pytest

from connections.api.actions import tunnels
from connections.domain.choices import Role
from connections.models import AccessKey, Connection, Event
from connections.services import devices
from connections.services.accounts import change_settings
from connections.services.tags import tags_of
from tests.api.shapes import misfits
from vpnconsole.testing import factories
from vpnconsole.testing.clients import CBN, ApiClient

pytestmark = pytest.mark.django_db

REGION = factories.REGION
ANYWHERE = {"LocalSubnet": "0.0.0.0/0", "RemoteSubnet": "0.0.0.0/0"}
SEVERAL = {"LocalSubnet": "10.0.0.0/16,10.1.0.0/16", "RemoteSubnet": "192.168.0.0/16"}
TUNNELS = "TunnelOptionsSpecification"
SESSIONS = [
    {"TunnelCidr": f"169.254.{block}.0/30", "LocalBgpIp": f"169.254.{block}.1", "LocalAsn": 64512} for block in (10, 11)
]


@pytest.fixture
def gateways(alice):
    return [
        factories.make_customer_gateway(alice.account, ip_address=f"203.0.113.{last}").resource_id for last in (1, 2)
    ]


@pytest.fixture
def entries(gateways):
    """The least that describes two tunnels."""
    return [{"TunnelIndex": index, "CustomerGatewayId": gateway} for index, gateway in enumerate(gateways, 1)]


def create(api, entries, **more) -> Connection:
    answer = api.ok("CreateVpnAttachment", RegionId=REGION, **{TUNNELS: entries}, **ANYWHERE | more)
    return read(answer["VpnConnectionId"])


def read(resource_id) -> Connection:
    return Connection.objects.with_parts().get(resource_id=resource_id)


def describe(api, connection) -> dict:
    return api.ok("DescribeVpnConnection", RegionId=REGION, VpnConnectionId=connection.resource_id)


def modify(api, connection, **changed):
    about = {"RegionId": REGION, "VpnConnectionId": connection.resource_id}
    return api.ok("ModifyVpnAttachmentAttribute", **about, **changed)


def test_the_defaults_of_two_tunnels_are_not_those_of_one(api, entries, gateways):
    made = create(api, entries, Name="pair", Tags=[{"Key": "env", "Value": "prod"}])
    one, two = made.tunnels.all()
    assert [tunnel.customer_gateway.resource_id for tunnel in (one, two)] == gateways
    assert (one.ike_version, one.ike_auth_alg, one.ipsec_auth_alg, one.ike_pfs) == ("ikev2", "sha1", "sha1", "group2")
    assert (two.enable_dpd, two.enable_nat_traversal, len(two.psk)) == (True, True, 16)
    assert (made.effect_immediately, made.routing_mode, made.enable_bgp) == (False, "destination", False)
    assert tags_of(made) == {"env": "prod"}


def test_the_place_in_the_list_has_no_meaning(api, entries, gateways):
    made = create(api, entries[::-1])
    assert [tunnel.customer_gateway.resource_id for tunnel in made.tunnels.all()] == gateways


def test_the_list_may_come_as_json_of_one_parameter(api, entries):
    """As the command-line client sends it."""
    entries[1] |= {"TunnelIkeConfig": {"Psk": "a*b", "IkeLifetime": 3600}, "EnableDpd": False, "Role": "slave",
                   "TunnelBgpConfig": {}}  # fmt: skip
    answer = api.ok("CreateVpnAttachment", RegionId=REGION, **ANYWHERE, **{TUNNELS: json.dumps(entries)})
    two = read(answer["VpnConnectionId"]).tunnels.all()[1]
    assert (two.psk, two.ike_lifetime, two.enable_dpd) == ("a*b", 3600, False)


def test_each_tunnel_has_what_was_sent_for_it(api, entries):
    entries[0] |= {"EnableDpd": "False", "TunnelIkeConfig": {"IkeVersion": "ikev1", "Psk": "one", "LocalId": "cloud"}}
    entries[1] |= {"TunnelIpsecConfig": {"IpsecPfs": "disabled", "IpsecLifetime": 0}, "Role": ""}
    for entry, session in zip(entries, SESSIONS, strict=True):
        entry["TunnelBgpConfig"] = session
    made = create(api, entries, EnableTunnelsBgp="True", EnableDpd="false")
    one, two = made.tunnels.all()
    assert (one.ike_version, one.psk, one.identity, one.enable_dpd) == ("ikev1", "one", "cloud", False)
    assert (two.ipsec_pfs, two.ipsec_lifetime, two.enable_dpd) == ("disabled", 0, True)
    assert (made.enable_bgp, made.local_asn) == (True, 64512)
    assert [tunnel.tunnel_cidr for tunnel in (one, two)] == ["169.254.10.0/30", "169.254.11.0/30"]


@pytest.mark.parametrize("indices", [[1], [2], [1, 1], [2, 2]])
def test_two_tunnels_are_exactly_two(api, entries, indices):
    sent = [entries[0] | {"TunnelIndex": index} for index in indices]
    about = {"RegionId": REGION, **ANYWHERE}
    assert api.no("CreateVpnAttachment", **about, **{TUNNELS: sent}) == "VpnConnection.InvalidCreateTunnelOptions"
    assert api.no("CreateVpnAttachment", **about, EnableTunnelsBgp="true") == "VpnConnection.InvalidCreateTunnelOptions"
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({f"{TUNNELS}.3.TunnelIndex": "1"}, "InvalidParameter"),
        ({f"{TUNNELS}.1.TunnelIndex": "3"}, "InvalidParameter"),
        ({f"{TUNNELS}.1.Psk": "x"}, "InvalidParameter"),
        ({f"{TUNNELS}.1.TunnelIkeConfig": "x"}, "InvalidParameter"),
        ({f"{TUNNELS}.1.TunnelIkeConfig.Key": "x"}, "InvalidParameter"),
        ({f"{TUNNELS}.1.TunnelIkeConfig.IkeLifetime": "x"}, "InvalidParameter"),
        ({f"{TUNNELS}.1.CustomerGatewayId": ""}, f"Missing{TUNNELS}.1.CustomerGatewayId"),
        ({f"{TUNNELS}.1.CustomerGatewayId": "cgw-none"}, "InvalidCustomerGatewayInstanceId.NotFound"),
        ({"CustomerGatewayId": "cgw-1"}, "OperationUnsupported.DualTunnel"),
        ({"IkeConfig": '{"Psk": "x"}'}, "OperationUnsupported.DualTunnel"),
        ({"BgpConfig": '{"EnableBgp": true}'}, "OperationUnsupported.DualTunnel"),
        ({"HealthCheckConfig": '{"enable": true}'}, "OperationUnsupported.DualTunnel"),
        ({f"{TUNNELS}.2.TunnelIkeConfig.IkeVersion": "ikev3"}, "IllegalParam.IkeVersion"),
        ({"EnableTunnelsBgp": "true"}, "IllegalParam.TunnelCidr"),
    ],
)
def test_what_is_wrong_with_a_tunnel_is_refused(api, entries, changed, code):
    sent = {f"{TUNNELS}.{number}.{name}": value for number, entry in enumerate(entries, 1)
            for name, value in entry.items()}  # fmt: skip
    assert api.no("CreateVpnAttachment", RegionId=REGION, **ANYWHERE, **sent | changed) == code
    assert not Connection.objects.exists()


def test_empty_parameters_of_one_tunnel_are_no_obstacle(api, entries):
    create(api, entries, CustomerGatewayId="", IkeConfig="{}", HealthCheckConfig='{"enable": false}', EnableDpd="true")


def test_an_error_names_its_tunnel(api, entries):
    entries[1]["TunnelIkeConfig"] = {"IkeVersion": "ikev1", "Psk": "a b"}
    answer = api.call("CreateVpnAttachment", RegionId=REGION, **SEVERAL, **{TUNNELS: entries})
    assert f"{TUNNELS} with TunnelIndex 2, TunnelIkeConfig.Psk: " in answer.data["Message"]
    entries[1]["TunnelIkeConfig"].pop("Psk")
    answer = api.call("CreateVpnAttachment", RegionId=REGION, **SEVERAL, **{TUNNELS: entries})
    assert answer.data["Message"].startswith(f"{TUNNELS} with TunnelIndex 2, TunnelIkeConfig.IkeVersion: ")


def test_both_tunnels_have_the_asn_of_the_connection(api, entries):
    for entry, session, asn in zip(entries, SESSIONS, (64512, 64513), strict=True):
        entry["TunnelBgpConfig"] = session | {"LocalAsn": asn}
    about = {"RegionId": REGION, "EnableTunnelsBgp": "true", **ANYWHERE}
    assert api.no("CreateVpnAttachment", **about, **{TUNNELS: entries}) == "IllegalParam.LocalAsn"


def test_an_account_may_refuse_new_connections_with_one_tunnel(api, alice, entries, gateways):
    change_settings(factories.make_actor(alice.account), refuses_single_tunnels=True)
    sent = {"RegionId": REGION, "CustomerGatewayId": gateways[0], **ANYWHERE}
    assert api.no("CreateVpnAttachment", **sent) == "VpnConnection.InvalidCreateTunnelOptions"
    create(api, entries)


# --- answers ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(api, entries):
    """A connection with two tunnels with BGP."""
    for entry, session in zip(entries, SESSIONS, strict=True):
        entry["TunnelBgpConfig"] = session
    made = create(api, entries, EnableTunnelsBgp="true")
    factories.rest(made)
    return read(made.resource_id)


def test_a_description_has_text_and_the_answer_to_a_modification_has_numbers(api, pair):
    two = pair.tunnels.all()[1]
    described = describe(api, pair)[TUNNELS]["TunnelOptions"]
    assert [tunnel["TunnelIndex"] for tunnel in described] == [1, 2]
    second = described[1]
    assert second == {
        "TunnelId": two.resource_id, "TunnelIndex": 2, "InternetIp": two.internet_ip, "ZoneNo": "eu-central-1b",
        "CustomerGatewayId": two.customer_gateway.resource_id, "Role": "slave", "State": "active",
        "Status": "ike_sa_not_established", "EnableDpd": "true", "EnableNatTraversal": "true",
        "TunnelIkeConfig": {
            "Psk": two.psk, "IkeVersion": "ikev2", "IkeMode": "main", "IkeEncAlg": "aes", "IkeAuthAlg": "sha1",
            "IkePfs": "group2", "IkeLifetime": "86400", "LocalId": two.internet_ip, "RemoteId": "203.0.113.2",
        },
        "TunnelIpsecConfig": {
            "IpsecEncAlg": "aes", "IpsecAuthAlg": "sha1", "IpsecPfs": "group2", "IpsecLifetime": "86400",
        },
        "TunnelBgpConfig": {
            "LocalAsn": "64512", "PeerAsn": "65010", "LocalBgpIp": "169.254.11.1", "PeerBgpIp": "169.254.11.2",
            "TunnelCidr": "169.254.11.0/30", "BgpStatus": "false",
        },
    }  # fmt: skip
    answer = modify(api, pair, Name="renamed")
    assert answer["EnableTunnelsBgp"] is True
    [first, __] = answer[TUNNELS]
    assert (first["TunnelIndex"], first["EnableDpd"], first["TunnelIkeConfig"]["IkeLifetime"]) == (1, True, 86400)
    assert first["TunnelBgpConfig"] == {"LocalAsn": 64512, "PeerAsn": 65010, "LocalBgpIp": "169.254.10.1",
                                        "PeerBgpIp": "169.254.10.2", "TunnelCidr": "169.254.10.0/30"}  # fmt: skip
    assert not first.keys() & {"ZoneNo", "Status"}
    for values, shape in ((described, tunnels.DESCRIBED), (answer[TUNNELS], tunnels.AFTERWARDS)):
        assert misfits(values, [shape]) == []


def test_the_top_level_tells_nothing_of_either_tunnel(api, pair):
    """[P185]"""
    [listed] = api.ok("DescribeVpnConnections", RegionId=REGION)["VpnConnections"]["VpnConnection"]
    for answer in (describe(api, pair), listed):
        blank = {answer[name] or "" for name in ("CustomerGatewayId", "InternetIp")}
        empty = [answer[name] for name in ("IkeConfig", "IpsecConfig", "VpnBgpConfig", "VcoHealthCheck")]
        assert (blank, empty) == ({""}, [{}] * 4)
        assert (answer["EnableDpd"], answer["EnableTunnelsBgp"]) == (True, True)
        assert len(answer[TUNNELS]["TunnelOptions"]) == 2


def test_a_status_of_either_tunnel_is_its_own_and_the_connection_has_the_furthest(api, alice, pair, clock):
    devices.load_configuration(factories.make_actor(alice.account), pair.tunnels.all()[1])
    clock.tick(60)
    answer = describe(api, pair)
    assert answer["Status"] == "ipsec_sa_established"
    assert [tunnel["Status"] for tunnel in answer[TUNNELS]["TunnelOptions"]] == [
        "ike_sa_not_established",
        "ipsec_sa_established",
    ]
    assert [tunnel["TunnelBgpConfig"]["BgpStatus"] for tunnel in answer[TUNNELS]["TunnelOptions"]] == [
        "false",
        "success",
    ]


def test_routes_lead_through_the_tunnels_that_are_up(api, alice, pair, clock):
    """[P189]"""
    router = factories.make_transit_router(alice.account)
    attach = {"RegionId": REGION, "TransitRouterId": router.resource_id, "VpnId": pair.resource_id}
    api.ok("CreateTransitRouterVpnAttachment", CBN, **attach)
    [attached] = api.ok("ListTransitRouterVpnAttachments", CBN, RegionId=REGION)["TransitRouterAttachments"]
    assert attached["Zones"] == []
    clock.tick(60)
    about = {"RegionId": REGION, "VpnConnectionId": pair.resource_id}
    api.ok("CreateVcoRouteEntry", **about, RouteDest="172.16.0.0/16", NextHop=pair.resource_id, Weight=100)

    def hops():
        [entry] = api.ok("DescribeVcoRouteEntries", **about)["VcoRouteEntries"]
        return entry["NextHopTunnelIdList"]

    assert hops() == []
    two = pair.tunnels.all()[1]
    devices.load_configuration(factories.make_actor(alice.account), two)
    clock.tick(60)
    assert hops() == [two.resource_id]


def test_the_configuration_for_devices_has_both_tunnels(api, pair):
    answer = api.ok("DownloadVpnConnectionConfig", RegionId=REGION, VpnConnectionId=pair.resource_id)
    config = answer["VpnConnectionConfig"]
    one, two = pair.tunnels.all()
    first, second = config["TunnelsConfig"]["TunnelConfig"]
    assert (first["TunnelId"], first["Local"], first["Remote"]) == (one.resource_id, "203.0.113.1", one.internet_ip)
    assert second["IkeConfig"]["Psk"] == two.psk
    assert (second["IkeConfig"]["LocalId"], second["IkeConfig"]["RemoteId"]) == ("203.0.113.2", two.internet_ip)
    assert [session["TunnelId"] for session in config["BgpConfigs"]["BgpConfig"]] == [one.resource_id, two.resource_id]
    assert (config["LocalSubnet"], config["Remote"]) == ("0.0.0.0/0", one.internet_ip)


def test_keys_are_shown_to_those_who_may_see_them_and_recorded_once(api, alice, pair):
    describe(api, pair)
    shown = Event.objects.filter(operation="ShowKey", resource_id=pair.resource_id)
    assert shown.count() == 1
    reader = factories.make_user(alice.account, "reader", role=Role.READ_ONLY)
    answer = describe(ApiClient(AccessKey.objects.create(user=reader)), pair)
    assert [one["TunnelIkeConfig"]["Psk"] for one in answer[TUNNELS]["TunnelOptions"]] == ["", ""]


def test_a_filter_by_customer_gateway_finds_either_tunnel_once(api, alice, pair, gateways):
    same = factories.make_customer_gateway(alice.account, ip_address="203.0.113.9")
    factories.make_dual(alice.account, gateways=[same])
    for gateway in (*gateways, same.resource_id):
        answer = api.ok("DescribeVpnConnections", RegionId=REGION, CustomerGatewayId=gateway)
        assert (answer["TotalCount"], len(answer["VpnConnections"]["VpnConnection"])) == (1, 1)


def test_a_connection_with_one_tunnel_is_described_as_ever(api, alice):
    answer = describe(api, factories.make_connection(alice.account))
    assert (answer[TUNNELS], answer["EnableTunnelsBgp"]) == ({"TunnelOptions": []}, False)
    assert answer["IkeConfig"]["IkeLifetime"] == 86400


# --- modify ----------------------------------------------------------------------------------------------------------


def test_a_partial_entry_changes_what_it_names(api, pair):
    before = pair.tunnels.all()[1]
    modify(api, pair, **{TUNNELS: [{"TunnelId": before.resource_id, "TunnelIkeConfig": {"IkePfs": "group14"}}]})
    one, two = read(pair.resource_id).tunnels.all()
    assert (one.ike_pfs, two.ike_pfs) == ("group2", "group14")
    assert (two.psk, two.tunnel_cidr, two.ike_version) == (before.psk, before.tunnel_cidr, "ikev2")
    event = Event.objects.filter(operation="ModifyVpnAttachmentAttribute").latest("id")
    assert event.facts == {"tunnel2.ike_pfs": ["group2", "group14"]}


def test_what_was_read_may_be_sent_back(api, pair):
    """Terraform sends both entries again, with text for identities that follow from addresses."""
    entries = []
    for tunnel in describe(api, pair)[TUNNELS]["TunnelOptions"]:
        ike, bgp = tunnel["TunnelIkeConfig"], tunnel["TunnelBgpConfig"]
        entries.append({
            **{name: tunnel[name] for name in ("TunnelIndex", "CustomerGatewayId", "EnableDpd", "Role")},
            "TunnelIkeConfig": ike, "TunnelIpsecConfig": tunnel["TunnelIpsecConfig"],
            "TunnelBgpConfig": {name: bgp[name] for name in ("LocalAsn", "LocalBgpIp", "TunnelCidr")},
        })  # fmt: skip
    modify(api, pair, **{TUNNELS: entries[::-1]})
    after = read(pair.resource_id)
    assert after.state == "init"
    assert [tunnel.remote_id for tunnel in after.tunnels.all()] == ["", ""]


def test_another_customer_gateway_brings_its_address_as_identity(api, alice, pair):
    other = factories.make_customer_gateway(alice.account, ip_address="203.0.113.77").resource_id
    answer = modify(api, pair, **{TUNNELS: [{"TunnelIndex": 2, "CustomerGatewayId": other}]})
    assert answer[TUNNELS][1]["TunnelIkeConfig"]["RemoteId"] == "203.0.113.77"


def test_bgp_goes_off_and_on_for_both_at_once(api, pair):
    modify(api, pair, EnableTunnelsBgp="false", **{TUNNELS: [{"TunnelIndex": 1, "TunnelBgpConfig": SESSIONS[0]}]})
    off = read(pair.resource_id)
    assert (off.enable_bgp, [tunnel.tunnel_cidr for tunnel in off.tunnels.all()]) == (False, ["", ""])
    assert describe(api, pair)[TUNNELS]["TunnelOptions"][0]["TunnelBgpConfig"] == {}
    entries = [{"TunnelIndex": index, "TunnelBgpConfig": one} for index, one in enumerate(SESSIONS, 1)]
    about = {"RegionId": REGION, "VpnConnectionId": pair.resource_id, "EnableTunnelsBgp": "true"}
    code = api.no("ModifyVpnAttachmentAttribute", **about, **{TUNNELS: entries[:1]})
    assert code == "IllegalParam.TunnelCidr"
    modify(api, pair, EnableTunnelsBgp="true", **{TUNNELS: entries})
    on = read(pair.resource_id)
    assert (on.enable_bgp, on.local_asn) == (True, 64512)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ([{"TunnelIkeConfig": {"IkePfs": "group1"}}], "InvalidParameter"),
        ([{"TunnelId": "tun-none"}], "InvalidTunnelId.NotFound"),
        ([{"TunnelIndex": 1}, {"TunnelIndex": 1}], "InvalidParameter"),
    ],
)
def test_an_entry_names_one_of_the_tunnels(api, pair, sent, code):
    about = {"RegionId": REGION, "VpnConnectionId": pair.resource_id}
    assert api.no("ModifyVpnAttachmentAttribute", **about, **{TUNNELS: sent}) == code
    wrong = [{"TunnelId": pair.tunnel.resource_id, "TunnelIndex": 2}]
    assert api.no("ModifyVpnAttachmentAttribute", **about, **{TUNNELS: wrong}) == "InvalidParameter"


def test_the_number_of_tunnels_stays(api, alice, pair):
    """[P171]"""
    one = factories.make_connection(alice.account)
    about = {"RegionId": REGION, "VpnConnectionId": one.resource_id}
    for sent in ({TUNNELS: [{"TunnelIndex": 1}]}, {"EnableTunnelsBgp": "true"}):
        assert api.no("ModifyVpnAttachmentAttribute", **about, **sent) == "OperationUnsupported.DualTunnel"
    about["VpnConnectionId"] = pair.resource_id
    for sent in ({"CustomerGatewayId": "cgw-1"}, {"IpsecConfig": '{"IpsecPfs": "group1"}'}):
        assert api.no("ModifyVpnAttachmentAttribute", **about, **sent) == "OperationUnsupported.DualTunnel"


# --- one tunnel ------------------------------------------------------------------------------------------------------


def alone(connection, number=2, **entry) -> dict:
    tunnel = connection.tunnels.all()[number - 1]
    about = {"RegionId": REGION, "VpnConnectionId": connection.resource_id, "TunnelId": tunnel.resource_id}
    return about | {TUNNELS: entry}


def test_one_tunnel_is_modified_alone(api, pair):
    two = pair.tunnels.all()[1]
    sent = alone(pair, EnableDpd="false", TunnelIkeConfig={"IkeLifetime": 3600})
    answer = api.ok("ModifyTunnelAttribute", **sent)
    assert misfits(answer, tunnels.ALONE | {"RequestId": str}) == []
    assert (answer["TunnelId"], answer["ZoneNo"], answer["EnableDpd"]) == (two.resource_id, "eu-central-1b", False)
    assert answer["TunnelIkeConfig"]["IkeLifetime"] == 3600
    assert answer["TunnelBgpConfig"]["EnableBgp"] is True
    assert "TunnelIndex" not in answer
    first, second = read(pair.resource_id).tunnels.all()
    assert (first.enable_dpd, second.enable_dpd, second.ike_lifetime) == (True, False, 3600)
    as_json = sent | {TUNNELS: json.dumps({"TunnelIkeConfig": {"IkeLifetime": 7200}})}
    assert api.ok("ModifyTunnelAttribute", **as_json)["TunnelIkeConfig"]["IkeLifetime"] == 7200


def test_a_token_repeats_the_answer_with_the_key(api, pair):
    sent = alone(pair, TunnelIkeConfig={"Psk": "another"}) | {"ClientToken": "t"}
    first, again = (api.ok("ModifyTunnelAttribute", **sent) for _ in range(2))
    assert first["TunnelIkeConfig"]["Psk"] == again["TunnelIkeConfig"]["Psk"] == "another"


def test_what_belongs_to_the_connection_is_not_changed_at_one_tunnel(api, alice, pair):
    sent = alone(pair, TunnelBgpConfig={"LocalAsn": 64999})
    assert api.no("ModifyTunnelAttribute", **sent) == "IllegalParam.LocalAsn"
    modify(api, pair, EnableTunnelsBgp="false")
    sent = alone(pair, TunnelBgpConfig=SESSIONS[1])
    assert api.no("ModifyTunnelAttribute", **sent) == "IllegalParam.TunnelBgpConfig"
    assert api.no("ModifyTunnelAttribute", **sent | {"TunnelId": "tun-none"}) == "InvalidTunnelId.NotFound"
    assert api.no("ModifyTunnelAttribute", **sent | {TUNNELS: ""}) == f"Missing{TUNNELS}"
    one = read(factories.make_connection(alice.account).resource_id)
    assert api.no("ModifyTunnelAttribute", **alone(one, 1, EnableDpd="false")) == "OperationUnsupported.DualTunnel"
