"""Requests that are under way: the page says so, and nothing happens to those that nobody waits for any more."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from connections.models import Connection, CustomerGateway
from connections.services.connections import delete_connection
from tests.conftest import NOON
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"
IDLE = "html[data-idle]"


@pytest.fixture
def hold():
    """Hold back the answers to requests of a page whose address matches. Returns them as they come."""

    def held_of(page, pattern):
        held = []
        page.route(pattern, lambda route: held.append(route))
        return held

    return held_of


@pytest.fixture
def moving(alice, user, clock, settings):
    """Alice's list with a connection in transition."""
    settings.TRANSITION_SECONDS = 10
    factories.make_connection(user.account, gateway=CustomerGateway.objects.get(), name="north")
    return alice


def test_leaving_a_page_during_a_poll_is_no_error(moving, hold):
    held = hold(moving, re.compile(r"/row/"))
    with moving.expect_request(re.compile(r"/row/")):
        moving.goto(LIST)
    moving.get_by_test_id("nav-cens").click()
    expect(moving.get_by_role("heading", level=1)).to_have_text("CEN Instances")
    assert len(held) == 1


def test_a_table_that_is_replaced_during_a_poll_comes_to_rest(moving, hold, clock):
    held = hold(moving, re.compile(r"/row/"))
    with moving.expect_request(re.compile(r"/row/")):
        moving.goto(LIST)
    clock.tick(30)
    moving.get_by_test_id("sort-name").click()
    expect(moving.get_by_role("table")).to_contain_text("Not associated")
    expect(moving.locator(IDLE)).to_have_count(0)
    held[0].continue_()
    moving.locator(IDLE).wait_for(state="attached")


def test_a_search_is_pending_from_the_first_key_to_its_answer_and_may_be_replaced(alice, user, hold):
    # At rest: nobody starts to negotiate.
    gateway = CustomerGateway.objects.get()
    factories.make_connection(user.account, gateway=gateway, name="north", effect_immediately=False)
    alice.clock.install(time=NOON)
    alice.goto(LIST)
    # From here on, time passes in steps only.
    # The list is not read again under the pointer.
    alice.get_by_role("table").hover()
    alice.clock.pause_at(NOON + timedelta(hours=1))
    alice.clock.run_for(100)
    expect(alice.locator(IDLE)).to_have_count(1)
    held = hold(alice, re.compile(r"q=sou"))
    search = alice.get_by_test_id("search")
    search.fill("so")
    search.fill("sou")
    alice.clock.run_for(250)
    expect(alice.locator(IDLE)).to_have_count(0)
    with alice.expect_request(re.compile("q=sou")):
        alice.clock.run_for(250)
    with alice.expect_request(re.compile("q=south")):
        search.fill("south")
        alice.clock.run_for(500)
    expect(alice.locator(IDLE)).to_have_count(0)
    held[-1].continue_()
    expect(alice.get_by_text("No matching connections")).to_be_visible()
    alice.clock.run_for(100)
    expect(alice.locator(IDLE)).to_have_count(1)
    expect(alice.get_by_role("alert")).to_have_count(0)


def test_the_result_of_a_deletion_leaves_no_stale_page_behind(moving, app, user, clock):
    """The list is read again, as it was filtered; and the poll of a deleted row takes it out, silently."""
    clock.tick(30)
    for name in ("south", "west"):
        factories.make_connection(user.account, gateway=CustomerGateway.objects.get(), name=name)
    moving.goto(f"{LIST}?sort=name")
    table = moving.get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(4)
    with moving.expect_response(re.compile(r"/row/")):
        delete_connection(factories.make_actor(user.account), Connection.objects.get(name="west"))
    expect(table.get_by_role("row")).to_have_count(3)
    app.connections.select("north")
    app.connections.delete_selected().ok()
    expect(moving.get_by_test_id("message-1")).to_contain_text("1 connection deleted.")
    expect(table.get_by_role("row")).to_have_count(2)
    expect(moving).to_have_url(re.compile(r"\?sort=name"))
    expect(moving.get_by_role("alert")).to_have_count(0)
