"""Replay what Terraform's provider sends over the life of a resource, for every type that Show as code prints.

Each life creates a resource, reads it until it is active, reads it again, changes it, imports it by its ID alone and
deletes it. The requests are those of the provider's public source (1.246): POST, signed by the official SDK core, with
all parameters in the form body.
"""

import json
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

from connections.api.actions import ACTIONS
from connections.as_code import terraform
from connections.as_code.events import recipe_of
from connections.as_code.steps import Endpoint
from connections.models import AccessKey, Event
from connections.wire.operations import Product
from tests.contract.conftest import SCHEMES, Sdk
from vpnconsole.testing import factories
from vpnconsole.testing.factories import REGION

VPC, CBN = Product
TAGS = {"empty": "", "spaces & <signs>": "äöü=ß"}


class Provider:
    """The provider's client. It notes every operation that it calls."""

    def __init__(self, sdk: Sdk):
        self.clients = {VPC: sdk.vpc, CBN: sdk.cbn}
        self.called: set[str] = set()

    def call(self, product: Product, action: str, **parameters: Any) -> dict:
        self.called.add(action)
        params = Params(
            action=action, version=product.version, protocol="HTTP", pathname="/", method="POST", auth_type="AK",
            style="RPC", req_body_type="formData", body_type="json",
        )  # fmt: skip
        sent = {name: str(value).lower() if isinstance(value, bool) else value for name, value in parameters.items()}
        request = OpenApiRequest(body=Utils.query(sent))
        answer = self.clients[product].call_api(params, request, RuntimeOptions())["body"]
        return {name: value for name, value in answer.items() if name != "RequestId"}

    def found(self, product: Product, action: str, **parameters: Any) -> dict | None:
        """The answer, or None if the provider takes the error for "there is no such resource"."""
        try:
            return self.call(product, action, **parameters)
        except ClientException as error:
            if error.code == "InvalidAction.NotFound" or not error.code.endswith(".NotFound"):
                raise
            return None

    def tag(self, product: Product, kind: str, resource_id: str, tags: dict[str, str]) -> None:
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        region = {"RegionId": REGION} if product is VPC else {}
        self.call(product, "TagResources", ResourceType=kind, ResourceId=[resource_id], Tag=pairs, **region)

    def untag(self, product: Product, kind: str, resource_id: str, *keys: str) -> None:
        action = "UnTagResources" if product is VPC else "UntagResources"
        self.call(product, action, ResourceType=kind, ResourceId=[resource_id], TagKey=list(keys), RegionId=REGION)

    def tags(self, kind: str, resource_id: str) -> dict[str, str]:
        """The tags of a resource of CBN, which the provider reads apart from it."""
        answer = self.call(CBN, "ListTagResources", ResourceType=kind, ResourceId=[resource_id], RegionId=REGION)
        return {tag["TagKey"]: tag["TagValue"] for tag in answer["TagResources"]["TagResource"]}


class Life:
    """What the provider does with one type. `operations` are all that it calls, but for resources that it needs.

    `read` returns the attributes that the provider keeps, or None if the resource is gone. `update` returns those that
    it changes; a type without changeable arguments has none.
    """

    type: ClassVar[str]
    operations: ClassVar[set[str]]
    # Where the answer has the state for which the provider waits, and this state.
    active: ClassVar[tuple[str, str] | None] = None

    def __init__(self, provider: Provider, user):
        self.provider, self.user, self.account = provider, user, user.account

    @property
    def group(self) -> str:
        return self.account.resource_groups.get(is_default=False).resource_id

    def create(self) -> str:
        """Create the resource and return the ID by which Terraform knows and imports it."""
        raise NotImplementedError

    def read(self, known: str) -> dict | None:
        raise NotImplementedError

    def update(self, known: str) -> dict:
        return {}

    def delete(self, known: str) -> None:
        raise NotImplementedError


