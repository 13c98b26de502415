"""Page objects of the console: its lists, the pages of its resources, and their forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import Locator, Page

from vpn_console_kit import pages
from vpn_console_kit.base import Details, Dialog, Form, List, Message, Part, Row, idle

if TYPE_CHECKING:
    from vpn_console_kit.client import World

__all__ = ["Console", "Details", "Dialog", "Form", "List", "Message", "Row"]

REGION = "eu-central-1"


class Console:
    """A page in which somebody is signed in."""

    def __init__(self, page: Page, world: World, region: str = REGION):
        self.page, self.world = page, world
        # Of lists that belong to a region, when they are opened.
        self.region = region

    @property
    def connections(self) -> ConnectionList:
        return ConnectionList(self)

    @property
    def customer_gateways(self) -> CustomerGatewayList:
        return CustomerGatewayList(self)

    @property
    def cens(self) -> CenList:
        return CenList(self)

    @property
    def members(self) -> MemberList:
        return MemberList(self)

    @property
    def events(self) -> EventList:
        return EventList(self)

    def get(self, testid: str) -> Locator:
        """An element of the page by its test id."""
        return Part(self, self.page.locator("body")).get(testid)

    def press(self, testid: str) -> None:
        """Click, and wait until the page is idle, or another one is."""
        Part(self, self.page.locator("body")).press(testid)

    def open(self, path: str) -> None:
        """Open an address of the console, such as `/events/`."""
        self.page.goto(self.world.url + path.lstrip("/"))
        idle(self.page)

    @property
    def message(self) -> Message:
        """What has just been done, or refused."""
        return Message.of(self.page, {})


# --- connections


class ConnectionDetails(Details):
    """The page of a connection."""

    @property
    def state(self) -> Locator:
        """Its attribute `data-state` has the code."""
        return self.get("state")

    @property
    def status(self) -> Locator:
        """Its attribute `data-status` has the code."""
        return self.get("status")

    def edit(self) -> pages.ConnectionEditForm:
        self.press("edit")
        return pages.ConnectionEditForm(self.console)

    def authorize(self) -> pages.AuthorizationForm:
        """The form that opens the connection to another account, on its tab."""
        self.tab("authorizations")
        self.press("authorize")
        return pages.AuthorizationForm(self.console)

    def add_route(self) -> pages.RouteForm:
        self.tab("routes")
        self.press("route-create")
        return pages.RouteForm(self.console)

    def edit_tags(self) -> pages.TagsForm:
        self.tab("tags")
        self.press("edit-tags")
        return pages.TagsForm(self.console)


class ConnectionRow(Row[ConnectionDetails]):
    """A row of the list of connections."""

    def cell(self, column: pages.ConnectionColumn) -> Locator:
        return self.get(f"{self.stem}-value-{column}")

    @property
    def state(self) -> Locator:
        """Its attribute `data-state` has the code."""
        return self.cell("state")

    @property
    def status(self) -> Locator:
        """Its attribute `data-status` has the code."""
        return self.cell("status")

    def edit(self) -> pages.ConnectionEditForm:
        self.action("edit")
        return pages.ConnectionEditForm(self.console)

    def clone(self) -> pages.ConnectionForm:
        self.action("clone")
        return pages.ConnectionForm(self.console)


class ConnectionList(List[ConnectionRow]):
    """The connections of a region."""

    NOUN, PATH, ROW, DETAILS = "connection", pages.PATHS["connections"], ConnectionRow, ConnectionDetails

    def create(self) -> pages.ConnectionForm:
        self.open()
        self.press("create" if self.get("create").count() else "empty-create")
        return pages.ConnectionForm(self.console)

    def row(self, name: str) -> ConnectionRow:
        row: ConnectionRow = super().row(name)
        return row


# --- customer gateways


class CustomerGatewayDetails(Details):
    """The page of a customer gateway."""

    def edit(self) -> pages.CustomerGatewayEditForm:
        self.press("edit")
        return pages.CustomerGatewayEditForm(self.console)


class CustomerGatewayRow(Row[CustomerGatewayDetails]):
    """A row of the list of customer gateways."""


class CustomerGatewayList(List[CustomerGatewayRow]):
    """The customer gateways of a region."""

    NOUN, PATH, ROW = "gateway", pages.PATHS["customer_gateways"], CustomerGatewayRow
    DETAILS = CustomerGatewayDetails

    def create(self) -> pages.CustomerGatewayForm:
        self.open()
        self.press("create" if self.get("create").count() else "empty-create")
        return pages.CustomerGatewayForm(self.console)

    def row(self, name: str) -> CustomerGatewayRow:
        row: CustomerGatewayRow = super().row(name)
        return row


# --- CEN instances and transit routers


class RouterDetails(Details):
    """The page of a transit router."""

    def attach(self) -> pages.AttachForm:
        """The form that attaches a connection."""
        self.press("router-attach")
        return pages.AttachForm(self.console)

    def create_cidr(self) -> pages.RouterCidrForm:
        self.tab("basic")
        self.press("cidr-create")
        return pages.RouterCidrForm(self.console)

    def create_route_table(self) -> pages.RouteTableForm:
        self.tab("routes")
        self.press("route-table-create")
        return pages.RouteTableForm(self.console)


class CenDetails(Details):
    """The page of a CEN instance."""

    def create_router(self) -> pages.TransitRouterForm:
        self.press("router-create")
        return pages.TransitRouterForm(self.console)

    def router(self, name: str) -> RouterDetails:
        """Go to a transit router by its name or ID."""
        row = _Routers(self.console).ROW(_Routers(self.console), name)
        row.press(row.stem)
        return RouterDetails(self.console)


class _Routers(List[Row[RouterDetails]]):
    NOUN, DETAILS = "router", RouterDetails


class CenRow(Row[CenDetails]):
    """A row of the list of CEN instances."""

    @property
    def status(self) -> Locator:
        """Its attribute `data-status` has the code."""
        return self.get(f"state-{self.id}")


class CenList(List[CenRow]):
    """The CEN instances of the account."""

    NOUN, PATH, ROW, DETAILS = "cen", pages.PATHS["cens"], CenRow, CenDetails

    def create(self) -> pages.CenForm:
        self.open()
        self.press("create" if self.get("create").count() else "empty-create")
        return pages.CenForm(self.console)

    def row(self, name: str) -> CenRow:
        row: CenRow = super().row(name)
        return row


# --- the account


class MemberList(List[Row[Details]]):
    """The members of the account."""

    PATH = pages.PATHS["members"]

    def create(self) -> pages.MemberForm:
        self.open()
        self.press("create")
        return pages.MemberForm(self.console)


class EventList(List[Row[Any]]):
    """The event log. Its rows have the attributes `data-operation` and `data-outcome`."""

    PATH = pages.PATHS["events"]

    def rows(self) -> Locator:
        return self.locator.locator("tr[data-operation]")

    def operations(self) -> list[str]:
        """The operations of the page, newest first."""
        self._ensure_open()
        return [row.get_attribute("data-operation") or "" for row in self.rows().all()]
