"""Tests in Python, for pytest with the kit's plugin. They are formatted as Ruff and Black do by default."""

import re
from collections.abc import Mapping
from typing import Any

from vpnconsole.kit.exports.printing import Printer, helpers_of, in_block, in_quotes
from vpnconsole.kit.exports.script import (
    Address,
    Assign,
    Call,
    Chain,
    Do,
    Download,
    Equal,
    Expect,
    File,
    Generated,
    Let,
    Part,
    Script,
    Template,
)
from vpnconsole.kit.walks.documents import FILE
from vpnconsole.kit.walks.format import PERSONA, SCENARIO

WIDTH = 88
# How a character is written that no editor shows.
ESCAPE = "\\U{:08x}"
FIXTURES = {"app": "Console", "world": "World", "as_persona": "Callable[[str], Console]", "signed_in_page": "Page"}
IMPORTS = {
    "Callable": "from collections.abc import Callable",
    "Console": "from vpn_console_kit.console import Console",
    "World": "from vpn_console_kit.client import World",
}
HELPERS = {
    "idle": '''def idle(page: Page) -> None:
    """Wait until no request of the page is under way."""
    page.locator("html[data-idle]").wait_for(state="attached")
''',
    "control": '''def control(page: Page, testid: str) -> Locator:
    """A control of a form, or of an open dialog. What it is folded into is opened."""
    found = page.get_by_test_id(testid)
    found.first.wait_for(state="attached")
    in_dialog = page.locator("dialog[open]").get_by_test_id(testid)
    found = in_dialog if in_dialog.count() else found
    for fold in found.locator("xpath=ancestor::details[not(@open)]/summary").all():
        fold.click()
    return found
''',
    "fill": '''def fill(page: Page, testid: str, value: str) -> None:
    """Type a text, or choose an option by its value or the name of a resource."""
    found = control(page, testid)
    quoted = json.dumps(value, ensure_ascii=False)
    option = found.locator(f"option[data-name={quoted}]")
    if found.evaluate("one => one.tagName") != "SELECT":
        found.fill(value)
        found.blur()
    else:
        named = option.first.get_attribute("value") if option.count() else value
        found.select_option(named)
    idle(page)
''',
    "check": """def check(page: Page, testid: str, on: bool) -> None:
    control(page, testid).set_checked(on)
    idle(page)
""",
    "rows": '''def rows(page: Page, testid: str, count: int) -> None:
    """Add or remove rows of a field until there are so many."""
    add = control(page, f"{testid}-add")
    found = add.locator("xpath=ancestor::*[@data-rows][1]/*[@data-row]")
    while found.count() < count:
        add.click()
    while found.count() > max(count, 1):
        found.last.locator("[data-row-remove]").click()
''',
    "fill_rows": """def fill_rows(page: Page, testid: str, values: list[str]) -> None:
    rows(page, testid, len(values))
    for number, value in enumerate(values or [""], 1):
        fill(page, f"{testid}-{number}", value)
""",
    "fill_tags": """def fill_tags(page: Page, tags: dict[str, str]) -> None:
    rows(page, "field-tags", len(tags))
    for number, (key, value) in enumerate((tags or {"": ""}).items(), 1):
        fill(page, f"field-tag_key-{number}", key)
        fill(page, f"field-tag_value-{number}", value)
""",
    "press": '''def press(page: Page, name: str, part: str) -> None:
    """Press a control of a row, which may be in the row's menu."""
    quoted = json.dumps(name, ensure_ascii=False)
    row = page.locator(f"tr[data-name={quoted}]").first
    stem = (row.get_attribute("data-testid") or "").removesuffix("-row")
    found = page.get_by_test_id(f"{stem}-{part}")
    if not found.is_visible():
        page.get_by_test_id(f"{stem}-more").click()
    found.click()
    idle(page)
''',
    "upload": '''def upload(page: Page, testid: str, text: str) -> None:
    """Choose a file with this text."""
    control(page, testid).set_input_files(
        {"name": "document.yaml", "mimeType": "text/yaml", "buffer": text.encode()}
    )
    idle(page)
''',
}


