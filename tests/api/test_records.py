"""Records of requests: send a marked key in every parameter, then search everything that is stored."""

import importlib
import json
import logging
from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import connection as database
from django.test import Client

from connections import ids
from connections.api import dispatch
from connections.api.actions import ACTIONS
from connections.api.registry import VPC, Action, JsonObject, Object, Objects, Text, Texts, shown
from connections.models import ApiCall, Connection, RouteTable
from tests.api.life import life, next_of
from vpnconsole.testing import factories
from vpnconsole.testing.clients import send, v3
from vpnconsole.testing.factories import REGION

MARK = "marked.key"
OBJECT = f'{{"Psk": "{MARK}"}}'
NESTED = json.dumps(OBJECT)
# Ways to spell an object with a key, correct and incorrect.
SPELLINGS = [
    OBJECT, f" {OBJECT}", f"\n{OBJECT}", f"\t\r\n{OBJECT}\n", f"\ufeff{OBJECT}", f"\u00a0{OBJECT}", f"\u200b{OBJECT}",
    f"null {OBJECT}", OBJECT[:-1], OBJECT.replace('"', "'"), OBJECT.replace("Psk", "psk"), OBJECT.replace("Psk", "PSK"),
    OBJECT.replace("Psk", "Psk "), OBJECT.replace("Psk", "\\u0050sk"), OBJECT.replace("Psk", "Psk\ufeff"),
    OBJECT.replace("marked", "\\u006darked"), OBJECT.replace("Psk", "PreSharedKey"), OBJECT.replace("Psk", "AuthKey"),
    f'{{"Psk": "{MARK}", "Psk": "x"}}', f'{{"Psk": "{MARK}", "psk": "x"}}', f'{{"Psk": "x", "Psk ": "{MARK}"}}',
    f'{{"Psk": {OBJECT}}}', f'{{"Psk": ["{MARK}"]}}', f'{{"IkeConfig": {NESTED}}}', f'{{"LocalId": {NESTED}}}',
    f'{{"{MARK}": "x"}}', f"[{OBJECT}]", f"[[{OBJECT}]]", f"[{NESTED}]", NESTED, f'"{MARK}"', quote(OBJECT),
    quote(quote(OBJECT)),
]  # fmt: skip
# Nothing declares these names or values.
UNDECLARED = {"Psk": MARK, "ikeconfig": OBJECT, "IKeConfig": OBJECT, f'{MARK}"}}': "", f"{MARK}.1": "x"}
BELOW = ("Psk", "1.Psk", "1.TunnelIkeConfig.Psk", "1.Key.Psk", f"1.{MARK}", MARK, "x.Key", f"1.Value.{MARK}")


def spelled(one) -> list[str]:
    """The mark in every spelling, and unquoted if the parameter does not accept free text."""
    return [*SPELLINGS, *([] if isinstance(one, (Text, Texts)) and not one.secret else [MARK, f"Psk={MARK}"])]


@pytest.mark.parametrize(
    "action", [*ACTIONS.values(), None], ids=lambda one: f"{one.name}-{one.version}" if one else ""
)
def test_no_declaration_shows_a_key_in_any_spelling(action):
    sent = list(UNDECLARED.items())
    for one in action.parameters if action else ():
        sent += [(one.name, text) for text in spelled(one)]
        sent += [(f"{one.name}.{name}", MARK) for name in BELOW]
        for inner in getattr(one, "fields", ()):
            sent += [(f"{one.name}.1.{inner.name}", text) for text in spelled(inner)]
    for name, text in sent:
        assert "arked" not in str(shown({name: text}, action)), (name, text)


