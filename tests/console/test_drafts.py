"""Every form with something typed can be redrawn: scripts bring back in this way what a session that ended has left."""

from html.parser import HTMLParser

import pytest

from connections.models import Event
from tests.addresses import PAGES, address
from tests.console.conftest import htmx
from vpnconsole.testing.pages import forms

# Input types whose value a user types, and that no one else may see again.
TYPED = ("text", "email", "number", "date")
SECRET = "password"


class _Forms(HTMLParser):
    """Collects the forms that post: their attributes, and the names of their controls by type."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[tuple[dict, dict[str, str]]] = []
        self._controls: dict[str, str] | None = None
        self._in_template = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "template":
            self._in_template = True
        elif tag == "form" and attributes.get("method") == "post":
            self._controls = {}
            self.found.append((attributes, self._controls))
        elif tag in ("input", "textarea", "select") and self._controls is not None and not self._in_template:
            kind = {"textarea": "text", "select": "select"}.get(tag) or attributes.get("type", "text")
            if kind not in ("hidden", "submit", "button"):
                self._controls[attributes["name"]] = kind

    def handle_endtag(self, tag):
        if tag == "form":
            self._controls = None
        elif tag == "template":
            self._in_template = False


def typed_forms(html: str) -> list[tuple[dict, dict[str, str]]]:
    return [(attributes, controls) for attributes, controls in _Forms(html).found if controls]


@pytest.mark.parametrize("headers", [{}, htmx("/")], ids=["page", "dialog"])
def test_what_was_typed_comes_back_without_being_done(headers, console, estate):
    for name in PAGES:
        check_what_was_typed(console, name, address(name, estate), headers)


def check_what_was_typed(console, name: str, url: str, headers: dict[str, str]) -> None:
    html = console.get(url, headers=headers).content.decode()
    for attributes, controls in typed_forms(html):
        if attributes.get("action", "").endswith("/device/send/") and not {*TYPED} & {*controls.values()}:
            # A choice beside its button, nothing that is typed.
            continue
        assert "data-redraw" in attributes, (name, attributes)
        values = max(forms(html), key=len)
        typed = {one: f"typed-{number}" for number, (one, kind) in enumerate(controls.items()) if kind in TYPED}
        kept = {one: values for one, values in values.items() if controls.get(one) != SECRET and one != "_once"}
        before = Event.objects.count()
        answer = console.post(attributes.get("action") or url, kept | typed | {"_action": "update"}, headers=headers)
        assert answer.status_code == 200, name
        assert Event.objects.count() == before, name
        again = max(forms(answer.content.decode()), key=len)
        # Lists end with an empty row, and a text begins with a line break, which browsers remove.
        shown = {one: [text.lstrip() for text in again.get(one, ()) if text] for one in typed}
        assert shown == {one: [text] for one, text in typed.items()}, name
        assert {one for one, kind in controls.items() if kind == SECRET and any(again.get(one, ()))} == set(), name
        # Without these a later submit could overwrite what others have changed.
        assert again.get("revision") == values.get("revision"), name


def test_forms_were_found(console, estate):
    """Otherwise the test above would prove nothing."""
    counts = [len(typed_forms(console.get(address(name, estate)).content.decode())) for name in PAGES]
    assert sum(counts) >= 15