class CustomerGateway(Life):
    type = "alicloud_vpn_customer_gateway"
    operations: ClassVar = {
        "CreateCustomerGateway", "DescribeCustomerGateway", "ModifyCustomerGatewayAttribute", "TagResources",
        "UnTagResources", "DeleteCustomerGateway",
    }  # fmt: skip

    def create(self):
        made = self.provider.call(
            VPC, "CreateCustomerGateway", RegionId=REGION, ClientToken="TF-1", IpAddress="203.0.113.9",
            Asn="4200000100", Name="机房", Description="first",
        )  # fmt: skip
        self.provider.tag(VPC, "CUSTOMERGATEWAY", made["CustomerGatewayId"], TAGS)
        return made["CustomerGatewayId"]

    def read(self, known):
        row = self.provider.found(VPC, "DescribeCustomerGateway", RegionId=REGION, CustomerGatewayId=known)
        return row and row | {"Tags": {tag["Key"]: tag["Value"] for tag in row["Tags"]["Tag"]}}

    def update(self, known):
        which = {"RegionId": REGION, "CustomerGatewayId": known}
        self.provider.call(
            VPC, "ModifyCustomerGatewayAttribute", **which, ClientToken="TF-2", Name="renamed", Description=""
        )
        self.provider.untag(VPC, "CUSTOMERGATEWAY", known, *TAGS)
        self.provider.tag(VPC, "CUSTOMERGATEWAY", known, {"env": "prod"})
        return {"Name": "renamed", "Description": "", "Tags": {"env": "prod"}}

    def delete(self, known):
        self.provider.call(VPC, "DeleteCustomerGateway", RegionId=REGION, CustomerGatewayId=known, ClientToken="TF-3")


class VpnAttachment(Life):
    type = "alicloud_vpn_gateway_vpn_attachment"
    operations: ClassVar = {
        "CreateVpnAttachment", "DescribeVpnConnection", "ModifyVpnAttachmentAttribute", "MoveVpnResourceGroup",
        "TagResources", "UnTagResources", "DeleteVpnAttachment",
    }  # fmt: skip
    active = ("State", "init")
    PSK = "~`!@#$%^&*()_-+={}[]\\|;:',.<>/?aZ9"

    def create(self):
        gateway = factories.make_customer_gateway(self.account)
        ike = {"Psk": self.PSK, "IkeVersion": "ikev2", "IkeMode": "main", "IkeEncAlg": "aes256", "IkeAuthAlg": "sha256",
               "IkePfs": "group14", "IkeLifetime": 3600, "LocalId": "", "RemoteId": "peer.example"}  # fmt: skip
        ipsec = {"IpsecEncAlg": "aes", "IpsecAuthAlg": "sha1", "IpsecPfs": "disabled", "IpsecLifetime": 1800}
        bgp = {"EnableBgp": True, "LocalAsn": 45104, "TunnelCidr": "169.254.10.0/30", "LocalBgpIp": "169.254.10.1"}
        check = {"enable": True, "dip": "192.168.0.1", "sip": "10.0.0.1", "interval": 3, "retry": 3,
                 "Policy": "revoke_route"}  # fmt: skip
        made = self.provider.call(
            VPC, "CreateVpnAttachment", RegionId=REGION, CustomerGatewayId=gateway.resource_id, NetworkType="public",
            LocalSubnet="10.1.0.0/16,10.0.0.0/16", RemoteSubnet="192.168.1.0/24,192.168.0.0/24", Name="hq",
            EffectImmediately=False, EnableDpd=True, EnableNatTraversal=False, IkeConfig=json.dumps(ike),
            IpsecConfig=json.dumps(ipsec), BgpConfig=json.dumps(bgp), HealthCheckConfig=json.dumps(check),
            ClientToken="TF-1",
        )  # fmt: skip
        self.provider.tag(VPC, "VPNATTACHMENT", made["VpnConnectionId"], TAGS)
        return made["VpnConnectionId"]

    def read(self, known):
        row = self.provider.found(VPC, "DescribeVpnConnection", RegionId=REGION, VpnConnectionId=known)
        if row is None:
            return None
        assert row["IkeConfig"]["Psk"] in (self.PSK, "another")
        assert row["LocalSubnet"] == "10.1.0.0/16,10.0.0.0/16"
        return row | {"Tags": {tag["Key"]: tag["Value"] for tag in row["Tags"]["Tag"]}}

    def update(self, known):
        before = self.read(known)
        check = {"Enable": True, "Dip": "192.168.0.1", "Sip": "10.0.0.1", "Interval": 5, "Retry": 3,
                 "Policy": "reserve_route"}  # fmt: skip
        self.provider.call(
            VPC, "ModifyVpnAttachmentAttribute", RegionId=REGION, VpnConnectionId=known, Name="renamed",
            LocalSubnet=before["LocalSubnet"], RemoteSubnet="192.168.0.0/24", EffectImmediately=True,
            IkeConfig=json.dumps({"Psk": "another"}), HealthCheckConfig=json.dumps(check), ClientToken="TF-2",
        )  # fmt: skip
        self.provider.call(
            VPC, "MoveVpnResourceGroup", RegionId=REGION, InstanceId=known, ResourceType="VpnAttachment",
            NewResourceGroupId=self.group,
        )  # fmt: skip
        self.provider.untag(VPC, "VPNATTACHMENT", known, "empty")
        return {
            "Name": "renamed",
            "RemoteSubnet": "192.168.0.0/24",
            "EffectImmediately": True,
            "IkeConfig": before["IkeConfig"] | {"Psk": "another"},
            "VcoHealthCheck": before["VcoHealthCheck"] | {"Interval": 5, "Policy": "reserve_route"},
            "ResourceGroupId": self.group,
            "Tags": {key: value for key, value in TAGS.items() if key != "empty"},
        }

    def delete(self, known):
        self.provider.call(VPC, "DeleteVpnAttachment", RegionId=REGION, VpnConnectionId=known, ClientToken="TF-3")


