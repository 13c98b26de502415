"""Secrets are encrypted tokens in the database and plain text in Python, with any key."""

import importlib
import stat
from functools import partial
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core import serializers
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection as database
from hypothesis import given
from hypothesis import strategies as st

from connections.models import CustomerGateway, Tunnel
from connections.persistence import encryption
from connections.services.secrets import SAMPLE, sealed_columns, unreadable
from vpnconsole.testing.factories import make_account, make_connection, make_customer_gateway
from vpnconsole.testing.together import at_once

SECRET = "planted-psk"


def stored(model=Tunnel, column="psk") -> str:
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {model._meta.db_table}")  # noqa: S608 - names of ours
        return cursor.fetchone()[0]


@pytest.fixture
def keys(settings):
    """One key, as from the environment."""
    settings.ENCRYPTION_KEYS = [encryption.new_key()]
    return settings.ENCRYPTION_KEYS


@pytest.fixture
def no_key_file(settings, tmp_path):
    """Keys are in a file that does not exist yet."""
    settings.ENCRYPTION_KEYS = tmp_path / "data" / "encryption-keys"
    return settings.ENCRYPTION_KEYS


@pytest.fixture
def key_file(no_key_file):
    """The key file that migrating an empty database creates."""
    encryption.make_first_key()
    return no_key_file


@given(st.text(min_size=1, max_size=100))
def test_what_is_sealed_comes_back(text):
    token = encryption.seal(text)
    assert text not in token or len(text) < 4
    assert encryption.unseal(token) == text


@pytest.mark.django_db
def test_a_key_is_a_token_in_the_database_and_itself_in_python(keys):
    made = make_connection(make_account(), tunnel={"psk": SECRET})
    assert SECRET not in stored()
    assert Fernet(keys[0]).decrypt(stored()).decode() == SECRET
    tunnel = Tunnel.objects.get()
    assert tunnel.psk == SECRET == made.tunnel.psk
    assert SECRET not in repr(tunnel.__dict__)
    assert SECRET not in repr(Tunnel.objects.values("psk").get())


@pytest.mark.django_db
def test_a_row_is_read_and_saved_without_opening_its_secret(keys, settings):
    make_connection(make_account(), tunnel={"psk": SECRET})
    before = stored()
    settings.ENCRYPTION_KEYS = [encryption.new_key()]
    tunnel = Tunnel.objects.get()
    tunnel.internet_ip = "198.18.0.1"
    tunnel.save()
    assert stored() == before
    with pytest.raises(encryption.WrongKey) as caught:
        tunnel.psk  # noqa: B018 - reading opens
    assert SECRET not in str(caught.value)
    assert unreadable() == {"connections.tunnel.psk": 1}


@pytest.mark.django_db
def test_a_blank_key_stays_blank_and_can_be_asked_for():
    gateway = make_customer_gateway(make_account())
    assert stored(CustomerGateway, "auth_key") == ""
    assert CustomerGateway.objects.get(auth_key="") == gateway
    assert not CustomerGateway.objects.exclude(auth_key="").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", [{"psk": SECRET}, {"psk__contains": "a"}, {"psk__startswith": "a"}])
def test_a_sealed_column_cannot_be_searched(lookup):
    with pytest.raises(FieldError):
        Tunnel.objects.filter(**lookup).exists()


@pytest.mark.django_db
def test_the_generic_dump_writes_no_secret_out():
    make_connection(make_account(), tunnel={"psk": SECRET})
    with pytest.raises(TypeError, match="backup"):
        serializers.serialize("json", Tunnel.objects.all())


def test_every_secret_column_is_known_to_the_rotation():
    assert {(CustomerGateway, "auth_key"), (Tunnel, "psk")} <= set(sealed_columns())


@pytest.mark.parametrize("key", ["short", "x" * 44])
def test_a_key_that_is_none_is_not_quoted(settings, key):
    settings.ENCRYPTION_KEYS = [key]
    with pytest.raises(ImproperlyConfigured) as caught:
        encryption.seal("x")
    assert key not in str(caught.value)


def test_the_file_of_keys_is_for_its_owner_only(key_file):
    token = encryption.seal("x")
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    made = key_file.read_text()
    assert encryption.unseal(token) == "x"
    encryption.write_keys(key_file.with_name("other"), [encryption.new_key()])
    assert key_file.read_text() == made
    assert [path.name for path in key_file.parent.iterdir() if path.name.startswith(".")] == []


