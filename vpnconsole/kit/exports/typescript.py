"""Tests in TypeScript, for Playwright Test with the package of the kit."""

import json
import re
from collections.abc import Mapping
from typing import Any

from vpnconsole.kit.exports.python import helpers_in
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
)
from vpnconsole.kit.walks.format import PERSONA, SCENARIO

WIDTH = 100
PACKAGE = "@vpn-console/playwright"
HELPERS = {
    "idle": """/** Wait until no request of the page is under way. */
async function idle(page: Page): Promise<void> {
  await page.locator("html[data-idle]").waitFor({ state: "attached" });
}
""",
    "control": """/** A control of a form. What it is folded into is opened. */
async function control(page: Page, testid: string): Promise<Locator> {
  const found = page.getByTestId(testid);
  await found.waitFor({ state: "attached" });
  const folds = found.locator("xpath=ancestor::details[not(@open)]/summary");
  for (const fold of await folds.all()) await fold.click();
  return found;
}
""",
    "fill": """/** Type a text, or choose an option by its value or the name of a resource. */
async function fill(page: Page, testid: string, value: string): Promise<void> {
  const found = await control(page, testid);
  if ((await found.evaluate((one) => one.tagName)) === "SELECT") {
    const option = found.locator(`option[data-name=${JSON.stringify(value)}]`);
    const named = (await option.count()) ? await option.first().getAttribute("value") : value;
    await found.selectOption(named);
  } else {
    await found.fill(value);
    await found.blur();
  }
  await idle(page);
}
""",
    "check": """async function check(page: Page, testid: string, on: boolean): Promise<void> {
  await (await control(page, testid)).setChecked(on);
  await idle(page);
}
""",
    "rows": """/** Add or remove rows of a field until there are so many. */
async function rows(page: Page, testid: string, count: number): Promise<void> {
  const add = await control(page, `${testid}-add`);
  const found = page.locator(`.rows:has([data-testid="${testid}-add"]) > [data-row]`);
  while ((await found.count()) < count) await add.click();
  while ((await found.count()) > Math.max(count, 1)) {
    await found.last().locator("[data-row-remove]").click();
  }
}
""",
    "fillRows": """async function fillRows(page: Page, testid: string, values: string[]): Promise<void> {
  await rows(page, testid, values.length);
  for (const [index, value] of (values.length ? values : [""]).entries()) {
    await fill(page, `${testid}-${index + 1}`, value);
  }
}
""",
    "fillTags": """async function fillTags(page: Page, tags: Record<string, string>): Promise<void> {
  const pairs = Object.entries(tags);
  await rows(page, "field-tags", pairs.length);
  for (const [index, [key, value]] of (pairs.length ? pairs : [["", ""] as const]).entries()) {
    await fill(page, `field-tag_key-${index + 1}`, key);
    await fill(page, `field-tag_value-${index + 1}`, value);
  }
}
""",
    "press": """/** Press a control of a row, which may be in the row's menu. */
async function press(page: Page, name: string, part: string): Promise<void> {
  const row = page.locator(`tr[data-name=${JSON.stringify(name)}]`).first();
  const stem = ((await row.getAttribute("data-testid")) ?? "").replace(/-row$/, "");
  const found = page.getByTestId(`${stem}-${part}`);
  if (!(await found.isVisible())) await page.getByTestId(`${stem}-more`).click();
  await found.click();
  await idle(page);
}
""",
}
NEEDS = {
    "fill": ("idle", "control"),
    "check": ("idle", "control"),
    "rows": ("control",),
    "fillRows": ("rows", "fill"),
    "fillTags": ("rows", "fill"),
    "press": ("idle",),
}


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_$][\w$]*", name) else json.dumps(name, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, Chain):
        made = _chain(value)
        # A name may not be there.
        return f'{made} ?? ""' if any(part.how == "item" for part in value.parts) else made
    if isinstance(value, Call):
        return _call(value)
    if isinstance(value, Generated):
        made = f'randomBytes({(value.length + 1) // 2}).toString("hex")'
        return f"{made}.slice(0, {value.length})" if value.length % 2 else made
    if isinstance(value, Address):
        return f"`${{world.url}}{value.path}`" if value.path else "world.url"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return _object({_key(name): _value(one) for name, one in value.items()})
    return json.dumps(value, ensure_ascii=False)


def _object(pairs: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{name}: {value}" for name, value in pairs.items()) + " }" if pairs else "{}"


