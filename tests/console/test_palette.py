"""The palette finds pages, and the account's resources by ID, name and address."""

import re

import pytest

from tests.console.conftest import HTMX, signed_in
from vpnconsole.testing import factories


def hits(client, text) -> list[str]:
    html = client.get("/go-to/", {"q": text}, headers=HTMX).content.decode()
    return re.findall(r'<a data-testid="hit-[^"]*" href="([^"]*)"', html)


@pytest.fixture
def estate(alice, gateway, router, settings):
    settings.TRANSITION_SECONDS = 0
    here = factories.make_connection(alice.account, gateway=gateway, name="north")
    far = factories.make_customer_gateway(
        alice.account, region_id="cn-hangzhou", name="ningbo", ip_address="203.0.113.99"
    )
    there = factories.make_connection(alice.account, gateway=far, name="south")
    return {"here": here, "there": there, "gateway": gateway, "router": router, "cen": router.cen}


def test_resources_are_found_by_id_name_and_address(console, estate):
    for name, resource in estate.items():
        assert resource.get_absolute_url() in hits(console, resource.resource_id), name
        assert resource.get_absolute_url() in hits(console, resource.name), name
    assert estate["here"].get_absolute_url() in hits(console, estate["here"].tunnel.internet_ip)
    assert estate["gateway"].get_absolute_url() in hits(console, "203.0.113.10")


def test_pages_are_found_by_their_titles_and_shown_first_of_all(console, alice):
    assert hits(console, "event lo") == ["/events/"]
    assert f"/{factories.REGION}/connections/create/" in hits(console, "")
    reader = signed_in(factories.make_user(alice.account, "reader", role="read_only"))
    assert f"/{factories.REGION}/connections/create/" not in hits(reader, "")


def test_nothing_of_another_account_is_found(bobs, estate):
    for resource in estate.values():
        assert hits(bobs, resource.resource_id) == []
    assert "Nothing found" in bobs.get("/go-to/", {"q": "no\0such"}, headers=HTMX).content.decode()


def test_it_is_a_page_as_well(console, estate):
    answer = console.get("/go-to/", {"q": "north"}).content.decode()
    assert "<h1>" in answer
    assert estate["here"].get_absolute_url() in answer


def test_every_page_of_the_menu_is_found(console, alice):
    menu = console.get("/cens/").content.decode().split('<nav class="side"')[1].split("</nav>")[0]
    links = set(re.findall(r'data-testid="nav-[^>]*href="([^"]+)"', menu))
    assert len(links) > 5
    assert links - set(hits(console, "")) == set()
