"""Forms are drawn by Jinja. The templates in `as_django` beside this file are the same in Django's language."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.forms.renderers import BaseRenderer
from django.template.backends.django import DjangoTemplates
from django.urls import reverse
from django.utils.safestring import mark_safe

from connections.console.drawing import form_parts
from connections.console.forms.connections import ConnectionForm
from connections.console.forms.kit import draw_field
from connections.console.forms.outline import Outline
from tests import factories
from tests.console.test_connections import CREATE
from tests.console.test_drawn_once import STATES
from tests.console.test_isolation import PAGES, address, estate
from tests.pages import main_form

__all__ = ["estate"]  # a fixture

OWN = Path(__file__).parent
REFERENCE = DjangoTemplates(
    {"NAME": "reference", "DIRS": [OWN / "as_django", OWN.parents[1] / "templates"], "APP_DIRS": True, "OPTIONS": {}}
)


class ByDjango(BaseRenderer):
    """Draws controls by Django's own templates, and ours by those of the reference."""

    def get_template(self, template_name):
        return REFERENCE.get_template(template_name)


class Pieces(HTMLParser):
    """What a browser makes of markup: elements with their attributes in any order, texts without idle spaces."""

    def __init__(self):
        super().__init__()
        self.found: list = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, sorted((name, value or "") for name, value in attrs)))

    def handle_endtag(self, tag):
        self.found.append(f"/{tag}")

    def handle_data(self, data):
        if text := " ".join(data.split()):
            self.found.append(f"text {text}")


def pieces(html: str) -> list:
    reader = Pieces()
    reader.feed(html)
    return reader.found


def parts_of(form) -> list:
    return form.parts if isinstance(form, ConnectionForm) else [form]


def by_django(template: str, **context) -> list:
    return pieces(REFERENCE.get_template(template).render(context))


def check(form, stored=None) -> int:
    """Hold every field of a form against the reference, and how many there were."""
    names = [(part, name) for part in parts_of(form) for name in part.fields]
    # A connection's form draws only what applies.
    shown = [(part, name) for part, name in names if part is form or form.shows(part.add_prefix(name))]
    for part, name in shown:
        # `may`: who sees the form may see its keys.
        around = {"stored": stored, "may": {"see_keys": True}}
        drawn = pieces(draw_field(part.fields[name].get_bound_field(part, name), around))
        part.renderer, usual = ByDjango(), part.renderer
        bound = part.fields[name].get_bound_field(part, name)
        way_out = next((value for tag, said in filter(is_link, drawn) for key, value in said if key == "href"), "")
        assert drawn == by_django("bootstrap5/field.html", field=bound, way_out=way_out, **around), name
        for oob, unjudged in ((True, False), (True, True)):
            notes = pieces(form_parts().notes(bound, oob, unjudged))
            assert notes == by_django("forms/_notes.html", field=bound, oob=oob, unjudged=unjudged)
        part.renderer = usual
    return len(shown)


def is_link(piece) -> bool:
    """Whether a piece is the way out of a lock."""
    return piece[0] == "a" and any(key == "data-testid" and "way-out" in value for key, value in piece[1])


@pytest.mark.parametrize("name", PAGES)
def test_every_form_is_drawn_as_by_django(name, console, estate):
    """As it comes, and refused for being empty."""
    url = address(name, estate)
    for answer in (console.get(url), console.post(url, {"name": "http://no"})):
        found = answer.context or {}
        if (form := found.get("form")) is not None and answer.status_code == 200:
            assert check(form, found.get("stored"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("state", STATES)
def test_the_form_of_a_connection_is_drawn_as_by_django_in_every_state(state, language, console, gateway, alice):
    console.cookies["django_language"] = language
    stored = factories.make_connection(alice.account, gateway=gateway, tunnel={"psk": "st0red"})
    for url in (CREATE, reverse("connection-modify", args=[stored.region_id, stored.resource_id])):
        fresh = main_form(console.get(url).content.decode())
        values = {name: value for name, value in (fresh | STATES[state]).items() if name != "_once"}
        for more in ({"_action": "update"}, {"name": "http://refused"}):
            found = console.post(url, values | more).context
            form = found["form"]
            assert check(form, found.get("stored")) > 20
            drawn = pieces(form_parts().outline(form.outline, oob=True))
            assert drawn == by_django("forms/_outline.html", outline=Outline(form), oob=True)


def test_boxes_are_drawn_as_by_django():
    content = mark_safe("<b>kept</b>")
    for oob in (False, True):
        drawn = pieces(form_parts().group("group-x", content, oob))
        assert drawn == by_django("forms/group.html", id="group-x", content=content, oob=oob)
    for line in (None, "", "a & b"):
        for note in ("", "a < b"):
            facts = {"key": "ike", "title": "A & B", "note": note, "line": line}
            drawn = pieces(form_parts().section(*facts.values(), content))
            assert drawn == by_django("forms/section.html", content=content, **facts)
