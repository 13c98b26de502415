"""Controls with many options: they offer the first ones, and a search finds the others."""

import re

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connections.console import autocomplete, tables
from connections.models import Authorization, CustomerGateway
from connections.services.authorizations import authorize
from tests.console.conftest import HTMX
from vpnconsole.testing import factories

CREATE = f"/{factories.REGION}/connections/create/"
LIST = f"/{factories.REGION}/connections/"
CHOICES = f"/{factories.REGION}/choices/"


@pytest.fixture
def many(alice, monkeypatch):
    """Seven of each where five are offered."""
    for module in (autocomplete, tables):
        monkeypatch.setattr(module, "MAX_OPTIONS", 5)
    account = alice.account
    gateways = [
        factories.make_customer_gateway(account, name=f"gateway-{n}", ip_address=f"203.0.113.{n + 1}") for n in range(7)
    ]
    return gateways, [factories.make_cen(account, name=f"cen-{n}") for n in range(7)]


def options(text, name) -> list[str]:
    """The options of a select, or of a fragment with options only."""
    found = re.search(rf'<select[^>]*name="{name}".*?</select>', text, re.S)
    return [value for value in re.findall(r'<option[^>]* value="([^"]+)"', found[0] if found else text) if value]


def test_the_form_offers_the_first_few_and_a_search(console, many):
    text = console.get(CREATE).content.decode()
    assert len(options(text, "tunnel1-customer_gateway")) == 5
    assert 'name="tunnel1-customer_gateway-q"' in text
    assert f'hx-get="{CHOICES}customer-gateways/?field=tunnel1-customer_gateway"' in text


def test_few_need_no_search(console, alice, gateway):
    factories.make_connection(alice.account, gateway=gateway)
    assert "customer_gateway-q" not in console.get(CREATE).content.decode()
    assert re.search(r'<select[^>]*name="gateway"', console.get(LIST).content.decode())


def test_without_scripts_the_search_is_a_button(console, many):
    gateways, cens = many
    posted = {
        "_action": "update",
        "associate_resource": "CEN",
        "tunnel1-customer_gateway-q": "gateway-0",
        "cen-q": "cen-1",
    }
    text = console.post(CREATE, posted).content.decode()
    assert options(text, "tunnel1-customer_gateway") == [gateways[0].resource_id]
    assert options(text, "cen") == [cens[1].resource_id]
    assert 'value="gateway-0"' in text


def test_what_is_chosen_stays_among_the_options_and_is_accepted(console, many):
    oldest = many[0][0]
    text = console.post(CREATE, {"name": "hq", "tunnel1-customer_gateway": oldest.resource_id}).content.decode()
    assert options(text, "tunnel1-customer_gateway")[0] == oldest.resource_id
    assert f'value="{oldest.resource_id}" selected' in text
    assert "this is not in it" not in text


@pytest.mark.parametrize("text", ["gateway-3", "203.0.113.4", "ID"])
def test_options_by_fragments_of_id_name_and_address(console, many, text):
    gateway = many[0][3]
    text = gateway.resource_id[6:] if text == "ID" else text
    answer = console.get(f"{CHOICES}customer-gateways/", {"field": "g", "g-q": text}, headers=HTMX)
    assert options(answer.content.decode(), "none") == [gateway.resource_id]


def test_options_keep_the_choice_and_say_when_there_are_more(console, many):
    chosen = many[1][0].resource_id
    text = console.get(f"{CHOICES}cens/", {"field": "cen", "cen-q": "", "cen": chosen}).content.decode()
    assert options(text, "none")[0] == chosen
    assert len(options(text, "none")) == 6
    assert "There are more" in text
    assert "Nothing matches" in console.get(f"{CHOICES}cens/", {"field": "cen", "cen-q": "zz"}).content.decode()
    assert console.get(f"{CHOICES}passwords/").status_code == 404


def test_options_follow_the_resource_group(console, alice, many):
    group = alice.account.resource_groups.get(is_default=False)
    inside = factories.make_cen(alice.account, name="inside", resource_group=group)
    text = console.get(f"{CHOICES}cens/", {"field": "cen", "resource_group": group.resource_id}).content.decode()
    assert options(text, "none") == [inside.resource_id]


def test_the_list_is_filtered_by_typing_where_there_are_many(console, alice, many):
    factories.make_connection(alice.account)
    text = console.get(LIST).content.decode()
    assert re.search(r'<input[^>]*type="text" name="gateway"', text)
    assert f'hx-get="{CHOICES}customer-gateways/?list=gateway"' in text
    found = console.get(f"{CHOICES}customer-gateways/", {"list": "gateway", "gateway": "gateway-2"}).content.decode()
    assert options(found, "none") == [many[0][2].resource_id]
    factories.make_connection(alice.account, gateway=many[0][2], name="wanted")
    factories.make_connection(alice.account, gateway=many[0][3], name="other")
    answer = console.get(f"{LIST}?gateway={many[0][2].resource_id}")
    assert [row.name for row in answer.context["table"].page] == ["wanted"]


