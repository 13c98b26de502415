"""A walk as a test with the page objects of the kit's clients."""

from collections.abc import Mapping
from typing import Any

from vpnconsole.kit.exports.forms import FORMS
from vpnconsole.kit.exports.script import Call, Chain, File, Script
from vpnconsole.kit.exports.walking import CODES, Walking, identifier, quoted
from vpnconsole.kit.walks.format import PLACES, REGION, Walk

# The lists that the console object has, and the forms that their `create` opens.
LISTS = {
    "connections": "ConnectionForm",
    "customer_gateways": "CustomerGatewayForm",
    "cens": "CenForm",
    "members": "MemberForm",
    "events": "",
}
# Methods by the control that they press, on the page of a resource: the form, the method, and the tab that it opens.
DETAILS = {
    ("connections", "edit"): ("ConnectionEditForm", "edit", ""),
    ("connections", "authorize"): ("AuthorizationForm", "authorize", "tab-authorizations"),
    ("connections", "route-create"): ("RouteForm", "add_route", "tab-routes"),
    ("connections", "edit-tags"): ("TagsForm", "edit_tags", "tab-tags"),
    ("customer_gateways", "edit"): ("CustomerGatewayEditForm", "edit", ""),
    ("cens", "router-create"): ("TransitRouterForm", "create_router", ""),
    ("router", "router-attach"): ("AttachForm", "attach", ""),
    ("router", "cidr-create"): ("RouterCidrForm", "create_cidr", "tab-basic"),
    ("router", "route-table-create"): ("RouteTableForm", "create_route_table", "tab-routes"),
}
# Forms by the control of a row that opens them.
ROWS = {
    ("connections", "edit"): "ConnectionEditForm",
    ("connections", "clone"): "ConnectionForm",
    ("customer_gateways", "edit"): "CustomerGatewayEditForm",
    ("", "tags"): "TagsForm",
}
# Other controls that open a form.
OPENERS = {
    "device-edit": "DeviceForm",
    "authorize": "AuthorizationForm",
    "route-create": "RouteForm",
    "edit-tags": "TagsForm",
    "router-attach": "AttachForm",
    "cidr-create": "RouterCidrForm",
    "route-table-create": "RouteTableForm",
    "router-create": "TransitRouterForm",
}
# The place where one is after a form was sent. Others leave one where one was.
AFTER = {
    "ConnectionForm": ("details", "connections"),
    "ConnectionEditForm": ("details", "connections"),
    "CustomerGatewayForm": ("list", "customer_gateways"),
    "CustomerGatewayEditForm": ("details", "customer_gateways"),
    "CenForm": ("details", "cens"),
    "TransitRouterForm": ("details", "cens"),
    "MemberForm": ("list", "members"),
    "DeviceForm": ("", ""),
}
# Presses that lead to no other page begin with these.
STAYS = (
    "tab-", "field-", "preset-", "copy-", "device-", "more", "region-", "page-", "pick", "refresh", "dialog-",
    "figure-", "filter", "tag-selected", "export", "peer-selected", "columns", "saved-", "days-", "show-", "section-",
)  # fmt: skip
WORDS = {"customer_gateways": "gateway", "connections": "connection", "cens": "cen", "router": "router"}


