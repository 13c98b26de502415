"""Form and API are equivalent: they create the same connections and refuse the same values."""

import json

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connections.api import errors
from connections.domain import choices, sections
from connections.domain.problems import Problem
from connections.models import Connection
from connections.wire.names import wire_name
from tests.console.conftest import signed_in
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db
REGION = factories.REGION

networks = st.lists(st.sampled_from([f"10.{n}.0.0/16" for n in range(8)]), min_size=1, max_size=5, unique=True)
remote = st.lists(st.sampled_from([f"192.168.{n}.0/24" for n in range(8)]), min_size=1, max_size=5, unique=True)
KEYS = "~`!@#$%^&*()_-+={}[]\\|;:',.<>/?aZ9"
VALID = {
    "name": st.sampled_from(["", "hq", "机房 & <b>", "x" * 100]),
    "network_type": st.sampled_from(choices.NetworkType.values),
    "routing_mode": st.sampled_from(choices.RoutingMode.values),
    "local_subnet": networks,
    "remote_subnet": remote,
    "effect_immediately": st.booleans(),
    "psk": st.text(KEYS, min_size=1, max_size=100),
    "enable_bgp": st.booleans(),
    "local_asn": st.sampled_from(["45104", "64512", "123.456", "4294967295"]),
    "tunnel_cidr": st.sampled_from(["169.254.10.0/30", "169.254.255.252/30"]),
    # Which of the two host addresses of the block.
    "local_bgp_ip": st.sampled_from([1, 2]),
    "ike_version": st.just("ikev2"),
    "ike_mode": st.sampled_from(choices.IkeMode.values),
    "ike_enc_alg": st.sampled_from(choices.EncryptionAlgorithm.values),
    "ike_auth_alg": st.sampled_from(choices.AuthenticationAlgorithm.values),
    "ike_pfs": st.sampled_from(choices.DhGroup.values),
    "ike_lifetime": st.integers(0, 86400),
    "local_id": st.sampled_from(["", "10.0.0.1", "cloud.example.com"]),
    "remote_id": st.sampled_from(["", "192.168.0.1", "hq.example.com"]),
    "ipsec_enc_alg": st.sampled_from(choices.EncryptionAlgorithm.values),
    "ipsec_auth_alg": st.sampled_from(choices.AuthenticationAlgorithm.values),
    "ipsec_pfs": st.sampled_from(choices.PfsGroup.values),
    "ipsec_lifetime": st.integers(0, 86400),
    "enable_dpd": st.booleans(),
    "enable_nat_traversal": st.booleans(),
    "health_check": st.booleans(),
    "health_check_dip": st.just("192.168.0.1"),
    "health_check_sip": st.just("10.0.0.1"),
    "health_check_interval": st.integers(1, 10),
    "health_check_retry": st.integers(1, 10),
    "health_check_policy": st.sampled_from(choices.HealthCheckPolicy.values),
    "tags": st.dictionaries(st.sampled_from(["env", "site", "名"]), st.sampled_from(["", "prod", "v=1&2"])),
}
# Values that a rule refuses, or that another field's value may make invalid.
INVALID = {
    "name": ["http://hq", "x" * 101, " hq ", "  ", "hq\u200b"],
    "local_subnet": [
        ["10.0.0.1/16"],
        ["10.0.0.0/33"],
        ["10.0.0.0/16"] * 2,
        ["192.168.0.0/16"],
        ["0.0.0.0/0"],
        ["10.0.0.0/255.255.0.0"],
        ["10.0.0.0/16,172.16.0.0/12"],
        ["10.0.0.0/08"],
    ],
    "remote_subnet": [["100.64.0.0/16"], ["192.168.0.0/24", "nonsense"], [f"192.168.{n}.0/24" for n in range(6)]],
    "psk": ["with space", '"', "名", "x" * 101],
    "local_asn": ["4294967296"],
    "tunnel_cidr": ["169.254.0.0/30", "169.254.10.0/29", "10.0.0.0/30", "169.254.10.1/30", "nonsense"],
    "ike_version": ["ikev1"],
    "ike_lifetime": [86401],
    "ipsec_lifetime": [99999],
    "local_id": ["with space"],
    "remote_id": ["x" * 101, " hq.example.com ", "192.168.001.001"],
    "health_check_dip": ["", "nonsense", "10.0.0.1", " 192.168.0.1 ", "192.168.0.01"],
    "health_check_interval": [3601],
    "health_check_retry": [101],
    "tags": [
        {"aliyun": ""},
        {"x" * 65: ""},
        {"a": "http://x"},
        {" env ": " prod "},
        {"env\u2060": ""},
    ],
}


@st.composite
def connections(draw, wrong=False):
    values = {name: draw(strategy) for name, strategy in VALID.items()}
    if wrong:
        values |= {"enable_bgp": draw(st.booleans()), "health_check": draw(st.booleans())}
        for name in draw(st.lists(st.sampled_from(sorted(INVALID)), min_size=1, max_size=4, unique=True)):
            values[name] = draw(st.sampled_from(INVALID[name]))
    host = int(values["local_bgp_ip"])
    base = values["tunnel_cidr"].split("/")[0].rpartition(".")
    values["local_bgp_ip"] = f"{base[0]}.{int(base[2]) + host}" if base[2].isdecimal() else "169.254.10.1"
    return values


