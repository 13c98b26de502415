"""Every control has a registered test id. Test ids and HTML ids are unique on a page."""

import re
from html.parser import HTMLParser

import pytest

from connections.console import testids
from tests.addresses import PAGES, address, is_page
from tests.console.conftest import htmx
from tools import testids as document
from vpnconsole.testing import factories

CONTROLS = {"a", "button", "input", "select", "textarea", "summary"}


class Controls(HTMLParser):
    """The controls and test ids of a page, without those in template elements."""

    def __init__(self):
        super().__init__()
        self.without: list[str] = []
        self.ids: list[str] = []
        self.own: list[str] = []
        self.templates = 0

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        self.templates += tag == "template"
        if self.templates:
            return
        if "id" in said:
            self.own.append(said["id"])
        if "data-testid" in said:
            self.ids.append(said["data-testid"])
        elif tag in CONTROLS and said.get("type") != "hidden" and said.get("aria-hidden") != "true":
            self.without.append(self.get_starttag_text())

    def handle_endtag(self, tag):
        self.templates -= tag == "template"


def check(answer, place: str = "") -> None:
    parser = Controls()
    parser.feed(answer.content.decode())
    assert parser.without == [], place
    for ids in (parser.ids, parser.own):
        assert sorted({one for one in ids if ids.count(one) > 1}) == [], place
    assert [one for one in parser.ids if not testids.known(one)] == [], place


@pytest.mark.parametrize("fragment", [False, True], ids=["page", "fragment"])
def test_every_control_is_found(fragment, console, estate):
    for name in PAGES:
        answer = console.get(address(name, estate), headers=htmx("/") if fragment else {})
        assert is_page(answer), name
        check(answer, name)


def test_also_on_empty_lists_refused_forms_and_full_ones(console, estate, gateway):
    region = factories.REGION
    for path in ("connections", "customer-gateways"):
        check(console.get(f"/cn-hangzhou/{path}/"))
    for path in ("/cens/?q=zzz", "/events/?q=zzz", "/nowhere/", "/all/connections/", "/regions/?at=/all/connections/"):
        check(console.get(path))
    form = {
        "associate_resource": "CEN", "routing_mode": "protected", "enable_bgp": "on", "health_check": "on",
        "local_subnet": ["1", "2"], "remote_subnet": ["3", "4"], "tag_key": ["a", "b"], "tag_value": ["c", "d"],
    }  # fmt: skip
    check(console.post(f"/{region}/connections/create/", form))
    check(console.post(f"/{region}/connections/create/", {**form, "_action": "update"}))
    check(console.post(address("customer-gateway-delete", estate)))


def test_also_with_two_tunnels(console, alice, router, clock):
    made = factories.make_dual(alice.account, router=router)
    clock.tick(30)
    url, second = made.get_absolute_url(), f"tunnels/{made.tunnels.get(index=2).resource_id}/"
    for path in (
        "", "tunnels/", "logs/", "monitoring/", "diagnosis/", "header/", "modify/", "peer-configuration/",
        f"{second}device/", f"{second}error/", f"{second}modify/",
    ):  # fmt: skip
        answer = console.get(url + path)
        assert answer.status_code == 200, path
        check(answer, path)
    html = console.get(url).content.decode()
    assert html.count('data-testid="code"') == html.count('data-testid="2-code"') == 1
    for path in ("", "modify/"):
        names = re.findall('aria-label="([^"]*pre-shared key)"', console.get(url + path).content.decode())
        assert names == ["Tunnel 1 (Primary): Show pre-shared key", "Tunnel 2 (Backup): Show pre-shared key"]


def test_the_document_is_up_to_date():
    assert document.TARGET.read_text() == document.text()


def test_a_name_is_registered_once():
    names = [name for area in testids.AREAS for name, _ in area.names]
    assert sorted({name for name in names if names.count(name) > 1}) == []
