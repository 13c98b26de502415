"""Walks as files: what is read, what is refused and how it is said, and that writing loses nothing."""

import re

import pytest
import yaml

from tools.kit.registry import paths
from vpnconsole.kit.endpoint.routing import ROUTES
from vpnconsole.kit.walks import documents, format
from vpnconsole.kit.walks.format import LANGUAGES, MOST_STEPS, PEER, PLACES, Step, Walk, WalkError, read, write
from vpnconsole.kit.walks.moves import meant, moves

SAY = {"en": "Nothing is sent.", "zh-hans": "不会发送任何内容。"}
HEAD = "walk: 1\ntitle: {en: A line, zh-hans: 线路}\n"
# A value of every shape that an action takes.
VALUES = {
    "go": ["overview", "connections"],
    "click": ["create", {"row": "north"}, {"row": "north", "part": "tag-cost center"}, {"tunnel": 1, "part": "device"}],
    "fill": [
        {"name": "on", "enable_bgp": True, "local_asn": 65010, "tunnel1-psk": {"generated": 20}},
        {"file": {"document": "connections:\n- psk: ${key 1}\n"}, "text": {"document": "no end \n\t, \x07"}},
        {"tags": {"yes": "1:30"}, "local_subnet": ["10.0.0.0/8", "0x1F"], "description": " a\nb: [c "},
    ],
    "see": [
        {"said": "CreateVpnAttachment"},
        {"row": "north", "state": "init", "status": "ike_sa_negotiation_failed"},
        {"row": "2026-03-02", "gone": True},
        {"state": "attached"},
        {"status": "ipsec_sa_established"},
        {"tunnel": 2, "status": "ipsec_sa_established", "bgp": "Established", "health": "success"},
        {"tunnel": 1, "code": "PskMismatch"},
        {"refused": "InUse"},
        {"errors": {"name": "NameTaken"}},
        {"testid": "value-name", "text": "~"},
        {"testid": "error-code", "gone": True},
    ],
    "as": ["bob", "Zoë@north+1"],
    "kit": [{"advance": 60}, {"settle": True}, {"peer": {"connection": "north", "row": "F3", "settings": {"mtu": 1}}}],
}


def test_what_is_written_is_read_as_the_same_walk():
    assert VALUES.keys() == format.ACTIONS.keys()
    steps = [Step(action, value) for action, values in VALUES.items() for value in values]
    walk = Walk(SAY, (*steps, Step("click", "create", SAY), Step(say=SAY)), SAY, "empty", "bob", "cn-hangzhou")
    assert read(write(walk)) == walk
    small = Walk(SAY, (Step("go", "cens"),))
    assert read(write(small)) == small
    # Others may read it as well.
    assert yaml.safe_load(write(walk))["steps"][1] == {"go": "connections"}
    assert "- fill: {name: 'on', enable_bgp: true, local_asn: 65010, tunnel1-psk: {generated: 20}}\n" in write(walk)
    assert "\n    file:\n      document: |\n        connections:\n        - psk: ${key 1}\n" in write(walk)


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ("- press: create", "Step 1: there is no action 'press'. There are `go`, `click`"),
        ("- {}", "Step 1: a step is a mapping"),
        ("- go: cens\n- {click: create, see: {state: x}}", "Step 2: it does two things, `click`, `see`."),
        ("- {say: {en: Look.}}", "Step 1: the text lacks the language `zh-hans`."),
        ("- {say: {en: Look., zh-hans: ' '}}", "lacks the language `zh-hans`"),
        ("- {say: {en: Look., zh-hans: 看, de: Schau}}", "Step 1: the text has a language that the console does not"),
        ("- {say: Look.}", "Step 1: its text is needed in every language: {en: …, zh-hans: …}."),
        ("- go: home", "Step 1: `go` leads to one of `overview`, `connections`"),
        ("- click: {part: edit}", "Step 1: a target needs `row`."),
        ("- click: {row: a, id: b}", "Step 1: a target has no 'id'. It has `row`, `part`."),
        ("- click: {tunnel: 3, part: device}", "Step 1: a tunnel is 1 or 2, not 3."),
        ("- click: {row: 5}", "Step 1: `row` is a text, not 5, so put it in quotes."),
        ("- click: ", "Step 1: None is not a test id"),
        ("- fill: {}", "Step 1: `fill` has values by the names of fields."),
        ("- fill: {name: }", "Step 1: `name` has no value. An empty text is ''."),
        ("- fill: {'a b': c}", "Step 1: 'a b' is not the name of a field."),
        ("- fill: {psk: {generated: 5000}}", "Step 1: `psk` has a mapping other than `generated`"),
        ("- fill: {file: {document: ' '}}", "Step 1: `file` has a document without a text."),
        (f"- fill: {{file: {{document: {'x' * 32_769}}}}}", "Step 1: `file` has a document of more than 32 KB."),
        ("- fill: {tags: [a]}", "Step 1: `tags` has a text for each key."),
        ("- fill: {local_subnet: [1]}", "Step 1: `local_subnet` has a list of something other than texts."),
        ("- see: {}", "Step 1: `see` has one of `said`"),
        ("- see: {name: a}", "Step 1: `see` has one of `said`"),
        ("- see: {said: A, state: b}", "Step 1: `see` has no 'state'. It has `said`."),
        ("- see: {row: a, gone: true, state: b}", "Step 1: what is gone has no state."),
        ("- see: {errors: {}}", "Step 1: `errors` has codes by the names of fields."),
        ("- as: Bob Smith", "Step 1: 'Bob Smith' is not a user name."),
        ("- kit: {advance: 60, settle: true}", "Step 1: `kit` has one of `advance`, `settle`, `peer`."),
        ("- kit: {advance: -1}", "Step 1: `advance` has whole seconds, from 1 to"),
        ("- kit: {peer: {row: F3}}", "Step 1: `peer` needs `connection`."),
        ("- kit: {peer: {connection: a}}", "Step 1: `peer` does nothing."),
        ("- kit: {peer: {connection: a, colour: red}}", "Step 1: `peer` has no 'colour'."),
    ],
)
def test_what_is_wrong_is_said_with_the_step(steps, sentence):
    with pytest.raises(WalkError, match=re.escape(sentence)):
        read(f"{HEAD}steps:\n{steps}\n")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "A walk begins with `walk: 1`."),
        ("- walk", "A walk begins with `walk: 1`."),
        ("walk: 2", "Only version 1 of walks is known, not 2."),
        ("walk: 1\nsteps: []", "The title: its text is needed in every language"),
        (f"{HEAD}colour: red\nsteps: [{{go: cens}}]", "A walk has no 'colour'."),
        (f"{HEAD}scenario: ../etc\nsteps: [{{go: cens}}]", "The scenario: '../etc' is not a name."),
        (f"{HEAD}steps: {{}}", "A walk has a list `steps` of 1 to 200 steps."),
        (f"{HEAD}steps: [{','.join(['{go: cens}'] * (MOST_STEPS + 1))}]", "of 1 to 200 steps."),
        ("walk: 1 # " + "x" * 64 * 1024, "A walk has at most 64 KB."),
        ("walk: [", "This is not YAML: "),
        ("walk: &a 1\ntitle: *a", "This is not YAML: aliases (*name) are not read (line 2, column 8)."),
        ("walk: !!python/object:os.system 1", "This is not YAML: tags (!name) are not read"),
        ("[" * 60_000, "This is not YAML: "),
    ],
)
def test_what_is_no_walk_is_refused(text, sentence):
    with pytest.raises(WalkError) as refused:
        read(text)
    assert sentence in str(refused.value)


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(WalkError) as refused:
        read(f"{HEAD}persona: 5\nsteps:\n- go: home\n- click: create\n- as: ''\n")
    assert [problem.partition(":")[0] for problem in refused.value.problems] == ["The persona", "Step 1", "Step 3"]


