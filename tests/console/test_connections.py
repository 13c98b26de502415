"""The pages of connections: wiring of forms and services."""

import re

import pytest
from django.urls import reverse

from connections import ids
from connections.domain.applicability import APPLIES_WHEN, DECIDERS
from connections.domain.sections import SECTIONS
from connections.models import Connection, Event
from tests.console.conftest import htmx
from vpnconsole.testing import factories

CREATE = reverse("connection-create", args=[factories.REGION])


def asked(name: str) -> str:
    return reverse("connection-fields", args=[factories.REGION, name])


@pytest.fixture
def minimal(gateway) -> dict:
    """Posted data of a form in which only a customer gateway was chosen."""
    return {
        "associate_resource": "NO_ASSOCIATED",
        "network_type": "public",
        "routing_mode": "destination",
        "effect_immediately": "True",
        "tunnel1-customer_gateway": gateway.resource_id,
        "tunnel1-ike_version": "ikev2",
        "tunnel1-ike_mode": "main",
        "tunnel1-ike_enc_alg": "aes",
        "tunnel1-ike_auth_alg": "sha1",
        "tunnel1-ike_pfs": "group2",
        "tunnel1-ike_lifetime": "86400",
        "tunnel1-ipsec_enc_alg": "aes",
        "tunnel1-ipsec_auth_alg": "sha1",
        "tunnel1-ipsec_pfs": "group2",
        "tunnel1-ipsec_lifetime": "86400",
        "tunnel1-enable_dpd": "on",
        "tunnel1-enable_nat_traversal": "on",
        "tag_key": "",
        "tag_value": "",
    }


def slots(answer) -> list[str]:
    """Fields whose messages a response replaces."""
    return re.findall(r'<div id="id_([\w-]+)_error"', answer.content.decode())


def test_the_page_has_every_field_under_its_section(console):
    text = console.get(CREATE).content.decode()
    for section in SECTIONS:
        if section.decider is None:
            assert f">{section.title}</h2>" in text
    assert "Pre-Shared Key" in text


def test_create_redirects_to_the_details_with_a_message(console, minimal):
    answer = console.post(CREATE, minimal, follow=True)
    made = Connection.objects.get()
    assert answer.redirect_chain == [(made.get_absolute_url(), 302)]
    assert made.tunnel.enable_dpd
    assert re.fullmatch(r"[a-z0-9]{16}", made.tunnel.psk)
    text = answer.content.decode()
    assert f'href="{made.get_absolute_url()}">' in text
    assert "Next steps" in text
    assert 'data-testid="message-1" data-operation="CreateVpnAttachment"' in re.sub(r' (class|role)="[^"]*"', "", text)
    assert [event.operation for event in Event.objects.filter(resource_id=made.resource_id)] == ["CreateVpnAttachment"]


def test_the_page_generates_keys_of_the_same_shape_as_the_system(console):
    """[P51]"""
    text = console.get(CREATE).content.decode()
    assert f'data-generate="{ids.ALPHABET}"' in text
    assert 'data-generate-length="16"' in text


def test_a_refused_create_writes_nothing_and_keeps_the_key(console, minimal):
    answer = console.post(CREATE, {**minimal, "tunnel1-psk": " lead", "name": "http://x"})
    assert answer.status_code == 200
    assert not Connection.objects.exists()
    text = answer.content.decode()
    assert 'value=" lead"' in text
    assert answer.context["form"].error_summary[0].label == "Basic configurations: Name"
    note = r'data-testid="notes-([^"]+)"[^>]*><div class="invalid-feedback" data-code="([^"]+)"'
    assert dict(re.findall(note, text)) == {"name": "url_prefix", "tunnel1-psk": "space"}


