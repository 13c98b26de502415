"""Personas that misbehave do what docs/testers.md says of them, every time."""

import json
import re

import pytest

from tests.kit.test_clockwork import LIST, MADE, REGION
from tests.kit.test_faults import CREATE, FRAGMENT, GATEWAYS, LOST, Faulty
from vpnconsole.kit.personas import PERSONAS
from vpnconsole.testing.clients import call_at
from vpnconsole.testing.worlds import Visitor

NAMES = [persona.username for persona in PERSONAS]
PASSWORD = "vpn-console-demo"


@pytest.fixture(scope="module")
def world(control):
    """Made once; each test has its own members in it."""
    return control.world(personas="all", clock="held")


class As(Faulty):
    """A persona in the world of these tests."""

    def __init__(self, control, world, member):
        self.control, self.world = control, world
        self.key = tuple(world["keys"][member][name] for name in ("id", "secret"))
        self.browser = Visitor(control.server, world["id"], "" if member == "locked" else member)

    def write(self, number):
        """A form that creates a customer gateway; its status."""
        return self.browser.post(CREATE, self.form(f"203.0.114.{number}")).status


def test_locked_is_refused_by_button_and_password(control, world):
    locked = As(control, world, "locked")
    locked.browser.get("/login/")
    button = locked.browser.post("/demo/login-as/", {"username": "locked"})
    assert (button.status, button.headers["Location"]) == (302, "/login/")
    assert "has been disabled" in locked.browser.get("/login/").text
    refused = locked.browser.post("/login/", {"username": "locked", "password": PASSWORD})
    assert refused.status == 200
    assert "sessionid" not in locked.browser.cookies or locked.browser.get("/events/").status == 302
    # As anybody who is disabled, and as anybody with a wrong password.
    assert "correct username and password" in refused.text
    answer = call_at(locked.browser, locked.key, "DescribeRegions")
    assert json.loads(answer.text)["Code"] == "InvalidAccessKeyId.Inactive"


def test_slow_waits_for_each_door_as_long_as_is_said(control, world):
    """By the times in the server's log, which no machine can make too short."""
    slow = As(control, world, "slow")
    answers = [slow.ask(door) for door in ("page", "fragment", "api")]
    lines = [json.loads(line) for line in control.server.log.read_text().splitlines() if line.startswith("{")]
    served = {line["request_id"]: line for line in lines if "ms" in line}
    mine = [served[answer.headers["X-Request-ID"]] for answer in answers]
    assert [line["fault"] for line in mine] == ["slow-1 delay_ms", "slow-2 delay_ms", "slow-3 delay_ms"]
    assert [line["ms"] >= least for line, least in zip(mine, (1500, 800, 500), strict=True)] == [True] * 3


def test_flaky_fails_every_third_write_and_every_fifth_fragment(control, world):
    flaky = As(control, world, "flaky")
    form = {}
    statuses = []
    for number in range(1, 7):
        form = form or flaky.form(f"203.0.114.{number}")
        answer = flaky.browser.post(CREATE, form)
        statuses.append(answer.status)
        if answer.status == 302:
            form = {}
        else:
            assert answer.headers["Retry-After"] == "1"
    # The third and the sixth fail; the fourth is the third again.
    assert statuses == [302, 302, 503, 302, 302, 503]
    fragments = [flaky.browser.get(GATEWAYS, **FRAGMENT) for _ in range(10)]
    assert [n for n, answer in enumerate(fragments, 1) if answer.status == 503] == [5, 10]
    assert fragments[4].headers["Retry-After"] == "1"
    assert flaky.ask("page").status == 200


def test_lossy_loses_the_answer_to_every_second_write(control, world):
    lossy = As(control, world, "lossy")
    before = len(lossy.gateways())
    assert lossy.write(11) == 302
    form = lossy.form("203.0.114.12")
    with pytest.raises(LOST):
        lossy.browser.post(CREATE, form)
    assert len(lossy.gateways()) == before + 2
    # The same again answers, and makes nothing.
    assert lossy.browser.post(CREATE, form).status == 302
    assert len(lossy.gateways()) == before + 2


def test_expiring_is_signed_out_after_eight_requests(control, world):
    expiring = As(control, world, "expiring")
    statuses = [expiring.ask("page").status for _ in range(9)]
    assert statuses == [200] * 8 + [302]
    expiring.browser.get("/login/")
    assert expiring.browser.post("/demo/login-as/", {"username": "expiring"}).status == 302
    assert [expiring.ask("page").status for _ in range(9)] == [200] * 8 + [302]


def test_what_stuck_begins_never_settles_by_itself(control, world):
    stuck = As(control, world, "stuck")
    made = MADE["connection"](stuck)
    for _ in range(3):
        assert stuck.kit("GET", "/state")["states"][made] == "provisioning"
    # What others begin settles.
    alice = As(control, world, "alice")
    other = MADE["connection"](alice)
    assert stuck.kit("GET", "/state")["states"][other] == "init"
    assert made in stuck.kit("POST", "/settle")["settled"]


