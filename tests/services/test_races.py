"""Two people act at the same time, in real threads: exactly one succeeds, the other gets a clear refusal."""

import copy
import re

import pytest

from connections.documents import as_text, exported, import_text
from connections.domain.refusals import Invalid, Refused
from connections.models import Attachment, Authorization, Connection, Device, Event, Tunnel, User
from connections.services import derived, devices
from connections.services.cens import delete_cen, delete_transit_router
from connections.services.connections import delete_connection, modify_connection
from connections.services.customer_gateways import delete_customer_gateway
from connections.services.drafts import Draft
from connections.services.members import add_member
from connections.services.preferences import save_filter
from tests.services.test_life import World
from vpnconsole.testing import factories
from vpnconsole.testing.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


def race(*actions) -> list[str | None]:
    """Run all actions at the same time; return for each None or the code of its refusal."""

    def code_of(end) -> str | None:
        match end:
            case Refused():
                return end.code
            case Invalid():
                return end.problems[0].code
            case Exception():
                raise end
        return None

    return [code_of(end) for end in at_once(*actions)]


@pytest.mark.parametrize("names", [("sam", "sam"), ("sam", "SAM")])
@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_accounts_take_a_name_at_once(_round, names):
    """User names are unique across accounts, because sign-in asks for no account; an operation locks only its own."""
    actors = [factories.make_actor(factories.make_account(name)) for name in ("A", "B")]
    ends = race(
        *(
            lambda actor=actor, name=name: add_member(actor, User(username=name), "long and 0dd enough")
            for actor, name in zip(actors, names, strict=True)
        )
    )
    assert sorted(map(str, ends)) == ["None", "taken"], ends
    assert User.objects.filter(username__iexact="sam").count() == 1
    assert Event.objects.filter(operation="CreateUser").count() == 1


@pytest.mark.parametrize("_round", range(3))
def test_two_accounts_import_the_same_ids_at_once(_round):
    """One account gets the IDs of the document, the other gets new ones."""
    source = factories.make_account("source")
    factories.make_connection(source, router=factories.make_transit_router(source))
    # Replace the IDs by unused ones.
    text = re.sub(r'"((?:cgw|cen|tr|vtb|vco|tun|tr-attach)-\w+)"', r'"\g<1>0"', as_text(exported(source), "json"))
    actors = [factories.make_actor(factories.make_account(name)) for name in ("A", "B")]
    ends = at_once(*(lambda actor=actor: import_text(actor, text) for actor in actors))
    assert [(len(end.made), end.faults) for end in ends] == [(4, [])] * 2
    assert sorted(bool(end.renamed) for end in ends) == [False, True]


@pytest.mark.parametrize("_round", range(3))
def test_the_last_saved_filters_are_saved_at_once(_round):
    user = factories.make_user()
    for number in range(18):
        save_filter(user, "cen-list", f"f{number}", "q=x")
    ends = race(*(lambda name=name: save_filter(user, "cen-list", name, "q=y") for name in "abcdefgh"))
    assert sorted(map(str, ends)) == ["None"] * 2 + ["too_many"] * 6
    assert user.saved_filters.count() == 20


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_attach_at_once(_round):
    world = World()
    world.authorize()
    ends = race(world.attach_a, world.attach_b)
    assert sorted(map(str, ends)) == ["None", "already_attached"], ends
    assert Attachment.objects.living().count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_attach_against_delete(_round):
    world = World()
    stale = world.connection
    ends = race(world.attach_a, world.delete)
    assert ends in ([None, "attached"], ["not_found", None]), ends
    assert Connection.objects.filter(pk=stale.pk).exists() == (ends[0] is None)
    assert Attachment.objects.count() == (ends[0] is None)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_unauthorize_against_attach(_round):
    world = World()
    world.authorize()
    ends = race(world.unauthorize, world.attach_b)
    assert ends in ([None, "not_found"], ["authorization_in_use", None]), ends
    assert Authorization.objects.count() == Attachment.objects.count()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_edits_of_one_revision(_round):
    world = World()
    ends = race(lambda: world.modify(name="one", revision=1), lambda: world.modify(name="two", revision=1))
    assert sorted(map(str, ends)) == ["None", "changed_meanwhile"], ends
    assert world.connection.revision == 2
    assert world.connection.name == ("one" if ends[0] is None else "two")


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_routes_to_one_destination(_round):
    world = World()
    world.attach_a()
    ends = race(world.route, world.route)
    assert sorted(map(str, ends)) == ["None", "duplicate"], ends
    assert world.connection.routes.count() == 1