class CenInstance(Life):
    type = "alicloud_cen_instance"
    operations: ClassVar = {
        "CreateCen", "DescribeCens", "ListTagResources", "ModifyCenAttribute", "MoveResourceGroup", "TagResources",
        "UntagResources", "DeleteCen",
    }  # fmt: skip
    active = ("Status", "Active")

    def create(self):
        tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
        made = self.provider.call(
            CBN, "CreateCen", ClientToken="TF-1", Name="backbone", Description="first", ProtectionLevel="REDUCED",
            Tag=tags,
        )  # fmt: skip
        move = {"ResourceId": made["CenId"], "ResourceType": "cen", "NewResourceGroupId": self.group}
        self.provider.call(CBN, "MoveResourceGroup", ClientToken="TF-2", **move)
        return made["CenId"]

    def read(self, known):
        rows = self.provider.call(CBN, "DescribeCens", Filter=[{"Key": "CenId", "Value": [known]}])["Cens"]["Cen"]
        if not rows:
            return None
        assert rows[0]["ResourceGroupId"] == self.group
        return rows[0] | {"Tags": self.provider.tags("cen", known)}

    def update(self, known):
        self.provider.call(CBN, "ModifyCenAttribute", CenId=known, Name="core", Description="second")
        self.provider.untag(CBN, "cen", known, "empty")
        self.provider.tag(CBN, "cen", known, {"env": "prod"})
        tags = {key: value for key, value in TAGS.items() if key != "empty"} | {"env": "prod"}
        return {"Name": "core", "Description": "second", "Tags": tags}

    def delete(self, known):
        self.provider.call(CBN, "DeleteCen", CenId=known)


