"""What the SDK tests do not cover: defaults, merging, locks, client tokens, dry runs, paging, cost."""

import json

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connections.domain.choices import Role
from connections.models import (
    AccessKey,
    Attachment,
    Authorization,
    Connection,
    CustomerGateway,
    Event,
    Route,
    RouteEntry,
    Tag,
)
from connections.services.attachments import create_attachment
from connections.services.authorizations import authorize
from tests import route_tables
from vpnconsole.testing import factories
from vpnconsole.testing.clients import CBN, ApiClient, v1

pytestmark = pytest.mark.django_db
REGION = factories.REGION
ENTRY = "TransitRouterRouteEntry"


@pytest.fixture
def gateway(alice):
    return factories.make_customer_gateway(alice.account)


def values(gateway, **changed) -> dict:
    return {
        "RegionId": REGION,
        "CustomerGatewayId": gateway.resource_id,
        "LocalSubnet": "0.0.0.0/0",
        "RemoteSubnet": "0.0.0.0/0",
    } | changed


def create(api, gateway, **changed) -> Connection:
    made = api.ok("CreateVpnAttachment", **values(gateway, **changed))
    return Connection.objects.with_parts().get(resource_id=made["VpnConnectionId"])


def modify(api, connection, **changed) -> Connection:
    api.ok("ModifyVpnAttachmentAttribute", RegionId=REGION, VpnConnectionId=connection.resource_id, **changed)
    return Connection.objects.with_parts().get(pk=connection.pk)


# --- creating ----------------------------------------------------------------------------------------------------


def test_the_defaults_are_those_of_the_api_not_of_the_console(api, gateway):
    made = create(api, gateway)
    tunnel = made.tunnel
    assert (tunnel.ike_version, tunnel.ike_auth_alg, tunnel.ipsec_auth_alg) == ("ikev1", "md5", "md5")
    assert (made.effect_immediately, made.routing_mode, made.network_type) == (False, "destination", "public")
    assert (made.auto_config_route, made.tunnel_bandwidth) == (True, "Standard")
    assert (tunnel.enable_dpd, tunnel.enable_nat_traversal, len(tunnel.psk)) == (True, True, 16)


@pytest.mark.parametrize("missing", ["CustomerGatewayId", "LocalSubnet", "RemoteSubnet"])
def test_what_is_needed_is_named_if_it_is_missing(api, gateway, missing):
    sent = {name: value for name, value in values(gateway).items() if name != missing}
    assert api.no("CreateVpnAttachment", **sent | {"EnableTunnelsBgp": "false"}) == f"Missing{missing}"
    assert not Connection.objects.exists()


@pytest.mark.parametrize("spelling", ["true", "True", "TRUE"])
def test_booleans_come_in_any_case(api, gateway, spelling):
    assert create(api, gateway, EffectImmediately=spelling).effect_immediately is True


@pytest.mark.parametrize(
    ("keys", "typed"),
    [
        ({"enable": "true", "dip": "192.168.0.1", "sip": "10.0.0.1", "interval": "5", "Policy": "reserve_route"}, 5),
        ({"Enable": True, "Dip": "192.168.0.1", "Sip": "10.0.0.1", "Interval": 5, "Policy": "reserve_route"}, 5),
    ],
)
def test_keys_of_the_health_check_are_compared_without_case_and_values_come_typed_or_as_text(api, gateway, keys, typed):
    made = create(api, gateway, HealthCheckConfig=json.dumps(keys))
    assert (made.health_check, made.health_check_interval, made.health_check_policy) == (True, typed, "reserve_route")


def test_a_refusal_names_a_key_as_it_is_sent(api, gateway):
    for key, value in (("enable", "perhaps"), ("interval", "often"), ("Policy", "none")):
        sent = {"enable": "true", "dip": "192.168.0.1", "sip": "10.0.0.1", key: value}
        refusal = api.call("CreateVpnAttachment", **values(gateway, HealthCheckConfig=json.dumps(sent)))
        assert refusal.json()["Code"] == f"IllegalParam.{key}"
        assert refusal.json()["Message"].startswith(f"HealthCheckConfig.{key}: ")


