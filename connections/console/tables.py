"""Lists with search, filters, order and pages, which are read from the address and written back to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from math import prod
from typing import Any
from urllib.parse import parse_qsl

from django.core.paginator import Paginator
from django.db import connection as database
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_htmx.http import push_url

from connections import clock, routing
from connections.console import event_search, paging
from connections.console.autocomplete import MAX_OPTIONS, address, named
from connections.console.paging import AFTER, BEFORE, GROUPS, LAST, NEAR, PAGE, PLACES, Counted, Order, Pages, beginning
from connections.console.words import Words
from connections.domain import limits
from connections.domain.choices import ConnectionState, NegotiationStatus, Outcome
from connections.domain.regions import ALL_REGIONS, regions_of
from connections.models import (
    AccessKey,
    Account,
    ApiCall,
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    Event,
    Tag,
    TransitRouter,
    Tunnel,
)
from connections.numbers import whole_number
from connections.search import typed
from connections.services.negotiations import moving_tunnels

PAGE_SIZES = (10, 20, 50, 100)
DEFAULT_PAGE_SIZE = 20
# The longest token of a place in a list: a primary key and a name.
TOKEN_LENGTH = 200


@dataclass
class Filter:
    """A control above a table. `options` is called when the control is drawn; None makes it a text field."""

    name: str
    label: Words
    apply: Callable[[Any, str], QuerySet]
    options: Callable[[], Sequence[tuple[str, Words]]] | None = None
    placeholder: Words = ""
    suggestions: str = ""
    kind: str = "text"
    # The label in the control, where the whole one would not fit.
    short: Words = ""
    value: str = ""
    drive: Callable[[Any, str], QuerySet] | None = None
    # How often `drive` may return a row.
    repeats: int = 1
    # The address that serves more options, if there can be very many.
    address: str = ""

    @cached_property
    def offered(self) -> Sequence[tuple[str, Words]]:
        return self.options() if self.options else ()

    @property
    def chooses(self) -> bool:
        """Whether the control is a select; without options, or with too many, it is a text field."""
        return self.options is not None and not (self.address and len(self.offered) > MAX_OPTIONS)


class Table:
    """A page of rows that the address describes. Malformed parameters are ignored.

    `present` adds to the filtered rows what is shown of them. `sorts` are columns of the rows themselves. `read` and a
    filter's `apply` suit reading in the order of the list. `search` and `drive` select the same rows by another plan,
    which starts at the matches: it suits few matches, and counting up to a bound. `among` are the same rows for that
    plan, if indexes find them in another way.
    """

    def __init__(
        self,
        rows: QuerySet,
        params: QueryDict,
        *,
        among: QuerySet | None = None,
        filters: list[Filter],
        sorts: Mapping[str, tuple[Words, tuple[str, ...]]],
        read: Callable[[Any, str], QuerySet] = lambda rows, text: rows.matching(text),
        search: Callable[[Any, str, int | None], QuerySet] = lambda rows, text, at_most: rows.matching(text),
        present: Callable[[Any], QuerySet] = lambda rows: rows,
    ):
        self.filters, self.sorts = filters, sorts
        # Links to usual values of filters: key, label, and those values.
        self.presets: Sequence[tuple[str, Words, dict[str, str]]] = ()
        self.q = typed(params.get("q"))
        for one in filters:
            one.value = typed(params.get(one.name))
        self._active = [one for one in filters if one.value]
        self.is_filtered = bool(self.q or self._active)
        sort = params.get("sort", "")
        self.sort = sort if sort.removeprefix("-") in sorts else ""
        size = whole_number(params.get("size"))
        self.size = size if size in PAGE_SIZES else DEFAULT_PAGE_SIZE

        matching, count = rows, None
        if self.is_filtered:
            keys = self._keys(rows if among is None else among, search)
            count = len(keys)
            # Few matches are found first, then sorted. Many are read in order until the page is full.
            matching = rows.filter(pk__in=keys) if count <= paging.COUNTED else self._matching(rows, read)
        self._pages = Pages(matching, rows, self._order(), self.size, present, count)
        self.place, self._place_value = next(
            ((place, typed(params.get(place), TOKEN_LENGTH)) for place in PLACES if params.get(place)), ("", "")
        )
        self._shown = self._pages.at(self.place, self._place_value)
        self.page = self._shown.rows
        self.number = self._shown.number
        if self.number == 1:
            self.place = self._place_value = ""
        elif self.number:
            self.place, self._place_value = PAGE, str(self.number)
        self.is_empty = not self.page
        self.has_any = not self.is_empty or (self.is_filtered and rows.exists())
        # The number of rows that the page shows before the first of these. The total includes them.
        self.beside = 0
        self.read_at = clock.now()

    def _keys(self, rows: QuerySet, search) -> list[int]:
        """The primary keys of matching rows, up to COUNTED + 1."""
        most = (paging.COUNTED + 1) * prod(one.repeats for one in self._active)
        for one in self._active:
            rows = (one.drive or one.apply)(rows, one.value)
        if self.q:
            alone = paging.COUNTED + 1 if not self._active else None
            rows = search(rows, self.q, alone)
        # No DISTINCT: PostgreSQL would read all matches first. The dictionary removes duplicates.
        return list(dict.fromkeys(rows.order_by().values_list("pk", flat=True)[:most]))[: paging.COUNTED + 1]

    def _matching(self, rows: QuerySet, read) -> QuerySet:
        """Matching rows, for reading in the order of the list."""
        for one in self._active:
            rows = one.apply(rows, one.value)
        if self.q:
            rows = read(rows, self.q)
        return rows

    def _order(self) -> Order:
        """The order in the address, by default newest first. The primary key breaks ties."""
        __, columns = self.sorts[self.sort.removeprefix("-")] if self.sort else ("", ("id",))
        return Order(columns if columns[-1] == "id" else (*columns, "id"), not self.sort or self.sort.startswith("-"))

    def query(self, **changes) -> str:
        """The query string of this table, without defaults. With changes it names the first page, unless they do."""
        values: dict[str, str | int] = {"q": self.q, **{one.name: one.value for one in self.filters}, "sort": self.sort}
        values["size"] = "" if self.size == DEFAULT_PAGE_SIZE else self.size
        if not changes and self.place:
            values[self.place] = self._place_value
        values |= changes
        return "?" + urlencode({name: value for name, value in values.items() if value})

    @property
    def active(self) -> str:
        """The number of filters that are set; blank if none is."""
        return str(len(self._active) or "")

    @property
    def every_row(self) -> QuerySet:
        """All matching rows of all pages, in the order of the list."""
        return self._pages.order.sorted(self._pages.present(self._pages.everything))

    @property
    def preset_links(self) -> list[tuple[str, Words, str, bool]]:
        """The key, label and address of each preset, and whether the table shows it."""
        now = {one.name: one.value for one in self.filters}
        return [
            (key, label, self.query(**values), all(now[name] == value for name, value in values.items()))
            for key, label, values in self.presets
        ]

    @property
    def size_links(self) -> list[tuple[int, str]]:
        """Sizes of a page; none if all rows are on the smallest one."""
        if self.total <= PAGE_SIZES[0]:
            return []
        return [(size, self.query(size="" if size == DEFAULT_PAGE_SIZE else size)) for size in PAGE_SIZES]

    @property
    def total(self) -> int:
        """The number of rows, as far as they are counted; see `is_capped`."""
        return min(self._pages.count, paging.COUNTED) + (0 if self.is_capped else self.beside)

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than are counted."""
        return self._pages.is_capped

    @property
    def has_pages(self) -> bool:
        return self._shown.has_previous or self._shown.has_next

    def _numbered(self, number: int) -> str:
        return self.query(**{PAGE: "" if number == 1 else number})

    def pages(self):
        """Page numbers with their addresses, and None for gaps. Empty if there are more rows than are counted."""
        if self.is_capped or not self.number:
            return []
        paginator = Paginator(range(self._pages.count), self.size)
        numbers = paginator.get_elided_page_range(self.number, on_each_side=2, on_ends=1)
        return [(number, self._numbered(number)) if isinstance(number, int) else None for number in numbers]

    def headers(self) -> dict[str, dict]:
        """The link and the present order of each sortable column."""
        headers_by_name = {}
        for name in self.sorts:
            ascending, descending = self.sort == name, self.sort == f"-{name}"
            headers_by_name[name] = {
                "key": name,
                "query": self.query(sort=f"-{name}" if ascending else name),
                "aria": "ascending" if ascending else "descending" if descending else "none",
            }
        return headers_by_name

    @property
    def first(self) -> str:
        return self.query(**{PAGE: ""}) if self._shown.has_previous else ""

    @property
    def previous(self) -> str:
        if not self._shown.has_previous:
            return ""
        if self.number:
            return self._numbered(self.number - 1)
        return self.query(**{BEFORE: self._pages.order.token(self.page[0])})

    @property
    def next(self) -> str:
        if not self._shown.has_next:
            return ""
        if self.number and not self.is_capped:
            return self._numbered(self.number + 1)
        return self.query(**{AFTER: self._pages.order.token(self.page[-1])})

    @property
    def last(self) -> str:
        return self.query(**{LAST: "1"}) if self._shown.has_next else ""

    @property
    def near(self) -> dict | None:
        """The form that jumps into a long list: to a day, or to a prefix of the column that it is sorted by."""
        if not self.is_capped or not self._pages.has_days or self._pages.order.columns[0] in GROUPS:
            return None
        label = self.sorts[self.sort.removeprefix("-")][0] if self.sort else self.sorts["created"][0]
        parameters = parse_qsl(self.query(near="").removeprefix("?"))
        is_day = self._pages.order.columns[0] == "id"
        value = self._place_value if self.place == NEAR else ""
        return {"label": label, "is_day": is_day, "value": value, "kept": parameters}


