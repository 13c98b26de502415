"""Render table cells, and small parts that a page contains hundreds of times, with Jinja2.

Everything else is a Django template; these take several times as long for the same rows (docs/performance.md). The tags
`draw`, `rows`, `copy`, `moment`, `chips` and `options` of `templatetags.console` call this module. A table imports its
template of cells once, so look up translations and addresses outside of the macros if a table can be long.
"""

import re
from datetime import datetime
from functools import cache, lru_cache

from django.core.exceptions import ImproperlyConfigured
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.urls import reverse
from django.utils.dateformat import format as formatted
from django.utils.formats import get_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment, StrictUndefined

from connections import clock
from connections.as_code.events import OPERATIONS
from connections.console.badges import tone
from connections.console.columns import Column
from connections.console.event_sentences import last_of, told
from connections.console.negotiations import is_of_late, look_again, standing
from connections.console.next_hops import of_entry, through
from connections.console.paging import counted
from connections.console.panels import asn_text, fact_rows
from connections.console.words import tunnel_name
from connections.domain.choices import Outcome

# Placeholders of a resource's ID and name in markup that is rendered once for all rows.
ID, NAME = "the-id-to-be", "the-name-to-be"


def link_to(name: str, *args: str) -> str:
    """The address of a page with `%s` in place of its last argument, the resource's ID."""
    return reverse(name, args=[*args, ID]).replace("%", "%%").replace(ID, "%s")


@lru_cache(maxsize=1024)
def _said(moment: datetime, kind: str, language: str) -> str:
    return formatted(moment, get_format(kind, language))


def said(moment: datetime, kind: str) -> str:
    """A moment in the active language. `kind` is the name of one of Django's formats."""
    return _said(moment, kind, get_language())


def day(moment: datetime) -> str:
    """The day of a moment (UTC) in the active language, with its name if it is today or yesterday."""
    ago = (clock.now().date() - moment.date()).days
    word = {0: gettext("Today"), 1: gettext("Yesterday")}.get(ago, "")
    return f"{word} · {said(moment, 'DATE_FORMAT')}" if word else said(moment, "DATE_FORMAT")


def _url(name: str, *args: str) -> str:
    return reverse(name, args=args)


def tells_as_code(event) -> bool:
    """Whether the operation of an event can be shown as code."""
    return event.outcome == Outcome.SUCCESS and event.operation in OPERATIONS


def breakable(code: str) -> SafeString:
    """A code in which lines may break before its words."""
    return mark_safe(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "<wbr>", escape(code)))  # noqa: S308


def environment(**options) -> Environment:
    """The environment; the settings name this function."""
    own = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    jinja = Environment(**options | own)  # noqa: S701 (Django asks for escaping in `options`)
    jinja.globals |= {
        "ID": ID,
        "NAME": NAME,
        "_": gettext,
        "ngettext": ngettext,
        "link_to": link_to,
        "said": said,
        "url": _url,
    }
    jinja.filters |= {
        "tone": tone,
        "asn": asn_text,
        "counted": counted,
        "facts": fact_rows,
        "told": told,
        "last_of": last_of,
        "day": day,
        "tells_as_code": tells_as_code,
        "breakable": breakable,
        "look_again": look_again,
        "is_of_late": is_of_late,
        "standing": standing,
        "of_entry": of_entry,
        "through": through,
        "tunnel_name": tunnel_name,
    }
    return jinja


def _environment() -> Environment:
    engine = engines["jinja"]
    if not isinstance(engine, Jinja2):
        raise ImproperlyConfigured("The template engine named jinja is not Jinja2.")
    return engine.env


def draw(template: str, **context) -> SafeString:
    """Render a template. It escapes the values."""
    return mark_safe(_environment().get_template(template).render({"parts": parts(get_language())} | context))  # noqa: S308


def rows(context: dict) -> SafeString:
    """The rows of the table `grid`, or the text for an empty table."""
    context = context | {"parts": parts(get_language())}
    grid, jinja = context["grid"], _environment()
    modules = [jinja.get_template(name).make_module(context) for name in (grid.listing.cells, "shared/cells.jinja")]

    def macro(name: str):
        return next((getattr(module, name) for module in modules if hasattr(module, name)), None)

    context |= {name: macro(name) for name in ("attributes", "heading", "empty")}
    cells = [
        (column, macro(column.key), "th" if column.is_head else "td", _fixed_attributes(column))
        for column in grid.columns
    ]
    return draw("shared/rows.jinja", **context, cells=cells)


def _fixed_attributes(column: Column) -> SafeString:
    """The attributes that the cells of a column share. A role holds where CSS makes cards of rows, with labels."""
    attributes = [format_html(' class="{}"', column.look)] if column.look else []
    if column.is_head:
        attributes.append(mark_safe(' role="rowheader" scope="row"'))
    else:
        attributes.append(mark_safe(' role="cell"'))
        if column.label:
            attributes.append(format_html(' data-label="{}"', column.label))
    return mark_safe("".join(attributes))  # noqa: S308


@cache
def parts(language: str):
    """The macros of templates/shared/parts.jinja in the active language."""
    module = _environment().get_template("shared/parts.jinja").make_module()
    # There are few states, and each is always rendered alike.
    vars(module)["state"] = lru_cache(maxsize=None, typed=True)(vars(module)["state"])
    return module