def test_a_step_becomes_moves():
    steps = (
        Step("go", "connections", SAY),
        Step("click", "create"),
        Step("fill", {"name": "north", "tags": {"a": "b"}}, SAY),
        Step("click", {"row": "north"}),
        Step("see", {"state": "init"}),
        Step("as", "bob"),
        Step(say=SAY),
    )
    assert moves(Walk(SAY, steps), "/console/") == [
        {"step": 1, "do": "go", "url": "/console/eu-central-1/connections/", "say": SAY},
        {"step": 2, "do": "click", "target": {"testid": "create"}},
        {"step": 3, "do": "set", "field": "name", "value": "north", "say": SAY},
        {"step": 3, "do": "set", "field": "tags", "value": {"a": "b"}},
        {"step": 4, "do": "click", "target": {"row": "north"}},
        {"step": 5, "do": "see", "see": {"state": "init"}},
        {"step": 6, "do": "as", "value": "bob"},
        {"step": 7, "do": "say", "say": SAY},
    ]


def test_the_format_knows_the_lists_the_languages_and_what_a_peer_takes(settings):
    assert {"overview": "", **paths()} == PLACES
    assert tuple(code for code, _ in settings.LANGUAGES) == LANGUAGES
    (peer_set,) = (route for route in ROUTES if route.handler.__name__ == "peer_set")
    assert tuple(peer_set.fields) == PEER


def test_a_list_of_steps_shows_how_long_a_document_is():
    assert format.line(Step("fill", {"file": {"document": "a: 1\nb: 2\n"}})) == "fill: {file: a document of 2 lines}"
    assert format.line(Step("fill", {"tags": {"document": "x"}})) == "fill: {tags: {document: x}}"


def test_placeholders_of_a_document_become_ids_and_new_keys():
    text = "a: ${cen core}\nb: ${key 1}\nc: ${key 2}\nd: ${key 1}\ne: ${nothing x} $ ${cen }\n"
    found = meant("file", {"document": text}, lambda kind, name: f"{kind}/{name}")["document"]
    lines = dict(line.split(": ", 1) for line in found.splitlines())
    assert lines["a"] == "cen/core"
    assert lines["b"] == lines["d"] != lines["c"]
    assert re.fullmatch(r"[0-9a-f]{24}", lines["b"])
    assert lines["e"] == "${nothing x} $ ${cen }"
    assert documents.placeholder("cen", "a}b") == ""


def test_tags_are_never_read_as_ids():
    assert meant("tags", {"cen": "core"}, lambda kind, name: "x") == {"cen": "core"}
    assert meant("connection", {"cen": "core"}, lambda kind, name: "x") == "x"