def wants_fragment(request) -> bool:
    """Whether htmx requests the table alone."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def with_address(response, request, table: Table):
    """Let htmx show the table's address, without defaults, in the address bar."""
    if wants_fragment(request) and "X-Refresh" not in request.headers:
        push_url(response, request.path + table.query().removesuffix("?"))
    return response


def tag_filter(account: Account, link: str) -> Filter:
    """A filter by `key` or `key=value` that suggests tags in use. `link` is the tag's foreign key to the row."""

    def wanted(value: str) -> dict[str, str]:
        key, __, text = (part.strip() for part in value.partition("="))
        return {"key": key} | ({"value": text} if text else {})

    def apply(rows, value):
        tags = Tag.objects.filter(**{link: OuterRef("pk")}, account=account, **wanted(value))
        return rows.filter(Exists(tags))

    def drive(rows, value):
        return rows.filter(tags__account=account, **{f"tags__{name}": text for name, text in wanted(value).items()})

    return Filter("tag", _("Tag"), apply, drive=drive, placeholder=_("Tag: key or key=value"), suggestions="pairs")


def connections(account: Account, region_id: str, params: QueryDict, *, usual: bool = False) -> Table:
    """The connections of one region, or of all. `usual`: only the usual columns are shown."""
    gateways = CustomerGateway.objects.of(account).in_region(region_id)

    @cache
    def offered() -> dict[str, list[tuple[str, str]]]:
        return named(gateway=gateways, cen=Cen.objects.of(account))

    @cache
    def moving() -> list[Tunnel]:
        return moving_tunnels(account, *regions_of(region_id))

    def of_gateway(value, **more):
        return {"customer_gateway": Subquery(gateways.filter(resource_id=value).values("pk")), **more}

    def attached(rows, **more):
        """Connections with an attachment, even while it is being detached."""
        return rows.filter(Exists(Attachment.objects.living().filter(connection=OuterRef("pk"), **more)))

    def routers(value):
        return TransitRouter.objects.in_region(region_id).filter(cen__resource_id=value)

    everywhere = region_id == ALL_REGIONS.id
    mine = Connection.objects.of(account)
    return Table(
        mine.in_region(region_id),
        params,
        # Indexes of what is filtered begin with the region.
        among=mine.filter(region_id__in=regions_of(region_id)) if everywhere else None,
        filters=[
            Filter(
                "state", _("State"), lambda rows, value: rows.in_state(value), options=lambda: ConnectionState.choices
            ),
            Filter(
                "status",
                _("Connection Status"),
                lambda rows, value: rows.with_status(value, moving()),
                options=lambda: NegotiationStatus.choices,
                short=pgettext_lazy("filter", "Status"),
                drive=lambda rows, value: rows.driven_by_status(value, account, region_id, moving()),
                repeats=limits.MAX_TUNNELS,
            ),
            Filter(
                "gateway",
                _("Customer Gateway"),
                lambda rows, value: rows.filter(
                    Exists(Tunnel.objects.filter(**of_gateway(value, connection=OuterRef("pk"))))
                ),
                options=lambda: offered()["gateway"],
                short=_("Gateway"),
                placeholder=_("Customer Gateway: ID"),
                address=address(region_id, "customer-gateways"),
                drive=lambda rows, value: rows.filter(tunnels__customer_gateway=of_gateway(value)["customer_gateway"]),
                repeats=limits.MAX_TUNNELS,
            ),
            Filter(
                "cen",
                _("CEN Instance"),
                lambda rows, value: attached(rows, transit_router=Subquery(routers(value).values("pk"))),
                options=lambda: offered()["cen"],
                short=_("CEN"),
                placeholder=_("CEN Instance: ID"),
                address=address(region_id, "cens"),
                drive=lambda rows, value: rows.bound().filter(
                    attachment__transit_router=Subquery(routers(value).values("pk"))
                ),
            ),
            tag_filter(account, "connection"),
        ],
        sorts={
            # All regions together are not sorted by ID, which begins with the region's letters.
            **({} if everywhere else {"id": (_("Instance ID"), ("resource_id",))}),
            "name": (_("Name"), ("name",)),
            "created": (_("Created At"), ("id",)),
            # As stored, which is where it leads: few connections and tunnels move.
            "state": (_("State"), ("is_bound",)),
            "status": (_("Connection Status"), ("status_rank",)),
            "gateway": (_("Customer Gateway"), ("gateway_name",)),
        },
        read=lambda rows, text: rows.read_for(text, account, region_id),
        search=lambda rows, text, at_most: rows.searched(text, account, region_id, at_most),
        present=lambda rows: rows.for_list() if usual else rows.with_parts(),
    )


