"""The BGP route table of a connection, and learned entries of route tables, as pages show them."""

import re
from html import unescape

import pytest

from connections.domain.choices import Role
from connections.services import devices
from tests.console.conftest import htmx, signed_in
from vpnconsole.testing import factories

CHECK = {"health_check": True, "health_check_dip": "192.168.0.1", "health_check_sip": "10.0.0.1"}
TO_SESSION = 7


def text(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def markup(answer) -> str:
    return answer.content.decode()


def at(connection, tab: str = "bgp-routes") -> str:
    return f"{connection.get_absolute_url()}{tab}/"


def wait(answer) -> int | None:
    """The seconds after which the page asks again for the sessions."""
    found = re.search(r'id="bgp"[^>]*load delay:(\d+)s', markup(answer))
    return int(found[1]) if found else None


@pytest.fixture
def connection(alice, gateway, router, clock):
    connection = factories.make_bgp_connection(alice.account, gateway=gateway, router=router)
    factories.load_device(connection, announced=["192.168.0.0/16", "10.1.0.0/16 65020", "0.0.0.0/0"])
    return connection


def test_the_tab_follows_the_session(console, connection, clock):
    page = console.get(at(connection))
    assert "Abnormal" in text(page)
    assert "There is no session while the tunnel is down." in text(page)
    assert "192.168.0.0/16" not in text(page)
    asked = 0
    # It asks again when something is due, and no more once the session is established.
    while seconds := wait(page):
        clock.tick(seconds)
        asked += 1
        page = console.get(at(connection), headers=htmx())
        assert "<nav" not in markup(page)
    assert 1 < asked < 5
    said = text(page)
    assert "Normal" in said
    assert "Established" in said
    assert "192.168.0.0/16 Data center 169.254.10.2 65010 Active" in said
    assert "10.1.0.0/16 Data center 169.254.10.2 65010 65020 Active" in said
    assert "0.0.0.0/0 Data center 169.254.10.2 65010 Rejected A default route is not accepted" in said
    assert "10.200.0.0/20 Cloud 169.254.10.1 45104 Active" in said


def test_the_routes_leave_with_the_session(console, connection, clock):
    clock.tick(TO_SESSION)
    assert "192.168.0.0/16" in text(console.get(at(connection)))
    devices.set_line(factories.make_actor(connection.account), connection.tunnel, up=False)
    clock.tick(60)
    said = text(console.get(at(connection)))
    assert "192.168.0.0/16" not in said
    assert "No BGP routes The BGP session is not established." in said


def test_what_keeps_a_session_down_is_told_with_both_values(console, connection, clock):
    factories.load_device(connection, local_asn=65099)
    clock.tick(60)
    said = text(console.get(at(connection)))
    assert "The device's AS number is not the customer gateway's." in said
    assert re.search(r"cloud 65010 , device 65099", said)
    assert "Idle" in said


def test_keys_that_differ_are_not_shown(console, alice, router, clock):
    gateway = factories.make_customer_gateway(alice.account, ip_address="203.0.113.11", auth_key="cloud-s3cret")
    connection = factories.make_bgp_connection(alice.account, gateway=gateway, router=router)
    factories.load_device(connection, auth_key="device-s3cret")
    clock.tick(60)
    page = console.get(at(connection))
    assert "The BGP keys of the customer gateway and the device differ." in text(page)
    assert "s3cret" not in markup(page)


def test_a_device_that_is_not_configured(console, alice, gateway, router, clock):
    connection = factories.make_bgp_connection(alice.account, gateway=gateway, router=router)
    page = console.get(at(connection))
    assert "Abnormal" in text(page)
    clock.tick(wait(page))
    assert wait(console.get(at(connection), headers=htmx())) is None


def test_without_bgp_there_are_no_sessions(console, alice, gateway, router, clock):
    page = console.get(at(factories.make_connection(alice.account, gateway=gateway, router=router)))
    assert "BGP Sessions" not in text(page)
    assert "BGP is not enabled" in text(page)


def test_a_route_table_has_learned_entries(console, router, connection, clock):
    page = f"{router.get_absolute_url()}routes/"
    assert "Learned over BGP" not in text(console.get(page))
    clock.tick(TO_SESSION)
    said = text(console.get(page))
    assert re.search(rf"10.1.0.0/16 {connection} {connection.resource_id} 65010 65020 .* UTC Active", said)
    assert "2 in total" in said
    assert "The learned entries are below." not in said
    custom = factories.make_route_table(router)
    assert "192.168.0.0/16" not in text(console.get(custom.get_absolute_url()))


def test_learned_entries_come_in_pages(console, router, connection, monkeypatch, clock):
    monkeypatch.setattr("connections.console.views.route_tables.SHOWN", 1)
    clock.tick(TO_SESSION)
    page = f"{router.get_absolute_url()}routes/"
    first, second = text(console.get(page)), text(console.get(f"{page}?learned=2"))
    assert ("10.1.0.0/16" in first, "192.168.0.0/16" in first) == (True, False)
    assert ("10.1.0.0/16" in second, "192.168.0.0/16" in second) == (False, True)
    # Whatever else the address says shows a page.
    for odd in ("0", "99", "x"):
        assert console.get(f"{page}?learned={odd}").status_code == 200


def test_a_table_of_learned_entries_alone(console, alice, gateway, clock):
    router = factories.make_transit_router(alice.account)
    connection = factories.make_bgp_connection(alice.account, gateway=gateway, router=router)
    factories.load_device(connection, announced=["10.1.0.0/16"])
    clock.tick(TO_SESSION)
    assert "The learned entries are below." in text(console.get(f"{router.get_absolute_url()}routes/"))


def test_pages_say_that_the_health_check_withdraws_routes(console, alice, gateway, router, clock):
    connection = factories.make_bgp_connection(alice.account, gateway=gateway, router=router, **CHECK)
    factories.load_device(connection, announced=["10.1.0.0/16"], probe_host_answers=False)
    factories.make_route(connection, "10.2.0.0/16")
    clock.tick(3600)
    said = "the routes are withdrawn from the transit router's route tables"
    for tab in ("bgp-routes", "routes"):
        assert said in text(console.get(at(connection, tab)))
    assert "Not Published" in text(console.get(at(connection, "routes")))
    table = text(console.get(f"{router.get_absolute_url()}routes/"))
    assert "10.1.0.0/16" not in table
    assert "10.2.0.0/16" not in table


def test_a_read_only_member_sees_sessions_and_routes(alice, connection, clock):
    clock.tick(TO_SESSION)
    reader = signed_in(factories.make_user(alice.account, "rita", role=Role.READ_ONLY))
    assert "192.168.0.0/16" in text(reader.get(at(connection)))


def test_pages_take_few_queries(console, router, connection, django_assert_num_queries, clock, without_demo):
    clock.tick(TO_SESSION)
    for address, count in ((at(connection), 7), (f"{router.get_absolute_url()}routes/", 12)):
        console.get(address)
        with django_assert_num_queries(count, exact=False, info=address):
            console.get(address)
