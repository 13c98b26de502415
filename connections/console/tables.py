"""Lists: what can be searched, filtered and sorted, read from the address and written back to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django_htmx.http import push_url

from connections.choices import ConnectionState, Outcome
from connections.models import Cen, Connection, CustomerGateway, Event

PAGE_SIZES = (10, 20, 50, 100)
DEFAULT_PAGE_SIZE = 20


@dataclass
class Filter:
    """One control above a table. `options` are only asked for where the control is drawn; None: a text field."""

    name: str
    label: str
    apply: Callable[[QuerySet, str], QuerySet]
    options: Callable[[], list[tuple[str, str]]] | None = None
    placeholder: str = ""
    suggestions: str = ""
    kind: str = "text"
    value: str = ""

    @property
    def chooses(self) -> bool:
        """Whether it offers a choice, be it an empty one; otherwise it is typed."""
        return self.options is not None


def _typed(params: QueryDict, name: str) -> str:
    """What somebody searches for. PostgreSQL has no zero character."""
    return params.get(name, "").replace("\0", "").strip()


class Table:
    """A page of rows as the address asks for it. Nonsense in the address is passed over."""

    def __init__(
        self, rows: QuerySet, params: QueryDict, *, filters: list[Filter], sorts: dict[str, tuple[str, tuple[str, ...]]]
    ):
        self.filters, self.sorts = filters, sorts
        self.q = _typed(params, "q")
        everything = rows
        if self.q:
            rows = rows.matching(self.q)
        for one in filters:
            one.value = _typed(params, one.name)
            if one.value:
                rows = one.apply(rows, one.value)
        sort = params.get("sort", "")
        self.sort = sort if sort.lstrip("-") in sorts else ""
        rows = rows.order_by(*self._ordering())
        size = params.get("size", "")
        self.size = int(size) if size in map(str, PAGE_SIZES) else DEFAULT_PAGE_SIZE
        self.page: Page = Paginator(rows, self.size).get_page(params.get("page", "1"))
        self.is_filtered = bool(self.q or any(one.value for one in filters))
        self.is_empty = self.page.paginator.count == 0
        self.has_any = not self.is_empty or (self.is_filtered and everything.exists())

    def _ordering(self):
        if not self.sort:
            return ("-id",)
        __, columns = self.sorts[self.sort.lstrip("-")]
        if self.sort.startswith("-"):
            columns = tuple(column.removeprefix("-") if column.startswith("-") else f"-{column}" for column in columns)
        return (*columns, "-id")

    def query(self, **changes) -> str:
        """This table's address with changes; what is at its default is left out."""
        values = {"q": self.q, **{one.name: one.value for one in self.filters}, "sort": self.sort}
        values["size"] = "" if self.size == DEFAULT_PAGE_SIZE else self.size
        values["page"] = "" if self.page.number == 1 else self.page.number
        values |= changes
        return "?" + urlencode({name: value for name, value in values.items() if value})

    @property
    def size_links(self) -> list[tuple[int, str]]:
        return [(size, self.query(size="" if size == DEFAULT_PAGE_SIZE else size, page="")) for size in PAGE_SIZES]

    @property
    def total(self) -> int:
        return self.page.paginator.count

    def pages(self):
        """Page numbers to offer, with None where some are left out, each with its address."""
        numbers = self.page.paginator.get_elided_page_range(self.page.number, on_each_side=2, on_ends=1)
        gap = self.page.paginator.ELLIPSIS
        return [
            None if number == gap else (number, self.query(page="" if number == 1 else number)) for number in numbers
        ]

    def headers(self) -> dict[str, dict]:
        """For each sortable column its address when clicked, and how it is sorted now."""
        made = {}
        for name in self.sorts:
            ascending, descending = self.sort == name, self.sort == f"-{name}"
            made[name] = {
                "query": self.query(sort=f"-{name}" if ascending else name, page=""),
                "aria": "ascending" if ascending else "descending" if descending else "none",
                "label": self.sorts[name][0],
            }
        return made

    @property
    def previous(self) -> str:
        number = self.page.number - 1
        return self.query(page="" if number == 1 else number) if self.page.has_previous() else ""

    @property
    def next(self) -> str:
        return self.query(page=self.page.number + 1) if self.page.has_next() else ""