def quoted(text: str) -> str:
    """As Ruff writes a string: with the quotation marks that it contains less often."""
    if '"' in text and "'" not in text and "\\" not in text and text.isprintable():
        return f"'{text}'"
    return in_quotes(text, ESCAPE)


def _block(text: str, *, doubled: bool) -> str:
    """A part of a text of several lines. `doubled`: braces are, as in a text with expressions."""
    if doubled:
        text = text.replace("{", "{{").replace("}", "}}")
    return in_block(text, ESCAPE, r'"""|"\Z')


class _Python(Printer):
    COMMENT, INDENT = "#", "    "

    # --- expressions

    def literal(self, value: Any) -> str:
        return quoted(value) if isinstance(value, str) else repr(value)

    def mapping(self, value: Mapping[str, Any]) -> str:
        return "{" + ", ".join(self._pairs(value)) + "}"

    def _pairs(self, value: Mapping[str, Any]) -> list[str]:
        return [f"{quoted(name)}: {self.value(one)}" for name, one in value.items()]

    def generated(self, value: Generated) -> str:
        half = (value.length + 1) // 2
        return f"secrets.token_hex({half})" + (f"[:{value.length}]" if value.length % 2 else "")

    def address(self, value: Address) -> str:
        return f'f"{{world.url}}{value.path}"' if value.path else "world.url"

    def template(self, value: Template) -> str:
        has_expressions = any(isinstance(piece, Chain) for piece in value.pieces)
        text = "".join(
            f"{{{self.chain(piece)}}}" if isinstance(piece, Chain) else _block(piece, doubled=has_expressions)
            for piece in value.pieces
        )
        return f'{"f" if has_expressions else ""}"""\\\n{text}"""'

    def file(self, value: File) -> str:
        return "{" + ", ".join(self._fields(value)) + "}"

    def _fields(self, value: File) -> list[str]:
        return [*self._pairs(FILE), f'"buffer": {self.chain(value.text)}.encode()']

    def args(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> list[str]:
        return [*map(self.value, args), *(f"{name}={self.value(value)}" for name, value in named.items())]

    def part(self, part: Part) -> str:
        if part.how == "item":
            return f"[{quoted(part.name)}]"
        if part.how in ("method", "quick"):
            return f".{part.name}({', '.join(self.args(part.args, part.named))})"
        return f".{part.name}"

    def chain(self, chain: Chain) -> str:
        root = chain.root if isinstance(chain.root, str) else self.call(chain.root)
        return root + "".join(map(self.part, chain.parts))

    def call(self, call: Call) -> str:
        return f"{call.name}({', '.join(self.args(call.args, {}))})"

    # --- statements

    def do(self, one: Do) -> str:
        return self.broken("", one.what, self.INDENT)

    def let(self, one: Let) -> str:
        if isinstance(one.what, Chain | Call):
            return self.broken(f"{one.name} = ", one.what, self.INDENT)
        return f"{self.INDENT}{one.name} = {self.value(one.what)}"

    def assign(self, one: Assign) -> str:
        return f"{self.INDENT}{self.chain(one.target)} = {self.value(one.value)}"

    def equal(self, one: Equal) -> str:
        line = f"{self.INDENT}assert {self.chain(one.what)} == "
        if len(line + self.value(one.value)) <= WIDTH or not isinstance(one.value, Mapping):
            return line + self.value(one.value)
        return line + _lines("{", self._pairs(one.value), "}", self.INDENT)

    def expect(self, one: Expect) -> str:
        return self.broken("", Chain(Call("expect", (one.what,))).quick(one.matcher, *one.args), self.INDENT)

    def download(self, one: Download) -> str:
        inner = self.broken("", one.what, self.INDENT * 2)
        return f"{self.INDENT}with {self.chain(one.page)}.expect_download():\n{inner}"

    def broken(self, start: str, what: Chain | Call, indent: str) -> str:
        """A statement that ends with an expression. If it is too long, the last call has an argument on each line."""
        line = f"{indent}{start}{self.value(what)}"
        if len(line) <= WIDTH:
            return line
        if isinstance(what, Call):
            last = Part("method", what.name, what.args)
            head = f"{start}{what.name}"
        else:
            last = what.parts[-1]
            head = f"{start}{self.chain(Chain(what.root, what.parts[:-1]))}.{last.name}"
            if isinstance(what.root, Call) and len(f"{indent}{head}(") > WIDTH:
                rest = "".join(map(self.part, what.parts))
                inner = self.value(what.root.args[0])
                return f"{indent}{start}{what.root.name}(\n{indent}    {inner}\n{indent}){rest}"
        if not last.args and not last.named:
            return line
        lines = [*(self._arg(one, f"{indent}    ") for one in last.args), *self.args((), last.named)]
        return f"{indent}{_lines(f'{head}(', lines, ')', indent)}"

    def _arg(self, one: Any, indent: str) -> str:
        """An argument on a line of its own, or on several."""
        line = self.value(one)
        if isinstance(one, File) and len(f"{indent}{line},") > WIDTH:
            return _lines("{", self._fields(one), "}", indent)
        return line


def _lines(begin: str, several: list[str], end: str, indent: str) -> str:
    body = "".join(f"{indent}    {one},\n" for one in several)
    return f"{begin}\n{body}{indent}{end}"


def test_name(title: str) -> str:
    """A title as the name of a test and its file."""
    words = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    return f"test_{words or 'a_recording'}"


def text(script: Script) -> str:
    """The module of a test."""
    is_plain = "signed_in_page" in script.fixtures
    helpers = helpers_of(script, HELPERS) if is_plain else []
    marks = []
    if script.scenario != SCENARIO:
        marks.append(f"@pytest.mark.world({quoted(script.scenario)})\n")
    if script.persona != PERSONA:
        marks.append(f"@pytest.mark.persona({quoted(script.persona)})\n")
    typed = {name: FIXTURES[name] for name in script.fixtures}
    body = "\n".join(map(_Python().statement, script.statements))
    signature = ", ".join(f"{name}: {kind}" for name, kind in typed.items())
    head = f"def {test_name(script.title)}({signature}) -> None:"
    if len(head) > WIDTH:
        several = [f"{name}: {kind}" for name, kind in typed.items()]
        head = _lines(f"def {test_name(script.title)}(", several, ") -> None:", "")
    imports = _imports(script, "".join(helpers), " ".join(typed.values()), has_marks=bool(marks))
    parts = [imports, *(helper.rstrip() for helper in helpers), "".join(marks) + f"{head}\n{body}"]
    return "\n\n\n".join(parts) + "\n"


def _imports(script: Script, helpers: str, types: str, *, has_marks: bool) -> str:
    """What a module imports: as its script, its helpers and the types of its fixtures need it."""
    standard = [*(["import json"] if "json." in helpers else [])]
    standard += ["import secrets"] if script.has(Generated) else []
    standard += [IMPORTS["Callable"]] if "Callable" in types else []
    names = [name for name in ("Locator", "Page") if re.search(rf"\b{name}\b", helpers + types)]
    names += ["expect"] if script.has(Expect) else []
    others = [*(["import pytest"] if has_marks else [])]
    others += [f"from playwright.sync_api import {', '.join(names)}"] if names else []
    others += ["from vpn_console_kit import pages"] if script.makes_forms else []
    others += ["from vpn_console_kit.base import idle"] if "idle" in script.calls and not helpers else []
    others += [IMPORTS[name] for name in ("World", "Console") if re.search(rf"\b{name}\b", types)]
    return "\n\n".join("\n".join(group) for group in (standard, others) if group)