def test_what_is_declared_and_no_secret_is_shown():
    sent = {
        "RegionId": REGION,
        "Name": "hq, Hamburg",
        "EnableDpd": "TRUE",
        "IkeConfig": '\n{"psk": "hush", "ikeversion": "ikev2", "IkeLifetime": 3600, "Other": "hush"}',
        "BgpConfig": "hush",
        "Tags.1.Key": "env",
        "Tags.1.Value": "prod",
        "Tags.1.Other": "hush",
        "TunnelOptionsSpecification.1.TunnelIkeConfig.Psk": "hush",
        "TunnelOptionsSpecification.1.TunnelIkeConfig.IkeVersion": "ikev2",
        "TunnelOptionsSpecification.1.Psk": "hush",
        "RemoteCaCert": "hush",
        "NetworkType": "hush",
        "ClientToken": "t",
        "OwnerId": "1",
        "Hush": "hush",
    }
    assert shown(sent, ACTIONS[VPC, "CreateVpnAttachment"]) == {
        "RegionId": REGION,
        "Name": "hq, Hamburg",
        "EnableDpd": "true",
        "IkeConfig": '{"Psk": "******", "IkeVersion": "ikev2", "IkeLifetime": "3600", "******": "******"}',
        "BgpConfig": "******",
        "Tags.1.Key": "env",
        "Tags.1.Value": "prod",
        "Tags.1.******": "******",
        "TunnelOptionsSpecification.1.TunnelIkeConfig.Psk": "******",
        "TunnelOptionsSpecification.1.TunnelIkeConfig.IkeVersion": "ikev2",
        "TunnelOptionsSpecification.1.******": "******",
        "RemoteCaCert": "******",
        "NetworkType": "******",
        "ClientToken": "t",
        "OwnerId": "******",
        "******": "******",
    }
    as_json = '[{"TunnelIndex": 1, "TunnelIkeConfig": {"Psk": "hush", "IkeVersion": "ikev2"}, "Psk": "hush"}]'
    assert "hush" not in str(one := shown({"TunnelOptionsSpecification": as_json}, ACTIONS[VPC, "CreateVpnAttachment"]))
    assert "ikev2" in str(one)
    listed = {"Filter": '[{"Key": "Name", "Value": ["a", "b"]}]', "Tag": '[{"Key": "env", "Psk": "hush"}]'}
    assert shown(listed, ACTIONS["2017-09-12", "DescribeCens"]) == {
        "Filter": '[{"Key": "Name", "Value": "[\\"a\\", \\"b\\"]"}]',
        "Tag": '[{"Key": "env", "******": "******"}]',
    }


def is_free(one) -> bool:
    """Whether a parameter is the name or description of a resource, and so accepts any text."""
    return one.name.endswith(("Name", "Description"))


def spoiled(action: Action, right: dict, turns) -> Iterator[dict]:
    """Valid parameters, except for one that holds the mark: in all spellings where keys belong, elsewhere in two."""
    for one in action.parameters:
        texts = [] if is_free(one) else spelled(one)
        for _ in texts if isinstance(one, (JsonObject, Object)) else texts[:2]:
            yield right | {one.name: texts[next(turns) % len(texts)]}
        # Names below a plain parameter are ignored, so the request would be valid.
        for _ in BELOW if isinstance(one, (JsonObject, Object, Objects)) else ():
            yield right | {f"{one.name}.{BELOW[next(turns) % len(BELOW)]}": MARK}


