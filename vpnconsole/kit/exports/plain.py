"""A walk as a test with nothing but Playwright, test ids and a few helpers of its own."""

from collections.abc import Mapping
from typing import Any

from vpnconsole.kit.exports.script import Address, Call, Chain, Do, Download, Let, Script
from vpnconsole.kit.exports.walking import FILES, KINDS, Walking, identifier, kind_of, quoted, value_of
from vpnconsole.kit.walks.format import PLACES, Walk


class _Plain(Walking):
    def __init__(self, walk: Walk):
        super().__init__(walk)
        self.page = Chain("page")
        self.people = {walk.persona: "page"}
        self.out.append(Let("page", Chain("signed_in_page")))

    def do(self, what: Chain | Call) -> None:
        self.out.append(Do(what))

    def _idle(self) -> None:
        self.do(Call("idle", (self.page,)))

    def _get(self, testid: str) -> Chain:
        return self.page.quick("get_by_test_id", testid)

    def _row(self, name: str) -> Chain:
        return self.page.quick("locator", f"tr[data-name={quoted(name)}]").first

    def go_(self, place: str) -> None:
        self.do(self.page.call("goto", Address(PLACES[place].format(region=self.walk.region))))
        self._idle()

    def click_(self, target: Any) -> None:
        if isinstance(target, str):
            if FILES.fullmatch(target) and target != "export":
                self.out.append(Download(self.page, self._get(target).call("click")))
                return
            self.do(self._get(target).call("click"))
        elif "tunnel" in target:
            css = f'[data-tunnel="{target["tunnel"]}"] [data-testid$={quoted("-" + target["part"])}]'
            self.do(self.page.quick("locator", css).first.call("click"))
        elif "part" in target:
            self.do(Call("press", (self.page, target["row"], target["part"])))
            return
        else:
            link = f"tr[data-name={quoted(target['row'])}] a[data-testid]"
            self.do(self.page.quick("locator", link).first.call("click"))
        self._idle()

    def fill_(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            testid = name if name == "search" or name.startswith("filter-") else f"field-{name}"
            if isinstance(value, bool):
                self.do(Call("check", (self.page, testid, value)))
            elif isinstance(value, list):
                self.do(Call("fill_rows", (self.page, testid, value)))
            elif name == "tags":
                self.do(Call("fill_tags", (self.page, value)))
            elif kind_of(name) == "radio":
                self.do(Call("check", (self.page, f"{testid}-{value}", True)))
            else:
                self.do(Call("fill", (self.page, testid, value_of(value))))

    def see_(self, see: Mapping[str, Any]) -> None:
        if "said" in see:
            self.expect(self._get("message-1"), "to_have_attribute", "data-operation", see["said"])
        elif "row" in see:
            self._see_row(see)
        elif "refused" in see:
            summary = self.page.quick("locator", "#dialog .summary")
            self.expect(summary, "to_have_attribute", "data-code", see["refused"])
        elif "errors" in see:
            for field, code in see["errors"].items():
                notes = self._get(f"notes-{field}").quick("locator", "[data-code]").first
                self.expect(notes, "to_have_attribute", "data-code", code)
        elif "tunnel" in see:
            for key in ("status", "code", "bgp", "health"):
                if key in see:
                    css = f'[data-tunnel="{see["tunnel"]}"] [data-{key}]'
                    self.expect(self.page.quick("locator", css).first, "to_have_attribute", f"data-{key}", see[key])
        elif "testid" in see:
            if "gone" in see:
                self.expect(self._get(see["testid"]), "to_have_count", 0)
            elif "text" in see:
                self.expect(self._get(see["testid"]), "to_contain_text", see["text"])
            else:
                self.expect(self._get(see["testid"]), "to_be_visible")
        else:
            for key in ("state", "status"):
                if key in see:
                    self.expect(self._get(key), "to_have_attribute", f"data-{key}", see[key])

    def _see_row(self, see: Mapping[str, Any]) -> None:
        row = self._row(see["row"])
        codes = [key for key in ("state", "status") if key in see]
        if "gone" in see:
            self.expect(self.page.quick("locator", f"tr[data-name={quoted(see['row'])}]"), "to_have_count", 0)
        elif not codes:
            self.expect(row, "to_be_visible")
        for key in codes:
            self.expect(row.quick("locator", f"[data-{key}]").first, "to_have_attribute", f"data-{key}", see[key])

    def as_(self, user: str) -> None:
        if user not in self.people:
            name = self.people[user] = f"page_of_{identifier(user)}"
            self.out.append(Let(name, Chain(Call("as_persona", (user,))).get("page")))
        self.page = Chain(self.people[user])

    def kit_(self, what: Mapping[str, Any]) -> None:
        world = Chain("world")
        if "advance" in what:
            self.do(world.call("advance", what["advance"]))
        elif "settle" in what:
            self.do(world.call("settle"))
        else:
            given = dict(what["peer"])
            name = given.pop("connection")
            known = world.get("names").get(KINDS["connection"]).item(name).get("id")
            self.do(world.call("peer", known, **given))


def script(walk: Walk) -> Script:
    return _Plain(walk).script("signed_in_page")
