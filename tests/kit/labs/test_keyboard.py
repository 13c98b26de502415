"""The lab beside a page, by the keyboard: it stays where it is, keeps the focus, and says what was done."""

from contextlib import closing

import pytest
from playwright.sync_api import expect

from vpnconsole.kit import labs

FOCUSED = "document.activeElement.closest('#kit-lab [data-testid], #kit-lab h2')?.outerHTML ?? ''"


@pytest.mark.browser
def test_buttons_of_a_lab_keep_place_and_focus_and_are_announced(browser, control):
    lab = labs.shipped()["the-peer-says-no"]
    world = control.world(scenario=lab.scenario, lab="the-peer-says-no", **lab.settings)
    cookies = control.call("POST", f"/worlds/{world['id']}/sessions", **{"as": lab.persona})["cookies"]
    with closing(browser.new_context(base_url=control.server.url, viewport={"width": 1024, "height": 500})) as context:
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto("/")
        said, hint = page.locator("#live"), page.get_by_test_id("task-branch-hint")
        hint.focus()
        expect(page.get_by_test_id("lab-section-brief")).not_to_be_in_viewport()
        for count in range(1, len(lab.tasks[1].hints) + 1):
            page.keyboard.press("Enter")
            expect(page.get_by_test_id("task-branch").locator(".lab-hints li")).to_have_count(count)
            expect(said).to_have_text("The hint is beneath its task.")
            expect(page.get_by_test_id("task-branch")).to_be_in_viewport()
        # The last hint takes the button away.
        expect(hint).to_have_count(0)
        assert "kit-lab-title" in page.evaluate(FOCUSED)
        page.get_by_test_id("lab-check").focus()
        page.keyboard.press("Enter")
        expect(said).to_have_text("0 of 4 tasks are done.")
        expect(page.get_by_test_id("lab-notice")).to_be_in_viewport()
        assert "lab-check" in page.evaluate(FOCUSED)
        expect(page.get_by_test_id("lab-check")).to_be_in_viewport()
    control.call("DELETE", f"/worlds/{world['id']}")
