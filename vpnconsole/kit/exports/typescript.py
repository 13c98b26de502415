"""Tests in TypeScript, for Playwright Test with the package of the kit."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
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
    Script,
    Template,
)
from vpnconsole.kit.walks.documents import FILE
from vpnconsole.kit.walks.format import PERSONA, SCENARIO

WIDTH = 100
# How a character is written that no editor shows.
ESCAPE = "\\u{{{:x}}}"
PACKAGE = "@vpn-console/playwright"
HELPERS = {
    "idle": """/** Wait until no request of the page is under way. */
async function idle(page: Page): Promise<void> {
  await page.locator("html[data-idle]").waitFor({ state: "attached" });
}
""",
    "control": """/** A control of a form, or of an open dialog. What it is folded into is opened. */
async function control(page: Page, testid: string): Promise<Locator> {
  const all = page.getByTestId(testid);
  await all.first().waitFor({ state: "attached" });
  const inDialog = page.locator("dialog[open]").getByTestId(testid);
  const found = (await inDialog.count()) ? inDialog : all;
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
  const found = add.locator("xpath=ancestor::*[@data-rows][1]/*[@data-row]");
  while ((await found.count()) < count) await add.click();
  while ((await found.count()) > Math.max(count, 1)) {
    await found.last().locator("[data-row-remove]").click();
  }
}
""",
    "fill_rows": """async function fillRows(page: Page, testid: string, values: string[]): Promise<void> {
  await rows(page, testid, values.length);
  for (const [index, value] of (values.length ? values : [""]).entries()) {
    await fill(page, `${testid}-${index + 1}`, value);
  }
}
""",
    "fill_tags": """async function fillTags(page: Page, tags: Record<string, string>): Promise<void> {
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
    "upload": """/** Choose a file with this text. */
async function upload(page: Page, testid: string, text: string): Promise<void> {
  const file = { name: "document.yaml", mimeType: "text/yaml", buffer: Buffer.from(text) };
  await (await control(page, testid)).setInputFiles(file);
  await idle(page);
}
""",
}


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def _key(name: str) -> str:
    # In a literal, this name alone would set the prototype.
    if name == "__proto__":
        return f'["{name}"]'
    return name if re.fullmatch(r"[A-Za-z_$][\w$]*", name, re.ASCII) else _quoted(name)


def _quoted(text: str) -> str:
    return in_quotes(text, ESCAPE)


def _object(pairs: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{name}: {value}" for name, value in pairs.items()) + " }" if pairs else "{}"


