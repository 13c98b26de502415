"""Responses don't move what the user looks at or points at, and appear at once."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_create import CREATE, field

# Counts the frames from a response until a group is shown, and sums up layout shifts.
WATCH = """() => {
  window.moved = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
  }).observe({ type: "layout-shift" });
  document.addEventListener("htmx:beforeOnLoad", () => {
    let frames = 0;
    const look = () => {
      const control = document.getElementById("id_tunnel1-tunnel_cidr");
      const shows = control && control.type !== "hidden" && control.checkVisibility({ visibilityProperty: true });
      if (shows) window.frames_taken = frames;
      else if (++frames < 60) requestAnimationFrame(look);
    };
    look();
  }, { once: true });
}"""


@pytest.fixture
def form(alice) -> Page:
    alice.goto(CREATE)
    expect(alice.locator("html[data-idle]")).to_have_count(1)
    return alice


def top(control) -> float:
    return control.evaluate("one => one.getBoundingClientRect().top")


def message(page: Page):
    return page.get_by_test_id("notes-tunnel1-psk")


def wait_for_frame(page: Page, condition: str) -> None:
    """Wait for a frame in which the condition, a JavaScript expression, holds.

    `Page.wait_for_function` evaluates text in the page, which the content security policy refuses from the second
    attempt on.
    """
    page.evaluate(
        "() => new Promise((resolve) => {"
        f" const look = () => (({condition}) ? resolve() : requestAnimationFrame(look));"
        " look(); })"
    )


def set_key(page: Page, value: str) -> None:
    """Change the key above the visible part of the page."""
    page.get_by_test_id("field-tunnel1-psk").evaluate(
        "(one, value) => { one.value = value; one.dispatchEvent(new Event('change', { bubbles: true })); }", value
    )


def test_a_group_shows_within_two_frames_of_the_answer_and_nothing_moves_by_itself(form):
    form.evaluate(WATCH)
    switch = field(form, "Enable BGP")
    switch.scroll_into_view_if_needed()
    before = top(switch)
    switch.check()
    expect(field(form, "Tunnel CIDR Block")).to_be_visible()
    wait_for_frame(form, "window.frames_taken !== undefined")
    assert form.evaluate("window.frames_taken") <= 2
    assert top(switch) == before
    assert form.evaluate("window.moved") == 0


def test_a_click_that_a_message_interrupts_meets_what_it_was_meant_for(form):
    """Pressing the button blurs the field, which requests a message; the response comes before pointerup."""
    form.get_by_test_id("field-tunnel1-psk").fill("a key with spaces")
    switch = field(form, "Enable BGP")
    switch.scroll_into_view_if_needed()
    box = switch.bounding_box()
    form.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    with form.expect_response("**/fields/tunnel1-psk/"):
        form.mouse.down()
    # The response has arrived, and waits for pointerup.
    wait_for_frame(form, "held.length > 0")
    expect(message(form)).to_be_empty()
    form.mouse.up()
    expect(switch).to_be_checked()
    expect(message(form)).not_to_be_empty()


def test_what_is_pointed_at_stays_in_its_place_when_messages_come_and_go(form):
    switch = field(form, "Enable BGP")
    switch.scroll_into_view_if_needed()
    form.mouse.wheel(0, 200)
    switch.hover()
    before = top(switch)
    for key, number in (("a key with spaces", 1), ("sound", 0), ("one more", 1)):
        set_key(form, key)
        expect(message(form).locator(".invalid-feedback")).to_have_count(number)
        assert top(switch) == pytest.approx(before, abs=2)


def test_without_a_pointer_the_field_in_use_stays_in_its_place(form):
    switch = field(form, "Enable BGP")
    switch.focus()
    before = top(switch)
    set_key(form, "a key with spaces")
    expect(message(form).locator(".invalid-feedback")).to_have_count(1)
    assert top(switch) == pytest.approx(before, abs=1)
