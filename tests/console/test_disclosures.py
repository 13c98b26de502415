"""Every disclosure of a key, and every refused one, leaves an event."""

import ast
import re
from html import unescape
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from connections.api import actions
from connections.domain.choices import Role
from connections.models import AccessKey, Connection, Event
from connections.services.customer_gateways import modify_customer_gateway
from tests.console.conftest import signed_in
from tests.console.test_access import CELLS, address
from vpnconsole.testing import factories
from vpnconsole.testing.clients import CBN, VPC, ApiClient

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
PSK, BGP_KEY = "planted.psk", "planted.bgp-key"
DEVICE_PSK, DEVICE_KEY = "device's.psk", "device's.bgp-key"


@pytest.fixture
def gateway(alice):
    return factories.make_customer_gateway(alice.account, auth_key=BGP_KEY)


@pytest.fixture
def planted(estate):
    """The estate, with known keys of its connection and customer gateway."""
    connection = Connection.objects.get(resource_id=estate["connection_id"])
    connection.enable_bgp = True
    connection.save()
    tunnel = connection.tunnel
    tunnel.psk, tunnel.tunnel_cidr, tunnel.local_bgp_ip = PSK, "169.254.10.0/30", "169.254.10.1"
    tunnel.save()
    factories.configure_device(tunnel, psk=DEVICE_PSK, auth_key=DEVICE_KEY)
    return estate


def member(account, role: Role) -> ApiClient:
    user = factories.make_user(account, f"{role}-by-api", role=role)
    return ApiClient(AccessKey.objects.create(user=user))


def recorded(keys: set[str], there, events) -> bool:
    """Whether events record the disclosure of these keys, for each resource or for all of them."""
    told = {(event.operation, event.resource_id) for event in events if event.outcome == "success"}
    of_device = ("ShowKey", there["connection_id"])
    shown = {
        DEVICE_PSK: of_device,
        DEVICE_KEY: of_device,
        PSK: ("ShowKey", there["connection_id"]),
        BGP_KEY: ("ShowKey", there["gateway_id"]),
    }
    whole = {("DownloadVpnConnectionConfig", there["connection_id"]), ("ExportResourcesWithKeys", "")}
    return bool(told & whole) or all(shown[key] in told for key in keys)


def found(text: str) -> set[str]:
    text = unescape(text)
    return {key for key in (PSK, BGP_KEY, DEVICE_PSK, DEVICE_KEY) if key in text}


def test_every_page_that_holds_a_key_leaves_an_event(planted, alice):
    operator = factories.make_user(alice.account, "an-operator", role=Role.OPERATOR)
    doors = set()
    for name, method, what in CELLS:
        if what is None:
            continue
        before = Event.objects.latest("id").pk
        form = {}
        if name == "connection-peer-config-download":
            form = {"format": "json", "file": f"{planted['connection_id']}.json"}
        with transaction.atomic():
            answer = getattr(signed_in(operator), method)(address(name, planted), form)
            if keys := found(answer.getvalue().decode()):
                doors.add((method, name))
                events = Event.objects.filter(pk__gt=before)
                assert recorded(keys, planted, events), name
                assert answer["X-Request-ID"] in [event.request_id for event in events]
            transaction.set_rollback(True)
    assert doors == {
        ("get", "connection-psk"),
        ("get", "device-psk"),
        ("get", "device-auth-key"),
        ("get", "customer-gateway-key"),
        ("get", "connection-peer-config"),
        ("get", "connection-peer-config-text"),
        ("post", "connection-peer-config-download"),
        ("post", "resources-export-keys"),
    }


def parameters(there) -> dict:
    """Parameters for any operation of the API."""
    return {
        "RegionId": factories.REGION,
        "VpnConnectionId": there["connection_id"],
        "CustomerGatewayId": there["gateway_id"],
        "CenId": there["cen_id"],
        "TransitRouterId": there["router_id"],
        "TransitRouterAttachmentId": there["attachment_id"],
        "ResourceId": [there["connection_id"]],
        "ResourceType": "VPNATTACHMENT",
        "Name": "renamed",
    }


