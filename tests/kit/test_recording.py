"""The recorder: what pages send becomes steps without IDs and keys, and what comes out does the same again."""

import ast
import json
import os
import subprocess
import textwrap

import pytest
from playwright.sync_api import expect

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


def test_each_tab_has_its_page():
    here, there = {"tab": "a"}, {"tab": "b"}
    cens = page(("go", "cens"))
    taken = steps.steps_of(
        events(LIST | here, cens | there, click("create") | here, click("more") | here, fill("name", "x") | there)
    )
    assert [(one.step.action, one.step.value) for one in taken] == [
        ("go", "connections"), ("go", "cens"), ("go", "connections"), ("click", "create"), ("click", "more"),
        ("go", "cens"), ("fill", {"name": "x"}),
    ]  # fmt: skip


def test_a_person_who_goes_on_is_on_the_page_that_they_left():
    mine, theirs = events(LIST, click("create"), page(("go", "members"))), events(LIST, user="bob")
    back = events(fill("name", "x"), {"is": "kit", "kit": {"settle": True}})
    for number, event in enumerate([*mine, *theirs, *back]):
        event["at"] = number
    taken = steps.steps_of(mine + theirs + back)
    assert [(one.step.action, one.step.value) for one in taken][2:] == [
        ("as", "bob"), ("go", "connections"), ("as", "alice"), ("go", "members"), ("fill", {"name": "x"}),
        ("kit", {"settle": True}),
    ]  # fmt: skip


def test_another_person_begins_at_an_address():
    first, second = events(LIST), events(page(("go", "overview")), user="bob")
    second[0]["at"] = 10
    taken = steps.steps_of(first + second)
    assert [(one.step.action, one.step.value) for one in taken] == [
        ("go", "connections"), ("as", "bob"), ("go", "overview"),
    ]  # fmt: skip


DOCUMENT = """connections:
- name: from-a-file
  description: a "quoted" \\ `${text} {x}
  tunnels:
  - customer_gateway: ${gateway hamburg-dc1}
    psk: ${key 1}
    device: {psk: ${key 1}}
"""
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
        Step("click", "nav-resources"),
        Step("fill", {"file": {"document": DOCUMENT}}),
        Step("fill", {"text": {"document": DOCUMENT}}),
        Step("click", "import"),
        Step("see", {"testid": "imported"}),
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
    assert ("${key 1}" in text) == (kind == "walk")
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


# Names of people, keys of tags and texts that a language or a format would take for something else.
ODD = ("class", "expect", "a_1", "a1", "5th", "x²", "__proto__", "cen", "it's \"\\", "a\nb\r\t", "\x07\x7f\u2028\ufeff",
       "1e3", "0o17", "=", "汉堡，", "\U0001f600\U000e0001", "${x}`{y}", '"""', "</script>")  # fmt: skip


