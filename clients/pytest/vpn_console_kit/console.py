"""Page objects of the console: its lists, the pages of its resources, and their forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from playwright.sync_api import Locator, Page

from vpn_console_kit import pages
from vpn_console_kit.base import Details, Dialog, Form, List, Message, NoSuchRow, Part, Row, idle, quoted

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


class DeviceDetails(pages.DeviceView):
    """The page of the simulated device of a tunnel."""

    def edit(self) -> pages.DeviceForm:
        self.press("device-edit")
        return pages.DeviceForm(self.console)

    def load(self) -> Message:
        """Load the peer configuration, for the first time or again."""
        return self._do("load")

    def take(self, setting: pages.DeviceSetting) -> Message:
        """Take the cloud's value of a setting that differs."""
        return self._do(f"take-{setting}")

    def side(self, setting: pages.DeviceSetting) -> Locator:
        """The line of a setting in the comparison with the cloud. Its attribute `data-differs` says whether it does."""
        return self.get(f"side-{setting}")

    def differences(self) -> list[pages.DeviceSetting]:
        """The settings that differ from the cloud's."""
        rows = self.locator.locator("[data-testid^='side-'][data-differs='true']").all()
        names = [(row.get_attribute("data-testid") or "").removeprefix("side-") for row in rows]
        return cast(list[pages.DeviceSetting], names)

    def set_power(self, *, on: bool) -> Message:
        """Switch the device on or off. It stays as it is if it is so already."""
        return self._do("power") if self.codes()["power"] != str(on).lower() else Message()

    def set_line(self, *, up: bool) -> Message:
        """Restore or cut the line. It stays as it is if it is so already."""
        return self._do("line") if self.codes()["line"] != str(up).lower() else Message()

    def restart(self) -> Message:
        """Restart the device, which deletes its SAs."""
        return self._do("restart")

    def reset(self) -> Message:
        """Let the tunnel be negotiated again."""
        return self._do("reset")

    def send(self, end: pages.End, *, steadily: bool = False) -> Message:
        """Send traffic from an end, once or until `stop`."""
        return self._do(f"{'steady' if steadily else 'send'}-{end}")

    def stop(self, end: pages.End) -> Message:
        """Stop the steady traffic of an end."""
        return self._do(f"steady-{end}")

    def _do(self, what: str) -> Message:
        self.press(f"device-{what}")
        return self.console.message


class Tunnel(pages.TunnelView):
    """A tunnel of a connection, on the tab of its tunnels."""

    def __init__(self, console: Console, number: int, testid: str):
        super().__init__(console, console.page.locator(f"main [data-testid={quoted(testid)}]"), testid)
        self.number = number

    @property
    def id(self) -> str:
        return self.stem.removeprefix("tunnel-")

    def value(self, field: str) -> Locator:
        """What the two sides have agreed on."""
        return self.get(f"{self.stem}-value-{field}")

    def edit(self) -> pages.TunnelEditForm:
        """The form of one of two tunnels. An only one is changed with its connection."""
        self.press(f"{self.stem}-edit")
        return pages.TunnelEditForm(self.console, self.number)

    def device(self) -> DeviceDetails:
        """Go to the simulated device."""
        self.press(f"{self.stem}-device")
        return DeviceDetails(self.console)

    def error(self, of: Literal["status", "bgp", "health"] = "status") -> Dialog:
        """Error Details, of a tunnel that has a problem."""
        return self.dialog(f"{self.stem}-details-{of}")


class Report(pages.ReportView):
    """What the diagnosis has found about a tunnel."""

    def __init__(self, console: Console, number: int):
        super().__init__(console, console.page.locator("main"), f"diagnosis-tunnel{number}")
        self.number = number

    def finding(self, check: pages.Check) -> Locator:
        """What a check has found. Its attribute `data-level` says how bad that is."""
        return self.get(f"finding-tunnel{self.number}-{check}")

    def findings(self) -> dict[pages.Check, pages.Level]:
        """How bad is what each check has found, worst first."""
        stem = f"finding-tunnel{self.number}-"
        found = {
            (one.get_attribute("data-testid") or "").removeprefix(stem): one.get_attribute("data-level")
            for one in self.locator.locator(f"[data-testid^={quoted(stem)}]").all()
        }
        return cast(dict[pages.Check, pages.Level], found)

    def mend(self, check: pages.Check, position: int = 1) -> None:
        """Go to where that is mended: a form, or a page of either side."""
        self.press(f"mend-tunnel{self.number}-{check}-{position}")


