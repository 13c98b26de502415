"""Keyset pagination of long lists: counted up to a bound, and the same pages in both directions."""

import re
from datetime import timedelta

import pytest

from connections.console import paging
from connections.models import Connection
from tests.console.conftest import HTMX
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"
NAMES = [f"c{number:02}" for number in range(35)]


@pytest.fixture
def long_list(alice, gateway, clock, monkeypatch):
    """35 connections, one a day, two with equal names; 20 are counted."""
    monkeypatch.setattr(paging, "COUNTED", 20)
    for name in NAMES:
        clock.tick(timedelta(days=1).total_seconds())
        factories.make_connection(alice.account, gateway=gateway, name="c10" if name == "c11" else name)


def table(console, address):
    answer = console.get(address)
    assert answer.status_code == 200
    return answer.context["table"]


def names(table) -> list[str]:
    return [row.name for row in table.page]


def walk(console, start: str, way: str) -> list[str]:
    """The rows of a page and of all pages that follow by a link."""
    found, address = [], start
    while address:
        page = table(console, LIST + address)
        rows = [row.pk for row in page.page]
        found = found + rows if way == "next" else rows + found
        address = getattr(page, way)
    return found


@pytest.mark.usefixtures("long_list")
@pytest.mark.parametrize("sort", ["", "name", "-name", "created", "-created", "id", "-id"])
def test_every_row_once_forwards_and_backwards(console, sort):
    order = {"": "-id", "created": "id", "-created": "-id", "id": "resource_id", "-id": "-resource_id"}.get(sort, sort)
    wanted = list(
        Connection.objects.order_by(order, "-id" if order.startswith("-") else "id").values_list("pk", flat=True)
    )
    assert walk(console, f"?sort={sort}&size=10", "next") == wanted
    last = table(console, f"{LIST}?sort={sort}&size=10").last
    # Backwards, the first page is full and overlaps with the second.
    back = walk(console, last, "previous")
    assert (back[:10], back[-25:]) == (wanted[:10], wanted[-25:])


@pytest.mark.usefixtures("long_list")
def test_a_long_list_says_that_it_has_stopped_counting(console):
    answer = console.get(f"{LIST}?size=10")
    page = answer.context["table"]
    assert (page.is_capped, page.total, page.pages()) == (True, 20, [])
    assert "more than 20 in total" in answer.content.decode()
    assert (page.first, page.previous) == ("", "")
    last = table(console, LIST + page.last)
    assert names(last) == [f"c{number:02}" for number in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0)]
    assert (last.next, last.last, last.first) == ("", "", "?size=10")


@pytest.mark.usefixtures("long_list")
def test_a_page_keeps_its_address_when_rows_come_and_go(console, alice, gateway):
    address = table(console, f"{LIST}?size=10").next
    before = names(table(console, LIST + address))
    factories.make_connection(alice.account, gateway=gateway, name="new")
    Connection.objects.get(name="c25").delete()
    assert names(table(console, LIST + address)) == before
    assert table(console, LIST + address).query() == address


@pytest.mark.usefixtures("long_list")
@pytest.mark.parametrize(
    ("query", "begins"),
    [
        ("near=2026-12-10", "c15"),
        ("near=2026-12-10&sort=created", "c15"),
        ("near=c2&sort=name", "c20"),
        ("near=c2&sort=-name", "c29"),
        ("near=2020-01-01", "c19"),
        ("near=2099-01-01&sort=created", "c15"),
        ("near=9999-12-31", "c34"),
        ("near=nonsense", "c34"),
        ("after=nonsense", "c34"),
        ("after=99999999999999999999", "c34"),
        ("after=5&sort=name", "c00"),
        ("after=1~zzz&sort=name", "c00"),
        ("before=999999", "c34"),
        ("page=999999999999", "c34"),
        ("page=2", "c34"),
        ("last=1&state=detaching", None),
    ],
)
def test_into_the_middle_and_nonsense(console, query, begins):
    found = names(table(console, f"{LIST}?size=20&{query}"))
    assert (found[0] if found else None) == begins