def test_automatic_routes_can_be_left_out(api, gateway):
    networks = {"LocalSubnet": "10.0.0.0/16", "RemoteSubnet": "192.168.0.0/24"}
    assert create(api, gateway, **networks).routes.count() == 1
    without = create(api, gateway, **networks, AutoConfigRoute="false")
    assert without.routes.count() == 0
    modify(api, without, AutoConfigRoute="true")
    assert Route.objects.get(connection=without).destination == "192.168.0.0/24"


def test_a_group_of_the_account_or_none(api, gateway, alice, bob):
    group = alice.account.resource_groups.get(is_default=False)
    assert create(api, gateway, ResourceGroupId=group.resource_id).resource_group == group
    foreign = bob.account.default_resource_group.resource_id
    assert api.no("CreateVpnAttachment", **values(gateway, ResourceGroupId=foreign)) == "IllegalParam.ResourceGroupId"


def test_lists_may_come_as_json_in_one_parameter(api, gateway):
    tags = [{"Key": "env", "Value": "prod"}, {"Key": "site", "Value": ""}]
    made = create(api, gateway, Tags=json.dumps(tags))
    assert [(tag.key, tag.value) for tag in made.tags.all()] == [("env", "prod"), ("site", "")]


def test_all_problems_are_told_under_the_code_of_the_first(api, gateway):
    response = api.call("CreateVpnAttachment", **values(gateway, Name="http://x", IkeConfig='{"Psk": "a b"}'))
    assert response.data["Code"] == "InvalidName"
    assert "Name:" in response.data["Message"]
    assert "Psk:" in response.data["Message"]


def test_tags_have_their_codes(api, gateway):
    for tags, code in (
        ([{"Key": "a"}, {"Key": "a"}], "Duplicated.TagKey"),
        ([{"Key": "aliyun"}], "InvalidParameter.TagKey"),
        ([{"Key": "a", "Value": "http://x"}], "InvalidParameter.TagValue"),
        ([{"Key": "a", "Value": "two\nlines"}], "InvalidParameter.TagValue"),
        ([{"Key": str(n)} for n in range(21)], "InvalidParameter"),
    ):
        assert api.no("CreateVpnAttachment", **values(gateway, Tags=tags)) == code
    assert api.no("CreateCen", CBN, Tag=[{"Key": "acs:x"}]) == "IllegalParam.TagKey"


def test_what_another_account_calls_its_transit_router_is_its_own(api, gateway, alice, bob):
    """As in the console, the response has the ID, which is needed to find it, but not the name."""
    made, router = create(api, gateway), factories.make_transit_router(bob.account, name="secret-project")
    opened = Authorization(connection=made, peer_uid=bob.account.uid, peer_cen_id=router.cen.resource_id)
    authorize(factories.make_actor(alice.account), opened)
    attachment = Attachment(transit_router=router, zone="eu-central-1a")
    create_attachment(factories.make_actor(bob.account), attachment, made.resource_id, alice.account.uid)
    read = api.ok("DescribeVpnConnection", RegionId=REGION, VpnConnectionId=made.resource_id)
    (listed,) = api.ok("DescribeVpnAttachments", RegionId=REGION)["VpnAttachments"]
    for described in (read, listed):
        assert described["CrossAccountAuthorized"] is True
        assert (described["TransitRouterId"], described["TransitRouterName"]) == (router.resource_id, "")
    own = create(api, gateway)
    attached = Attachment(
        transit_router=factories.make_transit_router(alice.account, name="mine"), zone="eu-central-1a"
    )
    create_attachment(factories.make_actor(alice.account), attached, own.resource_id)
    read = api.ok("DescribeVpnConnection", RegionId=REGION, VpnConnectionId=own.resource_id)
    assert read["TransitRouterName"] == "mine"


def test_other_accounts_things_are_not_found(api, bobs, gateway):
    made = create(api, gateway)
    no_gateway = "InvalidCustomerGatewayInstanceId.NotFound"
    for action, parameters, code in (
        ("CreateVpnAttachment", values(gateway), no_gateway),
        ("DescribeCustomerGateway", {"CustomerGatewayId": gateway.resource_id}, no_gateway),
        ("DescribeVpnConnection", {"VpnConnectionId": made.resource_id}, "InvalidVpnConnectionInstanceId.NotFound"),
        ("DeleteVpnAttachment", {"VpnConnectionId": made.resource_id}, "InvalidVpnConnectionInstanceId.NotFound"),
    ):  # fmt: skip
        assert bobs.no(action, **{"RegionId": REGION} | parameters) == code
    assert bobs.ok("DescribeVpnConnections", RegionId=REGION)["TotalCount"] == 0


