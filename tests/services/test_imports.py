"""A large import does not block others: it is limited, validated first, and written in one short transaction."""

import copy
import gc
import json
import time
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connections.documents import import_text, now_and_then, stored_progress
from connections.documents.importer import ATTEMPTS
from connections.documents.schema import MAX_ENTRIES, MAX_FAULTS, MAX_ITEMS
from connections.domain.refusals import Refused
from connections.management.commands.import_resources import Command
from connections.models import Connection, CustomerGateway, Event, ImportProgress, RouteEntry, Tag, Tunnel
from connections.services.inserts import ORDER
from connections.services.integrity import findings
from tests import documents_of
from vpnconsole.testing import factories
from vpnconsole.testing.together import at_once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("largest", [documents_of.gateways, documents_of.connections])
def test_others_write_while_the_largest_document_is_judged_and_wait_less_than_a_second_while_it_is_written(largest):
    account, other = factories.make_account("Large"), factories.make_account("Small")
    document = largest()
    held = []

    def in_turn(execute, *args):
        try:
            return execute(*args)
        finally:
            if connection.in_atomic_block:
                held.append(time.process_time())

    def write_elsewhere(done, total):
        if done == total:
            # In another thread: if this one held the write lock, that one would time out.
            [made] = at_once(partial(factories.make_customer_gateway, other))
            assert isinstance(made, CustomerGateway), made

    # The garbage collector must not go through what other tests have left in this process.
    gc.freeze()
    try:
        with connection.execute_wrapper(in_turn):
            outcome = import_text(factories.make_actor(account), json.dumps(document), write_elsewhere)
    finally:
        gc.unfreeze()
    assert outcome.faults == []
    assert CustomerGateway.objects.of(other).count() == 1
    # CPU time, which does not depend on the load of the machine.
    assert held[-1] - held[0] < 1
    assert len(held) < len(outcome.made) / 3
    assert Event.objects.of(account).count() == len(outcome.made) + 1
    assert list(findings()) == []


def test_the_largest_document_is_no_larger(db):
    for document in (documents_of.gateways(), documents_of.connections()):
        outcome = import_text(factories.make_actor(), json.dumps(document | {"resource_groups": ["g"] * 9}))
        assert [fault.place for fault in outcome.faults] == ["document"]


def test_rows_are_inserted_after_those_they_refer_to():
    for number, model in enumerate(ORDER):
        for column in model._meta.concrete_fields:
            if column.many_to_one and column.related_model in ORDER and not column.null:
                assert column.related_model in ORDER[:number], column


# --- changes while a document is validated -----------------------------------------------------------------------

BLOCK = "169.254.50.0/30"
DOCUMENT = documents_of.HEAD | {
    "customer_gateways": [
        {"id": "cgw-gm5wanted", "region": documents_of.REGION, "ip_address": "203.0.113.7", "asn": 65010}
    ],
    "connections": [
        {
            "region": documents_of.REGION,
            "enable_bgp": True,
            "tunnels": [{"customer_gateway": "cgw-gm5wanted", "tunnel_cidr": BLOCK, "local_bgp_ip": "169.254.50.1",
                         "gateway_ip": "198.18.7.7"}],
        }
    ],
}  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_what_the_account_does_meanwhile_is_judged_too():
    account = factories.make_account()

    def use_the_block(done, total):
        if not Connection.objects.exists():
            tunnel = {"tunnel_cidr": BLOCK, "local_bgp_ip": "169.254.50.1"}
            factories.make_connection(account, enable_bgp=True, tunnel=tunnel)

    outcome = import_text(factories.make_actor(account), json.dumps(DOCUMENT), use_the_block)
    assert [fault.place for fault in outcome.faults] == ["connections[0].tunnels[0].tunnel_cidr"]
    assert Connection.objects.count() == 1
    assert not Event.objects.filter(operation="ImportResources").exists()


@pytest.mark.django_db(transaction=True)
def test_what_another_account_takes_meanwhile_is_not_taken_twice():
    account, other = factories.make_account("A"), factories.make_account("B")

    def take_the_same(done, total):
        if not Connection.objects.exists():
            assert import_text(factories.make_actor(other), json.dumps(DOCUMENT)).renamed == {}

    outcome = import_text(factories.make_actor(account), json.dumps(DOCUMENT), take_the_same)
    assert list(outcome.renamed) == ["cgw-gm5wanted"]
    assert [tunnel.internet_ip for tunnel in Tunnel.objects.filter(account=other)] == ["198.18.7.7"]
    assert Tunnel.objects.exclude(account=other).get().internet_ip != "198.18.7.7"
    assert list(findings()) == []