def customer_gateways(account: Account, region_id: str, params: QueryDict) -> Table:
    """The customer gateways of one region, or of all."""
    return Table(
        CustomerGateway.objects.of(account).in_region(region_id),
        params,
        filters=[tag_filter(account, "customer_gateway")],
        sorts={"name": (_("Name"), ("name",)), "created": (_("Created At"), ("id",))},
        present=lambda rows: rows.prefetch_related("tags").annotate(
            connection_count=Counted(Tunnel.objects.filter(customer_gateway=OuterRef("pk")), each="connection")
        ),
    )


def _since(rows: QuerySet, text: str, *, whole_day: bool = False) -> QuerySet:
    """Events from a day on, or up to its end. A malformed day is ignored."""
    day = beginning(text)
    if day is None:
        return rows
    return rows.filter(at__lt=day + timedelta(days=1)) if whole_day else rows.filter(at__gte=day)


def _occurring(account: Account, column: str, most: int = 200) -> list[tuple[str, str]]:
    """The distinct values of a column of an account's events. Jumps through the index from value to value."""
    least = f"SELECT min({column}) FROM {Event._meta.db_table} WHERE account_id = %s"  # noqa: S608 (our own names)
    sql = (
        f"WITH RECURSIVE found(value) AS ({least} UNION ALL SELECT ({least} AND {column} > found.value) FROM found "  # noqa: S608
        "WHERE found.value IS NOT NULL) SELECT value FROM found WHERE value IS NOT NULL LIMIT %s"
    )
    with database.cursor() as cursor:
        cursor.execute(sql, [account.pk, account.pk, most])
        return [(value, value) for (value,) in cursor.fetchall()]


