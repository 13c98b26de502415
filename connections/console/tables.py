"""Lists: what can be searched, filtered and sorted, read from the address and written back to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from urllib.parse import parse_qsl

from django.core.paginator import Paginator
from django.db import connection as database
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django_htmx.http import push_url

from connections import routing, search
from connections.console import paging
from connections.console.autocomplete import MOST, address, named
from connections.console.paging import AFTER, BEFORE, LAST, NEAR, PAGE, PLACES, Counted, Order, Pages, beginning
from connections.domain.choices import ConnectionState, NegotiationStatus, Outcome
from connections.models import (
    AccessKey,
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

PAGE_SIZES = (10, 20, 50, 100)
DEFAULT_PAGE_SIZE = 20
# A row's place in a list: its number and what the list is sorted by, the longest of which is a name.
TOKEN_LENGTH = 200


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
    drive: Callable[[QuerySet, str], QuerySet] | None = None
    # Where more of the options are asked for, if there can be very many.
    address: str = ""

    @cached_property
    def offered(self) -> list[tuple[str, str]]:
        return self.options()

    @property
    def chooses(self) -> bool:
        """Whether it offers a choice, be it an empty one; otherwise, or where there are too many, it is typed."""
        return self.options is not None and not (self.address and len(self.offered) > MOST)


class Table:
    """A page of rows as the address asks for it. Nonsense in the address is passed over.

    `rows` are what is filtered and counted, `present` adds what is shown of them. `sorts` are columns of the rows
    themselves. `search` and a filter's `drive` say the same as `matching` and `apply`,
    put so that the database begins with what is looked for: good for what is rare, and for counting up to a bound.
    """

    def __init__(
        self,
        rows: QuerySet,
        params: QueryDict,
        *,
        filters: list[Filter],
        sorts: dict[str, tuple[str, tuple[str, ...]]],
        read: Callable[[QuerySet, str], QuerySet] | None = None,
        search: Callable[[QuerySet, str, int | None], QuerySet] | None = None,
        present: Callable[[QuerySet], QuerySet] = lambda rows: rows,
    ):
        self.filters, self.sorts = filters, sorts
        self.q = typed(params.get("q"))
        for one in filters:
            one.value = typed(params.get(one.name))
        self._active = [one for one in filters if one.value]
        self.is_filtered = bool(self.q or self._active)
        sort = params.get("sort", "")
        self.sort = sort if sort.removeprefix("-") in sorts else ""
        size = whole_number(params.get("size"))
        self.size = size if size in PAGE_SIZES else DEFAULT_PAGE_SIZE

        wanted, count = rows, None
        if self.is_filtered:
            few = self._few(rows, search)
            count = len(few)
            # Few: they are found first, then sorted. Many: they are read in order until the page is full.
            wanted = rows.filter(pk__in=few) if count <= paging.COUNTED else self._wanted_of(rows, read)
        self._pages = Pages(wanted, rows, self._order(), self.size, present, count)
        self.place, self._wanted = next(
            ((place, typed(params.get(place), TOKEN_LENGTH)) for place in PLACES if params.get(place)), ("", "")
        )
        self._shown = self._pages.at(self.place, self._wanted)
        self.page = self._shown.rows
        self.number = self._shown.number
        if self.number == 1:
            self.place = self._wanted = ""
        elif self.number:
            self.place, self._wanted = PAGE, str(self.number)
        self.is_empty = not self.page
        self.has_any = not self.is_empty or (self.is_filtered and rows.exists())
        # Rows that the page shows before the first of these, and counts with them.
        self.beside = 0

    def _few(self, rows: QuerySet, search) -> list[int]:
        """The numbers of what matches, up to one more than is counted, found by what is looked for."""
        for one in self._active:
            rows = (one.drive or one.apply)(rows, one.value)
        if self.q:
            alone = paging.COUNTED + 1 if not self._active else None
            rows = search(rows, self.q, alone) if search else rows.matching(self.q)
        # Not made distinct: PostgreSQL would read all of them first. A row that is found by two ways counts once.
        return list(dict.fromkeys(rows.order_by().values_list("pk", flat=True)[: paging.COUNTED + 1]))

    def _wanted_of(self, rows: QuerySet, read) -> QuerySet:
        """What matches, put so that it can be read in the order of the list."""
        for one in self._active:
            rows = one.apply(rows, one.value)
        if self.q:
            rows = read(rows, self.q) if read else rows.matching(self.q)
        return rows

    def _order(self) -> Order:
        """Newest first, unless the address says otherwise. The row's number decides between equals."""
        __, columns = self.sorts[self.sort.removeprefix("-")] if self.sort else ("", ("id",))
        return Order(columns if columns[-1] == "id" else (*columns, "id"), not self.sort or self.sort.startswith("-"))

    def query(self, **changes) -> str:
        """This table's address, or one with changes, which begins at the first page unless they say otherwise.

        What is at its default is left out.
        """
        values = {"q": self.q, **{one.name: one.value for one in self.filters}, "sort": self.sort}
        values["size"] = "" if self.size == DEFAULT_PAGE_SIZE else self.size
        if not changes and self.place:
            values[self.place] = self._wanted
        values |= changes
        return "?" + urlencode({name: value for name, value in values.items() if value})

    @property
    def every_row(self) -> QuerySet:
        """All rows that match, in the list's order, beyond the page."""
        return self._pages.order.sorted(self._pages.present(self._pages.everything))

    @property
    def size_links(self) -> list[tuple[int, str]]:
        return [(size, self.query(size="" if size == DEFAULT_PAGE_SIZE else size)) for size in PAGE_SIZES]

    @property
    def total(self) -> int:
        """How many rows there are, as far as they are counted; see `is_capped`."""
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
        """Page numbers to offer, with None where some are left out, each with its address. None beyond the bound."""
        if self.is_capped or not self.number:
            return []
        paginator = Paginator(range(self._pages.count), self.size)
        numbers = paginator.get_elided_page_range(self.number, on_each_side=2, on_ends=1)
        return [None if number == paginator.ELLIPSIS else (number, self._numbered(number)) for number in numbers]

    def headers(self) -> dict[str, dict]:
        """For each sortable column its address when clicked, and how it is sorted now."""
        made = {}
        for name in self.sorts:
            ascending, descending = self.sort == name, self.sort == f"-{name}"
            made[name] = {
                "key": name,
                "query": self.query(sort=f"-{name}" if ascending else name),
                "aria": "ascending" if ascending else "descending" if descending else "none",
            }
        return made

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
        """A way into the middle of a long list: to a day, or to the beginning of what it is sorted by."""
        if not self.is_capped or not self._pages.has_days:
            return None
        label = self.sorts[self.sort.removeprefix("-")][0] if self.sort else self.sorts["created"][0]
        kept = parse_qsl(self.query(near="").removeprefix("?"))
        is_day = self._pages.order.columns[0] == "id"
        return {"label": label, "is_day": is_day, "value": self._wanted if self.place == NEAR else "", "kept": kept}