class TransitRouter(Life):
    type = "alicloud_cen_transit_router"
    operations: ClassVar = {
        "CreateTransitRouter", "ListTransitRouters", "ListTagResources", "UpdateTransitRouter", "TagResources",
        "UntagResources", "DeleteTransitRouter",
    }  # fmt: skip
    active = ("Status", "Active")

    def create(self):
        cen = factories.make_cen(self.account).resource_id
        made = self.provider.call(
            CBN, "CreateTransitRouter", CenId=cen, RegionId=REGION, ClientToken="TF-1", SupportMulticast=False,
            TransitRouterName="frankfurt", TransitRouterDescription="first",
        )["TransitRouterId"]  # fmt: skip
        self.provider.tag(CBN, "TransitRouter", made, TAGS)
        return f"{cen}:{made}"

    def read(self, known):
        cen, router = known.split(":")
        rows = self.provider.call(CBN, "ListTransitRouters", CenId=cen, TransitRouterId=router, RegionId=REGION)
        if not rows["TransitRouters"]:
            return None
        return rows["TransitRouters"][0] | {"Tags": self.provider.tags("TransitRouter", router)}

    def update(self, known):
        router = known.split(":")[1]
        self.provider.untag(CBN, "TransitRouter", router, "empty")
        self.provider.call(
            CBN, "UpdateTransitRouter", TransitRouterId=router, RegionId=REGION, DryRun=False, TransitRouterName="fra",
            TransitRouterDescription="",
        )  # fmt: skip
        tags = {key: value for key, value in TAGS.items() if key != "empty"}
        return {"TransitRouterName": "fra", "TransitRouterDescription": "", "Tags": tags}

    def delete(self, known):
        self.provider.call(CBN, "DeleteTransitRouter", TransitRouterId=known.split(":")[1], DryRun=False)


class TransitRouterCidr(Life):
    type = "alicloud_cen_transit_router_cidr"
    operations: ClassVar = {
        "CreateTransitRouterCidr", "ListTransitRouterCidr", "ModifyTransitRouterCidr", "DeleteTransitRouterCidr",
    }  # fmt: skip

    def create(self):
        router = factories.make_transit_router(self.account).resource_id
        made = self.provider.call(
            CBN, "CreateTransitRouterCidr", RegionId=REGION, ClientToken="TF-1", TransitRouterId=router,
            Cidr="10.200.0.0/20", Name="gateways", Description="first", PublishCidrRoute=False,
        )  # fmt: skip
        return f"{router}:{made['TransitRouterCidrId']}"

    def _which(self, known):
        router, block = known.split(":")
        return {"RegionId": REGION, "TransitRouterId": router, "TransitRouterCidrId": block}

    def read(self, known):
        rows = self.provider.call(CBN, "ListTransitRouterCidr", ClientToken="TF-read", **self._which(known))
        return rows["CidrLists"][0] if rows["CidrLists"] else None

    def update(self, known):
        changed = {"Cidr": "10.201.0.0/24", "Name": "others", "Description": "second", "PublishCidrRoute": True}
        self.provider.call(CBN, "ModifyTransitRouterCidr", ClientToken="TF-2", **self._which(known), **changed)
        return changed

    def delete(self, known):
        self.provider.call(CBN, "DeleteTransitRouterCidr", ClientToken="TF-3", **self._which(known))


