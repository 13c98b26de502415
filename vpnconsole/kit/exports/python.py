"""Tests in Python, for pytest with the kit's plugin. They are formatted as Ruff and Black do by default."""

import json
import re
from collections.abc import Mapping
from typing import Any

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
    Part,
    Script,
    Statement,
)
from vpnconsole.kit.walks.format import PERSONA, SCENARIO

WIDTH = 88
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
    """A control of a form. What it is folded into is opened."""
    found = page.get_by_test_id(testid)
    found.wait_for(state="attached")
    for fold in found.locator("xpath=ancestor::details[not(@open)]/summary").all():
        fold.click()
    return found
''',
    "fill": '''def fill(page: Page, testid: str, value: str) -> None:
    """Type a text, or choose an option by its value or the name of a resource."""
    found = control(page, testid)
    option = found.locator(f"option[data-name={json.dumps(value)}]")
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
    found = page.locator(f'.rows:has([data-testid="{testid}-add"]) > [data-row]')
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
    row = page.locator(f"tr[data-name={json.dumps(name)}]").first
    stem = (row.get_attribute("data-testid") or "").removesuffix("-row")
    found = page.get_by_test_id(f"{stem}-{part}")
    if not found.is_visible():
        page.get_by_test_id(f"{stem}-more").click()
    found.click()
    idle(page)