def test_readers_read_without_keys_and_write_nothing(api, alice, gateway):
    rita = factories.make_user(alice.account, "rita", role=Role.READ_ONLY, is_demo=True)
    reader = ApiClient(AccessKey.objects.create(user=rita))
    made = create(api, gateway, IkeConfig='{"Psk": "hush"}')
    read = reader.ok("DescribeVpnConnection", RegionId=REGION, VpnConnectionId=made.resource_id)
    assert read["IkeConfig"]["Psk"] == ""
    assert "hush" not in str(read)
    which = {"RegionId": REGION, "VpnConnectionId": made.resource_id}
    assert reader.no("DownloadVpnConnectionConfig", **which) == "Forbidden"
    assert reader.no("DeleteVpnAttachment", **which) == "Forbidden"
    assert reader.no("CreateVpnAttachment", **values(gateway)) == "Forbidden"


# --- changing ----------------------------------------------------------------------------------------------------


def test_what_is_not_sent_stays(api, gateway):
    made = create(api, gateway, IkeConfig='{"Psk": "hush", "IkePfs": "group14", "RemoteId": "hq.example.com"}')
    changed = modify(api, made, IkeConfig='{"IkeVersion": "ikev2", "Psk": ""}')
    tunnel = changed.tunnel
    assert (tunnel.psk, tunnel.ike_pfs, tunnel.ike_version) == ("hush", "group14", "ikev2")
    assert (tunnel.remote_id, tunnel.ike_auth_alg) == ("hq.example.com", "md5")
    assert changed.revision == made.revision + 1


def test_an_implied_identity_that_is_sent_back_stays_implied(api, alice, gateway):
    other = factories.make_customer_gateway(alice.account, ip_address="203.0.113.99")
    made = create(api, gateway)
    read = api.ok("DescribeVpnConnection", RegionId=REGION, VpnConnectionId=made.resource_id)
    changed = modify(api, made, CustomerGatewayId=other.resource_id, IkeConfig=json.dumps(read["IkeConfig"]))
    assert changed.tunnel.remote_id == ""
    assert changed.tunnel.peer_identity == "203.0.113.99"


def test_reading_and_writing_it_back_changes_nothing(api, gateway):
    made = create(
        api,
        gateway,
        LocalSubnet="10.0.0.0/16",
        RemoteSubnet="192.168.0.0/24",
        BgpConfig='{"EnableBgp": "true", "TunnelCidr": "169.254.20.0/30", "LocalBgpIp": "169.254.20.1"}',
    )
    read = api.ok("DescribeVpnConnection", RegionId=REGION, VpnConnectionId=made.resource_id)
    objects = {
        "IkeConfig": read["IkeConfig"],
        "IpsecConfig": read["IpsecConfig"],
        "BgpConfig": read["VpnBgpConfig"],
        "HealthCheckConfig": read["VcoHealthCheck"],
    }
    plain = ("Name", "LocalSubnet", "RemoteSubnet", "CustomerGatewayId", "NetworkType", "EffectImmediately")
    modify(
        api, made, **{name: read[name] for name in plain}, **{name: json.dumps(one) for name, one in objects.items()}
    )
    assert Event.objects.get(operation="ModifyVpnAttachmentAttribute").facts == {}


def test_the_gateway_type_is_final(api, gateway):
    made = create(api, gateway)
    which = {"RegionId": REGION, "VpnConnectionId": made.resource_id}
    assert api.no("ModifyVpnAttachmentAttribute", **which, NetworkType="private") == "OperationDenied.NetworkType"


def test_while_a_state_is_on_the_move_changes_wait_and_deletion_does_not(api, gateway, settings, clock):
    settings.TRANSITION_SECONDS = 10
    made = create(api, gateway)
    which = {"RegionId": REGION, "VpnConnectionId": made.resource_id}
    assert api.ok("DescribeVpnConnection", **which)["State"] == "provisioning"
    assert api.no("ModifyVpnAttachmentAttribute", **which, Name="x") == "VpnConnection.Configuring"
    clock.tick(10)
    modify(api, made, Name="x")
    assert api.ok("DescribeVpnConnection", **which)["State"] == "updating"
    api.ok("DeleteVpnAttachment", **which)
    assert not Connection.objects.exists()


