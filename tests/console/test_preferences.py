"""A user's columns and saved filters of the list, its export, and clones."""

import csv
import io
import json
import re

import pytest
from django.conf import settings
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connections.console import columns, export, lists
from connections.models import SavedFilter
from tests.console.conftest import htmx, signed_in
from vpnconsole.testing import factories

LIST = reverse("connection-list", args=[factories.REGION])


def heads(client, query="") -> list[str]:
    html = client.get(LIST + query).content.decode()
    return [
        re.sub(r"<[^>]*>", "", head).strip()
        for head in re.findall(r'<th role="columnheader" scope="col".*?</th>', html, re.DOTALL)
    ]


@pytest.fixture
def settled(settings):
    settings.TRANSITION_SECONDS = 0


@pytest.fixture
def made(alice, gateway, router, settled):
    return factories.make_connection(
        alice.account, gateway=gateway, router=router, name="north", enable_bgp=True, local_asn=64512,
        routing_mode="protected", local_subnet=["10.0.0.0/16", "10.1.0.0/16"], remote_subnet=["192.168.0.0/24"],
        tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1", "psk": "s3cret",
                "ike_pfs": "group14"},
        tags=[("env", "prod")],
    )  # fmt: skip


# --- columns ------------------------------------------------------------------------------------------------------


def test_columns_are_chosen_and_ordered_for_oneself(console, alice, made):
    other = signed_in(factories.make_user(alice.account, "carol", role="administrator"))
    before = heads(other)
    answer = console.post(reverse("columns-choose", args=[factories.REGION]), {"columns": ["peer_asn", "state", "bad"]})
    assert answer.url == LIST
    assert heads(console) == ["Name/Instance ID", "Peer ASN", "State", "Actions"]
    assert "65010" in console.get(f"{made.get_absolute_url()}row/").content.decode()
    assert heads(other) == before


def test_none_chosen_brings_the_usual_columns_back(console, made):
    usual = heads(console)
    for keys in (["zone"], []):
        console.post(reverse("columns-choose", args=[factories.REGION]), {"columns": keys})
    assert heads(console) == usual


def test_columns_are_moved_by_buttons(console, made):
    url = reverse("columns-choose", args=[factories.REGION])
    order = ["state", "zone", *(key for key in columns.BY_KEY if key not in ("state", "zone"))]
    html = console.post(url, {"order": order, "columns": ["state"], "_action": "up:zone"}).content.decode()
    assert re.findall(r'name="order" value="(\w+)"', html)[:2] == ["zone", "state"]
    assert re.findall(r'value="(\w+)" checked', html) == ["state"]
    html = console.post(url, {"order": order, "columns": ["state"], "_action": "usual"}).content.decode()
    assert tuple(re.findall(r'value="(\w+)" checked', html)) == columns.USUAL


def test_every_column_has_a_cell_and_an_empty_one_a_dash(console, alice, gateway, made):
    factories.make_connection(alice.account, gateway=gateway, name="bare")
    console.post(reverse("columns-choose", args=[factories.REGION]), {"columns": list(columns.BY_KEY)})
    html = console.get(LIST).content.decode()
    assert html.count("<td") == 2 * (len(columns.COLUMNS) + 2) + 1
    for text in ("10.0.0.0/16, 10.1.0.0/16", "169.254.10.0/30", "ikev2 · aes · sha1 · group14", "eu-central-1a"):
        assert text in html
    assert "s3cret" not in html


# --- filters under a name -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [column.key for column in columns.COLUMNS])
def test_no_column_asks_for_each_row_by_itself(console, alice, gateway, router, made, key):
    """The list loads only what its usual columns show, unless another column is chosen."""

    def asked() -> int:
        with CaptureQueriesContext(database) as queries:
            console.get(LIST, headers=htmx("/"))
        return len(queries)

    console.post(reverse("columns-choose", args=[factories.REGION]), {"columns": [key]})
    one = asked()
    for number in range(3):
        factories.make_connection(alice.account, gateway=gateway, router=router, tags=[("env", str(number))])
    assert asked() == one


def test_a_filter_is_saved_from_the_address_and_offered(console, alice, made):
    url = reverse("connection-filter-create", args=[factories.REGION])
    shown = console.get(url, headers=htmx(f"{LIST}?state=attached&sort=name&page=3&nonsense=1")).content.decode()
    kept = re.search(r'name="query" value="([^"]*)"', shown)[1].replace("&amp;", "&")
    assert kept == "state=attached&sort=name"
    console.post(url, {"query": kept, "name": " Attached "})
    saved = SavedFilter.objects.get()
    assert (saved.user, saved.name, saved.query) == (alice, "Attached", kept)
    assert f'href="{LIST}?state=attached&amp;sort=name">Attached</a>' in console.get(LIST).content.decode()
    again = console.post(url, {"query": "state=init", "name": "Attached"}).content.decode()
    assert "a filter of this name already" in again
    assert "Enter a value" in console.post(url, {"query": kept, "name": ""}).content.decode()


