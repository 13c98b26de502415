"""States depend on the row and the clock, with the same result in Python and in the database."""

import pytest

from connections import routing
from connections.console import summary
from connections.domain.choices import AttachmentStatus, CenStatus, ConnectionState
from connections.models import Attachment, Cen, Connection
from connections.services import derived
from vpnconsole.testing.factories import make_account, make_cen, make_connection, make_transit_router

pytestmark = pytest.mark.django_db


@pytest.fixture
def _slow(settings):
    settings.TRANSITION_SECONDS = 10


def reload(connection) -> Connection:
    return Connection.objects.with_parts().get(pk=connection.pk)


def both(connection) -> str:
    """The state computed from the row, after a check that the database computes the same."""
    stored = reload(connection)
    for state in ConnectionState:
        matches = Connection.objects.in_state(state).filter(pk=connection.pk).exists()
        assert matches == (state == stored.state), state
    return stored.state


@pytest.mark.usefixtures("_slow")
def test_an_unassociated_connection_is_prepared_and_then_rests(clock):
    connection = make_connection(make_account())
    assert both(connection) == "provisioning"
    clock.tick(9.9)
    assert both(connection) == "provisioning"
    clock.tick(0.1)
    assert both(connection) == "init"
    assert not reload(connection).is_transient


@pytest.mark.usefixtures("_slow")
def test_an_attached_connection_goes_through_attaching(clock):
    account = make_account()
    router = make_transit_router(account, cen=settled(make_cen(account), clock))
    clock.tick(10)
    connection = make_connection(account, router=router)
    assert [(both(connection), clock.tick(10))[0] for _ in range(3)] == ["provisioning", "attaching", "attached"]


@pytest.mark.usefixtures("_slow")
def test_a_detached_connection_is_unassociated_once_detaching_has_ended(clock):
    account = make_account()
    router = make_transit_router(account, cen=settled(make_cen(account), clock))
    clock.tick(10)
    connection = make_connection(account, router=router)
    clock.tick(20)
    attachment = Attachment.objects.get()
    attachment.begin(AttachmentStatus.DETACHING)
    attachment.save()
    derived.write_binding([connection])
    assert both(connection) == "detaching"
    assert Connection.objects.bound().exists()
    clock.tick(10)
    assert both(connection) == "init"
    assert reload(connection).living_attachment is None
    assert not Attachment.objects.living().exists()
    assert not Connection.objects.bound().exists()


@pytest.mark.usefixtures("_slow")
def test_an_update_covers_the_state_at_rest(clock):
    connection = make_connection(make_account())
    clock.tick(10)
    connection.begin(ConnectionState.UPDATING)
    connection.save()
    assert both(connection) == "updating"
    clock.tick(10)
    assert both(connection) == "init"


def test_without_a_length_everything_settles_at_once():
    account = make_account()
    connection = make_connection(account, router=make_transit_router(account))
    assert both(connection) == "attached"


@pytest.mark.usefixtures("_slow")
def test_a_cen_instance_is_being_created_for_a_moment(clock):
    cen = make_cen(make_account())
    assert Cen.objects.get().status == CenStatus.CREATING
    clock.tick(10)
    assert cen.status == CenStatus.ACTIVE


DAY = 24 * 3600


@pytest.mark.usefixtures("_slow")
@pytest.mark.parametrize("back", [DAY, 45])
def test_no_state_outlasts_a_clock_that_was_set_back(clock, back):
    """An end more than two transitions ahead was written before the clock was set back, and counts as past."""
    account = make_account()
    cen = settled(make_cen(account), clock)
    router = settled(make_transit_router(account, cen=cen), clock)
    bare = settled(make_connection(account), clock)
    attached = settled(settled(make_connection(account, router=router), clock), clock)
    clock.tick(1000)
    clock.tick(-back)
    assert both(attached) == "attached"
    bare.begin(ConnectionState.UPDATING)
    bare.save()
    assert both(bare) == "updating"
    leaving = Attachment.objects.get()
    leaving.begin(AttachmentStatus.DETACHING)
    leaving.save()
    derived.write_binding([attached])
    assert both(attached) == "detaching"
    making = make_connection(account, router=router)
    fresh = make_cen(account)
    clock.tick(-back)
    assert (both(bare), both(attached), both(making)) == ("init", "init", "attached")
    assert fresh.status == CenStatus.ACTIVE
    assert [one.connection for one in Attachment.objects.living()] == [making]
    assert list(Attachment.objects.finished()) == [leaving]
    assert list(Connection.objects.bound()) == [making]
    assert [one.connection for one in routing.carrying(router)] == [making]
    states, _ = summary.of_connections(account, bare.region_id, {})
    assert {figure.state.value: figure.count for figure in states} == {"init": 2, "attached": 1}


def settled(thing, clock):
    clock.tick(10)
    return thing