def posted(values: dict, gateway) -> dict:
    """The values as a browser sends them."""
    tunnel = {name for name in sections.TUNNEL_FIELDS}
    data = {"associate_resource": "NO_ASSOCIATED", "tunnel1-customer_gateway": gateway.resource_id}
    for name, value in values.items():
        html = f"tunnel1-{name}" if name in tunnel else name
        if name == "tags":
            data["tag_key"], data["tag_value"] = list(value), list(value.values())
        elif name == "health_check_policy":
            # Hidden inputs carry the switches of a section that is not shown.
            off = {} if values["health_check"] else {html: "False"}
            data |= {html: "on"} if value == choices.HealthCheckPolicy.REVOKE else off
        elif name == "effect_immediately":
            data[html] = str(value)
        elif isinstance(value, bool):
            data |= {html: "on"} if value else {}
        else:
            data[html] = value
    return data


def requested(values: dict, gateway) -> dict:
    """The values as an SDK sends them."""
    destination = values["routing_mode"] == "destination"
    subnets = ["0.0.0.0/0" if destination else ",".join(values[name]) for name in ("local_subnet", "remote_subnet")]
    spelled = {wire_name(name): value for name, value in values.items()}
    health = {"enable": str(values["health_check"]).lower(), "Policy": values["health_check_policy"]}
    health |= {name: values[f"health_check_{name}"] for name in ("dip", "sip", "interval", "retry")}

    def chosen(*names) -> str:
        return json.dumps({wire_name(name): values[name] for name in names})

    return {
        "RegionId": REGION,
        "CustomerGatewayId": gateway.resource_id,
        "LocalSubnet": subnets[0],
        "RemoteSubnet": subnets[1],
        **{name: spelled[name] for name in ("Name", "NetworkType", "EffectImmediately", "EnableDpd")},
        "EnableNatTraversal": values["enable_nat_traversal"],
        "IkeConfig": chosen("psk", *sections.IKE.fields),
        "IpsecConfig": chosen(*(name for name in sections.IPSEC.fields if name.startswith("ipsec_"))),
        "BgpConfig": chosen("enable_bgp", "local_asn", *sections.BGP.fields),
        "HealthCheckConfig": json.dumps(health),
        "Tags": [{"Key": key, "Value": value} for key, value in values["tags"].items()],
    }


def row_of(connection: Connection) -> dict:
    """Every column that a user can choose."""
    facts = {name: getattr(connection, name) for name in sections.CONNECTION_FIELDS}
    facts |= {name: getattr(connection.tunnel, name) for name in sections.TUNNEL_FIELDS}
    facts["tags"] = [(tag.key, tag.value) for tag in connection.tags.all()]
    facts["routes"] = [(route.destination, route.source) for route in connection.routes.all()]
    facts["group"] = connection.resource_group
    return facts


class Undo(Exception):
    """Roll back an attempt."""


def attempt(action):
    """The result of an action and the connection that it created, if any; the action is rolled back."""
    result = []
    try:
        with transaction.atomic():
            answer = action()
            made = Connection.objects.with_parts().first()
            result = [answer, row_of(made) if made else None]
            raise Undo
    except Undo:
        return result


PROPERTY = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@PROPERTY
@given(values=connections())
def test_the_same_connection_by_form_and_by_api(api, alice, gateway, values):
    console = signed_in(alice)
    page, by_form = attempt(lambda: console.post(reverse("connection-create", args=[REGION]), posted(values, gateway)))
    assert page.status_code == 302, problems_of(page)
    response, by_api = attempt(lambda: api.call("CreateVpnAttachment", **requested(values, gateway)))
    assert response.status_code == 200, response.data
    assert by_form is not None
    assert by_form == by_api


@PROPERTY
@given(values=connections(wrong=True))
def test_the_same_refusal_by_form_and_by_api(api, alice, gateway, values):
    console = signed_in(alice)
    page, by_form = attempt(lambda: console.post(reverse("connection-create", args=[REGION]), posted(values, gateway)))
    response, by_api = attempt(lambda: api.call("CreateVpnAttachment", **requested(values, gateway)))
    assert (page.status_code == 302) == (response.status_code == 200), (problems_of(page), response.data)
    assert by_form == by_api
    if page.status_code != 302:
        problems = problems_of(page)
        codes = {errors.of_problems([problem], is_cbn=False).code for problem in problems}
        assert response.data["Code"] in codes, problems
        for problem in problems:
            assert problem.message in response.data["Message"], problem


def problems_of(page) -> list[Problem]:
    """The problems that a page shows beside its fields."""
    if page.status_code == 302:
        return []
    return [
        Problem(name, error.code, " ".join(error.messages))
        for part in page.context["form"].parts
        for name, found in part.errors.as_data().items()
        for error in found
    ]


@pytest.fixture
def gateway(alice):
    return factories.make_customer_gateway(alice.account)