@pytest.mark.django_db
def test_keys_are_made_with_an_empty_database_and_never_again(no_key_file):
    call_command("migrate", verbosity=0)
    make_connection(make_account(), tunnel={"psk": SECRET})
    assert Tunnel.objects.get().psk == SECRET
    no_key_file.unlink()
    call_command("migrate", verbosity=0)
    with pytest.raises(ImproperlyConfigured, match="missing or empty"):
        encryption.seal("x")
    assert not no_key_file.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "missing or empty"),
        ("", "missing or empty"),
        ("key\n", "a key is 32 bytes"),
        ("other", "cannot be opened"),
    ],
)
def test_a_server_with_the_wrong_keys_is_told_so(key_file, content, words):
    make_connection(make_account(), tunnel={"psk": SECRET})
    call_command("check_keys")
    key_file.unlink()
    if content is not None:
        encryption.write_keys(key_file, [encryption.new_key()] if content == "other" else content.split())
    with pytest.raises(CommandError, match=words) as caught:
        call_command("check_keys")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.django_db
def test_a_secret_that_was_sealed_while_the_keys_were_away_is_found_in_whatever_column(key_file):
    """The check at start tries the oldest and the newest secrets, and `check_data` tries all of them."""
    account = make_account()
    kept = encryption.keys()
    for number in range(2 * SAMPLE):
        make_customer_gateway(account, auth_key="bgp-key" if number else "")
    encryption.write_keys(key_file, [encryption.new_key()])
    make_customer_gateway(account, auth_key="meanwhile")
    encryption.write_keys(key_file, kept)
    with pytest.raises(CommandError, match="1 stored secret cannot be opened"):
        call_command("check_keys")
    CustomerGateway.objects.filter(pk=CustomerGateway.objects.first().pk + 300).update(auth_key=encryption.Sealed("x"))
    with pytest.raises(CommandError, match=r"2 stored secrets in connections\.customergateway\.auth_key"):
        call_command("check_data")


def test_keys_that_somebody_else_has_made_meanwhile_are_not_replaced(no_key_file):
    """Otherwise secrets encrypted with those keys could no longer be decrypted."""
    key_file, made = no_key_file, encryption.new_key()
    encryption.make_keys(key_file, made)
    encryption.make_keys(key_file, encryption.new_key())
    assert key_file.read_text().split() == [made]
    assert [path.name for path in key_file.parent.iterdir()] == [key_file.name]


def test_of_many_that_begin_at_once_one_makes_the_keys(no_key_file):
    def begin(text: str) -> str:
        encryption.make_first_key()
        return encryption.seal(text)

    tokens = at_once(*(partial(begin, str(number)) for number in range(16)))
    assert len(no_key_file.read_text().split()) == 1
    assert [encryption.unseal(token) for token in tokens] == [str(number) for number in range(16)]


def said() -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_rotating_the_file_seals_everything_anew_and_forgets_the_oldest(key_file):
    account = make_account()
    gateway = make_customer_gateway(account, auth_key="planted-bgp-key")
    make_connection(account, gateway=gateway, tunnel={"psk": SECRET})
    (first,) = encryption.keys()
    assert "2 secrets" in said()
    second, kept = encryption.keys()
    assert kept == first
    assert Fernet(second).decrypt(stored()).decode() == SECRET
    assert "2 secrets" in said()
    assert encryption.keys()[1:] == [second]
    assert Tunnel.objects.get().psk == SECRET
    assert CustomerGateway.objects.get().auth_key == "planted-bgp-key"
    assert not unreadable()


@pytest.mark.django_db
def test_rotating_keys_of_the_environment_uses_the_first(keys, settings):
    make_connection(make_account(), tunnel={"psk": SECRET})
    newer = encryption.new_key()
    settings.ENCRYPTION_KEYS = [newer, *keys]
    assert Tunnel.objects.get().psk == SECRET
    assert "first key alone" in said()
    settings.ENCRYPTION_KEYS = [newer]
    assert Tunnel.objects.get().psk == SECRET


@pytest.mark.django_db
def test_rotating_without_the_old_key_changes_nothing(keys, settings):
    make_connection(make_account(), tunnel={"psk": SECRET})
    before = stored()
    settings.ENCRYPTION_KEYS = [encryption.new_key()]
    with pytest.raises(CommandError, match="Nothing was changed"):
        said()
    assert stored() == before


@pytest.mark.django_db
def test_rotating_without_the_file_of_the_old_key_makes_no_other(key_file):
    make_connection(make_account(), tunnel={"psk": SECRET})
    encryption.write_keys(key_file, [encryption.new_key()])
    before = key_file.read_text()
    with pytest.raises(CommandError, match="Nothing was changed"):
        said()
    assert key_file.read_text() == before


@pytest.mark.django_db
def test_the_migration_seals_what_stood_in_clear_and_back():
    make_connection(make_account(), tunnel={"psk": SECRET})
    migration = importlib.import_module("connections.migrations.0003_secrets_at_rest")
    with database.cursor() as cursor:
        cursor.execute("UPDATE connections_tunnel SET psk = %s", [SECRET])
    with _Editor() as editor:
        migration.seal(apps, editor)
        assert encryption.unseal(stored()) == SECRET
        migration.unseal(apps, editor)
        assert stored() == SECRET


class _Editor:
    """The part of a schema editor that the data migration needs; SQLite's own refuses to start in a transaction."""

    connection = database

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass
