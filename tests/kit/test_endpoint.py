"""The control endpoint."""

import gzip
import json
import re
import sqlite3
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet

from vpnconsole.kit.state import PUBLISHED_KEY
from vpnconsole.testing.clients import call_at
from vpnconsole.testing.served import Browser
from vpnconsole.testing.worlds import Control, Visitor

GATEWAYS = "/eu-central-1/customer-gateways/"


def make_gateway(control, world, name, address="203.0.113.99"):
    resources = {"customer_gateways": [{"region": "eu-central-1", "name": name, "ip_address": address}]}
    return control.call("POST", f"/worlds/{world['id']}/make", 201, **{"as": "alice", "resources": resources})


def gateways(control, world):
    accounts = control.call("GET", f"/worlds/{world['id']}/state")["accounts"].values()
    return {gateway["name"] for account in accounts for gateway in account["customer_gateways"]}


def test_the_document_describes_every_call(control):
    document = control.call("GET", "/openapi.json")
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]["/_kit/v1/worlds/{world}"]) == {"get", "delete"}
    assert control.call("GET", "/")["scenarios"].keys() >= {"demo", "empty"}


def test_a_reset_world_is_as_new(control, server):
    world = control.world()
    alice = Visitor(server, world["id"], "alice")
    make_gateway(control, world, "gone-soon")
    again = control.call("POST", f"/worlds/{world['id']}/reset")
    assert (again["id"], again["keys"], again["names"]) == (world["id"], world["keys"], world["names"])
    assert "gone-soon" not in gateways(control, world)
    assert alice.get(GATEWAYS).status == 302
    assert not control.call("POST", f"/worlds/{world['id']}/reset", scenario="empty")["names"]["gateway"]
    assert not gateways(control, world)


def test_a_snapshot_brings_everything_back(control, server):
    world = control.world(scenario="empty")
    at = f"/worlds/{world['id']}/snapshots"
    alice = Visitor(server, world["id"], "alice")
    make_gateway(control, world, "kept")
    control.call("PUT", f"{at}/before", 204)
    make_gateway(control, world, "later", "203.0.113.98")
    assert gateways(control, world) == {"kept", "later"}
    control.call("POST", f"{at}/before/restore", 204)
    assert gateways(control, world) == {"kept"}
    assert alice.get(GATEWAYS).status == 200
    assert control.call("GET", at)["snapshots"] == ["before"]
    assert control.call("GET", f"{at}/before")["size"] > 0
    control.call("DELETE", f"{at}/before", 204)
    control.call("POST", f"{at}/before/restore", 404)
    control.call("PUT", f"{at}/..%2Fother", 404)
    control.call("PUT", f"{at}/.hidden", 422)


