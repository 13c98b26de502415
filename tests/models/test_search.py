"""What the database keeps for lists: search texts, their index, and whether a connection is bound."""

import pytest
from django.core.management import call_command
from django.db import connection as database
from django.db.models import Q

from connections import search
from connections.models import Attachment, Connection, CustomerGateway, Route, Tunnel
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(gateway_of):
    return factories.make_connection(gateway_of.account, gateway=gateway_of, name="Übersee-Prod 7")


@pytest.fixture
def gateway_of():
    return factories.make_customer_gateway(factories.make_account(), ip_address="203.0.113.77")


def finds(connection, text) -> bool:
    """Whether both ways of searching find it; they must agree."""
    place = (connection.account_id, connection.region_id)
    by_index = search.found(Connection.objects.filter(account=place[0], region_id=place[1]), text, *place)
    by_reading = search.read(Connection.objects.filter(account=place[0], region_id=place[1]), text)
    ways = {connection in rows for rows in (by_index, by_reading)}
    assert len(ways) == 1, text
    return ways.pop()


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
    Connection.objects.filter(pk=made.pk).update(name='杭州 "a"*')
    for text in ("杭", "杭州", '"a', '"*', "a"):
        assert finds(made, text), text


def test_customer_gateways_are_found_by_the_index_however_they_were_written(gateway_of):
    def finds(text):
        rows = CustomerGateway.objects.of(gateway_of.account)
        named = Q(name__icontains=text) | Q(resource_id__contains=text) | Q(ip_address__contains=text)
        found = set(search.gateways(rows, text, gateway_of.account_id).filter(named))
        assert found == set(rows.filter(named)), text
        return gateway_of in found

    for text in ("203.0.113.77", "113.7", gateway_of.name, gateway_of.name.upper()[:3], gateway_of.resource_id[5:12]):
        assert finds(text), text
    CustomerGateway.objects.filter(pk=gateway_of.pk).update(name='say "Übersee" OR *')
    for text, there in (('"Über', True), ("OR *", True), ("say OR", False), ("pilot", False)):
        assert finds(text) == there, text
    other = factories.make_account("Summit Retail")
    if database.vendor == "sqlite":
        # The index keeps accounts apart, and forgets what has gone.
        assert not search.gateways(CustomerGateway.objects.all(), "say", other.pk).exists()
        number = gateway_of.pk
        gateway_of.delete()
        with database.cursor() as cursor:
            cursor.execute("SELECT rowid FROM connections_gatewaywords WHERE connections_gatewaywords MATCH 'say'")
            assert number not in [row for (row,) in cursor.fetchall()]
        search.remove("default")
        kept = factories.make_customer_gateway(other, name="rotterdam")
        search.install("default")
        assert search.gateways(CustomerGateway.objects.all(), "terda", other.pk).get() == kept


def test_quotes_and_operators_are_only_text(made):
    made.name = 'say "prod" OR 1=1 NEAR(x) *'
    made.save()
    assert finds(made, '"prod" OR')
    assert finds(made, "NEAR(x) *")
    assert not finds(made, "prod OR")


def test_what_changes_is_found_anew_however_it_was_written(made):
    Connection.objects.filter(pk=made.pk).update(name="rotterdam")
    assert (finds(made, "rotterdam"), finds(made, "prod")) == (True, False)
    # A row read before, saved whole, writes back its old copy of the text.
    stale = Connection.objects.get(pk=made.pk)
    Connection.objects.filter(pk=made.pk).update(name="antwerp")
    stale.save()
    assert (finds(made, "rotterdam"), finds(made, "antwerp")) == (True, False)
    Tunnel.objects.filter(connection=made).update(internet_ip="198.18.7.7")
    assert finds(made, "198.18.7.7")
    made.tunnels.all().delete()
    assert not finds(made, "198.18.7.7")
    made.delete()
    assert not finds(made, "rotterdam")


def test_bound_follows_the_attachment(gateway_of):
    account = gateway_of.account
    router = factories.make_transit_router(account)
    connection = factories.make_connection(account, gateway=gateway_of, router=router)

    def bound():
        return Connection.objects.get(pk=connection.pk).is_bound

    assert bound()
    Attachment.objects.update(transition="Detaching")
    assert not bound()
    Attachment.objects.update(transition="Attaching")
    assert bound()
    Attachment.objects.all().delete()
    assert not bound()


def test_routes_follow_the_attachment_of_their_connection(gateway_of):
    account = gateway_of.account
    router = factories.make_transit_router(account)
    connection = factories.make_connection(account, gateway=gateway_of, router=router)
    before = Route.objects.create(connection=connection, destination="10.1.0.0/16")

    def leads_to():
        return list(Route.objects.order_by("id").values_list("transit_router", flat=True))

    assert leads_to() == [router.pk]
    # What was read before the attachment went is saved whole, and writes its old copy back.
    stale = Route.objects.get(pk=before.pk)
    Attachment.objects.all().delete()
    assert leads_to() == [None]
    stale.save()
    assert leads_to() == [None]
    other = factories.make_transit_router(account, name="second", cen=factories.make_cen(account))
    Attachment.objects.create(account=account, connection=connection, transit_router=other, zone="eu-central-1a")
    Route.objects.create(connection=connection, destination="10.2.0.0/16")
    assert leads_to() == [other.pk, other.pk]
    Attachment.objects.update(transit_router=router)
    assert leads_to() == [router.pk, router.pk]


def test_the_index_of_one_account_is_not_that_of_another(made):
    other = factories.make_account("Summit Retail")
    assert not search.found(Connection.objects.all(), "prod", other.pk, made.region_id).filter(account=other).exists()
    if database.vendor == "sqlite":
        # The index itself keeps them apart, before any condition on the account.
        assert not search.found(Connection.objects.all(), "prod", other.pk, made.region_id).exists()
        assert not search.found(Connection.objects.all(), "prod", made.account_id, "cn-hangzhou").exists()


def test_index_and_rows_agree(made):
    made.name = "changed"
    made.save()
    factories.make_connection(made.account, gateway=made.tunnels.get().customer_gateway)
    if database.vendor == "sqlite":
        with database.cursor() as cursor:
            # Raises when the index holds anything else than the rows.
            cursor.execute("INSERT INTO connections_words (connections_words, rank) VALUES ('integrity-check', 1)")
    search.remove("default")
    Connection.objects.filter(pk=made.pk).update(search_text="", is_bound=True)
    route = Route.objects.create(connection=made, destination="10.1.0.0/16", transit_router_id=7)
    search.install("default")
    assert Route.objects.get(pk=route.pk).transit_router_id is None
    assert finds(made, "changed")
    assert not Connection.objects.get(pk=made.pk).is_bound


def test_filling_in_may_take_longer_than_a_request(made):
    if database.vendor != "postgresql":
        pytest.skip("SQLite has no limit to how long a statement takes")
    with database.cursor() as cursor:
        # Every row of a slow database, as if there were very many.
        cursor.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_sleep(1.5); RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER a_slow BEFORE UPDATE ON connections_connection FOR EACH ROW EXECUTE FUNCTION slow()"
        )
    search.remove("default")
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '1s'")
    search.install("default")
    assert finds(made, "prod")


@pytest.mark.django_db(transaction=True)
def test_triggers_outlive_a_migration_that_rebuilds_tables():
    call_command("migrate", "connections", "0004", verbosity=0)
    call_command("migrate", verbosity=0)
    gateway = factories.make_customer_gateway(factories.make_account())
    assert finds(factories.make_connection(gateway.account, gateway=gateway, name="after"), "after")
