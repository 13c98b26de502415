"""What both styles of tests do alike: go through the steps of a walk, and say what they have no words for."""

import keyword
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from vpnconsole.kit.exports.forms import FORMS
from vpnconsole.kit.exports.script import (
    Address,
    Assign,
    Call,
    Chain,
    Comment,
    Do,
    Download,
    Equal,
    Expect,
    Generated,
    Let,
    Script,
    Statement,
    Template,
    parts_of,
)
from vpnconsole.kit.walks import documents
from vpnconsole.kit.walks.format import PLACES, Step, Walk, is_document

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
CODES = ("state", "status")
TUNNEL_CODES = ("status", "code", "bgp", "health")
# No variable has the name of something in a test of either language, or of a keyword of Python's.
_RESERVED = re.findall(
    r"\w+",
    """
    await break case catch const debugger default delete do enum export extends false function implements instanceof
    interface let new null package private protected public static super switch this throw true typeof var void eval
    arguments undefined async
    app world as_persona signed_in_page pages test expect idle json secrets pytest random_bytes
    control fill check rows fill_rows fill_tags press upload
    """,
)


def quoted(text: str) -> str:
    """A text as CSS has it in an attribute selector."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def identifier(text: str) -> str:
    """A text as the name of a variable, which may be reserved."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "other"
    return name if name[0].isalpha() else f"x_{name}"


def free_name(stem: str, taken: Collection[str]) -> str:
    """The stem, or with a number if a variable has it. Names in camel case must differ, too."""
    plain = {name.replace("_", "") for name in (*taken, *_RESERVED, *keyword.kwlist)}
    names = (stem if number == 1 else f"{stem}_{number}" for number in range(1, len(plain) + 2))
    return next(name for name in names if name.replace("_", "") not in plain)


