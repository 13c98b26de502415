"""Jinja2 for the cells of tables, and for the small parts that a page holds hundreds of.

Everything else is a Django template, which takes several times as long for the same rows (docs/performance.md). The
tags `draw`, `rows`, `copy`, `moment`, `chips` and `options` of `templatetags.console` lead here. A template of cells is
imported once for a table: look words and addresses up outside of its macros where a table can be long.
"""

from datetime import datetime
from functools import cache, lru_cache

from django.core.exceptions import ImproperlyConfigured
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils.dateformat import format as formatted
from django.utils.formats import get_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment, StrictUndefined

from connections.as_code.events import OPERATIONS
from connections.console import paging
from connections.console.badges import tone
from connections.console.panels import asn_text, fact_rows
from connections.domain.choices import Outcome

# Stands for a resource's ID in what is drawn once for all rows.
ID = "the-id-to-be"


def link_to(name: str, *args: str) -> str:
    """The address of a page, with `%s` for its last argument, the resource's ID."""
    return reverse(name, args=[*args, ID]).replace("%", "%%").replace(ID, "%s")


@lru_cache(maxsize=1024)
def _said(moment: datetime, kind: str, language: str) -> str:
    return formatted(moment, get_format(kind, language))


def said(moment: datetime, kind: str) -> str:
    """A moment as the language writes it. `kind`: the name of one of Django's formats."""
    return _said(moment, kind, get_language())


def _url(name: str, *args: str) -> str:
    return reverse(name, args=args)


def counted(number: int) -> str:
    """How many there are, as far as they are counted."""
    return f"{floatformat(min(number, paging.COUNTED), '0g')}{'+' if number > paging.COUNTED else ''}"


def tells_as_code(event) -> bool:
    """Whether there is code for what an event tells."""
    return event.outcome == Outcome.SUCCESS and event.operation in OPERATIONS


def environment(**options) -> Environment:
    """What the settings name."""
    own = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    made = Environment(**options | own)  # noqa: S701 (Django asks for escaping in `options`)
    made.globals |= {"ID": ID, "_": gettext, "ngettext": ngettext, "link_to": link_to, "said": said, "url": _url}
    made.filters |= {
        "tone": tone,
        "asn": asn_text,
        "counted": counted,
        "facts": fact_rows,
        "tells_as_code": tells_as_code,
    }
    return made


def _environment() -> Environment:
    engine = engines["jinja"]
    if not isinstance(engine, Jinja2):
        raise ImproperlyConfigured("The template engine named jinja is not Jinja2.")
    return engine.env


def draw(template: str, **context) -> SafeString:
    """What a template makes of the values it is given; it has escaped them."""
    return mark_safe(_environment().get_template(template).render({"parts": parts(get_language())} | context))  # noqa: S308


def rows(context: dict) -> SafeString:
    """The rows of the table `grid` of a page, or what is said while there are none."""
    context = context | {"parts": parts(get_language())}
    grid, jinja = context["grid"], _environment()
    modules = [jinja.get_template(name).make_module(context) for name in (grid.listing.cells, "shared/cells.jinja")]

    def macro(name: str):
        return next((getattr(module, name) for module in modules if hasattr(module, name)), None)

    context |= {name: macro(name) for name in ("attributes", "empty")}
    return draw("shared/rows.jinja", **context, cells=[(column, macro(column.key)) for column in grid.columns])


@cache
def parts(language: str):
    """The macros of templates/shared/parts.jinja with the words of the language that is active."""
    made = _environment().get_template("shared/parts.jinja").make_module()
    # There are few states, and each looks the same every time.
    vars(made)["state"] = lru_cache(maxsize=None, typed=True)(vars(made)["state"])
    return made
