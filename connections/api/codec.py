"""The wire's words: requests into one map of parameters, values into Python's types, answers into JSON.

How clients spell things is in the protocol notes of the official SDKs: lists are flattened and count from 1, objects
are JSON text in one parameter, booleans come in any case.
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
    """A request that cannot be taken apart in one way only."""


def percent(text: str) -> str:
    """Canonical escape: letters, digits and `-_.~` stay, all else as %XX of UTF-8."""
    return quote(text.encode("utf-8", "surrogateescape"), safe="-_.~")


def canonical(parameters: Mapping[str, str]) -> str:
    """Parameters sorted by name and joined, as both signatures want them."""
    return "&".join(f"{percent(name)}={percent(value)}" for name, value in sorted(parameters.items()))


def pairs(text: str) -> dict[str, str]:
    """Names and values of a query string or form body. Each name once: what a second one meant would be a guess."""
    try:
        found = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise MalformedRequest("The parameters are not UTF-8.") from None
    except ValueError:
        raise MalformedRequest(f"There are more than {MAX_PARAMETERS} parameters.") from None
    parameters = dict(found)
    if len(parameters) != len(found):
        raise MalformedRequest("A parameter is there twice.")
    if any("\x00" in name or "\x00" in value for name, value in found):
        raise MalformedRequest("A parameter contains the character NUL.")
    return parameters


def query_of(request: HttpRequest) -> dict[str, str]:
    """The parameters in the address. WSGI hands bytes over as if they were Latin-1."""
    raw = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    try:
        return pairs(raw.decode())
    except UnicodeDecodeError:
        raise MalformedRequest("The query is not UTF-8.") from None


def form_of(request: HttpRequest) -> dict[str, str]:
    """The parameters in a form body; a body of another type is not signed by V1 and holds none."""
    if request.content_type != FORM or not request.body:
        return {}
    try:
        return pairs(request.body.decode())
    except UnicodeDecodeError:
        raise MalformedRequest("The body is not UTF-8.") from None


# --- values ------------------------------------------------------------------------------------------------------


def boolean(text: str) -> bool | None:
    """True and false in any case, or None."""
    return {"true": True, "false": False}.get(text.strip().lower())


_ITEM = re.compile(r"([0-9]{1,6})(?:\.(.+))?", re.ASCII)


def rows(parameters: Mapping[str, str], name: str, most: int) -> list[dict[str, str]]:
    """`Tag.1.Key=a&Tag.2.Key=b` as dictionaries in the order of their numbers; a list of scalars has the name "".

    The command-line client sends a list that belongs into the body as one parameter of JSON text. ValueError where
    that text is no list, or an item has no number. Of more than `most` items there is one more than that.
    """
    if name in parameters:
        return [_flat(item) for item in parsing.first_of(_json_list(parameters[name]), most)]
    found: dict[int, dict[str, str]] = {}
    for key, value in parameters.items():
        if key.startswith(f"{name}."):
            match = _ITEM.fullmatch(key.removeprefix(f"{name}."))
            if match is None:
                raise ValueError(key)
            found.setdefault(whole_number(match[1]), {})[match[2] or ""] = value
    return [found[number] for number in sorted(found)[: most + 1]]


def _json_list(text: str) -> list:
    if not text:
        return []
    items = json.loads(text)
    if not isinstance(items, list):
        raise ValueError(text)
    return items


def _flat(item: object) -> dict[str, str]:
    return {name: scalar(one) for name, one in item.items()} if isinstance(item, dict) else {"": scalar(item)}


def scalar(value: object) -> str:
    """A JSON scalar as a hand-written request would spell it: strings and typed values are both sent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def json_entries(text: str) -> list[tuple[str, str]]:
    """The names and values of an object in JSON text, as they are spelled. ValueError where it is no flat object."""
    try:
        loaded = json.loads(text, object_pairs_hook=_Pairs)
    except RecursionError:
        raise ValueError(text) from None
    if not isinstance(loaded, _Pairs) or any(isinstance(value, list) for _, value in loaded):
        raise ValueError(text)
    return [(name, scalar(value)) for name, value in loaded]


class _Pairs(list):
    """An object as a list of names and values, so that a name that is there twice is seen."""


def json_object(text: str) -> dict[str, str]:
    """The entries of an object in JSON text, names in small letters: clients disagree about the case.

    ValueError where the text is no flat object, or has a name twice.
    """
    pairs = json_entries(text)
    entries = {name.lower(): value for name, value in pairs}
    if len(entries) != len(pairs) or not all(map(parsing.is_storable, entries.values())):
        raise ValueError(text)
    return entries


# --- what may be shown of a request ------------------------------------------------------------------------------

# Marks of JSON and of escapes. A plain text that holds one may be an object with a key in it, sent in a wrong place.
_STRUCTURE = re.compile(r"[{}\[\]\"\\%]")
_SHOWN_LENGTH = 300


def shown_text(text: str) -> str:
    """A text that is declared to be harmless, as a record of requests shows it."""
    return HIDDEN if _STRUCTURE.search(text) else text[:_SHOWN_LENGTH]


def shown_json(value: object) -> str:
    """A list or an object whose parts have been judged already."""
    return json.dumps(value)[:_SHOWN_LENGTH]
