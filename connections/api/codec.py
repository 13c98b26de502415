"""Parse the parameters of a request and their values.

Clients write as the official SDKs do: items of lists are parameters numbered from 1, an object is the JSON text of one
parameter, and booleans come in any case.
"""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

from django.http import HttpRequest

from connections.domain import parsing
from connections.numbers import whole_number

FORM = "application/x-www-form-urlencoded"
MAX_PARAMETERS = 1000
HIDDEN = "******"


class MalformedRequest(Exception):
    """The parameters of a request cannot be read, or can be read in more than one way."""


def percent(text: str) -> str:
    """Escape text for a signature: letters, digits and `-_.~` stay, everything else becomes %XX of its UTF-8."""
    return quote(text.encode("utf-8", "surrogateescape"), safe="-_.~")


def canonical(parameters: Mapping[str, str]) -> str:
    """Parameters sorted by name and joined, as both signatures need them."""
    return "&".join(f"{percent(name)}={percent(value)}" for name, value in sorted(parameters.items()))


def pairs(text: str) -> dict[str, str]:
    """Parse a query string or a form body. Raise MalformedRequest if a name occurs twice."""
    try:
        items = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise MalformedRequest("The parameters are not UTF-8.") from None
    except ValueError:
        raise MalformedRequest(f"There are more than {MAX_PARAMETERS} parameters.") from None
    parameters = dict(items)
    if len(parameters) != len(items):
        raise MalformedRequest("A parameter is there twice.")
    if any("\x00" in name or "\x00" in value for name, value in items):
        raise MalformedRequest("A parameter contains the character NUL.")
    return parameters


def query_of(request: HttpRequest) -> dict[str, str]:
    """The parameters in the address. WSGI passes its bytes as Latin-1."""
    raw = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    try:
        return pairs(raw.decode())
    except UnicodeDecodeError:
        raise MalformedRequest("The query is not UTF-8.") from None


def form_of(request: HttpRequest) -> dict[str, str]:
    """The parameters in a form body. V1 does not sign a body of another type, so that has none."""
    if request.content_type != FORM or not request.body:
        return {}
    try:
        return pairs(request.body.decode())
    except UnicodeDecodeError:
        raise MalformedRequest("The body is not UTF-8.") from None


# --- values ------------------------------------------------------------------------------------------------------


def boolean(text: str) -> bool | None:
    """Parse true or false in any case; None for anything else."""
    return {"true": True, "false": False}.get(text.strip().lower())


_ITEM = re.compile(r"([0-9]{1,6})(?:\.(.+))?", re.ASCII)


def rows(parameters: Mapping[str, str], name: str, most: int) -> list[dict[str, str]]:
    """Parse a list such as `Tag.1.Key=a&Tag.2.Key=b` into a dictionary for each item; the key of a scalar is "".

    The command-line client sends a list in the body as the JSON text of one parameter. Return at most one item more
    than `most`. Raise ValueError if the text is not a list or an item has no number.
    """
    if name in parameters:
        return [_flat(item) for item in parsing.first_of(_json_list(parameters[name]), most)]
    items: dict[int, dict[str, str]] = {}
    for key, value in parameters.items():
        if key.startswith(f"{name}."):
            match = _ITEM.fullmatch(key.removeprefix(f"{name}."))
            if match is None or (number := whole_number(match[1])) is None:
                raise ValueError(key)
            items.setdefault(number, {})[match[2] or ""] = value
    return [items[number] for number in sorted(items)[: most + 1]]


def object_fields(parameters: Mapping[str, str], name: str) -> dict[str, str]:
    """The fields of an object such as `TunnelIkeConfig.Psk=a`, or of the JSON text of one parameter.

    Raise ValueError if the text is not an object.
    """
    if not parameters.get(name):
        return {key.removeprefix(f"{name}."): text for key, text in parameters.items() if key.startswith(f"{name}.")}
    entries = json.loads(parameters[name])
    if not isinstance(entries, dict):
        raise ValueError(name)
    return _flat(entries)


def _json_list(text: str) -> list:
    if not text:
        return []
    items = json.loads(text)
    if not isinstance(items, list):
        raise ValueError(text)
    return items


def _flat(item: object) -> dict[str, str]:
    return {name: scalar(value) for name, value in item.items()} if isinstance(item, dict) else {"": scalar(item)}


def scalar(value: object) -> str:
    """A JSON scalar as text: clients send typed values as well as strings."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def json_entries(text: str) -> list[tuple[str, str]]:
    """The names and values of a flat object in JSON text. Raise ValueError if it is not one."""
    try:
        loaded = json.loads(text, object_pairs_hook=_Pairs)
    except RecursionError:
        raise ValueError(text) from None
    if not isinstance(loaded, _Pairs) or any(isinstance(value, list) for _, value in loaded):
        raise ValueError(text)
    return [(name, scalar(value)) for name, value in loaded]


class _Pairs(list):
    """An object as a list of names and values, which keeps a name that occurs twice."""


def json_object(text: str) -> dict[str, str]:
    """The entries of a flat object in JSON text. Names become lower case, because clients disagree about it.

    Raise ValueError if the text is not a flat object or has a name twice.
    """
    pairs = json_entries(text)
    entries = {name.lower(): value for name, value in pairs}
    if len(entries) != len(pairs) or not all(map(parsing.is_storable, entries.values())):
        raise ValueError(text)
    return entries


# --- what a record shows of a request ------------------------------------------------------------------------------

# The marks of JSON and of escapes. Text that has one may be an object with a key in it, sent in the wrong place.
_STRUCTURE = re.compile(r"[{}\[\]\"\\%]")
_SHOWN_LENGTH = 300


def shown_text(text: str) -> str:
    """How a record of requests shows text of a parameter that is not secret."""
    return HIDDEN if _STRUCTURE.search(text) else text[:_SHOWN_LENGTH]


def shown_json(value: object) -> str:
    """How a record of requests shows a list or an object whose parts `shown_text` returned."""
    return json.dumps(value)[:_SHOWN_LENGTH]