@pytest.mark.django_db(transaction=True)
def test_what_another_account_closes_meanwhile_is_not_attached():
    owner, account = factories.make_account("Owner"), factories.make_account("Router")
    router = factories.make_transit_router(account, cidrs=["10.9.0.0/20"])
    made = factories.make_connection(owner)
    factories.rest(router, router.cen, made)
    opened = made.authorizations.create(peer_uid=account.uid, peer_cen_id=router.cen.resource_id)
    attachment = {"connection": made.resource_id, "owner": owner.uid, "zone": f"{documents_of.REGION}a"}
    there = {"id": router.resource_id, "region": documents_of.REGION, "attachments": [attachment],
             "name": "frankfurt", "cidrs": ["10.9.0.0/20"]}  # fmt: skip
    document = documents_of.HEAD | {"cens": [{"id": router.cen.resource_id, "name": "backbone",
                                              "transit_routers": [there]}]}  # fmt: skip
    outcome = import_text(
        factories.make_actor(account), json.dumps(document), lambda done, total: opened.delete() if opened.pk else None
    )
    assert outcome.faults == []
    assert [one.place for one in outcome.waiting] == ["cens[0].transit_routers[0].attachments[0]"]
    assert outcome.made == []


@pytest.mark.django_db(transaction=True)
def test_an_account_that_never_rests_is_left_alone():
    account, done_before = factories.make_account(), []

    def write(done, total):
        if done == total:
            done_before.append(factories.make_customer_gateway(account))

    with pytest.raises(Refused) as caught:
        import_text(factories.make_actor(account), json.dumps(DOCUMENT), write)
    assert caught.value.code == "account_in_use"
    assert len(done_before) == ATTEMPTS
    assert not Connection.objects.exists()


# --- bounds ------------------------------------------------------------------------------------------------------


def everything() -> dict:
    """A document with something in every list."""
    router = {
        "id": "fra", "region": "eu-central-1", "cidrs": ["10.9.0.0/20"], "tags": {"a": "b"},
        "attachments": [{"connection": "vco-x", "owner": "1" * 16, "zone": "eu-central-1a", "tags": {"a": "b"},
                         "gateway_ips": ["10.9.0.1"]}],
        "route_entries": [{"destination": "10.77.0.0/16"}],
    }  # fmt: skip
    made = {
        "region": "eu-central-1", "routing_mode": "protected", "tags": {"a": "b"},
        "local_subnet": ["10.0.0.0/16"], "remote_subnet": ["172.16.0.0/16"],
        "tunnels": [{"customer_gateway": "dc", "device": {"announced": ["10.0.0.0/8"]}}],
        "attachment": {"transit_router": "fra", "zone": "eu-central-1a", "tags": {"a": "b"}},
        "routes": [{"destination": "172.30.0.0/16"}],
        "automatic_routes": [{"destination": "172.16.0.0/16", "weight": 0}],
        "authorizations": [{"peer_uid": "1" * 16, "peer_cen_id": "cen-x"}],
    }  # fmt: skip
    return documents_of.HEAD | {
        "resource_groups": ["Laboratory"],
        "customer_gateways": [{"id": "dc", "region": "eu-central-1", "ip_address": "203.0.113.7", "tags": {"a": "b"}}],
        "cens": [{"id": "net", "tags": {"a": "b"}, "transit_routers": [router]}],
        "connections": [made],
    }


def lists_of(value, path=()):
    """The paths of all lists and tags in a document."""
    if isinstance(value, list) or (path and path[-1] == "tags"):
        yield path
    for name, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from lists_of(one, (*path, name))


LISTS = list(lists_of(everything()))


def test_every_list_of_the_schema_is_tried():
    assert {path[-1] for path in LISTS} == {
        "resource_groups", "customer_gateways", "cens", "transit_routers", "attachments", "route_entries",
        "connections", "tunnels", "routes", "authorizations", *MAX_ITEMS,
    }  # fmt: skip


@pytest.mark.parametrize("path", LISTS, ids=lambda path: ".".join(map(str, path)))
def test_ten_thousand_elements_are_one_fault_at_once(db, path):
    document = everything()
    above = document
    for name in path[:-1]:
        above = above[name]
    many = above[path[-1]]
    above[path[-1]] = {f"k{n}": "v" for n in range(10_000)} if isinstance(many, dict) else many * 10_000
    text = json.dumps(document)
    actor, began = factories.make_actor(), time.process_time()
    outcome = import_text(actor, text)
    assert len(outcome.faults) == 1
    assert time.process_time() - began < 2
    assert not Tag.objects.exists()


def test_a_list_that_is_compared_in_pairs_is_short_before_it_is_compared(db):
    document = everything()
    document["cens"][0]["transit_routers"][0]["cidrs"] *= MAX_ENTRIES // 2
    outcome = import_text(factories.make_actor(), json.dumps(document))
    assert [fault.place for fault in outcome.faults] == ["cens[0].transit_routers[0].cidrs"]


def test_faults_beyond_the_first_hundred_are_counted(db):
    document = documents_of.gateways()
    for one in document["customer_gateways"]:
        one["ip_address"] = one["color"] = "nonsense"
    outcome = import_text(factories.make_actor(), json.dumps(document))
    assert len(outcome.faults) == MAX_FAULTS
    assert outcome.more_faults == 2 * len(document["customer_gateways"]) - MAX_FAULTS


