"""Pages that are open follow what is done to their world."""

import os
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.kit.test_clockwork import LIST, MADE, Inside

# The browser leaves an event loop in the thread, in which later tests of this process use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.mark.browser
def test_an_open_page_follows_an_event_or_its_poll(control, browser):
    """Without being loaded again: at once by the event, otherwise within its next poll."""
    inside = Inside(control, clock="held", transitions="manual")
    with closing(browser.new_context(base_url=control.server.url)) as context:
        context.add_cookies([inside.world["cookie"]])
        page = context.new_page()
        page.goto("/login/")
        page.get_by_test_id("persona-alice").click()
        for tell in ("document.body.dispatchEvent(new Event('vpnc:moved'))", ""):
            made = MADE["connection"](inside)
            page.goto(LIST)
            page.evaluate("window.stays = true")
            state = page.get_by_test_id(f"connection-{made}-row").locator("[data-state]")
            expect(state).to_have_attribute("data-state", "provisioning")
            inside.kit("POST", "/settle", id=made)
            if tell:
                page.evaluate(tell)
            expect(state).to_have_attribute("data-state", "init")
            assert page.evaluate("window.stays")
