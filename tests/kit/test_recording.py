"""The recorder: what pages send becomes steps without IDs and keys, and what comes out does the same again."""

import json
import os

import pytest

from bench import recordings
from vpn_console_kit.client import Server
from vpnconsole.kit import exports
from vpnconsole.kit.recording import steps
from vpnconsole.kit.walks.format import Step, Walk, read
from vpnconsole.testing.served import Browser
from vpnconsole.testing.worlds import TOKEN, Visitor

# The browser leaves an event loop in the thread, in which later tests of this process use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def events(*sent: dict, user: str = "alice") -> list[dict]:
    """Events one after the other."""
    return [{"at": number, "user": user, **event} for number, event in enumerate(sent)]


def page(*found, led=True, region="eu-central-1"):
    return {"is": "page", "led": led, "region": region, "steps": [*found]}


def click(target, via=""):
    return {"is": "click", "target": target, "via": via}


def fill(field, value):
    return {"is": "set", "field": field, "value": value}


LIST = page(("go", "connections"), led=False)


@pytest.mark.parametrize(
    ("sent", "done"),
    [
        # Changes of one form are one step, in which the last value of a field counts.
        ([fill("name", "a"), fill("name", "b"), fill("asn", "1")], [("fill", {"name": "b", "asn": "1"})]),
        # A field that decides what others are there may be set again.
        (
            [fill("enable_bgp", True), fill("local_asn", "1"), fill("enable_bgp", False)],
            [("fill", {"enable_bgp": True, "local_asn": "1"}), ("fill", {"enable_bgp": False})],
        ),
        # Addresses are steps only if nothing that was pressed led there.
        ([LIST, click("create"), page(), page(("go", "cens"))], [("go", "connections"), ("click", "create")]),
        ([LIST, LIST], [("go", "connections")]),
        ([LIST, click(None), page(("go", "cens"))], [("go", "connections"), ("go", "cens")]),
        # In another region.
        (
            [LIST, page(("go", "cens"), led=False, region="us-west-1")],
            [("go", "connections"), ("go", "cens"), ("click", "region-menu"), ("click", "region-us-west-1")],
        ),
        # Menus open only on the way to something.
        ([click("delete", via="more")], [("click", "more"), ("click", "delete")]),
        ([click({"row": "a", "part": "more"}), click({"row": "a"})], [("click", {"row": "a"})]),
        ([click("persona-bob", via="account-menu"), fill("region-q", "x")], []),
        # What was done is said once.
        (
            [click("form-ok"), {"is": "said", "said": "CreateCen"}, {"is": "said", "said": "CreateCen"}],
            [("click", "form-ok"), ("see", {"said": "CreateCen"})],
        ),
        ([{"is": "kit", "kit": {"advance": 60}}], [("kit", {"advance": 60})]),
    ],
)  # fmt: skip
def test_events_become_steps(sent, done):
    taken = steps.steps_of(events(*sent)[::-1])
    assert [(one.step.action, one.step.value) for one in taken] == done


def test_another_person_begins_at_an_address():
    first, second = events(LIST), events(page(("go", "overview")), user="bob")
    second[0]["at"] = 10
    taken = steps.steps_of(first + second)
    assert [(one.step.action, one.step.value) for one in taken] == [
        ("go", "connections"), ("as", "bob"), ("go", "overview"),
    ]  # fmt: skip


TITLE = {"en": 'A "first" one', "zh-hans": "第一个"}
EVERYTHING = Walk(
    TITLE,
    (
        Step("go", "connections", {"en": "Look.", "zh-hans": "看。"}),
        Step("click", "create"),
        Step("fill", {"name": 'it\'s "a"', "tunnel1-psk": {"generated": 21}, "tags": {"a": "b"}, "enable_bgp": True}),
        Step("fill", {"local_subnet": ["10.0.0.0/8"], "network_type": "private", "unheard-of": "x"}),
        Step("click", "form-ok"),
        Step("see", {"errors": {"tunnel1-psk": "malformed"}}),
        Step("click", "form-ok"),
        Step("see", {"said": "CreateVpnAttachment"}),
        Step("go", "connections"),
        Step("fill", {"search": "x", "filter-state": "init"}),
        Step("click", {"row": "x", "part": "pick"}),
        Step("click", {"row": "x", "part": "delete"}),
        Step("see", {"refused": "InUse"}),
        Step("click", "dialog-close"),
        Step("see", {"row": "x", "state": "init", "status": "off"}),
        Step("see", {"row": "y", "gone": True}),
        Step("click", {"row": "x"}),
        Step("click", "more"),
        Step("click", "delete"),
        Step("click", "dialog-ok"),
        Step("click", {"tunnel": 2, "part": "edit"}),
        Step("see", {"tunnel": 1, "status": "off"}),
        Step("see", {"testid": "value-name", "text": "x"}),
        Step("see", {"state": "init"}),
        Step("as", "bob"),
        Step("go", "access_keys"),
        Step("click", "create"),
        Step("fill", {"user": "bob", "owner_uid": {"uid": "alice"}}),
        Step("click", {"row": "alone"}),
        Step("click", "export-csv"),
        Step("kit", {"peer": {"connection": "hamburg-primary", "row": "F3"}}),
        Step("kit", {"settle": True}),
        Step("kit", {"advance": 60}),
    ),
    scenario="handed-over",
    persona="rita",
    region="cn-hangzhou",
)