# --- IDs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tail", ["<xss>\"'\nb", "../../x?y#z", "ü", "", "a" * 40])
def test_an_entry_keeps_no_id_that_is_none(db, tail):
    document = everything()
    document["cens"][0]["transit_routers"][0]["route_entries"][0]["id"] = f"rte-{tail}"
    outcome = import_text(factories.make_actor(), json.dumps(document))
    assert outcome.faults == []
    assert RouteEntry.objects.get().resource_id.removeprefix("rte-").isalnum()
    assert outcome.renamed[f"rte-{tail}"] == RouteEntry.objects.get().resource_id


def test_an_entry_to_the_attachment_of_a_connection_at_fault_is_no_second_fault(db):
    document = everything()
    document["connections"][0]["attachment"]["id"] = "a1"
    document["connections"][0]["name"] = "http://x"
    document["cens"][0]["transit_routers"][0]["route_entries"][0]["attachment"] = "a1"
    outcome = import_text(factories.make_actor(), json.dumps(document))
    assert [fault.place for fault in outcome.faults] == ["connections[0].name"]


def test_connections_need_no_ids(db):
    document = everything()
    document["connections"].append(copy.deepcopy(document["connections"][0]))
    outcome = import_text(factories.make_actor(), json.dumps(document))
    assert outcome.faults == []
    assert Connection.objects.count() == 2
    assert not {name for name in outcome.renamed if "connections" in name}


# --- progress ----------------------------------------------------------------------------------------------------

TOKEN = "6f1c1a2e-0000-4000-8000-000000000000"


def test_a_long_import_stores_how_far_it_is_until_it_ends(db, clock):
    account = factories.make_account()
    ImportProgress(account=account, token="of a killed server", done=1, total=2).save()
    clock.tick(86_400)
    snapshots = []
    with stored_progress(account, TOKEN) as progress:

        def slow(done, total):
            clock.tick(0.4)
            progress(done, total)
            snapshots.append([(one.token, one.done, one.total) for one in ImportProgress.objects.all()])

        assert import_text(factories.make_actor(account), json.dumps(everything()), slow).faults == []
    # First after one second, then once a second.
    assert [len(rows) and rows[-1][1] for rows in snapshots] == [1, 1, 3, 3, 3, 6]
    assert snapshots[-1] == [(TOKEN, 6, 6)]
    assert not ImportProgress.objects.exists()


def test_the_page_shows_the_progress_of_its_own_form(client, db):
    user, other = factories.make_user(), factories.make_user(factories.make_account("Other"), "mallory")
    address = reverse("resources-progress")
    row = ImportProgress(account=user.account, token=TOKEN, done=1200, total=2000)
    row.save()
    client.force_login(user)
    page = client.get(reverse("resources")).content.decode()
    assert f'hx-get="{address}"' in page
    shown = client.get(address, {"_once": TOKEN}).content.decode()
    assert "Judging 1,200 of 2,000 resources…" in shown
    assert 'value="1200" max="2000"' in shown
    row.done = 2000
    row.save()
    assert "Writing…" in client.get(address, {"_once": TOKEN}).content.decode()
    # The page polls for a minute for an import that has not started.
    assert "hx-get" in client.get(address, {"_once": "another"}).content.decode()
    assert "hx-get" not in client.get(address, {"_once": "another", "unseen": "-" * 60}).content.decode()
    client.force_login(other)
    assert "<progress" not in client.get(address, {"_once": TOKEN}).content.decode()


def test_the_page_and_the_command_count_what_they_do_not_list(client, db, tmp_path):
    user = factories.make_user()
    document = documents_of.gateways()
    for one in document["customer_gateways"]:
        one["ip_address"] = "nonsense"
    client.force_login(user)
    page = client.post(reverse("resources"), {"text": json.dumps(document)}).content.decode()
    assert "Nothing was imported: 2000 problems." in page
    assert "and 1,900 more" in page
    path = tmp_path / "document.json"
    path.write_text(json.dumps(document))
    with pytest.raises(CommandError, match="and 1900 more"):
        call_command("import_resources", user.account.uid, str(path))


def test_the_command_tells_how_far_it_is(clock):
    output = StringIO()
    command = Command(stderr=output)
    report = now_and_then(command.report)
    for done in (1, 2, 3):
        clock.tick(0.9)
        report(done, 3)
    assert output.getvalue() == "2 of 3 resources judged\n"
    command.report(3, 3)
    assert output.getvalue().endswith("Writing\n")


def test_ten_times_as_many_customer_gateways_take_as_many_queries(db):
    """A document of one batch each time, so that only queries for each gateway would make a difference."""
    numbers = []
    for count in (4, 40):
        actor = factories.make_actor(factories.make_account())
        document = documents_of.gateways(count)
        for gateway in document["customer_gateways"]:
            del gateway["id"], gateway["tags"]
        with CaptureQueriesContext(connection) as queries:
            assert not import_text(actor, json.dumps(document)).faults
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