def test_a_filter_belongs_to_its_list(console, alice, made):
    console.post(reverse("event-filter-create"), {"query": "outcome=refused&page=2", "name": "Refusals"})
    saved = SavedFilter.objects.get()
    assert (saved.page, saved.query) == ("event-list", "outcome=refused")
    shown = f'href="{reverse("event-list")}?outcome=refused">Refusals</a>'
    assert shown in console.get(reverse("event-list")).content.decode()
    assert shown in console.get(reverse("event-filters")).content.decode()
    assert "Refusals" not in console.get(LIST).content.decode()
    console.post(reverse("connection-filters", args=[factories.REGION]), {"delete": saved.pk})
    assert SavedFilter.objects.exists()


def test_nothing_to_save_is_said(console, made):
    url = reverse("connection-filter-create", args=[factories.REGION])
    assert "not filtered" in console.get(url, headers=htmx(LIST)).content.decode()


def test_filters_are_deleted_by_their_owner_alone(console, alice, bob, bobs, made):
    saved = SavedFilter.objects.create(user=alice, page=columns.LIST, name="mine", query="state=init")
    url = reverse("connection-filters", args=[factories.REGION])
    bobs.post(url, {"delete": saved.pk})
    assert SavedFilter.objects.exists()
    assert "mine" not in bobs.get(LIST).content.decode()
    console.post(url, {"delete": saved.pk})
    assert not SavedFilter.objects.exists()


def test_there_are_not_endlessly_many(console, alice, monkeypatch):
    monkeypatch.setattr("connections.domain.limits.MAX_SAVED_FILTERS", 1)
    url = reverse("connection-filter-create", args=[factories.REGION])
    for name in ("one", "two"):
        answer = console.post(url, {"query": "state=init", "name": name})
    assert "Delete a saved filter first." in answer.content.decode()


# --- files --------------------------------------------------------------------------------------------------------


def file(client, query) -> str:
    answer = client.get(reverse("connection-export", args=[factories.REGION]) + query)
    assert answer["Content-Disposition"].startswith("attachment")
    return answer.getvalue().decode()


def test_a_file_holds_what_the_filter_shows_and_no_secret(console, alice, gateway, made):
    for number in range(25):
        factories.make_connection(alice.account, gateway=gateway, name=f"free-{number:02}", tunnel={"psk": "s3cret"})
    rows = list(csv.DictReader(io.StringIO(file(console, "?format=csv&state=init&sort=name").removeprefix("\ufeff"))))
    assert [row["Name"] for row in rows] == [f"free-{number:02}" for number in range(25)]
    whole = file(console, "?format=json")
    assert "s3cret" not in whole
    facts = {fact["name"]: fact for fact in json.loads(whole)}
    assert len(facts) == 26
    assert facts["north"]["local_subnet"] == ["10.0.0.0/16", "10.1.0.0/16"]
    assert facts["north"]["peer_asn"] == 65010
    assert facts["north"]["tags"] == ["env=prod"]
    assert facts["free-00"]["resource"] is None


def test_a_file_of_many_rows_reads_their_tunnels_at_once(console, alice):
    factories.make_dual(alice.account)

    def count() -> int:
        with CaptureQueriesContext(database) as queries:
            file(console, "?format=csv")
        return len(queries)

    count()  # The first request of a session has more queries.
    before = count()
    for first in (1, 3):
        gateways = [
            factories.make_customer_gateway(alice.account, ip_address=f"198.51.100.{first + one}") for one in (0, 1)
        ]
        factories.make_dual(alice.account, gateways=gateways)
    assert count() == before


def of(client, page, query="") -> str:
    listing = lists.BY_PAGE[page]
    return client.get(listing.tools(client.user, factories.REGION)["export"] + query).getvalue().decode()