class TransitRouterVpnAttachment(Life):
    type = "alicloud_cen_transit_router_vpn_attachment"
    operations: ClassVar = {
        "CreateTransitRouterVpnAttachment", "ListTransitRouterVpnAttachments", "ListTagResources", "TagResources",
        "UntagResources", "UpdateTransitRouterVpnAttachmentAttribute", "DeleteTransitRouterVpnAttachment",
    }  # fmt: skip
    active = ("Status", "Attached")

    def create(self):
        # A private connection, whose gateway address comes from a block.
        router = factories.make_transit_router(self.account, cidrs=["10.200.0.0/24"])
        connection = factories.make_connection(self.account, network_type="private")
        made = self.provider.call(
            CBN, "CreateTransitRouterVpnAttachment", RegionId=REGION, CenId=router.cen.resource_id,
            TransitRouterId=router.resource_id, VpnId=connection.resource_id, AutoPublishRouteEnabled=False,
            TransitRouterAttachmentName="to-hq", TransitRouterAttachmentDescription="first",
            Zone=[{"ZoneId": f"{REGION}a"}], ClientToken="TF-1",
        )["TransitRouterAttachmentId"]  # fmt: skip
        self.provider.tag(CBN, "TransitRouterVpnAttachment", made, TAGS)
        return made

    def read(self, known):
        rows = self.provider.call(
            CBN, "ListTransitRouterVpnAttachments", RegionId=REGION, TransitRouterAttachmentId=known
        )["TransitRouterAttachments"]
        return rows[0] | {"Tags": self.provider.tags("TransitRouterVpnAttachment", known)} if rows else None

    def update(self, known):
        self.provider.untag(CBN, "TransitRouterVpnAttachment", known, *TAGS)
        changed = {
            "AutoPublishRouteEnabled": True,
            "TransitRouterAttachmentName": "renamed",
            "TransitRouterAttachmentDescription": "second",
        }
        self.provider.call(
            CBN,
            "UpdateTransitRouterVpnAttachmentAttribute",
            TransitRouterAttachmentId=known,
            ClientToken="TF-2",
            **changed,
        )
        return changed | {"Tags": {}}

    def delete(self, known):
        self.provider.call(CBN, "DeleteTransitRouterVpnAttachment", TransitRouterAttachmentId=known, ClientToken="TF-3")


class VcoRoute(Life):
    type = "alicloud_vpn_gateway_vco_route"
    operations: ClassVar = {"CreateVcoRouteEntry", "DescribeVcoRouteEntries", "DeleteVcoRouteEntry"}

    def create(self):
        router = factories.make_transit_router(self.account)
        connection = factories.make_connection(self.account, router=router).resource_id
        route = {"VpnConnectionId": connection, "RouteDest": "172.16.0.0/16", "NextHop": connection, "Weight": 100}
        self.provider.call(VPC, "CreateVcoRouteEntry", RegionId=REGION, ClientToken="TF-1", **route)
        return ":".join(str(value) for value in route.values())

    def _which(self, known):
        return dict(zip(("VpnConnectionId", "RouteDest", "NextHop", "Weight"), known.split(":"), strict=True))

    def read(self, known):
        which = self._which(known)
        rows = self.provider.call(
            VPC, "DescribeVcoRouteEntries", RegionId=REGION, VpnConnectionId=which["VpnConnectionId"], PageSize=50
        )["VcoRouteEntries"]
        return next((row for row in rows if {name: str(row[name]) for name in which} == which), None)

    def delete(self, known):
        self.provider.call(VPC, "DeleteVcoRouteEntry", RegionId=REGION, ClientToken="TF-2", **self._which(known))


class Grant(Life):
    type = "alicloud_cen_transit_router_grant_attachment"
    operations: ClassVar = {
        "GrantInstanceToTransitRouter", "DescribeGrantRulesToResource", "RevokeInstanceFromTransitRouter",
    }  # fmt: skip

    def create(self):
        other = factories.make_account("Summit Retail")
        grant = {
            "InstanceType": "VPN",
            "InstanceId": factories.make_connection(self.account).resource_id,
            "CenOwnerId": other.uid,
            "CenId": factories.make_cen(other).resource_id,
        }
        self.provider.call(
            CBN, "GrantInstanceToTransitRouter", RegionId=REGION, OrderType="PayByResourceOwner", **grant
        )
        return ":".join(grant.values())

    def read(self, known):
        _, connection, owner, cen = known.split(":")
        rules = self.provider.call(
            CBN, "DescribeGrantRulesToResource", ResourceId=connection, ProductType="VPN", RegionId=REGION
        )["GrantRules"]
        return next((rule for rule in rules if (str(rule["CenOwnerId"]), rule["CenId"]) == (owner, cen)), None)

    def delete(self, known):
        names = ("InstanceType", "InstanceId", "CenOwnerId", "CenId")
        grant = dict(zip(names, known.split(":"), strict=True))
        self.provider.call(CBN, "RevokeInstanceFromTransitRouter", RegionId=REGION, **grant)


