"""Values as the console words them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Model
from django.template.defaultfilters import floatformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from connections.models import Tag

# A label: plain text, or a translation that is looked up when it is shown.
if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words
else:
    Words = str | Promise


UNITS = ("bit/s", "kbit/s", "Mbit/s", "Gbit/s")
THOUSAND = 1000


def rate_text(bits: float) -> str:
    """A rate in bit/s, in the unit that people would use."""
    size = 0
    while round(bits, 1) >= THOUSAND and size < len(UNITS) - 1:
        bits, size = bits / THOUSAND, size + 1
    return f"{floatformat(bits, -1)} {UNITS[size]}"


def on_or_off(value: bool) -> str:
    return _("On") if value else _("Off")


def tags_text(pairs: Iterable[tuple[str, str]]) -> str:
    """Pairs of key and value in one line."""
    return ", ".join(str(Tag(key=key, value=value)) for key, value in pairs)


def value_text(value: object) -> str:
    """A value of a field, or of an event's fact, in which a dictionary holds tags."""
    if isinstance(value, bool):
        return on_or_off(value)
    if isinstance(value, dict):
        return tags_text(value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value in ("", None) else str(value)


def field_text(row: Model, name: str) -> str:
    """The value of a row's field; of a choice, its label."""
    display = getattr(row, f"get_{name}_display", None)
    return value_text(display() if display else getattr(row, name))


def tunnel_name(tunnel) -> str:
    """The short name of one of two tunnels."""
    return _("Tunnel %(number)s") % {"number": tunnel.index}
