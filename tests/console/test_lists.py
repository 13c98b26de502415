"""Search, filters, order and pages of lists, all of them in the address."""

import json
import re
from datetime import datetime
from urllib.parse import urlencode

import pytest
from django.template import engines
from django.urls import reverse
from jinja2.nodes import Macro

from connections.console import columns, lists
from connections.console.grids import Listing
from connections.domain.choices import Role
from connections.models import Cen, Connection, CustomerGateway, TransitRouter
from tests.console.conftest import HTMX, signed_in
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"
PROTECTED = {"routing_mode": "protected", "local_subnet": ["10.7.0.0/16"], "remote_subnet": ["192.168.0.0/16"]}
GATEWAYS = f"/{factories.REGION}/customer-gateways/"


@pytest.fixture
def connections(alice, gateway, router):
    """Three connections: a plain one, an attached one, and a tagged one with another gateway."""
    account = alice.account
    other = factories.make_customer_gateway(account, name="munich", ip_address="203.0.113.99")
    return {
        "plain": factories.make_connection(account, gateway=gateway, name="plain"),
        "attached": factories.make_connection(account, gateway=gateway, router=router, name="attached"),
        "tagged": factories.make_connection(account, gateway=other, name="Tagged 100%", tags=[("env", "prod")]),
    }


LISTINGS = {name: one for name, one in vars(lists).items() if isinstance(one, Listing)}


def macros(template: str) -> set[str]:
    jinja = engines["jinja"].env
    source, *__ = jinja.loader.get_source(jinja, template)
    return {macro.name for macro in jinja.parse(source).find_all(Macro)}


@pytest.mark.parametrize("name", LISTINGS)
def test_every_column_has_a_value_or_a_macro_that_draws_it(name):
    listing = LISTINGS[name]
    drawn = macros(listing.cells) | macros("shared/cells.jinja")
    shown = [*listing.columns, *(columns.COLUMNS if listing is lists.CONNECTIONS else ())]
    assert [column.key for column in shown if column.value is None and column.key not in drawn] == []


def test_every_macro_draws_a_column():
    for template in {listing.cells for listing in LISTINGS.values()} - {"shared/cells.jinja"}:
        listings = [listing for listing in LISTINGS.values() if listing.cells == template]
        keys = {column.key for listing in listings for column in listing.columns}
        keys |= {column.key for column in columns.COLUMNS} if lists.CONNECTIONS in listings else set()
        assert macros(template) - keys - {"attributes", "heading", "empty", "there"} == set(), template


def names(answer) -> list[str]:
    return [row.name for row in answer.context["table"].page]


def test_newest_first(console, connections):
    assert names(console.get(LIST)) == ["Tagged 100%", "attached", "plain"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=PLAI", ["plain"]),
        ("q=+attached+", ["attached"]),
        ("q=100%25", ["Tagged 100%"]),
        ("q=nothing", []),
        ("q=%25", ["Tagged 100%"]),
        ("q=_", []),
        ("state=attached", ["attached"]),
        ("state=init", ["Tagged 100%", "plain"]),
        ("state=detaching", []),
        ("state=nonsense", []),
        ("tag=env", ["Tagged 100%"]),
        ("tag=env%3Dprod", ["Tagged 100%"]),
        ("tag=env%3Dtest", []),
        ("sort=name", ["Tagged 100%", "attached", "plain"]),
        ("sort=-created", ["Tagged 100%", "attached", "plain"]),
        ("sort=created", ["plain", "attached", "Tagged 100%"]),
        ("sort=password", ["Tagged 100%", "attached", "plain"]),
        ("page=99", ["Tagged 100%", "attached", "plain"]),
        ("size=7", ["Tagged 100%", "attached", "plain"]),
        ("q=pla%00in", ["plain"]),
        ("tag=%00&gateway=%00", ["Tagged 100%", "attached", "plain"]),
    ],
)
def test_what_the_address_asks_for(console, connections, query, found):
    assert names(console.get(f"{LIST}?{query}")) == found


def test_the_button_of_the_filters_has_the_number_of_those_that_are_set(console, connections):
    for query, number in (("", ""), ("q=x", ""), ("state=init", "1"), ("state=init&tag=env", "2")):
        assert f"<span data-filter-number>{number}</span>" in console.get(f"{LIST}?{query}").content.decode()


def test_cells_name_their_columns_and_have_roles_for_cards(console, connections):
    page = console.get(LIST).content.decode()
    assert page.count('role="row"') == page.count("<tr")
    assert '<td class="status" role="cell" data-label="Connection Status"' in page