def table_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("page", lists.BY_PAGE)
def test_every_list_is_a_file_with_the_same_in_both_formats(console, alice, made, page):
    console.user = alice
    keys = [column.key for column in lists.BY_PAGE[page].exported]
    rows, facts = table_of(of(console, page, "?format=csv")), json.loads(of(console, page, "?format=json"))
    assert rows
    assert [list(row) for row in rows] == [[str(column.label) for column in lists.BY_PAGE[page].exported]] * len(facts)
    assert [list(fact) for fact in facts] == [keys] * len(rows)
    assert (
        f'href="{lists.BY_PAGE[page].tools(alice, factories.REGION)["export"]}?'
        in console.get(lists.BY_PAGE[page].address(factories.REGION)).content.decode()
    )


def test_the_file_of_customer_gateways_follows_the_filter(console, alice, made):
    console.user = alice
    factories.make_customer_gateway(alice.account, name="=1+1", ip_address="203.0.113.77", tags=[("env", "lab")])
    assert len(table_of(of(console, "customer-gateway-list"))) == 2
    [row] = table_of(of(console, "customer-gateway-list", "?tag=env"))
    assert (row["Name"], row["IP Address"], row["Tags"], row["Connections"]) == (
        "'=1+1",
        "203.0.113.77",
        "env=lab",
        "0",
    )


def test_the_file_of_events_tells_what_the_page_tells(console, alice, made):
    console.user = alice
    console.post(f"{made.get_absolute_url()}delete/")
    [refused] = table_of(of(console, "event-list", "?outcome=refused"))
    assert (refused["Operation"], refused["Resource"]) == ("DeleteVpnAttachment", made.resource_id)
    assert refused["Message"].startswith("north is attached to")
    assert "s3cret" not in of(console, "event-list", "?format=json")
    [created] = json.loads(of(console, "event-list", "?format=json&operation=CreateVpnAttachment"))
    router = created["facts"]["transit_router"]
    [row] = table_of(of(console, "event-list", "?operation=CreateVpnAttachment"))
    assert f"Transit Router: {router}" in row["Facts"]


def test_a_program_reads_the_same_in_every_language(console, alice, made):
    console.user = alice
    english = {page: of(console, page, "?format=json") for page in lists.BY_PAGE}
    console.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    assert {page: of(console, page, "?format=json") for page in lists.BY_PAGE} == english
    # CSV is in the reader's language.
    assert "已绑定" in of(console, "connection-list", "?format=csv")


def test_an_empty_file_is_a_file(console, alice):
    assert json.loads(file(console, "?format=json")) == []
    assert file(console, "?format=csv").startswith("\ufeffInstance ID,Name,Region,Connection Status")
    assert console.get(reverse("connection-export", args=[factories.REGION]) + "?format=exe").status_code == 404


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_no_cell_is_a_formula(name):
    assert export.harmless(name) == f"'{name}"


def test_a_name_that_looks_like_a_formula_is_text_in_the_file(console, alice, gateway):
    factories.make_connection(alice.account, gateway=gateway, name='=HYPERLINK("x")')
    rows = list(csv.DictReader(io.StringIO(file(console, "?format=csv").removeprefix("\ufeff"))))
    assert rows[0]["Name"] == '\'=HYPERLINK("x")'


def test_a_file_takes_as_many_queries_for_many(console, alice, gateway, django_assert_num_queries, made):
    file(console, "")
    with django_assert_num_queries(8):
        file(console, "?format=json")
    for _number in range(9):
        factories.make_connection(alice.account, gateway=gateway)
    with django_assert_num_queries(8):
        file(console, "?format=json")


# --- a clone ------------------------------------------------------------------------------------------------------


def test_a_clone_has_everything_but_what_can_exist_only_once(console, made, router):
    url = reverse("connection-create", args=[factories.REGION]) + f"?like={made.resource_id}"
    answer = console.get(url)
    html, form = answer.content.decode(), answer.context["form"]
    assert "s3cret" not in html

    def initial(name):
        return form[name].initial

    assert initial("name") == "north-copy"
    assert (initial("cen"), initial("transit_router")) == (router.cen.resource_id, router.resource_id)
    assert initial("zone") == "eu-central-1a"
    assert initial("local_subnet") == ["10.0.0.0/16", "10.1.0.0/16"]
    assert initial("tunnel1-ike_pfs") == "group14"
    assert initial("tunnel1-customer_gateway") == made.tunnel.customer_gateway.resource_id
    assert initial("tunnel1-tunnel_cidr") not in ("", "169.254.10.0/30")
    assert initial("tags") == [("env", "prod")]
    assert not initial("tunnel1-psk")


def test_a_clone_is_refused_of_what_is_not_ones_own(bobs, made):
    url = reverse("connection-create", args=[factories.REGION]) + f"?like={made.resource_id}"
    assert bobs.get(url).status_code == 404
