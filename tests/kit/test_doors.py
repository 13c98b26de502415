"""Every address of the kit, with every method: without the token, without a form's, and with a world that is gone.

A page without a row in `PAGES` fails.
"""

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from vpnconsole import paths
from vpnconsole.kit import endpoint, urls
from vpnconsole.testing.served import Browser

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD")
WRITES = ("POST", "PUT", "PATCH", "DELETE")
RECORDING = ("start", "stop", "go-on", "discard", "mode", "remove", "steps", "download")
# What GET answers a stranger, outside of any world, by the name of a page.
PAGES = {
    "start": 200,
    "begin": 405,
    "start-over": 404,
    "labs": 200,
    "lab-begin": 405,
    "lab-verify": 200,
    "lab": 404,
    "lab-over": 404,
    "lab-result": 404,
    "lab-do": 405,
    "class-begin": 405,
    "class-join": 410,
    "board": 410,
    "board-csv": 410,
    "board-end": 410,
    "panel": 404,
    "panel-do": 405,
    "panel-file": 404,
    "walk-do": 405,
    # Only members have recordings.
    **dict.fromkeys(("recording", *(f"recording-{what}" for what in RECORDING)), 302),
}
GONE = "A" * 16
REFUSED = {401, 403, 404, 405, 410, 422, 429}


def filled(path: str, world: str) -> str:
    return re.sub(r"\{(\w+)\}|<(?:\w+:)?(\w+)>", lambda part: world if "world" in part[0] else "nothing", path)


def contents(server, world):
    """A digest of everything that a world stores, and how many worlds and links there are."""
    data = Path(server.env["VPNCONSOLE_DATA"])
    folder = paths.memory_folder(data, "worlds") or data / "worlds"
    (file,) = folder.glob(f"{world}.*.sqlite3")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        rows = "\n".join(database.iterdump())
    return hashlib.sha256(rows.encode()).hexdigest(), sorted(path.name for path in folder.glob("*.json"))


@pytest.fixture
def victim(server, control):
    """A world with a panel in which somebody is signed in, and a check that nothing is written in it or beside it."""
    world = control.world(scenario="empty", panel=True)
    cookies = control.call("POST", f"/worlds/{world['id']}/sessions", **{"as": "alice"})["cookies"]
    world["cookies"] = "; ".join(f"{one['name']}={one['value']}" for one in cookies)
    before = contents(server, world["id"])
    yield world
    assert contents(server, world["id"]) == before


def statuses(server, path, methods=METHODS, **headers):
    """The answers by method, without cookies but those in `headers`."""
    browser = Browser(server)
    return {method: browser.ask(method, path, None, headers).status for method in methods}


CALLS = sorted({route.path for route in endpoint.routing.ROUTES if route.needs_token})


def test_every_call_needs_the_token(server, victim):
    for path in CALLS:
        at = filled(path, victim["id"])
        for headers in ({}, {"Authorization": "Bearer wrong", "Cookie": victim["cookies"]}):
            assert set(statuses(server, at, **headers).values()) == {401}, (path, headers)


def test_every_call_answers_its_own_methods_only(server, control, victim):
    """With the token, any other method is 405, and the answer names those that there are."""
    for path in CALLS:
        own = {route.method for route in endpoint.routing.ROUTES if route.path == path}
        for method in set(METHODS) - own - {"HEAD"}:
            status, _, body = control.raw(method, filled(path, victim["id"]).removeprefix(endpoint.routing.ROOT))
            assert (status, json.loads(body)["code"]) == (405, "method"), (method, path)


def test_every_call_about_a_world_that_is_gone_is_410(server, control):
    for route in endpoint.routing.ROUTES:
        if "{world}" not in route.path or not route.needs_token or route.method == "DELETE":
            continue
        body = json.dumps({name: _example(route.fields[name]) for name in route.required}).encode()
        path = filled(route.path, GONE).removeprefix(endpoint.routing.ROOT)
        status, _, answer = control.raw(route.method, path, body)
        assert (status, json.loads(answer)["code"]) == (410, "world_gone"), (route.method, route.path)


def _example(schema):
    """A value that a field may have."""
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if "enum" in schema:
        return schema["enum"][0]
    return {"string": "alice", "integer": 1, "number": 1, "boolean": True, "object": {}, "array": []}[kind]


def test_every_page_has_a_row():
    assert {page.name for page in urls.pages} == set(PAGES)


@pytest.mark.parametrize("one", urls.pages, ids=lambda one: one.name)
def test_no_page_does_anything_without_the_token_of_its_form(server, victim, one):
    path = filled(f"/_kit/{one.pattern}", victim["id"])
    assert statuses(server, path)["GET"] == PAGES[one.name]
    for headers in ({}, {"Origin": "https://elsewhere.example"}, {"Cookie": victim["cookies"]}):
        assert set(statuses(server, path, WRITES, **headers).values()) <= REFUSED, headers.keys()
    assert set(statuses(server, path, Cookie=f"vpnc_world={GONE}").values()) == {410}