class RouteTable(Life):
    type = "alicloud_cen_transit_router_route_table"
    operations: ClassVar = {
        "CreateTransitRouterRouteTable", "ListTransitRouterRouteTables", "UpdateTransitRouterRouteTable",
        "ListTagResources", "TagResources", "UntagResources", "DeleteTransitRouterRouteTable",
    }  # fmt: skip
    active = ("TransitRouterRouteTableStatus", "Active")

    def create(self):
        router = factories.make_transit_router(self.account).resource_id
        made = self.provider.call(
            CBN, "CreateTransitRouterRouteTable", TransitRouterId=router, TransitRouterRouteTableName="branches",
            TransitRouterRouteTableDescription="first",
        )["TransitRouterRouteTableId"]  # fmt: skip
        self.provider.tag(CBN, "TransitRouterRouteTable", made, TAGS)
        return f"{router}:{made}"

    def read(self, known):
        router, table = known.split(":")
        rows = self.provider.call(
            CBN, "ListTransitRouterRouteTables", RegionId=REGION, TransitRouterId=router,
            TransitRouterRouteTableIds=[table],
        )["TransitRouterRouteTables"]  # fmt: skip
        return rows[0] | {"Tags": self.provider.tags("TransitRouterRouteTable", table)} if rows else None

    def update(self, known):
        table = known.split(":")[1]
        changed = {"TransitRouterRouteTableName": "renamed", "TransitRouterRouteTableDescription": "second"}
        self.provider.call(
            CBN, "UpdateTransitRouterRouteTable", TransitRouterRouteTableId=table, DryRun=False, **changed
        )
        self.provider.untag(CBN, "TransitRouterRouteTable", table, "empty")
        return changed | {"Tags": {key: value for key, value in TAGS.items() if key != "empty"}}

    def delete(self, known):
        table = known.split(":")[1]
        self.provider.call(CBN, "DeleteTransitRouterRouteTable", TransitRouterRouteTableId=table, DryRun=False)


class Link(Life):
    """Between an attachment and a route table: an association or a propagation."""

    active = ("Status", "Active")
    make: ClassVar[str]
    remove: ClassVar[str]
    rows: ClassVar[str]

    def create(self):
        router = factories.make_transit_router(self.account)
        attachment = factories.make_connection(self.account, router=router).attachment
        default, custom = (table.resource_id for table in (router.default_table, factories.make_route_table(router)))
        # An attachment is associated with one table at most.
        self.provider.call(CBN, self.remove, **self._which(f"{attachment.resource_id}:{default}"))
        known = f"{attachment.resource_id}:{custom}"
        self.provider.call(CBN, self.make, ClientToken="TF-1", DryRun=False, **self._which(known))
        return known

    def _which(self, known):
        attachment, table = known.split(":")
        return {"TransitRouterAttachmentId": attachment, "TransitRouterRouteTableId": table}

    def read(self, known):
        answer = self.provider.call(CBN, f"ListTransitRouterRouteTable{self.rows}", **self._which(known))
        links = answer[f"TransitRouter{self.rows}"]
        return links[0] if links else None

    def delete(self, known):
        self.provider.call(CBN, self.remove, ClientToken="TF-2", DryRun=False, **self._which(known))


class Association(Link):
    type = "alicloud_cen_transit_router_route_table_association"
    make = "AssociateTransitRouterAttachmentWithRouteTable"
    remove = "DissociateTransitRouterAttachmentFromRouteTable"
    rows = "Associations"
    operations: ClassVar = {make, remove, "ListTransitRouterRouteTableAssociations"}