def test_attaching_and_detaching_take_their_time(api, gateway, settings, clock, alice):
    router = factories.make_transit_router(alice.account)
    made = create(api, gateway)
    settings.TRANSITION_SECONDS = 10
    attach = {"VpnId": made.resource_id, "TransitRouterId": router.resource_id, "RegionId": REGION,
              "Zone": [{"ZoneId": "eu-central-1a"}]}  # fmt: skip
    attachment = api.ok("CreateTransitRouterVpnAttachment", CBN, **attach)["TransitRouterAttachmentId"]
    which = {"TransitRouterAttachmentId": attachment}

    def status():
        return [
            one["Status"] for one in api.ok("ListTransitRouterVpnAttachments", CBN, **which)["TransitRouterAttachments"]
        ]

    assert status() == ["Attaching"]
    assert api.no("DeleteTransitRouterVpnAttachment", CBN, **which) == "IncorrectStatus.Status"
    clock.tick(10)
    assert status() == ["Attached"]
    api.ok("DeleteTransitRouterVpnAttachment", CBN, **which)
    assert status() == ["Detaching"]
    clock.tick(10)
    assert status() == []
    assert api.no("DeleteTransitRouterVpnAttachment", CBN, **which) == "InvalidTransitRouterAttachmentId.NotFound"


def test_the_api_links_nothing_to_the_route_table_by_itself(api, gateway, alice):
    router = factories.make_transit_router(alice.account)
    made = create(api, gateway)
    api.ok(
        "CreateTransitRouterVpnAttachment",
        CBN,
        VpnId=made.resource_id,
        CenId=router.cen.resource_id,
        RegionId=REGION,
        Zone=[{"ZoneId": "eu-central-1a"}],
    )
    attachment = Attachment.objects.get()
    assert attachment.auto_publish_route_enabled
    assert not attachment.associate_default_route_table
    assert not attachment.propagate_to_default_route_table


def test_detaching_is_refused_with_a_code_for_what_remains(api, gateway, alice):
    router = factories.make_transit_router(alice.account)
    attachment = factories.make_connection(alice.account, gateway=gateway, router=router).living_attachment
    which = {"TransitRouterAttachmentId": attachment.resource_id}
    link = which | {"TransitRouterRouteTableId": router.default_table.resource_id}
    entry = api.ok(
        "CreateTransitRouterRouteEntry",
        CBN,
        TransitRouterRouteTableId=router.default_table.resource_id,
        TransitRouterRouteEntryDestinationCidrBlock="172.16.0.0/12",
        TransitRouterRouteEntryNextHopType="Attachment",
        TransitRouterRouteEntryNextHopId=attachment.resource_id,
    )
    assert api.no("DeleteTransitRouterVpnAttachment", CBN, **which) == "OperationFailed.RouteEntryExist"
    api.ok("DeleteTransitRouterRouteEntry", CBN, TransitRouterRouteEntryId=entry["TransitRouterRouteEntryId"])
    assert api.no("DeleteTransitRouterVpnAttachment", CBN, **which) == "OperationFailed.RouteTableAssociationExist"
    api.ok("DissociateTransitRouterAttachmentFromRouteTable", CBN, **link)
    assert api.no("DeleteTransitRouterVpnAttachment", CBN, **which) == "OperationFailed.RouteTablePropagationExist"
    api.ok("DeleteTransitRouterVpnAttachment", CBN, **which, Force="true")
    assert not Attachment.objects.living().exists()


def test_answers_have_the_shapes_that_clients_read(api):
    """Terraform's provider asserts a JSON boolean, and takes the first of the master zones."""
    assert api.ok("CheckTransitRouterService", CBN)["Enabled"] is True
    zones = api.ok("ListTransitRouterAvailableResource", CBN, RegionId=REGION)
    assert zones["MasterZones"] == zones["SlaveZones"] == zones["AvailableZones"] != []


def test_what_is_not_there_is_refused_before_anything_is_made(api, alice):
    router = factories.make_transit_router(alice.account)
    where = {"RegionId": REGION, "CenId": router.cen.resource_id}
    connection = factories.make_connection(alice.account).resource_id
    attach = {"RegionId": REGION, "TransitRouterId": router.resource_id, "VpnId": connection}
    assert api.no("CreateVpnGateway", RegionId=REGION) == "InvalidAction.NotFound"
    assert api.no("CreateTransitRouter", CBN, **where, SupportMulticast="true") == "InvalidParameter"
    assert api.no("CreateTransitRouterVpnAttachment", CBN, **attach) == "MissingZone"


