"""Through which of two tunnels routes go, on pages and in the picture, while tunnels fail and recover."""

import re
from html import unescape

import pytest
from django.utils.html import strip_tags

from connections.models import Attachment, Authorization, Connection
from connections.services import devices
from connections.services.attachments import create_attachment
from connections.services.authorizations import authorize
from vpnconsole.testing import factories

BLOCKS = {
    "first": {"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"},
    "second": {"tunnel_cidr": "169.254.11.0/30", "local_bgp_ip": "169.254.11.1"},
}
BOTH, NONE = "Through both tunnels, at equal cost", "Both tunnels are down: traffic is dropped"
FIRST, SECOND = (f"Through Tunnel {one} only: Tunnel {other} is down" for one, other in ((1, 2), (2, 1)))
UP = 10


def text(client, address: str, **headers) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return " ".join(unescape(strip_tags(answer.content.decode())).split())


def count(client, address: str) -> dict[str, int]:
    """How often a page shows each way."""
    words = text(client, address)
    return {way: number for way in (BOTH, FIRST, SECOND, NONE) if (number := words.count(way))}


@pytest.fixture
def cut(alice):
    """Cut or restore the line of a tunnel."""

    def do(tunnel, *, up: bool = False):
        devices.set_line(factories.make_actor(alice.account), tunnel, up=up)

    return do


def made(alice, router, **changed) -> Connection:
    """A connection with two tunnels whose devices have loaded the peer configuration."""
    stored = factories.make_dual(alice.account, router=router, **changed)
    for tunnel in stored.tunnels.all():
        devices.load_configuration(factories.make_actor(alice.account), tunnel)
    return Connection.objects.with_parts().get(pk=stored.pk)


def test_routes_and_picture_follow_the_tunnels(console, alice, router, clock, cut, settings):
    settings.TRANSITION_SECONDS = 0
    connection = made(alice, router)
    factories.make_route(connection, "192.168.0.0/24")
    first, second = connection.tunnels.all()
    here = connection.get_absolute_url()
    pages = (f"{here}routes/", f"{router.get_absolute_url()}routes/")

    def ways() -> list[dict[str, int]]:
        return [count(console, page) for page in pages]

    clock.tick(UP)
    assert ways() == [{BOTH: 1}] * 2
    cut(first)
    # Dead peer detection takes 30 seconds.
    clock.tick(29)
    assert ways() == [{BOTH: 1}] * 2
    # The tab asks again when that ends.
    assert 'hx-trigger="load delay:1s" hx-select="#routes"' in console.get(pages[0]).content.decode()
    clock.tick(1)
    assert ways() == [{SECOND: 1}] * 2
    picture = text(console, f"{here}topology/")
    # In the connection's box, and in its sentence for screen readers.
    assert picture.count(SECOND) == 2
    assert f"Tunnel 1, {first.zone}" in picture
    for page in (here, f"/{factories.REGION}/connections/"):
        words = text(console, page)
        assert "1 of 2 tunnels up" in words or "1 of 2 up" in words
        assert re.search(r"Tunnel 1( \(Primary\): Phase 1 Negotiation Failed|:) DpdTimeout", words)
    cut(second)
    clock.tick(30)
    assert ways() == [{NONE: 1}] * 2
    assert text(console, f"{here}topology/").count(NONE) == 2
    # The next attempts come up.
    for tunnel in (first, second):
        cut(tunnel, up=True)
    clock.tick(60)
    assert ways() == [{BOTH: 1}] * 2


def test_a_prefix_of_both_sessions_loses_one_next_hop_with_its_session(console, alice, router, clock, cut, settings):
    settings.TRANSITION_SECONDS = 0
    gateways = [factories.make_customer_gateway(alice.account, ip_address=f"203.0.113.{last}") for last in (21, 22)]
    connection = made(alice, router, enable_bgp=True, gateways=gateways, **BLOCKS)
    first, second = connection.tunnels.all()
    for tunnel, announced in ((first, ["10.1.0.0/16"]), (second, ["10.1.0.0/16", "10.2.0.0/16"])):
        device = tunnel.device
        device.refresh_from_db()
        device.announced = announced
        devices.edit_device(factories.make_actor(alice.account), device, device.revision)
    pages = (f"{connection.get_absolute_url()}bgp-routes/", f"{router.get_absolute_url()}routes/")
    clock.tick(UP)
    # One of the prefixes comes over the second session alone; the cloud's block goes out over both.
    for page, both in zip(pages, (2, 1), strict=True):
        assert count(console, page) == {BOTH: both}
        assert "Through Tunnel 2 only" in text(console, page)
    cut(first)
    clock.tick(30)
    assert [count(console, page) for page in pages] == [{SECOND: 3}, {SECOND: 2}]
    cut(second)
    clock.tick(30)
    assert "10.1.0.0/16" not in text(console, pages[0])
    assert "10.1.0.0/16" not in text(console, pages[1])


def test_the_tunnels_of_all_entries_take_one_query(console, alice, router, clock, django_assert_num_queries, settings):
    settings.TRANSITION_SECONDS = 0
    page = f"{router.get_absolute_url()}routes/"
    one = factories.make_connection(alice.account, router=router)
    factories.make_route(one, "192.168.0.0/24")
    console.get(page)
    with django_assert_num_queries(13, exact=False) as single:
        console.get(page)
    for number in range(3):
        pair = factories.make_dual(alice.account, router=router)
        factories.make_route(pair, f"192.168.{number + 1}.0/24")
    clock.tick(3600)
    with django_assert_num_queries(len(single) + 1):
        assert count(console, page) == {NONE: 3}


def test_the_other_account_sees_no_tunnels(bobs, bob, alice, clock, settings):
    settings.TRANSITION_SECONDS = 0
    router = factories.make_transit_router(bob.account)
    pair = factories.make_dual(alice.account)
    actor = factories.make_actor(alice.account)
    authorize(actor, Authorization(connection=pair, peer_uid=bob.account.uid, peer_cen_id=router.cen.resource_id))
    attachment = Attachment(transit_router=router)
    create_attachment(factories.make_actor(bob.account), attachment, pair.resource_id, alice.account.uid)
    factories.make_route(pair, "192.168.0.0/24")
    page = f"{router.get_absolute_url()}routes/"
    assert pair.resource_id in text(bobs, page)
    assert count(bobs, page) == {}
