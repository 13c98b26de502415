"""The palette finds pages, commands, and the account's resources by ID, name and address."""

import re

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connections.domain.choices import Role
from tests.console.conftest import HTMX, signed_in
from vpnconsole.testing import factories


def hits(client, text, here="/events/") -> list[str]:
    """Addresses of what is found, and names of the controls that it presses."""
    headers = HTMX | {"HX-Current-URL": f"http://testserver{here}"}
    html = client.get("/go-to/", {"q": text}, headers=headers).content.decode()
    return [one for one in re.findall(r'data-testid="hit-([^"]*)"', html) if not one.startswith("/events/?q=")]


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
    assert "Nothing found" in bobs.get("/go-to/", {"q": "\0§"}, headers=HTMX).content.decode()


def test_it_is_a_page_as_well(console, estate):
    answer = console.get("/go-to/", {"q": "north"}).content.decode()
    assert "<h1>" in answer
    assert estate["here"].get_absolute_url() in answer


@pytest.fixture
def pages(alice, gateway, router):
    """One resource of every kind that has a page with actions."""
    attached = factories.make_connection(alice.account, gateway=gateway, router=router, name="attached")
    free = factories.make_connection(alice.account, gateway=gateway, name="free", tags=[("site", "kiel")])
    return [attached, free, gateway, router.cen, router, attached.attachment]


@pytest.mark.parametrize("role", Role.values)
def test_it_offers_what_the_open_page_offers(alice, pages, settings, role):
    settings.TRANSITION_SECONDS = 0
    client = signed_in(factories.make_user(alice.account, "somebody", role=role))
    for resource in pages:
        here = resource.get_absolute_url()
        head = client.get(here).content.decode().split('<span class="head-actions">')[1].split("</h2>")[0]
        buttons = re.findall(r'<a data-testid="[^"]*"(?: class="btn[^"]*")? href="([^"]+)"', head.split("<dl")[0])
        found = hits(client, "", here)
        assert buttons
        assert set(buttons) <= set(found), here
        # Found by its name, it can be edited if its page can be. An attachment has no name of its own.
        edits = {one for one in buttons if one.endswith("/modify/")}
        assert edits <= set(hits(client, f"edit {resource}")) or resource is pages[-1]
    assert all(client.get(address).status_code == 200 for address in found if address.startswith("/"))


def test_a_command_is_found_by_verb_and_name_and_does_not_precede_the_resource(console, pages):
    attached, free = pages[:2]
    at = free.get_absolute_url()
    assert hits(console, "edit fre") == [f"{at}modify/"]
    assert hits(console, "attach free") == [f"{at}attach/"]
    assert f"{attached.get_absolute_url()}attach/" not in hits(console, "attach")
    assert hits(console, "free")[0] == at
    assert f"{at}peer-configuration/" in hits(console, "free")
    # The page that is open needs no name.
    assert hits(console, "delete", at)[0] == f"{at}delete/"


def test_it_finds_tags_numbers_networks_people_and_regions(console, alice, pages, gateway):
    free = pages[1].get_absolute_url()
    assert free in hits(console, "kiel")
    assert free in hits(console, "site:kiel") or free in hits(console, "site=kiel")
    assert gateway.get_absolute_url() in hits(console, str(gateway.asn))
    assert "/cn-hangzhou/connections/" in hits(console, "hangzhou")
    page = console.get("/go-to/", {"q": "berger"}).content.decode()
    assert "/events/?q=Alice+Berger" in page


def test_it_presses_controls_of_the_frame(console, bob):
    assert "theme-dark" in hits(console, "dark")
    assert "size-large" in hits(console, "large")
    assert hits(console, "chinese") == hits(console, "中文") == ["language"]
    assert hits(console, f"switch {bob.display_name}") == ["persona-bob"]
    frame = console.get("/cens/").content.decode()
    for control in (*hits(console, "appearance"), *hits(console, "text size"), *hits(console, "sign out"), "language"):
        assert control.startswith("/") or f'data-testid="{control}"' in frame, control
    # Browsers without scripts have no use for them.
    assert "hit-theme-dark" not in console.get("/go-to/", {"q": "dark"}).content.decode()


def test_it_starts_with_what_one_worked_on_last(console, alice, pages):
    free = pages[1]
    html = console.get("/go-to/", headers=HTMX).content.decode()
    recent = html.split("Recent</div>")[1].split("</ul>")[0]
    assert re.findall(r'href="([^"]+)"', recent)[0] == free.get_absolute_url()
    reader = signed_in(factories.make_user(alice.account, "reader", role="read_only"))
    assert "Recent" not in reader.get("/go-to/", headers=HTMX).content.decode()


@pytest.mark.parametrize(("text", "most"), [("", 8), ("free", 11), ("edit free", 17), ("nothing-like-this", 11)])
def test_it_asks_few_questions(console, pages, text, most):
    here = pages[1].get_absolute_url()
    hits(console, text, here)
    with CaptureQueriesContext(database) as asked:
        hits(console, text, here)
    assert len(asked) <= most, "\n".join(query["sql"] for query in asked)


def test_every_page_of_the_menu_is_found(console, alice):
    menu = console.get("/cens/").content.decode().split('<nav class="side"')[1].split("</nav>")[0]
    links = set(re.findall(r'data-testid="nav-[^>]*href="([^"]+)"', menu))
    assert len(links) > 5
    assert links - set(hits(console, "")) == set()
