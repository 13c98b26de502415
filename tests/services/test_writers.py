"""Sixteen writers at once: no "locked" errors, nothing lost, nothing done twice."""

import time
from functools import partial
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from connections.domain.refusals import Refused
from connections.models import Connection, CustomerGateway, Event
from connections.persistence.database_outages import Why, reason
from connections.services.connections import delete_connection
from connections.services.customer_gateways import modify_customer_gateway
from connections.services.integrity import findings
from connections.services.write_lock import turn
from tests.read_only import read_only
from vpnconsole.testing import factories
from vpnconsole.testing.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, ROUNDS = 16, 4


def together(work) -> list[Exception]:
    """Run `work(number)` in all writers' threads at once, and return their exceptions."""
    return [end for end in at_once(*(partial(work, number) for number in range(WRITERS))) if end is not None]


def test_creates_and_deletes_of_two_accounts():
    accounts = [factories.make_account("A"), factories.make_account("B")]
    gateways = [factories.make_customer_gateway(account) for account in accounts]

    def work(number):
        account, gateway = accounts[number % 2], gateways[number % 2]
        for step in range(ROUNDS):
            made = factories.make_connection(account, gateway=gateway, name=f"c{number}-{step}")
            if step % 2:
                delete_connection(factories.make_actor(account), made)

    assert together(work) == []
    assert Connection.objects.count() == WRITERS * ROUNDS // 2
    assert Event.objects.filter(operation="CreateVpnAttachment", outcome="success").count() == WRITERS * ROUNDS
    assert list(findings()) == []


def test_no_change_is_lost():
    account = factories.make_account()
    gateway = factories.make_customer_gateway(account)

    def work(number):
        done = 0
        while done < ROUNDS:
            mine = CustomerGateway.objects.get(pk=gateway.pk)
            mine.description = f"{number}-{done}"
            try:
                modify_customer_gateway(factories.make_actor(account), mine, mine.revision)
                done += 1
            except Refused as refused:
                if refused.code != "changed_meanwhile":
                    raise

    assert together(work) == []
    changes = Event.objects.filter(operation="ModifyCustomerGatewayAttribute", outcome="success").order_by("id")
    assert changes.count() == WRITERS * ROUNDS
    assert CustomerGateway.objects.get().revision == 1 + WRITERS * ROUNDS
    # Each change starts from the result of the one before: a chain without gaps.
    facts = [event.facts["description"] for event in changes]
    assert [before for before, _ in facts] == ["", *[after for _, after in facts[:-1]]]


TURNS = 25


def test_nobody_waits_while_all_others_write():
    """All threads write repeatedly; even the unluckiest write waits only for a fraction of the total time."""
    accounts = [factories.make_account(f"A{number}") for number in range(WRITERS)]
    waits = []

    def work(number):
        for _ in range(TURNS):
            began = time.monotonic()
            factories.make_customer_gateway(accounts[number])
            waits.append(time.monotonic() - began)

    began = time.monotonic()
    assert together(work) == []
    taken = time.monotonic() - began
    print(f"{len(waits)} writes in {taken:.2f} s, the longest took {max(waits):.2f} s")
    assert len(waits) == WRITERS * TURNS
    # A perfectly fair share would be 1/TURNS. Relative to the total time, so that the machine's load does not matter.
    assert max(waits) < taken / 2


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL queues by itself")
def test_where_no_file_can_be_made_the_database_itself_says_what_is_wrong():
    """As on a disk that is mounted read-only. Here a folder occupies the path of the lock file."""
    taken = Path(f"{connection.settings_dict['NAME']}-turn")
    taken.unlink(missing_ok=True)
    taken.mkdir()
    try:
        with read_only(), pytest.raises(OperationalError) as raised, turn():
            factories.make_account()
        assert reason(raised.value) is Why.READ_ONLY
        with turn():
            factories.make_account()
    finally:
        taken.rmdir()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's own default")
def test_a_commit_is_on_the_disk_when_it_is_acknowledged():
    """According to SQLite's documentation, WAL transactions survive a power loss with FULL (2), but not with NORMAL."""
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert cursor.execute("PRAGMA synchronous").fetchone()[0] == 2
