"""The console over plain HTTP under a host name: what browsers offer and accept there is less."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.conftest import ELSEWHERE
from vpnconsole.testing import factories


def test_it_works_without_what_browsers_keep_for_secure_origins(page, user, live_server, settings):
    """The console of the browser stays clean: see the fixture `context`."""
    settings.ALLOWED_HOSTS = [ELSEWHERE]
    factories.make_cen(user.account, name="stored")
    page.goto(f"http://{ELSEWHERE}:{urlsplit(live_server.url).port}/login/?next=/cens/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("CEN Instances")
    # Without this object, copying needs an element of its own.
    assert page.evaluate("navigator.clipboard === undefined")
    button = page.get_by_role("row", name="stored").get_by_role("button", name="Copy ID")
    button.press("Enter")
    expect(page.locator("#live")).to_have_text("Copied")
    expect(button).to_be_focused()
