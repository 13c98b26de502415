"""Does walks in a browser. Needs Playwright and the kit's client, which `vpn-console[testing]` installs."""

import re
import secrets
import string
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, FilePayload, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

from vpn_console_kit.base import (
    Dialog,
    Field,
    Form,
    List,
    Message,
    NoSuchField,
    NoSuchRow,
    NoSuchValue,
    Row,
    errors_in,
    idle,
    moved,
    quoted,
)
from vpn_console_kit.client import KitError, World
from vpn_console_kit.console import Console
from vpnconsole.kit.walks.documents import FILE
from vpnconsole.kit.walks.format import Step, Walk, is_document
from vpnconsole.kit.walks.moves import Move, meant, moves

# What a browser asks for, by the language of the console.
LOCALES = {"en": "en-US", "zh-hans": "zh-CN"}
# Milliseconds in which something must be there.
PATIENCE = 10_000
_CHARACTERS = string.ascii_letters + string.digits


class WalkFailed(Exception):
    """A step that could not be done, or after which something is not there, and what the page shows instead."""


def told(step: Step) -> str:
    """A step as a line of text."""
    value = step.value
    if isinstance(value, Mapping):
        parts = [f"{name}={one}" if not isinstance(one, bool) else name for name, one in value.items()]
        value = ", ".join(parts if step.action != "fill" else value)
    return f"{step.action} {value}" if step.action else "look"


def run(
    walk: Walk,
    browser: Browser,
    world: World,
    language: str = "en",
    tell: Callable[[str], None] = lambda line: None,
    after: Callable[[Page, Move], None] = lambda page, move: None,
    screenshot: Path | None = None,
    **options: Any,
) -> None:
    """Do a walk. Raises WalkFailed.

    `tell` gets a line for each step, and what people read. `after` is called when a move is done. `screenshot`: where
    to keep a picture of the page if a step fails. `options`: those of Playwright's contexts.
    """
    with ExitStack() as stack:
        hands = Hands(browser, world, walk.region, {"locale": LOCALES[language], **options})
        stack.callback(hands.close)
        done = 0
        try:
            hands.become(walk.persona)
            for move in moves(walk):
                if move["step"] != done:
                    done = move["step"]
                    step = walk.steps[done - 1]
                    tell(f"{done:3}  {told(step)}")
                    if step.say:
                        tell(f"     “{step.say[language]}”")
                hands.do(move)
                after(hands.page, move)
        except (WalkFailed, PlaywrightError, NoSuchField, NoSuchRow, NoSuchValue, KitError) as error:
            if screenshot:
                # Without one, the sentence still tells.
                with suppress(PlaywrightError):
                    hands.page.screenshot(path=screenshot, full_page=True)
            step = f"Step {done} ({told(walk.steps[done - 1])})" if done else "The beginning"
            raise WalkFailed(f"{step}: {_first_line(error)} {hands.shown()}") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".") + "."


