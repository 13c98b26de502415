"""No page scans a whole table: the database explains every statement that each page executes."""

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from bench import loadtest
from connections.console import paging
from connections.models import AccessKey, Connection, CustomerGateway, TransitRouter, User
from tests.models import plans
from vpnconsole.testing import factories
from vpnconsole.testing.clients import CBN, ApiClient

LIST = f"/{factories.REGION}/connections/"
EVERYWHERE = "/all/connections/"
GATEWAYS = f"/{factories.REGION}/customer-gateways/"
CHOICES = f"/{factories.REGION}/choices/"
USER = "load-1"

SORTS = ("", "name", "-name", "id", "-id", "created")
PLACES = ("", "last=1", "near=2026-01-01")
FILTERS = (
    "state=init", "state=attached", "state=attaching", "state=updating", "state=detaching", "state=provisioning",
    "status=ike_sa_not_established", "status=ipsec_sa_established", "gateway={gateway}", "cen={cen}", "tag=env",
    "tag=env%3Dprod", "tag=none",
)  # fmt: skip
SEARCHES = ("q={id}", "q={name}", "q=depot", "q={ip}", "q={gateway_ip}", "q=nowhere")
TOGETHER = ("state=attached&cen={cen}", "state=init&tag=env%3Dprod", "gateway={gateway}&q=depot", "q=depot&tag=env",
            "state=attached&q={name}")  # fmt: skip
ROUTER = "/cens/{backbone}/transit-routers/{router}/"

TOGETHER_LISTS = tuple(f"{LIST}?size=10&{one}&sort={sort}" for one in TOGETHER for sort in ("", "name"))
# On PostgreSQL, whose planner reads up to 900 of the region's 3,600 connections (5,300 of all regions) for them.
WIDE = {*TOGETHER_LISTS, *(f"{at}?size=10&q={{cen}}" for at in (LIST, EVERYWHERE))}
LISTS = (
    *(f"{LIST}?size=10&{place}&sort={sort}" for place in PLACES for sort in SORTS),
    *(f"{LIST}?size=10&{one}&sort={sort}" for one in (*FILTERS, *SEARCHES) for sort in ("", "name", "-id")),
    *TOGETHER_LISTS,
    *(f"{LIST}?size=10&{one}&{place}" for one in FILTERS[:10] for place in PLACES[1:]),
    *(f"{LIST}?size=10&{one}" for one in ("sort=state", "sort=-state&last=1", "q={cen}", "q={gateway}&sort=name")),
    *(f"{at}?size=10&sort={sort}" for at in (LIST, EVERYWHERE) for sort in ("status", "-gateway&near=m")),
    *(f"{EVERYWHERE}?size=10&{place}&sort={sort}" for place in PLACES for sort in ("", "name", "-state")),
    *(f"{EVERYWHERE}?size=10&{one}" for one in (*FILTERS, *SEARCHES, "q={cen}", "tag=env&sort=-status")),
    *(f"/all/customer-gateways/?{one}" for one in ("", "sort=-name", "near=2026-01-01", "q=depot", "q={gateway}")),
    *(f"{GATEWAYS}?{one}" for one in ("", "sort=name", "sort=-name", "last=1", "near=2026-01-01", "q=depot",
                                      "q={gateway}", "q=nowhere")),
    *(f"/cens/?{one}" for one in ("", "sort=name", "near=2026-01-01", "tag=env%3Dprod")),
    # Without an end date, SQLite reads and sorts all events since that day, so that case is missing here.
    *(f"/events/?{one}" for one in ("", "last=1", "operation=CreateVpnAttachment", "actor=load", "outcome=refused",
                                    "since=2026-01-01&until=2026-01-02", "q={id}", "near=2026-01-01")),
    *(f"{ROUTER}routes/?{one}" for one in ("", "last=1", "sort=-destination", "sort=created",
                                           "sort=created&near=2026-01-01")),
    *(f"{ROUTER}connections/?{one}" for one in ("", "last=1", "sort=created", "near=2026-01-01")),
)  # fmt: skip
PAGES = (
    "/", "/regions/?at=/events/",
    *(f"{LIST}{{id}}/{tab}" for tab in ("", "routes/", "bgp-routes/", "authorizations/", "events/", "tags/", "row/",
                                        "header/", "topology/", "modify/", "delete/", "peer-configuration/")),
    f"{LIST}create/", f"{GATEWAYS}{{gateway}}/", "/cens/{backbone}/", ROUTER, f"{ROUTER}events/",
    f"{ROUTER}connections/{{attachment}}/", f"{ROUTER}connections/create/",
    f"{ROUTER}connections/create/choices/?field=connection&connection-q={{name}}",
    f"{CHOICES}customer-gateways/?field=g", f"{CHOICES}customer-gateways/?field=g&g-q=depot",
    f"{CHOICES}cens/?field=g", "/api/",
    f"{LIST}?after={{token}}", f"{LIST}?before={{token}}", f"{LIST}?after={{token_by_name}}&sort=name",
)  # fmt: skip


