"""Parse JSON, and the subset of YAML that JSON can express, in a time that is linear in the length of the text.

Values are built from PyYAML's events. `safe_load` after a check for aliases takes four times as long, and would read
sexagesimal numbers in quadratic time (docs/decisions.md).
"""

import json
import re
from collections.abc import Iterator

import yaml

from connections.documents import schema
from connections.domain import parsing, sections
from connections.messages import Message
from connections.messages import message as _

# A document with two thousand resources of each kind, and all of their fields, has about 350,000.
MAX_VALUES = 500_000
# A valid document is six levels deep.
MAX_DEPTH = 20

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})", re.ASCII)
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")


class ParseError(Exception):
    """The text is neither JSON nor YAML, or uses features of YAML that are not supported. `place`: line, column."""

    def __init__(self, why: Message | str, place: str = ""):
        # The message of a parser may quote the text.
        self.why, self.place = why if isinstance(why, Message) else " ".join(why.split())[:200], place
        super().__init__(str(why))


def parsed(text: str) -> object:
    """The value of a JSON or YAML text: dict with str keys, list, str, int, bool or None. Raises ParseError."""
    value = _of_json(text) if text.lstrip()[:1] in ("{", "[") else _NO_JSON
    if value is _NO_JSON:
        value = _of_yaml(text)
    _check(value)
    return value


# --- JSON --------------------------------------------------------------------------------------------------------

_NO_JSON = object()


def _of_json(text: str) -> object:
    """The value of a JSON text, or _NO_JSON: a mapping in braces may still be YAML."""
    try:
        # No field is a fraction. As a str it is reported in place of the number that is expected.
        return json.loads(text, object_pairs_hook=_mapping, parse_int=_number, parse_float=str, parse_constant=str)
    except RecursionError:
        raise ParseError(_("nested too deeply")) from None
    except ValueError:
        return _NO_JSON


def _mapping(pairs: list[tuple[str, object]]) -> dict:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ParseError(_("a name stands twice in a mapping"))
    return mapping


def _number(text: str) -> object:
    return int(text) if _NUMBER.fullmatch(text) else text


# --- YAML --------------------------------------------------------------------------------------------------------


def _of_yaml(text: str) -> object:
    try:
        return _built(yaml.parse(text, _LOADER))
    except yaml.MarkedYAMLError as error:
        raise ParseError(str(error.problem or error.context or ""), _line(error.problem_mark)) from error
    except yaml.YAMLError as error:
        raise ParseError(str(error)) from error


def _line(mark) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""


# The name of a mapping's next value, before the event of the name.
_NO_NAME = object()


def _built(events: Iterator[yaml.Event]) -> object:
    """The value that a stream of events describes, built without recursion."""
    documents: list = []
    # The open collections, innermost last: a list, or a mapping with the name of its next value.
    path: list[list] = [[documents, _NO_NAME]]
    for number, event in enumerate(events):
        if number > 2 * MAX_VALUES:
            # `_check` would refuse it, but only after it was built.
            raise ParseError(_("there are too many values"))
        if isinstance(event, yaml.CollectionEndEvent):
            path.pop()
            continue
        if isinstance(event, yaml.AliasEvent):
            raise ParseError(_("aliases (*name) are not read"), _line(event.start_mark))
        if not isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
            continue
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
        elif event.tag is None:
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
        else:
            raise ParseError(_("tags (!name) are not read"), _line(event.start_mark))
        _put(path[-1], value, event)
        if isinstance(value, (dict, list)):
            path.append([value, _NO_NAME])
    if len(documents) > 1:
        raise ParseError(_("there is more than one document"))
    return documents[0] if documents else None


def _put(place: list, value: object, event: yaml.Event) -> None:
    into, name = place
    if isinstance(into, list):
        into.append(value)
    elif name is not _NO_NAME:
        into[name], place[1] = value, _NO_NAME
    elif not isinstance(event, yaml.ScalarEvent):
        raise ParseError(_("a name in a mapping is a text"), _line(event.start_mark))
    else:
        # As it is written: `no` and `5` are names, too.
        name = event.value
        if name in into:
            raise ParseError(_("a name stands twice in a mapping"), _line(event.start_mark))
        place[1] = name


def _scalar(event: yaml.ScalarEvent) -> object:
    if event.tag is not None and event.tag not in _TEXT_TAGS:
        raise ParseError(_("tags (!name) are not read"), _line(event.start_mark))
    if event.tag is not None or not event.implicit[0]:
        return event.value
    return _WORDS[event.value] if event.value in _WORDS else _number(event.value)


# --- both --------------------------------------------------------------------------------------------------------


def _check(value: object) -> None:
    """Refuse characters that no database stores, too many values, and too many levels."""
    count, level = 0, [value]
    for _depth in range(MAX_DEPTH):
        below: list = []
        for item in level:
            if isinstance(item, dict):
                below += item
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str) and not parsing.is_storable(item):
                raise ParseError(_("a text contains a character that is none"))
        count += len(below)
        if count > MAX_VALUES:
            raise ParseError(_("there are too many values"))
        if not below:
            return
        level = below
    raise ParseError(_("nested too deeply"))


def trimmed(value: object, name: str = "") -> object:
    """The value as forms and the API read it: texts without blanks around them, but for keys; lists in a text split."""
    if isinstance(value, str):
        return value if name in sections.SECRETS else value.strip()
    if isinstance(value, dict):
        mapping = [(key.strip() if name == "tags" else key, trimmed(one, key)) for key, one in value.items()]
        return _mapping(mapping)
    if isinstance(value, list):
        if name in schema.NETWORKS and all(isinstance(one, str) for one in value):
            return parsing.items_of(value, schema.MAX_ITEMS[name])
        return [trimmed(one, name) for one in value]
    return value
