"""Form, list of changes and details of a connection with two tunnels."""

import re

import pytest
from crispy_forms.utils import render_crispy_form
from django.http import QueryDict
from django.urls import reverse

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
from vpnconsole.testing.pages import main_form

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
    assert (message.text, message.code) != ("", "")
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
    assert form.posted.get(f"{SECOND}customer_gateway") == gateways[0].resource_id


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


# --- the page ----------------------------------------------------------------------------------------------------


@pytest.fixture
def address():
    return reverse("connection-create", args=[factories.REGION])


def shape(answer) -> str:
    """How many tunnels a page has chosen."""
    return re.search(r'name="tunnels" value="(\d)"[^>]* checked', answer.content.decode())[1]


def test_a_link_opens_the_form_with_two_tunnels(console, address):
    assert shape(console.get(address)) == "1"
    assert shape(console.get(address, {"tunnels": "2"})) == "2"
    assert shape(console.get(address, {"tunnels": "3"})) == "1"
    # A link is not a choice.
    assert shape(console.get(address)) == "1"


def test_the_choice_is_kept_for_the_session_and_nothing_typed_is_lost(console, address, gateway):
    page = main_form(console.get(address).content.decode())
    typed = page | {
        "name": ["pair"],
        "health_check": ["on"],
        "health_check_dip": ["192.168.1.1"],
        "_action": ["update"],
    }
    two = main_form(console.post(address, typed | {"tunnels": ["2"]}).content.decode())
    assert (two["name"], two["health_check_dip"], two["health_check"]) == (["pair"], ["192.168.1.1"], ["on"])
    typed = two | {"tunnel2-psk": ["of-the-second"], "tunnel2-customer_gateway": [gateway.resource_id]}
    again = console.post(address, typed | {"tunnels": ["1"], "_action": ["update"]})
    one = main_form(again.content.decode())
    assert "Tunnel 2" not in again.content.decode()
    assert one["health_check_dip"] == ["192.168.1.1"]
    back = main_form(console.post(address, one | {"tunnels": ["2"], "_action": ["update"]}).content.decode())
    assert (back["tunnel2-psk"], back["tunnel2-customer_gateway"]) == (["of-the-second"], [gateway.resource_id])
    assert shape(console.get(address)) == "2"


@pytest.mark.parametrize("key", [{}, {"copy_key": ["on"]}], ids=["without the key", "with the key"])
def test_the_second_tunnel_is_filled_with_the_values_of_the_first(console, address, gateway, key):
    page = main_form(console.get(address, {"tunnels": "2"}).content.decode())
    first = {"psk": ["one"], "ike_enc_alg": ["aes256"], "customer_gateway": [gateway.resource_id]}
    typed = page | {f"{FIRST}{name}": value for name, value in first.items()}
    # Switched off, a switch is not sent.
    del typed[f"{FIRST}enable_dpd"]
    filled = main_form(console.post(address, typed | key | {"_action": ["copy"]}).content.decode())
    assert filled[f"{SECOND}ike_enc_alg"] == ["aes256"]
    assert filled[f"{SECOND}customer_gateway"] == [gateway.resource_id]
    assert f"{SECOND}enable_dpd" not in filled
    assert filled[f"{SECOND}psk"] == (["one"] if key else [""])


def test_each_field_says_to_which_tunnel_it_belongs(console, address):
    html = console.get(address, {"tunnels": "2"}).content.decode()
    labels = re.findall(r'<label class="field-label[^>]*for="id_tunnel2-[^>]*>(.*?)</label>', html)
    assert len(labels) > 12
    assert all('visually-hidden">Tunnel 2 (Backup): ' in label for label in labels)
    assert 'visually-hidden">Tunnel' not in console.get(address, {"tunnels": "1"}).content.decode()


def test_a_connection_with_two_tunnels_is_created_from_the_page(console, alice, address):
    gateways = [factories.make_customer_gateway(alice.account, ip_address=f"203.0.113.{last}") for last in (1, 2)]
    answer = console.post(address, typed(gateways, tunnels="2"))
    assert answer.status_code == 302, main_form(answer.content.decode())
    assert [tunnel.customer_gateway for tunnel in Connection.objects.get().tunnels.all()] == gateways


def test_a_copy_of_a_connection_has_as_many_tunnels_or_two(console, alice, address):
    one = factories.make_connection(alice.account, tunnel={"ike_enc_alg": "aes192"})
    assert shape(console.get(address, {"like": one.resource_id})) == "1"
    answer = console.get(address, {"like": one.resource_id, "tunnels": "2"})
    assert shape(answer) == "2"
    form = main_form(answer.content.decode())
    assert form[f"{FIRST}ike_enc_alg"] == form[f"{SECOND}ike_enc_alg"] == ["aes192"]


@pytest.fixture
def stored_pair(alice):
    gateways = [factories.make_customer_gateway(alice.account, ip_address=f"203.0.113.{last}") for last in (1, 2)]
    form = blank(alice.account, typed(gateways, tag_key="env", tag_value="prod"))
    made = create_connection(factories.make_actor(alice.account), form.draft)
    return Connection.objects.with_parts().get(pk=made.pk)


