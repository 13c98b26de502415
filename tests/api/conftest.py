"""Two accounts, each with an access key, and a client for each."""

import pytest

from connections.models import AccessKey, Attachment, Authorization
from connections.services.authorizations import authorize
from vpnconsole.testing import factories
from vpnconsole.testing.clients import ApiClient


@pytest.fixture
def alice(db):
    return factories.make_user(first_name="Alice", last_name="Berger", is_demo=True)


@pytest.fixture
def bob(db):
    return factories.make_user(factories.make_account("Summit Retail"), "bob", is_demo=True)


@pytest.fixture
def api(alice) -> ApiClient:
    return ApiClient(AccessKey.objects.create(user=alice))


@pytest.fixture
def bobs(bob) -> ApiClient:
    return ApiClient(AccessKey.objects.create(user=bob))


@pytest.fixture
def estate(alice, bob):
    """One resource of each kind. With their IDs some of the random requests are valid."""
    account = alice.account
    router = factories.make_transit_router(account, cidrs=["10.200.0.0/20"])
    attached = factories.make_connection(account, router=router, tags=[("env", "prod")])
    free = factories.make_connection(
        account,
        gateway=attached.tunnel.customer_gateway,
        routing_mode="protected",
        local_subnet=["10.0.0.0/16"],
        remote_subnet=["192.168.0.0/16"],
        enable_bgp=True,
        tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"},
    )
    granted = factories.make_connection(account, gateway=attached.tunnel.customer_gateway)
    pair = factories.make_dual(account, gateways=[attached.tunnel.customer_gateway])
    cen = factories.make_cen(bob.account)
    authorize(
        factories.make_actor(account),
        Authorization(connection=granted, peer_uid=bob.account.uid, peer_cen_id=cen.resource_id),
    )
    return {
        "RegionId": ["eu-central-1"],
        "CustomerGatewayId": [attached.tunnel.customer_gateway.resource_id],
        "VpnConnectionId": [attached.resource_id, free.resource_id, granted.resource_id, pair.resource_id],
        "TunnelId": [tunnel.resource_id for tunnel in pair.tunnels.all()],
        "TunnelIndex": ["1", "2"],
        "VpnId": [free.resource_id],
        "NextHop": [attached.resource_id],
        "InstanceId": [free.resource_id],
        "ResourceId": [attached.resource_id],
        "CenId": [router.cen.resource_id],
        "TransitRouterId": [router.resource_id],
        "TransitRouterRouteTableId": [router.default_table.resource_id],
        "TransitRouterAttachmentId": [Attachment.objects.get().resource_id],
        "ResourceGroupId": [account.default_resource_group.resource_id],
        "NewResourceGroupId": [account.default_resource_group.resource_id],
        "CenOwnerId": [bob.account.uid],
        "LocalSubnet": ["0.0.0.0/0", "10.0.0.0/16"],
        "RemoteSubnet": ["0.0.0.0/0", "192.168.0.0/16"],
        "IpAddress": ["203.0.113.9"],
        "RouteDest": ["172.16.0.0/16"],
        "MinutePeriod": ["10"],
        "Weight": ["100"],
        "NewWeight": ["0"],
        "IkeConfig": ['{"IkeVersion": "ikev2", "Psk": "hush"}'],
        "BgpConfig": ['{"EnableBgp": true, "TunnelCidr": "169.254.30.0/30", "LocalBgpIp": "169.254.30.1"}'],
    }
