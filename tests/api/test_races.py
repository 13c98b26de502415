"""Simultaneous requests: every change that got a 200 is present afterwards, and none ends in a 500."""

from functools import partial

import pytest

from connections.api.actions import ACTIONS
from connections.domain import limits
from connections.models import Attachment, Connection
from vpnconsole.testing import factories
from vpnconsole.testing.clients import CBN, VPC
from vpnconsole.testing.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

REGION = {"RegionId": factories.REGION}
ENTRY = "TransitRouterRouteEntry"
NETWORK, ELSEWHERE, BLACK_HOLE = "172.20.0.0/16", "172.21.0.0/16", "172.22.0.0/16"


def statuses(*requests) -> list[int]:
    """Send all requests at once; return their statuses in order."""
    ends = at_once(*requests)
    assert not [end for end in ends if isinstance(end, Exception)], ends
    return [end.status_code for end in ends]


def tags_of(resource) -> dict[str, str]:
    return {tag.key: tag.value for tag in resource.tags.all()}


@pytest.fixture
def connection(alice) -> Connection:
    return factories.make_connection(alice.account)


def tag(api, connection, **tags):
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    about = {**REGION, "ResourceType": "VPNATTACHMENT", "ResourceId": [connection.resource_id]}
    return api.call("TagResources", **about, Tag=pairs)


def rename(api, connection, name):
    return api.call("ModifyVpnAttachmentAttribute", **REGION, VpnConnectionId=connection.resource_id, Name=name)


def test_tags_are_bounded_whoever_else_adds_some(api, connection):
    sets = [{f"k{number}{letter}": "" for letter in "abcdefghij"} for number in range(4)]
    ends = statuses(*(partial(tag, api, connection, **tags) for tags in sets))
    assert sorted(ends) == [200, 200, 400, 400]
    there = [key for tags, status in zip(sets, ends, strict=True) if status == 200 for key in tags]
    assert sorted(tags_of(connection)) == sorted(there)
    assert len(there) == limits.MAX_TAGS


@pytest.mark.parametrize("_round", range(3))
def test_one_key_from_four_requests(api, connection, _round):
    assert statuses(*(partial(tag, api, connection, env=str(number)) for number in range(4))) == [200] * 4
    assert list(tags_of(connection)) == ["env"]


@pytest.mark.parametrize("_round", range(6))
def test_a_tag_and_a_new_name_are_both_kept(api, connection, _round):
    ends = statuses(partial(tag, api, connection, env="prod"), partial(rename, api, connection, "renamed"))
    assert ends == [200, 200]
    connection.refresh_from_db()
    assert (connection.name, tags_of(connection)) == ("renamed", {"env": "prod"})


