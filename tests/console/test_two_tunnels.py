"""Form, list of changes and details of a connection with two tunnels, which no page offers yet."""

import re

import pytest
from crispy_forms.utils import render_crispy_form
from django.http import QueryDict

from connections.console import panels
from connections.console.forms.clone import form_like
from connections.console.forms.connections import ConnectionForm
from connections.console.forms.modification import ModificationForm
from connections.domain import sections
from connections.domain.applicability import SINGLE_ONLY
from connections.domain.regions import REGIONS
from connections.models import Connection, Event
from connections.services.connections import create_connection, modify_connection
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db

FIRST, SECOND = "tunnel1-", "tunnel2-"


@pytest.fixture
def account():
    return factories.make_account()


@pytest.fixture
def gateways(account):
    return [
        factories.make_customer_gateway(
            account, ip_address=f"203.0.113.{last}", asn=65000 + last, name=f"device {last}"
        )
        for last in (1, 2)
    ]


def blank(account, data=None, **more) -> ConnectionForm:
    return ConnectionForm(account, REGIONS[factories.REGION], data, tunnel_count=2, **more)


def typed(gateways, **changed) -> QueryDict:
    """Posted data of a form with two tunnels."""
    data = QueryDict(mutable=True)
    data.update({
        "name": "pair", "associate_resource": "NO_ASSOCIATED", "network_type": "public",
        "routing_mode": "destination", "effect_immediately": "True", "tag_key": "", "tag_value": "",
    })  # fmt: skip
    for prefix, gateway in zip((FIRST, SECOND), gateways, strict=True):
        own = {
            "customer_gateway": gateway.resource_id, "psk": f"key of {prefix}".replace(" ", "-"),
            "ike_version": "ikev2", "ike_mode": "main", "ike_enc_alg": "aes256", "ike_auth_alg": "sha256",
            "ike_pfs": "group14", "ike_lifetime": "86400", "ipsec_enc_alg": "aes256", "ipsec_auth_alg": "sha256",
            "ipsec_pfs": "group14", "ipsec_lifetime": "86400", "enable_dpd": "on", "enable_nat_traversal": "on",
        }  # fmt: skip
        data.update({prefix + name: value for name, value in own.items()})
    for name, value in changed.items():
        data[name] = value
    return data


@pytest.fixture
def pair(account, gateways):
    """A connection with two tunnels, stored from the form."""
    form = blank(account, typed(gateways))
    assert form.is_valid(), form.error_summary
    made = create_connection(factories.make_actor(account), form.draft)
    return Connection.objects.with_parts().get(pk=made.pk)


def drawn(form) -> str:
    return render_crispy_form(form)


def test_every_field_of_either_tunnel_is_drawn_once_under_its_own_name_and_anchor(account, gateways):
    form = blank(account)
    html = drawn(form)
    for name in sections.TUNNEL_FIELDS:
        for prefix in (FIRST, SECOND):
            field = f"{prefix}{name}"
            assert form[field].errors == []
            assert len(re.findall(rf' name="{field}"', html)) == 1, field
            assert len(re.findall(rf'id="id_{field}"', html)) <= 1, field
    for name in sections.CONNECTION_FIELDS:
        assert f"{FIRST}{name}" not in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    titles = re.findall(r"<h2[^>]*>\s*([^<]+?)\s*<", html)
    assert "Tunnel 2 (Backup)" in titles
    assert "Tunnel 2 (Backup): IKE Configurations" in titles


def test_the_single_form_stays_as_it_is(account):
    one = ConnectionForm(account, REGIONS[factories.REGION])
    assert one.sections == sections.SECTIONS
    # A form with two tunnels was drawn before, and must not affect this one.
    drawn(blank(account))
    assert SECOND not in drawn(one)


@pytest.mark.parametrize(
    ("field", "value"),
    [("psk", "has a space"), ("ike_lifetime", "86401"), ("local_id", "a b"), ("customer_gateway", "")],
)
def test_what_is_wrong_with_one_tunnel_is_said_at_its_field_alone(account, gateways, field, value):
    form = blank(account, typed(gateways, **{SECOND + field: value}))
    assert not form.is_valid()
    assert form[SECOND + field].errors
    assert not form[FIRST + field].errors
    ((anchor, label, message),) = form.error_summary
    assert anchor == f"id_{SECOND}{field}"
    assert label.startswith("Tunnel 2 (Backup)")
    assert message
    entries = {entry.key: entry.errors for entry in form.outline.entries}
    assert sum(entries.values()) == 1
    assert entries["tunnel2" if field in ("psk", "customer_gateway") else "tunnel2-ike"] == 1


def test_advice_stands_at_the_tunnel_that_it_is_about(account, gateways):
    form = blank(account, typed(gateways, **{f"{SECOND}ike_enc_alg": "3des"}))
    assert form[f"{SECOND}ike_enc_alg"].warnings
    assert not form[f"{FIRST}ike_enc_alg"].warnings


def test_advice_on_the_connection_is_given_once(account, gateways):
    data = typed(gateways, network_type="private")
    form = blank(account, data)
    said = form["network_type"].warnings + form[f"{FIRST}customer_gateway"].warnings
    assert len(said) == len(set(map(str, said)))


