"""Values between requests, rows and answers: texts into fields, tags and times into JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Model, PositiveIntegerField

from connections.api import codec
from connections.domain import parsing
from connections.domain.problems import Problem
from connections.messages import Message
from connections.models import Attachment, Cen, Connection, CustomerGateway, RouteTable, TransitRouter
from connections.numbers import LARGEST, whole_number
from connections.persistence.fields import AsnField, CidrListField

# The API answers in English, so this is in no catalogue.
_MALFORMED = Message("This is not a value of this kind.")


def fill(row: Model, values: Mapping[str, str]) -> list[Problem]:
    """Write texts of a request into fields of a row. Return a problem for each that is not of its field's type."""
    problems = []
    for name, text in values.items():
        try:
            setattr(row, name, _python(row._meta.get_field(name), text))
        except (ValidationError, ValueError):
            problems.append(Problem(name, "malformed", _MALFORMED))
    return problems


def _python(field: object, text: str) -> Any:
    value: object = text
    match field:
        case AsnField():
            value = parsing.parse_asn(text)
        case BooleanField():
            value = codec.boolean(text)
        case CidrListField():
            value = parsing.networks_of(text)
        case PositiveIntegerField():
            value = whole_number(text.strip(), least=-LARGEST)
    if value is None:
        raise ValueError(text)
    return value


def tags(row: Connection | CustomerGateway | Cen | TransitRouter | RouteTable | Attachment) -> list[dict[str, str]]:
    return [{"Key": tag.key, "Value": tag.value} for tag in row.tags.all()]


def milliseconds(moment: datetime) -> int:
    """The time as VPC writes it."""
    return int(moment.timestamp() * 1000)


def iso(moment: datetime) -> str:
    """The time as CBN writes it: UTC, to the minute."""
    return f"{moment:%Y-%m-%dT%H:%MZ}"
