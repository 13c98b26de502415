"""An account as a document: out, away, in again, and the same; with every fault at its place."""

import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from connections.models import Account, Connection, CustomerGateway, Event, Route, Tunnel
from connections.services.documents import MOST, as_text, exported, import_text
from connections.services.integrity import findings
from tests import factories


def plain(document) -> dict:
    return json.loads(json.dumps(document))


@pytest.fixture
def demo(db):
    call_command("seed_demo", verbosity=0)
    account = Account.objects.get(name="Harbour Logistics")
    connection = Connection.objects.of(account).get(name="hamburg-primary")
    Route(connection=connection, destination="172.30.0.0/16", weight=0, description="by hand").save()
    connection.authorizations.create(peer_uid="9" * 16, peer_cen_id="cen-elsewhere")
    return account


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_export_reset_import_is_the_same(form):
    call_command("seed_demo", verbosity=0)
    account = Account.objects.get(name="Harbour Logistics")
    connection = Connection.objects.of(account).get(name="hamburg-primary")
    Route(connection=connection, destination="172.30.0.0/16", weight=0, description="by hand").save()
    connection.authorizations.create(peer_uid="9" * 16, peer_cen_id="cen-elsewhere")
    before = plain(exported(account, keys=True))
    text = as_text(before, form)
    call_command("flush", interactive=False, verbosity=0)
    account = factories.create_account("Harbour Logistics")
    outcome = import_text(factories.make_actor(account), text)
    assert outcome.faults == []
    assert outcome.renamed == {}
    after = plain(exported(account, keys=True))
    assert after | {"account": None} == before | {"account": None}
    assert len(after["connections"]) == 6
    assert list(findings()) == []
    assert {connection.state for connection in Connection.objects.with_parts()} == {"attached", "init"}


def test_importing_again_changes_nothing(demo):
    text = as_text(exported(demo, keys=True), "yaml")
    before = Event.objects.count()
    outcome = import_text(factories.make_actor(demo), text)
    assert (outcome.made, outcome.faults) == ([], [])
    assert len(outcome.there) == 6 + 2 + 4 + 6
    assert Event.objects.count() == before + 1
    assert as_text(exported(demo, keys=True), "yaml") == text


def test_a_document_without_keys_holds_none_and_brings_new_ones(demo):
    text = as_text(exported(demo), "yaml")
    keys = [tunnel.psk for tunnel in Tunnel.objects.all()]
    assert not [key for key in keys if key in text]
    other = factories.make_account("Copy")
    outcome = import_text(factories.make_actor(other), text)
    assert outcome.faults == []
    # The IDs are taken, by an account of which nothing is said.
    assert len(outcome.renamed) == len(outcome.made)
    assert Connection.objects.of(other).count() == 6
    assert not {tunnel.psk for tunnel in Tunnel.objects.filter(account=other)} & set(keys)
    assert list(findings()) == []


def test_what_is_there_is_not_changed(demo):
    document = exported(demo)
    document["customer_gateways"][0]["name"] = "renamed"
    document["connections"][1]["tunnels"][0]["ike_pfs"] = "group5"
    outcome = import_text(factories.make_actor(demo), as_text(document, "json"))
    assert [fault.place for fault in outcome.faults] == ["customer_gateways[0]", "connections[1]"]
    assert not CustomerGateway.objects.filter(name="renamed").exists()


GOOD = """
format: vpn-console/resources
version: 1
customer_gateways:
- {id: dc, region: eu-central-1, name: dc, ip_address: 203.0.113.7, asn: 65010}
cens:
- id: net
  name: net
  transit_routers:
  - {id: fra, region: eu-central-1, name: fra, cidrs: [10.9.0.0/20]}
connections:
- region: eu-central-1
  name: one
  tunnels:
  - {customer_gateway: dc, psk: written-by-hand}
  attachment: {transit_router: fra, zone: eu-central-1a}
  routes:
  - {destination: 172.31.0.0/16}
"""