@pytest.fixture(scope="module")
def estate(django_db_setup, django_db_blocker):
    """Two accounts, committed, so that the database can collect statistics."""
    # Transient states last as long as the tests.
    with django_db_blocker.unblock(), override_settings(TRANSITION_SECONDS=3600):
        try:
            loadtest.load(loadtest.Plan(8000, accounts=2, gateways=600, cens=60, routes=500))
            if database.vendor == "postgresql":
                with database.cursor() as cursor:
                    # Remove dead rows that loading left behind.
                    cursor.execute("VACUUM ANALYZE")
            yield _known()
        finally:
            call_command("flush", verbosity=0, interactive=False)


def _known() -> dict[str, str]:
    """The IDs that appear in addresses."""
    account = User.objects.get(username=USER).account
    mine = Connection.objects.of(account).filter(region_id=factories.REGION)
    assert mine.count() > 6 * plans.COUNTED
    # The account's first transit router has the most of everything.
    router = TransitRouter.objects.filter(account=account).order_by("id")[0]
    attachment = router.attachments.filter(transition="Attaching").order_by("id")[20]
    one = mine.with_parts().get(pk=attachment.connection_id)
    return {
        "id": one.resource_id,
        "name": one.name[-6:],
        "ip": one.tunnel.internet_ip,
        "gateway": one.tunnel.customer_gateway.resource_id,
        "gateway_ip": one.tunnel.customer_gateway.ip_address,
        "cen": TransitRouter.objects.filter(account=account).order_by("id")[1].cen.resource_id,
        "backbone": router.cen.resource_id,
        "router": router.resource_id,
        "table": router.default_table.resource_id,
        "attachment": attachment.resource_id,
        "token": str(one.pk),
        "token_by_name": f"{one.pk}~{one.name}",
    }


@pytest.fixture(scope="module")
def session(estate, django_db_blocker):
    """A committed session that has the region, which the first visit stores."""
    with django_db_blocker.unblock(), override_settings(DEMO_MODE=False):
        User.objects.filter(username=USER).update(is_demo=False)
        client = Client()
        client.force_login(User.objects.get(username=USER))
        assert client.get(LIST).status_code == 200
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def console(session, db, settings, monkeypatch):
    # Pages without personas. With the demo, those statements would be bounded as well.
    settings.DEMO_MODE = False
    monkeypatch.setattr(paging, "COUNTED", plans.COUNTED)
    client = Client()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = session
    return client


def asked(do) -> list[str]:
    """Complaints about the statements that a function executes."""
    with CaptureQueriesContext(database) as queries:
        do()
    assert len(queries)
    return [f"{complaint}\n{one['sql']}" for one in queries for complaint in plans.complaints(one["sql"])]