@pytest.mark.usefixtures("long_list")
def test_a_way_into_the_middle_is_offered_with_what_the_list_is_narrowed_by(console):
    text = console.get(f"{LIST}?size=10&state=init").content.decode()
    form = text[text.index('class="near"') :].partition("Go to")[0]
    assert re.findall(r'type="hidden"[^>]* name="(\w+)" value="(\w+)"', form) == [("state", "init"), ("size", "10")]
    assert re.search(r'type="date"[^>]* name="near"', form)
    assert re.search(r'type="text"[^>]* name="near"', console.get(f"{LIST}?sort=name").content.decode())


@pytest.mark.usefixtures("long_list")
def test_a_short_result_of_a_long_list_has_numbers_again(console):
    page = table(console, f"{LIST}?q=c1&size=10")
    assert (page.total, page.is_capped, page.number, page.near) == (10, False, 1, None)
    assert names(table(console, f"{LIST}?q=c1&sort=name")) == ["c10", "c10", *(f"c{n}" for n in range(12, 20))]


@pytest.mark.usefixtures("long_list")
@pytest.mark.parametrize("address", ["/events/", "/api/", f"/{factories.REGION}/customer-gateways/", "/cens/"])
def test_a_day_is_passed_over_where_rows_have_none(console, address):
    assert console.get(f"{address}?near=2026-11-26").status_code == 200


def test_what_hangs_on_a_transit_router_is_counted_as_far_as_a_list_is(console, alice, gateway, router, monkeypatch):
    for number in range(12):
        factories.make_connection(alice.account, gateway=gateway, router=router, name=f"c{number}")
    pages = (router.cen.get_absolute_url(), router.get_absolute_url())

    def told():
        return [console.get(page).content.decode() for page in pages]

    cen, topology = told()
    assert 'data-label="VPN Attachments">12</td>' in cen
    assert "and 4 more attachments" in topology
    monkeypatch.setattr(paging, "COUNTED", 3)
    cen, topology = told()
    assert 'data-label="VPN Attachments">3+</td>' in cen
    assert "and more than 3 other attachments" in topology


def test_a_connection_counts_once_though_both_tunnels_match(console, alice, gateway, monkeypatch):
    for _ in range(5):
        factories.make_dual(alice.account, gateways=[gateway])
    gateways = f"/{factories.REGION}/customer-gateways/"
    assert table(console, gateways).page[0].connection_count == 5
    assert len(table(console, f"{LIST}?gateway={gateway.resource_id}").page) == 5
    assert Connection.objects.latest_of(gateway, 4).count() == 4
    # Both filters together match each connection four times.
    monkeypatch.setattr(paging, "COUNTED", 4)
    for more in ("", "&status=not_negotiated"):
        found = table(console, f"{LIST}?gateway={gateway.resource_id}{more}")
        assert (len(found.page), found.is_capped, found.total) == (5, True, 4), more


def test_tables_of_a_transit_router_are_paged(console, alice, gateway, router):
    routes = []
    for number in range(12):
        made = factories.make_connection(alice.account, gateway=gateway, router=router, name=f"c{number}")
        # Two routes to the same destination; the one with the lower weight is on standby.
        for destination, weight in ((f"10.0.{number}.0/24", 100), ("10.9.0.0/16", 0 if number else 100)):
            routes.append(factories.make_route(made, destination, weight=weight))
    entries, attachments = (f"{router.get_absolute_url()}{tab}/" for tab in ("routes", "connections"))
    answer = console.get(f"{entries}?size=20")
    first = answer.context["grid"].rows
    following = answer.context["table"].next
    second = console.get(entries + following, headers=HTMX)
    assert second.content.strip().startswith(b'<div id="table"')
    told = [(one.destination, one.status) for one in (*first, *second.context["grid"].rows) if one.attachment]
    assert [destination for destination, _ in told] == sorted(route.destination for route in routes)
    assert [status for destination, status in told if destination == "10.9.0.0/16"].count("Active") == 1
    page = console.get(f"{attachments}?size=10").context["table"]
    assert (page.total, len(page.page), page.next) == (12, 10, "?size=10&page=2")
    assert len(console.get(f"{attachments}?size=10&page=2", headers=HTMX).context["table"].page) == 2