def wants_fragment(request) -> bool:
    """Whether htmx asks for the table alone."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def with_address(response, request, table: Table):
    """Let htmx put the table's own address, without what is at its default, into the browser's bar."""
    if wants_fragment(request):
        push_url(response, request.path + table.query().removesuffix("?"))
    return response


def _tagged(rows: QuerySet, wanted: str) -> QuerySet:
    key, __, value = wanted.partition("=")
    return rows.tagged(key.strip(), value.strip())


def tag_filter() -> Filter:
    """A filter by `key` or `key=value`, suggesting the tags in use."""
    return Filter("tag", _("Tag"), _tagged, placeholder=_("Tag: key or key=value"), suggestions="pairs")


def connections(account, region_id: str, params: QueryDict) -> Table:
    """The list of connections of one region."""
    gateways = CustomerGateway.objects.of(account).filter(region_id=region_id).order_by("name", "id")
    cens = Cen.objects.of(account).order_by("name", "id")
    return Table(
        Connection.objects.of(account).filter(region_id=region_id).with_parts(),
        params,
        filters=[
            Filter(
                "state", _("State"), lambda rows, value: rows.in_state(value), options=lambda: ConnectionState.choices
            ),
            Filter(
                "gateway",
                _("Customer Gateway"),
                lambda rows, value: rows.filter(tunnels__customer_gateway__resource_id=value).distinct(),
                options=lambda: [(gateway.resource_id, str(gateway)) for gateway in gateways],
            ),
            Filter(
                "cen",
                _("CEN Instance"),
                lambda rows, value: rows.bound().filter(attachment__transit_router__cen__resource_id=value),
                options=lambda: [(cen.resource_id, str(cen)) for cen in cens],
            ),
            tag_filter(),
        ],
        sorts={
            "id": (_("Instance ID"), ("resource_id",)),
            "name": (_("Name"), ("name",)),
            "created": (_("Created At"), ("id",)),
        },
    )


def customer_gateways(account, region_id: str, params: QueryDict) -> Table:
    """The list of customer gateways of one region."""
    return Table(
        CustomerGateway.objects.of(account)
        .filter(region_id=region_id)
        .prefetch_related("tags")
        .annotate(connection_count=Count("tunnels__connection", distinct=True)),
        params,
        filters=[tag_filter()],
        sorts={"name": (_("Name"), ("name",)), "created": (_("Created At"), ("id",))},
    )


def _day(rows: QuerySet, path: str, text: str) -> QuerySet:
    """Rows before or after a day; what is no day is passed over."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return rows
    return rows.filter(**{path: day})


def events(account, params: QueryDict) -> Table:
    """The account's event log. Operations and people are offered as far as they occur in it."""
    mine = Event.objects.of(account)

    def occurring(column):
        return lambda: [(text, text) for text in mine.order_by(column).values_list(column, flat=True).distinct()[:200]]

    return Table(
        mine,
        params,
        filters=[
            Filter(
                "operation",
                _("Operation"),
                lambda rows, value: rows.filter(operation=value),
                options=occurring("operation"),
            ),
            Filter("actor", _("User"), lambda rows, value: rows.filter(actor=value), options=occurring("actor")),
            Filter(
                "outcome", _("Outcome"), lambda rows, value: rows.filter(outcome=value), options=lambda: Outcome.choices
            ),
            Filter("since", _("From (UTC)"), lambda rows, value: _day(rows, "at__date__gte", value), kind="date"),
            Filter("until", _("To (UTC)"), lambda rows, value: _day(rows, "at__date__lte", value), kind="date"),
        ],
        sorts={},
    )


def cens(account, params: QueryDict) -> Table:
    """The list of CEN instances; they belong to no region."""
    return Table(
        Cen.objects.of(account)
        .select_related("resource_group")
        .prefetch_related("tags")
        .annotate(router_count=Count("transit_routers")),
        params,
        filters=[tag_filter()],
        sorts={"name": (_("Name"), ("name",)), "created": (_("Created At"), ("id",))},
    )