@pytest.mark.parametrize("kind", exports.EXPORTS)
def test_odd_names_are_printed_as_they_are(kind):
    people = ("alice", *(one for one in ODD if one.isalnum() and one.isascii()))
    steps = [step for user in people[1:] for step in (Step("as", user), Step("go", "cens"))]
    steps += [Step("fill", {"name": one, "tags": {one: one}}) for one in ODD]
    steps += [Step("fill", {"file": {"document": f"a: {one}\nb: ${{cen {one}}}\n"}}) for one in ODD]
    walk = Walk(dict.fromkeys(TITLE, ODD[8]), tuple(steps))
    text = exports.EXPORTS[kind].text(walk)
    if kind == "walk":
        assert read(text) == walk
    elif kind.startswith("python"):
        tree = ast.parse(text)
        texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        assert [one for one in ODD if one not in texts] == []
        (test,) = (one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"))
        names = [one.id for node in test.body if isinstance(node, ast.Assign) for one in node.targets]
        assert {"class", "expect", "secrets"} & {*names} == set()
        assert len(names) == len({*names})
    else:
        values = _evaluated(text)
        assert [one for one in ODD if one not in values] == []


# Runs a test with objects that take everything, and prints the texts that they were given.
EVALUATOR = """
const seen = [];
const note = (value) => {
  if (typeof value === "string") seen.push(value);
  else if (value && Object.getPrototypeOf(value) === Object.prototype) Object.entries(value).flat().forEach(note);
};
const any = new Proxy(function () {}, {
  get: (_, name) => ({ then: undefined, [Symbol.toPrimitive]: () => "x" }[name] ?? (name === "then" ? undefined : any)),
  apply: (_, __, given) => { given.forEach(note); return any; },
  construct: (_, given) => { given.forEach(note); return any; },
});
const [pages, expect, idle, fill, fillTags, upload, press] = Array(7).fill(any);
let run;
const test = (_, body) => { run = body; };
%s
await run({ app: any, signedInPage: any, world: any, asPersona: any });
console.log(JSON.stringify(seen));
"""


def _evaluated(text: str) -> list[str]:
    """The texts in a test in TypeScript, as Node reads them."""
    script = EVALUATOR % text[text.index("\ntest(") :]
    done = subprocess.run(["node", "--input-type=module", "-e", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


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
    send(**{"is": "set", "at": 4.5, "testid": "field-connection", "value": ID})
    send(**{"is": "click", "at": 5, "testid": f"attention-{ID}-do"})
    send(**{"is": "click", "at": 6, "testid": "x" * 5000})
    text = alice.get("/_kit/recording/download/walk").text
    steps = [step for step in text.splitlines() if step.startswith("- ")]
    assert steps[:3] == ["- go: connections", "- click: {row: hamburg-primary}", "- click: tab-tags"]
    assert "tunnel1-psk: {generated: 17}" in text
    assert "description: beside hamburg-primary." in text
    assert "peer_cen_id: {cen: summit-core}" in text
    # A choice of another account's has no name in the page.
    assert read(text).steps[-1].value["connection"] == {"connection": "hamburg-primary"}
    assert ID not in text
    assert "typed-by-somebody" not in text


@pytest.mark.parametrize(
    "sent",
    [
        {"is": "click"},
        {"is": "see", "see": {"row": ID, "state": "init"}},
        {"is": "see", "see": {"row": "x", "state": 1}},
        {"is": "set"},
        {"is": "page"},
        {"is": "click", "testid": "create", "at": float("nan")},
        {"is": "nothing"},
    ],
)
def test_what_makes_no_sense_is_not_kept(recorder, sent):
    alice, send = recorder
    assert send(**sent) == (204 if sent == {"is": "click"} else 202)
    assert alice.get("/_kit/recording").status == 200


def test_characters_that_no_file_has_are_left_out(recorder):
    alice, send = recorder
    assert send(**{"is": "set", "testid": "field-name", "value": "a\ud800b\0c"}) == 204
    assert "name: 'a?bc'" in alice.get("/_kit/recording/download/walk").text


KEYS = ("typed-by-somebody", "another-key")
IMPORTED = f"""
# psk: {KEYS[0]}
connections:
- {{id: {ID}, region: eu-central-1, tunnels: [{{customer_gateway: cgw-00000000000000000000, psk: "{KEYS[0]}"}}]}}
- tunnels:
  - customer_gateway: cgw-00000000000000000000
    psk: >-
      {KEYS[0]}
    device: {{auth_key: {KEYS[1]}, Auth-Key: {KEYS[1]}}}
  authorizations: [{{peer_uid: 1645005306006535, peer_cen_id: cen-nzkxp13ulgdej68hz3}}]
"""
KEPT = """
  - fill:
      file:
        document: |
          connections:
          - id: ${connection hamburg-primary}
            region: eu-central-1
            tunnels:
            - customer_gateway: cgw-e174b9
              psk: ${key 1}
          - tunnels:
            - customer_gateway: cgw-e174b9
              psk: ${key 1}
              device:
                auth_key: ${key 2}
                Auth-Key: ${key 2}
            authorizations:
            - peer_uid: ${uid alice}
              peer_cen_id: ${cen summit-core}
"""


@pytest.mark.parametrize("testid", ["field-file", "field-text"])
def test_a_document_has_placeholders_in_place_of_ids_and_keys(recorder, testid):
    alice, send = recorder
    assert send(**{"is": "set", "testid": testid, "value": {"document": IMPORTED}}) == 204
    text = alice.get("/_kit/recording/download/walk").text
    assert textwrap.dedent(KEPT).replace("file", testid.removeprefix("field-")) in f"{text}\n"
    # Without the name of the field for which a browser sends a document.
    assert send(**{"is": "set", "at": 2, "testid": testid, "value": json.dumps({"psk": KEYS[0], "n": 1})}) == 204
    text = alice.get("/_kit/recording/download/walk").text
    assert "psk: ${key 1}\n        n: 1\n" in text
    assert [key for key in KEYS if key in text] == []
    assert 'data-testid="record-keys"' in alice.get("/_kit/recording").text


TOO_LONG = " was left out of the recording: it is longer than 32 KB"
NO_YAML = "# The document was left out of the recording: it is not YAML, and may have keys"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"document": "", "name": "all  of it.yaml"}, f"# all of it.yaml{TOO_LONG}"),
        ({"document": "x: " + "y" * 33_000}, f"# The document{TOO_LONG}"),
        ({"document": "x: " + "界" * 9000}, f"# The document{TOO_LONG}"),
        ({"document": "psk: [typed"}, NO_YAML),
        ({"document": f"[{ID}"}, NO_YAML),
        ({"document": "connections: ["}, "connections: ["),
        ({"document": "nothing"}, "nothing"),
    ],
)
def test_what_cannot_be_kept_of_a_document_is_said_in_its_place(recorder, value, kept):
    alice, send = recorder
    assert send(**{"is": "set", "testid": "field-file", "value": value}) == 204
    (step,) = read(alice.get("/_kit/recording/download/walk").text).steps
    assert step.value["file"]["document"].startswith(kept)
    is_left_out = 'data-testid="record-left-out"' in alice.get("/_kit/recording").text
    assert is_left_out == kept.startswith("#")


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
    assert send(**{"is": "set", "testid": "field-name", "value": "x" * 200_000}) == 400
    kept = [send(**{"is": "set", "at": at, "testid": f"field-text-{at}", "value": "x" * 20_000}) for at in range(4)]
    assert kept == [204, 204, 204, 202]
    assert len(read(alice.get("/_kit/recording/download/walk").text).steps[0].value) == 3
    for at in range(4, 100):
        kept.append(send(**{"is": "set", "at": at, "testid": "field-name", "value": "x" * 500}))
    assert kept[-1] == 202
    assert "It is full" in alice.get("/_kit/recording").text


