"""The data of loadtest-data follows the rules of the services, and can be found by search."""

import pytest

from bench import loadtest
from connections import search
from connections.models import Account, Attachment, Cen, Connection, CustomerGateway, Event, Route, TransitRouter
from connections.services import derived
from connections.services.drafts import Draft, draft_problems

PLAN = loadtest.Plan(300, accounts=3, gateways=20, cens=4, routes=100)

pytestmark = pytest.mark.django_db(transaction=True)


def test_everything_keeps_the_rules():
    loadtest.load(PLAN)
    connections = list(Connection.objects.with_parts())
    assert len(connections) == 300
    rows = [*connections, *(connection.tunnel for connection in connections), *Attachment.objects.all()]
    for row in (*rows, *CustomerGateway.objects.all(), *Cen.objects.all(), *TransitRouter.objects.all()):
        row.full_clean()
    for connection in connections:
        tags = [(tag.key, tag.value) for tag in connection.tags.all()]
        problems = draft_problems(Draft(connection, [connection.tunnel], connection.living_attachment, tags))
        assert not list(problems), connection
    assert Account.objects.filter(name__startswith="Load Test").count() == 3
    assert Event.objects.count() == 300
    assert list(derived.outdated()) == []
    assert Route.objects.count() >= 100


def test_a_second_load_adds_to_the_first_and_all_of_it_is_found():
    loadtest.load(loadtest.Plan(20, gateways=3, cens=1, routes=0, one_account=True))
    account = loadtest.load(loadtest.Plan(20, gateways=3, cens=1, routes=0, one_account=True))
    mine = Connection.objects.of(account)
    assert mine.filter(region_id=loadtest.REGION).count() == 40
    for connection in mine:
        assert search.found(mine, connection.name, account.pk, connection.region_id).get() == connection
    # Rows created afterwards get new primary keys.
    assert Cen.objects.create(account=account, resource_group=account.default_resource_group).pk > 2


def test_the_largest_account_has_about_as_many_as_were_asked_for():
    account = loadtest.load(loadtest.Plan(400, accounts=4, gateways=3, cens=1, routes=0, largest=100))
    assert Connection.objects.count() == 400
    assert 70 < Connection.objects.of(account).filter(region_id=loadtest.REGION).count() < 130
