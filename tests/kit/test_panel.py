"""The presenter's panel by its addresses, and links for the audience."""

import json
import re

import pytest

from vpnconsole import presenting
from vpnconsole.testing.pages import main_form
from vpnconsole.testing.served import Browser
from vpnconsole.testing.worlds import Visitor

LIST = "/eu-central-1/connections/"
HAMBURG = "vco-gw8y1s8pg2qmhykf6ideq"


@pytest.fixture(scope="module")
def shown(control):
    """A world with a panel, made as new by the tests that need it so."""
    return control.world(panel=True, clock="running")


@pytest.fixture
def alice(control, shown):
    control.call("POST", f"/worlds/{shown['id']}/reset", scenario="demo")
    return Visitor(control.server, shown["id"], "alice")


def press(browser, button, at=LIST, **values):
    """Press a button of the panel, without scripts. Returns where it leads."""
    answer = browser.post(f"/_kit/panel/{button}/", {"from": at, **values})
    assert answer.status == 302, answer.text
    return answer.headers["Location"]


def make_gateway(browser):
    address = "/eu-central-1/customer-gateways/create/"
    filled = main_form(browser.get(address).text) | {"name": ["new"], "ip_address": ["203.0.113.99"]}
    return browser.post(address, filled).status


def text(browser, address="/_kit/panel/"):
    answer = browser.get(address, Accept="text/html")
    assert answer.status == 200, (address, answer.status)
    return answer.text


def test_only_worlds_with_a_panel_have_one(control, server, alice):
    """Its addresses are unknown in other worlds and outside of them."""
    assert 'data-testid="panel-open"' in text(alice, LIST)
    assert 'data-testid="panel-open"' not in text(alice, f"{LIST}?panel=0")
    other = Visitor(server, control.world()["id"], "alice")
    assert "kit-panel" not in text(other, LIST)
    assert other.get("/_kit/panel/").status == 404
    for what in ("over", "clock", "share"):
        assert other.post(f"/_kit/panel/{what}/", {}).status == 404
    assert other.post("/_kit/walk/start/?mode=play", {"walk": "first-look"}).status == 404


def test_a_world_that_was_prepared_by_clicking_is_saved_and_opened_again(control, server, alice):
    assert make_gateway(alice) == 302
    assert 'data-testid="panel-file"' in text(alice)
    saved = alice.get("/_kit/panel/file/")
    assert saved.headers["Content-Type"] == "application/gzip"
    status, _, body = control.raw("POST", "/worlds", saved.body, Content_Type="application/gzip")
    assert status == 201
    opened = Visitor(server, json.loads(body)["id"], "alice")
    assert "203.0.113.99" in text(opened, "/eu-central-1/customer-gateways/")


def test_a_form_of_another_site_does_nothing(alice):
    alice.cookies.pop("csrftoken")
    assert alice.ask("POST", "/_kit/panel/over/", "", {"Content-Type": "text/plain"}).status == 403


def test_nobody_is_signed_out_when_the_world_starts_over(alice):
    """The page stays if it is there afterwards; otherwise its list opens."""
    assert press(alice, "over", at=f"{LIST}{HAMBURG}/") == f"{LIST}{HAMBURG}/"
    assert "Account: Alice" in text(alice, f"{LIST}{HAMBURG}/")
    assert press(alice, "over", at=f"{LIST}{HAMBURG}/", scenario="empty") == LIST
    assert HAMBURG not in text(alice, LIST)
    assert press(alice, "over", at="/events/", scenario="demo") == "/events/"


def test_bookmarks_are_kept_restored_and_deleted(alice):
    """Their names may be in any language."""
    press(alice, "keep", name="开始 vorher")
    press(alice, "over", scenario="empty")
    assert press(alice, "restore", name="开始 vorher", at=f"{LIST}{HAMBURG}/") == f"{LIST}{HAMBURG}/"
    assert "Account: Alice" in text(alice, f"{LIST}{HAMBURG}/")
    press(alice, "keep", name="../../etc")
    assert "A bookmark&#x27;s name has up to 64" in text(alice)
    press(alice, "forget", name="开始 vorher")
    assert 'data-testid="bookmark-' not in text(alice)


def test_the_clock_stands_and_is_moved(alice):
    def now():
        return re.search(r'data-testid="panel-now" class="mono">([^<]+)', text(alice))[1]

    press(alice, "clock", what="held")
    before = now()
    assert now() == before
    press(alice, "clock", what="86400")
    assert now()[:10] > before[:10]
    assert now()[10:] == before[10:]


def test_the_real_clock_can_be_moved_too(alice, control, shown):
    """It goes on from the present, and is not the real time any more."""
    control.call("PUT", f"/worlds/{shown['id']}/clock", mode="real")
    press(alice, "clock", what="60")
    assert 'data-testid="panel-clock-running"' not in text(alice)
    assert 'data-testid="panel-clock-held"' in text(alice)


def test_the_device_of_the_connection_in_view_is_led_to_outcomes(alice):
    at = f"/_kit/panel/?at={LIST}{HAMBURG}/"
    status = re.compile(r'data-testid="panel-tunnel-1" data-status="(\w+)"')
    seen = []
    for what in ("phase1", "up", "phase2", "off", "up", "cut"):
        press(alice, "peer", connection=HAMBURG, what=what)
        seen.append(status.search(text(alice, at))[1])
    failed, up = ("ike_sa_not_established", "ipsec_sa_not_established"), "ipsec_sa_established"
    assert seen == [failed[0], up, failed[1], failed[0], up, up]


