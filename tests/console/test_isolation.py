"""Accounts cannot reach each other's resources, and anonymous users reach none."""

from django.urls import reverse

from tests.addresses import HARMLESS, NAMES, PAGES, UNASKED, address, arguments_of, is_page
from vpnconsole.testing import factories

# Addresses that are open to anonymous users.
OPEN = {"login", "login-as", "set-language"}


def test_the_owner_finds_everything(console, estate):
    """Otherwise another account's 404 would prove nothing."""
    for name in NAMES:
        answer = console.get(address(name, estate) + ("?destination=10.9.0.0/16" if name == "route-delete" else ""))
        assert is_page(answer) == (name in PAGES), name
        if name in UNASKED:
            assert answer.status_code == 405, name
        elif name == "route-delete":
            assert answer.status_code == 404
        else:
            assert answer.status_code in (200, 302), name


def test_another_accounts_resources_are_not_found(bobs, estate):
    for name in NAMES:
        if not arguments_of(name) - HARMLESS:
            continue
        for answer in (bobs.get(address(name, estate)), bobs.post(address(name, estate), {"_action": "add:tags"})):
            assert answer.status_code in (404, 405), name
            # The menu of personas repeats the address of the page.
            text = answer.getvalue().decode().replace(address(name, estate).partition("?")[0], "")
            assert not any(value in text for key, value in estate.items() if key not in HARMLESS), name


def test_lists_and_forms_name_nothing_of_another_account(bobs, bob, estate):
    for name in NAMES:
        if arguments_of(name) - HARMLESS:
            continue
        answer = bobs.get(address(name, estate), follow=True)
        text = answer.getvalue().decode()
        assert not any(value in text for key, value in estate.items() if key not in HARMLESS), name
        assert "secret-key" not in text, name


def test_another_accounts_resources_cannot_be_chosen(bobs, bob, estate):
    answer = bobs.post(
        reverse("connection-create", args=[factories.REGION]),
        {
            "associate_resource": "CEN",
            "cen": estate["cen_id"],
            "transit_router": estate["router_id"],
            "zone": "eu-central-1a",
            "tunnel1-customer_gateway": estate["gateway_id"],
        },
    )
    assert answer.status_code == 200
    form = answer.context["form"]
    assert {"cen", "tunnel1-customer_gateway"} <= {
        part.add_prefix(name) for part in form.parts for name in part.errors if name != "__all__"
    }
    assert not bob.account.tags.exists()


def test_a_stranger_is_sent_to_the_sign_in_page(client, estate):
    for name in NAMES:
        answer = client.get(address(name, estate))
        if name in OPEN:
            assert answer.status_code in (200, 405), name
        else:
            assert answer.status_code == 302, name
            assert answer.url.startswith("/login/"), name
