"""A document taken apart: whatever is not of the schema's shape is noted, with its place."""

from dataclasses import dataclass, field

from django.db import models
from django.db.models import Model

from connections.catalog import REGIONS
from connections.messages import Message
from connections.messages import message as _
from connections.models.fields import CidrListField
from connections.services.documents import schema


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: `connections[2].tunnels[0].psk`."""

    place: str
    message: Message | str


@dataclass
class Reader:
    """Takes a document apart, and notes whatever is not as the schema says."""

    faults: list[Fault] = field(default_factory=list)

    def fault(self, place: str, message) -> None:
        self.faults.append(Fault(place, message))

    def mapping(self, value, place: str, known: set[str]) -> dict:
        if not isinstance(value, dict):
            self.fault(place, _("A mapping of names and values is expected."))
            return {}
        for name in value:
            if name not in known:
                self.fault(f"{place}.{name}"[:200], _("There is no such field."))
        return {name: one for name, one in value.items() if name in known}

    def items(self, value, place: str) -> list[tuple[str, object]]:
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(place, _("A list is expected."))
            return []
        if len(value) > schema.MOST:
            self.fault(place, _("At most {most} of them are read at once.", most=schema.MOST))
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
        self.fault(f"{place}.region", _("There is no such region."))
        return ""

    def tags(self, values: dict, place: str) -> list[tuple[str, str]]:
        tags = values.get("tags", {})
        if isinstance(tags, dict) and all(isinstance(word, str) for pair in tags.items() for word in pair):
            return list(tags.items())
        self.fault(f"{place}.tags", _("A mapping of names and texts is expected."))
        return []

    def fill(self, row: Model, values: dict, names, place: str) -> None:
        """Put values of the right kind into a row. What they mean is judged by the rules."""
        for name in names:
            if name not in values:
                continue
            value, column = values[name], row._meta.get_field(name)
            if isinstance(column, models.BooleanField):
                right, what = isinstance(value, bool), _("true or false is expected.")
            elif isinstance(column, CidrListField):
                right = isinstance(value, list) and all(isinstance(one, str) for one in value)
                what = _("A list of texts is expected.")
            elif isinstance(column, models.IntegerField):
                right = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31 * 2
                right, what = right or (value is None and column.null), _("A whole number is expected.")
            else:
                right, what = isinstance(value, str) and "\0" not in value, _("A text is expected.")
            if right and not column.editable and column.choices and value not in dict(column.choices):
                # Nobody else judges what no form has.
                right, what = False, _("There is no such value.")
            if right:
                setattr(row, name, value)
            else:
                self.fault(f"{place}.{name}", what)
