"""Check the shape of a document against the schema, and collect faults with their places."""

from collections import deque
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.db import models
from django.db.models import Model

from connections.documents import schema
from connections.domain.regions import REGIONS
from connections.messages import Message
from connections.messages import message as _
from connections.persistence.fields import TextListField

# The most fields that a fault names, and characters of an unknown one that are compared with them.
MOST_NAMED, MOST_COMPARED = 12, 40


def _unknown(name: str, known: set[str]) -> Message:
    """What to say of a field that is not known: which one may be meant, or else which are known."""
    if near := get_close_matches(name[:MOST_COMPARED], known, 1):
        return _("Unknown field. Did you mean {field}?", field=near[0])
    names = sorted(known)
    more = ["…"] if len(names) > MOST_NAMED else []
    return _("Unknown field. Expected: {fields}.", fields=", ".join(names[:MOST_NAMED] + more))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where, such as `connections[2].tunnels[0].psk`."""

    place: str
    message: Message | str


@dataclass
class Survey:
    """The numbers of entries and resources in a document, and the IDs that it names."""

    entries: int = 0
    resources: int = 0
    ids: set[str] = field(default_factory=set)
    # Connections of other accounts that are attached to transit routers of this document.
    connections: set[str] = field(default_factory=set)

    def note_ids(self, values: dict) -> None:
        self.ids |= {values[name] for name in schema.IDS if isinstance(values.get(name), str)}
        if isinstance(connection := values.get("connection"), str):
            self.connections.add(connection)


@dataclass
class Validator:
    """Reads values of the expected kinds, and collects a fault for every other value."""

    faults: list[Fault] = field(default_factory=list)
    # The number of faults beyond those that are reported.
    more: int = 0

    @property
    def count(self) -> int:
        return len(self.faults) + self.more

    def fault(self, place: str, message) -> None:
        if len(self.faults) < schema.MAX_FAULTS:
            self.faults.append(Fault(place, message))
        else:
            self.more += 1

    def survey(self, document: object) -> "Survey":
        """Count the entries of a document. Lists that are too long are faults, found before anything else is judged."""
        survey = Survey()
        todo = deque([("", "", document)])
        while todo:
            place, name, value = todo.popleft()
            if isinstance(value, list) or (isinstance(value, dict) and name == "tags"):
                if len(value) > schema.MAX_ITEMS.get(name, len(value)):
                    self.fault(place, _("At most {most} of them are read at once.", most=schema.MAX_ITEMS[name]))
                    continue
                # Attaching another account's connection also writes the gateway address of its tunnel.
                survey.entries += 2 * len(value) if name == "attachments" else len(value)
                survey.resources += len(value) if name in schema.KINDS else 0
            if isinstance(value, list):
                todo += [(f"{place}[{n}]", "", one) for n, one in enumerate(value) if isinstance(one, (dict, list))]
            elif isinstance(value, dict):
                survey.note_ids(value)
                survey.entries += isinstance(value.get("attachment"), dict)
                above = f"{place}." if place else ""
                todo += [(f"{above}{key}", key, one) for key, one in value.items() if isinstance(one, (dict, list))]
        if survey.entries > schema.MAX_ENTRIES:
            text = _(
                "A document has at most {most} entries: elements of lists, tags and attachments. This one has {count}. "
                "Split it: customer gateways and CEN instances first, then some connections at a time.",
                most=schema.MAX_ENTRIES,
                count=survey.entries,
            )
            self.fault("document", text)
        return survey

    def mapping(self, value, place: str, known: set[str]) -> dict:
        if not isinstance(value, dict):
            self.fault(place, _("A mapping of names and values is expected."))
            return {}
        for name in value:
            if name not in known:
                self.fault(f"{place}.{name}"[:200], _unknown(name, known))
        return {name: one for name, one in value.items() if name in known}

    def items(self, value, place: str) -> list[tuple[str, object]]:
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(place, _("A list is expected."))
            return []
        return [(f"{place}[{number}]", one) for number, one in enumerate(value)]

    def text(self, values: dict, name: str, place: str, default: str = "") -> str:
        value = values.get(name, default)
        if isinstance(value, str):
            return value
        self.fault(f"{place}.{name}", _("A text is expected."))
        return default

    def region(self, values: dict, place: str) -> str:
        region = self.text(values, "region", place)
        if region in REGIONS:
            return region
        self.fault(f"{place}.region", _("Unknown region. The ID of a region is expected, such as eu-central-1."))
        return ""

    def tags(self, values: dict, place: str) -> list[tuple[str, str]]:
        tags = values.get("tags", {})
        if isinstance(tags, dict) and all(isinstance(word, str) for pair in tags.items() for word in pair):
            return list(tags.items())
        self.fault(f"{place}.tags", _("A mapping of names and texts is expected."))
        return []

    def fill(self, row: Model, values: dict, names, place: str) -> None:
        """Set the fields of a row to values of the right types. The rules judge the values."""
        for name in names:
            if name not in values:
                continue
            value, column = values[name], row._meta.get_field(name)
            if isinstance(column, models.BooleanField):
                right, what = isinstance(value, bool), _("true or false is expected.")
            elif isinstance(column, TextListField):
                right = isinstance(value, list) and all(isinstance(one, str) for one in value)
                what = _("A list of texts is expected.")
            elif isinstance(column, models.IntegerField):
                right = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31 * 2
                right, what = right or (value is None and column.null), _("A whole number is expected.")
            else:
                right, what = isinstance(value, str) and "\0" not in value, _("A text is expected.")
            choices = getattr(column, "choices", None)
            if right and not column.editable and choices and value not in dict(choices):
                # No form has this field, so nothing else judges its value.
                right, what = False, _("One of these is expected: {values}.", values=", ".join(dict(choices)))
            if right:
                setattr(row, name, value)
            else:
                self.fault(f"{place}.{name}", what)
