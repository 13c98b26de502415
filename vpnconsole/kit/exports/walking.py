"""What both styles of tests do alike: go through the steps of a walk, and say what they have no words for."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from vpnconsole.kit.exports.forms import FORMS
from vpnconsole.kit.exports.script import Call, Chain, Comment, Do, Equal, Expect, Generated, Let, Script, Statement
from vpnconsole.kit.walks.format import Step, Walk

# Kinds in values such as {cen: summit-core}, as attributes of `world.names`.
KINDS = {
    "connection": "connections",
    "gateway": "gateways",
    "cen": "cens",
    "router": "routers",
    "route_table": "route_tables",
    "attachment": "attachments",
}
FILES = re.compile(r"(export|download|peer-download|peer-archive)(-.+)?")


def quoted(text: str) -> str:
    """A text as CSS has it in an attribute selector."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def identifier(text: str) -> str:
    """A text as the name of a variable."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "other"
    return name if name.isidentifier() else f"_{name}"


def value_of(value: Any) -> Any:
    """A value that is filled in, as an expression."""
    if isinstance(value, dict) and len(value) == 1:
        ((key, one),) = value.items()
        if key == "generated" and isinstance(one, int):
            return Generated(one)
        if key == "uid":
            return Chain("world").get("members").item(one).item("uid")
        if key in KINDS:
            return Chain("world").get("names").get(KINDS[key]).item(one).get("id")
    return value


class Walking:
    """Goes through a walk, one method an action, and keeps the statements."""

    def __init__(self, walk: Walk):
        self.walk = walk
        self.steps = walk.steps
        self.at = 0
        self.out: list[Statement] = []
        self.people = {walk.persona: "app"}
        self.persona = walk.persona

    def script(self, *fixtures: str) -> Script:
        while self.at < len(self.steps):
            step = self.steps[self.at]
            self.at += 1
            if step.say:
                self.out.append(Comment(step.say["en"]))
            if step.action:
                getattr(self, f"{step.action}_")(step.value)
        self._drop_unused()
        words = repr(self.out)
        used = {"as_persona": "'as_persona'" in words, "world": "root='world'" in words or "Address(" in words}
        names = (*fixtures, *(name for name, is_used in used.items() if is_used))
        return Script(self.walk.title["en"], self.walk.scenario, self.walk.persona, names, tuple(self.out))

    def _drop_unused(self) -> None:
        """No variables that nothing uses."""
        kept: list[Statement] = []
        for one in reversed(self.out):
            if isinstance(one, Let) and f"root={one.name!r}" not in repr(kept):
                # An object that is only made does nothing.
                if not (isinstance(one.what, Call) and one.what.is_class):
                    kept.append(Do(one.what))
            else:
                kept.append(one)
        left = [one.name for one in kept[::-1] if isinstance(one, Let)]
        names: dict[str, str] = {}
        for name in left:
            stem = re.sub(r"_\d+$", "", name)
            number = sum(one == stem or one.startswith(f"{stem}_") for one in names.values()) + 1
            names[name] = stem if number == 1 else f"{stem}_{number}"
        self.out = [_renamed(one, names) for one in kept[::-1]]

    @property
    def next(self) -> Step:
        """The step after the present one."""
        return self.steps[self.at] if self.at < len(self.steps) else Step()

    def expect(self, what: Chain, matcher: str, *args: Any) -> None:
        self.out.append(Expect(what, matcher, args))

    def equal(self, what: Chain, value: Any) -> None:
        self.out.append(Equal(what, value))


def _renamed(one: Any, names: Mapping[str, str]) -> Any:
    """A statement, or a part of one, with other names of variables."""
    if isinstance(one, (list, tuple)):
        return type(one)(_renamed(inner, names) for inner in one)
    if isinstance(one, Let):
        one = replace(one, name=names.get(one.name, one.name))
    if isinstance(one, Chain) and isinstance(one.root, str):
        one = replace(one, root=names.get(one.root, one.root))
    if is_dataclass(one) and not isinstance(one, type):
        inner = {
            field.name: _renamed(value, names)
            for field in fields(one)
            if not isinstance(value := getattr(one, field.name), (str, Mapping))
        }
        return replace(one, **inner)
    return one


def kind_of(field: str) -> str:
    """The kind of a field by its name in test ids."""
    for known in FORMS.values():
        if field in known:
            return known[field][1]
    return "text"
