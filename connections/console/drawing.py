"""Jinja2, for what a page holds dozens or hundreds of: the rows of a long list, the fields of a form, small parts.

Everything else is a Django template, which takes several times as long for the same rows (docs/performance.md). The
tags `draw`, `copy`, `moment`, `chips`, `options`, `field` and `outline` of `templatetags.console` are the way in. A
call costs more than what it returns is worth: in a template that draws rows, words and addresses are looked up before
the loop.
"""

from datetime import datetime
from functools import cache, lru_cache

from django.forms.renderers import TemplatesSetting
from django.template import engines
from django.urls import reverse
from django.utils.dateformat import format as formatted
from django.utils.formats import get_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from jinja2 import Environment, StrictUndefined
from markupsafe import escape

from connections.console.tones import tone

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


def _attributes(values: dict) -> SafeString:
    """What a control says of itself, as HTML: what is false is left out, what is true stands alone."""
    said = (f" {name}" if value is True else f' {name}="{escape(value)}"' for name, value in values.items()
            if value is not False and value is not None)  # fmt: skip
    return mark_safe("".join(said))  # noqa: S308 - it has escaped


def environment(**options) -> Environment:
    """What the settings name."""
    own = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    made = Environment(**options | own)  # noqa: S701 (Django asks for escaping in `options`)
    made.globals |= {"ID": ID, "_": gettext, "link_to": link_to, "said": said, "url": _url}
    made.globals |= {"attributes": _attributes, "form_parts": form_parts}
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


@cache
def _form_parts(language: str):
    return engines["jinja"].env.get_template("forms/parts.jinja").make_module()


def form_parts():
    """The macros of templates/forms/parts.jinja with the words of the language that is active."""
    return _form_parts(get_language())


# Which macro draws what Django has a template for, or a widget of ours names one for.
CONTROLS = {
    **{f"django/forms/widgets/{kind}.html": "input" for kind in ("checkbox", "hidden", "number", "password", "text")},
    "django/forms/widgets/radio_option.html": "input",
    "django/forms/widgets/multiple_hidden.html": "several",
    "forms/select.html": "select",
    "forms/rows.html": "rows",
    "forms/tag_rows.html": "tag_rows",
}


class Renderer(TemplatesSetting):
    """Draws the controls that forms have dozens of by a macro, others by Django's templates."""

    def render(self, template_name, context, request=None):
        if macro := CONTROLS.get(template_name):
            return mark_safe(getattr(form_parts(), macro)(context["widget"]))  # noqa: S308 - it has escaped
        return super().render(template_name, context, request)
