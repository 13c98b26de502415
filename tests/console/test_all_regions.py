"""Lists that show all regions of the account."""

import re

import pytest

from connections.models import Connection
from connections.services.customer_gateways import modify_customer_gateway
from tests.console.conftest import HTMX
from vpnconsole.testing import factories

HERE, THERE = factories.REGION, "cn-hangzhou"
LIST, GATEWAYS = "/all/connections/", "/all/customer-gateways/"


@pytest.fixture
def two(alice, gateway):
    """A connection in each of two regions, and one of another account."""
    far = factories.make_customer_gateway(alice.account, name="ningbo", region_id=THERE, ip_address="203.0.113.7")
    stranger = factories.make_user(factories.make_account(), "stranger").account
    factories.make_connection(stranger, name="strange")
    return [
        factories.make_connection(alice.account, gateway=gateway, name="near", tags=[("env", "prod")]),
        factories.make_connection(alice.account, gateway=far, name="far", region_id=THERE),
    ]


def names(answer) -> list[str]:
    return [row.name for row in answer.context["table"].page]


def test_rows_of_all_regions_lead_into_theirs(console, two):
    text = console.get(LIST).content.decode()
    assert re.findall(r'data-testid="connection-[\w-]+-value-region">\s*([^<]+)<', text) == [
        "China (Hangzhou)", "Germany (Frankfurt)"]  # fmt: skip
    for row in two:
        at = row.get_absolute_url()
        addresses = set(re.findall(rf'(?:href|hx-get)="([^"]*{row.resource_id}[^"?]*)', text))
        assert {at, f"{at}menu/", f"{at}peer-configuration/", f"{at}row/"} >= addresses > {at}
        assert f'/{row.region_id}/customer-gateways/{row.tunnel.customer_gateway.resource_id}/"' in text
        # A polled row keeps the column.
        assert "value-region" in console.get(f"{at}row/?in=all", headers=HTMX).content.decode()
        assert "value-region" not in console.get(f"{at}row/", headers=HTMX).content.decode()
    assert "strange" not in text
    assert '"figure-state-init"' in text
    assert names(console.get(f"/{HERE}/connections/")) == ["near"]
    assert [row.name for row in console.get(GATEWAYS).context["table"].page][:1] == ["ningbo"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=fa", ["far"]),
        ("q=near", ["near"]),
        ("q=ningbo", ["far"]),
        ("q=strange", []),
        ("tag=env%3Dprod", ["near"]),
        ("state=init", ["far", "near"]),
        ("sort=name", ["far", "near"]),
        ("sort=created", ["near", "far"]),
        ("sort=-id", ["far", "near"]),
        ("size=10&sort=-name", ["near", "far"]),
    ],
)
def test_what_the_address_asks_for(console, two, query, found):
    assert names(console.get(f"{LIST}?{query}")) == found


def test_a_file_has_the_regions(console, two):
    answer = console.get(f"{LIST}export/")
    lines = answer.getvalue().decode().splitlines()
    assert answer["Content-Disposition"] == 'attachment; filename="connections-all.csv"'
    assert "Region" in lines[0]
    assert [line.split(",")[2] for line in lines[1:]] == [THERE, HERE]


def test_actions_on_rows_of_several_regions(console, two):
    picked = "&".join(f"id={row.resource_id}" for row in two)
    console.post(f"{LIST}tags/?{picked}", {"tag_key": "site", "tag_value": "any"})
    assert all("site=any" in map(str, row.tags.all()) for row in two)
    assert "near" in console.get(f"{LIST}peer-configurations/?{picked}").content.decode()
    console.post(f"{LIST}delete/", {"id": [row.resource_id for row in two]})
    assert names(console.get(LIST)) == []


def test_the_menu_leads_to_all_regions_until_one_is_chosen(console, two):
    near = two[0].get_absolute_url()
    menu = re.compile(r'data-testid="nav-connections"[^>]* href="([^"]+)"')
    selector = re.compile(r'data-testid="region-menu" aria-label="Region: ([^"]+)"')

    def shown(address):
        text = console.get(address).content.decode()
        return menu.search(text)[1], selector.search(text)[1]

    assert shown(near) == (f"/{HERE}/connections/", "Germany (Frankfurt)")
    assert shown(LIST) == (LIST, "All regions")
    assert shown(near) == (LIST, "Germany (Frankfurt)")
    assert shown("/events/") == (LIST, "All regions")
    assert console.get("/connections/").url == LIST
    assert console.get("/connections/create/").url == f"/{HERE}/connections/create/"
    assert shown(f"/{THERE}/connections/") == (f"/{THERE}/connections/", "China (Hangzhou)")
    assert shown(near) == (f"/{HERE}/connections/", "Germany (Frankfurt)")


def test_the_selector_offers_all_regions(console, two):
    for at, to in (
        (f"/{HERE}/connections/", LIST), (f"/{HERE}/customer-gateways/", GATEWAYS), ("/events/", LIST),
        (two[0].get_absolute_url(), LIST),
    ):  # fmt: skip
        text = console.get(f"/regions/?at={at}").content.decode()
        assert f'data-testid="region-all" href="{to}"' in text
        assert 'data-testid="region-all-number">2<' in text
    assert f'href="/{THERE}/connections/"' in console.get(f"/regions/?at={LIST}").content.decode()


def test_creating_asks_for_the_region(console, two):
    create = console.get(LIST).context["create"]["url"]
    text = console.get(create).content.decode()
    assert "Choose a region" in text
    assert f'href="/{THERE}/connections/create/"' in text
    assert "region-all" not in text
    Connection.objects.all().delete()
    assert "No IPsec-VPN connections yet" in console.get(LIST).content.decode()


def test_sorts_by_status_and_customer_gateway(console, alice, two, clock):
    factories.load_device(two[0])
    clock.tick(60)
    assert two[0].status == "ipsec_sa_established" != two[1].status
    assert names(console.get(f"{LIST}?sort=status")) == ["far", "near"]
    assert names(console.get(f"{LIST}?sort=-status&page=1")) == ["near", "far"]
    assert names(console.get(f"{LIST}?sort=gateway")) == ["near", "far"]
    # A new name counts.
    gateway = two[0].tunnel.customer_gateway
    gateway.name = "zurich"
    modify_customer_gateway(factories.make_actor(alice.account), gateway, gateway.revision)
    assert names(console.get(f"{LIST}?sort=gateway")) == ["far", "near"]


def test_all_regions_take_as_many_queries_as_one(
    console, alice, gateway, router, django_assert_num_queries, without_demo, clock
):
    """As `test_lists` pins for one region."""
    factories.make_connection(alice.account, gateway=gateway, router=router, tags=[("env", "prod")])
    clock.tick(60)
    # The first visit stores in the session that lists show all regions.
    console.get(LIST)
    for address, page, part in ((LIST, 7, 5), (f"{LIST}?q=vco&sort=name", 8, 6), (GATEWAYS, 5, 4)):
        with django_assert_num_queries(page, info=address):
            console.get(address)
        with django_assert_num_queries(part, info=address):
            console.get(address, headers=HTMX)