def test_a_recording_outlives_the_data_of_its_world(recorder, control):
    alice, send = recorder
    at = f"/worlds/{alice.world_id}"
    send(**{"is": "click", "testid": "create"})
    control.call("PUT", f"{at}/snapshots/first")
    send(**{"is": "click", "at": 2, "testid": "form-cancel"})
    control.call("POST", f"{at}/snapshots/first/restore")
    # It goes on with what led to the snapshot.
    alice = Visitor(control.server, alice.world_id, "alice")
    assert "Under way" in (page := alice.get("/_kit/recording").text)
    assert ("recorded-1" in page, "recorded-2" in page) == (True, False)
    alice.post("/_kit/recording/stop", {})
    control.call("POST", f"{at}/reset")
    alice = Visitor(control.server, alice.world_id, "alice")
    assert "recorded-1" in alice.get("/_kit/recording").text
    alice.post("/_kit/recording/go-on", {})
    control.call("POST", f"{at}/reset")
    alice = Visitor(control.server, alice.world_id, "alice")
    assert "Under way" in (page := alice.get("/_kit/recording").text)
    assert "recorded-1" not in page


def test_there_are_no_recordings_outside_of_worlds(server):
    outside = Browser(server, "alice")
    assert outside.get("/_kit/recording").status == 404
    assert outside.post("/_kit/recording/start", {}).status == 404


@pytest.mark.browser
def test_a_mode_of_clicks_says_what_is_to_be_seen(browser, control):
    world = control.world()
    context = browser.new_context(base_url=control.server.url)
    context.add_cookies(control.call("POST", f"/worlds/{world['id']}/sessions", **{"as": "alice"})["cookies"])
    page = context.new_page()
    page.goto("/_kit/recording")
    page.get_by_test_id("record-start-here").click()
    page.goto("/eu-central-1/connections/")
    row = page.locator("tr[data-name=hamburg-primary]")
    html = page.locator("html")
    # A letter of some keyboards.
    page.keyboard.press("Control+Alt+a")
    expect(html).not_to_have_attribute("data-asserting", "")
    row.evaluate("row => row.setAttribute('tabindex', '-1')")
    page.keyboard.press("Alt+a")
    expect(html).to_have_attribute("data-asserting", "")
    expect(row).to_have_attribute("tabindex", "0")
    row.focus()
    page.keyboard.press("Enter")
    expect(row).to_have_attribute("data-asserted-now", "")
    page.keyboard.press("Alt+a")
    expect(row).to_have_attribute("tabindex", "-1")
    # Nothing is recorded any more, and the page does not know yet.
    Visitor(control.server, world["id"], "alice").post("/_kit/recording/stop", {})
    row.locator("[data-state]").first.click(modifiers=["Alt"])
    expect(row).to_have_attribute("data-not-asserted", "")
    context.close()


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.parametrize(
    "chosen", [("import_document",), pytest.param(("hand_over", "keyboard", "two_tabs"), marks=pytest.mark.full)]
)
def test_what_is_recorded_does_the_same_in_a_new_world(server, browser, tmp_path, chosen):
    """`python -m bench.recordings` does so with more sessions, and in TypeScript."""
    endpoint = Server(server.url, TOKEN)
    files = {name: recordings.recorded(browser, endpoint, recordings.SESSIONS[name]) for name in chosen}
    for texts in files.values():
        assert [match[0] for text in texts.values() for match in recordings.SECRET.finditer(text)] == []
        world = endpoint.world()
        assert recordings.run_walk(texts["walk"], browser, world, "zh-hans") == ""
        world.delete()
    tests = {name: texts["python"] for name, texts in files.items()}
    assert recordings.run_python(tests, tmp_path / "tests", server.url, "zh-hans") == ""
    assert recordings.check_python(tests, tmp_path / "checked", types=False) == ""