def test_stale_finds_by_address_what_lists_and_search_lack(control, world):
    """For three seconds of the world's clock, which is held; and as long by the API."""
    stale = As(control, world, "stale")
    before = stale.browser.get(LIST).text.count("data-name=")
    made = MADE["connection"](stale)

    def found():
        listed = made in stale.browser.get(LIST).text
        exported = made in stale.browser.get(f"{LIST}export/?format=csv").text
        searched = stale.browser.get(f"{LIST}?q={made}", **FRAGMENT).text.count(f"connection-{made}-row")
        by_api = made in json.dumps(stale.api("DescribeVpnConnections", RegionId=REGION))
        assert stale.browser.get(f"{LIST}{made}/").status == 200
        assert stale.api("DescribeVpnConnection", RegionId=REGION, VpnConnectionId=made)
        return [listed, exported, bool(searched), by_api]

    assert found() == [False] * 4
    assert stale.browser.get(LIST).text.count("data-name=") == before
    assert made in As(control, world, "alice").browser.get(LIST).text
    stale.kit("POST", "/clock/advance", seconds=3)
    assert found() == [True] * 4


def test_unlabelled_sees_no_test_ids(control, world):
    unlabelled = As(control, world, "unlabelled")
    for door in ("page", "fragment"):
        for headers in ({}, {"Accept_Encoding": "gzip"}):
            answer = unlabelled.ask(door, **headers)
            assert answer.status == 200
            assert "hamburg-dc1" in answer.text
            assert "data-testid" not in answer.text
    assert ">unlabelled<" in unlabelled.ask("page").text


class TestWrong:
    """The six defects of `wrong`. What alice sees beside it is right."""

    @pytest.fixture
    def pair(self, control, world):
        return As(control, world, "wrong"), As(control, world, "alice")

    def rows(self, member, query):
        return re.findall(r'<tr[^>]*data-name="([^"]*)"', member.browser.get(query).text)

    def test_the_tag_filter_ignores_the_value(self, pair):
        wrong, right = (self.rows(member, f"{GATEWAYS}?tag=site%3Dhamburg") for member in pair)
        assert right == ["hamburg-dc1"]
        assert set(wrong) > set(right)

    def test_created_at_sorts_by_name(self, pair):
        wrong, right = (self.rows(member, f"{GATEWAYS}?sort=created") for member in pair)
        assert wrong == sorted(right) != right

    def test_a_saved_description_lacks_its_last_character(self, pair):
        for member, last in zip(pair, ("", "t"), strict=True):
            form = member.form(f"203.0.113.{len(last) + 120}") | {"description": "The east"}
            assert member.browser.post(CREATE, form).status == 302
            document = member.kit("GET", "/state")["accounts"][member.world["members"]["alice"]["uid"]]
            assert document["customer_gateways"][-1]["description"] == f"The eas{last}"

    def test_delete_selected_spares_the_last(self, pair):
        for member, spared in zip(pair, (1, 0), strict=True):
            made = [MADE["connection"](member) for _ in range(3)]
            member.browser.post(f"{LIST}delete/", [("id", one) for one in made])
            states = member.kit("GET", "/state")["states"]
            assert [one for one in made if one in states] == made[3 - spared :]

    def test_csv_lacks_the_last_row(self, pair):
        wrong, right = (member.browser.get(f"{GATEWAYS}export/?format=csv").text.splitlines() for member in pair)
        assert wrong == right[:-1]

    def test_the_total_is_one_too_high(self, pair):
        wrong, right = (
            int(re.search(r'data-testid="total"[^>]*>(\d+)', member.browser.get(GATEWAYS).text)[1]) for member in pair
        )
        assert wrong == right + 1


def test_crowded_and_hostile_own_what_their_scenarios_have(control, world):
    crowded, hostile = As(control, world, "crowded"), As(control, world, "hostile")
    assert re.search(r"\b30\b", crowded.browser.get(LIST).text)
    assert "line-00029" in crowded.browser.get(LIST).text
    page = hostile.browser.get(LIST).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page
    assert not {name for name in world["names"]["connection"] if name.startswith("line-")}


@pytest.mark.parametrize("name", [*NAMES[1:], "alice"])
def test_a_mark_says_who_is_signed_in(control, world, name):
    cookies = control.call("POST", f"/worlds/{world['id']}/sessions", 201, **{"as": name})["cookies"]
    browser = Visitor(control.server, world["id"])
    browser.cookies |= {cookie["name"]: cookie["value"] for cookie in cookies}
    # One of them sees no test ids.
    marks = re.findall(r'(?:data-testid="misbehaves" )?class="chip">([a-z]+)<', browser.get("/access-keys/").text)
    assert marks == ([] if name == "alice" else [name])


def test_a_run_repeats(control):
    """The same requests fail the same way in each new world, and after a reset."""
    runs = []
    world = control.world(personas="all", clock="held")
    for _ in range(2):
        flaky = As(control, world, "flaky")
        runs.append([flaky.browser.get(GATEWAYS, **FRAGMENT).status for _ in range(6)])
        flaky.kit("POST", "/reset")
    assert runs == [[200, 200, 200, 200, 503, 200]] * 2


def test_other_worlds_have_none(control):
    world = control.world(scenario="empty")
    assert not {*NAMES} & world["members"].keys()
    control.call("POST", "/worlds", 422, personas="some")
