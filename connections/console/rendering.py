"""Jinja2 for the rows of long lists, and for the small parts of which they hold hundreds.

Everything else is a Django template, which takes several times as long for the same rows (docs/performance.md). The
tags `draw`, `copy`, `moment`, `chips` and `options` of `templatetags.console` lead here. In a template that draws rows,
look words and addresses up before the loop: a call costs more than the text that it returns.
"""

from datetime import datetime
from functools import cache, lru_cache

from django.template import engines
from django.urls import reverse
from django.utils.dateformat import format as formatted
from django.utils.formats import get_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from jinja2 import Environment, StrictUndefined

from connections.console.badges import tone

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


def environment(**options) -> Environment:
    """What the settings name."""
    own = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    made = Environment(**options | own)  # noqa: S701 (Django asks for escaping in `options`)
    made.globals |= {"ID": ID, "_": gettext, "link_to": link_to, "said": said, "url": _url}
    made.filters["tone"] = tone
    return made


def draw(template: str, **context) -> SafeString:
    """What a template makes of the values it is given; it has escaped them."""
    return mark_safe(engines["jinja"].env.get_template(template).render(context, parts=parts(get_language())))  # noqa: S308


@cache
def parts(language: str):
    """The macros of templates/shared/parts.jinja with the words of the language that is active."""
    made = engines["jinja"].env.get_template("shared/parts.jinja").make_module()
    # There are few states, and each looks the same every time.
    made.state = lru_cache(maxsize=None, typed=True)(made.state)
    return made