class Hands:
    """Browsers of personas in one world, and what is done in the present one."""

    def __init__(self, browser: Browser, world: World, region: str, options: Mapping[str, Any]):
        self._browser, self._world, self._region, self._options = browser, world, region, options
        self._pages: dict[str, Page] = {}
        world.listeners.append(self._look)
        self.page: Page

    def close(self) -> None:
        self._world.listeners.remove(self._look)
        for page in self._pages.values():
            page.context.close()

    def _look(self) -> None:
        """Let open pages see at once what the kit has changed."""
        for page in self._pages.values():
            moved(page.context)

    @property
    def _console(self) -> Console:
        return Console(self.page, self._world, self._region)

    def become(self, persona: str) -> None:
        """Go on as a persona, who has a browser of their own, at the overview."""
        if persona not in self._pages:
            context = self._browser.new_context(**self._options)
            context.add_cookies(self._world.session(persona))  # type: ignore[arg-type]  # as Playwright takes them
            self._pages[persona] = context.new_page()
        self.page = self._pages[persona]
        self._console.open("/")

    def do(self, move: Move) -> None:
        """Raises WalkFailed and what the kit's client raises."""
        kind = move["do"]
        if kind == "go":
            self._console.open(move["url"])
        elif kind == "click":
            self._click(move["target"])
        elif kind == "set":
            _AnyForm(self._console).set(move["field"], meant(move["field"], move["value"], self._id_of))
        elif kind == "see":
            self._see(move["see"])
        elif kind == "as":
            self.become(move["value"])
        elif kind == "kit":
            self._kit(move["value"])

    # --- click

    def _click(self, target: Mapping[str, Any]) -> None:
        if "testid" in target:
            self._console.get(target["testid"]).first.wait_for(state="attached", timeout=PATIENCE)
            self._console.press(target["testid"])
        elif "row" in target:
            self._row(target["row"]).wait_for(state="attached", timeout=PATIENCE)
            row: Row[Any] = Row(List(self._console), target["row"])
            if "part" in target:
                row.action(target["part"])
            else:
                row.press(row.stem)
        else:
            stem = self._tunnel(target["tunnel"]).get_attribute("data-testid")
            self._console.press(f"{stem}-{target['part']}")

    def _row(self, name: str) -> Locator:
        return List(self._console).locator.locator(f"tr[data-name={quoted(name)}]").first

    def _tunnel(self, number: int) -> Locator:
        return self.page.locator(f'main [data-tunnel="{number}"]')

    # --- see

    def _see(self, wanted: Mapping[str, Any]) -> None:
        kind = next(iter(wanted))
        for what, locator in self._looked_for(wanted):
            try:
                if wanted.get("gone"):
                    expect(locator).to_have_count(0, timeout=PATIENCE)
                else:
                    expect(locator.first).to_be_visible(timeout=PATIENCE)
            except AssertionError:
                raise WalkFailed(f"{what} was expected.{self._instead(wanted)}") from None
        if kind == "testid" and "text" in wanted:
            self._see_text(wanted["testid"], wanted["text"])

    def _looked_for(self, wanted: Mapping[str, Any]) -> list[tuple[str, Locator]]:
        """What must be there: in words, and as locators."""
        page = self.page
        if "said" in wanted:
            there = f'[data-testid^="message-"][data-operation={quoted(wanted["said"])}]'
            return [(f"A message about {wanted['said']}", page.locator(there))]
        if "row" in wanted:
            row, name = self._row(wanted["row"]), wanted["row"]
            if wanted.get("gone"):
                return [(f"No row {name!r}", row)]
            return [(f"A row {name!r}", row)] + [
                (f"A row {name!r} with {key} {wanted[key]!r}", _coded(row, key, wanted[key]))
                for key in ("state", "status")
                if key in wanted
            ]
        if "tunnel" in wanted:
            tunnel, number = self._tunnel(wanted["tunnel"]), wanted["tunnel"]
            if "part" in wanted:
                end = quoted(f"-{wanted['part']}")
                part = tunnel.locator(f"[data-testid^='tunnel-'][data-testid$={end}]")
                return [(f"Tunnel {number} with {wanted['part']!r}", part)]
            return [(f"Tunnel {number}", tunnel)] + [
                (f"Tunnel {number} with {key} {one!r}", _coded(tunnel, key, one))
                for key, one in wanted.items()
                if key != "tunnel"
            ]
        if "testid" in wanted:
            gone = "no longer " if wanted.get("gone") else ""
            return [(f"The element {wanted['testid']!r} {gone}".strip(), self._console.get(wanted["testid"]))]
        if "refused" in wanted:
            code = f".summary[data-code={quoted(wanted['refused'])}]"
            return [(f"The refusal {wanted['refused']}", page.locator(f"#dialog-body {code}, main {code}"))]
        if "errors" in wanted:
            return [
                (
                    f"The error {code} of {field!r}",
                    page.get_by_test_id(f"notes-{field}").locator(f".invalid-feedback[data-code={quoted(code)}]"),
                )
                for field, code in wanted["errors"].items()
            ]
        return [
            (f"A page with {key} {one!r}", page.locator(f"main [data-{key}={quoted(one)}]:not(tr *):not(tr)"))
            for key, one in wanted.items()
        ]

    def _see_text(self, testid: str, text: str) -> None:
        element = self._console.get(testid).first
        try:
            if element.evaluate("one => 'value' in one && one.tagName !== 'BUTTON' && one.tagName !== 'LI'"):
                expect(element).to_have_value(re.compile(re.escape(text)), timeout=PATIENCE)
            else:
                expect(element).to_contain_text(text, timeout=PATIENCE)
        except AssertionError:
            shows = element.evaluate("one => (one.value ?? one.textContent).replace(/\\s+/g, ' ').trim()")
            raise WalkFailed(f"{testid!r} was expected to show {text!r}, and shows {shows[:200]!r}.") from None

    def _instead(self, wanted: Mapping[str, Any]) -> str:
        """The codes that a row, a tunnel or the page of a resource has in place of the wanted ones."""
        if "row" in wanted:
            element = self._row(wanted["row"])
        elif "tunnel" in wanted:
            element = self._tunnel(wanted["tunnel"])
        else:
            element = self.page.locator("main")
        read = """one => ["state", "status", "code", "bgp", "health"].flatMap(name =>
            [...one.querySelectorAll(`[data-${name}]`)].slice(0, 3).map(found => `${name} ${found.dataset[name]}`))"""
        codes = element.evaluate(read) if element.count() and not wanted.get("gone") else []
        there = f" There is {', '.join(dict.fromkeys(codes))}." if codes else ""
        if "row" in wanted and not element.count():
            names = (
                List(self._console)
                .locator.locator("tr[data-name]")
                .evaluate_all("rows => rows.map(row => row.dataset.name)")
            )
            there = f" There are the rows {', '.join(names)}." if names else " There are no rows."
        return there

    def shown(self) -> str:
        """What the page shows, for somebody who does not see it."""
        page = self.page
        message = Message.of(page, errors_in(page.locator("main")))
        parts = [f"The page is {page.url}"]
        if message.text:
            parts.append(f"it says “{message.text}”")
        if message.errors:
            parts.append(f"it has the errors {_pairs(message.errors)}")
        dialog = Dialog(self._console)
        if page.locator("dialog[open]").count() and dialog.text:
            parts.append(f"a dialog is open: “{' '.join(dialog.text.split())[:200]}”")
        return "; ".join(parts) + "."

    # --- kit

    def _kit(self, value: Mapping[str, Any]) -> None:
        if "advance" in value:
            self._world.advance(value["advance"])
        elif "settle" in value:
            self._world.settle()
        else:
            wish = dict(value["peer"])
            self._world.peer(self._id_of("connection", wish.pop("connection")), **wish)

    def _id_of(self, kind: str, name: str) -> str:
        if kind == "uid":
            return str(self._world.members[name]["uid"])
        names = self._world.names_now()
        kinds = {
            "connection": names.connections,
            "gateway": names.gateways,
            "cen": names.cens,
            "router": names.routers,
            "route_table": names.route_tables,
            "attachment": names.attachments,
        }
        if name not in kinds[kind]:
            raise WalkFailed(f"No {kind} has the name {name!r}.")
        return kinds[kind][name].id