class Propagation(Link):
    type = "alicloud_cen_transit_router_route_table_propagation"
    make = "EnableTransitRouterRouteTablePropagation"
    remove = "DisableTransitRouterRouteTablePropagation"
    rows = "Propagations"
    operations: ClassVar = {make, remove, "ListTransitRouterRouteTablePropagations"}


class TwoTunnels(VpnAttachment):
    """The provider of today: a set of two blocks, sent in any order, both of them again with each change."""

    operations: ClassVar = VpnAttachment.operations - {"MoveVpnResourceGroup"}
    COMPUTED: ClassVar = ("InternetIp", "Role", "State", "Status", "TunnelId", "ZoneNo")
    KEYS: ClassVar = ("first~`!@#", "second*****")

    def _entry(self, number: int, gateway: str, **changed) -> dict:
        """A block with every argument."""
        ike = {"Psk": self.KEYS[number - 1], "IkeVersion": f"ikev{number}", "IkeMode": "main", "IkeEncAlg": "aes",
               "IkeAuthAlg": "md5", "IkePfs": "group2", "IkeLifetime": 86400, "LocalId": f"cloud{number}.example",
               "RemoteId": ""}  # fmt: skip
        ipsec = {"IpsecEncAlg": "aes", "IpsecAuthAlg": "sha1", "IpsecPfs": "group14", "IpsecLifetime": 8640}
        bgp = {
            "LocalAsn": 1219001,
            "LocalBgpIp": f"169.254.{40 + number}.1",
            "TunnelCidr": f"169.254.{40 + number}.0/30",
        }
        return {
            "TunnelIndex": number, "CustomerGatewayId": gateway, "EnableDpd": number == 1, "EnableNatTraversal": True,
            "Role": "master", "TunnelIkeConfig": ike, "TunnelIpsecConfig": ipsec, "TunnelBgpConfig": bgp,
        } | changed  # fmt: skip

    def create(self):
        self.gateways = [
            factories.make_customer_gateway(self.account, ip_address=f"203.0.113.{last}").resource_id
            for last in (21, 22)
        ]
        entries = [self._entry(number, gateway) for number, gateway in enumerate(self.gateways, 1)]
        made = self.provider.call(
            VPC, "CreateVpnAttachment", RegionId=REGION, NetworkType="public", LocalSubnet="0.0.0.0/0",
            RemoteSubnet="0.0.0.0/0", Name="pair", EffectImmediately=True, EnableTunnelsBgp=True, EnableDpd=True,
            EnableNatTraversal=True, TunnelOptionsSpecification=entries[::-1], ClientToken="TF-1",
        )  # fmt: skip
        self.provider.tag(VPC, "VPNATTACHMENT", made["VpnConnectionId"], TAGS)
        return made["VpnConnectionId"]

    def read(self, known):
        row = self.provider.found(VPC, "DescribeVpnConnection", RegionId=REGION, VpnConnectionId=known)
        if row is None:
            return None
        tunnels = row["TunnelOptionsSpecification"]["TunnelOptions"]
        assert [tunnel["TunnelIndex"] for tunnel in tunnels] == [1, 2]
        # What is configured reads back as it was written; otherwise each plan would show a change.
        for tunnel, psk in zip(tunnels, self.KEYS, strict=True):
            number = tunnel["TunnelIndex"]
            assert (tunnel["TunnelIkeConfig"]["Psk"], tunnel["TunnelIkeConfig"]["IkeVersion"]) == (psk, f"ikev{number}")
            assert tunnel["TunnelIkeConfig"]["LocalId"] == f"cloud{number}.example"
            assert tunnel["TunnelIkeConfig"]["RemoteId"].startswith("203.0.113.")
            assert set(self.COMPUTED) <= {name for name, value in tunnel.items() if value}
        return row | {"Tags": {tag["Key"]: tag["Value"] for tag in row["Tags"]["Tag"]}}

    def update(self, known):
        """BGP off, protected data flows, another customer gateway and lifetime in tunnel 2; both blocks are sent."""
        before = self.read(known)
        one, two = before["TunnelOptionsSpecification"]["TunnelOptions"]
        other = factories.make_customer_gateway(self.account, ip_address="203.0.113.23").resource_id
        ipsec = {"IpsecLifetime": 4000}
        entries = [
            self._entry(2, other, Role="slave", TunnelIpsecConfig=ipsec), self._entry(1, self.gateways[0])
        ]  # fmt: skip
        # The provider sends what it has read, and the identity of tunnel 2 followed from its customer gateway.
        entries[0]["TunnelIkeConfig"]["RemoteId"] = two["TunnelIkeConfig"]["RemoteId"]
        self.provider.call(
            VPC, "ModifyVpnAttachmentAttribute", RegionId=REGION, VpnConnectionId=known, Name="pair",
            LocalSubnet="10.0.0.0/16", RemoteSubnet="192.168.0.0/16", EffectImmediately=True, EnableTunnelsBgp=False,
            TunnelOptionsSpecification=entries, ClientToken="TF-2",
        )  # fmt: skip
        self.provider.untag(VPC, "VPNATTACHMENT", known, "empty")
        two = two | {
            "CustomerGatewayId": other, "TunnelBgpConfig": {},
            "TunnelIpsecConfig": two["TunnelIpsecConfig"] | {"IpsecLifetime": "4000"},
            "TunnelIkeConfig": two["TunnelIkeConfig"] | {"RemoteId": "203.0.113.23"},
        }  # fmt: skip
        return {
            "LocalSubnet": "10.0.0.0/16",
            "RemoteSubnet": "192.168.0.0/16",
            "EnableTunnelsBgp": False,
            "TunnelOptionsSpecification": {"TunnelOptions": [one | {"TunnelBgpConfig": {}}, two]},
            "Tags": {key: value for key, value in TAGS.items() if key != "empty"},
        }


