"""YAML as far as JSON goes, and JSON: what a text of strangers can make of itself here is bounded by its length.

PyYAML's own loaders are not asked: the one in C passes over what is put into the place of its composer, so that aliases
came through; and numbers in sexagesimal digits take it the square of their length.
"""

import json
import re
from collections.abc import Iterator

import yaml

from connections.domain import parsing
from connections.messages import Message
from connections.messages import message as _

# With two thousand of each kind, and every field of each, a document has some 350,000.
MOST_VALUES = 500_000
# The deepest place of a document lies six levels down.
DEEPEST = 20

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})", re.ASCII)
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")


class Unreadable(Exception):
    """A text that is neither YAML nor JSON, or not as far as either is read here; `place` is a line."""

    def __init__(self, why: Message | str, place: str = ""):
        # What a parser says may quote the text.
        self.why, self.place = why if isinstance(why, Message) else why[:200], place
        super().__init__(str(why))


def parsed(text: str) -> object:
    """What YAML or JSON says: mappings with texts as names, lists, texts, whole numbers, truth, nothing."""
    value = _of_json(text) if text.lstrip()[:1] in ("{", "[") else _NO_JSON
    if value is _NO_JSON:
        value = _of_yaml(text)
    _judge(value)
    return value


# --- JSON --------------------------------------------------------------------------------------------------------

_NO_JSON = object()


def _of_json(text: str) -> object:
    """As JSON, where it is. A mapping in braces may still be YAML."""
    try:
        # Fractions are nowhere in a document: where one stands it is told as a text in the place of a number.
        return json.loads(text, object_pairs_hook=_mapping, parse_int=_number, parse_float=str, parse_constant=str)
    except RecursionError:
        raise Unreadable(_("nested too deeply")) from None
    except ValueError:
        return _NO_JSON


def _mapping(pairs: list[tuple[str, object]]) -> dict:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Unreadable(_("a name stands twice in a mapping"))
    return made


def _number(text: str) -> object:
    return int(text) if _NUMBER.fullmatch(text) else text


# --- YAML --------------------------------------------------------------------------------------------------------


def _of_yaml(text: str) -> object:
    try:
        return _built(yaml.parse(text, _LOADER))
    except yaml.MarkedYAMLError as error:
        raise Unreadable(str(error.problem or error.context or ""), _line(error.problem_mark)) from error
    except yaml.YAMLError as error:
        raise Unreadable(str(error)) from error


def _line(mark) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""


# Stands for the name in a mapping whose name has not come yet.
_NO_NAME = object()


def _built(events: Iterator[yaml.Event]) -> object:
    """Values out of a stream of events, without going deeper than it does."""
    documents: list = []
    # What is open: a list, or a mapping with the name whose value comes next.
    path: list[list] = [[documents, _NO_NAME]]
    for number, event in enumerate(events):
        if number > 2 * MOST_VALUES:
            # A judgement on values follows; this keeps what cannot pass from being built.
            raise Unreadable(_("there are too many values"))
        if isinstance(event, yaml.CollectionEndEvent):
            path.pop()
            continue
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable(_("aliases (*name) are not read"), _line(event.start_mark))
        if not isinstance(event, yaml.NodeEvent):
            continue
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
        elif event.tag is None:
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
        else:
            raise Unreadable(_("tags (!name) are not read"), _line(event.start_mark))
        _put(path[-1], value, event)
        if isinstance(value, (dict, list)):
            path.append([value, _NO_NAME])
    if len(documents) > 1:
        raise Unreadable(_("there is more than one document"))
    return documents[0] if documents else None


def _put(place: list, value: object, event: yaml.NodeEvent) -> None:
    into, name = place
    if isinstance(into, list):
        into.append(value)
    elif name is not _NO_NAME:
        into[name], place[1] = value, _NO_NAME
    elif isinstance(value, (dict, list)):
        raise Unreadable(_("a name in a mapping is a text"), _line(event.start_mark))
    else:
        # As it is written: `no` and `5` are names as well.
        name = event.value
        if name in into:
            raise Unreadable(_("a name stands twice in a mapping"), _line(event.start_mark))
        place[1] = name


def _scalar(event: yaml.ScalarEvent) -> object:
    if event.tag is not None and event.tag not in _TEXT_TAGS:
        raise Unreadable(_("tags (!name) are not read"), _line(event.start_mark))
    if event.tag is not None or not event.implicit[0]:
        return event.value
    return _WORDS[event.value] if event.value in _WORDS else _number(event.value)


# --- both --------------------------------------------------------------------------------------------------------


def _judge(value: object) -> None:
    """Refuse what no database stores, and more than is looked at while somebody waits."""
    count, level = 0, [value]
    for _depth in range(DEEPEST):
        below: list = []
        for one in level:
            if isinstance(one, dict):
                below += one
                below += one.values()
            elif isinstance(one, list):
                below += one
            elif isinstance(one, str) and not parsing.is_storable(one):
                raise Unreadable(_("a text contains a character that is none"))
        count += len(below)
        if count > MOST_VALUES:
            raise Unreadable(_("there are too many values"))
        if not below:
            return
        level = below
    raise Unreadable(_("nested too deeply"))
