"""Tags and filters of the console's templates."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language

from connections.console import rendering
from connections.console.actions import Action, allowed
from connections.console.badges import tone
from connections.console.idempotency import FIELD, new_token
from connections.console.negotiations import look_again, standing
from connections.console.panels import asn_text
from connections.console.requests import NO_SCRIPTS
from connections.console.words import tunnel_name, value_text
from connections.domain.sections import TUNNEL_TITLES
from connections.negotiation.shown import Shown

register = template.Library()
register.filter(tone)
register.filter("or_dash", value_text)
register.filter(look_again)
register.filter(standing)
register.filter(tunnel_name)


@register.filter
def tunnel_title(tunnel) -> str:
    """What one of two tunnels is called."""
    return str(TUNNEL_TITLES[tunnel.index])


@register.filter
def tunnel_suffix(tunnel) -> str:
    """The end of test ids that are about the second tunnel."""
    return "-2" if tunnel.index > 1 else ""


@register.simple_tag
def no_scripts() -> str:
    """The hidden input that tells the server that a browser has no scripts; `idempotency_token` contains it."""
    return format_html('<noscript><input type="hidden" name="{}" value="1"></noscript>', NO_SCRIPTS)


@register.simple_tag
def idempotency_token() -> str:
    """The hidden input that makes a form idempotent; put it beside the CSRF token."""
    return format_html('<input type="hidden" name="{}" value="{}">{}', FIELD, new_token(), no_scripts())


@register.simple_tag
@cache
def asset(path: str) -> str:
    """The address of a static file, cached in the process: every page contains the same dozen."""
    return static(path)


@register.simple_tag(takes_context=True)
def laid_out(context, form) -> str:
    """A form laid out by crispy. The page draws the form tag, token and errors."""
    return form.helper.render_layout(form, context)


@register.simple_tag
def draw(template: str, **context) -> str:
    """Render a Jinja template."""
    return rendering.draw(template, **context)


@register.simple_tag(takes_context=True)
def rows(context) -> str:
    """The rows of the table `grid`, or the text for an empty table."""
    return rendering.rows(context.flatten())


@register.simple_tag
def copy(text, of: str = "") -> str:
    """A button that copies a text. `of` makes its test id unique among buttons with the same text."""
    return rendering.parts(get_language()).copy(text, of)


@register.simple_tag
def moment(at) -> str:
    """A date and time."""
    return rendering.parts(get_language()).moment(at)


@register.simple_tag
def problem(tunnel, brief: bool = False) -> str:
    """The code of a tunnel's problem with its time, or the last problem. `brief`: without the time, and if recent."""
    outcome, name = tunnel.outcome, "" if tunnel.index == 1 else f"{tunnel.index}-"
    at = outcome.problem.at if outcome.problem and outcome.problem.is_recent and not brief else None
    return rendering.parts(get_language()).problem(Shown.of(outcome), name, at=at, of_late=brief)


@register.simple_tag
def moving_state(resource, url: str) -> str:
    """The state of a resource, which polls an address while it is in transition."""
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


@register.simple_tag(takes_context=True)
def actions(context, resource) -> dict[str, Action]:
    """What the user may do with a resource, by keys with underscores."""
    return {action.key.replace("-", "_"): action for action in allowed(context["user"], resource)}


@register.inclusion_tag("shared/_tab.html", takes_context=True)
def tab(context, label: str, key: str, page: str, *args, title: str = ""):
    """A tab of a details page. Each tab has an address. `title` is the whole label, if the one shown is short."""
    url = reverse(page, args=args)
    return {"label": label, "key": key, "url": url, "title": title, "current": context["tab"] == key}


@register.inclusion_tag("shared/_breadcrumbs.html")
def breadcrumbs(current, *links):
    """Breadcrumbs: pairs of label and address, then the current page."""
    return {"links": list(zip(links[::2], links[1::2], strict=True)), "current": current}
