"""Pages that the browser restores from its back/forward cache."""

import re

import pytest
from playwright.sync_api import expect

from connections.models import CustomerGateway
from vpnconsole.testing import factories

KEY = "planted.psk"


@pytest.fixture
def made(user):
    gateway = CustomerGateway.objects.get(account=user.account)
    return factories.make_connection(user.account, gateway=gateway, tunnel={"psk": KEY})


@pytest.fixture(scope="module")
def remembering(launch_browser, whole_program):
    """A browser with a back/forward cache, which Playwright disables by default."""
    browser = launch_browser(executable_path=whole_program, ignore_default_args=["--disable-back-forward-cache"])
    yield browser
    browser.close()


@pytest.fixture
def page(remembering, base_url, browser_context_args):
    context = remembering.new_context(**browser_context_args)
    yield context.new_page()
    context.close()


def reveal(page) -> None:
    page.get_by_test_id("show-psk").click()
    expect(page.get_by_text(KEY)).to_be_visible()


def sign_out(page) -> None:
    page.get_by_test_id("account-menu").click()
    page.get_by_test_id("sign-out").click()
    expect(page.get_by_test_id("sign-in-fold")).to_be_visible()


def go_back(page) -> None:
    """Go back in the history without waiting for a load event, which restored pages don't fire."""
    page.evaluate("history.back()")


def expect_sign_in(page, address: str) -> None:
    expect(page).to_have_url(re.compile(rf"/login/\?next={re.escape(address)}$"))
    expect(page.get_by_label("Username")).to_be_visible()
    expect(page.get_by_text(KEY)).to_have_count(0)


def test_after_signing_out_back_leads_to_the_sign_in_page(alice, made):
    alice.goto("/events/")
    alice.goto(made.get_absolute_url())
    reveal(alice)
    sign_out(alice)
    go_back(alice)
    expect_sign_in(alice, made.get_absolute_url())
    # Browsers cache a page without further requests regardless of its headers.
    go_back(alice)
    expect_sign_in(alice, "/events/")


def test_a_page_from_memory_has_hidden_its_keys_and_knows_who_it_is_for(alice, made, user, sign_in):
    """The page allows caching, so only the scripts protect it."""
    address = made.get_absolute_url()

    def may_be_kept(route):
        answer = route.fetch(max_redirects=0)
        route.fulfill(response=answer, headers=answer.headers | {"cache-control": "private"})

    alice.route(f"**{address}", may_be_kept)
    alice.goto(address)
    alice.evaluate("addEventListener('pageshow', (event) => { window.fromMemory = event.persisted; })")

    def leave_and_come_back():
        reveal(alice)
        alice.goto("/cens/")
        go_back(alice)

    leave_and_come_back()
    expect(alice.get_by_test_id("show-psk")).to_be_visible()
    assert alice.evaluate("window.fromMemory") is True
    expect(alice.get_by_text(KEY)).to_have_count(0)
    leave_and_come_back()
    expect(alice.get_by_test_id("show-psk")).to_be_visible()
    # Another user has signed in meanwhile: nothing of the page is left.
    reveal(alice)
    alice.goto("/cens/")
    sign_in(alice, factories.make_user(factories.make_account("Summit Retail"), "bob"))
    go_back(alice)
    expect(alice.get_by_text("Page not found")).to_be_visible()
    sign_in(alice, user)
    alice.goto(address)
    reveal(alice)
    sign_out(alice)
    go_back(alice)
    expect_sign_in(alice, address)


def test_what_is_kept_of_a_list_to_go_back_to_holds_no_key(alice, made):
    alice.goto(f"/{factories.REGION}/connections/")
    alice.get_by_test_id("sort-name").click()
    expect(alice).to_have_url(re.compile(r"sort="))
    alice.get_by_role("link", name=f"Peer config of {made}").click()
    expect(alice.get_by_test_id("peer-text-1")).to_contain_text(KEY)
    go_back(alice)
    expect(alice).not_to_have_url(re.compile(r"sort="))
    kept = alice.evaluate("JSON.stringify([sessionStorage, localStorage])")
    assert made.resource_id in kept
    assert KEY not in kept