def test_search_by_id_and_filters_by_resource(console, connections, gateway, router):
    assert names(console.get(f"{LIST}?q={connections['plain'].resource_id}")) == ["plain"]
    assert names(console.get(f"{LIST}?gateway={gateway.resource_id}")) == ["attached", "plain"]
    assert names(console.get(f"{LIST}?cen={router.cen.resource_id}")) == ["attached"]
    assert names(console.get(f"{LIST}?gateway={gateway.resource_id}&state=init")) == ["plain"]


def test_search_by_what_a_connection_is_connected_to_and_by_its_tags_networks_and_numbers(
    console, alice, connections, gateway, router
):
    Cen.objects.filter(pk=router.cen_id).update(name="backbone")
    TransitRouter.objects.filter(pk=router.pk).update(name="frankfurt-tr")
    CustomerGateway.objects.filter(pk=gateway.pk).update(name="hamburg-dc1")
    factories.make_connection(alice.account, gateway=gateway, name="protected", **PROTECTED)
    for text, found in {
        "HAMBURG-dc": ["protected", "attached", "plain"],
        "munich": ["Tagged 100%"],
        "backbon": ["attached"],
        "frankfurt": ["attached"],
        router.cen.resource_id: ["attached"],
        str(gateway.asn): ["protected", "Tagged 100%", "attached", "plain"],
        "env=pr": ["Tagged 100%"],
        "10.7.0.0/16": ["protected"],
    }.items():
        answer = console.get(LIST, {"q": text})
        assert names(answer) == found, text
        # As when there are too many to be counted.
        rows = Connection.objects.of(alice.account).read_for(text, alice.account, factories.REGION)
        assert [row.name for row in rows.order_by("-id")] == found, text


def test_further_actions_of_a_row_are_read_when_its_menu_opens(console, alice, connections, gateway):
    name = f"connection-{connections['plain'].resource_id}"
    reader = signed_in(factories.make_user(alice.account, "reader", role=Role.READ_ONLY))
    shown, menu, seen = (client.get(LIST + path).content.decode() for client, path in (
        (console, ""), (console, f"{connections['plain'].resource_id}/menu/"),
        (reader, f"{connections['plain'].resource_id}/menu/")))  # fmt: skip
    assert f'data-testid="{name}-edit"' not in shown
    assert set(re.findall(rf'data-testid="{name}-([\w-]+)"', menu)) >= {"edit", "clone", "tags", "show-code", "delete"}
    assert re.findall(rf'data-testid="{name}-([\w-]+)"', seen) == ["diagnose", "logs", "show-code"]
    assert 'aria-label="Edit plain"' in menu
    assert f'data-testid="{name}-row" data-name="plain"' in shown
    assert 'data-state="init"' in shown


def test_a_list_is_read_again_after_an_event_of_the_account(clock, console, alice, connections, gateway):
    clock.tick(60)
    read_at = re.search(r'data-read="([^"]+)"', console.get(LIST).content.decode())[1]
    headers = HTMX | {"X-Refresh": read_at}
    clock.tick(60)
    unchanged = console.get(LIST, headers=headers)
    assert unchanged.status_code == 204
    # The page says then when it was read.
    since, now = map(datetime.fromisoformat, (read_at, unchanged.headers["X-Read"]))
    assert (now - since).total_seconds() == 60
    factories.make_connection(alice.account, gateway=gateway, name="late")
    answer = console.get(LIST, headers=headers)
    assert names(answer)[0] == "late"
    assert "HX-Push-Url" not in answer.headers
    assert 'id="figures"' in answer.content.decode()


def test_selected_rows_are_exported_and_get_tags(console, connections):
    picked = {"id": [connections[name].resource_id for name in ("plain", "tagged")]}
    file = console.get(f"{LIST}export/", picked | {"format": "json"}).getvalue().decode()
    assert [row["name"] for row in json.loads(file)] == ["Tagged 100%", "plain"]
    address = f"{LIST}tags/?{urlencode(picked, doseq=True)}"
    assert "Enter a tag key." in console.post(address, {"tag_key": "", "tag_value": ""}).content.decode()
    console.post(address, {"tag_key": "site", "tag_value": "north"})
    assert [sorted(map(str, connections[name].tags.all())) for name in ("plain", "tagged", "attached")] == [
        ["site=north"], ["env=prod", "site=north"], []]  # fmt: skip
    assert names(console.get(f"{LIST}?q=site%3Dnor")) == ["Tagged 100%", "plain"]


