"""What people type may be nonsense or far too much of it: every page answers, and soon."""

import pytest
from django.urls import reverse

from connections.console.lists import BY_PAGE
from tests import factories
from tests.pages import main_form

NO_NUMBERS = ["²", "①", "-1", "9" * 5000]


@pytest.mark.parametrize("number", NO_NUMBERS)
@pytest.mark.parametrize("page", ["/eu-central-1/connections/create/", "/cens/create/"])
def test_a_row_that_has_no_number_is_not_removed(console, page, number):
    typed = {"tag_key": ["env", "team"], "tag_value": ["prod", "network"], "_action": f"remove:tags:{number}"}
    answer = console.post(page, typed)
    assert answer.status_code == 200
    assert main_form(answer.content.decode())["tag_key"][:2] == ["env", "team"]


@pytest.mark.parametrize("revision", NO_NUMBERS)
def test_a_revision_that_is_no_number_is_older_than_any(console, alice, revision):
    connection = factories.make_connection(alice.account)
    page = f"{connection.get_absolute_url()}modify/"
    form = main_form(console.get(page).content.decode())
    answer = console.post(page, form | {"revision": revision})
    assert "Somebody else changed" in answer.content.decode()
    assert console.post(f"{page}fields/name/", form | {"revision": revision}).status_code == 200


# More letters than SQLite takes in a pattern.
LONG = "x" * 60_000


def searched(estate) -> list[str]:
    """Every address that searches, with the name of what is searched for."""
    region, router = factories.REGION, estate["router"]
    router_page = router.get_absolute_url()
    lists = [BY_PAGE[page].address(region) for page in BY_PAGE] + ["/events/", "/api/", router_page]
    lists += [f"{router_page}routes/"]
    filters = ["q", "tag", "gateway", "cen", "operation", "actor", "key", "since", "near", "after", "before", "page"]
    choices = [reverse("choices", args=[region, kind]) for kind in ("customer-gateways", "cens")]
    choices.append(reverse("attachment-choices", args=[router.cen.resource_id, router.resource_id]))
    return [
        *(f"{address}?{name}=" for address in lists for name in filters),
        *(f"{address}?field=f&{name}=" for address in choices for name in ("f-q", "f", "resource_group")),
        f"{choices[-1]}?resource_owner=different&field=f&f-q=x&owner_uid=",
        f"{reverse('go-to')}?q=",
        f"/{region}/connections/delete/?id=",
    ]


def test_a_long_search_is_cut_off_wherever_something_is_searched_for(console, router):
    found = {address: console.get(address + LONG).status_code for address in searched({"router": router})}
    assert {address: status for address, status in found.items() if status != 200} == {}
    for text in (LONG, "é" * 60_000, "%" * 60_000, "\0" * 60_000):
        assert console.get("/cens/", {"q": text}).status_code == 200


def test_a_long_search_in_a_form_is_cut_off_as_well(console, router):
    for page in (f"/{factories.REGION}/connections/create/", f"{router.get_absolute_url()}connections/create/"):
        form = main_form(console.get(page).content.decode())
        for name in ("cen-q", "tunnel1-customer_gateway-q", "connection-q", "owner_uid"):
            answer = console.post(page, form | {name: [LONG], "associate_resource": ["CEN"], "_action": "update"})
            assert answer.status_code == 200, (page, name)
