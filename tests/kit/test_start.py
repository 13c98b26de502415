"""The start page, what it opens, and what the console tells programs."""

from pathlib import Path

import pytest

from vpnconsole.kit.walks import shipped
from vpnconsole.testing.served import Browser
from vpnconsole.testing.worlds import Visitor

ROOT = Path(__file__).parents[2]


def begin(browser, **fields):
    browser.get("/_kit/")
    return browser.post("/_kit/begin", fields)


def test_the_start_page_is_open_to_everybody_and_found(server):
    page = Browser(server).get("/_kit/")
    assert page.status == 200
    assert 'value="every-state"' in page.text
    # Its rows would take too long to make.
    assert "crowded" not in page.text
    assert 'href="/_kit/"' in Browser(server).get("/login/").text
    assert 'href="/_kit/"' in Browser(server, "alice").get("/shortcuts/").text


@pytest.mark.pg
def test_a_scenario_opens_in_a_world_of_its_own(server, control):
    browser = Browser(server)
    assert begin(browser, scenario="empty").status == 302
    first = browser.cookies["vpnc_world"]
    page = browser.get("/")
    assert (page.status, page.headers["X-VPNC-World"]) == (200, first)
    assert "This is your own copy" not in page.text
    # The same from within a world.
    assert 'data-testid="start-back"' in browser.get("/_kit/").text
    assert begin(browser, scenario="empty").status == 302
    assert browser.cookies["vpnc_world"] != first
    assert browser.get("/").status == 200
    assert control.call("GET", f"/worlds/{first}")["scenario"] == "empty"


def test_one_begins_to_present_in_a_world_with_a_panel(server):
    browser = Browser(server)
    assert 'data-testid="start-present"' in browser.get("/_kit/").text
    assert begin(browser, scenario="real-clock", panel="1").status == 302
    page = browser.get("/")
    assert "Alice Berger" in page.text
    assert 'data-testid="panel-open"' in page.text


def test_each_tour_begins_where_its_walk_does(server):
    for name, walk in [*shipped().items()][:2]:
        browser = Browser(server)
        assert f'value="{name}"' in browser.get("/_kit/").text
        assert begin(browser, tour=name).status == 302
        assert walk.title["en"] in browser.get("/").text


@pytest.mark.parametrize(
    "fields",
    [{}, {"scenario": "nothing"}, {"scenario": "crowded"}, {"tour": "nothing"}],
    ids=lambda fields: str(fields),
)
def test_what_is_not_offered_opens_nothing(server, fields):
    browser = Browser(server)
    assert begin(browser, **fields).status == 404
    assert "vpnc_world" not in browser.cookies


def test_a_session_of_the_installation_ends_in_a_world(server, control):
    """The cookie is that of the new session: the old one neither stays nor is deleted in its place."""
    browser = Browser(server, "bob")
    before = browser.cookies["sessionid"]
    assert begin(browser, scenario="empty").status == 302
    assert browser.cookies["sessionid"] not in ("", before)
    assert "Alice Berger" in browser.get("/").text


def test_starting_over_is_for_visitors(server, control):
    world = control.world(scenario="empty")
    assert Visitor(server, world["id"], "alice").get("/_kit/start-over").status == 404
    assert Browser(server).get("/_kit/start-over").status == 404


def test_programs_are_told_without_signing_in(server):
    answer = Browser(server).get("/llms.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == (ROOT / "docs" / "llms.txt").read_text(encoding="utf-8")