def test_cidr_blocks_of_a_router(api, alice):
    router = factories.make_transit_router(alice.account, cidrs=["10.200.0.0/24"])
    connection = factories.make_connection(alice.account, network_type="private")
    attachment = Attachment(transit_router=router, zone=f"{REGION}a")
    create_attachment(factories.make_actor(alice.account), attachment, connection.resource_id)
    which = {"RegionId": REGION, "TransitRouterId": router.resource_id}
    [used] = api.ok("ListTransitRouterCidr", CBN, **which)["CidrLists"]
    assert used == {
        "TransitRouterCidrId": used["TransitRouterCidrId"], "TransitRouterId": router.resource_id,
        "Cidr": "10.200.0.0/24", "Name": "", "Description": "", "PublishCidrRoute": True, "Family": "IPv4",
    }  # fmt: skip
    block = which | {"TransitRouterCidrId": used["TransitRouterCidrId"]}
    for parameters, code in (
        ({"Cidr": "10.200.0.0/20"}, "OverLappingExist.Cidr"),
        ({"Cidr": "10.201.0.0/30"}, "IllegalParam.Cidr"),
        ({"Cidr": "10.201.0.0/24", "Name": "http://x"}, "InvalidName"),
        ({"Cidr": "10.201.0.0/24", "RegionId": "cn-hangzhou"}, "InvalidTransitRouterId.NotFound"),
        ({"Cidr": "10.201.0.0/24", "DryRun": "true"}, "DryRunOperation"),
    ):
        assert api.no("CreateTransitRouterCidr", CBN, **which | parameters) == code
    assert api.no("DeleteTransitRouterCidr", CBN, **block) == "DependencyViolation.GatewayIp"
    assert api.no("ModifyTransitRouterCidr", CBN, **block, Cidr="10.201.0.0/24") == "DependencyViolation.GatewayIp"
    nobodys = block | {"TransitRouterCidrId": "cidr-nobody"}
    assert api.no("DeleteTransitRouterCidr", CBN, **nobodys) == "InvalidTransitRouterCidrId.NotFound"
    assert api.ok("ListTransitRouterCidr", CBN, **nobodys)["CidrLists"] == []
    # What is not sent stays; empty text clears.
    api.ok("ModifyTransitRouterCidr", CBN, **block, Name="gateways", PublishCidrRoute="false")
    api.ok("ModifyTransitRouterCidr", CBN, **block, Description="d", Name="")
    [changed] = api.ok("ListTransitRouterCidr", CBN, **block)["CidrLists"]
    assert changed == used | {"Description": "d", "PublishCidrRoute": False}
    [listed] = api.ok("ListTransitRouters", CBN, **which)["TransitRouters"]
    assert listed["TransitRouterCidrList"] == [{name: changed[name] for name in listed["TransitRouterCidrList"][0]}]


def test_names_and_groups_of_cen(api, alice, bob):
    router = factories.make_transit_router(alice.account)
    cen, group = router.cen.resource_id, alice.account.resource_groups.get(is_default=False).resource_id
    api.ok("ModifyCenAttribute", CBN, CenId=cen, Description="d")
    api.ok("UpdateTransitRouter", CBN, RegionId=REGION, TransitRouterId=router.resource_id, TransitRouterName="")
    move = {"ResourceId": cen, "ResourceType": "cen", "NewResourceGroupId": group}
    assert api.no("MoveResourceGroup", CBN, **move, DryRun="true") == "DryRunOperation"
    api.ok("MoveResourceGroup", CBN, **move)
    [read] = api.ok("DescribeCens", CBN)["Cens"]["Cen"]
    assert (read["Name"], read["Description"], read["ResourceGroupId"]) == ("backbone", "d", group)
    [read] = api.ok("ListTransitRouters", CBN, CenId=cen)["TransitRouters"]
    assert read["TransitRouterName"] == ""
    assert api.no("ModifyCenAttribute", CBN, CenId=cen, Name="x" * 129) == "InvalidName"
    theirs = bob.account.resource_groups.first().resource_id
    assert api.no("MoveResourceGroup", CBN, **move | {"NewResourceGroupId": theirs}) == "IllegalParam.ResourceGroupId"
    assert api.no("MoveResourceGroup", CBN, **move | {"ResourceId": "cen-nobody"}) == "ParameterCenInstanceId"
    assert api.no("MoveResourceGroup", CBN, **move | {"ResourceType": "bandwidthpackage"}) == "InvalidParameter"