def test_a_document_by_hand_may_use_names_of_its_own(db):
    account = factories.make_account()
    outcome = import_text(factories.make_actor(account), GOOD)
    assert outcome.faults == []
    connection = Connection.objects.with_parts().get()
    assert connection.tunnel.psk == "written-by-hand"
    assert connection.living_attachment.transit_router.name == "fra"
    assert set(outcome.renamed) == {"dc", "net", "fra"}


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("version: 1", "version: 2", "version"),
        ("203.0.113.7", "nonsense", "customer_gateways[0].ip_address"),
        ("asn: 65010", "asn: 45104", "customer_gateways[0].asn"),
        ("asn: 65010", "asn: yes", "customer_gateways[0].asn"),
        ("asn: 65010", "colour: red", "customer_gateways[0].colour"),
        ("cidrs: [10.9.0.0/20]", "cidrs: [10.9.0.0/8]", "cens[0].transit_routers[0].cidrs"),
        ("cidrs: [10.9.0.0/20]", "cidrs: [5]", "cens[0].transit_routers[0].cidrs[0].cidr"),
        ("region: eu-central-1\n  name: one", "region: atlantis\n  name: one", "connections[0].region"),
        ("name: one", "name: http://x", "connections[0].name"),
        ("name: one", "name: [1]", "connections[0].name"),
        ("name: one", "enable_bgp: 1", "connections[0].enable_bgp"),
        ("name: one", "local_subnet: 10.0.0.0/8", "connections[0].local_subnet"),
        ("psk: written-by-hand", "psk: 'a b'", "connections[0].tunnels[0].psk"),
        ("customer_gateway: dc", "customer_gateway: nobody", "connections[0].tunnels[0].customer_gateway"),
        ("zone: eu-central-1a", "zone: cn-hangzhou-h", "connections[0].attachment.zone"),
        ("transit_router: fra", "transit_router: dc", "connections[0].attachment.transit_router"),
        ("destination: 172.31.0.0/16", "destination: 0.0.0.0/0", "connections[0].routes[0].destination"),
        ("172.31.0.0/16}", "172.31.0.0/16}\n  - {destination: 172.31.0.0/16}", "connections[0].routes[1].destination"),
        ("  routes:", "  authorizations: [{peer_uid: '1', peer_cen_id: cen-x}]\n  routes:",
         "connections[0].authorizations[0].peer_uid"),
        ("- id: net", "- id: dc", "cens[0].id"),
        ("cens:\n- id: net", "cens: 5\nx:\n- id: net", "document.x"),
    ],
)  # fmt: skip
def test_every_fault_has_its_place_and_nothing_is_made(db, before, after, place):
    account = factories.make_account()
    assert before in GOOD
    outcome = import_text(factories.make_actor(account), GOOD.replace(before, after, 1))
    assert place in [fault.place for fault in outcome.faults], outcome.faults
    assert outcome.made == []
    assert not CustomerGateway.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "", "5", "[]", "a: [", "a: *b", "\0", "!!python/object/apply:os.system ['true']", "{" * 5000, "- " * 5000,
        "a: &a [x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]", "format: vpn-console/resources", "{\"a\": \"\\ud800\"}",
        "? [a]\n: b", "? {a: b}\n: c", "1: 2", "2001-01-01: x", "a: 1\na: 2",
    ],
)  # fmt: skip
def test_what_is_no_document_is_said_to_be_none(db, text):
    outcome = import_text(factories.make_actor(), text)
    assert outcome.faults
    assert not outcome.made


@pytest.mark.parametrize("kind", ["customer_gateways", "cens", "connections"])
def test_more_than_can_be_read_at_once_is_not_begun(db, kind):
    head = {"format": "vpn-console/resources", "version": 1}
    actor = factories.make_actor()
    outcome = import_text(actor, json.dumps(head | {kind: [{}] * (MOST + 1)}))
    assert [(fault.place, str(fault.message)) for fault in outcome.faults] == [
        (kind, f"At most {MOST} of them are read at once.")
    ]


def test_a_connection_to_another_accounts_router_keeps_that_to_itself(db):
    owner, other = factories.make_account("Owner"), factories.make_account("Other")
    router = factories.make_transit_router(other)
    connection = factories.make_connection(owner)
    factories.Attachment(
        account=other, connection=connection, transit_router=router, zone="eu-central-1a", order_type="PayByCenOwner"
    ).save()
    text = as_text(exported(owner), "yaml")
    assert router.resource_id not in text
    assert connection.resource_id not in as_text(exported(other), "yaml")


# --- the page ----------------------------------------------------------------------------------------------------

PAGE = "/resources/"


def test_the_page_exports_and_imports(client, db):
    user = factories.make_user()
    client.force_login(user)
    answer = client.post(PAGE, {"text": GOOD})
    assert b"4 resources were made" in answer.content
    answer = client.get(reverse("resources-export"), {"format": "json"})
    assert answer.headers["Content-Disposition"].endswith('.json"')
    assert b"written-by-hand" not in answer.content
    assert len(json.loads(answer.content)["connections"]) == 1
    keys = client.post(reverse("resources-export-keys"), {"format": "yaml"})
    assert b"written-by-hand" in keys.content
    assert "no-store" in keys.headers["Cache-Control"]
    again = client.post(PAGE, {"text": keys.content.decode()})
    assert b"were there already" in again.content


def test_the_page_says_what_is_wrong_and_keeps_the_text(client, db):
    client.force_login(factories.make_user())
    answer = client.post(PAGE, {"text": GOOD.replace("name: one", "name: http://x")})
    text = answer.content.decode()
    assert "connections[0].name" in text
    assert "written-by-hand" in text
    assert "Nothing was imported: 1 problem." in text
    assert b"Choose a file" in client.post(PAGE, {}).content
