"""Declare tables of rows, and draw them for a user."""

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Self

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from connections.console import tables
from connections.console.columns import Column
from connections.console.requests import ConsoleRequest
from connections.console.words import Words
from connections.domain.regions import ALL_REGIONS
from connections.domain.roles import Right, may
from connections.models import Account, SavedFilter, User

Rows = Sequence | QuerySet
# Of lists that show all regions.
REGION = Column("region", _("Region"), lambda row: row.get_region_id_display())
ID_OR_NAME = _("name or instance ID")


@dataclass(frozen=True)
class Create:
    """The button that creates a row, for users with a right."""

    page: str
    label: Words
    needs: Right = Right.WRITE
    in_dialog: bool = False


@dataclass(frozen=True)
class Listing:
    """A table of rows.

    `label` names it for screen readers. `cells` is the template with the macros that draw its cells (see `Column`), the
    attributes of its rows (`attributes`) and what is shown while there are none (`empty`).
    """

    label: Words
    columns: tuple[Column, ...]
    _: KW_ONLY
    # The name of a row in test ids.
    noun: str = ""
    cells: str = "shared/cells.jinja"
    look: str = "grid-wide"
    # The id of the element that htmx replaces, where the rows don't come in pages.
    element: str = ""
    # The pages for selected rows: to delete them, to add tags, to export them, and for their peer configurations.
    delete: str = ""
    tag: str = ""
    file: str = ""
    peer: str = ""
    # Whether each cell has a test id with the name of its column.
    names_cells: bool = False
    # The text shown when a search finds nothing.
    unmatched: Words = ""
    # Reads what the cells need besides the rows, for many rows at once.
    prepare: Callable[[Sequence], None] | None = None

    def grid(self, request: ConsoleRequest, rows: Rows | None = None, table: tables.Table | None = None) -> "Grid":
        """The table with the columns that the user may see, and these rows or those of the table's page."""
        role = request.user.role
        visible = [
            column for column in self.columns if not column.needs or any(may(role, right) for right in column.needs)
        ]
        delete = self.delete if may(role, Right.WRITE) else ""
        if rows is None:
            rows = table.page if table else ()
        if self.prepare:
            rows = list(rows)
            self.prepare(rows)
        return Grid(self, visible, rows, table, delete)


@dataclass(frozen=True)
class Grid:
    """A table of rows with the columns of one user."""

    listing: Listing
    columns: list[Column]
    rows: Rows
    table: tables.Table | None
    delete: str

    @property
    def element(self) -> str:
        return "table" if self.table else self.listing.element

    @property
    def heads(self) -> list[tuple[Column, dict | None]]:
        """The columns, each with its sort link if it has one."""
        links = self.table.headers() if self.table else {}
        return [(column, links.get(column.sort)) for column in self.columns]

    @property
    def is_wide(self) -> bool:
        """Whether a user has chosen more columns than a screen holds."""
        return sum(column.value is not None for column in self.columns) > 9


@dataclass(frozen=True)
class ListPage(Listing):
    """A page with one list. `table` reads it from an address; the region is blank for lists that have none."""

    _: KW_ONLY
    page: str
    title: Words
    table: Callable[[Account, str, QueryDict], tables.Table] | None = None
    is_regional: bool = True
    # The columns of exported files.
    exported: tuple[Column, ...] = ()
    create: Create | None = None
    # The plural noun of the rows, and what the search looks at.
    what: Words = ""
    search: Words = ID_OR_NAME
    # The page where users choose its columns.
    choice: str = ""
    template: str = "shared/list.html"
    # The region of which it shows the rows, or `ALL_REGIONS`.
    place: str = ""

    def at(self, region_id: str) -> Self:
        """The page in a region. In all regions it has a column for the region, behind those that say what a row is."""
        if region_id != ALL_REGIONS.id:
            return replace(self, place=region_id)
        first = max(place for place, column in enumerate(self.columns, 1) if column.key in ("identity", "status"))
        return replace(self, place=region_id, columns=(*self.columns[:first], REGION, *self.columns[first:]))

    @property
    def is_everywhere(self) -> bool:
        """Whether it shows the rows of all regions."""
        return self.place == ALL_REGIONS.id

    def _address(self, name: str, region_id: str | None) -> str:
        return reverse(name, args=[region_id] if self.is_regional else [])

    def address(self, region_id: str | None = None) -> str:
        return self._address(self.page, region_id)

    def read(self, account: Account, region_id: str | None, params: QueryDict) -> tables.Table:
        if self.table is None:
            raise TypeError(f"{self.page} is not read from an address")
        return self.table(account, region_id or "", params)

    @property
    def stem(self) -> str:
        return self.page.removesuffix("-list")

    def file_name(self, region_id: str | None, kind: str) -> str:
        return "-".join(filter(None, [f"{self.stem}s", region_id if self.is_regional else None])) + f".{kind}"

    def tools(self, user: User, region_id: str | None = None, saved: list[SavedFilter] | None = None) -> dict:
        """Context of the tools of a list: saved filters, and the addresses that save, delete and export."""
        if saved is None:
            saved = list(user.saved_filters.filter(page=self.page))
        addresses = {
            name: self._address(f"{self.stem}-{name.replace('_', '-')}", region_id)
            for name in ("export", "filters", "filter_create")
        }
        if self.choice:
            addresses["columns"] = self._address(self.choice, region_id)
        return addresses | {"saved": saved}

    def create_button(self, user: User, region_id: str) -> dict | None:
        """The button that creates a row, or None if the user lacks the right."""
        create = self.create
        if create and may(user.role, create.needs):
            url = self._address(create.page, region_id)
            if self.is_everywhere:
                # The region is chosen first.
                url = f"{reverse('regions')}?at={url}"
            return {"url": url, "label": create.label, "in_dialog": create.in_dialog}
        return None