def test_a_gateways_texts_are_changed_one_by_one(api, gateway):
    which = {"RegionId": REGION, "CustomerGatewayId": gateway.resource_id}
    api.ok("ModifyCustomerGatewayAttribute", **which, Description="edge")
    api.ok("ModifyCustomerGatewayAttribute", **which, Name="")
    gateway.refresh_from_db()
    assert (gateway.name, gateway.description) == ("", "edge")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"IpAddress": "203.0.113"}, "InvalidIpAddress.WrongFormat"),
        ({"IpAddress": "100.64.0.1"}, "InvalidIpAddress.Reserved"),
        ({"IpAddress": ""}, "MissingIpAddress"),
        ({"Asn": "45104"}, "IllegalParam.Asn"),
        ({"Asn": "1.2.3"}, "IllegalParam.Asn"),
        ({"AuthKey": "a b"}, "IllegalParam.AuthKey"),
        ({"Name": "n" * 101}, "InvalidName"),
        ({"Description": "http://x"}, "InvalidDescription"),
    ],
)
def test_gateways_that_are_refused(api, changed, code):
    assert api.no("CreateCustomerGateway", **{"RegionId": REGION, "IpAddress": "203.0.113.5"} | changed) == code
    assert not CustomerGateway.objects.exists()


# --- client tokens and dry runs ---------------------------------------------------------------------------------


def test_a_client_token_is_a_users_and_an_operations(api, bobs, gateway, bob):
    first = api.ok("CreateCen", CBN, ClientToken="t", Name="a")["CenId"]
    assert api.ok("CreateCen", CBN, ClientToken="t", Name="a")["CenId"] == first
    assert api.no("CreateCen", CBN, ClientToken="t", Name="b") == "IdempotentParameterMismatch"
    assert bobs.ok("CreateCen", CBN, ClientToken="t", Name="a")["CenId"] != first
    create(api, gateway, ClientToken="t")
    assert Event.objects.filter(operation="CreateCen").count() == 2


def test_a_refusal_under_a_token_is_not_remembered_but_its_event_is(api, gateway, settings, clock):
    settings.TRANSITION_SECONDS = 10
    made = create(api, gateway)
    which = {"RegionId": REGION, "VpnConnectionId": made.resource_id, "Name": "x", "ClientToken": "TF-1"}
    assert api.no("ModifyVpnAttachmentAttribute", **which) == "VpnConnection.Configuring"
    assert Event.objects.latest("id").outcome == "refused"
    clock.tick(10)
    api.ok("ModifyVpnAttachmentAttribute", **which)
    clock.tick(10)
    api.ok("ModifyVpnAttachmentAttribute", **which)
    assert Event.objects.filter(operation="ModifyVpnAttachmentAttribute", outcome="success").count() == 1


def test_a_token_is_forgotten_after_a_day(api, clock):
    first = api.ok("CreateCen", CBN, ClientToken="t")["CenId"]
    clock.tick(24 * 3600 + 1)
    assert api.ok("CreateCen", CBN, ClientToken="t")["CenId"] != first


@pytest.mark.parametrize("token", ["t" * 65, "名"])
def test_a_token_that_is_none(api, token):
    assert api.no("CreateCen", CBN, ClientToken=token) == "InvalidParameter"


def test_a_rehearsal_judges_and_leaves_nothing_behind(api, gateway):
    events = Event.objects.count()
    assert api.no("CreateVpnAttachment", **values(gateway, DryRun="true")) == "DryRunOperation"
    assert api.no("CreateVpnAttachment", **values(gateway, DryRun="true", Name="http://x")) == "InvalidName"
    assert api.no("CreateVpnAttachment", **values(gateway, DryRun="maybe")) == "InvalidParameter"
    assert (Connection.objects.count(), Event.objects.count()) == (0, events)
    create(api, gateway, DryRun="false")