def events(account: Account, params: QueryDict) -> Table:
    """The account's event log. Its filters offer the operations and users that occur in it."""

    def asked(rows, text, at_most=None):
        return rows.filter(event_search.meaning(account, text))

    table = Table(
        Event.objects.of(account),
        params,
        read=asked,
        search=asked,
        filters=[
            Filter(
                "operation",
                _("Operation"),
                lambda rows, value: rows.filter(operation=value),
                options=lambda: _occurring(account, "operation"),
            ),
            Filter(
                "actor",
                _("User"),
                lambda rows, value: rows.filter(actor=value),
                options=lambda: _occurring(account, "actor"),
            ),
            Filter(
                "outcome", _("Outcome"), lambda rows, value: rows.filter(outcome=value), options=lambda: Outcome.choices
            ),
            Filter("since", _("From (UTC)"), _since, kind="date"),
            Filter("until", _("To (UTC)"), lambda rows, value: _since(rows, value, whole_day=True), kind="date"),
        ],
        sorts={},
    )
    today = clock.now().date()
    yesterday, week_ago = (f"{today - timedelta(days=days)}" for days in (1, 6))
    table.presets = (
        ("all", _("All"), {"since": "", "until": ""}),
        ("today", _("Today"), {"since": f"{today}", "until": ""}),
        ("yesterday", _("Yesterday"), {"since": yesterday, "until": yesterday}),
        ("week", _("Last 7 days"), {"since": week_ago, "until": ""}),
    )
    return table