class Walking:
    """Goes through a walk, one method an action, and keeps the statements."""

    def __init__(self, walk: Walk):
        self.walk = walk
        self.steps = walk.steps
        self.at = 0
        self.out: list[Statement] = []
        # Stems of variables by their names.
        self.names: dict[str, str] = {}
        # The present person's page.
        self.page: Chain

    def get(self, testid: str) -> Chain:
        """An element by its test id."""
        raise NotImplementedError

    def script(self, *fixtures: str) -> Script:
        while self.at < len(self.steps):
            step = self.steps[self.at]
            self.at += 1
            if step.say:
                self.out.append(Comment(step.say["en"]))
            if step.action:
                getattr(self, f"{step.action}_")(step.value)
        self._drop_unused()
        made = Script(self.walk.title["en"], self.walk.scenario, self.walk.persona, (), tuple(self.out))
        roots = {*_roots(self.out)}
        used = {"as_persona": "as_persona" in made.calls, "world": "world" in roots}
        return replace(made, fixtures=(*fixtures, *(name for name, is_used in used.items() if is_used)))

    def _drop_unused(self) -> None:
        """No variables that nothing uses."""
        kept: list[Statement] = []
        used: set[str] = set()
        for one in reversed(self.out):
            if isinstance(one, Let) and one.name not in used:
                # An object that is only made does nothing.
                if isinstance(one.what, Generated | Template) or (isinstance(one.what, Call) and one.what.is_class):
                    continue
                one = Do(one.what)
            used.update(_roots(one))
            kept.append(one)
        names: dict[str, str] = {}
        for one in reversed(kept):
            if isinstance(one, Let):
                names[one.name] = free_name(self.names[one.name], names.values())
        self.out = [_renamed(one, names) for one in reversed(kept)]

    @property
    def next(self) -> Step:
        """The step after the present one."""
        return self.steps[self.at] if self.at < len(self.steps) else Step()

    def let(self, stem: str, what: Chain | Call | Generated | Template) -> Chain:
        name = free_name(stem, self.names)
        self.names[name] = stem
        self.out.append(Let(name, what))
        return Chain(name)

    def do(self, what: Chain | Call) -> None:
        self.out.append(Do(what))

    def assign(self, target: Chain, value: Any) -> None:
        self.out.append(Assign(target, value))

    def idle(self) -> None:
        self.do(Call("idle", (self.page,)))

    def expect(self, what: Chain, matcher: str, *args: Any) -> None:
        self.out.append(Expect(what, matcher, args))

    def equal(self, what: Chain, value: Any) -> None:
        self.out.append(Equal(what, value))

    def path(self, place: str) -> str:
        """The path of a place that `go` leads to."""
        return PLACES[place].format(region=self.walk.region)

    # --- values

    def value(self, field: str, value: Any) -> Any:
        """What is filled into a field, as an expression."""
        if field == "tags" or not isinstance(value, dict):
            return value
        if is_document(value):
            return self._document(value["document"])
        ((kind, one),) = value.items()
        return Generated(one) if kind == "generated" else self.id_of(kind, one)

    def _document(self, text: str) -> Chain:
        """The variable with a document. Its IDs and new keys have variables, too."""
        known: dict[tuple[str, str], Chain] = {}
        pieces: list[str | Chain] = []
        for piece in documents.pieces(text):
            if isinstance(piece, str):
                pieces.append(piece)
                continue
            kind, name = piece
            if piece not in known and kind == documents.KEY:
                known[piece] = self.let("key", Generated(2 * documents.KEY_BYTES))
            elif piece not in known:
                known[piece] = self.let(f"{kind}_id", self.id_of(kind, name))
            pieces.append(known[piece])
        return self.let("document", Template(tuple(pieces)))

    def id_of(self, kind: str, name: str) -> Chain:
        """The ID of something that the world has, or that the walk has made."""
        if kind == "uid":
            return Chain("world").get("members").item(name).item("uid")
        names = Chain("world").call("names_now") if self._is_made(name) else Chain("world").get("names")
        return names.get(KINDS[kind]).item(name).get("id")

    def _is_made(self, name: str) -> bool:
        for step in self.steps[: self.at]:
            for field, value in step.value.items() if step.action == "fill" else ():
                if (field == "name" and value == name) or (
                    field != "tags" and is_document(value) and f"name: {name}\n" in value["document"]
                ):
                    return True
        return False

    # --- actions that both styles do alike

    def download(self, testid: str) -> bool:
        """Press what makes the browser download a file, if this is one."""
        if not FILES.fullmatch(testid) or testid == "export":
            return False
        self.out.append(Download(self.page, self.get(testid).call("click")))
        return True

    def click_tunnel(self, target: Mapping[str, Any]) -> None:
        css = f'[data-tunnel="{target["tunnel"]}"] [data-testid$={quoted("-" + target["part"])}]'
        self.do(self.page.quick("locator", css).first.call("click"))

    def see_(self, see: Mapping[str, Any]) -> None:
        kinds = ("said", "row", "refused", "errors", "tunnel", "testid")
        kind = next((kind for kind in kinds if kind in see), "page")
        getattr(self, f"see_{kind}")(see)

    def see_said(self, see: Mapping[str, Any]) -> None:
        self.expect(self.get("message-1"), "to_have_attribute", "data-operation", see["said"])

    def see_row(self, see: Mapping[str, Any]) -> None:
        css = f"tr[data-name={quoted(see['row'])}]"
        if "gone" in see:
            self.expect(self.page.quick("locator", css), "to_have_count", 0)
        elif not self.see_codes(see, CODES, f"{css} "):
            self.expect(self.page.quick("locator", css).first, "to_be_visible")

    def see_codes(self, see: Mapping[str, Any], names: tuple[str, ...], css: str) -> bool:
        """Expect the codes that there are in an element. Return whether there are any."""
        found = [name for name in names if name in see]
        for name in found:
            element = self.page.quick("locator", f"{css}[data-{name}]").first
            self.expect(element, "to_have_attribute", f"data-{name}", see[name])
        return bool(found)

    def see_refused(self, see: Mapping[str, Any]) -> None:
        summary = self.page.quick("locator", "#dialog .summary")
        self.expect(summary, "to_have_attribute", "data-code", see["refused"])

    def see_errors(self, see: Mapping[str, Any]) -> None:
        for field, code in see["errors"].items():
            notes = self.get(f"notes-{field}").quick("locator", "[data-code]").first
            self.expect(notes, "to_have_attribute", "data-code", code)

    def see_tunnel(self, see: Mapping[str, Any]) -> None:
        css = f'[data-tunnel="{see["tunnel"]}"]'
        if "part" in see:
            part = self.page.quick("locator", f"{css} [data-testid$={quoted('-' + see['part'])}]")
            self.expect(*((part, "to_have_count", 0) if "gone" in see else (part.first, "to_be_visible")))
        elif not self.see_codes(see, TUNNEL_CODES, f"{css} "):
            tunnel = self.page.quick("locator", css)
            self.expect(*((tunnel, "to_have_count", 0) if "gone" in see else (tunnel.first, "to_be_visible")))

    def see_testid(self, see: Mapping[str, Any]) -> None:
        element = self.get(see["testid"])
        if "gone" in see:
            self.expect(element, "to_have_count", 0)
        elif "text" in see:
            self.expect(element, "to_contain_text", see["text"])
        else:
            self.expect(element, "to_be_visible")

    def see_page(self, see: Mapping[str, Any]) -> None:
        for name in CODES:
            if name in see:
                self.expect(self.get(name), "to_have_attribute", f"data-{name}", see[name])

    def kit_(self, what: Mapping[str, Any]) -> None:
        ((call, given),) = what.items()
        if call == "settle":
            self.do(Chain("world").call("settle"))
        elif call == "advance":
            self.do(Chain("world").call("advance", given))
        else:
            wish = dict(given)
            self.do(Chain("world").call("peer", self.id_of("connection", wish.pop("connection")), **wish))


def _roots(value: Any) -> Iterator[str]:
    """The variables and fixtures that statements use. Addresses begin with that of the world."""
    for one in parts_of(value):
        if isinstance(one, Chain) and isinstance(one.root, str):
            yield one.root
        elif isinstance(one, Address):
            yield "world"


def _renamed(one: Any, names: Mapping[str, str]) -> Any:
    """A statement, or a part of one, with other names of variables."""
    if isinstance(one, (list, tuple)):
        return type(one)(_renamed(inner, names) for inner in one)
    if isinstance(one, Mapping):
        return {name: _renamed(inner, names) for name, inner in one.items()}
    if isinstance(one, Let):
        one = replace(one, name=names.get(one.name, one.name))
    if isinstance(one, Chain) and isinstance(one.root, str):
        one = replace(one, root=names.get(one.root, one.root))
    if is_dataclass(one) and not isinstance(one, type):
        values = {field.name: getattr(one, field.name) for field in fields(one)}
        # Texts are no variables.
        changed = {key: _renamed(value, names) for key, value in values.items() if not isinstance(value, str)}
        return replace(one, **changed)
    return one


def kind_of(field: str) -> str:
    """The kind of a field by its name in test ids."""
    for known in FORMS.values():
        if field in known:
            return known[field][1]
    return "text"
