"""After every service, the derived columns by which lists filter, sort and search match the other rows."""

import pytest
from django.core.management import call_command

from connections.documents import as_text, exported, import_text
from connections.domain.choices import AttachmentStatus
from connections.models import Attachment, Connection, Route
from connections.services import derived
from connections.services.cens import delete_transit_router
from connections.services.connections import delete_connection, sweep
from connections.services.customer_gateways import modify_customer_gateway
from connections.services.integrity import findings
from connections.services.tags import replace_tags
from tests.services.test_life import PROTECTED, World
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def stored(world: World) -> Connection:
    """The stored connection, after a check that all derived columns match their sources."""
    assert list(derived.outdated()) == []
    return Connection.objects.get(resource_id=world.id)


def leads_to() -> set:
    return set(Route.objects.values_list("transit_router", flat=True))


def test_a_new_connection_is_found_by_its_name_id_and_addresses(world):
    tunnel = stored(world).tunnels.get()
    words = stored(world).search_text[3:].split("\n")
    assert words == [
        stored(world).name, world.id, tunnel.internet_ip, world.gateway.ip_address, str(world.gateway.asn),
    ]  # fmt: skip


def test_a_connection_is_found_by_its_numbers_networks_and_tags(world):
    world.modify(tags=[("env", "prod"), ("site", "")], **PROTECTED)
    words = stored(world).search_text.split("\n")[4:]
    assert words == [str(world.gateway.asn), "10.0.0.0/16", "192.168.0.0/16", "env=prod", "site"]
    replace_tags(factories.make_actor(world.a), world.connection, [("env", "test")], world.connection.revision)
    assert stored(world).search_text.endswith("\n192.168.0.0/16\nenv=test")


def test_a_new_name_and_a_new_customer_gateway(world):
    world.rename()
    assert "renamed" in stored(world).search_text
    other = factories.make_customer_gateway(world.a, ip_address="203.0.113.200")
    world.modify(tunnel={"customer_gateway": other})
    assert "203.0.113.200" in stored(world).search_text
    assert world.gateway.ip_address not in stored(world).search_text
    assert stored(world).gateway_name == other.name
    other.name = ""
    modify_customer_gateway(factories.make_actor(world.a), other, other.revision)
    assert stored(world).gateway_name == other.resource_id


@pytest.mark.parametrize("side", ["a", "b"])
def test_attaching_and_detaching(world, side):
    world.modify(**PROTECTED | {"remote_subnet": ["192.168.0.0/24"]})
    assert not stored(world).is_bound
    world.authorize()
    router = getattr(world, f"router_{side}")
    getattr(world, f"attach_{side}")()
    assert stored(world).is_bound
    world.route()
    world.modify(**PROTECTED | {"remote_subnet": ["192.168.0.0/24", "192.168.1.0/24"]})
    stored(world)
    assert leads_to() == {router.pk}
    assert Route.objects.count() == 3
    world.detach()
    assert not stored(world).is_bound
    sweep(world.connection)
    stored(world)
    assert leads_to() == {None}


def test_a_transit_router_that_goes_takes_what_led_there_along(world):
    world.attach_a()
    world.route()
    world.detach()
    delete_transit_router(factories.make_actor(world.a), world.router_a)
    stored(world)
    assert leads_to() == {None}


def test_attaching_again_elsewhere(world):
    world.attach_a()
    world.route()
    world.detach()
    world.authorize()
    world.attach_b()
    assert stored(world).is_bound
    assert leads_to() == {world.router_b.pk}


def test_private_addresses_come_and_go(world):
    private = World(network_type="private")
    private.attach_a()
    assert "10.200." in stored(private).search_text
    private.detach()
    assert "10.200." not in stored(private).search_text


def test_made_attached_and_deleted(world):
    made = factories.make_connection(
        world.a, gateway=world.gateway, router=world.router_a, **PROTECTED | {"remote_subnet": ["192.168.0.0/24"]}
    )
    world.id = made.resource_id
    assert stored(world).is_bound
    assert leads_to() == {world.router_a.pk}
    world.detach()
    delete_connection(factories.make_actor(world.a), made)
    assert list(derived.outdated()) == []


def test_imported_with_what_it_is_attached_to(world):
    world.attach_a()
    world.route()
    document = as_text(exported(world.a, keys=True), "json")
    fresh = factories.make_account("C")
    assert import_text(factories.make_actor(fresh), document).made
    assert list(derived.outdated()) == []
    assert Connection.objects.get(account=fresh).is_bound
    assert None not in leads_to()


def test_attached_by_the_import_of_another_account():
    world = World(network_type="private")
    world.authorize()
    world.attach_b()
    world.route()
    document = as_text(exported(world.b, keys=True), "json")
    world.detach()
    sweep(world.connection)
    assert leads_to() == {None}
    assert import_text(factories.make_actor(world.b), document).made
    assert stored(world).is_bound
    assert "10.201." in stored(world).search_text
    assert leads_to() == {world.router_b.pk}


def test_what_does_not_follow_is_told_and_repaired(world, tmp_path):
    world.attach_a()
    world.route()
    columns = ("is_bound", "search_text", "gateway_name", "status_rank")
    right = Connection.objects.values_list(*columns).get(), leads_to()
    damages = (
        lambda: Connection.objects.update(is_bound=False),
        lambda: Connection.objects.update(search_text=""),
        lambda: Connection.objects.update(gateway_name="other"),
        lambda: Connection.objects.update(status_rank=4),
        lambda: Route.objects.update(transit_router=None),
        lambda: Route.objects.update(transit_router=world.router_b),
        lambda: Attachment.objects.update(transition=AttachmentStatus.DETACHING),
    )
    for damage in damages:
        damage()
        assert [one.sentence for one in findings()] == [f"Lists find {world.id} by values that are out of date."]
        if damage is not damages[-1]:
            derived.repair()
            assert (Connection.objects.values_list(*columns).get(), leads_to()) == right
    derived.repair()
    assert not stored(world).is_bound


@pytest.mark.django_db(transaction=True)
def test_restored_as_it_should_be(world, tmp_path):
    file = tmp_path / "file.backup"
    world.attach_a()
    right = stored(world).search_text
    Connection.objects.update(search_text="", is_bound=False)
    call_command("backup", str(file))
    call_command("restore", str(file), replace=True)
    assert stored(world).search_text == right
    assert stored(world).is_bound
