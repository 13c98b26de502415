"""Show as code: from the form, from a resource and after each change, without secrets or resources of others."""

import ast
import inspect
import json
import re
from pathlib import Path

import hcl2
import pytest
from alibabacloud_cbn20170912 import models as cbn_models
from alibabacloud_cbn20170912.client import Client as CbnClient
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as VpcClient
from django.urls import reverse

from connections.as_code import python, request, shell, terraform
from connections.as_code.events import OPERATIONS, recipe_of
from connections.as_code.steps import Endpoint
from connections.domain.choices import Role
from connections.domain.refusals import Refused
from connections.models import (
    Attachment,
    Authorization,
    Cen,
    Connection,
    CustomerGateway,
    Event,
    Route,
    RouteTable,
    TransitRouter,
    TransitRouterCidr,
)
from connections.services import (
    accounts,
    attachments,
    authorizations,
    cens,
    connections,
    customer_gateways,
    links,
    route_tables,
    router_cidrs,
    routes,
    tags,
)
from connections.wire.operations import Operation
from tests.console.conftest import HTMX, signed_in
from vpnconsole.testing import factories

PSK = "the-Secret_psk"
FULL = {
    "routing_mode": "protected",
    "local_subnet": ["10.0.0.0/16", "10.1.0.0/16"],
    "remote_subnet": ["192.168.0.0/16"],
    "enable_bgp": True,
    "health_check": True,
    "health_check_dip": "192.168.0.1",
    "health_check_sip": "10.0.0.1",
    "effect_immediately": False,
    "name": 'it\'s "hq"',
}
TUNNEL = {"psk": PSK, "tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1", "remote_id": "peer.example"}


@pytest.fixture
def full(alice, gateway, router):
    return factories.make_connection(
        alice.account, gateway=gateway, router=router, tunnel=TUNNEL, tags=[("env", "prod"), ("empty", "")], **FULL
    )


def listings(answer) -> dict[str, str]:
    return {one.label: one.text for one in answer.context["listings"]}


def requests(text: str) -> list[dict]:
    """The parameters of each request of the API listing."""
    return [json.loads(one) for one in text.split("POST http://testserver/\n")[1:]]


def test_a_connection_that_is_there(console, full):
    answer = console.get(reverse("connection-code", args=[full.region_id, full.resource_id]))
    shown = listings(answer)
    assert list(shown) == ["Python SDK", "Command line", "Terraform", "API request"]
    create, attach, associate, propagate = requests(shown["API request"])
    assert create | {"IkeConfig": ""} == {
        "Action": "CreateVpnAttachment",
        "Version": "2016-04-28",
        "RegionId": "eu-central-1",
        "CustomerGatewayId": full.tunnel.customer_gateway.resource_id,
        "Name": 'it\'s "hq"',
        "NetworkType": "public",
        "LocalSubnet": "10.0.0.0/16,10.1.0.0/16",
        "RemoteSubnet": "192.168.0.0/16",
        "EffectImmediately": "false",
        "EnableDpd": "true",
        "EnableNatTraversal": "true",
        "IkeConfig": "",
        "IpsecConfig": '{"IpsecEncAlg": "aes", "IpsecAuthAlg": "sha1", "IpsecPfs": "group2", "IpsecLifetime": 86400}',
        "BgpConfig": '{"EnableBgp": true, "LocalAsn": 45104, "TunnelCidr": "169.254.10.0/30", '
        '"LocalBgpIp": "169.254.10.1"}',
        "HealthCheckConfig": '{"enable": true, "dip": "192.168.0.1", "sip": "10.0.0.1", "interval": 3, "retry": 3, '
        '"Policy": "revoke_route"}',
        "Tags.1.Key": "env",
        "Tags.1.Value": "prod",
        "Tags.2.Key": "empty",
        "Tags.2.Value": "",
    }
    assert json.loads(create["IkeConfig"]) == {
        "Psk": "<PRE_SHARED_KEY>",
        "IkeVersion": "ikev2",
        "IkeMode": "main",
        "IkeEncAlg": "aes",
        "IkeAuthAlg": "sha1",
        "IkePfs": "group2",
        "IkeLifetime": 86400,
        "RemoteId": "peer.example",
    }
    router = full.attachment.transit_router
    assert attach["Action"] == "CreateTransitRouterVpnAttachment"
    assert (attach["CenId"], attach["TransitRouterId"]) == (router.cen.resource_id, router.resource_id)
    assert (attach["VpnId"], attach["Zone.1.ZoneId"]) == ("<VpnConnectionId>", "eu-central-1a")
    assert (
        associate["TransitRouterRouteTableId"]
        == propagate["TransitRouterRouteTableId"]
        == router.default_table.resource_id
    )
    # Terraform imports existing resources.
    assert f'id = "{full.resource_id}"' in shown["Terraform"]
    assert f'id = "{full.attachment.resource_id}:{router.default_table.resource_id}"' in shown["Terraform"]


