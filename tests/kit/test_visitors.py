"""Visitors of a public demo: a world for each, within limits, and nothing changes for the next one."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import accessible
from vpnconsole import environment, file_modes, paths
from vpnconsole.kit import visitors, worlds
from vpnconsole.testing.clients import call_at
from vpnconsole.testing.pages import main_form
from vpnconsole.testing.served import Browser, prepared
from vpnconsole.testing.worlds import Control, served_with_kit, share_templates

__all__ = ["accessible"]

# The browser leaves an event loop in the thread, in which later tests of this process use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CROWD = 50
HARBOUR = ("LTAI5tHarbourLogistics01", "HarbourDemoSecretKeyForTests01")
LIST, CREATE = "/eu-central-1/customer-gateways/", "/eu-central-1/customer-gateways/create/"
PUBLIC = {
    "KIT_VISITORS": "1", "DEMO_MODE_PUBLIC": "1", "KIT_WORLDS": str(CROWD), "BEHIND_PROXY": "1", "PLAIN_HTTP": "0",
    "WEB_CONCURRENCY": "1",
}  # fmt: skip


class Behind(Control):
    """Calls the endpoint through the proxy."""

    def raw(self, method, path, body=None, **headers):
        return super().raw(method, path, body, X_Forwarded_Proto="https", **headers)


class Person(Browser):
    """A browser at an address of its own, behind the proxy."""

    def __init__(self, server, address):
        self.address = address
        super().__init__(server)
        self.cookies["csrftoken"] = "c" * 32

    def ask(self, method, path, body=None, headers=None):
        proxy = {
            "X-Forwarded-For": self.address, "X-Forwarded-Proto": "https", "Accept": "text/html",
            "Accept-Language": "en", "Origin": f"https://127.0.0.1:{self.server.port}",
        }  # fmt: skip
        return super().ask(method, path, body, {**proxy, **(headers or {})})

    def sign_in(self, username="alice", to=""):
        return self.post("/demo/login-as/", {"username": username, "next": to})

    def make_gateway(self, name):
        filled = main_form(self.get(CREATE).text) | {"name": [name], "ip_address": ["203.0.113.99"]}
        return self.post(CREATE, filled)

    @property
    def world(self):
        return self.cookies.get("vpnc_world", "")


@pytest.fixture(scope="module")
def public(server, control, tmp_path_factory):
    control.world()
    data = tmp_path_factory.mktemp("public") / "data"
    env = prepared(data, **PUBLIC)
    share_templates(Path(server.env["VPNCONSOLE_DATA"]), data)
    with served_with_kit(env, data.parent / "log") as public:
        yield public


def rows(server):
    """Everything in the installation's own database."""
    path = Path(server.env["VPNCONSOLE_DATA"]) / file_modes.DATABASE
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return list(database.iterdump())


@pytest.fixture(scope="module")
def crowd(public):
    """As many visitors as there may be worlds. The first signs in with a password."""
    before = rows(public)
    people = [Person(public, f"198.51.100.{number}") for number in range(CROWD)]
    # Looking makes no world.
    assert people[0].get("/login/").status == 200
    assert people[0].get("/").status == 302
    assert people[0].post("/demo/login-as/", {"username": "nobody"}).status == 404
    assert Behind(public).call("GET", "/worlds")["worlds"] == []
    assert people[0].post("/login/", {"username": "alice", "password": "vpn-console-demo"}).status == 302
    for person in people[1:]:
        answer = person.sign_in(to=LIST)
        assert (answer.status, answer.headers["Location"]) == (302, LIST), answer.text
    return people, before


def test_fifty_visitors_have_fifty_worlds_and_what_they_share_is_as_it_was(public, crowd):
    people, before = crowd
    assert len({person.world for person in people} - {""}) == CROWD
    for number in (0, 1, CROWD - 1):
        page = people[number].get(LIST)
        assert (page.status, page.headers["X-VPNC-World"]) == (200, people[number].world)
        assert "This is your own copy." in page.text
    assert people[1].make_gateway("mine-alone").status == 302
    assert "mine-alone" in people[1].get(LIST).text
    assert "mine-alone" not in people[2].get(LIST).text
    # Within a world, switching personas stays in it.
    world = people[3].world
    assert people[3].sign_in("bob").status == 302
    assert people[3].world == world
    assert "Summit Retail" in people[3].get("/").text
    assert rows(public) == before


def test_a_visitor_starts_over_and_stays_signed_in(crowd):
    person = crowd[0][4]
    world = person.world
    assert person.make_gateway("forgotten").status == 302
    assert "Start over" in person.get("/_kit/start-over").text
    assert person.post("/_kit/start-over", {}).status == 302
    page = person.get(LIST)
    assert (page.status, person.world) == (200, world)
    assert "forgotten" not in page.text