def test_a_busy_router_is_said_above_the_form(console, minimal, router, settings):
    settings.TRANSITION_SECONDS = 60
    from connections.models import TransitRouter

    busy = TransitRouter.objects.get(pk=router.pk)
    busy.begin("Creating")
    busy.save()
    answer = console.post(
        CREATE,
        {
            **minimal,
            "associate_resource": "CEN",
            "cen": router.cen.resource_id,
            "transit_router": router.resource_id,
            "zone": "eu-central-1a",
        },
    )
    assert re.search(r'<li data-code="configuring">[^<]*is busy: Creating', answer.content.decode())
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("decider", "value", "shown"),
    [
        ("associate_resource", "CEN", {"cen", "transit_router", "zone", "auto_publish_route_enabled"}),
        ("routing_mode", "protected", {"local_subnet", "remote_subnet"}),
        ("enable_bgp", "on", {"local_asn", "tunnel1-tunnel_cidr", "tunnel1-local_bgp_ip"}),
        ("health_check", "on", {"health_check_dip", "health_check_policy"}),
    ],
)
def test_an_answer_holds_the_groups_that_the_field_decides(console, minimal, decider, value, shown):
    text = console.post(asked(decider), {**minimal, decider: value}, headers=htmx(CREATE)).content.decode()
    for name in shown:
        assert f'id="div_id_{name}"' in text
    off = console.post(asked(decider), {name: v for name, v in minimal.items() if name != decider}).content.decode()
    for name in shown:
        assert f'id="div_id_{name}"' not in off
    # Fields that the user has not reached show no errors.
    assert "invalid-feedback" not in text


def test_every_decider_has_an_answer(console, minimal):
    for decider in DECIDERS:
        text = console.post(asked(decider), minimal).content.decode()
        assert text.count("hx-swap-oob") >= 2, decider
        hidden = [name for name, (owner, _) in APPLIES_WHEN.items() if owner == decider]
        assert all(re.search(rf'name="(tunnel1-)?{name}"', text) or name in ("local_subnet", "remote_subnet")
                   for name in hidden), decider  # fmt: skip


def test_what_was_typed_wins_over_what_is_offered(console, minimal):
    data = {**minimal, "enable_bgp": "on", "tunnel1-tunnel_cidr": "169.254.77.0/30"}
    text = console.post(asked("enable_bgp"), data).content.decode()
    assert 'value="169.254.77.0/30"' in text
    # The proposed address is in the block that was typed.
    assert 'value="169.254.77.1"' in text


def test_the_next_free_block_is_offered(console, minimal, alice, gateway):
    factories.make_connection(
        alice.account,
        gateway=gateway,
        enable_bgp=True,
        tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"},
    )
    text = console.post(asked("enable_bgp"), {**minimal, "enable_bgp": "on"}).content.decode()
    assert 'value="169.254.10.4/30"' in text
    assert 'value="169.254.10.5"' in text


def test_a_cen_without_a_router_here_says_so(console, minimal, alice):
    elsewhere = factories.make_transit_router(alice.account, region_id="cn-hangzhou")
    data = {**minimal, "associate_resource": "CEN", "cen": elsewhere.cen.resource_id}
    text = console.post(asked("cen"), data).content.decode()
    assert "has no transit router in Germany (Frankfurt)" in text
    assert elsewhere.resource_id not in text


def test_the_resource_group_narrows_the_cens(console, minimal, alice):
    other = alice.account.resource_groups.get(is_default=False)
    inside = factories.make_cen(alice.account, name="inside", resource_group=other)
    outside = factories.make_cen(alice.account, name="outside")
    data = {**minimal, "associate_resource": "CEN", "resource_group": other.resource_id}
    text = console.post(asked("resource_group"), data).content.decode()
    assert inside.resource_id in text
    assert outside.resource_id not in text


def test_only_the_field_that_was_left_is_judged(console, minimal):
    data = {**minimal, "name": "http://x", "tunnel1-psk": "a b"}
    answer = console.post(asked("tunnel1-psk"), data)
    text = answer.content.decode()
    assert "Spaces are not allowed" in text
    assert "Must not start" not in text
    assert "tunnel1-psk" in slots(answer)
    # Fields that show a message are validated too.
    again = console.post(asked("tunnel1-psk"), {**data, "tunnel1-psk": "ab", "_shown": ["name"]})
    assert "Must not start" in again.content.decode()


def test_an_unknown_field_is_not_found(console, minimal):
    assert console.post(asked("password"), minimal).status_code == 404
    assert console.get(asked("name")).status_code == 405


def test_secrets_stay_out_of_addresses_and_caches(console, minimal):
    assert "no-store" in console.post(asked("name"), minimal).headers["Cache-Control"]
    assert "no-store" in console.get(CREATE).headers["Cache-Control"]