def test_what_is_off_or_blank_is_left_to_the_system(console, alice, gateway):
    plain = factories.make_connection(alice.account, gateway=gateway, name="")
    answer = console.get(reverse("connection-code", args=[plain.region_id, plain.resource_id]))
    [create] = requests(listings(answer)["API request"])
    assert not {"Name", "BgpConfig", "HealthCheckConfig", "Tags.1.Key"} & set(create)
    assert (create["LocalSubnet"], create["RemoteSubnet"]) == ("0.0.0.0/0", "0.0.0.0/0")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_no_secret_is_printed(console, full, headers):
    answer = console.get(reverse("connection-code", args=[full.region_id, full.resource_id]), headers=headers)
    assert PSK not in answer.content.decode()
    assert "PRE_SHARED_KEY" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.fixture
def others(alice):
    """One resource of each other kind, with all values that its code contains."""
    gateway = factories.make_customer_gateway(alice.account, asn=65001, auth_key=PSK, tags=[("env", "prod")])
    router = factories.make_transit_router(alice.account, cidrs=["10.200.0.0/20"])
    connection = factories.make_connection(alice.account, gateway=gateway, router=router)
    return {row.resource_id: row for row in (gateway, router.cen, router, connection.attachment)}


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.READ_ONLY])
def test_every_other_resource_is_told_as_code_on_its_own_page(others, alice, role):
    colleague = signed_in(factories.make_user(alice.account, "colleague", role=role))
    seen = []
    for row in others.values():
        page = row.get_absolute_url()
        assert f'data-testid="show-code" class="btn btn-outline" href="{page}code/"' in colleague.get(page).text
        answer = colleague.get(f"{page}code/", headers=HTMX)
        assert PSK not in answer.text
        shown = listings(answer)
        known_to_the_sdk(shown["Python SDK"])
        known_to_terraform(shown["Terraform"])
        assert row.resource_id in shown["Terraform"]
        seen += [call["Action"] for call in requests(shown["API request"])]
    assert seen == [
        "CreateCustomerGateway",
        "CreateCen",
        "CreateTransitRouter",
        "CreateTransitRouterVpnAttachment",
        "AssociateTransitRouterAttachmentWithRouteTable",
        "EnableTransitRouterRouteTablePropagation",
    ]


def test_another_accounts_resources_are_not_told(others, bobs):
    for row in others.values():
        assert bobs.get(f"{row.get_absolute_url()}code/").status_code == 404


def create_code(console, **posted):
    return console.post(reverse("connection-create-code", args=[factories.REGION]), posted, headers=HTMX)


def test_the_form_as_it_is_typed(console, alice, gateway, router):
    answer = create_code(
        console,
        **{
            "name": "branch",
            "associate_resource": "CEN",
            "cen": router.cen.resource_id,
            "transit_router": router.resource_id,
            "zone": "eu-central-1b",
            "associate_default_route_table": "on",
            "routing_mode": "destination",
            "network_type": "public",
            "effect_immediately": "True",
            "tunnel1-customer_gateway": gateway.resource_id,
            "tunnel1-psk": PSK,
            "tunnel1-ike_version": "ikev1",
            "tunnel1-ike_mode": "aggressive",
            "tunnel1-ike_enc_alg": "aes256",
            "tunnel1-ike_auth_alg": "sha256",
            "tunnel1-ike_pfs": "group14",
            "tunnel1-ike_lifetime": "3600",
            "tunnel1-ipsec_enc_alg": "aes",
            "tunnel1-ipsec_auth_alg": "sha1",
            "tunnel1-ipsec_pfs": "disabled",
            "tunnel1-ipsec_lifetime": "3600",
            "tunnel1-enable_dpd": "on",
        },
    )
    assert answer.context["problems"] == []
    create, attach, associate = requests(listings(answer)["API request"])
    assert json.loads(create["IkeConfig"])["IkeMode"] == "aggressive"
    assert create["EnableNatTraversal"] == "false"
    assert attach["Zone.1.ZoneId"] == "eu-central-1b"
    assert attach["AutoPublishRouteEnabled"] == "false"
    assert associate["Action"].startswith("Associate")
    assert PSK not in answer.content.decode()
    assert not Connection.objects.exists()
    assert "import {" not in listings(answer)["Terraform"]