LIVES: dict[str, type[Life]] = {
    life.type: life for life in (*Life.__subclasses__(), *Link.__subclasses__()) if life is not Link
}
PRINTED = {resource.type for resource in terraform.RESOURCES.values()}


def test_every_printed_type_has_a_life():
    assert LIVES.keys() == PRINTED


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
def test_every_operation_of_a_printed_type_is_served(life):
    assert life.operations <= {name for _, name in ACTIONS}


def settled(read: Callable[[], dict | None], active: tuple[str, str] | None) -> dict:
    """What is read, in the state for which the provider waits. Transitions take no time in tests."""
    row = read()
    assert row is not None
    if active:
        assert row[active[0]] == active[1]
    return row


@pytest.mark.parametrize("kind", [*LIVES.values(), TwoTunnels], ids=[*LIVES, "two tunnels"])
def test_a_life(kind, alice, live_server):
    sdk = Sdk(AccessKey.objects.create(user=alice), live_server.url, SCHEMES["V1"])
    provider = Provider(sdk)
    life = kind(provider, alice)
    known = life.create()
    event = Event.objects.of(alice.account).filter(operation__in=kind.operations).order_by("id").first()
    printed = terraform.text(recipe_of(event), Endpoint("console.example", "http"))
    assert f'resource "{kind.type}"' in printed
    assert f'id = "{known}"' in printed
    first = settled(lambda: life.read(known), kind.active)
    assert life.read(known) == first
    changed = life.update(known)
    assert not changed or first | changed != first
    after = settled(lambda: life.read(known), kind.active)
    assert after == first | changed
    # An import and another client know nothing but the ID.
    assert kind(provider, alice).read(known) == after
    kind(provider, alice).delete(known)
    assert life.read(known) is None
    assert provider.called == kind.operations
