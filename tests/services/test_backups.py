"""A backup is a consistent snapshot, taken while others write, and is restored completely or not at all."""

import gzip
import json
import random
import re
import stat
import threading
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database

from connections.models import Connection, CustomerGateway, Event, Tunnel, User
from connections.persistence import encryption
from connections.services.backups import Unusable, back_up, restore, stored_models
from connections.services.integrity import findings
from tests.lives import Lives
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> dict:
    """All rows, with secrets decrypted."""
    rows = {}
    for model in stored_models():
        columns = [column.attname for column in model._meta.concrete_fields]
        tuples = model._base_manager.order_by("pk").values_list(*columns)
        rows[model] = [[one.open() if isinstance(one, encryption.Sealed) else one for one in row] for row in tuples]
    return rows


@pytest.fixture
def demo(settings, tmp_path):
    settings.ENCRYPTION_KEYS = tmp_path / "keys"
    encryption.make_first_key()
    call_command("seed_demo", verbosity=0)
    return tmp_path / "file.backup"


@pytest.fixture
def tiny(settings, tmp_path):
    """A backup of a few rows with secrets of two kinds."""
    settings.ENCRYPTION_KEYS = tmp_path / "keys"
    encryption.make_first_key()
    account = factories.make_account()
    factories.make_connection(account, gateway=factories.make_customer_gateway(account, auth_key="bgp-key"))
    file = tmp_path / "tiny.backup"
    back_up(file)
    return file


def test_everything_comes_back_as_it_was(demo):
    before = everything()
    assert all(before[model] for model in (Connection, Tunnel, Event, User))
    count = back_up(demo).count
    assert count == sum(map(len, before.values()))
    assert stat.S_IMODE(demo.stat().st_mode) == 0o600
    account = factories.make_account("later")
    factories.make_connection(account)
    Tunnel.objects.update(psk="")
    assert restore(demo, replace=True).count == count
    assert everything() == before
    # New rows get new primary keys.
    factories.make_connection(factories.make_account("new"))
    assert list(findings()) == []


def test_a_new_installation_takes_the_keys_of_the_old_one(demo, settings, tmp_path):
    back_up(demo)
    before = everything()
    call_command("flush", interactive=False, verbosity=0)
    settings.ENCRYPTION_KEYS = tmp_path / "elsewhere" / "keys"
    encryption.make_first_key()
    own = encryption.seal("x")
    restore(demo)
    assert everything() == before
    assert encryption.unseal(own) == "x"


def test_keys_of_the_environment_do_not_leave_it(demo, settings):
    key = encryption.new_key()
    settings.ENCRYPTION_KEYS = [key, *encryption.keys()]
    call_command("rotate_keys", stdout=StringIO())
    settings.ENCRYPTION_KEYS = [key]
    Tunnel.objects.update(psk="sealed-by-it")
    CustomerGateway.objects.update(auth_key="")
    back_up(demo)
    text = gzip.decompress(demo.read_bytes()).decode()
    assert key not in text
    assert "sealed-by-it" not in text
    settings.ENCRYPTION_KEYS = [encryption.new_key()]
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("restore", str(demo), replace=True)
    settings.ENCRYPTION_KEYS = [encryption.new_key(), key]
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


def lines_of(path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def write_lines(path, lines) -> None:
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(errors="surrogatepass"), 1))


def head(**changed):
    """Change the header; `...` removes a name."""

    def change(lines):
        header = json.loads(lines[0]) | changed
        return [json.dumps({name: value for name, value in header.items() if value is not ...}), *lines[1:]]

    return change


def row(change, table="connections.event"):
    """Change values of a table's first row by column name."""

    def changed(lines):
        number = next(number for number, line in enumerate(lines) if f'"table": "{table}"' in line)
        names = json.loads(lines[number])["columns"]
        values = change(dict(zip(names, json.loads(lines[number + 1]), strict=True)))
        return [*lines[: number + 1], json.dumps(values), *lines[number + 2 :]]

    return changed


def values(**changed):
    return lambda fields: list((fields | changed).values())


def inserted(line: str, at: int = 3):
    return lambda lines: [*lines[:at], line, *lines[at:]]


def _last_row(lines):
    return next(line for line in reversed(lines) if line.startswith("["))


