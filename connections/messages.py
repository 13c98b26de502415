"""Sentences for people that know how to say themselves in the reader's language.

Rules, locks and refusals write English templates with named places. A `Message` is that sentence in English wherever a
program looks at it (compared, stored, sent as JSON), and remembers its template. `str()`, which is what pages, forms
and f-strings ask for, gives it in the language that is active then: an API that always speaks English activates
English.
"""

from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override


class Message(str):
    """English by value, the reader's language by `str()`. What stands in its places may itself be translatable."""

    __slots__ = ("params", "plural", "template")

    template: str
    # The template for a `count` other than one; blank where number makes no difference.
    plural: str
    params: dict[str, Any]

    def __new__(cls, template: str, plural: str = "", **params):
        wanted = plural if plural and params.get("count") != 1 else template
        words = wanted.format(**{name: _english(value) for name, value in params.items()}) if params else template
        message = super().__new__(cls, words)
        message.template, message.plural, message.params = template, plural, params
        return message

    def __str__(self) -> str:
        if self.plural:
            words = ngettext(self.template, self.plural, self.params["count"])
        else:
            words = gettext(self.template) if self.template else ""
        return words.format(**{name: _local(value) for name, value in self.params.items()}) if self.params else words

    def __getnewargs_ex__(self):
        return (self.template, self.plural), self.params

    def filled(self, **params) -> "Message":
        """This sentence with its places filled."""
        return Message(self.template, self.plural, **params)

    def parts(self) -> dict:
        """All that is needed to say it again later, for a JSON column."""
        params = {name: _stored(value) for name, value in self.params.items()}
        return {"template": self.template} | ({"plural": self.plural} if self.plural else {}) | {"params": params}


def from_parts(parts: dict) -> Message:
    """The message whose `parts()` were kept."""
    params = {name: from_parts(value) if isinstance(value, dict) else value for name, value in parts["params"].items()}
    return Message(parts["template"], parts.get("plural", ""), **params)


def message(template: str, **params) -> Message:
    """Mark a sentence for translation. Import it as `_`, by which the catalogue's extraction knows it."""
    return Message(template, **params)


def counted(one: str, many: str, count: int) -> Message:
    """A number with its noun, as in `counted("{count} connection", "{count} connections", 2)`."""
    return Message(one, many, count=count)


def _plain(value):
    return value.label if isinstance(value, Enum) and hasattr(value, "label") else value


def _local(value):
    value = _plain(value)
    return str(value) if isinstance(value, (Message, Promise)) else value


def _english(value):
    value = _plain(value)
    if isinstance(value, Message):
        return str.__str__(value)
    if isinstance(value, Promise):
        with override("en"):
            return str(value)
    return value


def _stored(value):
    value = _plain(value)
    if isinstance(value, Message):
        return value.parts()
    if isinstance(value, Promise):
        # A label of a closed list, whose English is its own template.
        return {"template": _english(value), "params": {}}
    return value if isinstance(value, (int, str)) else str(value)