@pytest.mark.parametrize(
    ("make", "delete"),
    [
        (factories.make_connection, delete_connection),
        (factories.make_customer_gateway, delete_customer_gateway),
        (factories.make_cen, delete_cen),
        (factories.make_transit_router, delete_transit_router),
    ],
)
def test_two_people_delete_the_same(make, delete):
    """The second gets the refusal `gone` instead of an error, and the deletion leaves one event."""
    account = factories.make_account()
    made = make(account)
    before = Event.objects.filter(outcome="success").count()
    # Each has a separate copy of the row.
    rows = [type(made).objects.get(pk=made.pk) for _ in range(2)]
    ends = race(*(lambda row=row: delete(factories.make_actor(account), row) for row in rows))
    assert sorted(map(str, ends)) == ["None", "gone"], ends
    assert not type(made).objects.filter(pk=made.pk).exists()
    assert Event.objects.filter(outcome="success").count() == before + 1


@pytest.mark.parametrize("other", ["load", "edit", "take", "switch", "reset"])
def test_a_connection_and_its_device_change_at_once(other):
    """Neither change is lost, and the stored status is that of both."""
    world = World()
    actor, modifier = (factories.make_actor(world.a) for _ in range(2))
    whole = Tunnel.objects.whole()
    devices.load_configuration(factories.make_actor(world.a), whole.get())
    factories.rest(world.connection)
    tunnel, edited, stored = whole.get(), whole.get().device, world.connection
    edited.mtu = 1200
    act = {
        "load": lambda: devices.load_configuration(actor, tunnel),
        "edit": lambda: devices.edit_device(actor, edited, edited.revision),
        "take": lambda: devices.take_cloud_value(actor, tunnel, "psk"),
        "switch": lambda: devices.switch(actor, tunnel, on=False),
        "reset": lambda: devices.reset(actor, tunnel),
    }[other]
    draft = Draft(copy.copy(stored), [copy.copy(stored.tunnel)])
    draft.tunnels[0].psk = "another"
    ends = race(act, lambda: modify_connection(modifier, draft, stored.revision))
    assert ends == [None, None]
    after = whole.get()
    assert after.psk == "another"
    assert (other != "edit") or after.device.mtu == 1200
    assert after.device.is_on == (other != "switch")
    # If the device came second, it has the new key.
    assert after.device.psk in {"another", tunnel.psk} if other in ("load", "take") else after.device.psk == tunnel.psk
    assert list(derived.outdated()) == []
    assert after.device.changed_at >= edited.changed_at


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_edits_of_one_device(_round):
    world = World()
    devices.load_configuration(factories.make_actor(world.a), Tunnel.objects.whole().get())
    actors = [factories.make_actor(world.a) for _ in range(2)]
    edits = [Tunnel.objects.whole().get().device for _ in range(2)]
    for number, edited in enumerate(edits):
        edited.mtu = 1200 + number
    ends = race(
        *(
            lambda actor=actor, one=one: devices.edit_device(actor, one, one.revision)
            for actor, one in zip(actors, edits, strict=True)
        )
    )
    assert sorted(map(str, ends)) == ["None", "changed_meanwhile"], ends
    assert Device.objects.get().mtu == 1200 + ends.index(None)
