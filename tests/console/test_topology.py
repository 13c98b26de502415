"""The topology diagram shows all connected resources, and only the IDs of another account's."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.html import strip_tags

from connections.console import topology
from connections.models import Attachment, Authorization
from connections.services.attachments import create_attachment
from connections.services.authorizations import authorize
from tests.console.sites import BGP, HEALTH_CHECK, do, load
from vpnconsole.testing import factories
from vpnconsole.testing.factories import make_actor


def picture(client, resource) -> str:
    answer = client.get(resource.get_absolute_url() + "topology/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def settled(settings):
    settings.TRANSITION_SECONDS = 0


def test_the_whole_way_with_addresses_numbers_and_states(console, alice, gateway, router, settled):
    made = factories.make_connection(
        alice.account, gateway=gateway, router=router, name="north", enable_bgp=True, local_asn=64512,
        effect_immediately=False, tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"},
    )  # fmt: skip
    html = picture(console, made)
    for text in (
        gateway.resource_id, gateway.ip_address, "AS 65010", made.resource_id, made.tunnel.internet_ip, "AS 64512",
        "169.254.10.2", "169.254.10.1", "Not Negotiated", router.resource_id, "10.200.0.0/20",
        router.cen.resource_id, "Attached", "eu-central-1a",
    ):  # fmt: skip
        assert text in html, text
    for target in (gateway, router, router.cen):
        assert f'href="{target.get_absolute_url()}"' in html
    words = " ".join(strip_tags(html.split('id="topology-words"')[1]).split())
    assert "A tunnel leads from customer gateway hamburg (203.0.113.10) to connection north" in words
    assert "BGP runs in it between 169.254.10.2 in AS 65010 and 169.254.10.1 in AS 64512." in words
    assert f"transit router {router.resource_id} of CEN instance {router.cen.resource_id}: Attached." in words


def test_a_connection_by_itself_says_that_it_is_not_associated(clock, console, alice, gateway):
    made = factories.make_connection(alice.account, gateway=gateway)
    clock.tick(3600)
    html = picture(console, made)
    assert "Not associated" in html
    assert "The connection is not associated with a transit router." in html
    assert "hx-trigger" not in html


def test_neither_side_sees_more_of_the_other_than_an_id(console, bobs, alice, bob, gateway, settled):
    made = factories.make_connection(alice.account, gateway=gateway, name="alices-own-name")
    router = factories.make_transit_router(bob.account, name="bobs-own-name", cidrs=["10.128.0.0/22"])
    authorize(
        make_actor(alice.account),
        Authorization(connection=made, peer_uid=bob.account.uid, peer_cen_id=router.cen.resource_id),
    )
    attachment = Attachment(transit_router=router, zone="eu-central-1a")
    create_attachment(make_actor(bob.account), attachment, made.resource_id, alice.account.uid)

    alices = picture(console, made)
    assert router.resource_id in alices
    assert f"Account {bob.account.uid}" in alices
    assert not any(
        text in alices for text in ("bobs-own-name", router.cen.name, "10.128.0.0", router.get_absolute_url())
    )

    of_bob = picture(bobs, router)
    assert made.resource_id in of_bob
    assert f"Account {alice.account.uid}" in of_bob
    hidden = ("alices-own-name", gateway.resource_id, gateway.ip_address, made.get_absolute_url())
    assert not any(text in of_bob for text in hidden)


STATES = {
    "up": ({}, BGP, None, ["wire-good"], ["Simulated device: on.", "Phase 2 Negotiation Succeeded.",
                                          "BGP: Normal (Established)."]),
    "another key": ({"psk": "an-other"}, {}, None, ["wire-bad", "wire-dashed"],
                    ["Phase 1 Negotiation Failed (PskMismatch)."]),
    "not answered": ({"probe_allowed": False}, HEALTH_CHECK, None, ["wire-good", "state-bad"],
                     ["Health check: Abnormal."]),
    "off": ({}, BGP, ("switch", {"on": False}), ["wire-dashed"], ["Simulated device: off.", "BGP: Abnormal (Idle)."]),
    "cut": ({}, {}, ("set_line", {"up": False}), ["wire-dashed"], ["Simulated device: unreachable."]),
    "not configured": (None, {}, None, ["wire-dashed", "state-idle"], ["Simulated device: not configured."]),
    "nobody starts": ({"starts": "never"}, {"effect_immediately": False}, None, ["wire-idle", "wire-dashed"],
                      ["Not Negotiated"]),
}  # fmt: skip


@pytest.mark.parametrize(("habits", "changed", "action", "looks", "sentences"), STATES.values(), ids=STATES)
def test_states_of_both_sides_are_drawn_and_said(
    habits, changed, action, looks, sentences, console, alice, gateway, clock
):
    made = factories.make_connection(alice.account, gateway=gateway, **changed)
    if habits is not None:
        load(made, **habits)
    clock.tick(60)
    if action:
        do(made, action[0], **action[1])
    clock.tick(3600)
    drawing, _mark, rest = picture(console, made).partition('id="topology-words"')
    words = " ".join(strip_tags(rest).split())
    for look in looks:
        assert look in drawing, look
    for sentence in sentences:
        assert sentence in words, sentence
        assert sentence.rstrip(".").partition(" (")[0] in drawing, sentence
    assert "hx-trigger" not in drawing
    assert "hx-trigger" not in drawing
    with translation.override("zh-hans"):
        assert {said[-1] for said in topology.of_connection(made).sentences} == {"。"}


def test_the_picture_of_a_router_shows_them_too(console, alice, gateway, router, settled, clock):
    load(factories.make_connection(alice.account, gateway=gateway, router=router, **BGP))
    assert 'delay:1s"' in picture(console, router)
    clock.tick(3600)
    html = picture(console, router)
    assert "BGP: Normal (Established)" in html
    assert "hx-trigger" not in html


def test_it_asks_again_only_as_long_as_something_moves(clock, console, alice, gateway, router, settings):
    clock.tick(60)
    settings.TRANSITION_SECONDS = 2
    made = factories.make_connection(alice.account, gateway=gateway, router=router)
    assert f'hx-get="{made.get_absolute_url()}topology/"' in picture(console, made)
    assert "hx-get" in picture(console, router)
    clock.tick(3600)
    assert "hx-trigger" not in picture(console, made)
    assert "hx-get" not in picture(console, router)


def test_a_busy_transit_router_shows_the_newest_in_as_many_queries(console, alice, gateway, router, settled):
    with CaptureQueriesContext(database) as before:
        assert "Nothing is attached" in picture(console, router)
    for number in range(10):
        factories.make_connection(alice.account, gateway=gateway, router=router, name=f"site-{number}")
    with CaptureQueriesContext(database) as after:
        html = picture(console, router)
    # The tunnels with their gateways, and the number of attachments.
    assert len(after) <= len(before) + 3
    assert "site-9" in html
    assert "site-1 " not in html
    assert "and 2 more attachments" in html


def test_the_pages_show_it(console, alice, gateway, router):
    made = factories.make_connection(alice.account, gateway=gateway, router=router)
    for resource in (made, router):
        assert 'id="topology"' in console.get(resource.get_absolute_url()).content.decode()


def test_two_tunnels_have_each_its_gateway_zone_and_address(console, alice, router, settled):
    first, second = gateways = [
        factories.make_customer_gateway(alice.account, name=name, ip_address=f"203.0.113.{last}")
        for last, name in enumerate(("old-hall", "new-hall"), 21)
    ]
    made = factories.make_dual(alice.account, gateways=gateways, router=router)
    html = picture(console, made)
    for tunnel, gateway in zip(made.tunnels.all(), gateways, strict=True):
        assert html.count(f'href="{gateway.get_absolute_url()}"') == 1
        for text in (gateway.ip_address, tunnel.internet_ip, tunnel.zone):
            assert text in html, text
    assert html.index(first.resource_id) < html.index("Simulated device 1") < html.index(second.resource_id)
    assert html.index(second.resource_id) < html.index("Simulated device 2")


def test_a_gateway_of_several_connections_is_drawn_once_beside_all_their_tunnels(
    console, alice, gateway, router, settled
):
    other = factories.make_customer_gateway(alice.account, name="", ip_address="203.0.113.21")
    made = {
        "one": factories.make_connection(alice.account, gateway=gateway, router=router, name="one"),
        "alone": factories.make_connection(alice.account, gateway=factories.make_customer_gateway(alice.account),
                                           router=router, name="alone"),
        "both": factories.make_dual(alice.account, gateways=[other, gateway], router=router, name="both"),
    }  # fmt: skip
    shared, alone = topology.of_router(router).sites
    assert [(box.name, box.span) for box in shared.gateways] == [(other.resource_id, 1), (gateway.name, 2)]
    assert [(row.connection.name, len(row.wires)) for row in shared.rows] == [("both", 2), ("one", 1)]
    assert [row.connection.name for row in alone.rows] == ["alone"]
    html = picture(console, router)
    for row in (gateway, other, *made.values()):
        assert html.count(f'href="{row.get_absolute_url()}"') == 1
    assert f'<span class="name">{other.resource_id}</span>' in html


def test_one_gateway_of_both_tunnels_is_shown_once(console, alice, gateway, router, settled):
    made = factories.make_dual(alice.account, gateways=[gateway], router=router)
    html = picture(console, made)
    assert html.count(f'href="{gateway.get_absolute_url()}"') == 1