# --- connections to attach ---------------------------------------------------------------------------------------


@pytest.fixture
def free(alice, gateway, monkeypatch):
    """Seven unassociated connections where five are offered."""
    monkeypatch.setattr(autocomplete, "MAX_OPTIONS", 5)
    return [factories.make_connection(alice.account, gateway=gateway, name=f"site-{n}") for n in range(7)]


def attach(router) -> str:
    return reverse("attachment-create", args=[router.cen.resource_id, router.resource_id])


def test_attaching_offers_the_first_few_free_connections_and_a_search(console, free, router):
    text = console.get(attach(router)).content.decode()
    assert options(text, "connection") == [one.resource_id for one in free[:1:-1]]
    assert f'hx-get="{attach(router)}choices/?field=connection"' in text
    assert "[name=resource_owner], [name=owner_uid]" in text
    # Without scripts a button searches, and a text says that nothing matches.
    posted = {"_action": "update", "resource_owner": "current", "connection-q": "SITE-0"}
    assert options(console.post(attach(router), posted).content.decode(), "connection") == [free[0].resource_id]
    text = console.post(attach(router), posted | {"connection-q": "nowhere"}).content.decode()
    assert options(text, "connection") == []
    assert "Nothing matches" in text


def test_a_connection_beyond_the_first_few_is_searched_for_and_attached(console, free, router):
    wanted = free[0]
    for text in ("site-0", wanted.resource_id[6:], wanted.tunnels.get().internet_ip):
        found = console.get(f"{attach(router)}choices/", {"field": "connection", "connection-q": text}, headers=HTMX)
        assert options(found.content.decode(), "none") == [wanted.resource_id], text
    values = {"resource_owner": "current", "connection": wanted.resource_id, "zone": "eu-central-1a"}
    assert console.post(attach(router), values).status_code == 302
    assert wanted.resource_id not in console.get(f"{attach(router)}choices/?field=connection").content.decode()
    assert "this is not in it" in console.post(attach(router), values).content.decode()


def test_of_another_accounts_connections_the_authorized_ones_are_found_by_their_ids_alone(bobs, bob, alice, free):
    router = factories.make_transit_router(bob.account)
    for one in free[1:]:
        grant = Authorization(connection=one, peer_uid=bob.account.uid, peer_cen_id=router.cen.resource_id)
        authorize(factories.make_actor(alice.account), grant)
    asked = {"field": "connection", "resource_owner": "different", "owner_uid": alice.account.uid}
    text = bobs.get(f"{attach(router)}choices/", asked).content.decode()
    assert options(text, "none") == [one.resource_id for one in free[:1:-1]]
    assert "site-" not in text
    found = [
        options(bobs.get(f"{attach(router)}choices/", asked | {"connection-q": text}).content.decode(), "none")
        for text in (free[1].resource_id[4:], "site-1", free[0].resource_id, free[1].tunnels.get().internet_ip)
    ]
    assert found == [[free[1].resource_id], [], [], []]
    # Without the owner's UID: none.
    for less in ({"owner_uid": ""}, {"resource_owner": "current"}):
        assert options(bobs.get(f"{attach(router)}choices/", asked | less).content.decode(), "none") == []


def test_very_many_free_connections_cost_as_many_queries(console, alice, gateway, router, without_demo):
    made = [factories.make_connection(alice.account, gateway=gateway)]
    console.get(attach(router))
    few = _queries(console, attach(router))
    made += [factories.make_connection(alice.account, gateway=gateway) for _ in range(autocomplete.MAX_OPTIONS + 5)]
    assert _queries(console, attach(router)) == few
    assert len(options(console.get(attach(router)).content.decode(), "connection")) == autocomplete.MAX_OPTIONS


def test_many_cost_no_more_queries_than_few(console, alice, gateway, without_demo):
    console.get(CREATE)
    few = _queries(console)
    for number in range(autocomplete.MAX_OPTIONS + 5):
        CustomerGateway.objects.create(
            account=alice.account, region_id=factories.REGION, name=f"g{number}", ip_address="203.0.113.9",
            resource_group=alice.account.default_resource_group,
        )  # fmt: skip
    assert _queries(console) == few


def _queries(console, address=CREATE) -> int:
    with CaptureQueriesContext(database) as asked:
        assert console.get(address).status_code == 200
    return len(asked)