def wants_fragment(request) -> bool:
    """Whether htmx asks for the table alone."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def with_address(response, request, table: Table):
    """Let htmx put the table's own address, without what is at its default, into the browser's bar."""
    if wants_fragment(request):
        push_url(response, request.path + table.query().removesuffix("?"))
    return response


def tag_filter(account, link: str) -> Filter:
    """A filter by `key` or `key=value`, suggesting the tags in use. `link`: how a tag calls what it is on."""

    def wanted(value: str) -> dict[str, str]:
        key, __, text = (part.strip() for part in value.partition("="))
        return {"key": key} | ({"value": text} if text else {})

    def apply(rows, value):
        tags = Tag.objects.filter(**{link: OuterRef("pk")}, account=account, **wanted(value))
        return rows.filter(Exists(tags))

    def drive(rows, value):
        return rows.filter(tags__account=account, **{f"tags__{name}": text for name, text in wanted(value).items()})

    return Filter("tag", _("Tag"), apply, drive=drive, placeholder=_("Tag: key or key=value"), suggestions="pairs")


def connections(account, region_id: str, params: QueryDict, *, usual: bool = False) -> Table:
    """The list of connections of one region. `usual`: what its rows show is in the usual columns."""
    gateways = CustomerGateway.objects.of(account).filter(region_id=region_id)

    @cache
    def offered() -> dict[str, list[tuple[str, str]]]:
        return named(gateway=gateways, cen=Cen.objects.of(account))

    def of_gateway(value, **more):
        return {"customer_gateway": Subquery(gateways.filter(resource_id=value).values("pk")), **more}

    def attached(rows, **more):
        """Bound to a transit router, also while it is being detached."""
        return rows.filter(Exists(Attachment.objects.living().filter(connection=OuterRef("pk"), **more)))

    def routers(value):
        return TransitRouter.objects.filter(cen__resource_id=value, region_id=region_id)

    mine = Connection.objects.of(account).filter(region_id=region_id)
    return Table(
        mine,
        params,
        filters=[
            Filter(
                "state", _("State"), lambda rows, value: rows.in_state(value), options=lambda: ConnectionState.choices
            ),
            Filter(
                "status",
                _("Connection Status"),
                lambda rows, value: rows.with_status(value),
                options=lambda: NegotiationStatus.choices,
                drive=lambda rows, value: rows.filter(
                    tunnels__account=account, tunnels__region_id=region_id, tunnels__negotiation_status=value
                ),
            ),
            Filter(
                "gateway",
                _("Customer Gateway"),
                lambda rows, value: rows.filter(
                    Exists(Tunnel.objects.filter(**of_gateway(value, connection=OuterRef("pk"))))
                ),
                options=lambda: offered()["gateway"],
                placeholder=_("Customer Gateway: ID"),
                address=address(region_id, "customer-gateways"),
                drive=lambda rows, value: rows.filter(tunnels__customer_gateway=of_gateway(value)["customer_gateway"]),
            ),
            Filter(
                "cen",
                _("CEN Instance"),
                lambda rows, value: attached(rows, transit_router=Subquery(routers(value).values("pk"))),
                options=lambda: offered()["cen"],
                placeholder=_("CEN Instance: ID"),
                address=address(region_id, "cens"),
                drive=lambda rows, value: rows.bound().filter(
                    attachment__transit_router=Subquery(routers(value).values("pk"))
                ),
            ),
            tag_filter(account, "connection"),
        ],
        sorts={
            "id": (_("Instance ID"), ("resource_id",)),
            "name": (_("Name"), ("name",)),
            "created": (_("Created At"), ("id",)),
        },
        read=search.read,
        search=lambda rows, text, at_most: search.found(rows, text, account.pk, region_id, at_most),
        present=lambda rows: rows.for_list() if usual else rows.with_parts(),
    )


def customer_gateways(account, region_id: str, params: QueryDict) -> Table:
    """The list of customer gateways of one region."""
    return Table(
        CustomerGateway.objects.of(account).filter(region_id=region_id),
        params,
        filters=[tag_filter(account, "customer_gateway")],
        sorts={"name": (_("Name"), ("name",)), "created": (_("Created At"), ("id",))},
        search=lambda rows, text, at_most: rows.matching(text),
        present=lambda rows: rows.prefetch_related("tags").annotate(
            connection_count=Counted(Tunnel.objects.filter(customer_gateway=OuterRef("pk")))
        ),
    )


def _since(rows: QuerySet, text: str, *, whole_day: bool = False) -> QuerySet:
    """Events from a day on, or up to its end; what is no day is passed over."""
    day = beginning(text)
    if day is None:
        return rows
    return rows.filter(at__lt=day + timedelta(days=1)) if whole_day else rows.filter(at__gte=day)


def _occurring(account, column: str, most: int = 200) -> list[tuple[str, str]]:
    """The values of a column of an account's events, one step through its index for each of them."""
    least = f"SELECT min({column}) FROM {Event._meta.db_table} WHERE account_id = %s"  # noqa: S608 (our own names)
    sql = (
        f"WITH RECURSIVE found(value) AS ({least} UNION ALL SELECT ({least} AND {column} > found.value) FROM found "  # noqa: S608
        "WHERE found.value IS NOT NULL) SELECT value FROM found WHERE value IS NOT NULL LIMIT %s"
    )
    with database.cursor() as cursor:
        cursor.execute(sql, [account.pk, account.pk, most])
        return [(value, value) for (value,) in cursor.fetchall()]


