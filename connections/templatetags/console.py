"""Small things that templates say often."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language

from connections.console import rendering
from connections.console.badges import tone
from connections.console.idempotency import FIELD, new_token
from connections.console.panels import asn_text

register = template.Library()
register.filter(tone)


@register.simple_tag
def idempotency_token() -> str:
    """Make the form around it do its work once, however often it is sent. Beside the token against forgery."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_token())


@register.simple_tag
@cache
def asset(path: str) -> str:
    """The address of a file of ours, looked up once in a process: a page names a dozen, always the same."""
    return static(path)


@register.simple_tag(takes_context=True)
def laid_out(context, form) -> str:
    """A form as crispy lays it out, for a page that brings the form's tag, token and errors itself."""
    return form.helper.render_layout(form, context)


@register.simple_tag
def draw(template: str, **context) -> str:
    """What a Jinja template makes of the values it is given."""
    return rendering.draw(template, **context)


@register.simple_tag(takes_context=True)
def rows(context) -> str:
    """The rows of the table `grid`, or what is said while there are none."""
    return rendering.rows(context.flatten())


@register.simple_tag
def copy(text, of: str = "") -> str:
    """A button that copies what stands before it. `of` tells it from others with the same text."""
    return rendering.parts(get_language()).copy(text, of)


@register.simple_tag
def moment(at) -> str:
    """Day and time of day."""
    return rendering.parts(get_language()).moment(at)


@register.simple_tag
def moving_state(resource, url: str) -> str:
    """The state of a resource, which asks for itself again at an address while it is on the move."""
    return rendering.parts(get_language()).moving_state(resource, url)


@register.simple_tag
def chips(tags) -> str:
    """The first of a resource's tags."""
    return rendering.parts(get_language()).chips(tags)


@register.simple_tag
def options(offered, chosen) -> str:
    """Options of a control, pairs of value and label."""
    return rendering.parts(get_language()).options(offered, chosen)


@register.filter
def asn(number: int | None) -> str:
    """An AS number in both spellings, or a dash."""
    return asn_text(number) if number else "-"


@register.inclusion_tag("shared/_tab.html", takes_context=True)
def tab(context, label: str, key: str, page: str, *args):
    """A tab of a details page, which is a page with an address of its own."""
    return {"label": label, "key": key, "url": reverse(page, args=args), "current": context["tab"] == key}


@register.inclusion_tag("shared/_breadcrumbs.html")
def breadcrumbs(current, *links):
    """Where one is: pairs of label and address, then this page."""
    return {"links": list(zip(links[::2], links[1::2], strict=True)), "current": current}