@pytest.mark.parametrize("kind", exports.EXPORTS)
def test_each_kind_of_test_has_words_for_every_step(kind):
    export = exports.EXPORTS[kind]
    text = export.text(EVERYTHING)
    if kind == "walk":
        assert read(text) == EVERYTHING
    elif kind.startswith("python"):
        compile(text, export.file(EVERYTHING), "exec")
        assert export.file(EVERYTHING) == "test_a_first_one.py"
    else:
        assert export.file(EVERYTHING) == "a-first-one.spec.ts"
        assert text.count("(") == text.count(")")
    for word in ("handed-over", "rita", "bob", "cn-hangzhou", "access-keys" if kind != "walk" else "access_keys"):
        assert word in text, word


ID = "vco-gw8y1s8pg2qmhykf6ideq"


@pytest.fixture
def recorder(control):
    """A visitor of a world in which a recording is under way, and a function that sends what a page would."""
    alice = Visitor(control.server, control.world()["id"], "alice")
    alice.post("/_kit/recording/start", {})

    def send(**event):
        headers = {"Content-Type": "application/json", "X-CSRFToken": alice.cookies[alice.csrf_cookie]}
        return alice.ask("POST", "/_kit/recording/steps", json.dumps({"at": 1, **event}), headers).status

    return alice, send


def test_neither_ids_nor_keys_are_kept(recorder):
    alice, send = recorder
    assert send(**{"is": "page", "path": f"/eu-central-1/connections/{ID}/tags/", "led": False}) == 204
    send(**{"is": "set", "at": 2, "testid": "field-tunnel1-psk", "value": "typed-by-somebody"})
    send(**{"is": "set", "at": 3, "testid": "field-description", "value": f"beside {ID}."})
    send(**{"is": "set", "at": 4, "testid": "field-peer_cen_id", "value": "cen-nzkxp13ulgdej68hz3"})
    send(**{"is": "click", "at": 5, "testid": f"attention-{ID}-do"})
    send(**{"is": "click", "at": 6, "testid": "x" * 5000})
    send(**{"is": "set", "at": 7, "testid": "field-text", "value": "connections:\n- psk: typed-by-somebody\n"})
    for nonsense in ({"is": "click"}, {"is": "see", "see": {"row": ID, "state": 1}}, {"is": "set"}, {"is": "page"}):
        assert send(**nonsense) == 204
    text = alice.get("/_kit/recording/download/walk").text
    steps = [step for step in text.splitlines() if step.startswith("- ")]
    assert steps[:3] == ["- go: connections", "- click: {row: hamburg-primary}", "- click: tab-tags"]
    assert "tunnel1-psk: {generated: 17}" in text
    assert "description: beside hamburg-primary." in text
    assert "peer_cen_id: {cen: summit-core}" in text
    assert ID not in text
    assert "typed-by-somebody" not in text


def test_a_recording_is_changed_and_ends(recorder):
    alice, send = recorder
    for at, testid in enumerate(("nav-cens", "create", "form-cancel")):
        send(**{"is": "click", "at": at, "testid": testid})
    alice.post("/_kit/recording/remove", {"number": "2"})
    alice.post("/_kit/recording/remove", {})
    send(**{"is": "mode", "mode": "see"})
    assert 'data-mode="see"' in alice.get("/").text
    alice.post("/_kit/recording/mode", {"next": "//elsewhere.example"})
    page = alice.get("/_kit/recording?name=Two+lists").text
    assert "recorded-1" in page
    assert "recorded-2" not in page
    assert "def test_two_lists(" in page
    alice.post("/_kit/recording/stop", {})
    assert "record.js" not in alice.get("/").text
    send(**{"is": "click", "testid": "create"})
    assert "recorded-2" not in alice.get("/_kit/recording").text
    for kind, status in (("typescript", 200), ("perl", 404)):
        assert alice.get(f"/_kit/recording/download/{kind}").status == status
    alice.post("/_kit/recording/discard", {})
    assert alice.get("/_kit/recording/download/walk").status == 404


def test_a_recording_is_bounded(recorder):
    alice, send = recorder
    assert send(**{"is": "set", "testid": "field-text", "value": "x" * 200_000}) == 400
    for at in range(4):
        send(**{"is": "set", "at": at, "testid": f"field-text-{at}", "value": "x" * 60_000})
    assert alice.get("/_kit/recording/download/walk").text.count("field") == 0
    assert alice.get("/_kit/recording/download/walk").text.count("text-") < 4


def test_there_are_no_recordings_outside_of_worlds(server):
    outside = Browser(server, "alice")
    assert outside.get("/_kit/recording").status == 404
    assert outside.post("/_kit/recording/start", {}).status == 404


@pytest.mark.browser
@pytest.mark.long
def test_what_is_recorded_does_the_same_in_a_new_world(server, browser, tmp_path):
    """`python -m bench.recordings` does so with more sessions, and in TypeScript."""
    endpoint = Server(server.url, TOKEN)
    chosen = ("bgp", "hand_over", "delete")
    files = {name: recordings.recorded(browser, endpoint, recordings.SESSIONS[name]) for name in chosen}
    for texts in files.values():
        assert [match[0] for text in texts.values() for match in recordings.SECRET.finditer(text)] == []
        world = endpoint.world()
        assert recordings.run_walk(texts["walk"], browser, world, "zh-hans") == ""
        world.delete()
    tests = {name: texts["python"] for name, texts in files.items()}
    assert recordings.run_python(tests, tmp_path / "tests", server.url, "zh-hans") == ""
    assert recordings.check_python(tests, tmp_path / "checked", types=False) == ""
