"""Malformed and oversized input: every page answers, and within bounded work."""

import re

import pytest
from django.http import QueryDict
from django.urls import reverse

from connections.console.forms.connections import ConnectionForm
from connections.console.forms.modification import ModificationForm
from connections.console.lists import BY_PAGE
from connections.domain.limits import MAX_ANNOUNCED
from connections.models import Tunnel
from tests.cost import assert_bounded, assert_soon
from tests.declared import form_fields, takes_list
from vpnconsole.testing import factories
from vpnconsole.testing.pages import main_form

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


# Longer than SQLite's limit for LIKE patterns.
LONG = "x" * 60_000


def searched(estate) -> list[str]:
    """Every address that searches, up to the value of its parameter."""
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


# --- lists -------------------------------------------------------------------------------------------------------


def rows(name: str, size: int) -> dict[str, list[str]]:
    """Posted data with many equal rows of a field."""
    if name == "tags":
        return {"tag_key": ["key"] * size, "tag_value": ["value"] * size}
    return {name: ["10.0.0.0/16"] * size}


def posted(values: dict[str, list[str]]) -> QueryDict:
    made = QueryDict(mutable=True)
    for name, texts in values.items():
        made.setlist(name, texts)
    return made


LISTS = [(form, name, field) for form, name, field in form_fields() if takes_list(name, field)]


@pytest.mark.parametrize(("form", "name", "field"), LISTS, ids=lambda one: one if isinstance(one, str) else "")
def test_a_list_of_a_form_is_bounded_where_it_comes_in(form, name, field):
    def read(size):
        value = field.widget.value_from_datadict(posted(rows(name, size)), {}, name)
        most = MAX_ANNOUNCED + 1 if name == "announced" else 30
        assert len(value) <= most
        assert len(field.to_python(value)) <= most

    assert_bounded(read)


def test_every_kind_of_list_is_read():
    assert {name for _, name, _ in LISTS} >= {"local_subnet", "remote_subnet", "cidrs", "tags", "columns"}


# Pages of forms with lists, and other values without which the lists are not validated.
PAGES = {
    "create": ("/eu-central-1/connections/create/", {"routing_mode": ["protected"]}),
    "modify": ("{connection}modify/", {"routing_mode": ["protected"]}),
    "create fields": ("/eu-central-1/connections/create/fields/{name}/", {"routing_mode": ["protected"]}),
    "modify fields": ("{connection}modify/fields/{name}/", {"routing_mode": ["protected"]}),
    "router": ("{cen}transit-routers/create/", {"region_id": ["cn-beijing"]}),
    "cen": ("/cens/create/", {}),
    "gateway": ("/eu-central-1/customer-gateways/create/", {"ip_address": ["203.0.113.9"]}),
    "tags": ("/tags/{id}/", {}),
}
MOST = {"local_subnet": "Enter at most 5", "remote_subnet": "Enter at most 5", "cidrs": "Enter at most 5",
        "tags": "at most 20 tags"}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_of_a_list_that_is_too_long_that_alone_is_said_at_every_page(console, alice, router, page):
    connection = factories.make_connection(alice.account)
    address, more = PAGES[page]
    places = {"connection": connection.get_absolute_url(), "cen": router.cen.get_absolute_url(),
              "id": connection.resource_id}  # fmt: skip
    form = main_form(console.get(address.partition("fields/")[0].format(**places)).content.decode())
    tried = [name for name in MOST if name in form or (name == "tags" and "tag_key" in form)]
    assert tried

    def send(name, size, status):
        answer = console.post(address.format(**places, name=name), form | more | rows(name, size))
        assert answer.status_code == status
        return answer.content.decode()

    for name in tried:
        text = send(name, 450, 200)
        assert MOST[name] in text, (page, name)
        assert text.count("10.0.0.0/16") < 20
        assert not any(word in text for word in ("is there twice", "overlap"))
        assert_soon(lambda name=name: send(name, 450, 200))
        # Django refuses so many fields before parsing them.
        assert_soon(lambda name=name: send(name, 10_000, 413))


@pytest.mark.parametrize("name", ["local_subnet", "remote_subnet", "tags"])
@pytest.mark.parametrize("kind", ["create", "modify"])
def test_a_form_of_ten_thousand_rows_is_judged_at_once(alice, kind, name):
    connection = factories.make_connection(alice.account)

    def judge(size):
        data = posted(rows(name, size) | {"routing_mode": ["protected"], "revision": ["1"]})
        make = {
            "create": lambda: ConnectionForm(alice.account, connection.region, data),
            "modify": lambda: ModificationForm(connection, data),
        }[kind]
        form = make()
        assert not form.is_valid()
        assert len(form[name].error_messages) == 1
        make().answer(name, [])

    assert_bounded(judge)


def test_as_many_connections_can_be_deleted_at_once_as_a_page_shows(console, alice):
    connection = factories.make_connection(alice.account)
    for asking in (console.get, console.post):
        answer = asking("/eu-central-1/connections/delete/", {"id": [connection.resource_id] * 101})
        assert answer.status_code == 413
    connection.refresh_from_db()
    shown = {"id": [connection.resource_id] * 100}
    assert console.post("/eu-central-1/connections/delete/", shown).status_code == 302


def test_a_stored_text_with_invisible_characters_is_shown_and_named_when_it_is_changed(console, alice):
    connection = factories.make_connection(alice.account)
    Tunnel.objects.update(local_id="vpn\u202e.example.com")
    assert console.get(connection.get_absolute_url()).status_code == 200
    page = f"{connection.get_absolute_url()}modify/"
    text = console.post(page, main_form(console.get(page).content.decode())).content.decode()
    assert re.search(r'id="id_tunnel1-local_id_error"[^>]*>.*?character 4 is U\+202E', text, re.DOTALL)