def test_a_switch_of_the_connection_brings_fields_of_both_tunnels_with_different_blocks(account, gateways):
    form = blank(account, typed(gateways, enable_bgp="on"))
    answer = form.answer("enable_bgp", [])
    shown = [name for group in answer["groups"] for name in group.names]
    assert {f"{FIRST}tunnel_cidr", f"{SECOND}tunnel_cidr", "local_asn"} <= set(shown)
    blocks = [form.posted[f"{prefix}tunnel_cidr"] for prefix in (FIRST, SECOND)]
    assert all(blocks)
    assert blocks[0] != blocks[1]


def test_both_are_saved_as_they_were_typed(pair, gateways):
    one, two = pair.tunnels.all()
    assert (one.index, two.index) == (1, 2)
    assert [one.customer_gateway, two.customer_gateway] == gateways
    assert (one.psk, two.psk) == ("key-of-tunnel1-", "key-of-tunnel2-")
    assert one.internet_ip != two.internet_ip


def test_details_tell_both_apart(pair):
    rows = {(panel.key, row.name): row for panel in panels.connection_panels(pair) for row in panel.rows}
    assert len({name for __, name in rows}) == len(rows)
    one, two = pair.tunnels.all()
    assert rows["tunnel1", "tunnel1-internet_ip"].value == one.internet_ip
    assert rows["tunnel2", "tunnel2-internet_ip"].value == two.internet_ip
    assert rows["tunnel2-ike", "tunnel2-remote_id"].value == two.peer_identity


def test_the_list_of_changes_and_the_event_name_the_tunnel(account, gateways, pair):
    data = typed(gateways, revision=str(pair.revision), **{f"{SECOND}ike_enc_alg": "aes192", f"{FIRST}psk": ""})
    data[f"{SECOND}psk"] = ""
    form = ModificationForm(pair, data)
    assert form.is_valid(), form.error_summary
    assert [row.label for row in form.change_rows] == ["Tunnel 2 (Backup): Encryption Algorithm"]
    modify_connection(factories.make_actor(account), form.draft, form.revision)
    event = Event.objects.get(operation="ModifyVpnAttachmentAttribute", outcome="success")
    assert event.facts == {"tunnel2.ike_enc_alg": ["aes256", "aes192"]}
    assert sections.field_of("tunnel2.ike_enc_alg") == ("ike_enc_alg", 2)
    assert panels.fact_rows(event)[0][0] == "Tunnel 2 (Backup): Encryption Algorithm"


def test_a_clone_has_both_tunnels_or_proposes_the_second(account, gateways, pair):
    form = form_like(pair, tunnel_count=2)
    for prefix, gateway in zip((FIRST, SECOND), gateways, strict=True):
        assert form.posted.get(f"{prefix}customer_gateway") == gateway.resource_id
        assert form.posted.get(f"{prefix}ike_enc_alg") == "aes256"
        assert not form.posted.get(f"{prefix}psk")
    single = factories.make_connection(account, gateway=gateways[0], tunnel={"ike_enc_alg": "aes192"})
    form = form_like(Connection.objects.with_parts().get(pk=single.pk), tunnel_count=2)
    assert form.posted.get(f"{FIRST}customer_gateway") == gateways[0].resource_id
    assert form.posted.get(f"{SECOND}ike_enc_alg") == "aes192"
    assert not form.posted.get(f"{SECOND}customer_gateway")


def test_advice_on_both_tunnels_stands_at_the_second(account, gateways):
    """[P179]"""
    same = {f"{SECOND}customer_gateway": gateways[0].resource_id}
    form = blank(account, typed(gateways, **same))
    assert [str(text) for text in form[f"{SECOND}psk"].warnings] == [
        "Both tunnels lead to one address of the device. Many devices have one key for each address."
    ]
    assert not blank(account, typed(gateways))[f"{SECOND}psk"].warnings


def test_no_section_of_two_tunnels_has_what_only_one_has():
    """[P172, P173]"""
    fields = {field for section in sections.layout(2) for field in section.fields}
    assert not fields & SINGLE_ONLY
    assert {field for section in sections.layout(1) for field in section.fields} >= SINGLE_ONLY


def test_of_two_people_each_changing_a_tunnel_neither_loses_anything(account, gateways, pair):
    actor = factories.make_actor(account)
    mine = typed(gateways, revision=str(pair.revision), **{f"{FIRST}ike_enc_alg": "aes192"})
    theirs = typed(gateways, revision=str(pair.revision), **{f"{SECOND}ike_enc_alg": "aes192"})
    for data in (mine, theirs):
        data[f"{FIRST}psk"] = data[f"{SECOND}psk"] = ""
    other = ModificationForm(pair, theirs)
    assert other.is_valid()
    modify_connection(actor, other.draft, other.revision)
    stale = ModificationForm(pair, mine)
    stale.stored = Connection.objects.with_parts().get(pk=pair.pk)
    form = stale.rebased(Event.objects.filter(operation="ModifyVpnAttachmentAttribute"), "changed meanwhile")
    assert (form.posted[f"{FIRST}ike_enc_alg"], form.posted[f"{SECOND}ike_enc_alg"]) == ("aes192", "aes192")
    assert form[f"{SECOND}ike_enc_alg"].warnings
    assert not form[f"{FIRST}ike_enc_alg"].warnings
