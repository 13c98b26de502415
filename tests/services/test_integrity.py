"""Damage that no constraint of the database keeps out is found by `check_data`, and told by name."""

import pytest

from connections import ids, vault
from connections.choices import RouteSource
from connections.models import Attachment, Connection, CustomerGateway, Event, Route, Tag, Tunnel
from connections.services.integrity import findings
from connections.services.tags import write_tags
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    """An account that has one of everything, with a tag on it."""
    account = factories.make_account("A")
    tag = [("env", "prod")]
    router = factories.make_transit_router(account, cen=factories.make_cen(account, tags=tag))
    gateway = factories.make_customer_gateway(account, tags=tag)
    made = factories.make_connection(
        account, gateway=gateway, router=router, tags=tag, routing_mode="protected",
        local_subnet=["10.0.0.0/16"], remote_subnet=["192.168.0.0/16"],
    )  # fmt: skip
    write_tags(made.attachment, tag)
    write_tags(router, tag)
    return account


@pytest.fixture
def other():
    return factories.make_account("B")


DAMAGE = {
    "tunnel gone": (lambda other: Tunnel.objects.all()._raw_delete("default"), "has no tunnel"),
    "tunnel elsewhere": (lambda other: Tunnel.objects.update(account=other), "does not belong where"),
    "region": (lambda other: Tunnel.objects.update(region_id="cn-hangzhou"), "does not belong where"),
    "gateway": (lambda other: CustomerGateway.objects.update(account=other), "has a customer gateway of another"),
    "attachment": (lambda other: Attachment.objects.update(account=other), "than its transit router"),
    "tags of connections": (lambda other: _tags("connection", other), "than its connection"),
    "tags of gateways": (lambda other: _tags("customer_gateway", other), "than its customer_gateway"),
    "tags of CENs": (lambda other: _tags("cen", other), "than its cen"),
    "tags of routers": (lambda other: _tags("transit_router", other), "than its transit_router"),
    "tags of attachments": (lambda other: _tags("attachment", other), "than its attachment"),
    "routes": (lambda other: Route.objects.filter(source=RouteSource.AUTOMATIC).delete(), "do not follow its networks"),
    "no key": (lambda other: Tunnel.objects.update(psk=""), "has no pre-shared key"),
    "event gone": (lambda other: Event.objects.filter(operation="CreateCen").delete(), "was created"),
    "twice": (lambda other: _again("CreateCen"), "Two events tell the same"),
    "row gone": (lambda other: _gone(), "is not there"),
}


def _tags(link: str, other) -> None:
    assert Tag.objects.exclude(**{link: None}).update(account=other) == 1


def _again(operation: str) -> None:
    event = Event.objects.get(operation=operation)
    event.pk, event.request_id = None, ids.request_id()
    event.save(force_insert=True)


def _gone() -> None:
    Attachment.objects.all().delete()
    Connection.objects.all().delete()


def test_what_is_sound_is_found_sound(account):
    assert list(findings()) == []


@pytest.mark.parametrize(("damage", "words"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_found(account, other, damage, words):
    damage(other)
    assert any(words in found for found in findings()), list(findings())


def test_a_key_that_nothing_opens_is_found(account, settings):
    settings.ENCRYPTION_KEYS = [vault.new_key()]
    assert any("cannot be opened" in found for found in findings())
