"""Routes that follow tunnels: learned over BGP, and withdrawn by sessions and health checks."""

import pytest

from connections import routing
from connections.domain.choices import EntryStatus
from connections.models import Connection, RouteEntry
from connections.negotiation.bgp import MOST_PREFIXES, SESSION
from connections.services import devices
from connections.services.attachments import modify_attachment
from connections.services.links import change_links
from connections.services.route_entries import create_route_entry
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db

BLOCK = "10.200.0.0/20"
# Seconds from a change of settings to the session.
TO_SESSION = 2 + SESSION
CHECK = {"health_check": True, "health_check_dip": "192.168.0.1", "health_check_sip": "10.0.0.1"}
# Seconds of a round of the health check.
ROUND = 9
ACTIVE, STANDBY = EntryStatus.ACTIVE, EntryStatus.STANDBY


@pytest.fixture
def account(clock):
    return factories.make_account()


@pytest.fixture
def router(account):
    return factories.make_transit_router(account, cidrs=[BLOCK])


@pytest.fixture
def gateway(account):
    return factories.make_customer_gateway(account)


@pytest.fixture
def attach(account, router, gateway, clock):
    """Attach a connection with BGP whose device announces these prefixes."""

    def attached(*announced: str, number: int = 1, **changed) -> Connection:
        connection = factories.make_bgp_connection(account, number, gateway=gateway, router=router, **changed)
        factories.load_device(connection, announced=list(announced))
        clock.tick(TO_SESSION)
        return connection

    return attached


def fresh(connection) -> Connection:
    return Connection.objects.with_parts().get(pk=connection.pk)


def learned(connection) -> dict[str, tuple[int, ...]]:
    return {one.destination: one.as_path for one in routing.learned(routing.negotiated(connection))}


def sent(connection) -> list[str]:
    return [one.destination for one in routing.advertised(fresh(connection), routing.negotiated(connection))[0]]


def table(router, of=None) -> dict[str, EntryStatus]:
    return {one.destination: one.status for one in routing.live(of or router.default_table).learned}


def destinations(router) -> list[tuple[str, bool]]:
    """The destination-based routes in the table, with whether others precede."""
    rows = routing.propagated(routing.live(router.default_table)).order_by("id")
    return [(route.destination, route.outranked) for route in rows]


def do(name: str, connection, **options) -> None:
    getattr(devices, name)(factories.make_actor(connection.account), connection.tunnel, **options)


def test_a_session_brings_routes_and_takes_them_along(attach, router, clock):
    connection = attach("192.168.0.0/16", "10.1.0.0/16 65020 65021")
    assert learned(connection) == {"192.168.0.0/16": (65010,), "10.1.0.0/16": (65010, 65020, 65021)}
    assert sent(connection) == [BLOCK]
    assert table(router) == {"10.1.0.0/16": ACTIVE, "192.168.0.0/16": ACTIVE}
    do("set_line", connection, up=False)
    clock.tick(60)
    assert (learned(connection), sent(connection), table(router)) == ({}, [], {})
    assert "not established" in routing.advertised(fresh(connection), routing.negotiated(connection))[1]
    do("set_line", connection, up=True)
    clock.tick(120)
    assert (len(learned(connection)), sent(connection), len(table(router))) == (2, [BLOCK], 2)
    do("switch", connection, on=False)
    clock.tick(60)
    assert table(router) == {}


def test_before_the_session_there_is_nothing(account, router, gateway, clock):
    connection = factories.make_bgp_connection(account, gateway=gateway, router=router)
    assert (learned(connection), table(router)) == ({}, {})
    factories.load_device(connection, announced=["192.168.0.0/16"])
    for seconds in (0, 2, SESSION - 1):
        clock.tick(seconds)
        assert (learned(connection), sent(connection), table(router)) == ({}, [], {})
    clock.tick(1)
    assert list(table(router)) == list(learned(connection)) == ["192.168.0.0/16"]


def test_what_is_not_taken_is_told_with_the_reason(attach, router):
    many = [f"172.16.{number}.0/24" for number in range(MOST_PREFIXES)]
    connection = attach("0.0.0.0/0", *many, "192.168.0.0/16", "10.9.0.0/16 45104")
    tunnels = routing.negotiated(connection)
    assert [one.destination for one in routing.learned(tunnels)] == many
    refused = {one.destination: one.refused or "" for one in routing.refused(tunnels)}
    # A loop is not even listed.
    assert list(refused) == ["0.0.0.0/0", "192.168.0.0/16"]
    assert "default route" in refused["0.0.0.0/0"]
    assert "largest number" in refused["192.168.0.0/16"]
    assert list(table(router)) == many


def test_the_third_switch_carries_learned_routes(attach, router, account):
    connection = attach("192.168.0.0/16")
    custom = factories.make_route_table(router)
    actor, attachment = factories.make_actor(account), connection.attachment
    change_links(actor, attachment, None, [custom], attachment.revision)
    assert (table(router), list(table(router, custom))) == ({}, ["192.168.0.0/16"])
    assert list(learned(connection)) == ["192.168.0.0/16"]