def events(account, params: QueryDict) -> Table:
    """The account's event log. Operations and people are offered as far as they occur in it."""
    mine = Event.objects.of(account)
    return Table(
        mine,
        params,
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


def cens(account, params: QueryDict) -> Table:
    """The list of CEN instances; they belong to no region."""
    return Table(
        Cen.objects.of(account),
        params,
        filters=[tag_filter(account, "cen")],
        sorts={"name": (_("Name"), ("name",)), "created": (_("Created At"), ("id",))},
        present=lambda rows: (
            rows.select_related("resource_group")
            .prefetch_related("tags")
            .annotate(router_count=Counted(TransitRouter.objects.filter(cen=OuterRef("pk"))))
        ),
    )


def routers(cen: Cen) -> QuerySet[TransitRouter]:
    """The transit routers of a CEN instance, one a region, each with how much is attached to it."""
    attached = Attachment.objects.living().filter(transit_router=OuterRef("pk"))
    rows = cen.transit_routers.prefetch_related("cidrs").annotate(
        attachment_count=Counted(attached, paging.COUNTED + 1)
    )
    return rows.order_by("region_id")


def attachments(router: TransitRouter, params: QueryDict) -> Table:
    """What is attached to a transit router."""

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


def entries(router: TransitRouter, params: QueryDict) -> Table:
    """The routes of a transit router's route table, by destination."""

    def asked(rows, text, at_most=None):
        return rows.filter(destination__startswith=text)

    sorts = {"destination": (_("Destination CIDR Block"), ("destination",)), "created": (_("Created At"), ("id",))}
    if params.get("sort", "").removeprefix("-") not in sorts:
        params = params.copy()
        params["sort"] = "destination"
    return Table(routing.propagated(router), params, filters=[], sorts=sorts, read=asked, search=asked)


# Answers below this status are successes.
REFUSED_FROM = 400


def api_calls(account, params: QueryDict) -> Table:
    """What arrived at the API door, signed with one of the account's keys."""
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