class Diagnosis(Part):
    """The diagnosis of a connection."""

    def __init__(self, console: Console):
        super().__init__(console, console.page.locator("main"))

    @property
    def text(self) -> Locator:
        """All of it as text."""
        return self.get("diagnosis-text")

    def report(self, tunnel: int = 1) -> Report:
        return Report(self.console, tunnel)

    def again(self) -> None:
        """Run it again."""
        self.press("diagnosis-again")


@dataclass(frozen=True)
class LogLine:
    """A line of the log of a tunnel. `at` is in ISO 8601."""

    at: str
    end: pages.End
    level: pages.LogLevel
    component: str
    text: str


# Lines in the order of the page, newest first.
READ_LINES = """list => [...list.querySelectorAll(".log-line")].map(line => {
  const text = line.cloneNode(true);
  const part = text.querySelector(".log-part");
  const component = part.textContent;
  for (const one of text.querySelectorAll(".log-level, .log-part, .log-peers")) one.remove();
  return [line.closest(".log-row").querySelector("time").dateTime, line.dataset.end, line.dataset.level, component,
    text.textContent.trim()];
})"""


class Logs(Part):
    """The logs of a connection: of one tunnel at a time, both ends beside each other."""

    def __init__(self, console: Console):
        super().__init__(console, console.page.locator("main"))

    def filter(
        self,
        *,
        tunnel: int | None = None,
        window: pages.LogWindow | None = None,
        start: str | None = None,
        end: str | None = None,
        text: str | None = None,
        level: pages.LeastLevel | None = None,
        ends: pages.LogEnds | None = None,
    ) -> None:
        """Show the lines of a tunnel by its number, of a window of time, with a text, from a level on, of one end.

        A blank choice is the usual one. `start` and `end`, such as `2026-03-02T09:00:00`, need the window `own`.
        """
        if tunnel is not None:
            self.get("log-tunnel").select_option(index=tunnel - 1)
        for testid, choice in (("log-window-choice", window), ("log-level", level), ("log-ends", ends)):
            if choice is not None:
                self.get(testid).select_option(choice)
        for testid, typed in (("log-from", start), ("log-to", end), ("log-q", text)):
            if typed is not None:
                self.get(testid).fill(typed)
                self.get(testid).blur()
        idle(self.page)

    def lines(self) -> list[LogLine]:
        """The lines of the page, newest first; of one moment, those of the cloud first."""
        return [LogLine(*line) for line in self.locator.locator("#log").evaluate(READ_LINES)]

    def older(self) -> None:
        """Add older lines below."""
        self.press("log-older")

    def follow(self) -> None:
        """Add new lines above from now on, or no longer."""
        self.press("log-follow")


class ConnectionDetails(pages.ConnectionView):
    """The page of a connection."""

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

    def tunnels(self) -> list[Tunnel]:
        """The tunnels, on their tab."""
        self.tab("tunnels")
        found = self.locator.locator("[data-tunnel]").all()
        testids = [one.get_attribute("data-testid") or "" for one in found]
        return [Tunnel(self.console, number, testid) for number, testid in enumerate(testids, 1)]

    def tunnel(self, number: int = 1) -> Tunnel:
        """A tunnel by its number, on the tab of tunnels. Raises NoSuchRow."""
        found = self.tunnels()
        if not 1 <= number <= len(found):
            raise NoSuchRow(f"{self.page.url} has no tunnel {number}.")
        return found[number - 1]

    def device(self, tunnel: int = 1) -> DeviceDetails:
        """Go to the simulated device of a tunnel."""
        return self.tunnel(tunnel).device()

    def diagnose(self) -> Diagnosis:
        self.press("diagnose")
        return Diagnosis(self.console)

    def logs(self) -> Logs:
        self.tab("logs")
        return Logs(self.console)


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

    def diagnose(self) -> Diagnosis:
        self.action("diagnose")
        return Diagnosis(self.console)

    def logs(self) -> Logs:
        self.action("logs")
        return Logs(self.console)


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
