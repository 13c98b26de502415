"""What page objects are made of: lists, rows, forms, details, dialogs and messages, found by test ids and codes.

An action ends when the page is idle. Nothing asserts; every object has the locators with which a test does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page

if TYPE_CHECKING:
    from vpn_console_kit.console import Console

IDLE = "html[data-idle]"
# A message without its controls.
OWN_TEXT = """one => {
  const copy = one.cloneNode(true);
  for (const control of copy.querySelectorAll("button, [data-testid$='-code']")) control.remove();
  return copy.textContent.replace(/\\s+/g, " ").trim();
}"""
MOVED = "document.dispatchEvent(new Event('vpnc:moved'))"


class NoSuchField(LookupError):
    """A field that a form does not have, or does not show now, and what it appears with."""


class NoSuchValue(LookupError):
    """A value that a field does not offer, and those that it does."""


class NoSuchRow(LookupError):
    """A row that a list does not have."""


def quoted(text: str) -> str:
    """A text as CSS has it in an attribute selector."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def idle(page: Page) -> None:
    """Wait until no request, swap or submit of the page is under way."""
    page.locator(IDLE).wait_for(state="attached")


def moved(context: BrowserContext) -> None:
    """Let the pages of a context look at once at what is under way, as they do each second."""
    for page in context.pages:
        if page.url.startswith("http"):
            page.evaluate(MOVED)
            idle(page)


class Part:
    """A part of the console. `locator` is its element."""

    def __init__(self, console: Console, locator: Locator):
        self.console, self.page, self.locator = console, console.page, locator

    def get(self, testid: str) -> Locator:
        """An element in this part by its test id."""
        return self.locator.locator(f"[data-testid={quoted(testid)}]")

    def press(self, testid: str) -> None:
        """Click, and wait until the page is idle, or another one is."""
        control = self.get(testid)
        leads_on = control.get_attribute("href") and not control.get_attribute("hx-get")
        if leads_on and control.get_attribute("data-dialog-close") is None:
            with self.page.expect_navigation():
                control.click()
        else:
            control.click()
        idle(self.page)

    def dialog(self, testid: str) -> Dialog:
        """Press what opens a dialog."""
        self.press(testid)
        return Dialog(self.console)


@dataclass(frozen=True)
class Message:
    """What the console says after an action: the operation that was done, or what is wrong."""

    operation: str = ""
    text: str = ""
    # Codes by field; those of no field by a blank name.
    errors: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, page: Page, errors: Mapping[str, str]) -> Message:
        element = page.locator('[data-testid="message-1"]')
        if not element.count():
            return cls(errors=errors)
        return cls(element.get_attribute("data-operation") or "", element.evaluate(OWN_TEXT), errors)


def errors_in(scope: Locator) -> dict[str, str]:
    """Codes of errors by the names of fields in test ids; those of no field by a blank name."""
    found: dict[str, str] = {}
    for notes in scope.locator('[data-testid^="notes-"]:has(.invalid-feedback)').all():
        field = (notes.get_attribute("data-testid") or "").removeprefix("notes-")
        found[field] = notes.locator(".invalid-feedback").first.get_attribute("data-code") or "invalid"
    for alone in scope.locator(".summary[data-code], [data-testid='error-summary'] li[data-code]:not(:has(a))").all():
        found.setdefault("", alone.get_attribute("data-code") or "invalid")
    return found


class Dialog(Part):
    """The dialog of a page: a question, a form or a refusal."""

    def __init__(self, console: Console):
        super().__init__(console, console.page.locator("#dialog-body"))

    @property
    def text(self) -> str:
        return self.locator.inner_text().strip()

    @property
    def refusal(self) -> str:
        """The code of the refusal; blank if the dialog does not refuse."""
        return errors_in(self.locator).get("", "")

    def ok(self) -> Message:
        """Do it."""
        self.press("dialog-ok")
        return Message.of(self.page, errors_in(self.locator))

    def cancel(self) -> None:
        """Do not, or close a dialog that has nothing to do."""
        self.locator.locator("[data-testid='dialog-cancel'], [data-testid='dialog-close']").click()
        idle(self.page)


# --- forms ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Field:
    """A field of a form: its name here, the one in test ids, what its control is, and what it appears with."""

    name: str
    kind: str
    html_name: str = ""
    # Values of other fields by name, with which it appears.
    needs: Mapping[str, object] | None = None
    # Fields that decide what it offers.
    after: tuple[str, ...] = ()

    @property
    def testid(self) -> str:
        return self.html_name or self.name

    @property
    def appearing(self) -> str:
        return " and ".join(f"{name}={value!r}" for name, value in (self.needs or {}).items())