def test_one_tunnel_is_modified_alone(console, stored_pair):
    one, two = stored_pair.tunnels.all()
    arguments = [factories.REGION, stored_pair.resource_id, two.resource_id]
    page = console.get(reverse("tunnel-modify", args=arguments)).content.decode()
    form = main_form(page)
    assert not [name for name in form if name.startswith(FIRST)]
    assert not {"name", "tag_key", "enable_bgp", "tunnels"} & form.keys()
    assert (one.internet_ip in page, two.internet_ip in page) == (False, True)
    changed = form | {f"{SECOND}ike_enc_alg": ["aes192"], "name": ["forged"], f"{FIRST}ike_enc_alg": ["3des"]}
    fields = reverse("tunnel-modify-fields", args=[*arguments, f"{SECOND}ike_enc_alg"])
    assert "aes192" in console.post(fields, changed, headers={"HX-Request": "true"}).content.decode()
    assert console.post(reverse("tunnel-modify", args=arguments), changed).status_code == 302
    now = Connection.objects.with_parts().get(pk=stored_pair.pk)
    assert [tunnel.ike_enc_alg for tunnel in now.tunnels.all()] == ["aes256", "aes192"]
    assert (now.name, [tag.key for tag in now.tags.all()]) == ("pair", ["env"])


@pytest.mark.parametrize(
    "changed",
    [
        {"enable_bgp": "on", "local_asn": "45104"}
        | {f"{FIRST}tunnel_cidr": "169.254.10.0/30", f"{FIRST}local_bgp_ip": "169.254.10.1"}
        | {f"{SECOND}tunnel_cidr": "169.254.11.0/30", f"{SECOND}local_bgp_ip": "169.254.11.1"},
        {"routing_mode": "protected", "local_subnet": "10.0.0.0/16", "remote_subnet": "192.168.0.0/16"},
    ],
    ids=["bgp", "networks"],
)
def test_a_changed_field_of_one_tunnel_is_answered_whatever_the_connection_has(console, alice, changed):
    """Rules that compare a tunnel with its connection look at the tunnel of the form alone."""
    gateways = [
        factories.make_customer_gateway(alice.account, ip_address=f"203.0.113.{last}", asn=65000 + last)
        for last in (1, 2)
    ]
    made = create_connection(
        factories.make_actor(alice.account), blank(alice.account, typed(gateways, **changed)).draft
    )
    for tunnel, prefix in zip(made.tunnels.all(), (FIRST, SECOND), strict=True):
        arguments = [factories.REGION, made.resource_id, tunnel.resource_id]
        form = main_form(console.get(reverse("tunnel-modify", args=arguments)).content.decode())
        fields = reverse("tunnel-modify-fields", args=[*arguments, f"{prefix}ike_pfs"])
        answer = console.post(fields, form | {f"{prefix}ike_pfs": ["group2"]}, headers={"HX-Request": "true"})
        assert "group2" in answer.content.decode()


def test_an_only_tunnel_is_modified_with_its_connection(console, alice):
    connection = factories.make_connection(alice.account)
    arguments = [factories.REGION, connection.resource_id, connection.tunnel.resource_id]
    form = main_form(console.get(reverse("tunnel-modify", args=arguments)).content.decode())
    assert console.post(reverse("tunnel-modify", args=arguments), form | {"name": ["other"]}).status_code == 302
    assert Connection.objects.get().name == "other"
    assert console.get(reverse("tunnel-modify", args=[*arguments[:2], "tun-unknown"])).status_code == 404


def test_the_number_of_tunnels_cannot_be_forged(console, stored_pair):
    address = reverse("connection-modify", args=[factories.REGION, stored_pair.resource_id])
    form = main_form(console.get(address).content.decode())
    assert console.post(address, form | {"tunnels": ["1"], f"{SECOND}ike_enc_alg": ["aes192"]}).status_code == 302
    assert Connection.objects.get().tunnels.get(index=2).ike_enc_alg == "aes192"


def test_each_tunnel_shows_its_own_key(console, stored_pair):
    address = reverse("connection-psk", args=[factories.REGION, stored_pair.resource_id])
    one, two = (tunnel.psk for tunnel in stored_pair.tunnels.all())
    answer = console.get(address, {"tunnel": "2"}, headers={"HX-Request": "true"}).content.decode()
    assert (two in answer, one in answer, 'id="psk-2"' in answer) == (True, False, True)
    assert one in console.get(address).content.decode()
    details = console.get(stored_pair.get_absolute_url()).content.decode()
    assert f'{address}?tunnel=2"' in details


def test_the_peer_configuration_is_for_one_device_or_for_two(console, alice, stored_pair):
    address = reverse("connection-peer-config", args=[factories.REGION, stored_pair.resource_id])
    one, two = stored_pair.tunnels.all()

    def printed(**asked):
        page = console.get(address, {"format": "swanctl"} | asked).content.decode()
        return [tunnel.internet_ip in page.split('id="peer-config"')[1] for tunnel in (one, two)]

    # Two customer gateways are two devices.
    assert printed() == [True, False]
    assert printed(tunnel="2") == [False, True]
    assert printed(tunnel="0") == [True, True]
    assert printed(tunnel="3") == [True, False]
    two.customer_gateway = one.customer_gateway
    two.save()
    assert printed() == [True, True]
    download = reverse("connection-peer-config-download", args=[factories.REGION, stored_pair.resource_id])
    name = f"{stored_pair.resource_id}-2.swanctl.conf"
    answer = console.post(download, {"format": "swanctl", "file": name, "tunnel": "0"})
    assert two.internet_ip in answer.content.decode()


def test_a_pair_is_attached_without_a_zone(console, alice, stored_pair, router):
    single = factories.make_connection(alice.account)
    address = reverse("attachment-create", args=[router.cen.resource_id, router.resource_id])
    form = main_form(console.get(address).content.decode())
    refused = console.post(address, form | {"connection": [single.resource_id], "zone": [""]})
    assert refused.context["form"].errors.keys() == {"zone"}
    assert console.post(address, form | {"connection": [stored_pair.resource_id], "zone": [""]}).status_code == 302
    assert Connection.objects.get(pk=stored_pair.pk).attachment.zone == ""
