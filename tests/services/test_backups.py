"""A backup is one moment of everything, taken while others write, and comes back as it was or not at all."""

import gzip
import json
import stat
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database

from connections import vault
from connections.models import Connection, CustomerGateway, Event, Tunnel, User
from connections.services.backups import back_up, restore, stored_models
from connections.services.integrity import findings
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> dict:
    """All rows, with secrets opened."""
    rows = {}
    for model in stored_models():
        columns = [column.attname for column in model._meta.concrete_fields]
        found = model._base_manager.order_by("pk").values_list(*columns)
        rows[model] = [[one.open() if isinstance(one, vault.Sealed) else one for one in row] for row in found]
    return rows


@pytest.fixture
def demo(settings, tmp_path):
    settings.ENCRYPTION_KEYS = tmp_path / "keys"
    call_command("seed_demo", verbosity=0)
    return tmp_path / "file.backup"


def test_everything_comes_back_as_it_was(demo):
    before = everything()
    assert all(before[model] for model in (Connection, Tunnel, Event, User))
    count = back_up(demo)
    assert count == sum(map(len, before.values()))
    assert stat.S_IMODE(demo.stat().st_mode) == 0o600
    account = factories.make_account("later")
    factories.make_connection(account)
    Tunnel.objects.update(psk="")
    assert restore(demo, replace=True) == count
    assert everything() == before
    # What is made next gets an ID of its own.
    factories.make_connection(factories.make_account("new"))
    assert list(findings()) == []


def test_a_new_installation_takes_the_keys_of_the_old_one(demo, settings, tmp_path):
    back_up(demo)
    before = everything()
    call_command("flush", interactive=False, verbosity=0)
    settings.ENCRYPTION_KEYS = tmp_path / "elsewhere" / "keys"
    own = vault.seal("x")
    restore(demo)
    assert everything() == before
    assert vault.unseal(own) == "x"


def test_keys_of_the_environment_do_not_leave_it(demo, settings):
    key = vault.new_key()
    settings.ENCRYPTION_KEYS = [key, *vault.keys()]
    call_command("rotate_keys", stdout=StringIO())
    settings.ENCRYPTION_KEYS = [key]
    Tunnel.objects.update(psk="sealed-by-it")
    CustomerGateway.objects.update(auth_key="")
    back_up(demo)
    text = gzip.decompress(demo.read_bytes()).decode()
    assert key not in text
    assert "sealed-by-it" not in text
    settings.ENCRYPTION_KEYS = [vault.new_key()]
    with pytest.raises(CommandError, match="lacks their key"):
        call_command("restore", str(demo), replace=True)
    settings.ENCRYPTION_KEYS = [vault.new_key(), key]
    restore(demo, replace=True)
    assert {tunnel.psk for tunnel in Tunnel.objects.all()} == {"sealed-by-it"}


def test_a_backup_that_is_taken_while_others_write_fits_together(demo):
    account = factories.make_account("busy")
    gateway = factories.make_customer_gateway(account)
    stop, begun, wrong = threading.Event(), threading.Event(), []

    def write():
        try:
            while not stop.is_set():
                factories.make_connection(account, gateway=gateway)
                begun.set()
        except Exception as error:
            wrong.append(error)
        finally:
            database.close()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        assert begun.wait(60), wrong
        during = Connection.objects.count()
        back_up(demo)
        after = Connection.objects.count()
    finally:
        stop.set()
        for writer in writers:
            writer.join(60)
    assert wrong == []
    restore(demo, replace=True)
    assert during <= Connection.objects.count() <= after
    assert list(findings()) == []


def test_what_is_there_is_only_lost_on_demand(demo):
    back_up(demo)
    before = everything()
    with pytest.raises(CommandError, match="--replace"):
        call_command("restore", str(demo))
    assert everything() == before
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(demo))


def damaged(demo, change) -> None:
    lines = gzip.decompress(demo.read_bytes()).decode().splitlines()
    with gzip.open(demo, "wt") as file:
        file.write("\n".join(change(lines)) + "\n")


def another_version(lines):
    return [json.dumps(json.loads(lines[0]) | {"schema": ["0001_initial"]}), *lines[1:]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: lines[:-1], "its end is missing"),
        (lambda lines: [*lines[:-2], lines[-1]], "rows are missing"),
        (lambda lines: [*lines[:5], "{", *lines[6:]], "damaged"),
        (lambda lines: ["{}", *lines[1:]], "no backup"),
        (another_version, "another version"),
    ],
)
def test_a_file_that_cannot_be_restored_changes_nothing(demo, change, words):
    back_up(demo)
    before = everything()
    damaged(demo, change)
    with pytest.raises(CommandError, match=words):
        call_command("restore", str(demo), replace=True)
    assert everything() == before


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", gzip.compress(b"{}")[:-4], gzip.compress(b"\xff\n")],
    # What is compressed has the time in it.
    ids=["empty", "nonsense", "cut off", "no text"],
)
def test_any_other_file_is_no_backup(demo, tmp_path, content):
    other = tmp_path / "other"
    other.write_bytes(content)
    before = everything()
    with pytest.raises(CommandError, match="Nothing was restored"):
        call_command("restore", str(other), replace=True)
    assert everything() == before
