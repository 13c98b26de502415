"""The lists that can be filtered under a name and taken along as a file: each with its table and what its file holds.

A list is called by the name of its page's address; `connection-list` has `connection-export`, `connection-filters` and
`connection-filter-create` beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import FilteredRelation, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.console import columns, tables
from connections.console.columns import Column
from connections.console.panels import fact_rows
from connections.models import Account, Cen, CustomerGateway, Event, SavedFilter, User


class Facts(Column):
    """What an event tells: for programs as it is stored, for people by the console's labels."""

    def text(self, event: Event) -> str:
        return "; ".join(
            f"{label}: {after}" if before is None else f"{label}: {before} → {after}"
            for label, before, after in fact_rows(event)
        )


def _field(model, name: str, key: str = "") -> Column:
    return Column(key or name, model._meta.get_field(name).verbose_name, lambda row: getattr(row, name))


ID = Column("id", _("Instance ID"), lambda row: row.resource_id)
NAME = Column("name", _("Name"), lambda row: row.name)
REGION = Column("region", _("Region"), lambda row: row.region_id)
RESOURCE_GROUP = Column("resource_group", _("Resource Group"), lambda row: row.resource_group.resource_id)
TAGS = Column(
    "tags", _("Tags"), lambda row: [f"{tag.key}={tag.value}" if tag.value else tag.key for tag in row.tags.all()]
)
CREATED = columns.BY_KEY["created"]


@dataclass(frozen=True)
class Listing:
    """`table` reads it from an address: of an account, in a region if it is of one."""

    page: str
    title: str | Promise
    table: Callable[[Account, str | None, QueryDict], tables.Table]
    columns: tuple[Column, ...]
    is_regional: bool = True

    def _address(self, name: str, region_id: str | None) -> str:
        return reverse(name, args=[region_id] if self.is_regional else [])

    def address(self, region_id: str | None = None) -> str:
        return self._address(self.page, region_id)

    @property
    def stem(self) -> str:
        return self.page.removesuffix("-list")

    def file_name(self, region_id: str | None, kind: str) -> str:
        return "-".join(filter(None, [f"{self.stem}s", self.is_regional and region_id])) + f".{kind}"

    def tools(self, user: User, region_id: str | None = None, saved: list[SavedFilter] | None = None) -> dict:
        """What stands beside the list: the user's filters, and where to keep, delete and export."""
        if saved is None:
            saved = list(user.saved_filters.filter(page=self.page))
        addresses = {
            name: self._address(f"{self.stem}-{name.replace('_', '-')}", region_id)
            for name in ("export", "filters", "filter_create")
        }
        return addresses | {"saved": saved}


def kept(user: User) -> tuple[list[Column], list[SavedFilter]]:
    """What a user has set for themselves about the list of connections, in one query: its columns, and filters."""
    page = columns.LIST
    rows = User.objects.filter(pk=user.pk).alias(
        choice=FilteredRelation("column_choices", condition=Q(column_choices__page=page)),
        saved=FilteredRelation("saved_filters", condition=Q(saved_filters__page=page)),
    )
    found = list(rows.order_by("saved__name").values_list("choice__keys", "saved__pk", "saved__name", "saved__query"))
    saved = [SavedFilter(pk=pk, user=user, page=page, name=name, query=query) for __, pk, name, query in found if pk]
    return columns.wanted(found[0][0] or ()), saved


LISTINGS = (
    Listing("connection-list", _("IPsec Connections"), tables.connections, (ID, NAME, *columns.COLUMNS)),
    Listing(
        "customer-gateway-list",
        _("Customer Gateways"),
        tables.customer_gateways,
        (
            ID,
            NAME,
            *(_field(CustomerGateway, name) for name in ("ip_address", "asn", "description")),
            Column("connections", _("Connections"), lambda gateway: gateway.connection_count),
            REGION,
            TAGS,
            CREATED,
        ),
    ),
    Listing(
        "cen-list",
        _("CEN Instances"),
        lambda account, region_id, params: tables.cens(account, params),
        (
            ID,
            NAME,
            _field(Cen, "description"),
            Column("status", _("Status"), lambda cen: cen.status.label),
            Column("transit_routers", _("Transit Routers"), lambda cen: cen.router_count),
            RESOURCE_GROUP,
            TAGS,
            CREATED,
        ),
        is_regional=False,
    ),
    Listing(
        "event-list",
        _("Event Log"),
        lambda account, region_id, params: tables.events(account, params),
        (
            Column("time", _("Time"), lambda event: event.at.isoformat()),
            _field(Event, "actor", "user"),
            _field(Event, "operation"),
            _field(Event, "request_id"),
            _field(Event, "resource_id", "resource"),
            Column("related", _("Resource"), lambda event: event.related_id),
            REGION,
            Column("outcome", _("Outcome"), lambda event: event.get_outcome_display()),
            _field(Event, "code"),
            Column("message", _("Message"), lambda event: event.said),
            Facts("facts", _("Facts"), lambda event: event.facts),
        ),
        is_regional=False,
    ),
)
BY_PAGE = {listing.page: listing for listing in LISTINGS}
