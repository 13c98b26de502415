"""What goes wrong in a world on purpose."""

import http.client
import json
import re
from functools import partial

import pytest

from tests.kit.test_clockwork import LIST, MADE, REGION, Inside
from vpnconsole.testing.clients import call_at
from vpnconsole.testing.together import at_once

GATEWAYS = f"/{REGION}/customer-gateways/"
CREATE = f"{GATEWAYS}create/"
FRAGMENT = {"HX_Request": "true", "HX_Target": "table"}
LOST = (http.client.RemoteDisconnected, ConnectionResetError)


class Faulty(Inside):
    """A world in which faults are set."""

    def set(self, *faults):
        return self.kit("PUT", "/faults", 200, faults=list(faults))

    def numbers(self, name="hits"):
        return [fault[name] for fault in self.kit("GET", "/faults")["faults"]]

    def gateways(self):
        document = self.kit("GET", "/state")["accounts"][self.world["members"]["alice"]["uid"]]
        return [gateway["name"] for gateway in document["customer_gateways"]]

    def events(self, operation):
        return [event for event in self.kit("GET", "/state")["events"] if event["operation"] == operation]

    def form(self, address="203.0.113.99"):
        """A filled form, as a page has it."""
        page = self.browser.get(CREATE).text
        once = re.search(r'name="_once" value="([^"]+)"', page)[1]
        group = re.search(r'value="(rg-[^"]+)"', page)[1]
        return {"_once": once, "name": "fresh", "ip_address": address, "resource_group": group}

    def ask(self, door, **headers):
        if door == "api":
            return call_at(self.browser, self.key, "DescribeCustomerGateways", RegionId=REGION)
        return self.browser.get(GATEWAYS, **headers, **(FRAGMENT if door == "fragment" else {}))


@pytest.fixture(scope="module")
def inside(control):
    return Faulty(control, scenario="empty", clock="held")


DOORS = ("page", "fragment", "api")


@pytest.mark.parametrize("door", DOORS)
def test_a_status_with_a_time_to_wait(inside, door):
    inside.set({"match": {"door": door}, "effect": {"status": 503, "retry_after": 7}, "times": 1})
    answer = inside.ask(door)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
    assert answer.headers["X-VPNC-Fault"] == "1 status"
    if door == "api":
        assert json.loads(answer.text)["Code"] == "ServiceUnavailable"
        assert answer.headers["x-acs-retry-after"] == "7000"
    other = inside.ask("page" if door == "api" else "api")
    assert (other.status, other.headers["X-VPNC-Fault"]) == (200, None)
    assert inside.ask(door).status == 200
    assert (inside.numbers("matched"), inside.numbers()) == ([2], [1])


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("outage", "title", "why"),
    [
        ("busy", "The database is busy", "is busy"),
        ("away", "The database cannot be reached", "cannot be reached"),
        ("full", "There is no room left", "no room left"),
    ],
)
def test_an_outage_of_the_database(inside, door, outage, title, why):
    """The sentences are the console's own."""
    inside.set({"effect": {"database": outage}, "times": 1})
    answer = inside.ask(door, Accept_Language="en")
    assert answer.status == 503
    assert (why if door == "api" else title) in answer.text
    assert inside.ask(door).status == 200


@pytest.mark.parametrize("door", DOORS)
def test_an_answer_that_is_cut_or_lost(inside, door):
    inside.set(
        {"effect": {"cut": 0.5}, "when": {"nth": [1]}},
        {"effect": {"drop": "before"}, "when": {"first": 1}},
        {"effect": {"drop": "after"}, "when": {"first": 1}},
    )
    with pytest.raises(http.client.IncompleteRead) as error:
        inside.ask(door)
    assert abs(len(error.value.partial) - error.value.expected) <= 1
    for _ in range(2):
        with pytest.raises(LOST):
            inside.ask(door)
    assert inside.ask(door).status == 200
    assert inside.numbers() == [1, 1, 1]


