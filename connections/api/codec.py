"""The wire's words: requests into one map of parameters, values into Python's types, answers into JSON.

How clients spell things is in the protocol notes of the official SDKs: lists are flattened and count from 1, objects
are JSON text in one parameter, booleans come in any case.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl, quote

from django.http import HttpRequest

from connections import rules
from connections.numbers import whole_number

FORM = "application/x-www-form-urlencoded"
MAX_PARAMETERS = 1000
HIDDEN = "******"


class Unreadable(Exception):
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
        raise Unreadable("The parameters are not UTF-8.") from None
    except ValueError:
        raise Unreadable(f"There are more than {MAX_PARAMETERS} parameters.") from None
    parameters = dict(found)
    if len(parameters) != len(found):
        raise Unreadable("A parameter is there twice.")
    if any("\x00" in name or "\x00" in value for name, value in found):
        raise Unreadable("A parameter contains the character NUL.")
    return parameters


def query_of(request: HttpRequest) -> dict[str, str]:
    """The parameters in the address. WSGI hands bytes over as if they were Latin-1."""
    raw = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    try:
        return pairs(raw.decode())
    except UnicodeDecodeError:
        raise Unreadable("The query is not UTF-8.") from None


def form_of(request: HttpRequest) -> dict[str, str]:
    """The parameters in a form body; a body of another type is not signed by V1 and holds none."""
    if request.content_type != FORM or not request.body:
        return {}
    try:
        return pairs(request.body.decode())
    except UnicodeDecodeError:
        raise Unreadable("The body is not UTF-8.") from None


# --- values ------------------------------------------------------------------------------------------------------


def boolean(text: str) -> bool | None:
    """True and false in any case, or None."""
    return {"true": True, "false": False}.get(text.strip().lower())


def rows(parameters: Mapping[str, str], name: str, most: int) -> list[dict[str, str]]:
    """`Tag.1.Key=a&Tag.2.Key=b` as dictionaries in the order of their numbers; a list of scalars has the name "".

    The command-line client sends a list that belongs into the body as one parameter of JSON text. ValueError where
    that text is no list. Of more than `most` items there is one more than that.
    """
    if name in parameters:
        return [_flat(item) for item in rules.first_of(_json_list(parameters[name]), most)]
    pattern = re.compile(re.escape(name) + r"\.([0-9]{1,6})(?:\.(.+))?", re.ASCII)
    found: dict[int, dict[str, str]] = {}
    for key, value in parameters.items():
        if match := pattern.fullmatch(key):
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


def json_object(text: str) -> dict[str, str]:
    """The entries of an object in JSON text, names in small letters: clients disagree about the case.

    ValueError where the text is no flat object.
    """
    try:
        loaded = json.loads(text)
    except RecursionError:
        raise ValueError(text) from None
    if not isinstance(loaded, dict) or any(isinstance(value, (dict, list)) for value in loaded.values()):
        raise ValueError(text)
    entries = {name.lower(): scalar(value) for name, value in loaded.items()}
    if not all(map(rules.is_storable, entries.values())):
        raise ValueError(text)
    return entries


# --- what may be shown of a request ------------------------------------------------------------------------------

_SECRET = re.compile(r"(psk|key|secret|signature|token|cert)$", re.IGNORECASE)
_NOT_SECRET = re.compile(r"(^|\.)(TagKey|Key|ClientToken|NextToken|AccessKeyId)(\.[0-9]+)?$", re.IGNORECASE)
_SHOWN_LENGTH = 300


def is_secret(name: str) -> bool:
    """Whether a parameter's name says that its value is nobody's business."""
    return bool(_SECRET.search(re.sub(r"\.[0-9]+$", "", name))) and not _NOT_SECRET.search(name)


def shown(parameters: Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    """Parameters with secrets hidden, for people. What no operation reads may be a misspelt secret: hidden as well."""
    roots = set(known)
    return dict(list(_shown(parameters, roots))[:100])


def _shown(parameters: Mapping[str, str], roots: set[str]) -> Iterator[tuple[str, str]]:
    for name, value in parameters.items():
        if name.split(".")[0] not in roots or is_secret(name):
            yield name[:100], HIDDEN
        elif value[:1] in "{[" and value:
            yield name[:100], _without_secrets(value)
        else:
            yield name[:100], value[:_SHOWN_LENGTH]


def _without_secrets(text: str) -> str:
    try:
        return json.dumps(_masked(json.loads(text)), ensure_ascii=True)[:_SHOWN_LENGTH]
    except (ValueError, RecursionError):
        return HIDDEN


def _masked(value: object) -> object:
    if isinstance(value, dict):
        return {name: HIDDEN if is_secret(name) else _masked(inner) for name, inner in value.items()}
    return [_masked(inner) for inner in value] if isinstance(value, list) else value