def test_every_answer_of_the_api_that_holds_a_key_leaves_an_event(planted, alice, settings):
    settings.TRANSITION_SECONDS = 0
    clients = {role: member(alice.account, role) for role in (Role.OPERATOR, Role.READ_ONLY)}
    doors = set()
    for version, name in actions.ACTIONS:
        for role, client in clients.items():
            before = Event.objects.latest("id").pk
            with transaction.atomic():
                answer = client.call(name, version, **parameters(planted))
                if keys := found(answer.content.decode()):
                    doors.add((role, name))
                    events = Event.objects.filter(pk__gt=before)
                    assert recorded(keys, planted, events), name
                    told = {(event.request_id, event.facts.get("request_id")) for event in events}
                    assert all(answer.data["RequestId"] in ids for ids in told), told
                transaction.set_rollback(True)
    assert doors == {
        (Role.OPERATOR, name)
        for name in (
            "DescribeVpnConnection",
            "DescribeVpnConnections",
            "ModifyVpnAttachmentAttribute",
            "DescribeCustomerGateway",
            "DescribeCustomerGateways",
            "DownloadVpnConnectionConfig",
        )
    }


def test_a_command_that_exports_keys_leaves_an_event(planted, alice, capsys):
    call_command("export_resources", alice.account.uid)
    assert not found(capsys.readouterr().out)
    before = Event.objects.latest("id").pk
    call_command("export_resources", alice.account.uid, "--keys")
    assert found(capsys.readouterr().out) == {PSK, BGP_KEY, DEVICE_PSK, DEVICE_KEY}
    event = Event.objects.get(pk__gt=before)
    assert (event.actor, event.operation, event.facts) == ("export", "ExportResourcesWithKeys", {"door": "command"})


def test_a_program_that_polls_leaves_one_event_a_day_for_each_user_and_state_of_a_key(alice, gateway, clock):
    def shown() -> int:
        return Event.objects.filter(operation="ShowKey").count()

    def poll(client) -> None:
        for _ in range(3):
            read = client.ok(
                "DescribeCustomerGateway", RegionId=factories.REGION, CustomerGatewayId=gateway.resource_id
            )
            assert read["AuthKey"]

    first, second = (member(alice.account, role) for role in (Role.OPERATOR, Role.ADMINISTRATOR))
    poll(first)
    assert shown() == 1
    poll(second)
    assert shown() == 2
    gateway.refresh_from_db()
    gateway.auth_key = "another"
    modify_customer_gateway(factories.make_actor(alice.account), gateway, gateway.revision)
    poll(first)
    assert shown() == 3
    clock.tick(24 * 3600)
    poll(first)
    assert shown() == 4
    # A resource without a key discloses none.
    bare = factories.make_customer_gateway(alice.account, ip_address="203.0.113.99")
    first.ok("DescribeCustomerGateway", RegionId=factories.REGION, CustomerGatewayId=bare.resource_id)
    assert shown() == 4


# Code that may read a key without disclosing it.
OPENED = {
    ("connections/as_code/recipes.py", "row.auth_key"),  # whether there is one
    ("connections/console/forms/customer_gateways.py", "gateway.auth_key"),  # kept if the field is blank
    ("templates/customer_gateways/detail.html", "gateway.auth_key"),  # whether there is one
}


def test_pages_and_operations_read_no_key_past_the_service():
    opened, imported = set(), set()
    for folder in ("console", "api", "as_code", "templatetags"):
        for path in (ROOT / "connections" / folder).rglob("*.py"):
            file = str(path.relative_to(ROOT))
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in ("psk", "auth_key"):
                    opened.add((file, ast.unparse(node)))
                if isinstance(node, ast.ImportFrom):
                    imported |= {(file, one.name) for one in node.names if one.name in ("from_connection", "generate")}
                if isinstance(node, ast.Call) and any(one.arg == "keys" for one in node.keywords):
                    assert ast.unparse(node.func) != "exported", file
    for path in (ROOT / "templates").rglob("*.*"):
        for expression in re.findall(r"\w+\.(?:psk|auth_key)\b", path.read_text(encoding="utf-8")):
            opened.add((str(path.relative_to(ROOT)), expression))
    assert opened == OPENED
    assert imported == set()


# --- refusals ------------------------------------------------------------------------------------------------------