def test_without_javascript_rows_and_groups_come_by_a_button(console, minimal):
    data = {**minimal, "routing_mode": "protected", "local_subnet": ["10.0.0.0/8"], "_action": "add:local_subnet"}
    text = console.post(CREATE, data).content.decode()
    assert text.count('name="local_subnet"') == 3  # two rows and the template of a row
    assert 'value="10.0.0.0/8"' in text
    assert "invalid-feedback" not in text
    data |= {"local_subnet": ["10.0.0.0/8", "10.1.0.0/16"], "_action": "remove:local_subnet:0"}
    text = console.post(CREATE, data).content.decode()
    assert 'value="10.1.0.0/16"' in text
    assert 'value="10.0.0.0/8"' not in text
    text = console.post(CREATE, {**minimal, "enable_bgp": "on", "_action": "update"}).content.decode()
    assert 'id="div_id_local_asn"' in text
    assert not Connection.objects.exists()


def test_the_key_is_sent_on_demand_only(console, alice, gateway):
    made = factories.make_connection(alice.account, gateway=gateway, tunnel={"psk": "very-s3cret"})
    base = made.get_absolute_url()
    for address in (base, f"{base}routes/", f"{base}tags/", "/eu-central-1/connections/"):
        assert b"very-s3cret" not in console.get(address).content
    answer = console.get(f"{base}psk/", headers=htmx())
    assert b"very-s3cret" in answer.content
    assert b"<html" not in answer.content
    assert "no-store" in answer.headers["Cache-Control"]
    # Without scripts it is a page with a link back.
    answer = console.get(f"{base}psk/")
    assert "very-s3cret" in answer.content.decode()
    assert f'href="{base}"' in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


def test_every_tab_has_a_title_of_its_own(console, alice, gateway, router):
    connection = factories.make_connection(alice.account, gateway=gateway, name="north")
    for page, tabs, plain in ((connection, 10, "north"), (router, 4, str(router))):
        html = console.get(page.get_absolute_url()).content.decode()
        links = re.findall(r'data-testid="tab-[a-z]+" href="([^"]+)"', html)
        titles = {re.search("<title>(.*)</title>", console.get(link).content.decode())[1] for link in links}
        assert len(titles) == len(links) == tabs
        assert f"{plain} · VPN Console" in titles


def test_details_follow_what_applies(console, alice, gateway, router):
    plain = factories.make_connection(alice.account, gateway=gateway)
    text = console.get(plain.get_absolute_url()).content.decode()
    assert "BGP Configuration</h2>" not in text
    assert f'{plain.get_absolute_url()}modify/#div_id_enable_bgp">Turn on' in text
    assert "Advanced configurations" not in text
    assert "(default: gateway IP)" in text
    full = factories.make_connection(
        alice.account, gateway=gateway, router=router, network_type="private", local_asn=8061384, enable_bgp=True,
        tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.2", "local_id": "a.example.com"},
    )  # fmt: skip
    text = console.get(full.get_absolute_url()).content.decode()
    for wanted in (
        "10.200.0.1",
        "8061384 (123.456)",
        "169.254.10.1",
        "a.example.com",
        "Advanced configurations",
        "65010",
    ):
        assert wanted in text


def test_what_is_typed_is_shown_as_text(console, alice, gateway):
    made = factories.make_connection(
        alice.account, gateway=gateway, name="<script>alert(1)</script>", tags=[("<b>", "&")]
    )
    for address in ("/eu-central-1/connections/", made.get_absolute_url(), f"{made.get_absolute_url()}tags/"):
        text = console.get(address).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    answer = console.post(
        CREATE,
        {"tunnel1-customer_gateway": gateway.resource_id, "name": "<i>x</i>", "network_type": "public"},
    )
    assert "<i>x</i>" not in answer.content.decode()


def test_the_form_takes_few_queries(console, minimal, router, django_assert_num_queries, without_demo):
    bound = minimal | {
        "associate_resource": "CEN",
        "cen": router.cen.resource_id,
        "transit_router": router.resource_id,
        "zone": "eu-central-1a",
        "tunnel1-psk": "has a space",
    }
    console.get(CREATE)
    with django_assert_num_queries(5):
        console.get(CREATE)
    with django_assert_num_queries(11):
        assert console.post(CREATE, bound).status_code == 200
    with django_assert_num_queries(4):
        console.post(asked("enable_bgp"), minimal | {"enable_bgp": "on"}, headers=htmx())