def everything(alice, bob) -> dict[tuple[str, str], dict]:
    """Every writing operation, with parameters for one connection and its attachment, router, gateway and CEN."""
    account = alice.account
    router = factories.make_transit_router(account, cidrs=["10.250.0.0/24"])
    attached = factories.make_connection(account, router=router, tags=[("old", "1")])
    factories.make_route(attached, NETWORK, weight=100)
    led = router.default_table.entries.create(destination=NETWORK, attachment=attached.attachment)
    own = {"TransitRouterRouteTableId": factories.make_route_table(router).resource_id}
    attached.attachment.tags.create(account=account, key="old")
    free = factories.make_connection(account, gateway=attached.tunnel.customer_gateway)
    granted = {"CenId": "cen-ofsomebody", "CenOwnerId": bob.account.uid}
    free.authorizations.create(peer_cen_id=granted["CenId"], peer_uid=bob.account.uid)
    group = account.resource_groups.get(is_default=False).resource_id
    gateway = {**REGION, "CustomerGatewayId": attached.tunnel.customer_gateway.resource_id}
    one, other = ({**REGION, "VpnConnectionId": row.resource_id} for row in (attached, free))
    pair = factories.make_dual(account, gateways=[attached.tunnel.customer_gateway])
    tunnel = {**REGION, "VpnConnectionId": pair.resource_id, "TunnelId": pair.tunnel.resource_id}
    route = {**one, "NextHop": attached.resource_id, "Weight": 100}
    where = {**REGION, "TransitRouterId": router.resource_id}
    block = {**where, "TransitRouterCidrId": router.cidrs.get().resource_id}
    table = {"TransitRouterRouteTableId": router.default_table.resource_id}
    attachment = {"TransitRouterAttachmentId": attached.attachment.resource_id}
    instance = {**REGION, "InstanceId": free.resource_id, "InstanceType": "VPN"}
    hole = {f"{ENTRY}DestinationCidrBlock": BLACK_HOLE, f"{ENTRY}NextHopType": "BlackHole"}
    entry = {f"{ENTRY}DestinationCidrBlock": NETWORK, f"{ENTRY}NextHopType": "Attachment"}
    tagged = {**REGION, "ResourceType": "VPNATTACHMENT", "ResourceId": [attached.resource_id]}
    on_attachment = {"ResourceType": "TransitRouterVpnAttachment", "ResourceId": list(attachment.values())}
    new = [{"Key": "new", "Value": "1"}]
    networks = {"LocalSubnet": "10.0.0.0/16", "RemoteSubnet": "192.168.0.0/16"}
    zone = [{"ZoneId": "eu-central-1a"}]
    vpc = {
        "CreateVpnAttachment": {**gateway, **networks},
        "ModifyVpnAttachmentAttribute": {**one, "Name": "renamed"},
        "ModifyTunnelAttribute": {**tunnel, "TunnelOptionsSpecification": {"EnableDpd": "false"}},
        "DeleteVpnAttachment": other,
        "MoveVpnResourceGroup": {**REGION, "InstanceId": attached.resource_id, "ResourceType": "VpnAttachment",
                                 "NewResourceGroupId": group},
        "CreateCustomerGateway": {**REGION, "IpAddress": "203.0.113.9"},
        "ModifyCustomerGatewayAttribute": {**gateway, "Name": "renamed"},
        "DeleteCustomerGateway": gateway,
        "CreateVcoRouteEntry": {**route, "RouteDest": ELSEWHERE},
        "DeleteVcoRouteEntry": {**route, "RouteDest": NETWORK},
        "ModifyVcoRouteEntryWeight": {**route, "RouteDest": NETWORK, "NewWeight": 0},
        "TagResources": {**tagged, "Tag": new},
        "UnTagResources": {**tagged, "TagKey": ["old"]},
    }  # fmt: skip
    cbn = {
        "CreateCen": {"Name": "new"},
        "ModifyCenAttribute": {"CenId": router.cen.resource_id, "Name": "renamed"},
        "MoveResourceGroup": {"ResourceId": router.cen.resource_id, "ResourceType": "CEN",
                              "NewResourceGroupId": group},
        "DeleteCen": {"CenId": router.cen.resource_id},
        "CreateTransitRouter": {"RegionId": "cn-hangzhou", "CenId": router.cen.resource_id},
        "UpdateTransitRouter": {**where, "TransitRouterName": "renamed"},
        "DeleteTransitRouter": {"TransitRouterId": router.resource_id},
        "CreateTransitRouterCidr": {**where, "Cidr": "10.251.0.0/24"},
        "ModifyTransitRouterCidr": {**block, "Name": "renamed"},
        "DeleteTransitRouterCidr": block,
        "CreateTransitRouterVpnAttachment": {"VpnId": free.resource_id, "TransitRouterId": router.resource_id,
                                             "Zone": zone},
        "UpdateTransitRouterVpnAttachmentAttribute": {**attachment, "TransitRouterAttachmentName": "renamed"},
        "DeleteTransitRouterVpnAttachment": {**attachment, "Force": "true"},
        "AssociateTransitRouterAttachmentWithRouteTable": attachment | table,
        "DissociateTransitRouterAttachmentFromRouteTable": attachment | table,
        "EnableTransitRouterRouteTablePropagation": attachment | table,
        "DisableTransitRouterRouteTablePropagation": attachment | table,
        "GrantInstanceToTransitRouter": {**instance, **granted, "CenId": "cen-another"},
        "RevokeInstanceFromTransitRouter": instance | granted,
        "ModifyGrantInstanceToTransitRouter": {**instance, "CenId": granted["CenId"],
                                               "OrderType": "PayByResourceOwner"},
        "CreateTransitRouterRouteEntry": table | hole,
        "DeleteTransitRouterRouteEntry": table | entry,
        "UpdateTransitRouterRouteEntry": {f"{ENTRY}Id": led.resource_id, f"{ENTRY}Name": "renamed"},
        "CreateTransitRouterRouteTable": {"TransitRouterId": router.resource_id},
        "UpdateTransitRouterRouteTable": {**own, "TransitRouterRouteTableName": "renamed"},
        "DeleteTransitRouterRouteTable": own,
        "TagResources": {**on_attachment, "Tag": new},
        "UntagResources": {**on_attachment, "TagKey": ["old"]},
    }  # fmt: skip
    return {(VPC, name): sent for name, sent in vpc.items()} | {(CBN, name): sent for name, sent in cbn.items()}


@pytest.mark.parametrize("twice", [False, True], ids=["once each", "twice each"])
def test_every_operation_at_once(api, alice, bob, twice):
    requests = everything(alice, bob)
    assert requests.keys() == {key for key, action in ACTIONS.items() if action.writes}
    calls = list(requests) * (1 + twice)
    ends = dict(zip(enumerate(calls), statuses(
        *(partial(api.call, name, version, **requests[version, name]) for version, name in calls)
    ), strict=True))  # fmt: skip
    assert not [call for call, status in ends.items() if status >= 500]
    done = {call for (_, call), status in ends.items() if status == 200}
    (attached,) = Connection.objects.filter(tags__key="new")
    assert {(VPC, "TagResources"), (VPC, "UnTagResources"), (VPC, "ModifyVpnAttachmentAttribute")} <= done
    assert (attached.name, tags_of(attached)) == ("renamed", {"new": "1"})
    assert not attached.resource_group.is_default
    attachment = Attachment.objects.filter(connection=attached).first()
    expected = {"new": "1"} if (CBN, "TagResources") in done else {}
    assert attachment is None or tags_of(attachment) == expected