''',
}
NEEDS = {
    "control": (),
    "fill": ("idle", "control"),
    "check": ("idle", "control"),
    "rows": ("control",),
    "fill_rows": ("rows", "fill"),
    "fill_tags": ("rows", "fill"),
    "press": ("idle",),
}


def quoted(text: str) -> str:
    """As Ruff writes a string: with the quotation marks that it contains less often."""
    plain = json.dumps(text, ensure_ascii=False)
    if '"' in text and "'" not in text and "\\" not in text and text.isprintable():
        return f"'{text}'"
    return plain


def _value(value: Any) -> str:
    if isinstance(value, Chain):
        return _chain(value)
    if isinstance(value, Call):
        return _call(value)
    if isinstance(value, Generated):
        half = (value.length + 1) // 2
        return f"secrets.token_hex({half})" + (f"[:{value.length}]" if value.length % 2 else "")
    if isinstance(value, Address):
        return f'f"{{world.url}}{value.path}"' if value.path else "world.url"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(key)}: {_value(one)}" for key, one in value.items()) + "}"
    return repr(value)


def _args(args: tuple[Any, ...], named: Mapping[str, Any]) -> list[str]:
    return [*map(_value, args), *(f"{name}={_value(value)}" for name, value in named.items())]


def _part(part: Part) -> str:
    if part.how == "item":
        return f"[{quoted(part.name)}]"
    if part.how in ("method", "quick"):
        return f".{part.name}({', '.join(_args(part.args, part.named))})"
    return f".{part.name}"


def _chain(chain: Chain) -> str:
    root = chain.root if isinstance(chain.root, str) else _call(chain.root)
    return root + "".join(map(_part, chain.parts))


def _call(call: Call) -> str:
    return f"{call.name}({', '.join(_args(call.args, {}))})"


def _expression(what: Chain | Call) -> str:
    return _chain(what) if isinstance(what, Chain) else _call(what)


def _broken(start: str, what: Chain | Call, indent: str) -> str:
    """A statement that ends with an expression. If it is too long, the last call has an argument on each line."""
    line = f"{indent}{start}{_expression(what)}"
    if len(line) <= WIDTH:
        return line
    if isinstance(what, Call):
        head, args = f"{start}{what.name}", _args(what.args, {})
    else:
        last = what.parts[-1]
        if last.how not in ("method", "quick"):
            return line
        head, args = f"{start}{_chain(Chain(what.root, what.parts[:-1]))}.{last.name}", _args(last.args, last.named)
    if not args:
        return line
    if isinstance(what, Chain) and isinstance(what.root, Call) and len(f"{indent}{head}(") > WIDTH:
        rest = "".join(map(_part, what.parts))
        return f"{indent}{start}{what.root.name}(\n{indent}    {_value(what.root.args[0])}\n{indent}){rest}"
    body = "".join(f"{indent}    {one},\n" for one in args)
    return f"{indent}{head}(\n{body}{indent})"


def _statement(one: Statement) -> str:
    indent = "    "
    if isinstance(one, Comment):
        return "\n".join(f"{indent}# {line}" for line in one.text.splitlines())
    if isinstance(one, Do):
        return _broken("", one.what, indent)
    if isinstance(one, Let):
        return _broken(f"{one.name} = ", one.what, indent)
    if isinstance(one, Assign):
        return f"{indent}{_chain(one.target)} = {_value(one.value)}"
    if isinstance(one, Equal):
        line = f"{indent}assert {_chain(one.what)} == "
        if len(line + _value(one.value)) <= WIDTH or not isinstance(one.value, Mapping):
            return line + _value(one.value)
        body = "".join(f"{indent}    {quoted(key)}: {_value(value)},\n" for key, value in one.value.items())
        return f"{line}{{\n{body}{indent}}}"
    if isinstance(one, Expect):
        expected = Chain(Call("expect", (one.what,))).quick(one.matcher, *one.args)
        return _broken("", expected, indent)
    assert isinstance(one, Download)  # noqa: S101 - for the type checker
    inner = _broken("", one.what, indent * 2)
    return f"{indent}with {_chain(one.page)}.expect_download():\n{inner}"


def helpers_in(text: str, helpers: Mapping[str, str], needs: Mapping[str, tuple[str, ...]], begin: str) -> list[str]:
    """The helpers that a text uses, and those that they use, in the order in which they are declared."""
    used: set[str] = set()
    ahead = [name for name in helpers if re.search(rf"(?<![\w.]){begin}{name}\(", text)]
    while ahead:
        name = ahead.pop()
        used.add(name)
        ahead += needs.get(name, ())
    return [text for name, text in helpers.items() if name in used]


def test_name(title: str) -> str:
    """A title as the name of a test and its file."""
    words = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    return f"test_{words or 'a_recording'}"


def text(script: Script) -> str:
    """The module of a test."""
    body = "\n".join(map(_statement, script.statements))
    helpers = helpers_in(body, HELPERS, NEEDS, "") if "signed_in_page" in script.fixtures else []
    everything = body + "".join(helpers)
    # A console is only a name of a type if another person is there.
    typed = {name: FIXTURES[name] for name in script.fixtures}
    marks = []
    if script.scenario != SCENARIO:
        marks.append(f"@pytest.mark.world({quoted(script.scenario)})\n")
    if script.persona != PERSONA:
        marks.append(f"@pytest.mark.persona({quoted(script.persona)})\n")
    modules = [name for name in ("json", "secrets") if f"{name}." in everything]
    standard = [f"import {name}" for name in modules]
    if "as_persona" in typed:
        standard.append(IMPORTS["Callable"])
    names = [name for name in ("Locator", "Page") if re.search(rf"\b{name}\b", everything + " ".join(typed.values()))]
    names += ["expect"] if "expect(" in body else []
    others = [*(["import pytest"] if marks else [])]
    if names:
        others.append(f"from playwright.sync_api import {', '.join(names)}")
    idles = ["idle"] if re.search(r"\bidle\(", body) and not helpers else []
    kit = []
    if "pages." in body:
        kit.append("from vpn_console_kit import pages")
    if idles:
        kit.append("from vpn_console_kit.base import idle")
    types = " ".join(typed.values())
    kit += [IMPORTS[name] for name in ("World", "Console") if re.search(rf"\b{name}\b", types)]
    imports = "\n\n".join("\n".join(group) for group in (standard, [*others, *kit]) if group)
    signature = ", ".join(f"{name}: {kind}" for name, kind in typed.items())
    head = f"def {test_name(script.title)}({signature}) -> None:"
    if len(head) > WIDTH:
        inner = "".join(f"    {name}: {kind},\n" for name, kind in typed.items())
        head = f"def {test_name(script.title)}(\n{inner}) -> None:"
    parts = [imports, *(helper.rstrip() for helper in helpers), "".join(marks) + f"{head}\n{body}"]
    return "\n\n\n".join(parts) + "\n"
