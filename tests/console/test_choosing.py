"""Very many customer gateways and CEN instances: controls offer the first few, a search brings the others."""

import re

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connections.console import choosing, tables
from connections.models import CustomerGateway
from tests import factories
from tests.console.conftest import HTMX

CREATE = f"/{factories.REGION}/connections/create/"
LIST = f"/{factories.REGION}/connections/"
CHOICES = f"/{factories.REGION}/choices/"


@pytest.fixture
def many(alice, monkeypatch):
    """Seven of each where five are offered."""
    for module in (choosing, tables):
        monkeypatch.setattr(module, "MOST", 5)
    account = alice.account
    gateways = [
        factories.make_customer_gateway(account, name=f"gateway-{n}", ip_address=f"203.0.113.{n + 1}") for n in range(7)
    ]
    return gateways, [factories.make_cen(account, name=f"cen-{n}") for n in range(7)]


def options(text, name) -> list[str]:
    """The options of a select, or of a fragment of options where it is the whole."""
    found = re.search(rf'<select[^>]*name="{name}".*?</select>', text, re.S)
    return [value for value in re.findall(r'<option[^>]* value="([^"]+)"', found[0] if found else text) if value]


def test_the_form_offers_the_first_few_and_a_search(console, many):
    text = console.get(CREATE).content.decode()
    assert len(options(text, "tunnel1-customer_gateway")) == 5
    assert 'name="tunnel1-customer_gateway-q"' in text
    assert f'hx-get="{CHOICES}customer-gateways/?field=tunnel1-customer_gateway"' in text


def test_few_need_no_search(console, gateway):
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
    text = console.get(LIST).content.decode()
    assert re.search(r'<input[^>]*type="text" name="gateway"', text)
    assert f'hx-get="{CHOICES}customer-gateways/?list=gateway"' in text
    found = console.get(f"{CHOICES}customer-gateways/", {"list": "gateway", "gateway": "gateway-2"}).content.decode()
    assert options(found, "none") == [many[0][2].resource_id]
    factories.make_connection(alice.account, gateway=many[0][2], name="wanted")
    factories.make_connection(alice.account, gateway=many[0][3], name="other")
    answer = console.get(f"{LIST}?gateway={many[0][2].resource_id}")
    assert [row.name for row in answer.context["table"].page] == ["wanted"]


def test_many_cost_no_more_queries_than_few(console, alice, gateway, settings):
    settings.DEMO_MODE = False
    console.get(CREATE)
    few = _queries(console)
    for number in range(choosing.MOST + 5):
        CustomerGateway.objects.create(
            account=alice.account, region_id=factories.REGION, name=f"g{number}", ip_address="203.0.113.9",
            resource_group=alice.account.default_resource_group,
        )  # fmt: skip
    assert _queries(console) == few


def _queries(console) -> int:
    with CaptureQueriesContext(database) as asked:
        assert console.get(CREATE).status_code == 200
    return len(asked)