@pytest.mark.parametrize("door", DOORS)
def test_a_delay(inside, door):
    inside.set({"effect": {"delay_ms": 1}})
    answer = inside.ask(door)
    assert (answer.status, answer.headers["X-VPNC-Fault"]) == (200, "1 delay_ms")


def test_an_error_of_the_api(inside):
    inside.set({"effect": {"api_error": "Throttling.User"}, "match": {"operation": "DescribeCustomerGateways"}})
    answer = inside.ask("api")
    assert (answer.status, json.loads(answer.text)["Code"]) == (400, "Throttling.User")
    assert inside.ask("page").status == 200
    assert call_at(inside.browser, inside.key, "DescribeRegions").status == 200


def test_a_session_that_ends(inside):
    inside.set({"effect": {"session": "end"}, "when": {"nth": [2]}})
    other = inside.browser.cookies["sessionid"]
    assert [inside.ask(door).status for door in ("api", "page", "page")] == [200, 200, 302]
    inside.browser.get("/login/")
    assert inside.browser.post("/demo/login-as/", {"username": "alice"}).status == 302
    assert inside.browser.cookies["sessionid"] != other


def test_a_refusal_is_the_services_own(inside):
    """With its event, by form and by API."""
    inside.set({"effect": {"refuse": "account_in_use"}, "match": {"operation": "CreateCustomerGateway"}})
    before = len(inside.events("CreateCustomerGateway"))
    page = inside.browser.post(CREATE, inside.form())
    page = inside.browser.get(page.headers["Location"]) if page.status in (302, 303) else page
    assert "Others keep changing this account" in page.text
    # Values that are refused already begin no operation.
    assert inside.browser.post(CREATE, {"name": "fresh"}).status == 200
    api = call_at(inside.browser, inside.key, "CreateCustomerGateway", RegionId=REGION, IpAddress="203.0.113.98")
    assert "Others keep changing this account" in json.loads(api.text)["Message"]
    events = inside.events("CreateCustomerGateway")[before:]
    assert [(event["outcome"], event["code"]) for event in events] == [("refused", "account_in_use")] * 2
    assert inside.numbers("matched") == [2]


@pytest.mark.parametrize("effect", [{"status": 502}, {"database": "busy"}, {"drop": "before"}])
def test_a_write_that_is_not_done(inside, effect):
    """By form and by API, and then the same again. Reads go on meanwhile."""
    form = inside.form()
    writes = {
        "form": lambda: inside.browser.post(CREATE, form),
        "api": lambda: call_at(
            inside.browser, inside.key, "CreateCustomerGateway", RegionId=REGION, IpAddress="203.0.113.98",
            ClientToken=next(iter(effect)),
        ),
    }  # fmt: skip
    for write in writes.values():
        inside.set({"match": {"writes": True}, "when": {"first": 1}, "effect": effect})
        before = len(inside.gateways())
        assert inside.ask("api").status == 200
        if "drop" in effect:
            with pytest.raises(LOST):
                write()
        else:
            assert write().status == effect.get("status", 503)
        assert len(inside.gateways()) == before
        again = write()
        assert again.status in (200, 302), again.text
        assert len(inside.gateways()) == before + 1
        assert (inside.numbers("matched"), inside.numbers()) == ([2], [1])


def test_a_write_whose_answer_is_lost_is_done_once(control):
    """The same form again."""
    inside = Faulty(control, scenario="empty")
    inside.set({"match": {"operation": "CreateCustomerGateway"}, "effect": {"drop": "after"}, "times": 1})
    form = inside.form()
    with pytest.raises(LOST):
        inside.browser.post(CREATE, form)
    again = inside.browser.post(CREATE, form)
    assert again.status == 302, again.text
    assert inside.gateways() == ["fresh"]
    assert len(inside.events("CreateCustomerGateway")) == 1
    assert inside.numbers() == [1]


def test_what_is_stuck_waits_for_somebody(control):
    inside = Faulty(control, clock="held")
    inside.set({"match": {"actor": "alice"}, "effect": {"stuck": True}})
    MADE["connection"](inside)
    assert inside.browser.get(LIST).text.count('data-state="provisioning"') == 1
    assert len(inside.kit("POST", "/settle")["settled"]) == 1


