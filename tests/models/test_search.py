"""Search finds connections by fragments of their names, IDs and addresses, on both databases."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection as database

from connections import clock, migrating, search
from connections.models import Connection
from connections.search import sqlite_fts
from connections.services import derived
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway():
    return factories.make_customer_gateway(factories.make_account(), ip_address="203.0.113.77")


@pytest.fixture
def made(gateway):
    return factories.make_connection(gateway.account, gateway=gateway, name="Übersee-Prod 7")


def finds(connection, text) -> bool:
    """Whether a search finds the connection; both ways of searching must agree."""
    place = (connection.account_id, connection.region_id)
    by_index = search.found(Connection.objects.filter(account=place[0], region_id=place[1]), text, *place)
    by_reading = search.read(Connection.objects.filter(account=place[0], region_id=place[1]), text)
    ways = {connection in rows for rows in (by_index, by_reading)}
    assert len(ways) == 1, text
    return ways.pop()


def named(connection, name: str) -> None:
    Connection.objects.filter(pk=connection.pk).update(name=name)
    derived.write_search_text(Connection.objects.get(pk=connection.pk))


def test_found_by_fragments_of_name_id_and_addresses(made):
    tunnel = made.tunnels.get()
    for text in ("prod", "PROD 7", "-P", "7", made.resource_id, made.resource_id[6:14], tunnel.internet_ip, "0.113.7"):
        assert finds(made, text), text
    for text in ("prod 8", "%", "_", '"', "p%d", "203.0.113.78", "prod 7vco"):
        assert not finds(made, text), text


def test_found_by_two_characters_or_one(made):
    for text in ("pr", "PR", "-P", "od", "d ", " 7", "77", ".7", "7", "Ü", "Üb", "ÜB", "vc", made.resource_id[-2:]):
        assert finds(made, text), text
    for text in ("7v", "px", "zq", "%%", '""', "_%", "杭", "杭州"):
        assert not finds(made, text), text
    named(made, '杭州 "a"*')
    for text in ("杭", "杭州", '"a', '"*', "a"):
        assert finds(made, text), text


def test_quotes_and_operators_are_only_text(made):
    named(made, 'say "prod" OR 1=1 NEAR(x) *')
    assert finds(made, '"prod" OR')
    assert finds(made, "NEAR(x) *")
    assert not finds(made, "prod OR")


def test_the_index_follows_the_rows(made):
    named(made, "rotterdam")
    assert (finds(made, "rotterdam"), finds(made, "prod")) == (True, False)
    other = factories.make_connection(made.account, gateway=made.tunnels.get().customer_gateway, name="antwerp")
    other.delete()
    assert not finds(made, "antwerp")
    if database.vendor == "sqlite":
        with database.cursor() as cursor:
            # Raises if the index does not match the rows.
            cursor.execute("INSERT INTO connections_words (connections_words, rank) VALUES ('integrity-check', 1)")


def test_the_index_of_one_account_is_not_that_of_another(made):
    other = factories.make_account("Summit Retail")
    assert not search.found(Connection.objects.all(), "prod", other.pk, made.region_id).filter(account=other).exists()
    if database.vendor == "sqlite":
        # The index itself separates the accounts, before any condition on the account.
        assert not search.found(Connection.objects.all(), "prod", other.pk, made.region_id).exists()
        assert not search.found(Connection.objects.all(), "prod", made.account_id, "cn-hangzhou").exists()


def test_a_search_that_fetches_a_few_ids_fetches_its_own(made, gateway):
    elsewhere = factories.make_account("Summit Retail")
    for account in (elsewhere, gateway.account):
        factories.make_connection(account, name="prod")
    rows = Connection.objects.filter(account=elsewhere)
    assert search.found(rows, "prod", elsewhere.pk, made.region_id, at_most=1).count() == 1


def test_a_migration_takes_more_time_than_a_request():
    if database.vendor != "postgresql":
        pytest.skip("SQLite does not limit the duration of a statement")

    def limit() -> str:
        with database.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return cursor.fetchone()[0]

    usual = limit()
    migrating.before_migration("default", plan=["one"])
    assert limit() == "0"
    migrating.after_migration("default", plan=["one"])
    assert limit() == usual != "0"


@pytest.mark.django_db(transaction=True)
def test_the_index_outlives_a_migration_that_rebuilds_tables():
    call_command("migrate", "connections", "0004", verbosity=0)
    call_command("migrate", verbosity=0)
    gateway = factories.make_customer_gateway(factories.make_account())
    made = factories.make_connection(gateway.account, gateway=gateway, name="after")
    assert finds(made, "after")
    named(made, "later")
    assert finds(made, "later")


@pytest.mark.django_db(transaction=True)
def test_what_triggers_wrote_is_searched_after_the_upgrade(gateway):
    made = factories.make_connection(gateway.account, gateway=gateway, name="before")
    text = Connection.objects.get().search_text
    call_command("migrate", "connections", "0022", verbosity=0)
    # As version 0.1 wrote it, with its trigger: from now on the text that a service writes must stay.
    old = f"{text}\n" if database.vendor == "sqlite" else text[3:]
    with database.cursor() as cursor:
        cursor.execute("UPDATE connections_connection SET search_text = %s", [old])
        if database.vendor == "sqlite":
            cursor.execute("CREATE TRIGGER connection_changed AFTER UPDATE ON connections_connection BEGIN "
                           "UPDATE connections_connection SET search_text = 'x' WHERE id = NEW.id; END")  # fmt: skip
        else:
            cursor.execute("CREATE FUNCTION connections_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                           "NEW.search_text := 'x'; RETURN NEW; END $$")  # fmt: skip
            cursor.execute("CREATE TRIGGER connection_kept BEFORE UPDATE ON connections_connection "
                           "FOR EACH ROW EXECUTE FUNCTION connections_keep()")  # fmt: skip
    call_command("migrate", verbosity=0)
    assert Connection.objects.get().search_text == text
    # Long after the first try.
    with clock.hold(clock.now() + timedelta(minutes=1)):
        assert list(derived.outdated()) == []
    assert finds(made, "before")
    named(made, "after")
    assert finds(made, "after")


def test_without_an_index_the_rows_are_read(made, monkeypatch):
    monkeypatch.setattr(sqlite_fts, "is_available", lambda: False)
    assert finds(made, "prod")
