"""Accounts cannot reach each other's resources, and anonymous users reach none."""

from django.urls import URLPattern, get_resolver, reverse

from connections.console.views.devices import ACTIONS
from vpnconsole.testing import factories

# Addresses that are open to anonymous users.
OPEN = {"login", "login-as", "set-language"}
# These are not resources.
HARMLESS = {"region_id", "name", "what", "kind"}


def named_patterns(resolver=None):
    """Every named address of the site with its arguments."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            if entry.name:
                yield entry.name
        else:
            yield from named_patterns(entry)


def arguments_of(name: str) -> set[str]:
    return {parameter for _, parameters in get_resolver().reverse_dict.getlist(name)[0][0] for parameter in parameters}


NAMES = sorted(set(named_patterns()))


def address(name, estate):
    return reverse(name, kwargs={argument: estate[argument] for argument in arguments_of(name)})


# POST only, or for resources that the estate lacks.
UNASKED = {
    "resources-export-keys",
    "access-key-status",
    "connection-create-code",
    "set-language",
    "connection-fields",
    "connection-steps-dismiss",
    "connection-modify-fields",
    "device-modify-fields",
    "tunnel-modify-fields",
    *(name for name in NAMES if name.removeprefix("device-") in ACTIONS),
    "connection-peer-config-download",
    "attachment-fields",
    "login-as",
    "logout",
    "route-weight",
}


# Addresses that answer with a file, a word or a redirect, or show resources that the estate lacks.
NO_PAGE = {"login", "route-delete", "session", *(name for name in NAMES if name.endswith("-export"))}
# The pages that crawls visit; the owner of the estate can open each.
PAGES = [name for name in NAMES if name not in UNASKED | NO_PAGE]


def is_page(answer) -> bool:
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")


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