@pytest.mark.django_db
def test_a_key_is_found_nowhere_however_it_was_sent(api, alice, bob, caplog, monkeypatch):
    """Send the mark in requests of every operation, then search every table, the page and the log."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(dispatch, "CALLS_KEPT", 10**6)
    steps, turns, answer = life(alice.account, bob.account), count(), None
    while (step := next_of(steps, answer)) is not None:
        version, name, right = step
        for parameters in spoiled(ACTIONS[version, name], right, turns):
            api.call(name, version, **parameters)
        # What valid spellings of the mark have created.
        if name == "DeleteCustomerGateway":
            Connection.objects.all().delete()
        if name == "DeleteTransitRouter":
            RouteTable.objects.filter(is_default=False).delete()
        answer = api.ok(name, version, **right, **UNDECLARED)
        del answer["RequestId"]
    for (version, name), action in ACTIONS.items():
        for parameters in () if action.writes else spoiled(action, {"RegionId": REGION}, turns):
            api.call(name, version, **parameters)
    api.call(OBJECT)
    api.call("DescribeZones", OBJECT)
    # A hand-made body in which the key ends its own parameter.
    body = f'RegionId={REGION}&IkeConfig={{"Psk":"a&{MARK}"}}'
    send(v3(api.key.access_key_id, api.key.secret, "CreateVpnAttachment", body=body))
    assert ApiCall.objects.count() > 1000
    leaks = [
        f"{model._meta.label}.{field.name}: {value}"
        for model in apps.get_app_config("connections").get_models()
        for field in model._meta.concrete_fields
        for value in model._base_manager.values_list(field.name, flat=True)
        if "arked" in str(value)
    ]
    assert leaks == []
    client = Client()
    client.force_login(alice)
    page = client.get("/api/").content.decode()
    assert "CreateVpnAttachment" in page
    assert "arked" not in page
    assert "arked" not in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "parameters",
    [
        {"IkeConfig": '{"Psk ": "x"}'},
        {"IkeConfig": '{"Psk": "x", "PreSharedKey": "y"}'},
        {"IkeConfig": '{"Psk": "x", "psk": "y"}'},
        {"IkeConfig": '{"Psk": "x", "Psk": "y"}'},
        {"IkeConfig": '\ufeff{"Psk": "x"}'},
        {"IkeConfig": '[{"Psk": "x"}]'},
        {"IkeConfig.Psk": "x"},
        {"IkeConfig.1.Psk": "x"},
        {"Tags": '[{"Key": "env", "value": "prod"}]'},
        {"Tags": '["env"]'},
        {"Tags.1": "env"},
        {"Tags.1.Key": "env", "Tags.1.value": "prod"},
    ],
    ids=str,
)
def test_an_object_that_is_not_as_declared_is_refused(api, alice, parameters):
    """Otherwise the connection would silently get another key than intended."""
    gateway = factories.make_customer_gateway(alice.account)
    sent = {"RegionId": REGION, "CustomerGatewayId": gateway.resource_id, "LocalSubnet": "0.0.0.0/0",
              "RemoteSubnet": "0.0.0.0/0"}  # fmt: skip
    assert api.no("CreateVpnAttachment", **sent | parameters) == "InvalidParameter"
    assert not Connection.objects.exists()


@pytest.mark.django_db
def test_what_was_read_can_be_sent_back(api, alice):
    """Clients read a connection, change something and send its objects back unchanged, states included."""
    gateway = factories.make_customer_gateway(alice.account, auth_key="bgp-key")
    made = factories.make_connection(
        alice.account, gateway=gateway, enable_bgp=True, health_check=True, health_check_dip="192.168.0.1",
        health_check_sip="10.0.0.1", tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"},
    )  # fmt: skip
    where = {"RegionId": REGION, "VpnConnectionId": made.resource_id}
    read = api.ok("DescribeVpnConnection", **where)
    back = {
        "IkeConfig": read["IkeConfig"],
        "IpsecConfig": read["IpsecConfig"],
        "BgpConfig": read["VpnBgpConfig"],
        "HealthCheckConfig": read["VcoHealthCheck"],
    }
    assert back["BgpConfig"]["AuthKey"] == "bgp-key"
    api.ok("ModifyVpnAttachmentAttribute", **where, **{name: json.dumps(value) for name, value in back.items()})
    assert api.ok("DescribeVpnConnection", **where) | {"RequestId": "", "State": ""} == read | {
        "RequestId": "",
        "State": "",
    }
    assert "bgp-key" not in str(list(ApiCall.objects.values()))


@pytest.mark.django_db
def test_records_of_before_are_cleaned(alice):
    """After the migration, the records of older versions contain no keys and no text of strangers."""

    def keep(code="", operation="CreateVpnAttachment", version=VPC, message="", **parameters):
        ApiCall.objects.create(
            account=alice.account, access_key_id="k", request_id=ids.request_id(), operation=operation, status=400,
            version=version, code=code, message=message, parameters=parameters, milliseconds=1,
        )  # fmt: skip

    for text in (*SPELLINGS, MARK):
        keep(
            IkeConfig=text,
            RegionId=REGION,
            Name=text if text in SPELLINGS else "hq",
            **{text: "x", f"Tag.1.{text}": ""},
        )
        keep(IkeConfig=OBJECT, **{"TunnelOptionsSpecification.1.TunnelIkeConfig.Psk": text, "Tags": text})
        keep("InvalidAction.NotFound", operation=text, version=text[:16], message=f"There is no {text} here.")
        keep("SignatureDoesNotMatch", Name=MARK)
    migration = importlib.import_module("connections.migrations.0019_clean_records_of_requests")
    migration.clean(apps, SimpleNamespace(connection=database))
    kept = list(ApiCall.objects.order_by("id").values())
    assert "arked" not in str(kept)
    assert len(kept) == 3 * (len(SPELLINGS) + 1)
    assert kept[-3]["parameters"] == {"IkeConfig": "******", "RegionId": REGION, "Name": "hq", "******": "******"}
    assert kept[0]["operation"] == "CreateVpnAttachment"
