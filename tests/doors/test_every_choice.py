"""Every member of every choice goes through every door, so that an addition to `choices` cannot be incomplete.

The name of a case has field, member and door. `EXCEPTIONS` lists what a door cannot express, with the reason; each
exception is tested too, and fails once the door can express it.
"""

import inspect
from collections.abc import Iterable, Iterator

import pytest
from django.db import transaction
from django.db.models import BooleanField

from connections.domain import choices, sections
from connections.domain.regions import REGIONS, ZONES
from connections.models import Device
from connections.peer_config import DIALECTS
from connections.wire.names import wire_name
from tests.declared import form_classes
from tests.documents import POLICIES_ALONE
from tests.doors.walk import DOORS, LANGUAGES, PRINTING, READING, Field, Silent, World, declared

pytestmark = pytest.mark.django_db

# Columns with a few values that no page and no operation offers as a choice.
NOT_CHOSEN = {
    "User.is_superuser": "Django's; members have roles",
    "User.is_staff": "Django's; there is no admin site",
    "User.is_demo": "set by the demo",
    "ResourceGroup.is_default": "set with the account",
    "RouteTable.is_default": "set with the transit router",
    "Connection.is_bound": "derived",
    "Tunnel.negotiation_status": "follows from the peer's answers",
    "Event.outcome": "what happened",
    "Route.source": "who made it",
} | {
    f"Device.{field.name}": "no page offers the settings of a simulated device; documents carry them, as tested there"
    for field in Device._meta.concrete_fields
    if isinstance(field, BooleanField)
}
# Choices whose values are derived, recorded or only used for searching.
NOT_STORED = {
    "ConnectionState": "derived from the clock",
    "AttachmentStatus": "derived from the clock",
    "CenStatus": "derived from the clock",
    "NegotiationStatus": "reported by the peer",
    "RouteStatus": "derived from the attachment",
    "TableType": "derived from whether a route table is the default one",
    "EntryStatus": "derived from the routes",
    "EntryType": "derived from the routes",
    "RouteSource": "who created a route",
    "BgpSource": "which end announces a route",
    "ProbeResult": "follows from the negotiation",
    "ResourceOwner": "filters a list of connections",
    "Outcome": "what happened",
    "Door": "where a key was disclosed",
}
CATALOGUE = {*REGIONS, *ZONES}


def fields() -> dict[str, tuple]:
    """The fields to walk, with their members. Regions and zones belong to the catalogue, not to the choices."""
    return {
        str(field): members
        for field, members in declared().items()
        if str(field) not in NOT_CHOSEN and not CATALOGUE.issuperset(members)
    }


CHOSEN = fields()
ALL_BUT_FORM = tuple(door for door in DOORS if door != "form")
IN_TUNNEL = tuple(str(Field("Tunnel", name)) for name in sections.TUNNEL_FIELDS if f"Tunnel.{name}" in CHOSEN)
API_ALONE = ("Connection.auto_config_route", "Connection.tunnel_bandwidth")


def exceptions() -> Iterator[tuple[Iterable[str], Iterable[str], str]]:
    """Fields, the doors that cannot express them, and why."""
    yield ("User.role", "User.is_active", "AccessKey.status"), ALL_BUT_FORM, "members and access keys are not resources"
    yield API_ALONE, ("form",), "the product's console has no such field"
    yield ("Attachment.order_type",), ("export",), "an import attaches again, with the authorized payer"
    own = ("Connection.tunnel_bandwidth", "Connection.associate_resource", "Connection.health_check_policy",
           "Attachment.order_type", "Attachment.auto_publish_route_enabled", "Attachment.associate_default_route_table",
           "Attachment.propagate_to_default_route_table", "Authorization.order_type", "Route.weight",
           "TransitRouterCidr.publish_cidr_route")  # fmt: skip
    yield own, ("document", *DIALECTS), "affects only the cloud, not the device"
    yield ("Connection.auto_config_route",), DIALECTS, "the networks are negotiated in either case"
    yield (
        ("Connection.effect_immediately",),
        [key for key in DIALECTS if key not in POLICIES_ALONE],
        "the device's configuration does not depend on it",
    )
    yield ("Tunnel.enable_dpd", "Tunnel.enable_nat_traversal"), ("json",), "the product's format has no field for it"
    bgp_only = [key for key, dialect in DIALECTS.items() if dialect.bgp_only]
    of_the_tunnel = ("Connection.network_type", "Connection.routing_mode", "Connection.health_check", *IN_TUNNEL)
    yield of_the_tunnel, bgp_only, "configures only the BGP session"