# --- tags ------------------------------------------------------------------------------------------------------------


def test_tags_are_put_on_all_resources_or_on_none(api, gateway):
    made = create(api, gateway, Tags=[{"Key": "env", "Value": "dev"}])
    other = create(api, gateway)
    several = {"RegionId": REGION, "ResourceType": "vpnattachment",
               "ResourceId": [made.resource_id, other.resource_id]}  # fmt: skip
    api.ok("TagResources", **several, Tag=[{"Key": "env", "Value": "prod"}])
    assert list(Tag.objects.values_list("value", flat=True)) == ["prod", "prod"]
    missing = several | {"ResourceId": [made.resource_id, "vco-nobody"]}
    assert api.no("TagResources", **missing, Tag=[{"Key": "new", "Value": ""}]) == "InvalidResourceId.NotFound"
    twenty = [{"Key": f"k{n}", "Value": ""} for n in range(20)]
    assert api.no("TagResources", **several, Tag=twenty) == "InvalidParameter.TagKey"
    assert Tag.objects.count() == 2
    listed = api.ok(
        "ListTagResources", RegionId=REGION, ResourceType="VPNATTACHMENT", Tag=[{"Key": "env"}], MaxResults=1
    )
    assert len(listed["TagResources"]["TagResource"]) == 1
    more = api.ok("ListTagResources", RegionId=REGION, ResourceType="VPNATTACHMENT", Tag=[{"Key": "env"}],
                  NextToken=listed["NextToken"])  # fmt: skip
    assert {
        listed["TagResources"]["TagResource"][0]["ResourceId"],
        more["TagResources"]["TagResource"][0]["ResourceId"],
    } == {
        made.resource_id,
        other.resource_id,
    }
    assert more["NextToken"] == ""
    api.ok("UnTagResources", **several, All="true")
    assert not Tag.objects.exists()


# --- pages and cost ------------------------------------------------------------------------------------------------


def test_pages_by_number(api, gateway):
    for _ in range(5):
        create(api, gateway)
    pages = [
        api.ok("DescribeVpnConnections", RegionId=REGION, PageSize=2, PageNumber=number) for number in (1, 2, 3, 4)
    ]
    assert [len(page["VpnConnections"]["VpnConnection"]) for page in pages] == [2, 2, 1, 0]
    assert [page["TotalCount"] for page in pages] == [5] * 4
    ids = [one["VpnConnectionId"] for page in pages for one in page["VpnConnections"]["VpnConnection"]]
    assert len(set(ids)) == 5
    for wrong in ({"PageSize": 51}, {"PageSize": 0}, {"PageNumber": 0}, {"PageNumber": "x"}):
        assert api.no("DescribeVpnConnections", RegionId=REGION, **wrong) == "InvalidParameter"


def test_pages_by_token(api, alice):
    cen = factories.make_cen(alice.account)
    regions = ["eu-central-1", "cn-hangzhou", "ap-southeast-1"]
    tables = []
    for region in regions:
        router = factories.make_transit_router(alice.account, cen=cen, region_id=region)
        tables.append(router.default_table.resource_id)
    ids = {"TransitRouterRouteTableIds": tables}
    first = api.ok("ListTransitRouterRouteTables", CBN, **ids, MaxResults=2)
    assert (len(first["TransitRouterRouteTables"]), first["TotalCount"]) == (2, 3)
    rest = api.ok("ListTransitRouterRouteTables", CBN, **ids, MaxResults=2, NextToken=first["NextToken"])
    assert len(rest["TransitRouterRouteTables"]) == 1
    assert "NextToken" not in rest
    assert api.no("ListTransitRouterRouteTables", CBN, **ids, NextToken="mine") == "IllegalParam.NextToken"


def test_a_page_costs_the_same_queries_however_many_connections(api, gateway, alice):
    router = factories.make_transit_router(alice.account)

    def cost(sign) -> int:
        client = ApiClient(api.key, sign)
        client.ok("DescribeRegions")
        with CaptureQueriesContext(
            database,
        ) as queries:
            client.ok("DescribeVpnConnections", RegionId=REGION, PageSize=50)
        return len(queries)

    for _ in range(2):
        factories.make_connection(alice.account, gateway=gateway, router=router, tags=[("env", "prod")])
    few = cost(api.sign), cost(v1)
    for _ in range(58):
        factories.make_connection(alice.account, gateway=gateway, router=router, tags=[("env", "prod")])
    assert (cost(api.sign), cost(v1)) == few
    # The first response of a day records that it discloses keys.
    assert few[0] <= 20
    assert few[1] <= 12


