"""Logs and monitoring in a browser: following keeps what is read in place, and a chart is read by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from connections.models import CustomerGateway, Tunnel
from connections.negotiation import End
from connections.services import devices
from vpn_console_kit.console import ConnectionDetails
from vpnconsole.testing import factories

HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture
def made(user, clock):
    gateway = CustomerGateway.objects.get(account=user.account)
    made = factories.make_connection(user.account, gateway=gateway, name="north")
    tunnel = Tunnel.objects.whole().get(connection=made)
    devices.load_configuration(factories.make_actor(user.account), tunnel)
    device = Tunnel.objects.whole().get(connection=made).device
    device.psk = "another"
    devices.edit_device(factories.make_actor(user.account), device, device.revision)
    clock.tick(600)
    return made


def test_following_adds_lines_above_and_keeps_in_place_what_is_read(alice, app, made, clock, accessible):
    polls = []
    alice.on("request", lambda request: polls.append(request.url) if "/logs/new/" in request.url else None)
    app.open(made.get_absolute_url())
    logs = ConnectionDetails(app).logs()
    rows = alice.locator(".log-row")
    number = rows.count()
    assert number > 20
    logs.filter(level="errors")
    expect(rows).not_to_have_count(number)
    expect(alice).to_have_url(re.compile("level=errors"))
    logs.filter(level="")
    expect(rows).to_have_count(number)
    assert polls == []

    logs.follow()
    expect(alice.get_by_test_id("log-follow")).to_have_text("Stop following")
    accessible(alice)
    read = rows.nth(12)
    read.hover()
    place = read.bounding_box()
    text = read.inner_text()
    # The tunnel tries again every 31 seconds.
    clock.tick(62)
    expect(rows).to_have_count(number + 4)
    moved = rows.nth(16)
    assert moved.inner_text() == text
    assert moved.bounding_box() == place
    expect(rows.first.locator("time")).to_have_attribute("datetime", re.compile("T"))

    # Nobody looks: no polls. Afterwards nothing is missing.
    alice.evaluate(HIDE, True)
    clock.tick(31)
    alice.get_by_test_id("log-level").focus()
    with alice.expect_request(re.compile("/logs/new/")):
        alice.evaluate(HIDE, False)
    expect(rows).to_have_count(number + 6)
    logs.follow()
    expect(alice.locator("[data-follow]")).to_have_count(0)


def test_a_chart_is_read_by_keyboard_and_by_pointer(alice, made, clock, accessible):
    tunnel = Tunnel.objects.whole().get(connection=made)
    devices.load_configuration(factories.make_actor(made.account), tunnel)
    devices.send(factories.make_actor(made.account), tunnel, End.CLOUD, 2_500_000, steadily=True)
    clock.tick(1800)
    alice.goto(f"{made.get_absolute_url()}monitoring/")
    readout, slider = alice.get_by_test_id("chart-readout"), alice.get_by_role("slider")
    expect(readout).to_contain_text("Out: 2.5 Mbit/s")
    slider.focus()
    alice.keyboard.press("Home")
    expect(readout).to_contain_text("Out: 0 bit/s")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("Out: 0 bit/s, Phase 2: -"))
    alice.keyboard.press("End")
    expect(readout).to_contain_text("Phase 2: Up")
    box = alice.get_by_test_id("chart").bounding_box()
    alice.mouse.move(box["x"] + 2, box["y"] + 20)
    expect(readout).to_contain_text("Out: 0 bit/s")
    alice.get_by_test_id("chart-values").click()
    expect(alice.get_by_role("table").get_by_role("row")).to_have_count(61)
    accessible(alice)
