"""Keyset pagination: a page costs the same anywhere in a list of any length.

The address names the row before or after the page, not an offset, and the database finds it by the index of the order.
Rows are counted up to COUNTED; lists with no more rows have numbered pages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import ceil

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Func, IntegerField, QuerySet, Subquery, Value
from django.template.defaultfilters import floatformat
from django.utils.dateparse import parse_date
from django.utils.timezone import make_aware

from connections.numbers import whole_number

# The most rows that are counted. Longer lists show "1,000+" and have no page numbers.
COUNTED = 1000


def counted(number: int) -> str:
    """A number of rows, such as 1,000+ if there are more than are counted."""
    return f"{floatformat(min(number, COUNTED), '0g')}{'+' if number > COUNTED else ''}"


# Parameters of the address that name a page. Without one it is the first page.
PAGE, AFTER, BEFORE, LAST, NEAR = PLACES = ("page", "after", "before", "last", "near")

# Columns of few values: no page begins at one of them.
GROUPS = ("is_bound", "status_rank")


class Beyond(Func):
    """Compares a row of columns with a row of values. Both databases use an index for that."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, columns, operator: str, values):
        super().__init__(*columns, *values)
        self.operator = operator

    def as_sql(self, compiler, connection, *args, **extra):
        compiled = [compiler.compile(expression) for expression in self.source_expressions]
        half = len(compiled) // 2
        left, right = (", ".join(sql for sql, _ in side) for side in (compiled[:half], compiled[half:]))
        return f"({left}) {self.operator} ({right})", [value for _, params in compiled for value in params]


class Counted(Subquery):
    """The number of related rows, or of their distinct values of a column, up to `most`.

    `rows` refers to the outer row by OuterRef.
    """

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet, most: int | None = None, each: str = "pk"):
        values = rows.order_by().values(each)
        super().__init__((values if each == "pk" else values.distinct())[:most])


@dataclass(frozen=True)
class Order:
    """Columns to sort by, the last of them unique; all ascending or all descending."""

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
        """The rows after a place in this order. If there are fewer values than columns, only these are compared."""
        columns = self.columns[: len(values)]
        operator = ("<" if self.descending else ">") + ("=" if inclusive else "")
        fields = (rows.model._meta.get_field(column) for column in columns)
        given = [Value(value, output_field=field) for value, field in zip(values, fields, strict=True)]
        return rows.filter(Beyond(columns, operator, given))

    def token(self, row) -> str:
        """A row's place for an address: its primary key, then the values it is sorted by."""
        *values, number = [row._meta.get_field(column).value_to_string(row) for column in self.columns]
        return "~".join([number, *values])

    def values(self, model, token: str) -> list | None:
        """The values in a token, or None if it is malformed."""
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
    """One page: its rows, its number if pages are numbered, and whether there are pages before and after it."""

    rows: list
    number: int | None
    has_previous: bool
    has_next: bool


@dataclass
class Pages:
    """A list in pages. `present` adds what a page shows of its rows.

    `partition` is the unfiltered list, in which an index finds a day. `known` is the number of rows; if it is None, the
    statement that reads the first page counts them.
    """

    everything: QuerySet
    partition: QuerySet
    order: Order
    size: int
    present: Callable[[QuerySet], QuerySet]
    known: int | None = None

    @property
    def count(self) -> int:
        """The number of rows, at most COUNTED + 1."""
        if self.known is None:
            self.known = self.everything.order_by().values("pk")[: COUNTED + 1].count()
        return self.known

    def _read(self, order: Order, rows: QuerySet, start: int, most: int) -> list:
        selected = order.sorted(self.present(rows))
        if self.known is None:
            selected = selected.annotate(counted=Counted(self.everything, COUNTED + 1))
        page = list(selected[start : start + most])
        if self.known is None and page:
            self.known = page[0].counted
        return page

    @property
    def is_capped(self) -> bool:
        return self.count > COUNTED

    @property
    def has_days(self) -> bool:
        """Whether the rows have a creation date."""
        return hasattr(self.everything.model, "created_at")

    @property
    def last_number(self) -> int:
        return max(1, ceil(min(self.count, COUNTED) / self.size))

    def numbered(self, number: int) -> Rows:
        """A page by its number, within the counted rows, so that the offset is bounded."""
        number = min(number, self.last_number) if number > 1 else 1
        start = (number - 1) * self.size
        rows = self._read(self.order, self.everything, start, self.size)
        if not rows and not start:
            self.known = 0
        return Rows(rows, number, number > 1, self.count > start + self.size)

    def _some(self, order: Order, rows: QuerySet) -> tuple[list, bool]:
        page = self._read(order, rows, 0, self.size + 1)
        return page[: self.size], len(page) > self.size

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
        """The page that begins at a day, or at a prefix of the column that the list is sorted by."""
        column = self.order.columns[0]
        if column in GROUPS:
            return None
        if column != "id":
            values = [wanted + "\uffff" * self.order.descending]
        elif self.has_days and (day := beginning(wanted)) is not None:
            # Primary keys grow with time, so the page begins at the row nearest to the day.
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
        """The page that an address names, or the first one if it names none or that page no longer exists."""
        values = self.order.values(self.everything.model, wanted) if place in (AFTER, BEFORE) else None
        page = None
        if place == LAST:
            page = self.last() if self.is_capped else self.numbered(self.last_number)
        elif place == NEAR:
            page = self.near(wanted)
        elif values is not None:
            page = self.after(values) if place == AFTER else self.before(values)
        return page or self.numbered((whole_number(wanted) if place == PAGE else None) or 1)


def beginning(text: str) -> datetime | None:
    """The beginning of a day, or None."""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    return make_aware(datetime.combine(day, time.min)) if day and day.year < 9999 else None
