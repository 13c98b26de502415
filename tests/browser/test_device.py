"""The simulated device with the keyboard alone: load, make a difference, take it back, cut the line."""

import re

from playwright.sync_api import expect

from connections.models import Device
from tests.browser.test_keyboard import focus_is_seen, tab_to
from vpnconsole.testing import factories


def press(page, test_id: str) -> None:
    """Reach a button by Tab and press it; the page stays where it was."""
    button = page.get_by_test_id(test_id)
    tab_to(page, button)
    focus_is_seen(page)
    page.keyboard.press("Enter")


def test_a_device_answers_and_is_mended_by_keyboard(alice, user, clock, accessible):
    connection = factories.make_connection(user.account)
    alice.goto(connection.get_absolute_url())
    press(alice, "next-load")
    status = alice.get_by_test_id("device-tunnel-status")
    expect(alice.get_by_test_id("differences-count")).to_contain_text("exactly what the peer configuration says")
    clock.tick(2)
    # The line follows by itself.
    expect(status).to_have_text("Phase 2 Negotiation Succeeded")
    accessible(alice)
    # Another key, and a second version, by the form.
    press(alice, "device-edit")
    expect(alice.get_by_test_id("field-ike_mode")).to_have_count(0)
    press(alice, "field-ike_version-add")
    expect(alice.get_by_test_id("field-ike_version-2")).to_be_focused()
    alice.keyboard.type("ikev1")
    alice.keyboard.press("Tab")
    expect(alice.get_by_test_id("field-ike_mode")).to_be_visible()
    press(alice, "replace-psk")
    key = alice.get_by_test_id("field-psk")
    tab_to(alice, key)
    alice.keyboard.type("different.key")
    accessible(alice)
    alice.keyboard.press("Enter")
    expect(alice.get_by_test_id("differences-count")).to_contain_text("2 settings differ")
    clock.tick(2)
    expect(alice.get_by_test_id("device-tunnel-code")).to_have_text("PskMismatch")
    # Take both values; the focus stays at the table.
    tab_to(alice, alice.get_by_test_id("device-take-ike_version"))
    before = alice.evaluate("scrollY")
    alice.keyboard.press("Enter")
    expect(alice.get_by_test_id("device-take-ike_version")).to_have_count(0)
    assert abs(alice.evaluate("scrollY") - before) < 100
    expect(alice.locator("#live")).to_have_text("The device has taken the cloud's value: IKE: Version.")
    expect(alice.locator("#differences")).to_be_focused()
    press(alice, "device-take-psk")
    expect(alice.get_by_test_id("differences-count")).to_contain_text("exactly what the peer configuration says")
    # A button that changes its face keeps the focus.
    line = alice.get_by_test_id("device-line")
    line.focus()
    alice.keyboard.press("Enter")
    expect(line).to_have_text("Restore the Line")
    expect(line).to_be_focused()
    alice.keyboard.press("Enter")
    expect(line).to_have_text("Cut the Line")
    assert Device.objects.get().has_line
    expect(alice).to_have_url(re.compile(r"/device/$"))