class Form(Part):
    """A form on a page or in a dialog. Classes of pages.py know its fields."""

    # Deciding fields first.
    FIELDS: ClassVar[tuple[Field, ...]] = ()

    def __init__(self, console: Console):
        dialog = console.page.locator("#dialog-body")
        in_dialog = dialog.locator("[data-testid='dialog-ok']").count()
        super().__init__(console, dialog if in_dialog else console.page.locator("main"))
        self._verb = "dialog-ok" if in_dialog else "form-ok"

    @classmethod
    def field(cls, name: str) -> Field:
        """A field by its name. Raises NoSuchField."""
        for field in cls.FIELDS:
            if field.name == name:
                return field
        there = ", ".join(field.name for field in cls.FIELDS)
        raise NoSuchField(f"{cls.__name__} has no field {name!r}. It has {there}.")

    def control(self, name: str) -> Locator:
        """The control of a field; of a field with several, the element that they are in."""
        return self._control(self.field(name))

    def _control(self, field: Field) -> Locator:
        testid = self._testid(field)
        if field.kind == "radio":
            return self.locator.locator(f".radios:has([data-testid^={quoted(f'field-{testid}-')}])")
        if field.kind in ("rows", "selects"):
            return self.locator.locator(f".rows:has([data-testid={quoted(f'field-{testid}-add')}])")
        if field.kind == "tags":
            return self.locator.locator(".rows:has([data-testid='field-tags-add'])")
        return self.get(f"field-{testid}")

    def _testid(self, field: Field) -> str:
        """The name of a field in test ids."""
        return field.testid

    def _fill(self, values: Mapping[str, Any]) -> None:
        for name in values:
            self.field(name)
        for field in self.FIELDS:
            if field.name in values:
                self._set(field, values[field.name])

    def _set(self, field: Field, value: Any) -> None:
        control = self._control(field)
        if not control.count():
            raise NoSuchField(self._missing(field))
        # Folds and the like, from the outside.
        for fold in control.locator("xpath=ancestor::details[not(@open)]/summary").all():
            fold.click()
        getattr(self, f"_set_{field.kind}")(field, control, value)
        idle(self.page)

    def _missing(self, field: Field) -> str:
        locked = self.get(f"locked-{self._testid(field)}")
        if locked.count():
            return f"{field.name} cannot be changed: {locked.inner_text().strip()}"
        appearing = f": it appears with {field.appearing}" if field.needs else ""
        return f"{type(self).__name__} does not show {field.name} now{appearing}."

    def _set_text(self, field: Field, control: Locator, value: Any) -> None:
        control.fill(str(value))
        # What is typed is judged when the field is left.
        control.blur()

    def _set_switch(self, field: Field, control: Locator, value: bool) -> None:
        control.set_checked(value)

    def _set_radio(self, field: Field, control: Locator, value: str) -> None:
        prefix = f"field-{self._testid(field)}-"
        chosen = self.get(f"{prefix}{value}")
        if not chosen.count():
            testids = [one.get_attribute("data-testid") or "" for one in control.locator("input").all()]
            raise self._not_offered(field, value, [testid.removeprefix(prefix) for testid in testids])
        chosen.check()

    def _set_select(self, field: Field, control: Locator, value: str) -> None:
        if not self._choose(control, value):
            search = self.get(f"search-{self._testid(field)}")
            if search.count():
                # Only the first rows are offered.
                search.fill(value)
                idle(self.page)
            if not (search.count() and self._choose(control, value)):
                raise self._not_offered(field, value, [name or one for one, name, _ in _options(control)])

    @staticmethod
    def _choose(control: Locator, value: str) -> bool:
        """Choose an option by its value, the name of the resource, or its text. Return whether there is one."""
        options = list(_options(control))
        for part in range(3):
            for option in options:
                if option[part] == value:
                    control.select_option(option[0])
                    return True
        return False

    def _not_offered(self, field: Field, value: object, there: Sequence[str]) -> NoSuchValue:
        return NoSuchValue(f"{field.name} does not offer {value!r}. It offers {', '.join(filter(None, there))}.")

    def _set_secret(self, field: Field, control: Locator, value: str) -> None:
        self._set_text(field, control, value)

    def _rows(self, field: Field, control: Locator, count: int) -> None:
        """Add or remove rows until there are so many."""
        rows = control.locator(":scope > [data-row]")
        while rows.count() < count:
            control.locator("[data-row-add]").click()
        while rows.count() > max(count, 1):
            rows.last.locator("[data-row-remove]").click()

    def _set_rows(self, field: Field, control: Locator, value: Sequence[str]) -> None:
        self._rows(field, control, len(value))
        for position, text in enumerate(value or [""], 1):
            self._set_text(field, self.get(f"field-{self._testid(field)}-{position}"), text)

    def _set_selects(self, field: Field, control: Locator, value: Sequence[str]) -> None:
        self._rows(field, control, len(value))
        for position, text in enumerate(value or [""], 1):
            self._set_select(field, self.get(f"field-{self._testid(field)}-{position}"), text)

    def _set_tags(self, field: Field, control: Locator, value: Mapping[str, str]) -> None:
        self._rows(field, control, len(value))
        for position, (key, text) in enumerate(dict(value or {"": ""}).items(), 1):
            self._set_text(field, self.get(f"field-tag_key-{position}"), key)
            self._set_text(field, self.get(f"field-tag_value-{position}"), text)

    def notes(self, name: str) -> Locator:
        """Messages and advice beside a field."""
        return self.get(f"notes-{self._testid(self.field(name))}")

    @property
    def review(self) -> Locator:
        """That saving interrupts a tunnel, and nothing has been saved. To submit again saves."""
        return self.get("review")

    def errors(self) -> dict[str, str]:
        """Codes of errors by the names of fields; those of no field by a blank name."""
        names = {self._testid(field): field.name for field in self.FIELDS}
        return {names.get(testid, testid): code for testid, code in errors_in(self.locator).items()}

    def submit(self) -> Message:
        """Send the form. The message has the operation, or why the form was refused."""
        self.press(self._verb)
        return Message.of(self.page, self.errors())

    def cancel(self) -> None:
        self.press(self._verb.replace("ok", "cancel"))