# What a language of Show as code has no argument for. A comment says it.
COMMENTED = [(field, "code.terraform") for field in (*API_ALONE, "Attachment.order_type")]
EXCEPTIONS = {(field, door): why for names, doors, why in exceptions() for field in names for door in doors}
CELLS = [
    pytest.param(field, member, door, id=f"{field}-{getattr(member, 'value', member)}-{door}")
    for field, members in CHOSEN.items()
    for member in members
    for door in DOORS
    if (field, door) not in EXCEPTIONS
]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The accounts of the walk. The first test of a choice sends it through every door."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def result(world, field: str, member, door: str):
    return world.see(Field(*field.split(".")), member, door)


@pytest.mark.parametrize(("field", "member", "door"), CELLS)
def test_a_door_says_what_was_chosen(world, field, member, door):
    answer = result(world, field, member, door)
    if isinstance(answer, Exception):
        raise answer
    if door in READING:
        assert answer == member
        return
    alike = [other for other in CHOSEN[field] if other != member and result(world, field, other, door) == answer]
    assert not alike, f"{door} prints the same for {member}"
    if door in DIALECTS:
        files, notes = answer
        assert files or any(refuses for _, _, refuses in notes)


@pytest.mark.parametrize(("field", "door"), EXCEPTIONS, ids=[f"{field}-{door}" for field, door in EXCEPTIONS])
def test_a_door_still_does_not_say_it(world, field, door):
    answers = [result(world, field, member, door) for member in CHOSEN[field]]
    assert all(isinstance(answer, Silent) for answer in answers) or all(answer == answers[0] for answer in answers)
    assert not [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Silent)]


def comments_of(text: str) -> tuple[list[str], list[str]]:
    """The comments and the other lines of a program."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line.startswith("#")], [line for line in lines if not line.startswith("#")]


@pytest.mark.parametrize(("field", "door"), COMMENTED, ids=[f"{field}-{door}" for field, door in COMMENTED])
def test_a_comment_says_what_a_language_has_no_argument_for(world, field, door):
    parts = [comments_of(result(world, field, member, door)) for member in CHOSEN[field]]
    assert all(code == parts[0][1] for _, code in parts)
    name = wire_name(field.partition(".")[2])
    assert any(f" {name} = " in line for comments, _ in parts for line in comments)


def test_languages_leave_out_nothing_of_a_resource():
    """Otherwise the code would make another resource than the one that it shows."""
    assert {field for field, door in EXCEPTIONS if door in LANGUAGES} == {
        "User.role", "User.is_active", "AccessKey.status"
    }  # fmt: skip


def test_every_column_of_few_values_is_walked_or_nobody_chooses_it():
    stored = {str(field) for field in declared()}
    assert stored >= NOT_CHOSEN.keys()
    offered = {
        f"{form._meta.model.__name__}.{name}"
        for form in form_classes()
        if getattr(form, "_meta", None) and form._meta.model
        for name in form.base_fields
    }
    assert not offered & NOT_CHOSEN.keys()
    assert {field for field, _ in EXCEPTIONS} <= CHOSEN.keys()


def test_every_vocabulary_is_walked_or_nobody_stores_it():
    vocabularies = {
        name: tuple(each)
        for name, each in inspect.getmembers(choices, inspect.isclass)
        if issubclass(each, choices.TextChoices) and each is not choices.TextChoices
    }
    walked = {name for name, members in vocabularies.items() if members in CHOSEN.values()}
    assert walked | NOT_STORED.keys() == vocabularies.keys()
    assert not walked & NOT_STORED.keys()


def test_there_are_as_many_doors_as_there_should_be():
    assert len(DIALECTS) == 22
    assert len(LANGUAGES) == 4
    assert set(DOORS) == {*READING, *PRINTING}