def test_the_next_change_is_refused_once(alice):
    """What the kit itself serves stays as it is."""
    press(alice, "next", what="refused", of="change")
    assert 'data-testid="panel-next-set"' in text(alice)
    assert [make_gateway(alice) for _ in range(2)] == [503, 302]
    assert 'data-testid="panel-next-set"' not in text(alice)


def test_the_next_page_is_refused_once(alice):
    press(alice, "next", what="refused", of="page", at="/_kit/panel/")
    assert 'data-testid="panel-next-set"' in text(alice)
    assert [alice.get(LIST).status for _ in range(2)] == [503, 200]


# --- the audience


def link(alice, kind):
    press(alice, "share", kind=kind)
    return re.search(r'value="http://[^/]+(/_kit/join/[^"]+)"', text(alice))[1]


def test_a_link_makes_a_copy_for_each(alice, server, shown):
    """When its button is pressed, so that programs which only look take none. It ends when somebody ends it."""
    at = link(alice, "copy")
    press(alice, "over", scenario="empty")
    worlds = set()
    for number in range(2):
        visitor = Visitor(server, "")
        visitor.cookies.clear()
        page = visitor.server.get(at)
        assert page[0] == 200
        assert b'data-testid="join"' in page[2]
        answer = super(Visitor, visitor).ask("POST", at, "", {"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status == 302, answer.text
        visitor.world_id = visitor.cookies["vpnc_world"]
        worlds.add(visitor.world_id)
        assert "hamburg-dc1" in text(visitor, "/eu-central-1/customer-gateways/"), number
    assert len(worlds) == 2
    assert shown["id"] not in worlds
    assert "48 left" in text(alice)
    secret = at.rpartition("/")[2]
    press(alice, "end-share", secret=secret)
    assert server.get(at)[0] == 410


def test_onlookers_see_the_same_world_and_change_nothing(alice, server):
    """They have no panel, cannot become somebody else, and stay when the world starts over."""
    at = link(alice, "look")
    visitor = Visitor(server, "")
    answer = super(Visitor, visitor).ask("POST", at, "", {"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 302
    visitor.world_id = visitor.cookies["vpnc_world"]
    page = text(visitor, LIST)
    assert "Account: Rita" in page
    assert 'data-testid="panel-open"' not in page
    assert "You are watching." in page
    assert "You are watching." not in text(alice, LIST)
    assert visitor.post("/demo/login-as/", {"username": "alice"}).status == 403
    assert visitor.post("/_kit/panel/over/", {}).status == 403
    assert visitor.get("/_kit/panel/").status == 404
    press(alice, "over", scenario="empty")
    answer = visitor.get(LIST, Accept="text/html")
    assert (answer.status, answer.headers["Location"]) == (302, LIST)
    assert "Account: Rita" in text(visitor, LIST)


# --- walks

WALK = """walk: 1
title: {en: A line, zh-hans: 线路}
scenario: empty
persona: omar
steps:
- go: connections
  say: {en: Here., zh-hans: 这里。}
- kit: {advance: 60}
- as: bob
"""


def begin(browser, **values):
    return browser.post("/_kit/walk/start/", {"text": WALK, "mode": "tour", **values})


def test_a_walk_begins_in_a_world_of_its_own(alice):
    """It asks first if something was changed."""
    answer = begin(alice)
    assert (answer.status, answer.headers["Location"]) == (302, "/")
    page = text(alice, "/")
    assert "Account: Omar" in page
    assert 'id="kit-walk"' in page
    assert make_gateway(alice) == 302
    answer = begin(alice)
    assert answer.status == 200
    assert 'data-testid="over-sure"' in answer.text
    assert begin(alice, sure="1").status == 302


def test_the_server_does_what_only_it_can(alice):
    """Another persona, and what the endpoint does. A page of an earlier run does nothing."""
    begin(alice)
    page = text(alice, "/")
    run = re.search(r"run&quot;: &quot;(\w+)", page)[1]

    def ask(what, at, run=run):
        return alice.post(f"/_kit/walk/{what}/", {"run": run, "at": at})

    assert ask("done", 1, run="other").status == 404
    assert ask("serve", 0).status == 404
    assert ask("done", 1).status == 200
    assert '"at": 2' in ask("serve", 1).text
    assert '"to": "/"' in ask("serve", 2).text
    assert "Account: Bob" in text(alice, "/")
    # Left, it can be resumed; ended, it is gone.
    alice.post("/_kit/walk/pause/", {})
    assert 'id="kit-walk"' not in text(alice, "/")
    alice.post("/_kit/walk/resume/", {})
    assert 'id="kit-walk"' in text(alice, "/")
    alice.post("/_kit/walk/stop/", {})
    assert 'data-testid="walk-resume"' not in text(alice, "/")


def test_the_command_prints_a_link_to_a_walk(server, control, capsys, monkeypatch):
    """Of a console that runs already. A name that is none is refused."""
    monkeypatch.setenv("KIT_TOKEN", control.token)
    presenting.present("", "first-look", "", server.url, [])
    visitor = Browser(server)
    assert visitor.get(re.search(r"(/_kit/enter/\S+)", capsys.readouterr().out)[1]).status == 302
    page = text(visitor, "/")
    assert 'id="kit-walk"' in page
    assert 'data-testid="panel-open"' in page
    with pytest.raises(SystemExit, match="first-look"):
        presenting.present("", "no-walk", "", server.url, [])
    with pytest.raises(SystemExit, match="scenario"):
        presenting.present("no-scenario", "", "", server.url, [])
