"""A walk as a test with nothing but Playwright, test ids and a few helpers of its own."""

from collections.abc import Mapping
from typing import Any

from vpnconsole.kit.exports.script import Address, Call, Chain, Script
from vpnconsole.kit.exports.walking import Walking, identifier, kind_of, quoted
from vpnconsole.kit.walks.format import Walk, is_document


class _Plain(Walking):
    def __init__(self, walk: Walk):
        super().__init__(walk)
        self.page = self.let("page", Chain("signed_in_page"))
        # Pages of people.
        self.pages = {walk.persona: self.page}

    def get(self, testid: str) -> Chain:
        return self.page.quick("get_by_test_id", testid)

    def go_(self, place: str) -> None:
        self.do(self.page.call("goto", Address(self.path(place))))
        self.idle()

    def click_(self, target: Any) -> None:
        if isinstance(target, str):
            if self.download(target):
                return
            self.do(self.get(target).call("click"))
        elif "tunnel" in target:
            self.click_tunnel(target)
        elif "part" in target:
            # Waits by itself.
            self.do(Call("press", (self.page, target["row"], target["part"])))
            return
        else:
            link = f"tr[data-name={quoted(target['row'])}] a[data-testid]"
            self.do(self.page.quick("locator", link).first.call("click"))
        self.idle()

    def fill_(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            testid = name if name == "search" or name.startswith("filter-") else f"field-{name}"
            given = self.value(name, value)
            if name == "tags":
                self.do(Call("fill_tags", (self.page, given)))
            elif is_document(value):
                self.do(Call("upload" if name == "file" else "fill", (self.page, testid, given)))
            elif isinstance(value, bool):
                self.do(Call("check", (self.page, testid, value)))
            elif isinstance(value, list):
                self.do(Call("fill_rows", (self.page, testid, value)))
            elif kind_of(name) == "radio":
                self.do(Call("check", (self.page, f"{testid}-{value}", True)))
            else:
                self.do(Call("fill", (self.page, testid, str(given) if isinstance(given, int) else given)))

    def as_(self, user: str) -> None:
        if user not in self.pages:
            console = Chain(Call("as_persona", (user,)))
            self.pages[user] = self.let(f"page_of_{identifier(user)}", console.get("page"))
        self.page = self.pages[user]


def script(walk: Walk) -> Script:
    return _Plain(walk).script("signed_in_page")