class TunnelForm(Form):
    """A form of one of two tunnels. Its fields are declared with the test ids of the first."""

    def __init__(self, console: Console, number: int = 1):
        super().__init__(console)
        self.number = number

    def _testid(self, field: Field) -> str:
        return field.testid.replace("tunnel1-", f"tunnel{self.number}-", 1)


def _options(control: Locator) -> Iterator[tuple[str, str, str]]:
    """Value, name of the resource and text of each option."""
    read = "one => [...one.options].map(option => [option.value, option.dataset.name || '', option.text.trim()])"
    yield from map(tuple, control.evaluate(read))


# --- codes ---------------------------------------------------------------------------------------------------------

READ_CODES = """(one, wanted) => wanted.map(
  ([css, attribute]) => one.querySelector(css)?.getAttribute(attribute) ?? "")"""


@dataclass(frozen=True)
class Value:
    """What a part shows by a code: its name, the element's test id, and the attribute with the code."""

    name: str
    testid: str
    attribute: str


class View(Part):
    """A part with codes, which are the same in every language. Classes of pages.py know them."""

    # `{stem}` in a test id is how those of the part begin.
    VALUES: ClassVar[tuple[Value, ...]] = ()

    def __init__(self, console: Console, locator: Locator, stem: str = ""):
        super().__init__(console, locator)
        self.stem = stem

    def element(self, name: str) -> Locator:
        """The element of a value, whose attribute has the code."""
        return self.get(next(self._testid(value) for value in self.VALUES if value.name == name))

    def _testid(self, value: Value) -> str:
        return value.testid.replace("{stem}", self.stem)

    def codes(self) -> Mapping[str, object]:
        """The codes that the part shows now, by name; blank where there is none."""
        wanted = [(f"[data-testid={quoted(self._testid(value))}]", value.attribute) for value in self.VALUES]
        found = self.locator.evaluate(READ_CODES, wanted)
        return {value.name: code for value, code in zip(self.VALUES, found, strict=True)}


# --- lists and details ----------------------------------------------------------------------------------------------


class Details(View):
    """The page of a resource."""

    def __init__(self, console: Console):
        super().__init__(console, console.page.locator("main"))

    @property
    def id(self) -> str:
        """The ID of the resource, from the address: it follows the name of the collection."""
        words = urlsplit(self.page.url).path.strip("/").split("/")
        return next((word for word in reversed(words) if word.rpartition("-")[0] in PREFIXES), "")

    def value(self, field: str) -> Locator:
        """A parameter's value."""
        return self.get(f"value-{field}")

    def tab(self, name: str) -> None:
        self.press(f"tab-{name}")

    def delete(self) -> Dialog:
        if not self.get("delete").is_visible():
            self.press("more")
        return self.dialog("delete")