def _pairs(errors: Mapping[str, str]) -> str:
    return ", ".join(f"{field}: {code}" if field else code for field, code in errors.items())


def _coded(scope: Locator, key: str, code: str) -> Locator:
    return scope.locator(f"[data-{key}={quoted(code)}]")


class _AnyForm(Form):
    """A form of which only the test ids are known. The kind of each field is read from the page."""

    def set(self, name: str, value: Any) -> None:
        """Set a field by what follows `field-` in its test id, or another control by its whole test id."""
        if name != "tags" and isinstance(value, Mapping):
            if is_document(value):
                value = value["document"]
                control = self.get(f"field-{name}")
                if control.count() and control.get_attribute("type") == "file":
                    file = FilePayload(name=FILE["name"], mimeType=FILE["mimeType"], buffer=value.encode())
                    control.set_input_files(file)
                    idle(self.page)
                    return
            else:
                value = "".join(secrets.choice(_CHARACTERS) for _ in range(value["generated"]))
        kind = self._kind(name, value)
        if kind:
            self._set(Field(name, kind), value if isinstance(value, (list, dict, bool)) else str(value))
            return
        # Fields of a search and the like.
        control = self.get(name) if self.get(name).count() else self.console.get(name)
        if not control.count():
            raise WalkFailed(f"The page has no field {name!r} now.")
        if control.evaluate("one => one.tagName") == "SELECT":
            self._set_select(Field(name, "select"), control, str(value))
        else:
            control.fill(str(value))
            control.blur()
        idle(self.page)

    def _kind(self, name: str, value: Any) -> str:
        """The kind of a field; blank if there is none with this name."""
        if name == "tags":
            return "tags"
        several = self.get(f"field-{name}-1")
        if isinstance(value, list):
            return "selects" if several.evaluate("one => one.tagName") == "SELECT" else "rows"
        control = self.get(f"field-{name}")
        if not control.count():
            return "radio" if self.get(f"field-{name}-{value}").count() else ""
        tag, kind = control.evaluate("one => [one.tagName, one.type]")
        if kind == "checkbox":
            return "switch"
        return "select" if tag == "SELECT" else "text"
