"""What both styles of tests do alike: go through the steps of a walk, and say what they have no words for."""

import re
from typing import Any

from vpnconsole.kit.exports.forms import FORMS
from vpnconsole.kit.exports.script import Chain, Comment, Equal, Expect, Generated, Script, Statement
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
    return f"_{name}" if name[0].isdigit() else name


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
        words = repr(self.out)
        used = {"as_persona": "'as_persona'" in words, "world": "root='world'" in words or "Address(" in words}
        names = (*fixtures, *(name for name, is_used in used.items() if is_used))
        return Script(self.walk.title["en"], self.walk.scenario, self.walk.persona, names, tuple(self.out))

    @property
    def next(self) -> Step:
        """The step after the present one."""
        return self.steps[self.at] if self.at < len(self.steps) else Step()

    def expect(self, what: Chain, matcher: str, *args: Any) -> None:
        self.out.append(Expect(what, matcher, args))

    def equal(self, what: Chain, value: Any) -> None:
        self.out.append(Equal(what, value))


def kind_of(field: str) -> str:
    """The kind of a field by its name in test ids."""
    for fields in FORMS.values():
        if field in fields:
            return fields[field][1]
    return "text"
