"""A signed-in browser on a live server. Console messages fail the test; axe checks accessibility."""

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from connections import clock as clocks
from connections.models import User
from vpn_console_kit.console import Console
from vpnconsole.testing import factories
from vpnconsole.testing.axe import violations
from vpnconsole.testing.machine import launch_options

# Playwright's event loop runs in this thread, so Django would refuse database access.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# A host name of this machine that browsers don't know to be their own.
ELSEWHERE = "console.example"
HERE = Path(__file__).parent
# Only failing tests wait so long.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def whole_program() -> str:
    """The program of a whole browser."""
    return launch_options(whole=True)["executable_path"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, whole_program):
    options = launch_options()
    if options["executable_path"] is None:
        raise pytest.UsageError("No Chromium was found. Install one, or set CHROMIUM_PATH to its program.")
    resolving = f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"
    return {**browser_type_launch_args, **options, "args": [*options.get("args", []), resolving]}


@pytest.fixture(scope="session")
def whole_browser(launch_browser, whole_program):
    """A browser with windows.

    For modules that depend on where a closed dialog leaves the focus, or on errors of a lost connection: the program
    without windows differs there.
    """
    browser = launch_browser(executable_path=whole_program)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def base_url(live_server):
    return live_server.url


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {
        **browser_context_args,
        "locale": "en-US",
        "reduced_motion": "reduce",
        "viewport": {"width": 1440, "height": 900},
    }


@pytest.fixture(autouse=True)
def _server(live_server, transactional_db):
    """Every browser test has the server and an empty database."""


@pytest.fixture
def tolerated() -> list[str]:
    """Prefixes of console messages that a test expects."""
    return []


@pytest.fixture
def context(context, tolerated):
    """Playwright's context. Any console message fails the test."""
    heard = []

    def listen(message):
        if message.type in ("error", "warning") and not message.text.startswith(tuple(tolerated)):
            heard.append(f"{message.type}: {message.text}")

    context.on("console", listen)
    context.on("weberror", lambda error: heard.append(f"exception: {error.error}"))
    yield context
    assert heard == []


@pytest.fixture
def user(_server) -> User:
    """Alice, whose account has one customer gateway."""
    user = factories.make_user(first_name="Alice", last_name="Berger", is_demo=True)
    factories.make_customer_gateway(user.account)
    return user


@pytest.fixture
def sign_in(live_server) -> Callable[[Page, User], None]:
    """Sign a user in on a page, without the form."""

    def become(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])

    return become


@pytest.fixture
def clock():
    """Holds the server's clock until `clock.tick(seconds)`, so no transition ends before the test has seen it."""
    with clocks.hold(clocks.now()) as held:
        yield held


@pytest.fixture
def alice(page, user, sign_in) -> Page:
    """Alice's page."""
    sign_in(page, user)
    return page


@pytest.fixture
def console_on(live_server) -> Callable[[Page], Console]:
    """The kit's page objects over a page, without a world: they find everything by test ids."""
    return lambda page: Console(page, SimpleNamespace(url=f"{live_server.url}/"), factories.REGION)


@pytest.fixture
def app(alice, console_on) -> Console:
    """Alice's page by page objects."""
    return console_on(alice)


@pytest.fixture
def slow() -> Callable[[Page], None]:
    """Delay every response by 400 ms. In the browser, because a waiting route handler would block the test."""

    def delay(page: Page, milliseconds: int = 400) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": milliseconds, "downloadThroughput": -1, "uploadThroughput": -1},
        )

    return delay


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Check the page with axe: all rules in light, those about colors in dark."""

    def judge(page: Page, schemes: tuple[str, ...] = ("light", "dark")) -> None:
        assert violations(page, schemes) == []

    return judge


@pytest.fixture
def accessible_everywhere(accessible, live_server) -> Callable[[Page, list[str], str], None]:
    """Check addresses with axe: all in English, and every third in another language, without the same colors."""

    def judge(page: Page, addresses: list[str], language: str) -> None:
        page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}])
        for address in addresses if language == "en" else addresses[::3]:
            page.goto(address)
            expect(page.locator("html")).to_have_attribute("lang", language)
            expect(page.get_by_role("heading", level=1)).to_have_count(1)
            accessible(page, ("light", "dark") if language == "en" else ("light",))

    return judge