def _listed(api, **words) -> tuple[list[dict], list[int]]:
    """All entries of a route table, read page by page, and the total that each page states."""
    entries, totals = [], []
    while True:
        page = api.ok("ListTransitRouterRouteEntries", CBN, **words)
        entries += page["TransitRouterRouteEntries"]
        totals.append(page["TotalCount"])
        assert len(page["TransitRouterRouteEntries"]) <= words.get("MaxResults", 20)
        if not page.get("NextToken"):
            return entries, totals
        words["NextToken"] = page["NextToken"]


@pytest.fixture
def table(api, alice, gateway, settings):
    """A route table with five static and nine propagated entries, two of them to the same destination."""
    settings.TRANSITION_SECONDS = 0
    router = factories.make_transit_router(alice.account, cidrs=["10.200.0.0/20", "10.201.0.0/20"])
    for number in range(3):
        networks = ["192.168.0.0/24", f"172.{16 + number}.0.0/16", f"10.{number}.0.0/24"]
        factories.make_connection(
            alice.account, gateway=gateway, router=router, name=f"c{number}",
            routing_mode="protected", local_subnet=["10.99.0.0/16"], remote_subnet=networks,
        )  # fmt: skip
    for number in range(3):
        RouteEntry.objects.create(
            route_table=router.default_table, destination=f"10.{number}.0.0/24", name=f"hole-{number}"
        )
    return router.default_table


def test_a_route_table_is_listed_page_by_page(api, table):
    words = {"TransitRouterRouteTableId": table.resource_id}
    whole, totals = _listed(api, **words)
    facts = [(one[f"{ENTRY}DestinationCidrBlock"], one[f"{ENTRY}Type"], one[f"{ENTRY}Status"]) for one in whole]
    assert totals == [14]
    assert sorted(facts) == sorted((one.destination, one.type, one.status) for one in route_tables.table(table))
    assert [kind for _, kind, _ in facts] == ["Static"] * 5 + ["Propagated"] * 9
    assert len({one[f"{ENTRY}Id"] for one in whole}) == 14
    for size in (1, 2, 3, 5, 13, 14, 15):
        assert _listed(api, **words, MaxResults=size)[0] == whole, size


def test_each_entry_of_a_route_table_is_found_by_what_is_told_of_it(api, table):
    words = {"TransitRouterRouteTableId": table.resource_id}
    whole, _ = _listed(api, **words)
    for name in ("Status", "Type", "NextHopType", "NextHopId", "NextHopResourceId", "NextHopResourceType",
                 "OriginResourceId", "OriginResourceType", "DestinationCidrBlock"):  # fmt: skip
        for value in {one[f"{ENTRY}{name}"] for one in whole} - {""} | {"Active"}:
            alike = [one for one in whole if one[f"{ENTRY}{name}"] == value]
            if alike or name == "Status":
                assert _listed(api, **words, **{f"{ENTRY}{name}": value}, MaxResults=2)[0] == alike, (name, value)
    for one in whole:
        assert _listed(api, **words, **{f"{ENTRY}Ids": [one[f"{ENTRY}Id"], "rte-" + "z" * 18]})[0] == [one]
    assert [one[f"{ENTRY}Name"] for one in _listed(api, **words, **{f"{ENTRY}Names": ["hole-1"]})[0]] == ["hole-1"]
    several = [{"Key": "DestinationCidrBlock", "Value": ["10.0.0.0/24", "172.16.0.0/16", "10.201.0.0/20"]}]
    assert _listed(api, **words, RouteFilter=several)[1] == [4]
    assert _listed(api, **words, PrefixListId="pl-1") == ([], [0])


@pytest.mark.parametrize(
    "token", ["7", "0", "3~1", "x~1", "2~1", "2~10.0.0.0/8~x", "1~-1", "1~9223372036854775808", "~"]
)
def test_a_token_of_another_list_is_refused(api, table, token):
    words = {"TransitRouterRouteTableId": table.resource_id, "NextToken": token}
    assert api.no("ListTransitRouterRouteEntries", CBN, **words) == "IllegalParam.NextToken"