DAMAGED = {
    "end": (lambda lines: lines[:-1], "its end is missing"),
    "row missing": (lambda lines: [line for line in lines if line != _last_row(lines)], "rows are missing"),
    "cut line": (lambda lines: [*lines[:5], "{", *lines[6:]], "damaged"),
    "no head": (lambda lines: ["{}", *lines[1:]], "no backup"),
    "more": (lambda lines: [*lines, "[]"], "damaged"),
    "no lines": (lambda lines: [], "no backup"),
    "older": (head(schema=["0001_initial"]), "last migration is 0001_initial"),
    "no schema": (head(schema=...), "another version"),
    "schema text": (head(schema="\x1b[2J"), "last migration is unknown"),
    "schema of numbers": (head(schema=[1, 2]), "another version"),
    "version": (head(version=[]), "another version"),
    "no key": (head(encryption_keys=["not-a-fernet-key"]), "its encryption keys are none"),
    "weak key": (head(encryption_keys=["A" * 43 + "="]), "its encryption keys are none"),
    "two keys in one": (head(encryption_keys=[f"{encryption.new_key()}\n"]), "its encryption keys are none"),
    "keys as text": (head(encryption_keys=encryption.new_key()), "its encryption keys are none"),
    "keys as a mapping": (head(encryption_keys={encryption.new_key(): 1}), "its encryption keys are none"),
    "whole numbers as keys": (head(encryption_keys=[1, 2]), "its encryption keys are none"),
    "unknown table": (inserted('{"table": "auth.nothing", "columns": []}', 1), "damaged"),
    "table is a list": (inserted('{"table": [], "columns": []}', 1), "damaged"),
    "no table": (inserted('{"columns": []}', 1), "damaged"),
    "unknown column": (inserted('{"table": "connections.account", "columns": ["id", "uid", "title"]}', 1), "columns"),
    "fewer columns": (inserted('{"table": "connections.account", "columns": ["id"]}', 1), "columns"),
    "columns twice": (inserted('{"table": "connections.account", "columns": ["id", "id", "uid"]}', 1), "columns"),
    "row before its table": (inserted("[1, 2]", 1), "damaged"),
    "number": (inserted("5"), "damaged"),
    "text": (inserted('"text"'), "damaged"),
    "null": (inserted("null"), "damaged"),
    "truth": (inserted("true"), "damaged"),
    "deep": (inserted("[" * 100_000), "damaged"),
    "long number": (inserted(f"[{'1' * 5000}]"), "damaged"),
    "short row": (row(lambda fields: list(fields.values())[:-1]), "damaged"),
    "long row": (row(lambda fields: [*fields.values(), 1]), "damaged"),
    "row is empty": (row(lambda fields: []), "damaged"),
    "broken moment": (row(values(at={"at": "noon"})), "damaged"),
    "moment without a zone": (row(values(at={"at": "2026-01-01T00:00:00"})), "damaged"),
    "moment as text": (row(values(at="2026-01-01T00:00:00+00:00")), "damaged"),
    "number as text": (row(values(account_id="1")), "damaged"),
    "list as text": (row(values(message=["x"])), "damaged"),
    "no text": (row(values(message=None)), "damaged"),
    "no primary key": (row(values(id=None)), "damaged"),
    "negative primary key": (row(values(id=-1)), "damaged"),
    "great number": (row(values(id=10**30)), "damaged"),
    "half a character": (row(values(message="\ud800")), "damaged"),
    "secret in clear": (row(values(psk="in clear"), "connections.tunnel"), "damaged"),
    "secret is none": (row(values(psk={"sealed": 5}), "connections.tunnel"), "cannot be opened|damaged"),
    "secret of others": (row(values(psk={"sealed": "x"}), "connections.tunnel"), "cannot be opened"),
    "no owner": (row(values(account_id=10**6)), "does not take a row of connections.event"),
    "negative": (row(values(revision=-1), "connections.connection"), "does not take a row of connections.connection"),
    "twice": (row(lambda fields: list((fields | {"id": fields["id"] + 1}).values())), "does not take a row"),
}


@pytest.mark.parametrize(("change", "words"), DAMAGED.values(), ids=DAMAGED)
def test_a_file_that_cannot_be_restored_changes_nothing(tiny, settings, change, words):
    before, keys = everything(), settings.ENCRYPTION_KEYS.read_bytes()
    write_lines(tiny, change(lines_of(tiny)))
    with pytest.raises(CommandError, match=f"Nothing was restored.*({words})") as caught:
        call_command("restore", str(tiny), replace=True)
    assert len(str(caught.value).splitlines()) == 1
    assert everything() == before
    assert settings.ENCRYPTION_KEYS.read_bytes() == keys


def test_a_file_with_a_foreign_key_and_no_end_leaves_the_keys_alone(demo, settings, tmp_path):
    back_up(demo)
    foreign = head(encryption_keys=[encryption.new_key()])
    write_lines(demo, foreign(lines_of(demo))[:-1])
    for path in (settings.ENCRYPTION_KEYS, tmp_path / "nowhere" / "keys"):
        settings.ENCRYPTION_KEYS = path
        before = path.read_bytes() if path.exists() else None
        with pytest.raises(Unusable):
            restore(demo, replace=True)
        assert (path.read_bytes() if path.exists() else None) == before


def test_keys_are_put_back_if_the_work_fails_after_they_were_adopted(demo, settings):
    before = settings.ENCRYPTION_KEYS.read_bytes()

    def fail():
        with encryption.unchanged_on_failure():
            encryption.adopt([encryption.new_key()])
            assert settings.ENCRYPTION_KEYS.read_bytes() != before
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert settings.ENCRYPTION_KEYS.read_bytes() == before


