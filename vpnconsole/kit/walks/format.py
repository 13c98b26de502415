"""Walks: what somebody does in the console, step by step, as a file in YAML. docs/walks.md describes it.

A walk speaks no language and knows no ID: it names controls by their test ids, and resources by their names. The
texts that it shows to people are in every language of the console.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import yaml

from connections.documents.parser import ParseError, parsed

LANGUAGES = ("en", "zh-hans")
VERSION = 1
# Bounds of a walk. Anybody may send one.
MOST_STEPS, MOST_BYTES, LONGEST_TEXT = 200, 64 * 1024, 2000
# Of a walk, unless it says otherwise.
SCENARIO, PERSONA, REGION = "demo", "alice", "eu-central-1"
# Where `go` leads, below the console's address.
PLACES = {
    "overview": "",
    "connections": "{region}/connections/",
    "customer_gateways": "{region}/customer-gateways/",
    "cens": "cens/",
    "events": "events/",
    "members": "members/",
    "access_keys": "access-keys/",
}
# What the control endpoint takes for a simulated device, besides the connection.
PEER = ("tunnel", "row", "negotiation", "health", "settings", "power", "line", "at_once")
# In place of a text that is an ID: {cen: summit-core} stands for that of a resource by its name, {uid: bob} for that of
# a member's account.
IDS = ("connection", "gateway", "cen", "router", "route_table", "attachment", "uid")
# Bytes of a document that is imported.
LONGEST_DOCUMENT = 32 * 1024
# Seconds.
_LONGEST_ADVANCE = 366 * 24 * 3600
_GENERATED = range(8, 101)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)
# As members' user names are checked.
_USER = re.compile(r"[\w.@+-]{1,150}")
# Some end with a tag's key, which may have blanks.
_TESTID = re.compile(r"\S|\S[^\x00-\x1f]{0,198}\S")
_FIELD = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)


class WalkError(ValueError):
    """A text that is not a walk. `problems`: a sentence for each thing that is wrong, with the number of the step."""

    def __init__(self, *problems: str):
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Step:
    """What is done, with whom or what, and what people read meanwhile. `action` is blank if they only read."""

    action: str = ""
    value: Any = None
    # By language; empty if there is nothing to say.
    say: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Walk:
    """A title by language, steps, and the world in which they are done."""

    title: Mapping[str, str]
    steps: tuple[Step, ...]
    about: Mapping[str, str] = field(default_factory=dict)
    scenario: str = SCENARIO
    persona: str = PERSONA
    region: str = REGION


def read(text: str) -> Walk:
    """The walk of a text. Raises WalkError with everything that is wrong."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise WalkError(f"A walk has at most {MOST_BYTES // 1024} KB.")
    try:
        content = parsed(text)
    except ParseError as error:
        raise WalkError(f"This is not YAML: {error.why}{f' ({error.place})' if error.place else ''}.") from None
    return of_content(content)


def of_content(content: object) -> Walk:
    """The walk of what YAML or JSON describes: mappings, lists, texts, whole numbers. Raises WalkError."""
    problems: list[str] = []

    def checked(where: str, check: Callable[[Any], Any], value: Any, default: Any = None) -> Any:
        try:
            return check(value)
        except _WrongError as error:
            problems.append(f"{where}: {error}")
            return default

    if not isinstance(content, dict) or "walk" not in content:
        raise WalkError("A walk begins with `walk: 1`.")
    if content["walk"] != VERSION:
        raise WalkError(f"Only version {VERSION} of walks is known, not {_shown(content['walk'])}.")
    known = ("walk", "title", "about", "scenario", "persona", "region", "steps")
    problems += [f"A walk has no {_shown(key)}. It has {_listed(known)}." for key in content if key not in known]
    title = checked("The title", _texts, content.get("title"), {})
    about = checked("The sentence `about`", _texts, content["about"], {}) if "about" in content else {}
    names = {
        key: checked(f"The {key}", check, content.get(key, default))
        for key, check, default in (
            ("scenario", _name, SCENARIO), ("persona", _user, PERSONA), ("region", _name, REGION)
        )
    }  # fmt: skip
    steps = content.get("steps")
    if not isinstance(steps, list) or not 1 <= len(steps) <= MOST_STEPS:
        raise WalkError(*problems, f"A walk has a list `steps` of 1 to {MOST_STEPS} steps.")
    done = tuple(checked(f"Step {number}", _step, one) for number, one in enumerate(steps, 1))
    if problems:
        raise WalkError(*problems)
    return Walk(title, done, about, **names)


def content_of(walk: Walk) -> dict[str, Any]:
    """A walk as YAML or JSON describes it. What a walk has by default is left out, but for the world."""
    content: dict[str, Any] = {"walk": VERSION, "title": dict(walk.title)}
    if walk.about:
        content["about"] = dict(walk.about)
    content |= {"scenario": walk.scenario, "persona": walk.persona}
    if walk.region != REGION:
        content["region"] = walk.region
    content["steps"] = [
        ({step.action: step.value} if step.action else {}) | ({"say": dict(step.say)} if step.say else {})
        for step in walk.steps
    ]
    return content


def write(walk: Walk) -> str:
    """The text of a walk. `read` makes the same walk of it."""
    return yaml.dump(content_of(walk), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def line(step: Step) -> str:
    """What a step does, as it stands in the text of a walk. Of documents, only how long they are."""
    value = step.value
    if step.action == "fill":
        value = {name: _short(one) if name != "tags" and is_document(one) else one for name, one in value.items()}
    text = yaml.dump({step.action: value}, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=2**20)
    return text.strip()


def _short(value: Mapping[str, str]) -> str:
    number = len(value["document"].splitlines())
    return f"a document of {number} line{'s' if number != 1 else ''}"


def is_document(value: object) -> TypeGuard[Mapping[str, str]]:
    """Whether a value is a document: what is in a file, or pasted."""
    return isinstance(value, Mapping) and value.keys() == {"document"}


class _Dumper(yaml.SafeDumper):
    """Writes what a step does on one line, and texts of people and documents on lines of their own."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        is_told = set(LANGUAGES) >= {*mapping}
        has_document = any(is_document(one) and "\n" in one["document"] for one in [mapping, *mapping.values()])
        flow_style = not is_told and not has_document and not {"walk", "say", *ACTIONS} & {*mapping}
        node = super().represent_mapping(tag, mapping, flow_style)
        if is_document(mapping) and has_document:
            node.value[0][1].style = "|"
        return node

    def ignore_aliases(self, data: Any) -> bool:
        return True


# --- what a step may be -------------------------------------------------------------------------------------------


class _WrongError(Exception):
    """What is wrong with a step."""


def _shown(value: object) -> str:
    return repr(value)[:60]


def _listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _step(value: object) -> Step:
    if not isinstance(value, dict) or not value:
        raise _WrongError("a step is a mapping, such as `click: create`.")
    for key in value:
        if key != "say" and key not in ACTIONS:
            raise _WrongError(f"there is no action {_shown(key)}. There are {_listed(ACTIONS)}, and `say`.")
    actions = [key for key in value if key in ACTIONS]
    if len(actions) > 1:
        raise _WrongError(f"it does two things, {_listed(actions[:2])}. Make two steps of it.")
    say = _texts(value["say"]) if "say" in value else {}
    if not actions:
        return Step(say=say)
    (action,) = actions
    return Step(action, ACTIONS[action](value[action]), say)


def _texts(value: object) -> dict[str, str]:
    """A text in every language."""
    if not isinstance(value, dict):
        raise _WrongError(f"its text is needed in every language: {{{', '.join(f'{one}: …' for one in LANGUAGES)}}}.")
    for language in LANGUAGES:
        if not isinstance(value.get(language), str) or not value[language].strip():
            raise _WrongError(f"the text lacks the language `{language}`.")
        if len(value[language]) > LONGEST_TEXT:
            raise _WrongError(f"the text is longer than {LONGEST_TEXT} characters.")
    if more := value.keys() - {*LANGUAGES}:
        raise _WrongError(f"the text has a language that the console does not have, {_shown(min(more))}.")
    return {language: value[language] for language in LANGUAGES}


def _name(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise _WrongError(f"{_shown(value)} is not a name. Names have small letters, digits and hyphens.")
    return value


def _user(value: object) -> str:
    if not isinstance(value, str) or not _USER.fullmatch(value):
        raise _WrongError(f"{_shown(value)} is not a user name.")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        hint = ", so put it in quotes" if isinstance(value, (int, bool)) else ""
        raise _WrongError(f"{what} is a text, not {_shown(value)}{hint}.")
    if len(value) > LONGEST_TEXT:
        raise _WrongError(f"{what} is longer than {LONGEST_TEXT} characters.")
    return value


def _testid(value: object) -> str:
    if not isinstance(value, str) or not _TESTID.fullmatch(value):
        raise _WrongError(f"{_shown(value)} is not a test id. docs/testids.md lists them.")
    return value


def _keys(value: Mapping[str, Any], needed: tuple[str, ...], allowed: tuple[str, ...], what: str) -> None:
    for key in needed:
        if key not in value:
            raise _WrongError(f"{what} needs `{key}`.")
    for key in value:
        if key not in needed + allowed:
            raise _WrongError(f"{what} has no {_shown(key)}. It has {_listed(needed + allowed)}.")


def _place(value: object) -> str:
    if not isinstance(value, str) or value not in PLACES:
        raise _WrongError(f"`go` leads to one of {_listed(PLACES)}, not to {_shown(value)}.")
    return value


def _target(value: object) -> object:
    """A test id, a row by its name, or a tunnel of a connection by its number."""
    if not isinstance(value, dict):
        return _testid(value)
    if "tunnel" in value:
        _keys(value, ("tunnel", "part"), (), "a tunnel")
        _number_of_tunnel(value["tunnel"])
    else:
        _keys(value, ("row",), ("part",), "a target")
        _text(value["row"], "`row`")
    if "part" in value:
        _testid(value["part"])
    return value


def _number_of_tunnel(value: object) -> None:
    if isinstance(value, bool) or value not in (1, 2):
        raise _WrongError(f"a tunnel is 1 or 2, not {_shown(value)}.")


def _filled(value: object) -> object:
    if not isinstance(value, dict) or not value:
        raise _WrongError("`fill` has values by the names of fields.")
    for name, one in value.items():
        if not _FIELD.fullmatch(name):
            raise _WrongError(f"{_shown(name)} is not the name of a field. docs/testids.md lists them.")
        _field_value(name, one)
    return value


def _field_value(name: str, value: object) -> None:
    """A text, a number, on or off, several texts, tags, the characters of a new key, whose ID it is, or a document."""
    if name == "tags":
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise _WrongError("`tags` has a text for each key.")
        _bounded(name, [*value, *value.values()])
    elif isinstance(value, dict) and len(value) == 1 and next(iter(value)) in IDS:
        _text(next(iter(value.values())), f"`{name}`")
    elif is_document(value):
        text: object = value["document"]
        if not isinstance(text, str) or not text.strip():
            raise _WrongError(f"`{name}` has a document without a text.")
        if len(text.encode("utf-8", "replace")) > LONGEST_DOCUMENT:
            raise _WrongError(f"`{name}` has a document of more than {LONGEST_DOCUMENT // 1024} KB.")
    elif isinstance(value, dict):
        number = value.get("generated")
        if value.keys() != {"generated"} or isinstance(number, bool) or number not in _GENERATED:
            bounds = f"{_GENERATED.start} to {_GENERATED.stop - 1}"
            raise _WrongError(f"`{name}` has a mapping other than `generated`, the number of characters: {bounds}.")
    elif isinstance(value, list):
        if not all(isinstance(one, str) for one in value):
            raise _WrongError(f"`{name}` has a list of something other than texts.")
        _bounded(name, value)
    elif isinstance(value, str):
        if len(value) > MOST_BYTES:
            raise _WrongError(f"`{name}` has too long a text.")
    elif not isinstance(value, int):
        raise _WrongError(f"`{name}` has no value. An empty text is ''.")


def _bounded(name: str, values: list[str]) -> None:
    if len(values) > MOST_STEPS or any(len(one) > LONGEST_TEXT for one in values):
        raise _WrongError(f"`{name}` has too many texts, or too long ones.")


def _seen(value: object) -> object:
    """What there is to see: exactly one of the forms in SEEN."""
    if not isinstance(value, dict) or not value:
        raise _WrongError(f"`see` has one of {_listed(SEEN)}.")
    kind = next((kind for kind in SEEN if kind in value), None)
    if kind is None:
        raise _WrongError(f"`see` has one of {_listed(SEEN)}, not {_shown(next(iter(value)))}.")
    _keys(value, (kind,), SEEN[kind], "`see`")
    for key, one in value.items():
        if key == "gone":
            if one is not True:
                raise _WrongError("`gone` is true, or left out.")
        elif key == "errors":
            if not isinstance(one, dict) or not one or not all(isinstance(code, str) for code in one.values()):
                raise _WrongError("`errors` has codes by the names of fields.")
        elif key in ("testid", "part"):
            _testid(one)
        elif key == "tunnel":
            _number_of_tunnel(one)
        else:
            _text(one, f"`{key}`")
    if "gone" in value and len(value) > (3 if "part" in value else 2):
        raise _WrongError("what is gone has no state.")
    return value


# What `see` may have, and what besides. Those that stand first decide.
SEEN: dict[str, tuple[str, ...]] = {
    "said": (),
    "row": ("state", "status", "gone"),
    "tunnel": ("part", "status", "code", "bgp", "health", "gone"),
    "testid": ("text", "gone"),
    "refused": (),
    "errors": (),
    "state": ("status",),
    "status": (),
}


def _kit(value: object) -> object:
    """What the control endpoint does: one of the three."""
    if not isinstance(value, dict) or len(value) != 1 or next(iter(value)) not in ("advance", "settle", "peer"):
        raise _WrongError("`kit` has one of `advance`, `settle`, `peer`.")
    ((what, given),) = value.items()
    if what == "advance":
        if not isinstance(given, int) or isinstance(given, bool) or not 0 < given <= _LONGEST_ADVANCE:
            raise _WrongError(f"`advance` has whole seconds, from 1 to {_LONGEST_ADVANCE}.")
    elif what == "settle":
        if given is not True:
            raise _WrongError("`settle` is true.")
    elif not isinstance(given, dict):
        raise _WrongError("`peer` has the name of a `connection` and what its device does.")
    else:
        _keys(given, ("connection",), PEER, "`peer`")
        _text(given["connection"], "`connection`")
        if len(given) == 1:
            raise _WrongError("`peer` does nothing. It takes what PUT /worlds/{world}/peers takes.")
    return value


ACTIONS: dict[str, Callable[[object], Any]] = {
    "go": _place,
    "click": _target,
    "fill": _filled,
    "see": _seen,
    "as": _user,
    "kit": _kit,
}