def cens(account: Account, params: QueryDict) -> Table:
    """The CEN instances of an account, which have no region."""
    return Table(
        Cen.objects.of(account),
        params,
        filters=[tag_filter(account, "cen")],
        sorts={"name": (_("Name"), ("name",)), "created": (_("Created At"), ("id",))},
        present=lambda rows: (
            rows.select_related("resource_group")
            .prefetch_related("tags", "transit_routers")
            .annotate(
                connection_count=Counted(
                    Attachment.objects.living().filter(transit_router__cen=OuterRef("pk")), paging.COUNTED + 1
                )
            )
        ),
    )


def routers(cen: Cen) -> QuerySet[TransitRouter]:
    """The transit routers of a CEN instance, one in each region, with their numbers of attachments."""
    attached = Attachment.objects.living().filter(transit_router=OuterRef("pk"))
    rows = cen.transit_routers.prefetch_related("cidrs").annotate(
        attachment_count=Counted(attached, paging.COUNTED + 1)
    )
    return rows.order_by("region_id")


def attachments(router: TransitRouter, params: QueryDict) -> Table:
    """The attachments of a transit router."""

    def asked(rows, text, at_most=None):
        return rows.filter(Q(resource_id=text) | Q(name__icontains=text) | Q(connection__resource_id=text))

    return Table(
        routing.attachments(router),
        params,
        filters=[],
        sorts={"created": (_("Created At"), ("id",))},
        read=asked,
        search=asked,
    )


def entries(current: routing.LiveTable, params: QueryDict) -> Table:
    """The destination-based routes in a route table, by destination."""

    def asked(rows, text, at_most=None):
        return rows.filter(destination__startswith=text)

    sorts = {"destination": (_("Destination CIDR Block"), ("destination",)), "created": (_("Created At"), ("id",))}
    if params.get("sort", "").removeprefix("-") not in sorts:
        params = params.copy()
        params["sort"] = "destination"
    return Table(routing.propagated(current), params, filters=[], sorts=sorts, read=asked, search=asked)


# The lowest HTTP status of a refusal.
REFUSED_FROM = 400


def api_calls(account: Account, params: QueryDict) -> Table:
    """API requests that were signed with one of the account's keys."""
    mine = ApiCall.objects.of(account)

    def outcome(rows, value):
        if value not in Outcome.values:
            return rows
        refused = value == Outcome.REFUSED
        return rows.filter(status__gte=REFUSED_FROM) if refused else rows.filter(status__lt=REFUSED_FROM)

    def asked(rows, text):
        return rows.filter(Q(request_id__iexact=text) | Q(code__iexact=text))

    return Table(
        mine,
        params,
        filters=[
            Filter(
                "operation",
                _("Operation"),
                lambda rows, value: rows.filter(operation=value),
                options=lambda: [
                    (name, name)
                    for name in mine.order_by("operation").values_list("operation", flat=True).distinct()[:200]
                ],
            ),
            Filter("outcome", _("Outcome"), outcome, options=lambda: Outcome.choices),
            Filter(
                "key",
                _("AccessKey"),
                lambda rows, value: rows.filter(access_key_id=value),
                options=lambda: [
                    (key.access_key_id, f"{key.access_key_id} ({key.user.username})")
                    for key in AccessKey.objects.of(account).select_related("user")
                ],
            ),
            Filter("since", _("From (UTC)"), _since, kind="date"),
            Filter("until", _("To (UTC)"), lambda rows, value: _since(rows, value, whole_day=True), kind="date"),
        ],
        sorts={},
        read=asked,
        search=lambda rows, text, at_most: asked(rows, text),
    )