def _args(args: tuple[Any, ...], named: Mapping[str, Any]) -> list[str]:
    return [*map(_value, args), *([_object({_key(n): _value(v) for n, v in named.items()})] if named else [])]


def _chain(chain: Chain) -> str:
    made = _camel(chain.root) if isinstance(chain.root, str) else _call(chain.root)
    has_item = False
    for part in chain.parts:
        if made.startswith("await "):
            made = f"({made})"
        # What stands behind a name.
        dot = "?." if has_item else "."
        has_item = False
        if part.how == "item":
            made, has_item = f"{made}{'?.' if dot == '?.' else ''}[{json.dumps(part.name, ensure_ascii=False)}]", True
        elif part.how in ("method", "quick", "asked"):
            made = f"{made}{dot}{_camel(part.name)}({', '.join(_args(part.args, part.named))})"
            made = made if part.how == "quick" else f"await {made}"
        else:
            made = f"{made}{dot}{_camel(part.name)}" + ("()" if part.how == "first" else "")
    return made


def _call(call: Call) -> str:
    args = ", ".join(_args(call.args, {}))
    return f"new {call.name}({args})" if call.is_class else f"await {_camel(call.name)}({args})"


def _expression(what: Chain | Call) -> str:
    return _chain(what) if isinstance(what, Chain) else _call(what)


def _broken(start: str, what: Chain | Call, indent: str) -> str:
    """A statement. If it is too long, the object that the last call takes has a line for each of its fields."""
    line = f"{indent}{start}{_expression(what)};"
    if len(line) <= WIDTH or not isinstance(what, Chain) or not what.parts or not what.parts[-1].named:
        return line
    last = what.parts[-1]
    body = "".join(f"{indent}  {_key(name)}: {_value(value)},\n" for name, value in last.named.items())
    head = _chain(Chain(what.root, (*what.parts[:-1], type(last)(last.how, last.name, last.args))))
    # Between its parentheses.
    return f"{indent}{start}{head[:-1]}{', ' if last.args else ''}{{\n{body}{indent}}});"


def _statement(one: Statement) -> str:
    indent = "  "
    if isinstance(one, Comment):
        return "\n".join(f"{indent}// {line}" for line in one.text.splitlines())
    if isinstance(one, Do):
        return _broken("", one.what, indent)
    if isinstance(one, Let):
        return _broken(f"const {_camel(one.name)} = ", one.what, indent)
    if isinstance(one, Assign):
        return f"{indent}{_chain(one.target)} = {_value(one.value)};"
    if isinstance(one, Equal):
        matcher = "toEqual" if isinstance(one.value, Mapping) else "toBe"
        return f"{indent}expect({_chain(one.what)}).{matcher}({_value(one.value)});"
    if isinstance(one, Expect):
        args = ", ".join(map(_value, one.args))
        return f"{indent}await expect({_chain(one.what)}).{_camel(one.matcher)}({args});"
    assert isinstance(one, Download)  # noqa: S101 - for the type checker
    page, click = _chain(one.page), _expression(one.what).removeprefix("await ")
    return f'{indent}await Promise.all([{page}.waitForEvent("download"), {click}]);'


def text(script: Script) -> str:
    """The file of a test."""
    body = "\n".join(map(_statement, script.statements))
    is_plain = "signed_in_page" in script.fixtures
    helpers = helpers_in(body, HELPERS, NEEDS, "") if is_plain else []
    names = [*(["expect"] if "expect(" in body else [])]
    if not is_plain and re.search(r"\bidle\(", body):
        names.append("idle")
    if "pages." in body:
        names.append("pages")
    imports = ['import { randomBytes } from "node:crypto";\n\n'] if "randomBytes(" in body else []
    types = [name for name in ("Locator", "Page") if any(re.search(rf"\b{name}\b", one) for one in helpers)]
    if types:
        imports.append(f'import type {{ {", ".join(types)} }} from "@playwright/test";\n')
    imports.append(f'import {{ {", ".join([*names, "test"])} }} from "{PACKAGE}";\n')
    uses = {}
    if script.scenario != SCENARIO:
        uses["scenario"] = script.scenario
    if script.persona != PERSONA:
        uses["persona"] = script.persona
    parts = ["".join(imports)]
    if uses:
        parts.append(f"test.use({_value(uses)});\n")
    fixtures = ", ".join(map(_camel, script.fixtures))
    title = json.dumps(script.title, ensure_ascii=False)
    parts += helpers
    parts.append(f"test({title}, async ({{ {fixtures} }}) => {{\n{body}\n}});\n")
    return "\n".join(parts)
