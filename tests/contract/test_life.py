"""The whole life of a connection with the official Python SDKs, read back through their own models."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from alibabacloud_cbn20170912 import models as cbn
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_vpc20160428 import models as vpc

from connections.models import AccessKey, Connection, Event
from tests.contract.conftest import Sdk
from vpnconsole.testing.factories import REGION

IKE = {"Psk": "~`!@#$%^&*()_-+={}[]\\|;:',.<>/?aZ9", "IkeVersion": "ikev2", "IkeEncAlg": "aes256", "IkeLifetime": 3600}


def gateway_of(sdk, **changed):
    fields = {"region_id": REGION, "ip_address": "203.0.113.7", "asn": "65010", "name": "机房 a+b*c~d/e"} | changed
    return sdk.vpc.create_customer_gateway(vpc.CreateCustomerGatewayRequest(**fields)).body.customer_gateway_id


def connection_of(sdk, gateway, **changed):
    fields = {
        "region_id": REGION,
        "customer_gateway_id": gateway,
        "local_subnet": "10.0.0.0/16,10.1.0.0/16",
        "remote_subnet": "192.168.0.0/24",
        "name": "hq & <branch>",
        "ike_config": json.dumps(IKE),
    } | changed
    return sdk.vpc.create_vpn_attachment(vpc.CreateVpnAttachmentRequest(**fields)).body


def router_of(sdk, **changed):
    cen = sdk.cbn.create_cen(cbn.CreateCenRequest(name="backbone")).body.cen_id
    fields = {"cen_id": cen, "region_id": REGION, "transit_router_name": "frankfurt"} | changed
    request = cbn.CreateTransitRouterRequest(**fields)
    return cen, sdk.cbn.create_transit_router(request).body.transit_router_id


def described(sdk, connection):
    request = vpc.DescribeVpnConnectionRequest(region_id=REGION, vpn_connection_id=connection)
    return sdk.vpc.describe_vpn_connection(request).body


def refusal(function, request) -> tuple[int, str]:
    """The exception that the SDK raises for an error response."""
    with pytest.raises(ClientException) as caught:
        function(request)
    error = caught.value
    assert error.status_code in (400, 403, 404)
    assert error.message.startswith(f"code: {error.status_code}, ")
    assert error.data["RequestId"] in error.message
    return error.status_code, error.code


def test_a_whole_life(sdk):
    # Created, not associated.
    gateway = gateway_of(sdk)
    body = connection_of(
        sdk,
        gateway,
        tags=[vpc.CreateVpnAttachmentRequestTags(key="k 1", value="v=1&2"),
              vpc.CreateVpnAttachmentRequestTags(key="empty", value="")],
    )  # fmt: skip
    assert (body.code, body.success, body.name) == ("200", True, "hq & <branch>")
    connection = body.vpn_connection_id
    read = described(sdk, connection)
    assert (read.state, read.attach_type, read.vpn_gateway_id) == ("init", "NO_ASSOCIATED", "vpn-not-exist")
    assert (read.local_subnet, read.remote_subnet) == ("10.0.0.0/16,10.1.0.0/16", "192.168.0.0/24")
    assert (read.ike_config.psk, read.ike_config.ike_version) == (IKE["Psk"], "ikev2")
    assert (read.ike_config.ike_lifetime, read.ike_config.ike_auth_alg) == (3600, "md5")
    assert (read.ike_config.local_id, read.ike_config.remote_id) == (read.internet_ip, "203.0.113.7")
    assert (read.effect_immediately, read.enable_dpd, read.status) == (False, True, "ike_sa_not_established")
    assert (read.vpn_bgp_config.enable_bgp, read.vco_health_check.enable) == ("false", "false")
    assert [(tag.key, tag.value) for tag in read.tags.tag] == [("k 1", "v=1&2"), ("empty", "")]
    assert read.tunnel_options_specification.tunnel_options == []
    assert read.tunnel_bandwidth == "Standard"

    # Modified: what is not sent stays, also within the objects.
    request = vpc.ModifyVpnAttachmentAttributeRequest(
        region_id=REGION,
        vpn_connection_id=connection,
        name="renamed",
        effect_immediately=True,
        ike_config=json.dumps({"IkePfs": "group14"}),
        bgp_config=json.dumps(
            {"EnableBgp": True, "LocalAsn": "45104", "TunnelCidr": "169.254.11.0/30", "LocalBgpIp": "169.254.11.1"}
        ),
        health_check_config=json.dumps({"Enable": "true", "Dip": "192.168.0.1", "Sip": "10.0.0.1", "Interval": 3600}),
    )
    changed = sdk.vpc.modify_vpn_attachment_attribute(request).body
    assert (changed.name, changed.ike_config.ike_pfs, changed.ike_config.psk) == ("renamed", "group14", IKE["Psk"])
    read = described(sdk, connection)
    bgp, check = read.vpn_bgp_config, read.vco_health_check
    assert (bgp.enable_bgp, bgp.local_asn, bgp.peer_asn, bgp.peer_bgp_ip) == ("true", 45104, 65010, "169.254.11.2")
    # Too slow to fail, and to withdraw the routes, while the test runs.
    assert (check.enable, check.interval, check.retry, check.policy) == ("true", 3600, 3, "revoke_route")
    assert read.local_subnet == "10.0.0.0/16,10.1.0.0/16"

    # Attached, associated, propagating.
    cen, router = router_of(sdk, tag=[cbn.CreateTransitRouterRequestTag(key="env", value="prod")])
    request = cbn.CreateTransitRouterVpnAttachmentRequest(
        region_id=REGION,
        cen_id=cen,
        vpn_id=connection,
        zone=[cbn.CreateTransitRouterVpnAttachmentRequestZone(zone_id="eu-central-1a")],
        transit_router_attachment_name="to-hq",
        tag=[cbn.CreateTransitRouterVpnAttachmentRequestTag(key="env", value="prod")],
    )
    attachment = sdk.cbn.create_transit_router_vpn_attachment(request).body.transit_router_attachment_id
    request = cbn.ListTransitRouterVpnAttachmentsRequest(transit_router_attachment_id=attachment, region_id=REGION)
    (listed,) = sdk.cbn.list_transit_router_vpn_attachments(request).body.transit_router_attachments
    assert (listed.status, listed.vpn_id, listed.transit_router_id) == ("Attached", connection, router)
    assert (listed.transit_router_attachment_name, listed.zones[0].zone_id) == ("to-hq", "eu-central-1a")
    assert [(tag.key, tag.value) for tag in listed.tags] == [("env", "prod")]
    read = described(sdk, connection)
    assert (read.state, read.attach_type, read.attach_instance_id) == ("attached", "CEN", cen)
    assert (read.transit_router_id, read.transit_router_name, read.zone_no) == (router, "frankfurt", "eu-central-1a")
    request = cbn.ListTransitRouterRouteTablesRequest(transit_router_id=router)
    (table,) = sdk.cbn.list_transit_router_route_tables(request).body.transit_router_route_tables
    assert table.transit_router_route_table_type == "System"
    link = {"transit_router_attachment_id": attachment,
            "transit_router_route_table_id": table.transit_router_route_table_id}  # fmt: skip
    sdk.cbn.associate_transit_router_attachment_with_route_table(
        cbn.AssociateTransitRouterAttachmentWithRouteTableRequest(**link)
    )
    sdk.cbn.enable_transit_router_route_table_propagation(cbn.EnableTransitRouterRouteTablePropagationRequest(**link))

    # Routes.
    route = {"region_id": REGION, "vpn_connection_id": connection, "next_hop": connection, "weight": 100}
    request = vpc.CreateVcoRouteEntryRequest(**route, route_dest="172.16.0.0/16", description="branch")
    made = sdk.vpc.create_vco_route_entry(request).body
    assert (made.route_dest, made.weight, made.state) == ("172.16.0.0/16", 100, "published")
    request = vpc.ModifyVcoRouteEntryWeightRequest(**route, route_dest="172.16.0.0/16", new_weight=0)
    sdk.vpc.modify_vco_route_entry_weight(request)
    request = vpc.DescribeVcoRouteEntriesRequest(region_id=REGION, vpn_connection_id=connection)
    routes = sdk.vpc.describe_vco_route_entries(request).body
    assert [(one.route_dest, one.weight, one.state) for one in routes.vco_route_entries] == [
        ("192.168.0.0/24", 100, "published"),
        ("172.16.0.0/16", 0, "published"),
    ]
    request = vpc.DeleteVcoRouteEntryRequest(**route | {"weight": 0}, route_dest="172.16.0.0/16")
    sdk.vpc.delete_vco_route_entry(request)

    # The other side.
    request = vpc.DownloadVpnConnectionConfigRequest(region_id=REGION, vpn_connection_id=connection)
    peer = sdk.vpc.download_vpn_connection_config(request).body.vpn_connection_config
    assert (peer.local, peer.remote) == ("203.0.113.7", read.internet_ip)
    assert (peer.local_subnet, peer.remote_subnet) == ("192.168.0.0/24", "10.0.0.0/16,10.1.0.0/16")
    assert (peer.ike_config.local_id, peer.ike_config.psk) == ("203.0.113.7", IKE["Psk"])
    assert (peer.bgp_configs.bgp_config[0].local_asn, peer.bgp_configs.bgp_config[0].peer_asn) == ("65010", "45104")

    # Lists.
    listing = sdk.vpc.describe_vpn_connections(vpc.DescribeVpnConnectionsRequest(region_id=REGION, page_size=50)).body
    assert (listing.total_count, listing.page_number, listing.page_size) == (1, 1, 50)
    tag = listing.vpn_connections.vpn_connection[0].tag.tag[0]
    assert (tag.key, tag.value) == ("k 1", "v=1&2")
    attachments = sdk.vpc.describe_vpn_attachments(vpc.DescribeVpnAttachmentsRequest(region_id=REGION)).body
    assert [(one.instance_id, one.attach_type) for one in attachments.vpn_attachments] == [(connection, "CEN")]

    # Deleted, in the order that the product requires.
    assert refusal(
        sdk.vpc.delete_vpn_attachment,
        vpc.DeleteVpnAttachmentRequest(region_id=REGION, vpn_connection_id=connection),
    ) == (400, "VpnConnection.Attached")
    detaching = cbn.DeleteTransitRouterVpnAttachmentRequest(transit_router_attachment_id=attachment)
    assert refusal(sdk.cbn.delete_transit_router_vpn_attachment, detaching) == (
        400,
        "OperationFailed.RouteTableAssociationExist",
    )
    sdk.cbn.dissociate_transit_router_attachment_from_route_table(
        cbn.DissociateTransitRouterAttachmentFromRouteTableRequest(**link)
    )
    assert refusal(sdk.cbn.delete_transit_router_vpn_attachment, detaching) == (
        400,
        "OperationFailed.RouteTablePropagationExist",
    )
    detaching.force = True
    sdk.cbn.delete_transit_router_vpn_attachment(detaching)
    request = cbn.ListTransitRouterVpnAttachmentsRequest(transit_router_attachment_id=attachment, region_id=REGION)
    assert sdk.cbn.list_transit_router_vpn_attachments(request).body.transit_router_attachments == []
    request = vpc.DeleteCustomerGatewayRequest(region_id=REGION, customer_gateway_id=gateway)
    assert refusal(sdk.vpc.delete_customer_gateway, request) == (400, "CustomerGateway.InUse")
    gone = vpc.DeleteVpnAttachmentRequest(region_id=REGION, vpn_connection_id=connection)
    assert sdk.vpc.delete_vpn_attachment(gone).body.success is True
    assert refusal(sdk.vpc.delete_vpn_attachment, gone) == (404, "InvalidVpnConnectionInstanceId.NotFound")
    sdk.vpc.delete_customer_gateway(request)
    sdk.cbn.delete_transit_router(cbn.DeleteTransitRouterRequest(transit_router_id=router))
    sdk.cbn.delete_cen(cbn.DeleteCenRequest(cen_id=cen))
    assert not Connection.objects.exists()


def test_what_one_door_makes_the_other_shows(sdk, alice, client):
    connection = connection_of(sdk, gateway_of(sdk)).vpn_connection_id
    client.force_login(alice)
    page = client.get(Connection.objects.get(resource_id=connection).get_absolute_url())
    assert connection in page.content.decode()
    event = Event.objects.get(operation="CreateVpnAttachment")
    assert (event.actor, event.resource_id) == ("alice", connection)


def test_between_two_accounts(sdk, bobs, alice, bob):
    connection = connection_of(sdk, gateway_of(sdk)).vpn_connection_id
    cen, router = router_of(bobs)
    owner, peer = int(alice.account.uid), int(bob.account.uid)
    attach = cbn.CreateTransitRouterVpnAttachmentRequest(
        region_id=REGION,
        transit_router_id=router,
        vpn_id=connection,
        vpn_owner_id=owner,
        zone=[cbn.CreateTransitRouterVpnAttachmentRequestZone(zone_id="eu-central-1b")],
    )
    assert refusal(bobs.cbn.create_transit_router_vpn_attachment, attach) == (400, "InvalidVpnId.NotFound")
    instance = {"cen_id": cen, "instance_id": connection}
    sdk.cbn.grant_instance_to_transit_router(
        cbn.GrantInstanceToTransitRouterRequest(**instance, cen_owner_id=peer, instance_type="VPN", region_id=REGION)
    )
    sdk.cbn.modify_grant_instance_to_transit_router(
        cbn.ModifyGrantInstanceToTransitRouterRequest(**instance, order_type="PayByResourceOwner")
    )
    request = cbn.DescribeGrantRulesToResourceRequest(resource_id=connection, product_type="VPN", region_id=REGION)
    (rule,) = sdk.cbn.describe_grant_rules_to_resource(request).body.grant_rules
    assert (rule.cen_id, rule.cen_owner_id, rule.order_type) == (cen, peer, "PayByResourceOwner")
    request = cbn.DescribeGrantRulesToCenRequest(cen_id=cen, product_type="VPN")
    (rule,) = bobs.cbn.describe_grant_rules_to_cen(request).body.grant_rules.grant_rule
    assert (rule.child_instance_id, rule.child_instance_owner_id) == (connection, owner)
    request = vpc.DescribeVpnCrossAccountAuthorizationsRequest(region_id=REGION, vpn_connection_id=connection)
    (one,) = sdk.vpc.describe_vpn_cross_account_authorizations(request).body.cross_account_authorizations
    assert (one.ali_uid, one.bind_uid, one.bind_instance, one.bind_product) == (owner, peer, cen, "CEN")
    attachment = bobs.cbn.create_transit_router_vpn_attachment(attach).body.transit_router_attachment_id
    read = described(sdk, connection)
    assert (read.state, read.cross_account_authorized, read.attach_instance_id) == ("attached", True, cen)
    revoke = cbn.RevokeInstanceFromTransitRouterRequest(**instance, cen_owner_id=peer, instance_type="VPN")
    assert refusal(sdk.cbn.revoke_instance_from_transit_router, revoke) == (400, "OperationFailed.GrantInUse")
    bobs.cbn.delete_transit_router_vpn_attachment(
        cbn.DeleteTransitRouterVpnAttachmentRequest(transit_router_attachment_id=attachment)
    )
    sdk.cbn.revoke_instance_from_transit_router(revoke)
    assert refusal(sdk.cbn.revoke_instance_from_transit_router, revoke) == (400, "InvalidGrantRule.NotFound")


def test_the_same_with_asyncio(sdk):
    async def live():
        gateway = await sdk.vpc.create_customer_gateway_async(
            vpc.CreateCustomerGatewayRequest(region_id=REGION, ip_address="203.0.113.8", name="a/b,c:d;e'f!g*(h)@$?")
        )
        made = await sdk.vpc.create_vpn_attachment_async(
            vpc.CreateVpnAttachmentRequest(
                region_id=REGION,
                customer_gateway_id=gateway.body.customer_gateway_id,
                local_subnet="0.0.0.0/0",
                remote_subnet="0.0.0.0/0",
                ike_config=json.dumps(IKE),
            )
        )
        connection = made.body.vpn_connection_id
        read = await sdk.vpc.describe_vpn_connection_async(
            vpc.DescribeVpnConnectionRequest(region_id=REGION, vpn_connection_id=connection)
        )
        assert (read.body.ike_config.psk, read.body.local_subnet) == (IKE["Psk"], "0.0.0.0/0")
        gateways = await sdk.vpc.describe_customer_gateways_async(vpc.DescribeCustomerGatewaysRequest(region_id=REGION))
        assert gateways.body.customer_gateways.customer_gateway[0].name == "a/b,c:d;e'f!g*(h)@$?"
        await sdk.vpc.delete_vpn_attachment_async(
            vpc.DeleteVpnAttachmentRequest(region_id=REGION, vpn_connection_id=connection)
        )

    # In a separate thread: earlier browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, live()).result()


def test_tags_groups_regions_and_the_rest(sdk, alice):
    gateway = gateway_of(sdk)
    connection = connection_of(sdk, gateway).vpn_connection_id
    ids = {"region_id": REGION, "resource_type": "VPNATTACHMENT", "resource_id": [connection]}
    tag = vpc.TagResourcesRequestTag(key="env", value="prod")
    sdk.vpc.tag_resources(vpc.TagResourcesRequest(**ids, tag=[tag]))
    (one,) = sdk.vpc.list_tag_resources(vpc.ListTagResourcesRequest(**ids)).body.tag_resources.tag_resource
    assert (one.resource_id, one.resource_type, one.tag_key, one.tag_value) == (
        connection,
        "VPNATTACHMENT",
        "env",
        "prod",
    )
    request = vpc.DescribeVpnConnectionsRequest(
        region_id=REGION, tag=[vpc.DescribeVpnConnectionsRequestTag(key="env", value="dev")]
    )
    empty = sdk.vpc.describe_vpn_connections(request).body
    assert (empty.total_count, empty.vpn_connections.vpn_connection) == (0, [])
    sdk.vpc.un_tag_resources(vpc.UnTagResourcesRequest(**ids, tag_key=["env"]))
    assert sdk.vpc.list_tag_resources(vpc.ListTagResourcesRequest(**ids)).body.tag_resources.tag_resource == []
    group = alice.account.resource_groups.get(is_default=False).resource_id
    sdk.vpc.move_vpn_resource_group(
        vpc.MoveVpnResourceGroupRequest(
            region_id=REGION, instance_id=connection, resource_type="VpnAttachment", new_resource_group_id=group
        )
    )
    assert described(sdk, connection).resource_group_id == group
    regions = sdk.vpc.describe_regions(vpc.DescribeRegionsRequest(accept_language="en-US")).body.regions.region
    assert {region.region_id: region.local_name for region in regions}[REGION] == "Germany (Frankfurt)"
    zones = sdk.vpc.describe_zones(vpc.DescribeZonesRequest(region_id=REGION)).body.zones.zone
    assert [zone.zone_id for zone in zones] == ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
    request = vpc.DescribeVpnGatewayAvailableZonesRequest(region_id=REGION, spec="200M")
    assert len(sdk.vpc.describe_vpn_gateway_available_zones(request).body.available_zone_id_list) == 3
    assert sdk.vpc.check_vpn_bgp_enabled(vpc.CheckVpnBgpEnabledRequest(region_id=REGION)).body.bgp_enabled is True
    request = cbn.ListTransitRouterAvailableResourceRequest(region_id=REGION)
    assert sdk.cbn.list_transit_router_available_resource(request).body.available_zones[0] == "eu-central-1a"
    assert sdk.cbn.check_transit_router_service(cbn.CheckTransitRouterServiceRequest()).body.enabled is True


def test_cen_instances_and_transit_routers(sdk):
    cen, router = router_of(
        sdk,
        transit_router_cidr_list=[cbn.CreateTransitRouterRequestTransitRouterCidrList(cidr="10.200.0.0/20")],
    )
    filters = [cbn.DescribeCensRequestFilter(key="Name", value=["backbone", "other"])]
    (listed,) = sdk.cbn.describe_cens(cbn.DescribeCensRequest(filter=filters)).body.cens.cen
    assert (listed.cen_id, listed.status, listed.cen_bandwidth_package_ids.cen_bandwidth_package_id) == (
        cen,
        "Active",
        [],
    )
    (one,) = sdk.cbn.list_transit_routers(cbn.ListTransitRoutersRequest(cen_id=cen)).body.transit_routers
    assert (one.transit_router_id, one.type, one.region_id) == (router, "Enterprise", REGION)
    assert [block.cidr for block in one.transit_router_cidr_list] == ["10.200.0.0/20"]
    again = cbn.CreateTransitRouterRequest(cen_id=cen, region_id=REGION)
    assert refusal(sdk.cbn.create_transit_router, again) == (400, "InstanceExist.TransitRouterInstance")
    assert refusal(sdk.cbn.delete_cen, cbn.DeleteCenRequest(cen_id=cen)) == (400, "DependencyViolation.TransitRouter")
    assert refusal(sdk.cbn.list_transit_routers, cbn.ListTransitRoutersRequest()) == (
        400,
        "InvalidParameterCombination.TransitRouter",
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": "http://hq"}, "InvalidName"),
        ({"local_subnet": "10.0.0.0/33"}, "IllegalParam.LocalSubnet"),
        ({"remote_subnet": "100.64.0.0/16"}, "IllegalParam.RemoteSubnet"),
        ({"remote_subnet": "100.64.1.0/255.255.255.0"}, "IllegalParam.RemoteSubnet"),
        ({"ike_config": '{"Psk": "with space"}'}, "IllegalParam.Psk"),
        ({"ike_config": "{}"}, "IllegalParam.IkeVersion"),
        ({"ike_config": '{"IkeVersion": "ikev3"}'}, "IllegalParam.IkeVersion"),
        ({"ike_config": '{"IkeVersion": "ikev2", "IkeLifetime": 86401}'}, "IllegalParam.IkeLifetime"),
        ({"ike_config": '{"IkeLifetime": "long"}'}, "IllegalParam.IkeLifetime"),
        ({"ike_config": "not JSON"}, "InvalidParameter"),
        ({"bgp_config": '{"EnableBgp": "true"}'}, "IllegalParam.TunnelCidr"),
        ({"health_check_config": '{"enable": "true"}'}, "IllegalParam.dip"),
        ({"customer_gateway_id": "cgw-nobody"}, "InvalidCustomerGatewayInstanceId.NotFound"),
        ({"customer_gateway_id": None}, "MissingCustomerGatewayId"),
        ({"region_id": "xx-nowhere-1"}, "InvalidRegionId.NotFound"),
        ({"network_type": "secret"}, "InvalidParameter"),
        ({"enable_tunnels_bgp": True}, "OperationUnsupported.DualTunnel"),
        (
            {"tunnel_options_specification": [
                vpc.CreateVpnAttachmentRequestTunnelOptionsSpecification(customer_gateway_id="cgw-1", tunnel_index=1)
            ]},
            "OperationUnsupported.DualTunnel",
        ),
        ({"dry_run": True}, "DryRunOperation"),
    ],
)  # fmt: skip
def test_refusals_are_exceptions_of_the_sdk(sdk, changed, code):
    gateway = gateway_of(sdk)
    fields = {
        "region_id": REGION,
        "customer_gateway_id": gateway,
        "local_subnet": "10.0.0.0/16,10.1.0.0/16" if code == "IllegalParam.IkeVersion" else "10.0.0.0/16",
        "remote_subnet": "192.168.0.0/24",
    } | changed
    request = vpc.CreateVpnAttachmentRequest(**fields)
    status, got = refusal(sdk.vpc.create_vpn_attachment, request)
    assert got == code
    assert status == (404 if code.endswith("NotFound") else 400)
    assert not Connection.objects.exists()


def test_a_wrong_secret_is_an_exception_too(alice, live_server, algorithm):
    key = AccessKey(user=alice, secret="another one")
    AccessKey.objects.create(user=alice, access_key_id=key.access_key_id)
    sdk = Sdk(key, live_server.url, algorithm)
    assert refusal(sdk.vpc.describe_regions, vpc.DescribeRegionsRequest()) == (400, "SignatureDoesNotMatch")


def test_a_client_token_does_its_work_once(sdk):
    gateway = gateway_of(sdk)
    first = connection_of(sdk, gateway, client_token="TF-1")
    again = connection_of(sdk, gateway, client_token="TF-1")
    assert (again.vpn_connection_id, again.create_time) == (first.vpn_connection_id, first.create_time)
    other = connection_of(sdk, gateway, client_token="TF-2")
    assert other.vpn_connection_id != first.vpn_connection_id
    with pytest.raises(ClientException) as caught:
        connection_of(sdk, gateway, client_token="TF-1", name="other")
    assert caught.value.code == "IdempotentParameterMismatch"
    assert Connection.objects.count() == 2


def test_the_route_table_of_a_transit_router(sdk):
    gateway = gateway_of(sdk)
    connection = connection_of(sdk, gateway).vpn_connection_id
    blocks = [cbn.CreateTransitRouterRequestTransitRouterCidrList(cidr="10.200.0.0/20")]
    _, router = router_of(sdk, transit_router_cidr_list=blocks)
    attach = cbn.CreateTransitRouterVpnAttachmentRequest(
        region_id=REGION,
        transit_router_id=router,
        vpn_id=connection,
        zone=[cbn.CreateTransitRouterVpnAttachmentRequestZone(zone_id="eu-central-1a")],
    )
    attachment = sdk.cbn.create_transit_router_vpn_attachment(attach).body.transit_router_attachment_id
    request = cbn.ListTransitRouterRouteTablesRequest(transit_router_id=router)
    tables = sdk.cbn.list_transit_router_route_tables(request).body.transit_router_route_tables
    table = {"transit_router_route_table_id": tables[0].transit_router_route_table_id}
    sdk.cbn.enable_transit_router_route_table_propagation(
        cbn.EnableTransitRouterRouteTablePropagationRequest(**table, transit_router_attachment_id=attachment)
    )

    def entries(**filters):
        request = cbn.ListTransitRouterRouteEntriesRequest(**table, **filters)
        return [
            (
                one.transit_router_route_entry_destination_cidr_block,
                one.transit_router_route_entry_type,
                one.transit_router_route_entry_status,
                one.transit_router_route_entry_next_hop_type,
            )
            for one in sdk.cbn.list_transit_router_route_entries(request).body.transit_router_route_entries
        ]

    own = ("10.200.0.0/20", "Static", "Active", "TransitRouter")
    assert entries() == [own, ("192.168.0.0/24", "Propagated", "Active", "Attachment")]
    hole = cbn.CreateTransitRouterRouteEntryRequest(
        **table,
        transit_router_route_entry_destination_cidr_block="192.168.0.0/24",
        transit_router_route_entry_next_hop_type="BlackHole",
    )
    sdk.cbn.create_transit_router_route_entry(hole)
    assert refusal(sdk.cbn.create_transit_router_route_entry, hole) == (400, "InstanceExist.RouteEntry")
    assert entries(transit_router_route_entry_destination_cidr_block="192.168.0.0/24") == [
        ("192.168.0.0/24", "Static", "Active", "BlackHole"),
        ("192.168.0.0/24", "Propagated", "Standby", "Attachment"),
    ]
    there = cbn.CreateTransitRouterRouteEntryRequest(
        **table,
        transit_router_route_entry_destination_cidr_block="172.16.0.0/12",
        transit_router_route_entry_next_hop_type="Attachment",
        transit_router_route_entry_next_hop_id=attachment,
    )
    made = sdk.cbn.create_transit_router_route_entry(there).body.transit_router_route_entry_id
    detaching = cbn.DeleteTransitRouterVpnAttachmentRequest(transit_router_attachment_id=attachment)
    assert refusal(sdk.cbn.delete_transit_router_vpn_attachment, detaching) == (400, "OperationFailed.RouteEntryExist")
    gone = cbn.DeleteTransitRouterRouteEntryRequest(transit_router_route_entry_id=made)
    sdk.cbn.delete_transit_router_route_entry(gone)
    assert refusal(sdk.cbn.delete_transit_router_route_entry, gone) == (400, "InvalidRouteEntryId.NotFound")
    sdk.cbn.create_transit_router_route_entry(there)
    detaching.force = True
    sdk.cbn.delete_transit_router_vpn_attachment(detaching)
    assert entries() == [own, ("192.168.0.0/24", "Static", "Active", "BlackHole")]
