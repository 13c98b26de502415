"""CIDR blocks of a transit router are added, changed and deleted, unless their gateway addresses are in use."""

import copy

import pytest

from connections import routing
from connections.domain.refusals import Invalid, Refused
from connections.models import Attachment, Event, TransitRouterCidr
from connections.services.attachments import create_attachment, delete_attachment
from connections.services.router_cidrs import create_router_cidr, delete_router_cidr, modify_router_cidr
from tests import route_tables
from vpnconsole.testing import factories
from vpnconsole.testing.factories import make_account, make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def router(account):
    return factories.make_transit_router(account, cidrs=["10.200.0.0/24"])


def add(router, cidr="10.201.0.0/24", **values) -> TransitRouterCidr:
    block = TransitRouterCidr(transit_router=router, cidr=cidr, **values)
    return create_router_cidr(make_actor(router.account), block)


def change(block, **values) -> TransitRouterCidr:
    edited = copy.copy(block)
    for name, value in values.items():
        setattr(edited, name, value)
    return modify_router_cidr(make_actor(block.transit_router.account), edited, block.revision)


def test_a_block_lives(account, router):
    block = add(router, name="gateways", description="d", publish_cidr_route=False)
    assert change(block, cidr="10.202.0.0/24", name="").revision == 2
    stored = router.cidrs.get(pk=block.pk)
    assert (stored.cidr, stored.name, stored.description, stored.publish_cidr_route) == (
        "10.202.0.0/24",
        "",
        "d",
        False,
    )
    delete_router_cidr(make_actor(account), stored)
    assert [str(one) for one in router.cidrs.all()] == ["10.200.0.0/24"]
    # The transit router's event log has all of it.
    events = Event.objects.about(router).filter(resource_id=block.resource_id).order_by("id")
    assert [(event.operation, event.facts) for event in events] == [
        ("CreateTransitRouterCidr", {"cidr": "10.201.0.0/24"}),
        ("ModifyTransitRouterCidr", {"cidr": ["10.201.0.0/24", "10.202.0.0/24"], "name": ["gateways", ""]}),
        ("DeleteTransitRouterCidr", {"cidr": "10.202.0.0/24"}),
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"cidr": "nonsense"}, ("cidr", "malformed")),
        ({"cidr": "10.0.0.1/24"}, ("cidr", "host_bits")),
        ({"cidr": "10.0.0.0/25"}, ("cidr", "bad_mask")),
        ({"cidr": "169.254.0.0/24"}, ("cidr", "reserved")),
        ({"cidr": "10.200.0.0/20"}, ("cidr", "overlap")),
        ({"cidr": "10.99.0.0/20"}, ("cidr", "taken")),
        ({"name": "http://x"}, ("name", "url_prefix")),
        ({"description": "x" * 257}, ("description", "too_long")),
    ],
)
def test_a_block_that_breaks_a_rule_is_refused(account, router, values, expected):
    factories.make_transit_router(account, cen=router.cen, region_id="cn-hangzhou", cidrs=["10.99.0.0/24"])
    good = add(router)
    for work in (lambda: add(router, **{"cidr": "10.202.0.0/24"} | values), lambda: change(good, **values)):
        with pytest.raises(Invalid) as caught:
            work()
        [problem] = caught.value.problems
        assert (problem.field, problem.code) == expected
    assert router.cidrs.count() == 2


def test_a_router_has_five_blocks_at_most(router):
    for number in range(1, 5):
        block = add(router, f"10.{number}.0.0/24")
    with pytest.raises(Invalid) as caught:
        add(router, "10.9.0.0/24")
    assert [(problem.field, problem.code) for problem in caught.value.problems] == [("cidr", "too_many")]
    # Changing one of the five adds none, and it does not overlap itself.
    assert str(change(block, cidr="10.4.0.0/20")) == "10.4.0.0/20"


def test_a_change_of_an_older_revision_is_refused(router):
    block = add(router)
    change(block, name="first")
    with pytest.raises(Refused) as caught:
        change(block, name="second")
    assert caught.value.code == "changed_meanwhile"


@pytest.mark.parametrize("whose", ["own", "another account's"])
def test_a_block_in_use_stays_until_the_connection_is_detached(account, router, whose):
    owner = account if whose == "own" else make_account("Summit Retail")
    connection = factories.make_connection(owner, network_type="private")
    if whose != "own":
        connection.authorizations.create(peer_uid=account.uid, peer_cen_id=router.cen.resource_id)
    attachment = Attachment(transit_router=router, zone="eu-central-1a")
    create_attachment(make_actor(account), attachment, connection.resource_id, owner.uid)
    [used] = router.cidrs.all()
    for work in (
        lambda: delete_router_cidr(make_actor(account), used),
        lambda: change(used, cidr="10.202.0.0/24"),
    ):
        with pytest.raises(Refused) as caught:
            work()
        assert caught.value.code == "cidr_in_use"
        assert connection.resource_id in str(caught.value)
    assert change(used, name="renamed", publish_cidr_route=False).name == "renamed"
    # Blocks without addresses in use are free to go.
    delete_router_cidr(make_actor(account), add(router))
    factories.rest(attachment)
    delete_attachment(make_actor(account), attachment, force=True)
    delete_router_cidr(make_actor(account), used)
    assert not router.cidrs.exists()


def test_a_router_that_is_being_created_waits(account, settings):
    settings.TRANSITION_SECONDS = 10
    cen = factories.make_cen(account)
    factories.rest(cen)
    router = factories.make_transit_router(account, cen=cen)
    with pytest.raises(Refused) as caught:
        add(router)
    assert caught.value.code == "configuring"


def test_a_block_without_a_route_is_neither_in_the_table_nor_advertised(account, router, clock):
    connection = factories.make_bgp_connection(account, router=router)
    factories.load_device(connection)
    clock.tick(10)
    hidden = add(router, publish_cidr_route=False)

    def advertised() -> tuple[list[str], str]:
        fresh = type(connection).objects.with_parts().get(pk=connection.pk)
        routes, why = routing.advertised(fresh, routing.negotiated(fresh))
        return [one.destination for one in routes], str(why)

    assert [entry.destination for entry in route_tables.stored_table(router.default_table)] == ["10.200.0.0/24"]
    assert advertised()[0] == ["10.200.0.0/24"]
    change(router.cidrs.exclude(pk=hidden.pk).get(), publish_cidr_route=False)
    routes, why = advertised()
    assert routes == []
    assert "no CIDR blocks to advertise" in why
