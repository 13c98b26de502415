"""The console on a phone: drawer, filters, cards and sheets."""

import pytest
from playwright.sync_api import Page, expect

from connections.models import CustomerGateway
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture
def made(user):
    gateway = CustomerGateway.objects.get(account=user.account)
    router = factories.make_transit_router(user.account)
    factories.make_connection(user.account, gateway=gateway, name="south")
    return factories.make_connection(user.account, gateway=gateway, router=router, name="north", tags=[("env", "lab")])


def is_within_the_screen(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_way_through_the_console_on_a_phone(page, made, accessible):
    page.goto("/")
    page.get_by_role("button", name="Sign in as Alice Berger").tap()
    menu = page.get_by_role("button", name="Menu")
    drawer = page.get_by_role("navigation", name="Console")
    expect(menu).to_be_visible()
    assert page.locator(".topbar").bounding_box()["height"] <= 58
    expect(drawer).to_be_hidden()

    # The drawer takes the focus and gives it back; what is behind it neither scrolls nor takes a tap.
    menu.tap()
    expect(drawer.get_by_role("link", name="Overview")).to_be_focused()
    expect(page.locator("html")).to_have_css("overflow", "hidden")
    accessible(page)
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    menu.tap()
    page.touchscreen.tap(370, 300)
    expect(drawer).to_be_hidden()
    expect(menu).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    menu.tap()
    drawer.get_by_role("link", name="Help").tap()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Help")).to_be_visible()
    accessible(page)
    dialog.get_by_test_id("dialog-x").tap()
    expect(menu).to_be_focused()
    menu.tap()
    drawer.get_by_role("link", name="IPsec Connections").tap()

    # The first row comes high up, with what matters most, and is still a row of a table.
    expect(page.get_by_role("heading", level=1)).to_have_text("IPsec Connections")
    row = page.get_by_test_id(f"connection-{made.resource_id}-row")
    assert row.bounding_box()["y"] < 300
    assert row.bounding_box()["height"] < 130
    for name in ("value-status", "value-state", "customer-gateway", "peer-config", "more"):
        box = page.get_by_test_id(f"connection-{made.resource_id}-{name}").bounding_box()
        assert 0 <= box["x"] <= 390 - box["width"], name
    expect(row.get_by_role("cell", name="203.0.113.10")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Customer Gateway")).to_have_count(1)
    assert is_within_the_screen(page)
    accessible(page)

    # Filters act at once; their number is on the button.
    opens = page.get_by_role("button", name="Filter")
    expect(page.get_by_label("State", exact=True)).to_be_hidden()
    opens.tap()
    state = page.get_by_label("State", exact=True)
    expect(state).to_be_focused()
    state.select_option("init")
    expect(row).to_have_count(0)
    expect(opens).to_have_text("Filter 1")
    accessible(page)
    state.select_option("")
    page.get_by_role("button", name="Show", exact=True).tap()
    expect(state).to_be_hidden()
    expect(opens).to_have_text("Filter")

    # A card's menu opens a sheet over the whole screen.
    expect(row).to_be_visible()
    row.get_by_role("checkbox").check()
    expect(page.get_by_test_id("selected")).to_have_text("1 selected")
    row.get_by_role("checkbox").uncheck()
    row.get_by_test_id(f"connection-{made.resource_id}-more").tap()
    page.get_by_test_id(f"connection-{made.resource_id}-tags").tap()
    expect(dialog).to_be_visible()
    assert dialog.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    expect(dialog.get_by_test_id("dialog-ok")).to_be_in_viewport()
    accessible(page)
    dialog.get_by_test_id("dialog-cancel").tap()
    expect(dialog).to_be_hidden()

    # Details: sections fold.
    page.get_by_role("link", name="north", exact=True).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("north")
    version = page.get_by_test_id("value-ike_version")
    expect(version).to_be_hidden()
    assert is_within_the_screen(page)
    accessible(page)
    page.get_by_test_id("section-ike").tap()
    expect(version).to_be_visible()
