"""A client token repeats an answer to whoever it was given to, as far as their rights still go, and to nobody else."""

import pytest

from connections.api.actions import ACTIONS
from connections.choices import AccessKeyStatus, Role
from connections.models import AccessKey, ApiToken, Cen, Connection, Event, TransitRouter, Tunnel
from tests import factories
from tests.api.clients import CBN, VPC, ApiClient
from tests.factories import REGION

pytestmark = pytest.mark.django_db

PSK, BGP_KEY = "planted-psk", "planted-bgp-key"


@pytest.fixture
def olga(alice):
    """An operator, who does the work."""
    return factories.make_user(alice.account, "olga", role=Role.OPERATOR)


@pytest.fixture
def olgas(olga) -> ApiClient:
    return ApiClient(AccessKey.objects.create(user=olga))


@pytest.fixture
def reader(alice) -> ApiClient:
    rita = factories.make_user(alice.account, "rita", role=Role.READ_ONLY)
    return ApiClient(AccessKey.objects.create(user=rita))


def life(account, peer):
    """Every operation that writes, once, with right parameters; each is drawn when those before it are done."""
    group = account.resource_groups.get(is_default=False).resource_id
    at = {"RegionId": REGION}
    gateway = yield VPC, "CreateCustomerGateway", at | {"IpAddress": "203.0.113.5", "Asn": "65010", "AuthKey": BGP_KEY}
    device = at | {"CustomerGatewayId": gateway["CustomerGatewayId"]}
    yield VPC, "ModifyCustomerGatewayAttribute", device | {"Name": "renamed"}
    wanted = {"LocalSubnet": "0.0.0.0/0", "RemoteSubnet": "0.0.0.0/0",
              "IkeConfig": f'{{"IkeVersion": "ikev2", "Psk": "{PSK}"}}'}  # fmt: skip
    made = (yield VPC, "CreateVpnAttachment", device | wanted)["VpnConnectionId"]
    connection = at | {"VpnConnectionId": made}
    bgp = '{"EnableBgp": "true", "TunnelCidr": "169.254.10.0/30", "LocalBgpIp": "169.254.10.1"}'
    yield VPC, "ModifyVpnAttachmentAttribute", connection | {"Name": "renamed", "BgpConfig": bgp}
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
    several = {"ResourceType": "CEN", "ResourceId": [cen]}
    yield CBN, "TagResources", several | {"Tag": [{"Key": "env", "Value": "prod"}]}
    yield CBN, "UntagResources", several | {"All": "true"}
    router = (yield CBN, "CreateTransitRouter", at | {"CenId": cen})["TransitRouterId"]
    attach = {"VpnId": made, "TransitRouterId": router, "Zone": [{"ZoneId": f"{REGION}a"}]}
    attachment = yield CBN, "CreateTransitRouterVpnAttachment", attach
    table = {"TransitRouterRouteTableId": TransitRouter.objects.get(resource_id=router).route_table_id}
    yield CBN, "UpdateTransitRouterVpnAttachmentAttribute", attachment | {"TransitRouterAttachmentName": "renamed"}
    for name in ("AssociateTransitRouterAttachmentWithRouteTable", "EnableTransitRouterRouteTablePropagation",
                 "DissociateTransitRouterAttachmentFromRouteTable",
                 "DisableTransitRouterRouteTablePropagation"):  # fmt: skip
        yield CBN, name, attachment | table
    entry = {"TransitRouterRouteEntryDestinationCidrBlock": "172.31.0.0/16",
             "TransitRouterRouteEntryNextHopType": "BlackHole"}  # fmt: skip
    entry = yield CBN, "CreateTransitRouterRouteEntry", table | entry
    yield CBN, "DeleteTransitRouterRouteEntry", entry
    route = connection | {"RouteDest": "172.16.0.0/16", "NextHop": made, "Weight": 100}
    yield VPC, "CreateVcoRouteEntry", route
    yield VPC, "ModifyVcoRouteEntryWeight", route | {"NewWeight": 0}
    yield VPC, "DeleteVcoRouteEntry", route | {"Weight": 0}
    yield CBN, "DeleteTransitRouterVpnAttachment", attachment | {"Force": "true"}
    yield CBN, "DeleteTransitRouter", {"TransitRouterId": router}
    yield CBN, "DeleteCen", {"CenId": cen}
    yield VPC, "DeleteVpnAttachment", connection
    yield VPC, "DeleteCustomerGateway", device


def test_every_operation_that_writes_repeats_its_answer_to_its_caller_alone(alice, bob, olga, olgas, reader):
    steps, answer, asked = life(alice.account, bob.account), None, []
    while True:
        try:
            version, name, parameters = steps.send(answer)
        except StopIteration:
            break
        parameters |= {"ClientToken": f"token-{len(asked)}"}
        first = olgas.ok(name, version, **parameters)
        again = olgas.ok(name, version, **parameters)
        assert first | {"RequestId": ""} == again | {"RequestId": ""}
        other = reader.call(name, version, **parameters)
        assert other.status_code >= 400, name
        assert other.data["Code"] != "IdempotentParameterMismatch"
        assert "planted" not in other.content.decode()
        answer = {key: value for key, value in first.items() if key != "RequestId"}
        asked.append((name, version, parameters))
    assert {(version, name) for name, version, _ in asked} == {key for key, one in ACTIONS.items() if one.writes}
    assert "planted" not in str(list(ApiToken.objects.values()))
    # A right that was taken away in between, and then a key.
    events = Event.objects.filter(outcome="success").count()
    for change in ({"role": Role.READ_ONLY}, {"role": Role.OPERATOR, "is_active": False}):
        type(olga).objects.filter(pk=olga.pk).update(**change)
        for name, version, parameters in asked:
            response = olgas.call(name, version, **parameters)
            assert response.status_code >= 400, name
            assert "planted" not in response.content.decode()
    assert Event.objects.filter(outcome="success").count() == events


def test_the_key_in_a_repeated_answer_is_drawn_for_whoever_asks_now(alice, olga, olgas):
    made = factories.make_connection(alice.account, tunnel={"psk": PSK})
    which = {"RegionId": REGION, "VpnConnectionId": made.resource_id, "Name": "x", "ClientToken": "t"}
    assert olgas.ok("ModifyVpnAttachmentAttribute", **which)["IkeConfig"]["Psk"] == PSK
    Tunnel.objects.update(psk="another")
    assert olgas.ok("ModifyVpnAttachmentAttribute", **which)["IkeConfig"]["Psk"] == "another"
    AccessKey.objects.filter(user=olga).update(status=AccessKeyStatus.INACTIVE)
    assert olgas.no("ModifyVpnAttachmentAttribute", **which) == "InvalidAccessKeyId.Inactive"
    other = ApiClient(AccessKey.objects.create(user=olga))
    assert other.ok("ModifyVpnAttachmentAttribute", **which)["IkeConfig"]["Psk"] == "another"
    Connection.objects.all().delete()
    assert other.no("ModifyVpnAttachmentAttribute", **which) == "InvalidVpnConnectionInstanceId.NotFound"


def test_two_members_may_use_one_token(api, olgas):
    """A token is unique among the requests of one user; another user's request is another request."""
    first = api.ok("CreateCen", CBN, ClientToken="t", Name="a")["CenId"]
    second = olgas.ok("CreateCen", CBN, ClientToken="t", Name="a")["CenId"]
    assert first != second
    assert olgas.no("CreateCen", CBN, ClientToken="t", Name="b") == "IdempotentParameterMismatch"
    assert api.ok("CreateCen", CBN, ClientToken="t", Name="a")["CenId"] == first
    assert Cen.objects.count() == 2