class _Objects(Walking):
    def __init__(self, walk: Walk):
        super().__init__(walk)
        # The present person, and everybody by user name.
        self.app = Chain("app")
        self.people = {walk.persona: self.app}
        # People whose region has been set.
        self.settled: set[Chain] = set()
        self._turn_to(self.app)

    def _turn_to(self, app: Chain) -> None:
        self.app, self.page = app, app.get("page")
        self._moved()

    def get(self, testid: str) -> Chain:
        return self.app.quick("get", testid)

    def _forget(self) -> None:
        """Nothing is open any more."""
        self.form: tuple[str, Chain] | None = None
        self.dialog: Chain | None = None

    def _moved(self, kind: str = "", name: str = "", details: Chain | None = None) -> None:
        self._forget()
        self.where, self.details = (kind, name), details

    def _open_form(self, form: str, what: Chain | Call | None = None) -> None:
        name = identifier("".join(f"_{one}" if one.isupper() else one for one in form))
        made = self.let(name, what or Call(f"pages.{form}", (self.app,), is_class=True))
        self.dialog, self.form = None, (form, made)

    @property
    def _list(self) -> Chain | None:
        kind, name = self.where
        return self.app.get(name) if kind == "list" and name in LISTS else None

    # --- one method an action

    def go_(self, place: str) -> None:
        if self.walk.region != REGION and self.app not in self.settled:
            self.settled.add(self.app)
            self.assign(self.app.get("region"), self.walk.region)
        before, (action, value) = self.where, (self.next.action, self.next.value)
        if place not in LISTS:
            self.do(self.app.call("open", "/" + self.path(place)))
            self._moved("page", place)
            return
        self._moved("list", place)
        opens = action == "click" and value == "create" and bool(LISTS[place])
        by_row = action in ("click", "see") and isinstance(value, dict) and "row" in value
        if not opens and (not by_row or before == ("list", place)):
            self.do(self.app.get(place).call("open"))

    def click_(self, target: Any) -> None:
        if isinstance(target, str):
            self._press(target)
        elif "tunnel" in target:
            self.click_tunnel(target)
            self.idle()
            self._moved()
        else:
            self._in_row(target["row"], target.get("part", ""))

    def _press(self, testid: str) -> None:
        kind, name = self.where
        following = self.next.value if self.next.action == "click" else None
        if testid in ("form-ok", "dialog-ok"):
            self._send(testid)
        elif testid in ("form-cancel", "dialog-cancel", "dialog-close") and (self.form or self.dialog):
            opened = self.form[1] if self.form else self.dialog
            assert opened is not None  # noqa: S101 - for the type checker
            self.do(opened.call("cancel"))
            self._forget()
        elif kind == "list" and testid in ("create", "empty-create") and LISTS.get(name):
            self._open_form(LISTS[name], self.app.get(name).call("create"))
        elif kind == "list" and testid == "create" and name == "access_keys":
            self.do(self.app.call("press", testid))
            self._open_form("AccessKeyForm")
        elif self._list and testid == "delete-selected":
            self._forget()
            self.dialog = self.let("dialog", self._list.call("delete_selected"))
        elif self._list and testid.startswith("sort-"):
            self.do(self._list.call("sort", testid.removeprefix("sort-")))
        elif kind == "details" and self.details and (name, testid) in DETAILS:
            form, method, _ = DETAILS[name, testid]
            self._open_form(form, self.details.call(method))
        elif kind == "details" and self.details and testid == "delete":
            self._forget()
            self.dialog = self.let("dialog", self.details.call("delete"))
        elif kind == "details" and self.details and testid.startswith("tab-"):
            # The method opens the tab itself.
            if DETAILS.get((name, str(following)), ("", "", ""))[2] != testid:
                self.do(self.details.call("tab", testid.removeprefix("tab-")))
        elif self.details and testid == "more" and following == "delete":
            pass
        elif not self.download(testid):
            self.do(self.app.call("press", testid))
            if testid in OPENERS:
                self._open_form(OPENERS[testid])
            elif testid.startswith("nav-"):
                place = testid.removeprefix("nav-").replace("-", "_")
                self._moved("list" if place in PLACES and place != "overview" else "page", place)
            elif not testid.startswith(STAYS):
                self._moved("", name)

    def _send(self, testid: str) -> None:
        if self.form:
            form, made = self.form
            sent = made.call("submit")
        elif self.dialog:
            form, sent = "", self.dialog.call("ok")
        else:
            self.do(self.app.call("press", testid))
            form, sent = "", None
        see = self.next.value if self.next.action == "see" and not self.next.say else {}
        if "said" in see:
            self.at += 1
            self.equal((sent or self.app.asked("message")).get("operation"), see["said"])
        elif "errors" in see and sent and form:
            self.at += 1
            self.equal(sent.get("errors"), self._errors(form, see["errors"]))
        elif sent:
            self.do(sent)
        if "errors" in see or "refused" in see:
            return
        if form in AFTER:
            self._moved(*AFTER[form])
        elif not form and self.where[0] == "details":
            # The page of what was deleted.
            self._moved()
        else:
            self._forget()

    @staticmethod
    def _errors(form: str, errors: Mapping[str, str]) -> dict[str, str]:
        return {FORMS[form].get(field, (field,))[0]: code for field, code in errors.items()}

    def _row(self, name: str) -> Chain | None:
        return self._list.call("row", name) if self._list else None

    def _in_row(self, name: str, part: str) -> None:
        row, (kind, place) = self._row(name), self.where
        if row is None:
            if (kind, place) == ("details", "cens") and not part and self.details:
                self._moved("details", "router", self.let("router", self.details.call("router", name)))
                return
            shown = self.page.quick("locator", f"tr[data-name={quoted(name)}]").first
            control = f"[data-testid$={quoted('-' + part)}]" if part else "a[data-testid]"
            self.do(self.let("row", shown).quick("locator", control).first.call("click"))
            self.idle()
            self._moved()
        elif not part:
            self._moved("details", place, self.let(WORDS.get(place, "details"), row.call("open")))
        elif part == "pick":
            picked = [name]
            while isinstance(self.next.value, dict) and self.next.value.get("part") == part:
                picked.append(self.next.value["row"])
                self.at += 1
            assert self._list is not None  # noqa: S101 - for the type checker
            self.do(self._list.call("select", *picked))
        elif part == "delete":
            self._forget()
            self.dialog = self.let("dialog", row.call("delete"))
        elif place == "connections" and part in ("edit", "clone"):
            self._open_form(ROWS[place, part], row.call(part))
        else:
            self.do(row.call("action", part))
            form = ROWS.get((place, part)) or ROWS.get(("", part))
            if form:
                self._open_form(form)
            elif part not in ("peer-config",):
                self._moved("details" if part == "details" else "", place)

    def fill_(self, values: Mapping[str, Any]) -> None:
        values = dict(values)
        if self._list:
            for field in [*values]:
                if field == "search":
                    self.do(self._list.call("search", values.pop(field)))
                elif field.startswith("filter-"):
                    self.do(self._list.call("filter", field.removeprefix("filter-"), values.pop(field)))
        if not values:
            return
        if not self.form:
            fits = [form for form, fields in FORMS.items() if values.keys() <= fields.keys()]
            if fits:
                self._open_form(fits[0])
        known: Mapping[str, tuple[str, str]] = FORMS[self.form[0]] if self.form else {}
        ours = {known[field][0]: self.value(field, value) for field, value in values.items() if field in known}
        if self.form and ours:
            self.do(self.form[1].call("fill", **ours))
        for field, value in values.items():
            if field not in known:
                self._set(field, self.value(field, value))

    def _set(self, field: str, value: Any) -> None:
        """Set a control that page objects do not know."""
        if field == "file" and isinstance(value, Chain):
            self.do(self.get("field-file").call("set_input_files", File(value)))
        elif field == "text":
            self.do(self.get("field-text").call("fill", value))
        else:
            css = ", ".join(f"[data-testid={quoted(prefix + field)}]" for prefix in ("field-", ""))
            control = self.page.quick("locator", css)
            self.do(control.call("set_checked" if isinstance(value, bool) else "fill", value))
        self.idle()

    def see_said(self, see: Mapping[str, Any]) -> None:
        self.equal(self.app.asked("message").get("operation"), see["said"])

    def see_refused(self, see: Mapping[str, Any]) -> None:
        if self.dialog:
            self.equal(self.dialog.asked("refusal"), see["refused"])
        else:
            super().see_refused(see)

    def see_errors(self, see: Mapping[str, Any]) -> None:
        if self.form:
            self.equal(self.form[1].call("errors"), self._errors(self.form[0], see["errors"]))
        else:
            super().see_errors(see)

    def see_row(self, see: Mapping[str, Any]) -> None:
        row = self._row(see["row"])
        if row is None:
            super().see_row(see)
            return
        codes = [name for name in CODES if name in see]
        if not codes:
            element = row.get("element")
            self.expect(*((element, "to_have_count", 0) if "gone" in see else (element.first, "to_be_visible")))
        for name in codes:
            # Rows of other lists have no such words.
            known = self.where[1] == "connections"
            cell = row.get(name) if known else row.get("element").quick("locator", f"[data-{name}]").first
            self.expect(cell, "to_have_attribute", f"data-{name}", see[name])

    def as_(self, user: str) -> None:
        if user not in self.people:
            self.people[user] = self.let(identifier(user), Call("as_persona", (user,)))
        self._turn_to(self.people[user])


def script(walk: Walk) -> Script:
    return _Objects(walk).script("app")