@pytest.mark.browser
def test_banner_and_start_page_are_accessible_on_a_phone(public, crowd, browser, accessible):
    person = crowd[0][5]
    proxy = {"X-Forwarded-For": person.address, "X-Forwarded-Proto": "https"}
    phone = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}
    with closing(browser.new_context(base_url=public.url, extra_http_headers=proxy, **phone)) as context:
        context.add_cookies(
            [{"name": name, "value": value, "url": public.url} for name, value in person.cookies.items()]
        )
        page = context.new_page()
        for address, button in (("/", "start-over"), ("/_kit/", "scenario-every-state"), ("/_kit/start-over", "leave")):
            page.goto(address)
            expect(page.get_by_test_id(button)).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
            accessible(page)
        page.get_by_test_id("leave").click()
        expect(page).to_have_url(f"{public.url}/_kit/")
        expect(page.get_by_test_id("start-explore")).to_be_visible()


def test_limits_hold_and_the_world_that_was_idle_longest_ends_first(public, crowd):
    people, _ = crowd
    late = Person(public, "203.0.113.1")
    refused = late.sign_in()
    assert (refused.status, refused.headers["Retry-After"], late.world) == (429, str(visitors.BUSY_FOR), "")
    assert "All copies are in use" in refused.text
    # The address has had its try.
    assert 0 < int(late.sign_in().headers["Retry-After"]) <= 60 / visitors.PER_MINUTE
    # One of a test is older, but no visitor's.
    control = Behind(public)
    control.call("DELETE", f"/worlds/{people[9].world}", 204)
    of_test = control.world(scenario="demo")
    for world, idle in ((of_test["id"], 2000), (people[7].world, 1000), (people[8].world, 900)):
        _age(public, world, idle)
    new = Person(public, "203.0.113.2")
    assert new.sign_in().status == 302
    assert [people[number].get(LIST).status for number in (7, 8)] == [410, 200]
    control.call("DELETE", f"/worlds/{of_test['id']}", 204)


def _age(server, world, seconds):
    data = Path(server.env["VPNCONSOLE_DATA"])
    then = time.time() - seconds
    pointer = (paths.memory_folder(data, "worlds") or data / "worlds") / f"{world}.json"
    os.utime(pointer, (then, then))


def test_nobody_writes_outside_of_a_world(public, crowd):
    before = rows(public)
    stranger = Person(public, "203.0.113.3")
    answer = stranger.post(CREATE, {"name": "for-all", "ip_address": "203.0.113.97"})
    assert answer.status == 403
    assert "Nobody changes this data" in answer.text
    assert rows(public) == before
    said = call_at(stranger, HARBOUR, "CreateCustomerGateway", RegionId="eu-central-1", IpAddress="203.0.113.97")
    assert (said.status, "VpnConsole.shared_copy" in said.text) == (403, True)
    assert rows(public) == before
    assert call_at(stranger, HARBOUR, "DescribeCustomerGateways", RegionId="eu-central-1").status == 200


def test_a_wrong_password_makes_no_world(public, crowd):
    stranger = Person(public, "203.0.113.4")
    page = stranger.post("/login/", {"username": "alice", "password": "a-wrong-one"})
    assert (page.status, stranger.world) == (200, "")


@pytest.mark.parametrize(
    ("given", "missing"),
    [({}, {"KIT", "DEMO_MODE", "DEMO_MODE_PUBLIC"}), ({"KIT": "1", "DEMO_MODE": "1"}, {"DEMO_MODE_PUBLIC"})],
)
def test_visitors_need_a_public_demo_with_worlds(given, missing):
    said = [text for text in environment.problems({"KIT_VISITORS": "1", **given}) if "KIT_VISITORS" in text]
    assert {text.split()[-1] for text in said} == {f"{name}=1." for name in missing}


def test_worlds_that_are_too_large_together_make_room(own_folder, settings, monkeypatch, tmp_path, rf):
    """The visitors' world that is idle for longest ends, as if there were too many."""
    settings.KIT_VISITORS, settings.CLIENTS_FILE = True, tmp_path / "clients"
    (tmp_path / "template").write_bytes(b"x" * 1000)
    made = []
    for mark in ({"visitor": True}, {"visitor": True}, {}):
        with worlds.created(tmp_path / "template", "empty", settings=mark) as world:
            worlds.publish(world)
        made.append(world)
    for world, idle in zip(made, (900, 1000, 2000), strict=True):
        then = time.time() - idle
        os.utime(world.pointer, (then, then))
    monkeypatch.setattr(worlds, "SIZE", 3000)
    visitors.admit(rf.post("/"))
    assert [worlds.exists(world.id) for world in made] == [True, False, True]
