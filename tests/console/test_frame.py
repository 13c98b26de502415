"""The frame of every page: signing in, regions, headers."""

from itertools import product

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from connections.domain.choices import Role
from connections.domain.regions import REGIONS
from connections.models import ServiceLinkedRole
from tests.addresses import NAMES, address
from tests.console.conftest import htmx, signed_in
from vpnconsole.testing import factories


def test_a_persona_signs_in_with_one_click(client, alice):
    answer = client.post("/demo/login-as/", {"username": "alice", "next": "/cens/"})
    assert (answer.status_code, answer.url) == (302, "/cens/")
    assert client.get("/cens/").context["user"] == alice


@pytest.mark.parametrize("wanted", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_a_persona_is_not_sent_elsewhere(client, alice, wanted):
    assert client.post("/demo/login-as/", {"username": "alice", "next": wanted}).url == "/"


def test_only_personas_sign_in_without_a_password(client, alice):
    factories.make_user(alice.account, "carol")
    assert client.post("/demo/login-as/", {"username": "carol"}).status_code == 404


def test_outside_demo_mode_there_are_no_personas(client, alice, settings):
    settings.DEMO_MODE = False
    assert client.post("/demo/login-as/", {"username": "alice"}).status_code == 404
    assert b"Sign in as" not in client.get("/login/").content


def test_switching_the_persona_keeps_the_region(console, bob):
    console.get("/cn-hangzhou/connections/")
    console.post("/demo/login-as/", {"username": "bob"})
    assert console.get("/").context["region"].id == "cn-hangzhou"


def test_the_region_of_an_address_is_kept_for_the_session(console):
    assert console.get("/connections/").url == "/eu-central-1/connections/"
    console.get("/ap-southeast-1/customer-gateways/")
    assert console.get("/connections/?q=x").url == "/ap-southeast-1/connections/?q=x"
    console.get("/cens/?region=cn-beijing")
    assert console.get("/connections/").url == "/cn-beijing/connections/"


@pytest.mark.parametrize("address", ["/atlantis-1/connections/", "/cens/?region=atlantis-1"])
def test_a_region_that_does_not_exist_changes_nothing(console, address):
    console.get(address)
    assert console.get("/connections/").url == "/eu-central-1/connections/"


@pytest.mark.parametrize(
    ("page", "leads_to"),
    [
        ("/eu-central-1/customer-gateways/", "/{}/customer-gateways/"),
        ("/eu-central-1/connections/vco-any/modify/", "/{}/connections/"),
        ("/", "/{}/connections/"),
        ("/events/", "/events/?region={}"),
        ("//elsewhere.example/", "/{}/connections/"),
    ],
)
def test_the_selector_offers_every_region_and_keeps_the_page(console, gateway, page, leads_to):
    factories.make_connection(gateway.account, gateway=gateway)
    for headers in ({}, htmx(page)):
        text = console.get("/regions/", {"at": page}, headers=headers).content.decode()
        for region in REGIONS:
            assert f'href="{leads_to.format(region)}"' in text
        assert text.index("region-eu-central-1-number") < text.index('data-testid="region-ap')
    found = console.get("/regions/", {"at": page, "q": "frankf"}, headers=htmx(page)).content.decode()
    assert found.count("<li>") == 1


@pytest.mark.parametrize(
    ("page", "lands"),
    [
        ("/events/?outcome=refused", "/events/?outcome=refused"),
        ("/eu-central-1/connections/?q=x", "/eu-central-1/connections/?q=x"),
        ("{gateway}", "/eu-central-1/customer-gateways/"),
        ("{router}", "/cens/"),
        ("/members/", "/"),
        ("/eu-central-1/connections/create/", "/eu-central-1/connections/"),
        ("/nowhere/", "/"),
        ("/logout/", "/"),
    ],
)
def test_switching_the_persona_keeps_the_page_or_its_list(console, bob, gateway, router, page, lands):
    bob.role = Role.READ_ONLY
    bob.save()
    page = page.format(gateway=gateway.get_absolute_url(), router=router.get_absolute_url())
    assert console.post("/demo/login-as/", {"username": "bob", "from": page}).url == lands


def test_a_collapsed_menu_is_narrow_before_scripts_run(console):
    assert 'data-side="narrow"' not in console.get("/").content.decode()
    console.cookies["side"] = "narrow"
    page = console.get("/").content.decode()
    assert 'data-side="narrow"' in page
    assert 'data-collapse aria-pressed="true"' in page


def test_a_persona_returns_to_where_it_was_left(console, bob, gateway, router):
    def switch(username, page):
        return console.post("/demo/login-as/", {"username": username, "from": page}).url

    page = gateway.get_absolute_url()
    assert switch("bob", page) == "/eu-central-1/customer-gateways/"
    assert switch("alice", "/cens/cen-of-bob/") == page
    # A page that both have is kept; what is gone is not opened.
    assert switch("bob", page) == "/eu-central-1/customer-gateways/"
    assert switch("alice", "/events/") == "/events/"
    switch("bob", page)
    gateway.delete()
    assert switch("alice", "/cens/cen-of-bob/") == "/cens/"


def test_every_answer_carries_the_strict_policy(console, client):
    for answer in (console.get("/cens/"), client.get("/login/"), console.get("/nothing-here/")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_the_list_is_scoped_by_region(console, gateway):
    factories.make_connection(gateway.account, gateway=gateway, name="only-in-frankfurt")
    assert b"only-in-frankfurt" in console.get("/eu-central-1/connections/").content
    assert b"only-in-frankfurt" not in console.get("/ap-southeast-1/connections/").content


def test_after_the_session_has_ended_a_fragment_sends_the_whole_page_to_sign_in(client, alice):
    page = "/eu-central-1/connections/create/"
    answer = client.post(f"{page}fields/name/", headers=htmx(page))
    assert answer.headers["HX-Redirect"] == f"/login/?next={page}"
    assert answer.content == b""


def test_a_token_that_has_changed_reloads_the_page(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    address = "/eu-central-1/connections/create/fields/name/"
    assert strict.post(address, headers=htmx()).headers["HX-Refresh"] == "true"
    plain = strict.post("/cens/create/", {"name": "x"})
    assert plain.status_code == 403
    assert b"has expired" in plain.content


def test_the_role_is_shown_before_and_after(console, alice, gateway):
    create = reverse("connection-create", args=[factories.REGION])
    assert b"This first connection also creates the service-linked role" in console.get(create).content
    assert b"Not created yet" in console.get("/service-linked-role/").content
    factories.make_connection(alice.account, gateway=gateway)
    assert b"service-linked role" not in console.get(create).content
    role = ServiceLinkedRole.objects.get()
    assert f"{role.created_at:%Y-%m-%d}".encode() in console.get("/service-linked-role/").content


def test_a_missing_page_says_so_in_the_frame(console):
    answer = console.get("/eu-central-1/connections/vco-nope/")
    assert answer.status_code == 404
    assert b"Page not found" in answer.content
    assert b"IPsec Connections" in answer.content


def test_no_browser_keeps_what_was_shown_to_somebody(alice, estate):
    """On pages, fragments, files and refusals of every address and method."""
    kept = []
    for name, method in product(NAMES, ("get", "post")):
        # POST to / is a request to the API.
        if (name, method) != ("home", "post"):
            with transaction.atomic():
                answer = getattr(signed_in(alice), method)(address(name, estate))
                kept += [(name, method)] if "no-store" not in answer.headers.get("Cache-Control", "") else []
                transaction.set_rollback(True)
    assert kept == []


def test_signing_in_and_out_is_not_kept_but_what_everybody_may_see_is(client, console, alice):
    signing_in = client.post("/demo/login-as/", {"username": "alice"})
    for answer in (signing_in, console.post("/logout/"), client.get("/nothing-here/")):
        assert "no-store" in answer.headers["Cache-Control"]
    static = console.get("/static/console/console.js")
    static.close()
    assert "no-store" not in static.headers["Cache-Control"]
    assert "Cache-Control" not in Client().get("/nothing-here/").headers


def test_signing_out_is_a_post(console):
    assert console.get("/logout/").status_code == 405
    assert console.post("/logout/").url == "/login/"
    assert console.get("/").url.startswith("/login/")
