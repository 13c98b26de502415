"""States follow from the row and the clock, in Python and in the database alike."""

import pytest

from connections.choices import AttachmentStatus, CenStatus, ConnectionState
from connections.models import Attachment, Cen, Connection
from tests.factories import make_account, make_cen, make_connection, make_transit_router

pytestmark = pytest.mark.django_db


@pytest.fixture
def _slow(settings):
    settings.TRANSITION_SECONDS = 10


def reload(connection) -> Connection:
    return Connection.objects.with_parts().get(pk=connection.pk)


def both(connection) -> str:
    """The state as the row says it, after the database has agreed."""
    found = reload(connection)
    for state in ConnectionState:
        matches = Connection.objects.in_state(state).filter(pk=connection.pk).exists()
        assert matches == (state == found.state), state
    return found.state


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


def settled(thing, clock):
    clock.tick(10)
    return thing
