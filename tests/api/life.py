"""Every operation that writes, in an order in which all succeed."""

from connections.models import Connection, TransitRouter
from vpnconsole.testing import factories
from vpnconsole.testing.clients import CBN, VPC
from vpnconsole.testing.factories import REGION

PSK, BGP_KEY = "planted-psk", "planted-bgp-key"


def life(account, peer):
    """Yield version, name and parameters of each operation. Send its response to get the next one."""
    group = account.resource_groups.get(is_default=False).resource_id
    at = {"RegionId": REGION}
    gateway = yield VPC, "CreateCustomerGateway", at | {"IpAddress": "203.0.113.5", "Asn": "65010", "AuthKey": BGP_KEY}
    device = at | {"CustomerGatewayId": gateway["CustomerGatewayId"]}
    yield VPC, "ModifyCustomerGatewayAttribute", device | {"Name": "renamed"}
    options = {"LocalSubnet": "0.0.0.0/0", "RemoteSubnet": "0.0.0.0/0",
              "IkeConfig": f'{{"IkeVersion": "ikev2", "Psk": "{PSK}"}}'}  # fmt: skip
    made = (yield VPC, "CreateVpnAttachment", device | options)["VpnConnectionId"]
    connection = at | {"VpnConnectionId": made}
    bgp = '{"EnableBgp": "true", "TunnelCidr": "169.254.10.0/30", "LocalBgpIp": "169.254.10.1"}'
    yield VPC, "ModifyVpnAttachmentAttribute", connection | {"Name": "renamed", "BgpConfig": bgp}
    each = {"CustomerGatewayId": device["CustomerGatewayId"], "TunnelIkeConfig": {"Psk": PSK}}
    tunnels = [each | {"TunnelIndex": index} for index in (1, 2)]
    two = options | {"TunnelOptionsSpecification": tunnels}
    two.pop("IkeConfig")
    pair = at | {"VpnConnectionId": (yield VPC, "CreateVpnAttachment", at | two)["VpnConnectionId"]}
    tunnel = Connection.objects.get(resource_id=pair["VpnConnectionId"]).tunnel.resource_id
    alone = {"TunnelOptionsSpecification": {"TunnelIkeConfig": {"Psk": PSK, "IkePfs": "group14"}}}
    yield VPC, "ModifyTunnelAttribute", pair | {"TunnelId": tunnel} | alone
    yield VPC, "DeleteVpnAttachment", pair
    yield VPC, "MoveVpnResourceGroup", at | {"InstanceId": made, "ResourceType": "VpnAttachment",
                                             "NewResourceGroupId": group}  # fmt: skip
    several = at | {"ResourceType": "VPNATTACHMENT", "ResourceId": [made]}
    yield VPC, "TagResources", several | {"Tag": [{"Key": "env", "Value": "prod"}]}
    yield VPC, "UnTagResources", several | {"All": "true"}
    grant = {"CenId": factories.make_cen(peer).resource_id, "InstanceId": made, "RegionId": REGION}
    owner = {"CenOwnerId": peer.uid, "InstanceType": "VPN"}
    yield CBN, "GrantInstanceToTransitRouter", grant | owner
    yield CBN, "ModifyGrantInstanceToTransitRouter", grant | {"OrderType": "PayByResourceOwner"}
    yield CBN, "RevokeInstanceFromTransitRouter", grant | owner
    cen = (yield CBN, "CreateCen", {"Name": "backbone"})["CenId"]
    yield CBN, "ModifyCenAttribute", {"CenId": cen, "Description": "changed"}
    yield CBN, "MoveResourceGroup", {"ResourceId": cen, "ResourceType": "CEN", "NewResourceGroupId": group}
    several = {"ResourceType": "CEN", "ResourceId": [cen]}
    yield CBN, "TagResources", several | {"Tag": [{"Key": "env", "Value": "prod"}]}
    yield CBN, "UntagResources", several | {"All": "true"}
    router = (yield CBN, "CreateTransitRouter", at | {"CenId": cen})["TransitRouterId"]
    where = at | {"TransitRouterId": router}
    yield CBN, "UpdateTransitRouter", where | {"TransitRouterName": "renamed"}
    block = where | (yield CBN, "CreateTransitRouterCidr", where | {"Cidr": "10.201.0.0/24"})
    yield CBN, "ModifyTransitRouterCidr", block | {"Name": "gateways"}
    yield CBN, "DeleteTransitRouterCidr", block
    attach = {"VpnId": made, "TransitRouterId": router, "Zone": [{"ZoneId": f"{REGION}a"}]}
    attachment = yield CBN, "CreateTransitRouterVpnAttachment", attach
    table = {"TransitRouterRouteTableId": TransitRouter.objects.get(resource_id=router).default_table.resource_id}
    yield CBN, "UpdateTransitRouterVpnAttachmentAttribute", attachment | {"TransitRouterAttachmentName": "renamed"}
    for name in ("AssociateTransitRouterAttachmentWithRouteTable", "EnableTransitRouterRouteTablePropagation",
                 "DissociateTransitRouterAttachmentFromRouteTable",
                 "DisableTransitRouterRouteTablePropagation"):  # fmt: skip
        yield CBN, name, attachment | table
    entry = {
        "TransitRouterRouteEntryDestinationCidrBlock": "172.31.0.0/16",
        "TransitRouterRouteEntryNextHopType": "Attachment",
        "TransitRouterRouteEntryNextHopId": attachment["TransitRouterAttachmentId"],
    }
    entry = yield CBN, "CreateTransitRouterRouteEntry", table | entry
    yield CBN, "UpdateTransitRouterRouteEntry", entry | {"TransitRouterRouteEntryName": "renamed"}
    yield CBN, "DeleteTransitRouterRouteEntry", entry
    table = yield CBN, "CreateTransitRouterRouteTable", {"TransitRouterId": router}
    yield CBN, "UpdateTransitRouterRouteTable", table | {"TransitRouterRouteTableName": "renamed"}
    yield CBN, "DeleteTransitRouterRouteTable", table
    route = connection | {"RouteDest": "172.16.0.0/16", "NextHop": made, "Weight": 100}
    yield VPC, "CreateVcoRouteEntry", route
    yield VPC, "ModifyVcoRouteEntryWeight", route | {"NewWeight": 0}
    yield VPC, "DeleteVcoRouteEntry", route | {"Weight": 0}
    yield CBN, "DeleteTransitRouterVpnAttachment", attachment | {"Force": "true"}
    yield CBN, "DeleteTransitRouter", {"TransitRouterId": router}
    yield CBN, "DeleteCen", {"CenId": cen}
    yield VPC, "DeleteVpnAttachment", connection
    yield VPC, "DeleteCustomerGateway", device


def next_of(steps, answer):
    """The next operation after the response to the last one; None at the end."""
    try:
        return steps.send(answer)
    except StopIteration:
        return None