def test_pages(console, alice, gateway):
    for number in range(12):
        factories.make_connection(alice.account, gateway=gateway, name=f"c{number:02}")
    first = console.get(f"{LIST}?size=10&sort=name")
    assert names(first) == [f"c{number:02}" for number in range(10)]
    table = first.context["table"]
    assert (table.total, table.next, table.previous) == (12, "?sort=name&size=10&page=2", "")
    second = console.get(LIST + table.next)
    assert names(second) == ["c10", "c11"]
    assert second.context["table"].previous == "?sort=name&size=10"


def test_htmx_gets_the_table_alone_and_a_clean_address(console, connections):
    whole, part = console.get(LIST), console.get(f"{LIST}?q=plain&state=&size=20", headers=HTMX)
    assert b"<html" in whole.content
    assert part.content.strip().startswith(b'<div id="table"')
    assert part.headers["HX-Push-Url"] == f"{LIST}?q=plain"
    assert "HX-Request" in part.headers["Vary"]


def test_empty_lists_say_what_to_do(console, alice):
    assert b"Create the first connection" in console.get(LIST).content
    assert b"Create the first customer gateway" in console.get(GATEWAYS).content
    assert b"Create the first CEN instance" in console.get("/cens/").content
    # There is nothing to filter.
    assert b'data-testid="search"' not in console.get(LIST).content


@pytest.mark.parametrize("address", [GATEWAYS, "/cens/"])
def test_other_lists_search_and_filter_alike(console, alice, address):
    factories.make_customer_gateway(alice.account, name="lisbon", tags=[("site", "lisbon")])
    factories.make_customer_gateway(alice.account, name="porto")
    factories.make_cen(alice.account, name="lisbon", tags=[("site", "lisbon")])
    factories.make_cen(alice.account, name="porto")
    assert names(console.get(address)) == ["porto", "lisbon"]
    assert names(console.get(f"{address}?q=lis")) == ["lisbon"]
    assert names(console.get(f"{address}?tag=site%3Dlisbon")) == ["lisbon"]
    assert names(console.get(f"{address}?sort=name")) == ["lisbon", "porto"]


def test_transient_rows_ask_again_until_they_rest(console, alice, clock, gateway, router, settings):
    router.refresh_from_db()
    settings.TRANSITION_SECONDS = 5
    made = factories.make_connection(alice.account, gateway=gateway, router=router)
    row = reverse("connection-row", args=[made.region_id, made.resource_id])
    states = []
    for _ in range(4):
        text = console.get(row).content.decode()
        states.append((re.search(r"state-\w+\">(\w+)<", text)[1], row in text))
        clock.tick(5)
    # When it has been attached, a first try ends four seconds later.
    assert states == [("Preparing", True), ("Attaching", True), ("Attached", True), ("Attached", False)]


def test_query_counts_do_not_grow_with_the_rows(
    console, alice, gateway, router, django_assert_num_queries, without_demo, clock
):
    """Session, user, columns and saved filters, rows with their count, tags, figures, options.

    What is filtered is found first; personas come along in demo mode.
    """

    def fill(count):
        for _ in range(count):
            factories.make_connection(alice.account, gateway=gateway, router=router, tags=[("env", "prod")])

    fill(1)
    clock.tick(60)
    # The first visit stores the region in the session.
    console.get(LIST)
    with django_assert_num_queries(7):
        console.get(LIST)
    fill(9)
    clock.tick(60)
    for address, page, part in ((LIST, 7, 5), (f"{LIST}?tag=env", 8, 6), (f"{LIST}?q=vco&sort=name", 8, 6),
                                (GATEWAYS, 5, 4), ("/cens/", 8, 7), ("/events/", 11, 8)):  # fmt: skip
        with django_assert_num_queries(page, info=address):
            assert 'data-testid="total"' in console.get(address).content.decode()
        with django_assert_num_queries(part, info=address):
            assert console.get(address, headers=HTMX).status_code == 200
    details = Connection.objects.first().get_absolute_url()
    # The steps of a new connection look for its routes.
    for address, count in ((details, 7), (f"{details}routes/", 7), (f"{details}tags/", 5), (f"{LIST}create/", 5)):
        with django_assert_num_queries(count, info=address):
            assert console.get(address).status_code == 200


def test_rows_that_move_take_two_queries_more_however_many(
    console, alice, gateway, router, django_assert_num_queries, without_demo, clock
):
    console.get(LIST)
    for count in (1, 9):
        for _ in range(count):
            factories.make_connection(alice.account, gateway=gateway, router=router)
        # Both sides of those on the page, and of all of the region for the figures.
        with django_assert_num_queries(9):
            assert console.get(LIST).content.decode().count('hx-trigger="load delay:4s"')
