"""Six tests as people write them first: plain Playwright, fixed names, and counts. `bench.rounds` runs them."""

import re

import pytest
from playwright.sync_api import Page, expect

CONNECTIONS, GATEWAYS = "eu-central-1/connections/", "eu-central-1/customer-gateways/"


def idle(page: Page) -> None:
    page.locator("html[data-idle]").wait_for(state="attached")


def row(page: Page, name: str):
    return page.locator(f'tr[data-name="{name}"]')


def press(page: Page, testid: str) -> None:
    page.get_by_test_id(testid).click()
    idle(page)


def fill_connection(page: Page, name: str) -> None:
    """Open the form of a new connection and fill what it needs."""
    page.get_by_test_id("create").click()
    idle(page)
    page.get_by_test_id("field-name").fill(name)
    gateway = page.get_by_test_id("field-tunnel1-customer_gateway")
    gateway.select_option(gateway.locator('option[data-name="hamburg-dc1"]').get_attribute("value"))
    idle(page)


def test_filter_a_list(signed_in_page, world):
    page = signed_in_page
    page.goto(world.url + CONNECTIONS)
    expect(page.locator("tr[data-name]")).to_have_count(7)
    page.get_by_test_id("search").fill("hamburg")
    idle(page)
    expect(page.locator("tr[data-name]")).to_have_count(2)
    expect(row(page, "hamburg-primary")).to_be_visible()
    page.get_by_test_id("search").fill("")
    expect(page.locator("tr[data-name]")).to_have_count(7)


def test_create_with_bgp_after_an_error(signed_in_page, world):
    page = signed_in_page
    page.goto(world.url + CONNECTIONS)
    fill_connection(page, "berlin")
    page.get_by_test_id("field-enable_bgp").check()
    idle(page)
    page.get_by_test_id("field-tunnel1-tunnel_cidr").fill("10.0.0.0/30")
    page.get_by_test_id("field-tunnel1-local_bgp_ip").fill("10.0.0.1")
    page.get_by_test_id("form-ok").click()
    idle(page)
    expect(page.get_by_test_id("notes-tunnel1-tunnel_cidr").locator(".invalid-feedback")).to_be_visible()
    page.get_by_test_id("field-tunnel1-tunnel_cidr").fill("169.254.77.0/30")
    page.get_by_test_id("field-tunnel1-local_bgp_ip").fill("169.254.77.1")
    page.get_by_test_id("form-ok").click()
    expect(page.get_by_test_id("message-1")).to_have_attribute("data-operation", "CreateVpnAttachment")
    page.goto(world.url + CONNECTIONS)
    expect(page.locator("tr[data-name]")).to_have_count(8)
    expect(row(page, "berlin")).to_be_visible()


@pytest.mark.world(transitions="manual")
def test_attach_and_watch_the_state_settle(signed_in_page, world):
    page = signed_in_page
    connection = world.url + world.names.connections["paris-branch"].address.lstrip("/")
    page.goto(connection)
    expect(page.get_by_test_id("state")).to_have_attribute("data-state", "init")
    press(page, "attach")
    page.get_by_test_id(f"attach-to-{world.names.routers['backbone-frankfurt'].id}").click()
    idle(page)
    page.get_by_test_id("field-zone").select_option("eu-central-1a")
    page.get_by_test_id("form-ok").click()
    expect(page.get_by_test_id("message-1")).to_be_visible()
    page.goto(connection)
    expect(page.get_by_test_id("state")).to_have_attribute("data-state", "attaching")
    world.settle()
    expect(page.get_by_test_id("state")).to_have_attribute("data-state", "attached")


def test_refuse_and_allow_a_deletion(signed_in_page, world):
    page = signed_in_page
    gateway = f"gateway-{world.names.gateways['paris-branch'].id}"
    connection = f"connection-{world.names.connections['paris-branch'].id}"
    page.goto(world.url + GATEWAYS)
    expect(page.locator("tr[data-name]")).to_have_count(6)
    press(page, f"{gateway}-more")
    press(page, f"{gateway}-delete")
    expect(page.locator("#dialog-body .summary")).to_have_attribute("data-code", "gateway_in_use")
    press(page, "dialog-close")
    page.goto(world.url + CONNECTIONS)
    press(page, f"{connection}-more")
    press(page, f"{connection}-delete")
    page.get_by_test_id("dialog-ok").click()
    expect(row(page, "paris-branch")).to_have_count(0)
    page.goto(world.url + GATEWAYS)
    press(page, f"{gateway}-more")
    press(page, f"{gateway}-delete")
    page.get_by_test_id("dialog-ok").click()
    expect(row(page, "paris-branch")).to_have_count(0)
    expect(page.locator("tr[data-name]")).to_have_count(5)


def test_delete_several(signed_in_page, world):
    page = signed_in_page
    page.goto(world.url + CONNECTIONS)
    for name in ("one", "two", "three"):
        fill_connection(page, name)
        page.get_by_test_id("form-ok").click()
        expect(page.get_by_test_id("message-1")).to_have_attribute("data-operation", "CreateVpnAttachment")
        page.goto(world.url + CONNECTIONS)
    expect(page.get_by_test_id("total")).to_have_text(re.compile(r"\b10\b"))
    for name in ("one", "two", "three"):
        row(page, name).get_by_role("checkbox").check()
    page.get_by_test_id("delete-selected").click()
    page.get_by_test_id("dialog-ok").click()
    expect(page.get_by_test_id("message-1")).to_contain_text("3 connections deleted")
    expect(page.get_by_test_id("total")).to_have_text(re.compile(r"\b7\b"))
    expect(row(page, "one")).to_have_count(0)


def test_switch_the_language_in_mid_form(signed_in_page, world):
    page = signed_in_page
    page.goto(world.url + CONNECTIONS)
    fill_connection(page, "munich")
    page.get_by_test_id("display-menu").click()
    page.get_by_test_id("language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.get_by_test_id("field-name")).to_have_value("munich")
    page.get_by_test_id("form-ok").click()
    expect(page.get_by_test_id("message-1")).to_have_attribute("data-operation", "CreateVpnAttachment")
    page.goto(world.url + CONNECTIONS)
    expect(row(page, "munich")).to_be_visible()