def tagging(there) -> dict:
    return {"RegionId": factories.REGION, "ResourceType": "VPNATTACHMENT", "ResourceId": [there["connection_id"]]}


REFUSED_CALLS = {
    "TagResources": (VPC, lambda there: tagging(there) | {"Tag": [{"Key": "env", "Value": "prod"}]}),
    "UnTagResources": (VPC, lambda there: tagging(there) | {"All": "true"}),
    "DownloadVpnConnectionConfig": (
        VPC,
        lambda there: {"RegionId": factories.REGION, "VpnConnectionId": there["connection_id"]},
    ),
    "CreateVpnAttachment": (
        VPC,
        lambda there: {"RegionId": factories.REGION, "CustomerGatewayId": there["gateway_id"],
                        "LocalSubnet": "0.0.0.0/0", "RemoteSubnet": "0.0.0.0/0", "DryRun": "true"},
    ),
    "CreateTransitRouterVpnAttachment": (
        CBN,
        lambda there: {"RegionId": factories.REGION, "VpnId": there["connection_id"], "DryRun": "true",
                        "TransitRouterId": there["router_id"], "Zone.1.ZoneId": "eu-central-1a"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("token", ["", "repeated"])
@pytest.mark.parametrize("name", REFUSED_CALLS)
def test_a_refused_call_leaves_one_event_an_hour(name, token, planted, alice, clock):
    version, values = REFUSED_CALLS[name]
    reader = member(alice.account, Role.READ_ONLY)
    before = Event.objects.latest("id").pk
    sent = values(planted) | ({"ClientToken": token} if token else {})
    answers = [reader.call(name, version, **sent) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {403}
    event = Event.objects.get(pk__gt=before)
    assert (event.outcome, event.code, event.actor) == ("refused", "forbidden", "read_only-by-api")
    assert event.request_id == answers[0].data["RequestId"]
    clock.tick(3600)
    reader.call(name, version, **sent)
    assert Event.objects.filter(pk__gt=before).count() == 2


def test_what_a_state_forbids_is_recorded_under_dry_run_each_time(planted, alice, clock):
    """An attached connection: refusals that are not about rights leave events too."""
    operator = member(alice.account, Role.OPERATOR)
    version, values = REFUSED_CALLS["CreateTransitRouterVpnAttachment"]
    before = Event.objects.latest("id").pk
    for _ in range(2):
        assert operator.call("CreateTransitRouterVpnAttachment", version, **values(planted)).status_code == 400
    codes = list(Event.objects.filter(pk__gt=before).values_list("outcome", "code"))
    assert len(codes) == 2
    assert {outcome for outcome, _ in codes} == {"refused"}


def test_a_refused_page_leaves_one_event_an_hour(planted, alice, clock):
    reader = signed_in(factories.make_user(alice.account, "reader", role=Role.READ_ONLY))
    before = Event.objects.latest("id").pk

    def events():
        return Event.objects.filter(pk__gt=before).order_by("id")

    where = address("connection-psk", planted)
    answers = [reader.get(where) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {403}
    event = events().get()
    assert (event.operation, event.outcome, event.code) == ("OpenPage", "refused", "forbidden")
    assert (event.actor, event.resource_id, event.region_id) == ("reader", planted["connection_id"], factories.REGION)
    assert event.facts == {"page": "GET connection-psk"}
    assert event.request_id == answers[0]["X-Request-ID"]
    assert "keys are not shown" in event.message
    # Distinct: another page, another method, or a resource that does not exist, whose ID is not recorded.
    reader.get(address("connection-delete", planted))
    reader.post(address("connection-delete", planted))
    reader.get(where.replace(planted["connection_id"], "vco-1"))
    reader.get(where.replace(planted["connection_id"], "vco-2"))
    assert [one.facts["page"] for one in events()][1:] == [
        "GET connection-delete", "POST connection-delete", "GET connection-psk"]  # fmt: skip
    assert events().last().resource_id == ""
    clock.tick(3600)
    reader.get(where)
    assert events().count() == 5
    page = reader.get("/events/").content.decode()
    assert "GET connection-psk" in page


def test_a_stranger_leaves_no_event(client, planted):
    before = Event.objects.count()
    client.get(address("connection-psk", planted))
    assert Event.objects.count() == before