def test_hits_are_exact_under_parallel_clients(control):
    """First match wins, and each number is given once."""
    inside = Faulty(control, scenario="empty")
    inside.set(
        {"when": {"every": 3}, "effect": {"status": 500}, "match": {"path": "/*/customer-*"}, "times": 5},
        {"when": {"nth": [1, 2, 3, 4]}, "effect": {"status": 502}},
        {"when": {"every": 2}, "effect": {"status": 599}, "match": {"actor": "bob"}},
    )

    def client():
        return [inside.ask("page").status for _ in range(4)]

    ends = at_once(*[client] * 8)
    statuses = [status for end in ends for status in end]
    assert {status: statuses.count(status) for status in set(statuses)} == {500: 5, 502: 4, 200: 23}
    assert (inside.numbers("matched"), inside.numbers()) == ([32, 27, 0], [5, 4, 0])


def test_chance_follows_from_the_seed(control):
    """The same requests fail in each world of a seed, and others in that of another one."""

    def statuses(seed):
        inside = Faulty(control, scenario="empty", ids=seed)
        inside.set({"when": {"probability": 0.5}, "effect": {"status": 500}})
        return [inside.ask("fragment").status for _ in range(16)]

    first, same, other = (statuses(seed) for seed in ("one", "one", "two"))
    assert first == same != other
    assert {*first} == {200, 500}


def test_at_most_four_requests_of_a_process_wait(control):
    """All others are served at once, and counted."""
    inside = Faulty(control, scenario="empty")
    inside.set({"effect": {"delay_ms": 300}})
    at_once(*[partial(inside.ask, "page")] * 12)
    (fault,) = inside.kit("GET", "/faults")["faults"]
    # Two processes of four threads each can delay them all.
    assert (fault["matched"], fault["hits"]) == (12, 12)
    assert fault["skipped"] <= 4


def test_files_may_fail_too(inside):
    inside.set({"match": {"door": "static", "path": "*.css"}, "effect": {"status": 404}})
    assert inside.browser.get("/static/console/base.css").status == 404
    assert inside.browser.get("/static/console/forms.js").status == 200
    inside.kit("DELETE", "/faults", 204)
    answer = inside.browser.get("/static/console/base.css")
    assert (answer.status, answer.headers["X-VPNC-World"]) == (200, None)


def test_a_fault_is_in_the_log(inside, server):
    inside.set({"effect": {"status": 418}})
    answer = inside.ask("page")
    (line,) = [line for line in server.log.read_text().splitlines() if answer.headers["X-Request-ID"] in line]
    assert json.loads(line)["fault"] == "1 status"


def test_faults_belong_to_their_world(inside, control):
    inside.set({"effect": {"status": 500}})
    assert Faulty(control, scenario="empty").ask("page").status == 200
    assert inside.ask("page").status == 500
    inside.kit("POST", "/reset")
    assert inside.kit("GET", "/faults")["faults"] == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"effect": {}}, "no effect"),
        ({"match": {}}, "effect is missing"),
        ({"effect": {"status": 500, "drop": "after"}}, "two effects"),
        ({"effect": {"delay_ms": 1, "retry_after": 1}}, "retry_after goes with status"),
        ({"effect": {"api_error": "NoSuchCode"}}, "must be one of"),
        ({"effect": {"refuse": "no_such_code"}}, "must be one of"),
        ({"effect": {"api_error": "Throttling"}, "match": {"door": "page"}}, "does not concern"),
        ({"effect": {"delay_ms": 30_001}}, "from 1 to 30000"),
        ({"effect": {"status": 500}, "match": {"colour": "red"}}, "no field 'colour'"),
        ({"effect": {"status": 500}, "if": {}}, "no field 'if'"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(inside, fault, words):
    refused = inside.kit("PUT", "/faults", 422, faults=[fault])
    assert words in refused["message"]
