"""Pages of a list that cost the same wherever one is in it, and however long it is.

A page is told by the row that it comes after or before, not by how many rows to pass over: the database goes to it by
the index of the order asked for. How many rows there are is counted up to a bound. Below it pages have numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import ceil

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Func, IntegerField, QuerySet, Subquery, Value
from django.utils.dateparse import parse_date
from django.utils.timezone import make_aware

from connections.numbers import whole_number

# Rows that are counted. Beyond it a list says "1,000+", and its pages have no numbers.
COUNTED = 1000

# Ways to name a page in the address. None of them: the first page.
PAGE, AFTER, BEFORE, LAST, NEAR = PLACES = ("page", "after", "before", "last", "near")


class Beyond(Func):
    """Compares columns with values, the first column first. Both databases go through an index with such rows."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, columns, operator: str, values):
        super().__init__(*columns, *values)
        self.operator = operator

    def as_sql(self, compiler, connection, *args, **extra):
        compiled = [compiler.compile(one) for one in self.source_expressions]
        half = len(compiled) // 2
        left, right = (", ".join(sql for sql, _ in side) for side in (compiled[:half], compiled[half:]))
        return f"({left}) {self.operator} ({right})", [value for _, params in compiled for value in params]


class Counted(Subquery):
    """How many rows there are beside a row, at most so many. `rows` refers to the row by OuterRef."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet, most: int | None = None):
        super().__init__(rows.order_by().values("pk")[:most])


@dataclass(frozen=True)
class Order:
    """By which columns of the rows themselves, the last of them unique; all ascending, or all descending."""

    columns: tuple[str, ...]
    descending: bool = False

    @property
    def words(self) -> list[str]:
        return [f"-{column}" if self.descending else column for column in self.columns]

    @property
    def reversed(self) -> "Order":
        return Order(self.columns, not self.descending)

    def sorted(self, rows: QuerySet) -> QuerySet:
        return rows.order_by(*self.words)

    def beyond(self, rows: QuerySet, values, *, inclusive: bool = False) -> QuerySet:
        """The rows that come behind a place in this order. Fewer values than columns: only these are compared."""
        columns = self.columns[: len(values)]
        operator = ("<" if self.descending else ">") + ("=" if inclusive else "")
        fields = (rows.model._meta.get_field(column) for column in columns)
        given = [Value(value, output_field=field) for value, field in zip(values, fields, strict=True)]
        return rows.filter(Beyond(columns, operator, given))

    def token(self, row) -> str:
        """A row's place, for an address: its number, then what it is sorted by."""
        *values, number = [row._meta.get_field(column).value_to_string(row) for column in self.columns]
        return "~".join([number, *values])

    def values(self, model, token: str) -> list | None:
        """What a token says, or None if it is none."""
        number, *others = token.split("~", len(self.columns) - 1)
        if len(others) != len(self.columns) - 1 or whole_number(number) is None:
            return None
        fields = (model._meta.get_field(column) for column in self.columns)
        try:
            return [field.to_python(text) for field, text in zip(fields, [*others, number], strict=True)]
        except ValidationError:
            return None


@dataclass
class Rows:
    """One page: its rows, its number where pages are numbered, and whether there is something before and behind."""

    rows: list
    number: int | None
    has_previous: bool
    has_next: bool


@dataclass
class Pages:
    """A list that is to be shown in pages of a size, in an order. `present` adds to rows what is shown of them.

    `partition` is the list before anything was searched for, where a day can be found by an index of its own. How many
    rows there are may be known; otherwise they are counted by the statement that reads the first of them.
    """

    everything: QuerySet
    partition: QuerySet
    order: Order
    size: int
    present: Callable[[QuerySet], QuerySet]
    known: int | None = None

    @property
    def count(self) -> int:
        """How many there are, at most COUNTED + 1."""
        if self.known is None:
            self.known = self.everything.order_by().values("pk")[: COUNTED + 1].count()
        return self.known

    def _read(self, order: Order, rows: QuerySet, start: int, most: int) -> list:
        wanted = order.sorted(self.present(rows))
        if self.known is None:
            wanted = wanted.annotate(counted=Counted(self.everything, COUNTED + 1))
        found = list(wanted[start : start + most])
        if self.known is None and found:
            self.known = found[0].counted
        return found

    @property
    def is_capped(self) -> bool:
        return self.count > COUNTED

    @property
    def has_days(self) -> bool:
        """Whether the rows say when they were made."""
        return hasattr(self.everything.model, "created_at")

    @property
    def last_number(self) -> int:
        return max(1, ceil(min(self.count, COUNTED) / self.size))

    def numbered(self, number: int) -> Rows:
        """By number, within the rows that are counted: what is passed over is bounded."""
        number = min(number, self.last_number) if number > 1 else 1
        start = (number - 1) * self.size
        rows = self._read(self.order, self.everything, start, self.size)
        if not rows and not start:
            self.known = 0
        return Rows(rows, number, number > 1, self.count > start + self.size)

    def _some(self, order: Order, rows: QuerySet) -> tuple[list, bool]:
        found = self._read(order, rows, 0, self.size + 1)
        return found[: self.size], len(found) > self.size

    def after(self, values, **how) -> Rows | None:
        rows, more = self._some(self.order, self.order.beyond(self.everything, values, **how))
        return Rows(rows, None, True, more) if rows else None

    def before(self, values) -> Rows | None:
        back = self.order.reversed
        rows, more = self._some(back, back.beyond(self.everything, values))
        return Rows(rows[::-1], None, True, True) if more else None

    def last(self) -> Rows:
        rows, more = self._some(self.order.reversed, self.everything)
        return Rows(rows[::-1], None, more, False)

    def near(self, wanted: str) -> Rows | None:
        """The first page of what comes at a day, or at the beginning of a text, in the order of the list."""
        column = self.order.columns[0]
        if column != "id":
            values = [wanted + "\uffff" * self.order.descending]
        elif self.has_days and (day := beginning(wanted)) is not None:
            # Numbers rise with time, so the row nearest to the day says where to begin.
            field, step = (
                ("created_at__lt", "-created_at") if self.order.descending else ("created_at__gte", "created_at")
            )
            moment = day + timedelta(days=1) if self.order.descending else day
            nearest = self.partition.filter(**{field: moment}).order_by(step).values_list("id", flat=True)[:1]
            values = list(nearest)
            if not values:
                return self.last()
        else:
            return None
        return self.after(values, inclusive=True) or self.last()

    def at(self, place: str, wanted: str) -> Rows:
        """The page that an address names, or the first one where it names none, or one that has gone."""
        values = self.order.values(self.everything.model, wanted) if place in (AFTER, BEFORE) else None
        found = None
        if place == LAST:
            found = self.last() if self.is_capped else self.numbered(self.last_number)
        elif place == NEAR:
            found = self.near(wanted)
        elif values is not None:
            found = self.after(values) if place == AFTER else self.before(values)
        return found or self.numbered((whole_number(wanted) if place == PAGE else None) or 1)


def beginning(text: str) -> datetime | None:
    """The beginning of a day, or None."""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    return make_aware(datetime.combine(day, time.min)) if day and day.year < 9999 else None