class _TypeScript(Printer):
    COMMENT, INDENT = "//", "  "

    # --- expressions

    def literal(self, value: Any) -> str:
        return _quoted(value) if isinstance(value, str) else json.dumps(value)

    def value(self, value: Any) -> str:
        made = super().value(value)
        # A name may not be there.
        is_named = isinstance(value, Chain) and any(part.how == "item" for part in value.parts)
        return f'{made} ?? ""' if is_named else made

    def mapping(self, value: Mapping[str, Any]) -> str:
        return _object({_key(name): self.value(one) for name, one in value.items()})

    def generated(self, value: Generated) -> str:
        made = f'randomBytes({(value.length + 1) // 2}).toString("hex")'
        return f"{made}.slice(0, {value.length})" if value.length % 2 else made

    def address(self, value: Address) -> str:
        return f"`${{world.url}}{value.path}`" if value.path else "world.url"

    def template(self, value: Template) -> str:
        text = "".join(
            f"${{{self.value(piece)}}}" if isinstance(piece, Chain) else in_block(piece, ESCAPE, r"`|\$(?=\{)")
            for piece in value.pieces
        )
        return f"`\\\n{text}`"

    def file(self, value: File) -> str:
        fields = {name: _quoted(one) for name, one in FILE.items()}
        return _object({**fields, "buffer": f"Buffer.from({self.chain(value.text)})"})

    def args(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> list[str]:
        return [*map(self.value, args), *([self.mapping(named)] if named else [])]

    def chain(self, chain: Chain) -> str:
        made = _camel(chain.root) if isinstance(chain.root, str) else self.call(chain.root)
        has_item = False
        for part in chain.parts:
            if made.startswith("await "):
                made = f"({made})"
            # What stands behind a name.
            dot = "?." if has_item else "."
            has_item = part.how == "item"
            if has_item:
                made = f"{made}{dot if dot == '?.' else ''}[{_quoted(part.name)}]"
            elif part.how in ("method", "quick", "asked"):
                made = f"{made}{dot}{_camel(part.name)}({', '.join(self.args(part.args, part.named))})"
                made = made if part.how == "quick" else f"await {made}"
            else:
                made = f"{made}{dot}{_camel(part.name)}" + ("()" if part.how == "first" else "")
        return made

    def call(self, call: Call) -> str:
        args = ", ".join(self.args(call.args, {}))
        return f"new {call.name}({args})" if call.is_class else f"await {_camel(call.name)}({args})"

    # --- statements

    def do(self, one: Do) -> str:
        return self.broken("", one.what)

    def let(self, one: Let) -> str:
        return self.broken(f"const {_camel(one.name)} = ", one.what)

    def assign(self, one: Assign) -> str:
        return f"{self.INDENT}{self.chain(one.target)} = {self.value(one.value)};"

    def equal(self, one: Equal) -> str:
        matcher = "toEqual" if isinstance(one.value, Mapping) else "toBe"
        return f"{self.INDENT}expect({self.chain(one.what)}).{matcher}({self.value(one.value)});"

    def expect(self, one: Expect) -> str:
        args = ", ".join(map(self.value, one.args))
        return f"{self.INDENT}await expect({self.chain(one.what)}).{_camel(one.matcher)}({args});"

    def download(self, one: Download) -> str:
        page, click = self.chain(one.page), self.chain(one.what).removeprefix("await ")
        return f'{self.INDENT}await Promise.all([{page}.waitForEvent("download"), {click}]);'

    def broken(self, start: str, what: Any) -> str:
        """A statement. If it is too long, the object that the last call takes has a line for each of its fields."""
        line = f"{self.INDENT}{start}{self.value(what)};"
        last = what.parts[-1] if isinstance(what, Chain) and what.parts else None
        if len(line) <= WIDTH or last is None or not last.named:
            return line
        body = "".join(f"{self.INDENT * 2}{_key(name)}: {self.value(one)},\n" for name, one in last.named.items())
        head = self.chain(Chain(what.root, (*what.parts[:-1], replace(last, named={}))))
        # Between its parentheses.
        return f"{self.INDENT}{start}{head[:-1]}{', ' if last.args else ''}{{\n{body}{self.INDENT}}});"


def text(script: Script) -> str:
    """The file of a test."""
    is_plain = "signed_in_page" in script.fixtures
    helpers = helpers_of(script, HELPERS) if is_plain else []
    names = ["expect"] if script.has(Expect) or script.has(Equal) else []
    names += ["idle"] if "idle" in script.calls and not is_plain else []
    names += ["pages"] if script.makes_forms else []
    imports = ['import { randomBytes } from "node:crypto";\n\n'] if script.has(Generated) else []
    types = [name for name in ("Locator", "Page") if any(re.search(rf"\b{name}\b", one) for one in helpers)]
    imports += [f'import type {{ {", ".join(types)} }} from "@playwright/test";\n'] if types else []
    imports.append(f'import {{ {", ".join([*names, "test"])} }} from "{PACKAGE}";\n')
    uses = {"scenario": script.scenario} if script.scenario != SCENARIO else {}
    uses |= {"persona": script.persona} if script.persona != PERSONA else {}
    printer = _TypeScript()
    body = "\n".join(map(printer.statement, script.statements))
    fixtures = ", ".join(map(_camel, script.fixtures))
    parts = ["".join(imports), *([f"test.use({printer.mapping(uses)});\n"] if uses else []), *helpers]
    parts.append(f"test({_quoted(script.title)}, async ({{ {fixtures} }}) => {{\n{body}\n}});\n")
    return "\n".join(parts)
