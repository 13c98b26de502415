"""Selects over large tables: a control offers the first rows, and a search beside it finds others."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Value
from django.forms.models import ModelChoiceField, ModelChoiceIterator
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from connections.console.words import Words
from connections.models import Account, Cen, ResourceGroup

# A control with more options than this gets a search.
MAX_OPTIONS = 50


@dataclass(frozen=True)
class Ways:
    """How the rows of a control are searched and labeled."""

    find: Callable[[Any, str], QuerySet] = lambda rows, text: rows.matching(text)
    label: Callable[[Any], str] = lambda row: row.label


USUAL = Ways()


def offer(rows: QuerySet, text: str = "", chosen: str = "", ways: Ways = USUAL) -> tuple[list, bool]:
    """IDs and labels of the matching rows, always with the chosen one, and whether there are more."""
    matches = list((ways.find(rows, text) if text else rows)[: MAX_OPTIONS + 1])
    offered = with_chosen(matches[:MAX_OPTIONS], chosen, lambda: rows.filter(resource_id=chosen).first())
    return [(row.resource_id, ways.label(row)) for row in offered], len(matches) > MAX_OPTIONS


def with_chosen(offered: list, chosen: str, find: Callable) -> list:
    """The offered rows, preceded by the chosen one if it is missing and `find` returns it."""
    if chosen and all(row.resource_id != chosen for row in offered) and (row := find()):
        return [row, *offered]
    return offered


def named(**kinds: QuerySet) -> dict[str, list[tuple[str, str]]]:
    """IDs and names (or IDs) of the first rows of each kind, one more than a control offers, in one query."""
    # Each kind is limited in a subquery: SQLite allows no LIMIT in a part of a union.
    first = [
        rows.model.objects.filter(pk__in=rows.order_by("name", "id")[: MAX_OPTIONS + 1].values("pk"))
        .order_by()
        .values_list(Value(kind), "name", "pk", "resource_id")
        for kind, rows in kinds.items()
    ]
    offered: dict[str, list[tuple[str, str]]] = {kind: [] for kind in kinds}
    for kind, name, __, resource_id in first[0].union(*first[1:], all=True).order_by("name", "pk"):
        offered[kind].append((resource_id, name or resource_id))
    return offered


class _Offered(ModelChoiceIterator):
    field: "ResourceChoiceField"

    def __iter__(self):
        rows = self.field.offered
        if self.field.empty_label is not None:
            yield "", (not rows and self.field.none_label) or self.field.empty_label
        for row in rows:
            yield row.resource_id, self.field.label_from_instance(row)


class ResourceChoiceField(ModelChoiceField):
    """Chooses among an account's resources by their public IDs.

    With an `address` that serves more options, only the first ones are offered. `text` is the search, `chosen` the ID
    that must be offered, `along` names the fields that the search sends too. A form sets these before it is rendered.
    """

    iterator = _Offered
    queryset: QuerySet
    address = text = chosen = ""
    # The empty label while there is nothing to choose from.
    none_label: Words = ""
    along: tuple[str, ...] = ("resource_group",)
    ways = USUAL

    def __init__(self, queryset: QuerySet, **kwargs):
        super().__init__(queryset, **{**kwargs, "to_field_name": "resource_id"})
        self.error_messages["invalid_choice"] = _("Choose one of the list; this is not in it, or no longer.")
        # Rows that were looked up by ID. Forms of one request may share them.
        self.known: dict[str, Any] = {}

    def __deepcopy__(self, memo):
        copy = super().__deepcopy__(memo)
        copy.known = {}
        return copy

    def row(self, resource_id: str):
        """The row of that ID, or None if it cannot be chosen."""
        if resource_id not in self.known:
            self.known[resource_id] = self.queryset.filter(resource_id=resource_id).first()
        return self.known[resource_id]

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if (row := self.row(str(value))) is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})
        return row

    def label_from_instance(self, obj):
        return self.ways.label(obj)

    @cached_property
    def _found(self) -> list:
        rows = self.ways.find(self.queryset, self.text) if self.text else self.queryset
        return list(rows[: MAX_OPTIONS + 1])

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to choose from, or nothing matches the search."""
        return not self._found

    @property
    def offered(self) -> list:
        if not self.address:
            return list(self.queryset)
        return with_chosen(self._found[:MAX_OPTIONS], self.chosen, lambda: self.row(self.chosen))

    @property
    def is_long(self) -> bool:
        """Whether there are more options than are offered at once."""
        return bool(self.address) and (bool(self.text) or len(self._found) > MAX_OPTIONS)


def cens_to_choose(account: Account, group: str) -> QuerySet[Cen]:
    """CEN instances of one resource group, or of all if `group` is not the ID of one; newest first."""
    cens = Cen.objects.of(account).order_by("-id")
    if group and ResourceGroup.objects.filter(account=account, resource_id=group).exists():
        return cens.filter(resource_group__resource_id=group)
    return cens


def address(region_id: str, what: str) -> str:
    """The address that serves the options of a kind of resource."""
    return reverse("choices", args=[region_id, what])