def test_a_form_that_is_not_complete_says_what_is_missing(console, alice):
    answer = create_code(console, associate_resource="CEN", name="http://x")
    create, attach, *_ = requests(listings(answer)["API request"])
    assert (create["CustomerGatewayId"], attach["Zone.1.ZoneId"]) == ("<CustomerGatewayId>", "<ZoneId>")
    labels = " ".join(label for label, _ in answer.context["problems"])
    assert "Customer Gateway" in labels
    # A generated key is not a secret to fill in.
    assert answer.context["secrets"] == []


def test_another_accounts_resources_do_not_enter_the_code(bobs, bob, gateway, router):
    answer = create_code(
        bobs,
        **{
            "associate_resource": "CEN",
            "cen": router.cen.resource_id,
            "transit_router": router.resource_id,
            "tunnel1-customer_gateway": gateway.resource_id,
        },
    )
    text = "".join(listings(answer).values())
    assert not any(one in text for one in (gateway.resource_id, router.resource_id, router.default_table.resource_id))


# --- after each change ---------------------------------------------------------------------------------------------


CLIENTS = {"vpc": VpcClient, "cbn": CbnClient}
MODELS = {"vpc_models": vpc_models, "cbn_models": cbn_models}


def known_to_the_sdk(program: str) -> None:
    """The SDK has every client method, request class and field that a program uses."""
    known = 0
    for node in ast.walk(ast.parse(program)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            owner, name = node.func.value.id, node.func.attr
            if owner in CLIENTS:
                assert callable(getattr(CLIENTS[owner], name))
                known += 1
            elif owner in MODELS:
                fields = inspect.signature(getattr(MODELS[owner], name).__init__).parameters
                assert {keyword.arg for keyword in node.keywords} <= set(fields)
                known += 1
    assert known >= 2


def known_to_terraform(configuration: str) -> None:
    """Terraform code parses, and its references exist."""
    read = hcl2.loads(configuration)
    there = {f"{kind}.{name}".replace('"', "") for one in read.get("resource", ()) for kind, inner in one.items()
             for name in inner}  # fmt: skip
    for reference in re.findall(r"= (alicloud_\w+\.\w+)", configuration):
        assert reference in there


def told(event: Event) -> list[tuple[str, dict]]:
    """The API calls of an event. Every other language must contain them too."""
    recipe = recipe_of(event)
    endpoint = Endpoint("testserver", "http", event.account.uid)
    known_to_the_sdk(python.text(recipe, endpoint))
    known_to_terraform(terraform.text(recipe, endpoint))
    assert shell.text(recipe, endpoint)
    calls = requests(request.text(recipe, endpoint))
    return [(call.pop("Action"), {k: v for k, v in call.items() if k != "Version"}) for call in calls]


def last(account) -> Event:
    return Event.objects.of(account).order_by("-id").first()


@pytest.fixture
def do(alice):
    """Run a service as Alice and return its code."""

    def perform(service, *args, **kwargs):
        service(factories.make_actor(alice.account), *args, **kwargs)
        return told(last(alice.account))

    return perform


def modified(connection: Connection, tunnel=None, tags=None, **changed) -> connections.Draft:
    wanted = Connection.objects.with_parts().get(pk=connection.pk)
    for name, value in changed.items():
        setattr(wanted, name, value)
    rows = list(wanted.tunnels.all())
    for row in rows:
        row.connection = wanted
        for name, value in (tunnel or {}).items():
            setattr(row, name, value)
    kept = [(tag.key, tag.value) for tag in wanted.tags.all()] if tags is None else tags
    return connections.Draft(wanted, rows, None, kept)


def test_a_modification_sends_what_has_changed(do, alice, gateway):
    made = factories.make_connection(alice.account, gateway=gateway, tags=[("env", "prod"), ("old", "")])
    draft = modified(
        made,
        {"psk": "another-Key", "ike_pfs": "group14", "enable_dpd": False},
        [("env", "test"), ("new", "x")],
        name="renamed",
        routing_mode="protected",
        local_subnet=["10.0.0.0/16"],
        remote_subnet=["192.168.0.0/16"],
    )
    about = {"RegionId": "eu-central-1"}
    tagged = about | {"ResourceType": "VPNATTACHMENT", "ResourceId.1": made.resource_id}
    assert do(connections.modify_connection, draft, made.revision) == [
        (
            "ModifyVpnAttachmentAttribute",
            about
            | {
                "VpnConnectionId": made.resource_id,
                "Name": "renamed",
                "LocalSubnet": "10.0.0.0/16",
                "RemoteSubnet": "192.168.0.0/16",
                "EnableDpd": "false",
                "IkeConfig": '{"Psk": "<PRE_SHARED_KEY>", "IkePfs": "group14"}',
            },
        ),
        (
            "TagResources",
            tagged | {"Tag.1.Key": "env", "Tag.1.Value": "test", "Tag.2.Key": "new", "Tag.2.Value": "x"},
        ),
        ("UnTagResources", tagged | {"TagKey.1": "old"}),
    ]
    terraform_text = terraform.text(recipe_of(last(alice.account)), Endpoint("testserver", "http"))
    # Terraform describes the result, not the change.
    assert 'remote_subnet        = "192.168.0.0/16"' in terraform_text
    assert f'id = "{made.resource_id}"' in terraform_text


def test_turning_things_off_is_told(do, alice, gateway):
    free = factories.make_connection(alice.account, gateway=gateway, tunnel=TUNNEL, **FULL)
    draft = modified(free, enable_bgp=False, health_check=False, routing_mode="destination")
    [(_, parameters)] = do(connections.modify_connection, draft, free.revision)
    assert json.loads(parameters["BgpConfig"])["EnableBgp"] is False
    assert json.loads(parameters["HealthCheckConfig"])["enable"] is False
    assert (parameters["LocalSubnet"], parameters["RemoteSubnet"]) == ("0.0.0.0/0", "0.0.0.0/0")


def test_what_the_api_alone_can_change_is_told(do, alice, gateway):
    free = factories.make_connection(alice.account, gateway=gateway)
    [(_, parameters)] = do(connections.modify_connection, modified(free, auto_config_route=False), free.revision)
    assert parameters["AutoConfigRoute"] == "false"


def test_the_life_of_a_connection(do, alice, bob, gateway, router):
    made = factories.make_connection(alice.account, gateway=gateway)
    region = {"RegionId": "eu-central-1"}
    about = region | {"VpnConnectionId": made.resource_id}
    grant = region | {"InstanceId": made.resource_id, "CenId": "cen-abcdefghijklmnopqr"}
    peer = Authorization(connection=made, peer_uid=bob.account.uid, peer_cen_id="cen-abcdefghijklmnopqr")
    vpn = {"InstanceType": "VPN", "CenOwnerId": bob.account.uid}
    assert do(authorizations.authorize, peer) == [
        ("GrantInstanceToTransitRouter", grant | vpn | {"OrderType": "PayByCenOwner"})
    ]
    assert do(authorizations.change_payer, made, peer.peer_cen_id, "PayByResourceOwner") == [
        (
            "ModifyGrantInstanceToTransitRouter",
            {name: grant[name] for name in ("InstanceId", "CenId")} | {"OrderType": "PayByResourceOwner"},
        )
    ]
    assert do(authorizations.unauthorize, made, peer.peer_cen_id) == [("RevokeInstanceFromTransitRouter", grant | vpn)]
    # Attach, with one switch.
    attachment = Attachment(
        account=alice.account,
        transit_router=router,
        zone="eu-central-1a",
        name="branch",
        associate_default_route_table=False,
    )
    attach, propagate = do(attachments.create_attachment, attachment, made.resource_id)
    assert attach[1]["VpnId"] == made.resource_id
    assert attach[1]["TransitRouterAttachmentName"] == "branch"
    assert propagate[0] == "EnableTransitRouterRouteTablePropagation"
    # Routes.
    made = Connection.objects.with_parts().get()
    route = {"RouteDest": "10.9.0.0/16", "NextHop": made.resource_id, "OverlayMode": "Ipsec", "Weight": "100"}
    wanted = Route(connection=made, destination="10.9.0.0/16", weight=100)
    assert do(routes.create_route, wanted) == [("CreateVcoRouteEntry", about | route)]
    assert do(routes.change_weight, made, "10.9.0.0/16", 0) == [
        ("ModifyVcoRouteEntryWeight", about | route | {"NewWeight": "0"})
    ]
    assert do(routes.delete_route, made, "10.9.0.0/16") == [("DeleteVcoRouteEntry", about | route | {"Weight": "0"})]
    # Change the attachment, then detach.
    table = {
        "TransitRouterAttachmentId": attachment.resource_id,
        "TransitRouterRouteTableId": router.default_table.resource_id,
    }
    stored = Attachment.objects.get()
    stored.name, stored.associate_default_route_table, stored.propagate_to_default_route_table = "x", True, False
    assert do(attachments.modify_attachment, stored, stored.revision) == [
        (
            "UpdateTransitRouterVpnAttachmentAttribute",
            {"TransitRouterAttachmentId": attachment.resource_id, "TransitRouterAttachmentName": "x"},
        ),
        ("AssociateTransitRouterAttachmentWithRouteTable", table),
        ("DisableTransitRouterRouteTablePropagation", table),
    ]
    assert do(attachments.delete_attachment, Attachment.objects.get(), force=True) == [
        ("DissociateTransitRouterAttachmentFromRouteTable", table),
        ("DeleteTransitRouterVpnAttachment", {"TransitRouterAttachmentId": attachment.resource_id}),
    ]
    assert do(connections.delete_connection, Connection.objects.get()) == [("DeleteVpnAttachment", about)]


def test_route_tables_and_links(do, alice, full, router):
    router_id = {"TransitRouterId": router.resource_id}
    named = {"TransitRouterRouteTableName": "branches", "TransitRouterRouteTableDescription": "d"}
    table = RouteTable(account=alice.account, transit_router=router, name="branches", description="d")
    tag = {"Tag.1.Key": "a", "Tag.1.Value": "b"}
    assert do(route_tables.create_route_table, table, [("a", "b")]) == [
        ("CreateTransitRouterRouteTable", router_id | named | tag)
    ]
    about = {"TransitRouterRouteTableId": table.resource_id}
    table = RouteTable.objects.get(resource_id=table.resource_id)
    table.name = "renamed"
    assert do(route_tables.modify_route_table, table, table.revision) == [
        ("UpdateTransitRouterRouteTable", about | {"TransitRouterRouteTableName": "renamed"})
    ]
    kind = {"ResourceType": "TRANSITROUTERROUTETABLE", "ResourceId.1": table.resource_id}
    assert do(tags.replace_tags, table, [], 2) == [("UntagResources", kind | {"TagKey.1": "a"})]
    attachment = full.attachment
    which = {"TransitRouterAttachmentId": attachment.resource_id}
    default = {"TransitRouterRouteTableId": router.default_table.resource_id}
    for service, operation, of, parameters in (
        (links.dissociate, "DissociateTransitRouterAttachmentFromRouteTable", router.default_table, default),
        (links.associate, "AssociateTransitRouterAttachmentWithRouteTable", table, about),
        (links.withdraw, "DisableTransitRouterRouteTablePropagation", router.default_table, default),
        (links.propagate, "EnableTransitRouterRouteTablePropagation", table, about),
        (links.propagate, "EnableTransitRouterRouteTablePropagation", router.default_table, default),
    ):
        assert do(service, attachment, of) == [(operation, which | parameters)]
    # The attachment as it is now: with each of its links.
    shown = terraform.text(recipe_of(last(alice.account)), Endpoint("testserver", "http", alice.account.uid))
    assert re.findall(r'id = "(tr-attach-\w+:vtb-\w+)"', shown) == [
        f"{attachment.resource_id}:{of.resource_id}" for of in (table, router.default_table, table)
    ]
    assert do(attachments.delete_attachment, Attachment.objects.get(), force=True) == [
        ("DisableTransitRouterRouteTablePropagation", which | default),
        ("DissociateTransitRouterAttachmentFromRouteTable", which | about),
        ("DisableTransitRouterRouteTablePropagation", which | about),
        ("DeleteTransitRouterVpnAttachment", which),
    ]
    assert do(route_tables.delete_route_table, table) == [("DeleteTransitRouterRouteTable", about)]


def test_gateways_cens_and_routers(do, alice):
    region = {"RegionId": "eu-central-1"}
    gateway = CustomerGateway(
        region_id=factories.REGION, ip_address="203.0.113.9", asn=65001, auth_key="bgp-secret", name="g"
    )
    [(action, parameters)] = do(customer_gateways.create_customer_gateway, gateway, [("a", "b")])
    assert action == "CreateCustomerGateway"
    assert parameters == region | {
        "IpAddress": "203.0.113.9",
        "Name": "g",
        "Asn": "65001",
        "AuthKey": "<BGP_KEY>",
        "Tags.1.Key": "a",
        "Tags.1.Value": "b",
    }
    gateway.name, gateway.auth_key = "h", "other-secret"
    about = region | {"CustomerGatewayId": gateway.resource_id}
    assert do(customer_gateways.modify_customer_gateway, gateway, 1) == [
        ("ModifyCustomerGatewayAttribute", about | {"Name": "h", "AuthKey": "<BGP_KEY>"})
    ]
    assert do(tags.replace_tags, CustomerGateway.objects.get(), [], 2) == [
        (
            "UnTagResources",
            region | {"ResourceType": "CUSTOMERGATEWAY", "ResourceId.1": gateway.resource_id, "TagKey.1": "a"},
        )
    ]
    assert do(customer_gateways.delete_customer_gateway, CustomerGateway.objects.get()) == [
        ("DeleteCustomerGateway", about)
    ]
    cen = Cen(name="backbone", description="d")
    assert do(cens.create_cen, cen) == [("CreateCen", {"Name": "backbone", "Description": "d"})]
    about = {"ResourceType": "CEN", "ResourceId.1": cen.resource_id}
    assert do(tags.replace_tags, Cen.objects.get(), [("a", "b")], 1) == [
        ("TagResources", about | {"Tag.1.Key": "a", "Tag.1.Value": "b"})
    ]
    assert do(tags.replace_tags, Cen.objects.get(), [], 2) == [("UntagResources", about | {"TagKey.1": "a"})]
    router = TransitRouter(cen=cen, region_id=factories.REGION, name="tr")
    assert do(cens.create_transit_router, router, [TransitRouterCidr(cidr="10.200.0.0/20", name="n")]) == [
        (
            "CreateTransitRouter",
            region
            | {
                "CenId": cen.resource_id,
                "TransitRouterName": "tr",
                "TransitRouterCidrList.1.Cidr": "10.200.0.0/20",
                "TransitRouterCidrList.1.Name": "n",
            },
        )
    ]
    factories.rest(router)
    about = region | {"TransitRouterId": router.resource_id}
    router.description = "d"
    assert do(cens.modify_transit_router, router, 1) == [
        ("UpdateTransitRouter", about | {"TransitRouterDescription": "d"})
    ]
    block = TransitRouterCidr(transit_router=router, cidr="10.201.0.0/20", publish_cidr_route=False)
    assert do(router_cidrs.create_router_cidr, block) == [
        ("CreateTransitRouterCidr", about | {"Cidr": "10.201.0.0/20", "PublishCidrRoute": "false"})
    ]
    known = about | {"TransitRouterCidrId": block.resource_id}
    block.cidr, block.publish_cidr_route = "10.202.0.0/20", True
    assert do(router_cidrs.modify_router_cidr, block, 1) == [
        ("ModifyTransitRouterCidr", known | {"Cidr": "10.202.0.0/20", "PublishCidrRoute": "true"})
    ]
    assert do(router_cidrs.delete_router_cidr, block) == [("DeleteTransitRouterCidr", known)]
    cen.refresh_from_db()
    cen.name = "core"
    assert do(cens.modify_cen, cen, cen.revision) == [
        ("ModifyCenAttribute", {"CenId": cen.resource_id, "Name": "core"})
    ]
    group = alice.account.resource_groups.get(is_default=False)
    moving = {"ResourceId": cen.resource_id, "ResourceType": "CEN", "NewResourceGroupId": group.resource_id}
    assert do(accounts.move_to_group, cen, group) == [("MoveResourceGroup", moving)]
    # The default group is stated when a resource moves there.
    default = alice.account.default_resource_group
    do(accounts.move_to_group, cen, default)
    declared = terraform.text(recipe_of(last(alice.account)), Endpoint("console.example", "http"))
    assert re.search(rf'resource_group_id += "{default.resource_id}"', declared)
    gateway = factories.make_customer_gateway(alice.account)
    moving = {"InstanceId": gateway.resource_id, "ResourceType": "CustomerGateway"}
    assert do(accounts.move_to_group, gateway, group) == [
        ("MoveVpnResourceGroup", region | moving | {"NewResourceGroupId": group.resource_id})
    ]
    assert do(cens.delete_transit_router, TransitRouter.objects.get()) == [
        ("DeleteTransitRouter", {"TransitRouterId": router.resource_id})
    ]
    assert do(cens.delete_cen, Cen.objects.get()) == [("DeleteCen", {"CenId": cen.resource_id})]


def test_a_message_of_success_leads_to_the_code(console, full):
    address = reverse("resource-tags", args=[full.resource_id])
    page = console.post(address, {"tag_key": ["env"], "tag_value": ["test"], "revision": full.revision}, follow=True)
    event = last(full.account)
    assert event.operation == "TagResources"
    link = reverse("event-code", args=[event.request_id])
    assert link in page.content.decode()
    shown = listings(console.get(link))
    assert requests(shown["API request"])[0]["Action"] in ("TagResources", "UnTagResources")


def test_the_event_log_leads_to_the_code_of_what_succeeded(console, alice, gateway):
    made = factories.make_connection(alice.account, gateway=gateway)
    with pytest.raises(Refused):
        customer_gateways.delete_customer_gateway(factories.make_actor(alice.account), gateway)
    page = console.get(reverse("event-list")).content.decode()
    assert "Show CreateVpnAttachment as code" in page
    assert "Show DeleteCustomerGateway as code" not in page
    assert made.resource_id in page


def test_what_is_gone_is_not_told(console, alice, gateway):
    made = factories.make_connection(alice.account, gateway=gateway)
    created = last(alice.account)
    connections.delete_connection(factories.make_actor(alice.account), made)
    answer = console.get(reverse("event-code", args=[created.request_id]))
    assert answer.context["listings"] == []
    assert "is gone" in answer.content.decode()


def test_events_of_others_are_not_found(bobs, full):
    assert bobs.get(reverse("event-code", args=[last(full.account).request_id])).status_code == 404


def test_every_operation_that_is_recorded_can_be_told():
    services = Path(connections.__file__).parent
    recorded = {
        Operation[name] if name.isupper() else Operation(name)
        for path in services.glob("*.py")
        # The product's API has no calls for members and passwords. Downloading changes nothing.
        if path.name not in ("members.py", "access_keys.py", "peer_config.py")
        for name in re.findall(
            r'(?:operation\(\s*actor,\s*|\n(?:CREATE|MODIFY|MOVE)\w* = )(?:"|Operation\.)(\w+)', path.read_text()
        )
    }
    assert len(recorded) > 15
    # Static entries of route tables change through the API only; the account's settings are the simulator's.
    without_code = {
        Operation.CREATE_TRANSIT_ROUTER_ROUTE_ENTRY,
        Operation.UPDATE_TRANSIT_ROUTER_ROUTE_ENTRY,
        Operation.DELETE_TRANSIT_ROUTER_ROUTE_ENTRY,
        Operation.MODIFY_ACCOUNT_SETTINGS,
    }
    assert recorded - without_code == OPERATIONS
