"""Documents, services and the form take the same spellings as the API; commands answer files that they cannot read."""

import pytest
from django.core.management import CommandError, call_command

from connections.documents import as_text, exported, import_text
from connections.models import Connection, CustomerGateway, Event
from connections.services.connections import modify_connection
from connections.services.customer_gateways import modify_customer_gateway
from connections.services.drafts import Draft
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db

SIDES = {"routing_mode": "protected", "local_subnet": ["10.0.0.0/16"], "remote_subnet": ["192.168.0.0/16"]}


@pytest.fixture
def account():
    return factories.make_account("A")


def document(account, **changed: str) -> str:
    """The document of an account with one connection, with other spellings in it."""
    text = as_text(exported(account), "json")
    for before, after in changed.values():
        assert before in text
        text = text.replace(before, after)
    return text


@pytest.fixture
def made(account):
    gateway = factories.make_customer_gateway(account, name="Hamburg")
    return factories.make_connection(account, gateway=gateway, name="hq", tags=[("env", "prod")], **SIDES)


def imported(account, text: str):
    other = factories.make_account("B")
    outcome = import_text(factories.make_actor(other), text)
    return outcome, other


def test_a_document_is_read_without_the_blanks_around_its_texts(account, made):
    spelled = document(
        account,
        name=('"hq"', '"  hq "'),
        tags=('"env": "prod"', '" env ": "prod  "'),
        networks=('"10.0.0.0/16"', '" 10.0.0.0/16 ,"'),
    )
    outcome, other = imported(account, spelled)
    assert not outcome.faults
    row = Connection.objects.get(account=other)
    assert (row.name, row.local_subnet) == ("hq", ["10.0.0.0/16"])
    assert [(tag.key, tag.value) for tag in row.tags.all()] == [("env", "prod")]
    # The same document once more finds everything there.
    again = import_text(factories.make_actor(account), spelled)
    assert not again.faults
    assert not again.made


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('"10.0.0.0/16"', '"10.0.0.0/255.255.0.0"', "Did you mean 10.0.0.0/16?"),
        ('"192.168.0.0/16"', '"192.168.1.0/16"', "Did you mean 192.168.0.0/16?"),
        ('"Hamburg"', '"Hamburg\\u2060"', "U+2060"),
        ('"env": "prod"', '"env": "prod", "env ": "test"', "twice"),
    ],
)
def test_a_document_with_another_spelling_is_refused_with_the_usual_one(account, made, before, after, words):
    outcome, other = imported(account, document(account, change=(before, after)))
    assert words in " ".join(str(fault.message) for fault in outcome.faults)
    assert not Connection.objects.filter(account=other).exists()


def test_a_health_check_that_is_off_moves_with_a_document(account):
    kept = {"health_check_dip": "192.168.0.1", "health_check_interval": 60, "health_check_policy": "reserve_route"}
    factories.make_connection(account, health_check=False, **kept)
    outcome, other = imported(account, as_text(exported(account), "yaml"))
    assert not outcome.faults
    row = Connection.objects.get(account=other)
    assert {name: getattr(row, name) for name in kept} == kept


@pytest.mark.parametrize("block", ["0.0.0.0/0", "0.0.0.0/1"])
def test_sides_that_overlap_move_with_a_document(account, block):
    factories.make_connection(account, **SIDES | {"remote_subnet": [block]})
    outcome, other = imported(account, as_text(exported(account), "yaml"))
    assert not outcome.faults
    routes = Connection.objects.get(account=other).routes.values_list("destination", flat=True)
    assert list(routes) == ([] if block == "0.0.0.0/0" else [block])


def test_a_modification_announces_only_what_somebody_changed(account, made):
    gateway = made.tunnel.customer_gateway
    made.transition_ends = None
    made.save()
    made.name = "  hq "
    modify_connection(factories.make_actor(account), Draft(made, [made.tunnel], None, None), made.revision)
    gateway.name, gateway.description = " Hamburg", " rack 7 "
    modify_customer_gateway(factories.make_actor(account), gateway, gateway.revision)
    facts = {event.operation: event.facts for event in Event.objects.filter(operation__startswith="Modify")}
    assert facts == {
        "ModifyVpnAttachmentAttribute": {},
        "ModifyCustomerGatewayAttribute": {"description": ["", "rack 7"]},
    }
    assert Connection.objects.get(pk=made.pk).name == "hq"
    assert CustomerGateway.objects.get(pk=gateway.pk).description == "rack 7"


# --- files -------------------------------------------------------------------------------------------------------

CONTENTS = {
    "empty": b"",
    "UTF-16": "format: vpn-console/resources\n".encode("utf-16"),
    "UTF-16 without a mark": "format: vpn-console/resources\n".encode("utf-16-le"),
    "Latin-1": "name: Straße\n".encode("latin-1"),
    "binary": bytes(range(256)),
    "an archive": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "JSON cut off": b'{"format": "vpn-console/resources", "version": 2, ',
    "a number": b"7",
}
COMMANDS = {
    "import_resources": lambda account, file: ["import_resources", account.uid, str(file)],
    "restore": lambda account, file: ["restore", str(file), "--replace"],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("content", [*CONTENTS, "missing", "a folder", "a folder that is a file", "a name with NUL"])
def test_a_file_that_cannot_be_read_gets_one_sentence(account, tmp_path, command, content):
    file = tmp_path / "file"
    if content in CONTENTS:
        file.write_bytes(CONTENTS[content])
    elif content == "a folder":
        file.mkdir()
    elif content == "a folder that is a file":
        file.write_text("")
        file = file / "below"
    elif content == "a name with NUL":
        file = tmp_path / "a\0b"
    with pytest.raises(CommandError) as raised:
        call_command(*COMMANDS[command](account, file))
    assert raised.value.returncode == 1
    assert len(str(raised.value).splitlines()) <= 2


@pytest.mark.parametrize("place", ["", "missing/file", "file/below", "a\0b", "x" * 300])
def test_a_file_that_cannot_be_written_gets_one_sentence(account, tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError) as raised:
        call_command("backup", str(tmp_path) + "/" * bool(place) + place)
    assert len(str(raised.value).splitlines()) == 1


def test_a_document_with_a_byte_order_mark_is_read(account, made, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(document(account).encode("utf-8-sig"))
    call_command("import_resources", account.uid, str(file))