def test_a_world_is_opened_again_from_its_file(control, server):
    world = control.world(scenario="empty")
    make_gateway(control, world, "in-the-file")
    status, headers, content = control.raw("GET", f"/worlds/{world['id']}/file")
    assert (status, headers["Content-Type"]) == (200, "application/gzip")
    status, _, answer = control.raw("POST", "/worlds", content, Content_Type="application/gzip")
    other = json.loads(answer)
    assert (status, other["scenario"]) == (201, "empty")
    assert other["id"] != world["id"]
    assert gateways(control, other) == {"in-the-file"}
    assert other["keys"].keys() == world["keys"].keys()
    for broken in (
        content[:-9],
        b"SQLite format 3\0",
        content[: len(content) // 2] + b"x" + content[len(content) // 2 :],
    ):
        assert control.raw("POST", "/worlds", broken, Content_Type="application/gzip")[0] == 422


def test_a_file_with_other_tables_or_triggers_is_refused(control, tmp_path):
    world, path = control.world(scenario="empty"), tmp_path / "world.sqlite3"
    content = gzip.decompress(control.raw("GET", f"/worlds/{world['id']}/file")[2])
    assert control.raw("POST", "/worlds", content, Content_Type="application/vnd.sqlite3")[0] == 201
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TRIGGER sly AFTER INSERT ON connections_event BEGIN DELETE FROM connections_user; END")
    status, _, answer = control.raw("POST", "/worlds", path.read_bytes(), Content_Type="application/vnd.sqlite3")
    assert (status, json.loads(answer)["code"]) == (422, "other_version")


def test_a_file_has_everything_that_another_installation_needs(control, server, tmp_path):
    """The same pages at the same time, and secrets that the published key opens."""
    world = control.world(clock="held")
    content = control.raw("GET", f"/worlds/{world['id']}/file")[2]
    (tmp_path / "world.sqlite3").write_bytes(gzip.decompress(content))
    with closing(sqlite3.connect(tmp_path / "world.sqlite3")) as database:
        secrets = database.execute(
            "SELECT psk FROM connections_tunnel UNION ALL SELECT secret FROM connections_accesskey"
        )
        opened = [Fernet(PUBLISHED_KEY).decrypt(token) for (token,) in secrets if token]
    assert len(opened) > 15
    other = json.loads(control.raw("POST", "/worlds", content, Content_Type="application/gzip")[2])
    assert other["clock"] == world["clock"]
    address = world["names"]["connection"]["hamburg-primary"]["address"]
    pages = [Visitor(server, each["id"], "alice").get(address).text for each in (world, other)]
    assert pages[0].count("hamburg-primary") > 2
    assert unmarked(pages[0]) == unmarked(pages[1])


def unmarked(page: str) -> str:
    """A page without what differs each time: its world, tokens of forms, and the ID of the request."""
    page = re.sub(r'data-world="\w+"', "", page)
    page = re.sub(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", "", page)
    return re.sub(r"\b[A-Za-z0-9]{64}\b", "", page)


def test_a_link_puts_a_browser_into_a_world_once(control, server):
    world = control.world(scenario="empty")
    link = control.call("POST", f"/worlds/{world['id']}/enter", 201, to=GATEWAYS, **{"as": "bob"})
    browser = Browser(server)
    answer = browser.get(urlsplit(link["url"]).path)
    assert (answer.status, answer.headers["Location"]) == (302, GATEWAYS)
    assert "Summit Retail" in browser.get(GATEWAYS).text
    assert Browser(server).get(urlsplit(link["url"]).path, Accept="text/html").status == 410
    control.call("POST", f"/worlds/{world['id']}/enter", 422, to="//elsewhere.example/")
    control.call("POST", f"/worlds/{world['id']}/enter", 422, **{"as": "nobody"})
    browser.get("/_kit/leave")
    assert browser.cookies["vpnc_world"] == browser.cookies["sessionid"] == ""


def test_cookies_of_a_persona_are_signed_in(control, server):
    world = control.world(scenario="empty")
    made = control.call("POST", f"/worlds/{world['id']}/sessions", 201, **{"as": "bob"})
    browser = Browser(server)
    browser.cookies |= {cookie["name"]: cookie["value"] for cookie in made["cookies"]}
    page = browser.get("/events/")
    assert page.status == 200
    assert page.headers["X-VPNC-World"] == world["id"]
    assert made["storage_state"] == {"cookies": made["cookies"], "origins": []}
    assert {cookie["domain"] for cookie in made["cookies"]} == {"127.0.0.1"}


def test_making_is_all_or_nothing(control):
    world = control.world(scenario="empty")
    resources = {"customer_gateways": [
        {"region": "eu-central-1", "name": "good", "ip_address": "203.0.113.1"},
        {"region": "eu-central-1", "name": "bad", "ip_address": "none"},
    ]}  # fmt: skip
    refused = control.call("POST", f"/worlds/{world['id']}/make", 422, **{"as": "alice", "resources": resources})
    assert refused["faults"][0]["place"] == "customer_gateways[1].ip_address"
    assert gateways(control, world) == set()
    before = control.call("GET", f"/worlds/{world['id']}/state")["last_event"]
    made = make_gateway(control, world, "good")
    assert made["names"]["gateway"]["good"]["id"] == made["made"][0]
    events = control.call("GET", f"/worlds/{world['id']}/state?since={before}")["events"]
    assert {event["actor"] for event in events} == {"kit"}
    assert "CreateCustomerGateway" in {event["operation"] for event in events}


def test_an_access_key_leads_to_its_world(control, server):
    worlds = [control.world(), control.world(scenario="empty")]
    ids = []
    for world in worlds:
        key = world["keys"]["alice"]
        assert len(key["id"]) == 24
        browser = Browser(server)
        answer = call_at(browser, (key["id"], key["secret"]), "DescribeCustomerGateways", RegionId="eu-central-1")
        assert answer.status == 200, answer.text
        assert answer.headers["X-VPNC-World"] == world["id"]
        ids.append({one["CustomerGatewayId"] for one in json.loads(answer.text)["CustomerGateways"]["CustomerGateway"]})
    assert ids[0]
    assert not ids[1]


def test_sweeping_ends_the_worlds_of_a_run(control):
    mine = [control.world(scenario="empty", label="run-7") for _ in range(2)]
    other = control.world(scenario="empty", label="run-8")
    assert control.call("POST", "/sweep", label="run-7")["ended"] == 2
    left = {world["id"] for world in control.call("GET", "/worlds")["worlds"]}
    assert other["id"] in left
    assert not left & {world["id"] for world in mine}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"scenario": "other"}, "scenario must be one of"),
        ({"label": 7}, "label must be of type string"),
        ({"expires_in": 1}, "expires_in must be from 60"),
        ({"colour": "red"}, "no field 'colour'"),
    ],
)
def test_a_body_is_as_declared(control, body, words):
    refused = control.call("POST", "/worlds", 422, **body)
    assert refused["code"] in ("invalid", "unknown_scenario")
    assert words in refused["message"]


# --- without the token


def test_every_call_needs_the_token(control, server):
    before = {one["id"] for one in control.call("GET", "/worlds")["worlds"]}
    paths = [*control.call("GET", "/openapi.json")["paths"], "/_kit/v1/unknown"]
    world = control.world(scenario="empty")
    for token in ("", "wrong"):
        stranger = Control(server, token)
        for path in paths:
            if not path.startswith("/_kit/v1/"):
                continue
            path = path.removeprefix("/_kit/v1").replace("{world}", world["id"]).replace("{name}", "n")
            for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
                status, headers, _ = stranger.raw(
                    method, path, b"a=b" if method == "POST" else None,
                    Content_Type="application/x-www-form-urlencoded", Origin="http://elsewhere.example",
                )  # fmt: skip
                assert status == 401, (method, path)
                assert not [name for name in headers if name.lower().startswith("access-control-")]
    control.call("DELETE", f"/worlds/{world['id']}", 204)
    assert {one["id"] for one in control.call("GET", "/worlds")["worlds"]} == before