def visit(console, address, estate) -> list[str]:
    def do():
        assert console.get(address.format(**estate)).status_code == 200, address

    return asked(do)


@pytest.mark.parametrize("address", [*LISTS, *PAGES])
def test_a_page_reads_no_table_from_end_to_end(console, estate, address, monkeypatch):
    if address in WIDE:
        monkeypatch.setattr(plans, "MOST_READ", 900)
    assert visit(console, address, estate) == []


@pytest.mark.parametrize("text", ["{id}", "depot", "edit depot", "nowhere", "{gateway}", "{gateway_ip}"])
def test_the_palette_reads_no_table_from_end_to_end(console, estate, text):
    assert visit(console, f"/go-to/?q={text}", estate) == []


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("DescribeVpnConnections", {"PageSize": 50}),
        ("DescribeVpnConnection", {"VpnConnectionId": "{id}"}),
        ("DescribeCustomerGateways", {"PageSize": 50}),
        ("ListTransitRouterRouteTableAssociations", {"MaxResults": 20}),
        ("ListTransitRouterRouteTablePropagations", {"MaxResults": 20}),
        ("ListTransitRouterRouteEntries", {"MaxResults": 20}),
        ("ListTransitRouterRouteEntries", {"MaxResults": 20, "NextToken": "2~10.0.0.0/8~1"}),
    ],
)
def test_an_operation_reads_no_table_from_end_to_end(estate, db, action, more):
    api = ApiClient(AccessKey.objects.create(user=User.objects.get(username=USER)))
    more = {name: value.format(**estate) if isinstance(value, str) else value for name, value in more.items()}
    place = {"RegionId": factories.REGION}
    if action.startswith("List"):
        place = {"version": CBN, "TransitRouterRouteTableId": estate["table"]}
    complaints = asked(lambda: api.ok(action, **place, **more))
    # The API returns the total, so these count all rows, although through an index.
    assert [one for one in complaints if "SELECT COUNT(*)" not in one] == []


def test_creating_reads_no_table_from_end_to_end(estate, db):
    account = User.objects.get(username=USER).account
    gateway = CustomerGateway.objects.get(resource_id=estate["gateway"])
    router = TransitRouter.objects.get(resource_id=estate["router"])
    assert asked(lambda: factories.make_connection(account, gateway=gateway, router=router, tags=[("a", "b")])) == []


# Drop each index in turn: some page then gets a complaint.
NEEDED = (
    ("connection_name", f"{LIST}?sort=name", ("connection_bound_name", "connection_all_name")),
    ("connection_resource", f"{LIST}?sort=id", ()),
    ("tunnel_of_gateway", f"{GATEWAYS}{{gateway}}/", ()),
    ("attachment_created", f"{ROUTER}connections/?near=2026-01-01", ()),
    ("route_of_router", f"{ROUTER}routes/", ()),
    ("event_of_resource", f"{LIST}{{id}}/events/", ()),
    ("gateway_name", f"{GATEWAYS}?sort=name", ("gateway_all_name",)),
)  # fmt: skip


@pytest.mark.parametrize(("name", "address", "others"), NEEDED, ids=[case[0] for case in NEEDED])
def test_a_missing_index_is_found_out(console, estate, name, address, others):
    assert visit(console, address, estate) == []
    # The test's transaction restores it.
    with database.cursor() as cursor:
        for one in (name, *others):
            cursor.execute(f"DROP INDEX {one}")
    assert visit(console, address, estate) != []


def test_a_missing_index_of_words_is_found_out(console, estate):
    """Without the index, searches read the account's connections, as they do for one or two letters."""
    if database.vendor == "sqlite":
        pytest.skip("on SQLite the search index is a table, and a search without it is a different statement")
    address = f"{LIST}?q={{id}}"
    assert visit(console, address, estate) == []
    with database.cursor() as cursor:
        cursor.execute("DROP INDEX connection_words")
    assert visit(console, address, estate) != []
