"""`check_data` finds and names damage that no database constraint prevents."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import CharField, Value

from connections import ids
from connections.documents import as_text, exported, import_text
from connections.domain.choices import RouteSource
from connections.models import Attachment, Cen, Connection, CustomerGateway, Device, Event, Route, Tag, Tunnel
from connections.persistence import encryption
from connections.services.cens import delete_cen
from connections.services.integrity import findings
from connections.services.tags import write_tags
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    """An account with one tagged resource of each kind."""
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
    "tunnel gone": (lambda other: Tunnel.objects.all().delete(), "has 0 tunnels, not 1"),
    "tunnel missing": (lambda other: Connection.objects.update(tunnel_count=2), "has 1 tunnel, not 2"),
    "tunnel elsewhere": (lambda other: Tunnel.objects.update(account=other), "does not belong where"),
    "region": (lambda other: Tunnel.objects.update(region_id="cn-hangzhou"), "does not belong where"),
    "gateway": (lambda other: CustomerGateway.objects.update(account=other), "has a customer gateway of another"),
    "attachment": (lambda other: Attachment.objects.update(account=other), "than its transit router"),
    "tags of connections": (lambda other: _tags("connection", other), "than its connection"),
    "tags of gateways": (lambda other: _tags("customer_gateway", other), "than its customer_gateway"),
    "tags of CENs": (lambda other: _tags("cen", other), "than its cen"),
    "tags of routers": (lambda other: _tags("transit_router", other), "than its transit_router"),
    "tags of attachments": (lambda other: _tags("attachment", other), "than its attachment"),
    "device gone": (lambda other: Device.objects.all().delete(), "has no simulated device"),
    "keys": (lambda other: CustomerGateway.objects.update(auth_key=encryption.Sealed("x")), "cannot be opened"),
}
# Contradictions with which the console still works.
ODDITIES = {
    "routes": (lambda other: Route.objects.filter(source=RouteSource.AUTOMATIC).delete(), "do not follow its networks"),
    "needless zeros": (
        lambda other: Route.objects.update(destination="192.168.0.0/016"),
        "destination of vco-.* spelled",
    ),
    "mask": (lambda other: Tunnel.objects.update(tunnel_cidr="9.0.0.0/255.0.0.0"), "tunnel_cidr of tun-"),
    "list in a row": (
        lambda other: Connection.objects.update(local_subnet=["10.0.0.0/8, 9.0.0.0/8"]),
        "local_subnet of",
    ),
    "address": (lambda other: CustomerGateway.objects.update(ip_address="203.0.113.010"), "ip_address of cgw-"),
    "blanks around": (lambda other: Cen.objects.update(name=Value(" hq ", CharField())), "name of cen-.* spelled"),
    "nothing to see": (lambda other: Tag.objects.update(value="prod\u200b"), "value of env is spelled"),
    "no key": (lambda other: Tunnel.objects.update(psk=""), "has no pre-shared key"),
    "device": (
        lambda other: Device.objects.update(is_configured=True, mtu=1),
        "device of tun-.* has settings that no door",
    ),
    "event gone": (lambda other: Event.objects.filter(operation="CreateCen").delete(), "not tell that cen-.* created"),
    "twice": (lambda other: _again("CreateCen"), "repeats that cen-.* was created"),
    "row gone": (lambda other: _gone(), "not tell that vco-.* deleted"),
    "deleted and there": (lambda other: _again("DeleteCen", "CreateCen"), "not tell that cen-.* created"),
}


def _tags(link: str, other) -> None:
    assert Tag.objects.exclude(**{link: None}).update(account=other) == 1


def _again(operation: str, like: str = "") -> None:
    event = Event.objects.get(operation=like or operation)
    event.pk, event.request_id, event.operation = None, ids.request_id(), operation
    event.save(force_insert=True)


def _gone() -> None:
    Attachment.objects.all().delete()
    Connection.objects.all().delete()


def test_what_is_sound_is_found_sound(account):
    assert list(findings()) == []


@pytest.mark.parametrize(("damage", "words"), [*DAMAGE.values(), *ODDITIES.values()], ids=[*DAMAGE, *ODDITIES])
def test_what_does_not_fit_is_found(account, other, damage, words):
    damage(other)
    matches = [one for one in findings() if re.search(words, one.sentence)]
    assert matches, list(findings())
    assert {one.is_fault for one in matches} == {(damage, words) in DAMAGE.values()}


def test_what_the_console_works_with_is_a_warning(account, other):
    for name in ("routes", "no key", "twice"):
        ODDITIES[name][0](other)
    out = StringIO()
    call_command("check_data", stdout=out)
    assert [line.partition(" ")[0] for line in out.getvalue().splitlines()] == ["Warning:"] * 3


def test_an_id_may_have_several_lives(account):
    """An import restores a deleted resource under its old ID."""
    actor, cen = factories.make_actor(account), factories.make_cen(account)
    document = as_text(exported(account), "json")
    delete_cen(actor, cen)
    import_text(factories.make_actor(account), document)
    assert Cen.objects.filter(resource_id=cen.resource_id).exists()
    assert list(findings()) == []


def test_a_key_that_nothing_opens_is_found(account, settings):
    settings.ENCRYPTION_KEYS = [encryption.new_key()]
    assert any("cannot be opened" in finding.sentence for finding in findings())