def test_facts_that_look_like_the_files_own_marks_are_facts(demo):
    event = Event.objects.latest("id")
    for facts in ({"at": "noon"}, {"sealed": "x"}):
        Event.objects.filter(pk=event.pk).update(facts=facts)
        back_up(demo)
        restore(demo, replace=True)
        assert Event.objects.get(pk=event.pk).facts == facts
        demo.unlink()


def test_what_a_backup_was_made_of_is_judged_while_it_is_there(demo):
    Tunnel.objects.filter(pk=Tunnel.objects.latest("id").pk).update(psk=encryption.Sealed("lost"))
    before = everything_sealed()
    with pytest.raises(
        CommandError, match=r"is kept, but it cannot be restored.*1 stored secret in connections.tunnel"
    ):
        call_command("backup", str(demo))
    assert demo.exists()
    assert everything_sealed() == before
    with pytest.raises(CommandError, match=r"1 stored secret in connections\.tunnel"):
        call_command("restore", str(demo), replace=True)


def everything_sealed() -> list:
    return list(Tunnel.objects.order_by("pk").values_list("pk", "account_id"))


def test_history_is_no_reason_to_refuse(demo):
    gone = Event.objects.filter(operation="CreateCen").first()
    Event.objects.filter(pk=gone.pk).delete()
    for command in ("backup", "restore"):
        out = StringIO()
        call_command(command, str(demo), stdout=out, **({"replace": True} if command == "restore" else {}))
        assert f"Warning: The event log does not tell that {gone.resource_id} was created." in out.getvalue()
    Event.objects.filter(operation__startswith="Create").delete()
    demo.unlink()
    call_command("backup", str(demo), stdout=out)
    assert re.search(r"Warning: \d+ more, which check_data prints\.\n", out.getvalue())


# --- at random ---------------------------------------------------------------------------------------------------


def test_whatever_two_accounts_have_done_comes_back(tmp_path):
    for seed in range(8):
        Lives(f"life {seed}").run()
        before, file = everything(), tmp_path / f"{seed}.backup"
        assert back_up(file).warnings == []
        assert restore(file, replace=True).warnings == []
        assert everything() == before
    assert list(findings()) == []
    created = Event.objects.filter(operation__startswith="Create").values_list("resource_id", flat=True)
    assert sum(count > 1 for count in Counter(created).values()) > 5


STRANGE = (None, True, 0, -1, 2**40, 10**30, 1.5, float("nan"), "", "x", "\0", "\ud800", [], ["x"], {}, {"at": "x"},
           {"at": "2026-01-01T00:00:00+00:00"}, {"sealed": "x"}, {"table": "connections.tag", "columns": []},
           "[" * 3000)  # fmt: skip


def mutated(chance: random.Random, content: bytes) -> bytes:
    """A backup's text with one random change."""
    lines = content.decode().splitlines()
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.choice(("bytes", "drop", "double", "swap", "value", "value", "value", "line", "cut")):
        case "bytes":
            place = chance.randrange(len(content))
            return content[:place] + chance.randbytes(chance.randint(1, 3)) + content[place + chance.randint(0, 3) :]
        case "cut":
            return content[: chance.randrange(len(content))]
        case "drop":
            del lines[at]
        case "double":
            lines.insert(to, lines[at])
        case "swap":
            lines[at], lines[to] = lines[to], lines[at]
        case "line":
            lines[at] = json.dumps(chance.choice(STRANGE))
        case "value":
            line = json.loads(lines[at])
            place = chance.choice(list(line) if isinstance(line, dict) else range(len(line)))
            line[place] = chance.choice(STRANGE)
            lines[at] = json.dumps(line)
    return ("\n".join(lines) + "\n").encode()


def refused(file) -> str:
    """Why a file cannot be restored; blank if it was restored."""
    try:
        restore(file, replace=True)
    except Unusable as unusable:
        return str(unusable)
    return ""


def test_broken_files_are_restored_or_refused_in_a_sentence(tiny, settings):
    chance = random.Random("broken")  # noqa: S311 - the same files every time
    good, keys, before = tiny.read_bytes(), settings.ENCRYPTION_KEYS.read_bytes(), everything()
    content, ends = gzip.decompress(good), Counter()
    for number in range(300):
        tiny.write_bytes(gzip.compress(mutated(chance, content), 1))
        if said := refused(tiny):
            ends["refused"] += 1
            assert len(said.splitlines()) == 1
            assert said.endswith(".")
            if number % 10 == 0:
                assert everything() == before
        else:
            ends["restored"] += 1
            tiny.write_bytes(good)
            restore(tiny, replace=True)
        assert settings.ENCRYPTION_KEYS.read_bytes() == keys
    assert everything() == before
    assert ends["refused"] > 150
    assert ends["restored"] > 6


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", gzip.compress(b"{}")[:-4], gzip.compress(b"\xff\n")],
    # A compressed file contains the time.
    ids=["empty", "nonsense", "cut off", "no text"],
)
def test_any_other_file_is_no_backup(demo, tmp_path, content):
    other = tmp_path / "other"
    other.write_bytes(content)
    before = everything()
    with pytest.raises(CommandError, match="Nothing was restored"):
        call_command("restore", str(other), replace=True)
    assert everything() == before
