"""The overview: what is up, what needs attention and what to do, the picture, events, a new account's way."""

import re
from functools import partial
from html import unescape

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from connections.console import event_sentences
from connections.console.overview import MOST_EVENTS, MOST_ITEMS
from connections.domain.choices import Outcome, Role
from connections.domain.refusals import Refused
from connections.models import Authorization, Event
from connections.services.customer_gateways import delete_customer_gateway
from connections.services.devices import load_configuration
from connections.services.members import set_active
from connections.wire.operations import Operation
from tests.console.conftest import htmx, signed_in
from tests.console.sites import do, load
from vpnconsole.testing import factories


def body(client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode().partition('id="main"')[2].partition("<footer")[0]


def words(html: str) -> str:
    return " ".join(unescape(strip_tags(html.replace("<t", " <t"))).split())


@pytest.fixture
def settled(settings, clock):
    settings.TRANSITION_SECONDS = 0
    return clock


@pytest.fixture
def sites(settled, alice, gateway, router):
    """A connection that is up, one whose keys differ, one that is not attached, and one of which one tunnel is up."""
    make = partial(factories.make_connection, alice.account, gateway=gateway, router=router)
    up, failing = make(name="up"), make(name="failing")
    dual = factories.make_dual(alice.account, gateways=(gateway, gateway), router=router, name="dual")
    lonely = factories.make_connection(alice.account, gateway=gateway, name="lonely")
    for connection in (up, dual):
        load_configuration(factories.make_actor(alice.account), connection.tunnels.first())
    load(failing, psk="another-key-1")
    settled.tick(600)
    return {"up": up, "failing": failing, "dual": dual, "lonely": lonely}


def test_everything_in_one_place(console, alice, sites, router):
    html = body(console)
    text = words(html)
    assert "2 of 5 tunnels up" in text
    assert "Germany (Frankfurt) 4 2 / 5 1" in text
    assert "failing Germany (Frankfurt) The pre-shared keys of the two sides differ. since" in text
    assert f'href="{sites["failing"].get_absolute_url()}diagnosis/"' in html
    assert "lonely Germany (Frankfurt) Isn't attached to a transit router. Attach lonely" in text
    assert f'href="{sites["lonely"].get_absolute_url()}attach/"' in html
    second = sites["dual"].tunnels.last()
    assert "dual · Tunnel 2 (Backup) Germany (Frankfurt) The device isn't configured yet." in text
    assert f'href="{sites["dual"].get_absolute_url()}tunnels/{second.resource_id}/device/"' in html
    assert "hamburg to up: Phase 2 Negotiation Succeeded. Attached to" in text
    assert "hamburg to lonely: Phase 1 Negotiation Failed. Not attached to a transit router." in text
    assert "Get started" not in text


def test_who_only_looks_gets_no_buttons_that_change_something(alice, sites):
    html = body(signed_in(factories.make_user(alice.account, "rita", role=Role.READ_ONLY)))
    assert "The device isn't configured yet." in words(html)
    for address in ("attach/", "/device/"):
        assert address not in html
    assert "diagnosis/" in html


def test_another_region_counts(console, alice, sites):
    elsewhere = factories.make_customer_gateway(alice.account, region_id="cn-hangzhou", name="ningbo")
    factories.make_connection(alice.account, gateway=elsewhere, name="far")
    text = words(body(console))
    assert "2 of 6 tunnels up" in text
    assert "China (Hangzhou) 1 0 / 1 1" in text
    assert "far China (Hangzhou) Isn't attached" in text


def test_what_another_account_offers_waits_by_its_id_alone(settled, bobs, bob, alice, gateway):
    made = factories.make_connection(alice.account, gateway=gateway, name="alices-own-name")
    router = factories.make_transit_router(bob.account)
    Authorization(connection=made, peer_uid=bob.account.uid, peer_cen_id=router.cen.resource_id).save()
    html = body(bobs)
    assert f"Account {alice.account.uid} lets you attach this connection to" in words(html)
    assert f'href="{router.attach_url}?owner_uid={alice.account.uid}&amp;connection={made.resource_id}"' in html
    assert "alices-own-name" not in html


def test_a_new_account_is_led_to_its_first_tunnel(settled, console, alice):
    def done():
        html = body(console)
        marks = re.findall(r'data-testid="start-(\w+)"( class="start-done")?', html)
        go = re.search(r'class="btn btn-small btn-primary" href="([^"]+)"', html)
        return [bool(mark) for _key, mark in marks], go and go[1]

    assert done() == ([False] * 4, "/eu-central-1/customer-gateways/create/")
    gateway = factories.make_customer_gateway(alice.account)
    assert done() == ([True, False, False, False], "/cens/create/")
    cen = factories.make_cen(alice.account)
    assert done() == ([True, False, False, False], f"/cens/{cen.resource_id}/transit-routers/create/")
    router = factories.make_transit_router(alice.account, cen=cen)
    assert done() == ([True, True, False, False], "/eu-central-1/connections/create/")
    made = factories.make_connection(alice.account, gateway=gateway, router=router)
    device = f"{made.get_absolute_url()}tunnels/{made.tunnel.resource_id}/device/"
    assert done() == ([True, True, True, False], device)
    do(made, "load_configuration")
    assert done() == ([], None)


def test_an_unchanged_overview_is_not_sent_again(console, alice, gateway, sites, settings):
    def poll():
        address = re.search(r'id="overview" hx-get="([^"]+)"', html)[1]
        return console.get(address, headers=htmx("/"))

    html = body(console)
    assert poll().status_code == 204
    do(sites["up"], "set_line", up=False)
    answer = poll()
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "<html" not in html
    assert poll().status_code == 204
    # If a change is due, the page contains the time of its next poll.
    settings.TRANSITION_SECONDS = 5
    factories.make_connection(alice.account, gateway=gateway)
    html = poll().content.decode()
    assert "load delay:2s" in html
    assert poll().status_code == 200


def test_the_number_of_queries_does_not_grow(console, alice, gateway, router, sites, without_demo):
    def queries():
        with CaptureQueriesContext(database) as captured:
            body(console)
        return len(captured)

    few = queries()
    for number in range(MOST_ITEMS + 8):
        factories.make_connection(alice.account, gateway=gateway, router=number % 2 and router, name=f"site-{number}")
    assert queries() <= few <= 20
    html = body(console)
    assert html.count('class="map-path"') == 12
    assert "and 8 more connections" in html
    assert html.count('class="attention-text"') == MOST_ITEMS
    assert "There is more." in html


def test_every_operation_of_events_has_a_sentence():
    """Of those that change something."""
    reading = ("Check", "Describe", "List", "Diagnose")
    changing = {operation for operation in Operation if not operation.startswith(reading)}
    assert changing <= set(event_sentences.SENTENCES)


def test_events_are_told_in_sentences_with_links(console, alice, gateway, sites):
    spare = factories.make_customer_gateway(alice.account, name="spare <b>")
    actor = factories.make_actor(alice.account)
    with pytest.raises(Refused):
        delete_customer_gateway(actor, gateway)
    delete_customer_gateway(factories.make_actor(alice.account), spare)
    omar = factories.make_user(alice.account, "omar", role=Role.OPERATOR, first_name="Omar", last_name="Haddad")
    set_active(factories.make_actor(alice.account), omar, active=False)
    html = body(console)
    assert html.count('data-testid="sentence-') == MOST_EVENTS
    told = event_sentences.sentences(alice.account, Event.objects.of(alice.account).order_by("-id"))
    texts = [one.text.removeprefix("Alice Berger ") for one in told]
    assert texts[0] == "disabled member Omar Haddad"
    assert texts[1] == "deleted customer gateway spare <b>"
    assert told[2].text.endswith("about hamburg was refused")
    assert told[2].reason
    assert f'<a data-testid="event-{told[2].event.request_id}-what" href="{gateway.get_absolute_url()}">' in html
    assert "loaded the configuration onto the device of failing" in texts
    assert any(text.startswith("changed Pre-Shared Key on the device of failing") for text in texts)


def test_another_accounts_event_names_nobody(alice, bob):
    event = Event(
        account=bob.account, actor="bob", operation=Operation.CREATE_TRANSIT_ROUTER_VPN_ATTACHMENT,
        resource_id="tr-attach-1", related_id="vco-1", outcome=Outcome.SUCCESS, facts={"owner": "secret"},
    )  # fmt: skip
    [told] = event_sentences.sentences(alice.account, [event])
    assert told.text == "Another account attached vco-1 to a transit router"
