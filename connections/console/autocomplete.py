"""Choosing among very many: a control offers the first few, and a search beside it brings others."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Value
from django.forms.models import ModelChoiceField, ModelChoiceIterator
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from connections.models import Account, Cen, ResourceGroup

# Options that a control has at most; with more to choose from it gets its search.
MOST = 50


@dataclass(frozen=True)
class Ways:
    """How the rows of a control are searched, and how each is told."""

    find: Callable[[Any, str], QuerySet] = lambda rows, text: rows.matching(text)
    label: Callable[[Any], str] = lambda row: row.label


USUAL = Ways()


def offer(rows: QuerySet, text: str = "", chosen: str = "", ways: Ways = USUAL) -> tuple[list, bool]:
    """IDs and words of what to offer for a search, whatever is chosen among them; and whether there are more."""
    found = list((ways.find(rows, text) if text else rows)[: MOST + 1])
    offered = with_chosen(found[:MOST], chosen, lambda: rows.filter(resource_id=chosen).first())
    return [(row.resource_id, ways.label(row)) for row in offered], len(found) > MOST


def with_chosen(offered: list, chosen: str, find: Callable) -> list:
    """Rows to offer, and before them what is chosen, if it is not among them and can be found."""
    if chosen and all(row.resource_id != chosen for row in offered) and (row := find()):
        return [row, *offered]
    return offered


def named(**kinds: QuerySet) -> dict[str, list[tuple[str, str]]]:
    """The first of several kinds by their names, one more of each than a control offers; all in one query.

    IDs with what each is called, which is its ID if it has no name.
    """
    # The first are found inside: SQLite takes no bound in a part of a union.
    first = [
        rows.model.objects.filter(pk__in=rows.order_by("name", "id")[: MOST + 1].values("pk"))
        .order_by()
        .values_list(Value(kind), "name", "pk", "resource_id")
        for kind, rows in kinds.items()
    ]
    found: dict[str, list[tuple[str, str]]] = {kind: [] for kind in kinds}
    for kind, name, __, resource_id in first[0].union(*first[1:], all=True).order_by("name", "pk"):
        found[kind].append((resource_id, name or resource_id))
    return found


class _Offered(ModelChoiceIterator):
    field: "ResourceChoiceField"

    def __iter__(self):
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for row in self.field.offered:
            yield row.resource_id, self.field.label_from_instance(row)


class ResourceChoiceField(ModelChoiceField):
    """Chooses among an account's resources by their public IDs.

    With an `address` to ask for others it offers the first few only. `text` is what is searched for, `chosen` what must
    be among them, `along` which other fields of the form say among what; a form says so before it is drawn.
    """

    iterator = _Offered
    queryset: QuerySet
    address = text = chosen = ""
    along: tuple[str, ...] = ("resource_group",)
    ways = USUAL

    def __init__(self, queryset: QuerySet, **kwargs):
        super().__init__(queryset, **{**kwargs, "to_field_name": "resource_id"})
        self.error_messages["invalid_choice"] = _("Choose one of the list; this is not in it, or no longer.")
        # Rows that have been asked for by ID. Forms of one request may share them.
        self.known: dict[str, Any] = {}

    def __deepcopy__(self, memo):
        made = super().__deepcopy__(memo)
        made.known = {}
        return made

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
        return list(rows[: MOST + 1])

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to choose from, or nothing of what is searched for."""
        return not self._found

    @property
    def offered(self) -> list:
        if not self.address:
            return list(self.queryset)
        return with_chosen(self._found[:MOST], self.chosen, lambda: self.row(self.chosen))

    @property
    def is_long(self) -> bool:
        """Whether there are more than are offered at once."""
        return bool(self.address) and (bool(self.text) or len(self._found) > MOST)


def cens_to_choose(account: Account, group: str) -> QuerySet[Cen]:
    """CEN instances of one resource group, or of all if `group` is not the ID of one; newest first."""
    cens = Cen.objects.of(account).order_by("-id")
    if group and ResourceGroup.objects.filter(account=account, resource_id=group).exists():
        return cens.filter(resource_group__resource_id=group)
    return cens


def address(region_id: str, what: str) -> str:
    """Where the options of a kind of resource are asked for."""
    return reverse("choices", args=[region_id, what])
