"""The whole life of a connection with two tunnels with the official Python SDK, sync and async."""

import asyncio

import pytest
from alibabacloud_cbn20170912 import models as cbn
from alibabacloud_vpc20160428 import models as vpc

from connections.models import Connection
from tests.contract.test_life import gateway_of, refusal, router_of
from vpnconsole.testing.factories import REGION

pytestmark = pytest.mark.django_db(transaction=True)

KEYS = ("~`!@#$%^&*()_-+={}[]", "\\|;:',.<>/?aZ9")
Created = vpc.CreateVpnAttachmentRequestTunnelOptionsSpecification
Changed = vpc.ModifyVpnAttachmentAttributeRequestTunnelOptionsSpecification
Alone = vpc.ModifyTunnelAttributeRequestTunnelOptionsSpecification


def creation(gateways, keys=KEYS) -> vpc.CreateVpnAttachmentRequest:
    return vpc.CreateVpnAttachmentRequest(
        region_id=REGION, local_subnet="0.0.0.0/0", remote_subnet="0.0.0.0/0", name="pair", enable_tunnels_bgp=True,
        tunnel_options_specification=[
            Created(
                tunnel_index=number, customer_gateway_id=gateway,
                tunnel_ike_config=vpc.CreateVpnAttachmentRequestTunnelOptionsSpecificationTunnelIkeConfig(
                    psk=psk, ike_lifetime=3600
                ),
                tunnel_bgp_config=vpc.CreateVpnAttachmentRequestTunnelOptionsSpecificationTunnelBgpConfig(
                    local_asn=64512, tunnel_cidr=f"169.254.1{number}.0/30", local_bgp_ip=f"169.254.1{number}.1"
                ),
            )
            for number, gateway, psk in zip((1, 2), gateways, keys, strict=True)
        ],
    )  # fmt: skip


def description(connection: str) -> vpc.DescribeVpnConnectionRequest:
    return vpc.DescribeVpnConnectionRequest(region_id=REGION, vpn_connection_id=connection)


def test_a_whole_life(sdk):
    gateways = [gateway_of(sdk, ip_address=f"203.0.113.{last}") for last in (7, 8)]
    connection = sdk.vpc.create_vpn_attachment(creation(gateways)).body.vpn_connection_id
    read = sdk.vpc.describe_vpn_connection(description(connection)).body
    assert (read.enable_tunnels_bgp, read.customer_gateway_id, read.ike_config.psk) == (True, "", None)
    one, two = read.tunnel_options_specification.tunnel_options
    assert [tunnel.tunnel_ike_config.psk for tunnel in (one, two)] == list(KEYS)
    assert [tunnel.customer_gateway_id for tunnel in (one, two)] == gateways
    assert (one.role, two.role, one.zone_no, two.zone_no) == ("master", "slave", "eu-central-1a", "eu-central-1b")
    assert (two.enable_dpd, two.tunnel_ike_config.ike_lifetime, two.tunnel_bgp_config.local_asn) == (
        "true", "3600", "64512",
    )  # fmt: skip

    # A part of one tunnel, then one tunnel alone.
    request = vpc.ModifyVpnAttachmentAttributeRequest(
        region_id=REGION, vpn_connection_id=connection, name="renamed",
        tunnel_options_specification=[Changed(tunnel_id=two.tunnel_id, enable_dpd=False)],
    )  # fmt: skip
    first, second = sdk.vpc.modify_vpn_attachment_attribute(request).body.tunnel_options_specification
    assert (first.enable_dpd, second.enable_dpd, second.tunnel_ike_config.ike_lifetime) == (True, False, 3600)
    request = vpc.ModifyTunnelAttributeRequest(
        region_id=REGION, vpn_connection_id=connection, tunnel_id=one.tunnel_id,
        tunnel_options_specification=Alone(
            tunnel_ike_config=vpc.ModifyTunnelAttributeRequestTunnelOptionsSpecificationTunnelIkeConfig(
                ike_pfs="group14"
            )
        ),
    )  # fmt: skip
    alone = sdk.vpc.modify_tunnel_attribute(request).body
    assert (alone.tunnel_ike_config.ike_pfs, alone.tunnel_ike_config.psk) == ("group14", KEYS[0])
    assert (alone.tunnel_bgp_config.enable_bgp, alone.tunnel_bgp_config.local_asn) == (True, 64512)

    # Attached without a zone, listed, and what a device needs.
    cen, router = router_of(sdk)
    request = cbn.CreateTransitRouterVpnAttachmentRequest(region_id=REGION, cen_id=cen, vpn_id=connection)
    attachment = sdk.cbn.create_transit_router_vpn_attachment(request).body.transit_router_attachment_id
    listed = sdk.vpc.describe_vpn_connections(
        vpc.DescribeVpnConnectionsRequest(region_id=REGION, customer_gateway_id=gateways[1])
    ).body.vpn_connections.vpn_connection
    assert [len(row.tunnel_options_specification.tunnel_options) for row in listed] == [2]
    request = vpc.DownloadVpnConnectionConfigRequest(region_id=REGION, vpn_connection_id=connection)
    config = sdk.vpc.download_vpn_connection_config(request).body.vpn_connection_config
    assert [part.tunnel_id for part in config.tunnels_config.tunnel_config] == [one.tunnel_id, two.tunnel_id]

    # Detached and deleted.
    request = cbn.DeleteTransitRouterVpnAttachmentRequest(transit_router_attachment_id=attachment, force=True)
    sdk.cbn.delete_transit_router_vpn_attachment(request)
    sdk.vpc.delete_vpn_attachment(vpc.DeleteVpnAttachmentRequest(region_id=REGION, vpn_connection_id=connection))
    code = refusal(sdk.vpc.describe_vpn_connection, description(connection))
    assert code == (404, "InvalidVpnConnectionInstanceId.NotFound")
    assert router


def test_asynchronously_too(sdk):
    gateways = [gateway_of(sdk)] * 2

    async def life():
        made = await sdk.vpc.create_vpn_attachment_async(creation(gateways))
        connection = made.body.vpn_connection_id
        read = await sdk.vpc.describe_vpn_connection_async(description(connection))
        tunnels = read.body.tunnel_options_specification.tunnel_options
        request = vpc.ModifyTunnelAttributeRequest(
            region_id=REGION, vpn_connection_id=connection, tunnel_id=tunnels[1].tunnel_id,
            tunnel_options_specification=Alone(enable_nat_traversal=False),
        )  # fmt: skip
        alone = await sdk.vpc.modify_tunnel_attribute_async(request)
        await sdk.vpc.delete_vpn_attachment_async(
            vpc.DeleteVpnAttachmentRequest(region_id=REGION, vpn_connection_id=connection)
        )
        return tunnels, alone.body

    tunnels, alone = asyncio.run(life())
    assert [tunnel.tunnel_ike_config.psk for tunnel in tunnels] == list(KEYS)
    assert (alone.tunnel_id, alone.enable_nat_traversal, alone.enable_dpd) == (tunnels[1].tunnel_id, False, True)
    assert not Connection.objects.exists()


def test_one_of_two_tunnels_is_refused(sdk):
    request = creation([gateway_of(sdk)] * 2)
    request.tunnel_options_specification.pop()
    code = refusal(sdk.vpc.create_vpn_attachment, request)
    assert code == (400, "VpnConnection.InvalidCreateTunnelOptions")
