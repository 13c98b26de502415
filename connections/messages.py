"""Sentences that are English for programs and translated for people.

Rules, locks and refusals write English templates with named placeholders. As a value (compared, stored, sent as JSON)
a `Message` is the English sentence. `str()`, which templates, forms and f-strings call, translates it into the active
language; the API activates English.
"""

from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override


class Message(str):
    """English by value, the active language by `str()`. Its parameters may be translatable, too."""

    __slots__ = ("code", "params", "plural", "template")

    template: str
    # The template for a `count` other than one; blank if there is none.
    plural: str
    params: dict[str, Any]
    # The code of the refusal that it is the message of, else blank.
    code: str

    def __new__(cls, template: str, plural: str = "", **params):
        chosen = plural if plural and params.get("count") != 1 else template
        words = chosen.format(**{name: _english(value) for name, value in params.items()}) if params else template
        message = super().__new__(cls, words)
        message.template, message.plural, message.params, message.code = template, plural, params, ""
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
        """This sentence with its placeholders filled in."""
        return Message(self.template, self.plural, **params)

    def parts(self) -> dict:
        """The template and its parameters, for a JSON column."""
        params = {name: _stored(value) for name, value in self.params.items()}
        return {"template": self.template} | ({"plural": self.plural} if self.plural else {}) | {"params": params}


def from_parts(parts: dict) -> Message:
    """The message whose `parts()` were stored."""
    params = {name: from_parts(value) if isinstance(value, dict) else value for name, value in parts["params"].items()}
    return Message(parts["template"], parts.get("plural", ""), **params)


def message(template: str, **params) -> Message:
    """Mark a sentence for translation. Import it as `_`, the name that the extraction of messages looks for."""
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
        # The label of a choice: its English is its template.
        return {"template": _english(value), "params": {}}
    return value if isinstance(value, (int, str)) else str(value)