# Of the IDs of resources that have pages.
PREFIXES = ("vco", "cgw", "cen", "tr", "tr-attach", "vtb", "tun")

D = TypeVar("D", bound=Details)


class Row(Part, Generic[D]):
    """A row of a list."""

    def __init__(self, listing: List[Any], name: str):
        by_name = listing.locator.locator(f"tr[data-name={quoted(name)}]")
        by_id = listing.locator.locator(f"[data-testid={quoted(f'{listing.NOUN}-{name}-row')}]")
        element = by_name.or_(by_id)
        self.name, self._listing = name, listing
        # Of several with one name, the first.
        testid = element.first.get_attribute("data-testid") if element.count() else None
        self._stem = (testid or "").removesuffix("-row")
        super().__init__(
            listing.console, listing.locator.locator(f"[data-testid={quoted(testid)}]") if testid else element
        )

    @property
    def element(self) -> Locator:
        return self.locator

    @property
    def stem(self) -> str:
        """How the test ids of the row begin. Raises NoSuchRow."""
        if not self._stem:
            raise NoSuchRow(f"{self._listing.page.url} has no row {self.name!r}.")
        return self._stem

    @property
    def id(self) -> str:
        """The ID of the resource. Raises NoSuchRow."""
        return self.stem.removeprefix(f"{self._listing.NOUN}-")

    def open(self) -> D:
        """Go to the details."""
        self.press(self.stem)
        details: D = self._listing.DETAILS(self.console)
        return details

    def action(self, name: str) -> None:
        """Press an action, which may be in the row's menu."""
        testid = f"{self.stem}-{name}"
        # The menu of a list of connections is outside of the row.
        everywhere = Part(self.console, self.page.locator("body"))
        if not everywhere.get(testid).is_visible():
            self.press(f"{self.stem}-more")
        everywhere.press(testid)

    def delete(self) -> Dialog:
        self.action("delete")
        return Dialog(self.console)


R = TypeVar("R", bound=Row[Any])


class List(Part, Generic[R]):
    """A page with a list. It opens when it is needed."""

    NOUN: ClassVar[str] = ""
    # Below the console's address; `{region}` is that of the console object.
    PATH: ClassVar[str] = ""
    ROW: ClassVar[type[Row[Any]]] = Row
    DETAILS: ClassVar[type[Any]] = Details

    def __init__(self, console: Console):
        super().__init__(console, console.page.locator("main"))

    @property
    def address(self) -> str:
        return self.console.world.url + self.PATH.format(region=self.console.region)

    def open(self) -> None:
        """Open the list as it is without search, filter and page."""
        self.page.goto(self.address)
        idle(self.page)

    def _ensure_open(self) -> bool:
        """Open the list unless it is; return whether it had to be."""
        if self.page.url.partition("?")[0] == self.address:
            return False
        self.open()
        return True

    def row(self, name: str) -> Any:
        """The row with a name or an ID, on whichever page it is."""
        is_fresh = self._ensure_open()
        row = self._find(name)
        if not row.element.count() and not is_fresh:
            # Filtered, or made elsewhere since.
            self.open()
            row = self._find(name)
        return row

    def _find(self, name: str) -> Row[Any]:
        row = self.ROW(self, name)
        while not row.element.count() and self.get("page-next").count():
            self.press("page-next")
            row = self.ROW(self, name)
        return row

    def rows(self) -> Locator:
        """The rows of the page."""
        return self.locator.locator("tr[data-name]")

    def names(self) -> list[str]:
        """The names of the rows of the page."""
        self._ensure_open()
        return [row.get_attribute("data-name") or "" for row in self.rows().all()]

    def search(self, text: str) -> None:
        self._ensure_open()
        self.get("search").fill(text)
        idle(self.page)

    def filter(self, name: str, value: str) -> None:
        """Set a filter: of a select, the value or the text of an option."""
        self._ensure_open()
        control = self.get(f"filter-{name}")
        if control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
            control.blur()
        idle(self.page)

    def sort(self, column: str) -> None:
        self._ensure_open()
        self.press(f"sort-{column}")

    def select(self, *names: str) -> None:
        """Select rows, which are on one page."""
        for name in names:
            row = self.row(name)
            row.get(f"{row.stem}-pick").check()

    def delete_selected(self) -> Dialog:
        return self.dialog("delete-selected")
