"""The console below a path, behind a proxy that removes it: BASE_PATH."""

import re
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from connections import demo
from connections.domain.regions import REGIONS
from vpnconsole.testing.clients import call_at
from vpnconsole.testing.served import Answer, Browser, prepared, served

BASE = "/vpn"
# Attributes with addresses, as far as the console uses them.
ADDRESSES = ("href", "src", "action", "hx-get", "hx-post", "data-session", "data-home")
# The IDs in addresses: a page of each kind is enough.
ID = re.compile("/({})(?=/)".format("|".join(REGIONS)) + r"|/[a-z-]+-[0-9a-z]{8,}(?=/)|/[0-9A-F-]{36}(?=/)")


class _Addresses(HTMLParser):
    """Collects the addresses of a page, with the attribute and element in which each stands."""

    def __init__(self, html: str):
        super().__init__()
        self.seen: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen += [(tag, name, value) for name, value in attrs if name in ADDRESSES and value]


class BehindProxy(Browser):
    """A browser behind a proxy that offers the console below BASE, and requests of the API at its root."""

    csrf_cookie = "csrftoken_vpn"

    def ask(self, method: str, path: str, body: str | None = None, headers: dict | None = None) -> Answer:
        assert path.startswith((f"{BASE}/", "/?")), path
        return super().ask(method, path.removeprefix(BASE), body, headers)


@pytest.fixture(scope="module")
def below(tmp_path_factory):
    folder = tmp_path_factory.mktemp("below")
    env = prepared(folder / "data", BASE_PATH=f"{BASE}/", WEB_CONCURRENCY="1")
    with served(env, folder / "server.log") as server:
        browser = BehindProxy(server)
        browser.get(f"{BASE}/login/")
        answer = browser.post(f"{BASE}/demo/login-as/", {"username": "alice"})
        assert (answer.status, answer.headers["Location"]) == (302, f"{BASE}/")
        assert all(f"Path={BASE}/" in text for text in answer.headers.get_all("Set-Cookie"))
        yield browser


def test_every_address_of_every_page_is_below_it(below):
    ways, seen = [f"{BASE}/"], set()
    while ways:
        page = ways.pop()
        answer = below.get(page)
        if answer.status == 302:
            ways.append(urljoin(page, answer.headers["Location"]))
            continue
        assert answer.status == 200, page
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        for tag, name, value in _Addresses(answer.text).seen:
            address = urlsplit(urljoin(page, value))
            if address.netloc:
                continue
            assert address.path.startswith(f"{BASE}/"), (page, tag, name, value)
            kind = ID.sub("/ID", address.path)
            if name not in ("action", "hx-post") and kind not in seen and not kind.endswith("/export/"):
                seen.add(kind)
                ways.append(urldefrag(urljoin(page, value)).url)
    assert len(seen) > 50


def test_the_api_answers_at_the_root_and_below_it(below):
    tenant = demo.TENANTS[0]
    answer = call_at(
        below, (tenant.access_key_id, tenant.access_key_secret), "DescribeVpnConnections", RegionId="eu-central-1"
    )
    assert answer.status == 200


def test_a_session_that_ended_leads_to_the_sign_in_page_below_it(below):
    stranger = BehindProxy(below.server)
    answer = stranger.get(f"{BASE}/cens/")
    assert answer.headers["Location"] == f"{BASE}/login/?next={BASE}/cens/"
    answer = stranger.get(
        f"{BASE}/cens/", HX_Request="true", HX_Current_URL=f"http://127.0.0.1:{below.server.port}{BASE}/cens/"
    )
    assert answer.headers["HX-Redirect"] == f"{BASE}/login/?next={BASE}/cens/"
    assert below.server.get("/livez")[0] == 200