def test_the_first_switch_advertises(attach, account):
    connection = attach("192.168.0.0/16")
    attachment = connection.attachment
    attachment.auto_publish_route_enabled = False
    modify_attachment(factories.make_actor(account), attachment, attachment.revision)
    assert (sent(connection), list(learned(connection))) == ([], ["192.168.0.0/16"])


def test_of_two_announcements_the_shorter_path_is_active(attach, router):
    attach("10.1.0.0/16", "10.2.0.0/16 65020", number=1)
    near = attach("10.1.0.0/16", "10.2.0.0/16", number=2)
    entries = [(one.destination, one.attachment.connection, one.status) for one in live(router)]
    far = next(connection for _destination, connection, _status in entries if connection != near)
    assert entries == [
        ("10.1.0.0/16", far, ACTIVE), ("10.1.0.0/16", near, ACTIVE),
        ("10.2.0.0/16", far, STANDBY), ("10.2.0.0/16", near, ACTIVE),
    ]  # fmt: skip


def live(router):
    return routing.live(router.default_table).learned


def test_routes_by_hand_precede_learned_ones(attach, router, account):
    connection = attach("10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16")
    factories.make_route(connection, "10.1.0.0/16", weight=0)
    entry = RouteEntry(route_table=router.default_table, destination="10.2.0.0/16", attachment=connection.attachment)
    create_route_entry(factories.make_actor(account), entry)
    assert table(router) == {"10.1.0.0/16": STANDBY, "10.2.0.0/16": STANDBY, "10.3.0.0/16": ACTIVE}
    assert destinations(router) == [("10.1.0.0/16", False)]


@pytest.mark.parametrize("policy", ["revoke_route", "reserve_route"])
def test_a_failed_health_check_withdraws_every_route(attach, router, clock, policy):
    connection = attach("10.1.0.0/16", **CHECK, health_check_policy=policy)
    factories.make_route(connection, "10.2.0.0/16")
    stays = policy == "reserve_route"

    def shown() -> tuple:
        status = routing.route_status(fresh(connection), routing.negotiated(connection))
        return list(table(router)), destinations(router), status.value

    everything = (["10.1.0.0/16"], [("10.2.0.0/16", False)], "published")
    clock.tick(ROUND)
    assert shown() == everything
    do("set_line", connection, up=False)
    clock.tick(60)
    kept = ([], [("10.2.0.0/16", False)], "published")
    assert shown() == (kept if stays else ([], [], "unpublished"))
    do("set_line", connection, up=True)
    clock.tick(120)
    assert shown() == everything


def test_a_host_that_does_not_answer_withdraws_learned_routes_of_a_session_that_is_up(attach, router, clock):
    connection = attach("10.1.0.0/16", **CHECK)
    other = attach("10.1.0.0/16 65020", number=2)
    assert [one.status for one in live(router)] == [ACTIVE, STANDBY]
    device = factories.load_device(connection, announced=["10.1.0.0/16"], probe_host_answers=False)
    clock.tick(600)
    assert [(one.attachment.connection, one.status) for one in live(router)] == [(other, ACTIVE)]
    assert device.tunnel.is_up


def test_a_route_that_is_withdrawn_precedes_nobody(attach, router, clock):
    failing = attach(**CHECK, number=1)
    other = attach("10.1.0.0/16", number=2)
    for connection, weight in ((failing, 100), (other, 0)):
        factories.make_route(connection, "10.1.0.0/16", weight=weight)
    do("set_line", failing, up=False)
    clock.tick(60)
    assert destinations(router) == [("10.1.0.0/16", False)]


def test_a_check_without_a_tunnel_fails(account, router, gateway, clock):
    connection = factories.make_connection(account, gateway=gateway, router=router, **CHECK)
    factories.make_route(connection, "10.2.0.0/16")
    assert destinations(router) == [("10.2.0.0/16", False)]
    clock.tick(ROUND)
    assert destinations(router) == []


def test_a_tunnel_that_is_down_alone_withdraws_nothing(account, router, gateway, clock):
    connection = factories.make_connection(account, gateway=gateway, router=router)
    factories.make_route(connection, "10.2.0.0/16")
    clock.tick(3600)
    assert destinations(router) == [("10.2.0.0/16", False)]


def test_a_table_takes_as_many_queries_for_many_connections(attach, router, django_assert_num_queries):
    def reading() -> None:
        routing.live(router.default_table)

    attach("10.1.0.0/16", number=1)
    with django_assert_num_queries(2):
        reading()
    for number in range(2, 5):
        attach("10.1.0.0/16", f"10.{number}.0.0/16", number=number)
    with django_assert_num_queries(2):
        reading()
