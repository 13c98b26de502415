"""One account reaches nothing of another, and a stranger reaches nothing at all."""

import pytest
from django.urls import URLPattern, get_resolver, reverse

from tests import factories

# What somebody who is not signed in may see.
OPEN = {"login", "login-as"}
ARGUMENTS = {"region_id", "connection_id", "gateway_id", "cen_id", "router_id", "resource_id", "name", "what", "page"}
# Not resources of anybody.
HARMLESS = {"region_id", "name", "what"}


def named_patterns(resolver=None):
    """Every named address of the site with the arguments that it takes."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            if entry.name:
                yield entry.name
        else:
            yield from named_patterns(entry)


def arguments_of(name: str) -> set[str]:
    return {parameter for _, parameters in get_resolver().reverse_dict.getlist(name)[0][0] for parameter in parameters}


NAMES = sorted(set(named_patterns()))


@pytest.fixture
def estate(alice, gateway, router):
    connection = factories.make_connection(alice.account, gateway=gateway, router=router, tags=[("secret-key", "v")])
    return {
        "region_id": factories.REGION,
        "connection_id": connection.resource_id,
        "gateway_id": gateway.resource_id,
        "cen_id": router.cen.resource_id,
        "router_id": router.resource_id,
        "resource_id": connection.resource_id,
        "name": "name",
        "what": "keys",
    }


def address(name, estate):
    return reverse(name, kwargs={argument: estate[argument] for argument in arguments_of(name)})


def test_every_argument_is_known_to_this_test():
    assert {argument for name in NAMES for argument in arguments_of(name)} <= ARGUMENTS
    assert len(NAMES) > 25


@pytest.mark.parametrize("name", [name for name in NAMES if arguments_of(name) - HARMLESS])
def test_another_accounts_resources_are_not_found(name, bobs, estate):
    for answer in (bobs.get(address(name, estate)), bobs.post(address(name, estate), {"_action": "add:tags"})):
        assert answer.status_code in (404, 405), answer
        text = answer.content.decode()
        assert not any(value in text for key, value in estate.items() if key not in HARMLESS)


@pytest.mark.parametrize("name", [name for name in NAMES if not arguments_of(name) - HARMLESS])
def test_lists_and_forms_name_nothing_of_another_account(name, bobs, bob, estate):
    answer = bobs.get(address(name, estate), follow=True)
    text = answer.content.decode()
    assert not any(value in text for key, value in estate.items() if key not in HARMLESS)
    assert "secret-key" not in text


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


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_is_sent_to_the_sign_in_page(name, client, estate):
    answer = client.get(address(name, estate))
    if name in OPEN:
        assert answer.status_code in (200, 405)
    else:
        assert answer.status_code == 302
        assert answer.url.startswith("/login/")
