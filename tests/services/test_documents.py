"""An account as a document: exported, deleted and imported, it is the same; each fault names its place."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from connections.documents import as_text, exported, import_text
from connections.documents.builder import covers
from connections.documents.parser import MAX_VALUES, parsed
from connections.documents.schema import MAX_ENTRIES, READABLE
from connections.domain.choices import RouteSource
from connections.models import (
    Account,
    Attachment,
    Authorization,
    Cen,
    Connection,
    CustomerGateway,
    Device,
    Event,
    ResourceGroup,
    Route,
    RouteEntry,
    RouteTable,
    Tag,
    TransitRouter,
    TransitRouterCidr,
    Tunnel,
)
from connections.services.accounts import create_account
from connections.services.attachments import create_attachment
from connections.services.integrity import findings
from dev import ROOT
from vpnconsole.testing import factories
from vpnconsole.testing.pages import main_form


def plain(document) -> dict:
    return json.loads(json.dumps(document))


@pytest.fixture
def demo(db):
    call_command("seed_demo", verbosity=0)
    account = Account.objects.get(name="Harbour Logistics")
    connection = Connection.objects.of(account).get(name="hamburg-primary")
    factories.make_route(connection, "172.30.0.0/16", weight=0, description="by hand")
    connection.authorizations.create(peer_uid="9" * 16, peer_cen_id="cen-elsewhere")
    return account


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_export_reset_import_is_the_same(form):
    call_command("seed_demo", verbosity=0)
    account = Account.objects.get(name="Harbour Logistics")
    connection = Connection.objects.of(account).get(name="hamburg-primary")
    factories.make_route(connection, "172.30.0.0/16", weight=0, description="by hand")
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
    assert len(after["connections"]) == 9
    assert list(findings()) == []
    assert {connection.state for connection in Connection.objects.with_parts()} == {"attached", "init"}


def test_importing_again_changes_nothing(demo):
    text = as_text(exported(demo, keys=True), "yaml")
    before = Event.objects.count()
    outcome = import_text(factories.make_actor(demo), text)
    assert (outcome.made, outcome.faults) == ([], [])
    assert len(outcome.there) == 8 + 2 + 4 + 9
    assert Event.objects.count() == before + 1
    assert as_text(exported(demo, keys=True), "yaml") == text


def test_a_document_without_keys_holds_none_and_brings_new_ones(demo):
    text = as_text(exported(demo), "yaml")
    keys = [tunnel.psk for tunnel in Tunnel.objects.all()]
    assert not [key for key in keys if key in text]
    other = factories.make_account("Copy")
    outcome = import_text(factories.make_actor(other), text)
    assert outcome.faults == []
    # Another account, which the result does not mention, has the IDs.
    assert len(outcome.renamed) == len(outcome.made)
    assert Connection.objects.of(other).count() == 9
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
        ("version: 1", "version: 6", "version"),
        ("version: 1", "version: yes", "version"),
        ("version: 1", "version: 2\nresource_groups: [5]", "resource_groups[0]"),
        ("name: one", "resource_group: [5]", "connections[0].resource_group"),
        ("name: one", "tunnel_bandwidth: huge", "connections[0].tunnel_bandwidth"),
        ("name: one", "automatic_routes: [{destination: 172.31.0.0/16, weight: 0}]",
         "connections[0].automatic_routes[0].destination"),
        ("zone: eu-central-1a}", "zone: eu-central-1a, name: http://x}", "connections[0].attachment.name"),
        ("zone: eu-central-1a}", "zone: eu-central-1a, description: 5}", "connections[0].attachment.description"),
        ("zone: eu-central-1a}", "zone: eu-central-1a, tags: {acs:x: y}}", "connections[0].attachment.tags"),
        ("zone: eu-central-1a}", "cen: cen-x, owner: '1234567890123456'}", "connections[0].attachment.cen"),
        ("zone: eu-central-1a}", "cen: cen-x, owner: 5}", "connections[0].attachment.owner"),
        ("zone: eu-central-1a}", "cen: cen-x, owner: '1234567890123456', zone: x}", "connections[0].attachment.zone"),
        ("cidrs: [10.9.0.0/20]", "route_entries: [{destination: nowhere}]",
         "cens[0].transit_routers[0].route_entries[0].destination"),
        ("cidrs: [10.9.0.0/20]", "route_entries: [{destination: 10.0.0.0/8, attachment: dc}]",
         "cens[0].transit_routers[0].route_entries[0].attachment"),
        ("cidrs: [10.9.0.0/20]", "route_entries: [{destination: 10.0.0.0/8}, {destination: 10.0.0.0/8}]",
         "cens[0].transit_routers[0].route_entries[1].destination"),
        ("cidrs: [10.9.0.0/20]", "route_tables: [{id: vtb-x, name: http://x}]",
         "cens[0].transit_routers[0].route_tables[0].name"),
        ("cidrs: [10.9.0.0/20]", "route_tables: [{id: vtb-x}, {id: vtb-x}]",
         "cens[0].transit_routers[0].route_tables[1].id"),
        ("cidrs: [10.9.0.0/20]", "route_table: vtb-x, route_tables: [{id: vtb-x, tags: {acs:x: y}}]",
         "cens[0].transit_routers[0].route_tables[0].tags"),
        ("cidrs: [10.9.0.0/20]", "route_entries: [{destination: 10.0.0.0/8, route_table: vtb-x}]",
         "cens[0].transit_routers[0].route_entries[0].route_table"),
        ("zone: eu-central-1a}", "zone: eu-central-1a, route_table: vtb-x}", "connections[0].attachment.route_table"),
        ("zone: eu-central-1a}", "zone: eu-central-1a, propagations: [{route_table: 5}]}",
         "connections[0].attachment.propagations[0].route_table"),
        ("cidrs: [10.9.0.0/20]", "attachments: [{connection: vco-x}]",
         "cens[0].transit_routers[0].attachments[0].owner"),
        ("cidrs: [10.9.0.0/20]", "attachments: [{connection: vco-x, owner: '1234567890123456', name: http://x}]",
         "cens[0].transit_routers[0].attachments[0].name"),
        ("203.0.113.7", "nonsense", "customer_gateways[0].ip_address"),
        ("asn: 65010", "asn: 45104", "customer_gateways[0].asn"),
        ("asn: 65010", "asn: yes", "customer_gateways[0].asn"),
        ("asn: 65010", "color: red", "customer_gateways[0].color"),
        ("cidrs: [10.9.0.0/20]", "cidrs: [10.9.0.0/8]", "cens[0].transit_routers[0].cidrs"),
        ("cidrs: [10.9.0.0/20]", "cidrs: [{cidr: 10.9.0.0/20, name: http://x}]",
         "cens[0].transit_routers[0].cidrs[0].name"),
        ("cidrs: [10.9.0.0/20]", "cidrs: [{cidr: 10.9.0.0/20, color: red}]",
         "cens[0].transit_routers[0].cidrs[0].color"),
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


HEAD = "format: vpn-console/resources\nversion: 1\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("cens: &a [{id: x, name: x}]\nconnections: *a", "aliases"),
        ("cens: &a [*a]", "aliases"),
        ("cens: [{<<: {id: x}}]", "Unknown field"),
        ("cens: [{id: x, name: !!bool zzz}]", "tags"),
        ("cens: [{id: x, name: !!int ''}]", "tags"),
        ("cens: !!set {x}", "tags"),
        ("cens: [{id: x, name: x, name: y}]", "stands twice"),
        ("cens: [{? [id] : x}]", "a name in a mapping is a text"),
        ("cens: [{id: x, name: 'a', description: \"\\0\"}]", "a character that is none"),
        ('cens: [{id: "x\\0", resource_group: "\\0"}]', "a character that is none"),
        ('cens: [{id: x, tags: {"\\0": a}}]', "a character that is none"),
        ("? 0x" + "f" * 9999 + "\n: 1", "Unknown field"),
        ("cens: [{id: x, name: " + "9" * 9999 + "}]", "Use at most"),
        ("cens: " + "[" * 30 + "]" * 30, "nested too deeply"),
        ("cens: []\n--- \ncens: []", "more than one document"),
        ("cens: [" + "[]," * MAX_VALUES + "]", "too many values"),
    ],
)
def test_what_yaml_could_do_beyond_json_it_does_not_do_here(db, text, why):
    """The header is valid, so that the rest is what is refused."""
    outcome = import_text(factories.make_actor(), HEAD + text)
    assert why in " ".join(f"{fault.place} {fault.message}" for fault in outcome.faults)
    assert not outcome.made


@pytest.mark.parametrize(
    "name", ['"\\ud800"', '"\\u0000"', '"\\ud83d"', "[" * 30 + "]" * 30, "[" * 9999 + "]" * 9999, '1, "name": 2']
)
def test_nor_does_json_say_what_cannot_be_stored(db, name):
    text = '{"format": "vpn-console/resources", "version": 1, "cens": [{"id": "x", "name": %s}]}' % name  # noqa: UP031
    outcome = import_text(factories.make_actor(), text)
    assert "not readable" in str(outcome.faults[0].message)


def test_json_as_any_program_writes_it_is_read(db):
    """With surrogate pairs, which YAML does not have."""
    document = {"format": "vpn-console/resources", "version": 1, "cens": [{"id": "x", "name": "backbone 🚢"}]}
    outcome = import_text(factories.make_actor(), json.dumps(document, ensure_ascii=True))
    assert outcome.faults == []
    assert Cen.objects.get().name == "backbone 🚢"


def test_a_clock_like_number_is_a_text_and_takes_no_longer_than_one(db):
    """PyYAML would read it as a base 60 number, which takes minutes."""
    outcome = import_text(factories.make_actor(), f"{HEAD}cens: [{{id: x, name: 1{':1' * 70}}}]")
    assert outcome.faults[0].place == "cens[0].name"
    assert len(Cen.objects.all()) == 0
    assert parsed(f"a: 1{':59' * 2_000_000}") == {"a": "1" + ":59" * 2_000_000}


@pytest.mark.parametrize("tail", ["$(id)", "a b", 'a"', "a\\n", "a'", "${a}", "<b>", "ü", ""])
def test_an_id_that_is_none_is_not_kept(db, tail):
    """IDs appear unescaped in device configurations, programs and URLs."""
    text = GOOD.replace("{id: fra,", f'{{id: fra, route_table: "vtb-{tail}",'.replace('a"', 'a\\"'))
    text = text.replace("{customer_gateway: dc,", f'{{customer_gateway: dc, id: "tun-{tail}",'.replace('a"', 'a\\"'))
    text = text.replace("fra", "tr-fra").replace("name: tr-fra", "name: fra")
    outcome = import_text(factories.make_actor(), text)
    assert outcome.faults == []
    router, tunnel = TransitRouter.objects.get(), Tunnel.objects.get()
    assert router.resource_id == "tr-fra"
    assert re.fullmatch("vtb-[0-9a-z]+", router.default_table.resource_id)
    assert re.fullmatch("tun-[0-9a-z]+", tunnel.resource_id)


@pytest.mark.parametrize("kind", ["customer_gateways", "cens", "connections"])
def test_more_than_can_be_read_at_once_is_not_begun(db, kind):
    head = {"format": "vpn-console/resources", "version": 1}
    outcome = import_text(factories.make_actor(), json.dumps(head | {kind: [{}] * (MAX_ENTRIES + 1)}))
    [fault] = outcome.faults
    assert (fault.place, "at most 4000 entries" in str(fault.message)) == ("document", True)


# --- what crosses accounts ---------------------------------------------------------------------------------------


def attach(owner, other, *, connection=None, router=None, **changed) -> Attachment:
    """Attach one account's connection to another's transit router, with the steps of both."""
    router = router or factories.make_transit_router(other, cidrs=["10.9.0.0/20"])
    connection = connection or factories.make_connection(owner, network_type="private")
    factories.rest(router.cen, router, connection)
    connection.authorizations.create(
        peer_uid=other.uid, peer_cen_id=router.cen.resource_id, order_type="PayByResourceOwner"
    )
    values = {"name": "across", "description": "of the merger", "auto_publish_route_enabled": False} | changed
    attachment = Attachment(transit_router=router, **{"zone": "eu-central-1b"} | values)
    create_attachment(factories.make_actor(other), attachment, connection.resource_id, owner.uid, [("env", "prod")])
    factories.rest(attachment)
    RouteEntry(
        route_table=router.default_table, destination="10.77.0.0/16", attachment=attachment, name="to them"
    ).save()
    RouteEntry(route_table=router.default_table, destination="10.66.0.0/16").save()
    return attachment


@pytest.fixture
def two(db):
    """Two accounts, each with a connection at a transit router of the other; one of them has two tunnels."""
    owner, other = factories.make_account("Owner"), factories.make_account("Other")
    attach(owner, other)
    # Not the first address of the block, as if another connection had it earlier.
    Tunnel.objects.filter(account=owner).update(internet_ip="10.9.0.77")
    attach(other, owner, connection=factories.make_dual(other, network_type="private"), zone="")
    for index, address in enumerate(("10.9.0.2", "10.9.0.1"), 1):
        Tunnel.objects.filter(account=other, index=index).update(internet_ip=address)
    return owner, other


@pytest.mark.django_db(transaction=True)
def test_accounts_that_use_each_others_routers_are_the_same_after_a_reset(two):
    before = {account.uid: plain(exported(account, keys=True)) for account in two}
    texts = [(account.uid, as_text(before[account.uid], "yaml")) for account in two]
    call_command("flush", interactive=False, verbosity=0)
    for uid in before:
        Account.objects.filter(pk=create_account("Again", "Wide area network").pk).update(uid=uid)

    def bring(number: int):
        uid, text = texts[number]
        return import_text(factories.make_actor(Account.objects.get(uid=uid)), text)

    # Neither account can import everything first: what waits for the other account is listed with its place.
    first, second, third = bring(0), bring(1), bring(0)
    assert (first.faults, second.faults, third.faults) == ([], [], [])
    assert [one.place for one in first.waiting] == [
        "connections[0].attachment",
        "cens[0].transit_routers[0].attachments[0]",
        "cens[0].transit_routers[0].route_entries[1]",
    ]
    assert [one.place for one in second.waiting] == ["connections[0].attachment"]
    assert third.waiting == []
    for number, uid in enumerate(before):
        account = Account.objects.get(uid=uid)
        again = bring(number)
        assert (again.made, again.waiting, again.faults) == ([], [], [])
        after = plain(exported(account, keys=True))
        assert after | {"account": None} == before[uid] | {"account": None}
    assert list(findings()) == []
    assert {connection.state for connection in Connection.objects.with_parts()} == {"attached"}


def test_each_side_of_an_attachment_tells_what_is_its_own(two):
    owner, other = two
    connection = Connection.objects.of(owner).get()
    mine, theirs = exported(owner), exported(other)
    router = connection.attachment.transit_router
    assert mine["connections"][0]["attachment"] == {
        "transit_router": router.resource_id,
        "cen": router.cen.resource_id,
        "owner": other.uid,
    }
    (attachment,) = theirs["cens"][0]["transit_routers"][0]["attachments"]
    assert (attachment["connection"], attachment["owner"], attachment["name"]) == (
        connection.resource_id,
        owner.uid,
        "across",
    )
    assert (attachment["gateway_ip"], attachment["tags"]) == ("10.9.0.77", {"env": "prod"})
    (attachment,) = exported(owner)["cens"][0]["transit_routers"][0]["attachments"]
    assert attachment["gateway_ips"] == ["10.9.0.2", "10.9.0.1"]
    # Names and descriptions stay private.
    assert "of the merger" not in as_text(mine["connections"], "json")
    assert connection.name not in as_text(theirs["cens"], "json")


def test_nobody_attaches_to_a_router_of_others_by_a_document(two):
    """A connection's owner cannot make another account pay, whatever the document authorizes."""
    owner, other = two
    document = plain(exported(owner))
    connection = Connection.objects.of(owner).get()
    router = connection.attachment.transit_router
    connection.attachment.delete()
    connection.delete()
    outcome = import_text(factories.make_actor(owner), as_text(document, "json"))
    assert outcome.faults == []
    [waiting] = outcome.waiting
    assert waiting.place == "connections[0].attachment"
    assert other.uid in str(waiting.message)
    assert not Attachment.objects.filter(transit_router=router).exists()
    # Again: it still waits, for the same connection.
    again = import_text(factories.make_actor(owner), as_text(document, "json"))
    assert (again.made, again.faults, again.waiting) == ([], [], [waiting])


@pytest.mark.parametrize("gone", ["connection", "authorization", "attached elsewhere"])
def test_nobody_attaches_what_its_owner_has_not_opened(two, gone):
    owner, other = two
    document = plain(exported(other))
    connection = Connection.objects.of(owner).get()
    connection.attachment.delete()
    if gone == "connection":
        connection.delete()
    elif gone == "authorization":
        connection.authorizations.all().delete()
    else:
        connection = Connection.objects.get(pk=connection.pk)
        attach(owner, other, connection=connection, router=factories.make_transit_router(other, cidrs=["10.8.0.0/20"]))
    before = Attachment.objects.count()
    outcome = import_text(factories.make_actor(other), as_text(document, "json"))
    assert (outcome.made, outcome.faults) == ([], [])
    at = "cens[0].transit_routers[0]"
    assert [one.place for one in outcome.waiting] == [f"{at}.attachments[0]", f"{at}.route_entries[1]"]
    assert Attachment.objects.count() == before


def test_the_payer_is_who_the_owner_has_authorized(two):
    owner, other = two
    document = plain(exported(other))
    connection = Connection.objects.of(owner).get()
    connection.attachment.delete()
    connection.authorizations.update(order_type="PayByCenOwner")
    outcome = import_text(factories.make_actor(other), as_text(document, "json"))
    assert (outcome.faults, outcome.waiting) == ([], [])
    assert Attachment.objects.get(connection=connection).order_type == "PayByCenOwner"


@pytest.mark.parametrize("what", ["attachments", "route_entries"])
def test_what_hangs_on_a_router_is_not_changed(two, what):
    _owner, other = two
    document = plain(exported(other))
    document["cens"][0]["transit_routers"][0][what][0]["name"] = "renamed"
    outcome = import_text(factories.make_actor(other), as_text(document, "json"))
    assert [fault.place for fault in outcome.faults] == [f"cens[0].transit_routers[0].{what}[0]"]


def test_a_connection_that_was_attached_elsewhere_meanwhile_is_another(two):
    owner, _other = two
    document = plain(exported(owner))
    document["connections"][0]["attachment"]["transit_router"] = "tr-another"
    outcome = import_text(factories.make_actor(owner), as_text(document, "json"))
    assert [fault.place for fault in outcome.faults] == ["connections[0]"]


# --- everything that is stored -----------------------------------------------------------------------------------

# What a document does not contain, and why, as in docs/resources.md.
NOT_CARRIED = {
    "account": "whose document it is",
    "created_at": "times start again",
    "revision": "starts at one again",
    "transition": "imported resources are settled",
    "transition_ends": "imported resources are settled",
    "payer_since": "times start again",
    "refuses_single_tunnels": "a setting of the account",
    "tunnel_count": "the length of the list",
    "is_bound": "derived from other rows",
    "gateway_name": "derived from other rows",
    "status_rank": "derived from other rows",
    "negotiation_status": "follows from the settings and the clock",
    "negotiation_settles": "follows from the settings and the clock",
    "negotiation_changes": "follows from the settings and the clock",
    "negotiation_shows": "follows from the settings and the clock",
    "happenings": "imported resources are settled",
    "earlier_code": "imported resources are settled",
    "earlier_at": "imported resources are settled",
    "search_text": "derived from other rows",
    "order_type": "of an attachment: taken from the authorization",
    "changed_at": "times start again",
    "index": "the order of the list",
    "source": "given by the list that contains it",
    "is_default": "every account has one group, and every transit router one route table",
}
# Columns with another name in the document.
SAID = {
    "resource_id": "id", "region_id": "region", "custom_table": "route_table", "internet_ip": "gateway_ip",
}  # fmt: skip
KINDS = {
    CustomerGateway: ("customer_gateways", 0),
    Cen: ("cens", 0),
    TransitRouter: ("cens", 0, "transit_routers", 0),
    TransitRouterCidr: ("cens", 0, "transit_routers", 0, "cidrs", 0),
    RouteTable: ("cens", 0, "transit_routers", 0, "route_tables", 1),
    RouteEntry: ("cens", 0, "transit_routers", 0, "route_entries", 2),
    Connection: ("connections", 0),
    Tunnel: ("connections", 0, "tunnels", 0),
    Device: ("connections", 0, "tunnels", 0, "device"),
    Attachment: ("connections", 0, "attachment"),
    Route: ("connections", 0, "routes", 0),
    Authorization: ("connections", 0, "authorizations", 0),
}
PARENTS = {"connection", "tunnel", "cen", "transit_router"}


def full_account() -> Account:
    """An account with every kind of resource, and no value equal to what an import sets by default."""
    account = factories.make_account("Everything")
    group = ResourceGroup.objects.create(account=account, name="Laboratory")
    ResourceGroup.objects.create(account=account, name="Empty")
    gateway = factories.make_customer_gateway(
        account, auth_key="bgp-key", description="d", resource_group=group, tags=[("a", "b")]
    )
    cen = factories.make_cen(account, description="d", resource_group=group, tags=[("c", "d")])
    factories.rest(cen)
    router = factories.make_transit_router(account, cen=cen, cidrs=["10.9.0.0/20"], description="d")
    router.cidrs.update(name="gateways", description="d", publish_cidr_route=False)
    factories.rest(router)
    Tag(account=account, transit_router=router, key="e", value="f").save()
    connection = factories.make_connection(
        account, gateway=gateway, router=router, tags=[("g", "h")], routing_mode="protected",
        local_subnet=["10.0.0.0/16"], remote_subnet=["172.16.0.0/16", "172.17.0.0/16"], effect_immediately=False,
        enable_bgp=True, local_asn=64999, health_check=True, health_check_dip="172.16.0.9",
        health_check_sip="10.0.0.9", health_check_interval=5, health_check_retry=6,
        health_check_policy="reserve_route", auto_config_route=False, tunnel_bandwidth="Large", resource_group=group,
        tunnel={"psk": "kept", "ike_version": "ikev2", "ike_mode": "aggressive", "ike_enc_alg": "aes256",
                "ike_auth_alg": "sha256", "ike_pfs": "group14", "ike_lifetime": 1000, "local_id": "here.example",
                "remote_id": "there.example", "ipsec_enc_alg": "aes192", "ipsec_auth_alg": "sha384",
                "ipsec_pfs": "group5", "ipsec_lifetime": 2000, "enable_dpd": False, "enable_nat_traversal": False,
                "tunnel_cidr": "169.254.77.0/30", "local_bgp_ip": "169.254.77.2"},
    )  # fmt: skip
    factories.configure_device(
        connection.tunnel,
        psk="other",
        starts="never",
        enable_dpd=False,
        auth_key="session",
        announced=["10.1.0.0/16 1"],
    )
    attachment = connection.attachment
    attachment.name, attachment.description, attachment.zone = "n", "d", "eu-central-1b"
    attachment.auto_publish_route_enabled = attachment.associate_default_route_table = False
    attachment.propagate_to_default_route_table = False
    default = router.default_table
    default.name, default.description = "default", "of the router"
    default.save()
    own = factories.make_route_table(router, name="own", description="of the branches", tags=[("k", "l")])
    attachment.custom_table = own
    attachment.save()
    attachment.propagations.create(route_table=own)
    factories.rest(connection, attachment, own)
    Tag(account=account, attachment=attachment, key="i", value="j").save()
    RouteEntry(route_table=router.default_table, destination="10.77.0.0/16", attachment=attachment, name="n").save()
    RouteEntry(route_table=router.default_table, destination="10.99.0.0/16", description="a black hole").save()
    RouteEntry(route_table=own, destination="10.77.0.0/16", attachment=attachment).save()
    pair = factories.make_dual(
        account, gateways=[gateway], network_type="private", router=router, name="pair", enable_bgp=True,
        routing_mode="protected", local_subnet=["10.0.0.0/16"], remote_subnet=["172.18.0.0/16"],
        local_asn=64998, first={"psk": "a", "tunnel_cidr": "169.254.78.0/30", "local_bgp_ip": "169.254.78.1"},
        second={"psk": "b", "ike_version": "ikev1", "tunnel_cidr": "169.254.79.0/30", "local_bgp_ip": "169.254.79.2"},
    )  # fmt: skip
    # Not in the order in which addresses are given.
    for tunnel, address in zip(pair.tunnels.all(), ("10.9.0.2", "10.9.0.1"), strict=True):
        Tunnel.objects.filter(pk=tunnel.pk).update(internet_ip=address)
    factories.rest(pair, pair.attachment)
    connection.routes.filter(destination="172.17.0.0/16").update(weight=0)
    # Created by hand before the connection got this network.
    connection.routes.filter(destination="172.16.0.0/16").update(source=RouteSource.CUSTOM, description="mine")
    Route(connection=connection, destination="172.30.0.0/16", weight=0).save()
    connection.authorizations.create(peer_uid="9" * 16, peer_cen_id="cen-elsewhere", order_type="PayByResourceOwner")
    return account


def dig(document, path):
    for step in path:
        document = document[step]
    return document


def test_every_column_is_carried_or_left_out_for_a_reason(db):
    document = exported(full_account(), keys=True)
    for model, path in KINDS.items():
        entry = dig(document, path)
        for column in model._meta.concrete_fields:
            if column.primary_key or column.name in NOT_CARRIED or column.name in PARENTS:
                continue
            if (model, column.name) in {
                (Authorization, "order_type"),
                (Tunnel, "region_id"),
                (TransitRouterCidr, "resource_id"),
            }:
                continue
            assert SAID.get(column.name, column.name) in entry, f"{model.__name__}.{column.name}"
    assert document["resource_groups"] == ["Wide area network", "Laboratory", "Empty"]
    assert document["connections"][0]["authorizations"][0]["order_type"] == "PayByResourceOwner"
    # Every kind of resource with tags exports them.
    tagged = (CustomerGateway, Cen, TransitRouter, RouteTable, Connection, Attachment)
    tags = [dig(document, KINDS[model])["tags"] for model in tagged]
    assert tags == [{"a": "b"}, {"c": "d"}, {"e": "f"}, {"k": "l"}, {"g": "h"}, {"i": "j"}]
    assert TransitRouterCidr.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_everything_there_is_comes_back(form):
    before = plain(exported(full_account(), keys=True))
    text = as_text(before, form)
    call_command("flush", interactive=False, verbosity=0)
    account = create_account("Empty as yet")
    outcome = import_text(factories.make_actor(account), text)
    assert (outcome.faults, outcome.waiting, outcome.renamed) == ([], [], {})
    after = plain(exported(account, keys=True))
    assert after | {"account": None} == before | {"account": None}
    again = import_text(factories.make_actor(account), text)
    assert (again.made, again.faults, again.waiting) == ([], [], [])


def test_an_attachment_is_associated_once_and_with_tables_of_its_router(db):
    tables = "cidrs: [10.9.0.0/20], route_table: vtb-d, route_tables: [{id: vtb-x, name: own}]"
    actor = factories.make_actor()
    for more, place in (
        ("route_table: vtb-x", "associate_default_route_table"),
        ("route_table: vtb-d", "route_table"),
        ("propagations: [{route_table: vtb-d}]", "propagations[0].route_table"),
    ):
        text = GOOD.replace("cidrs: [10.9.0.0/20]", tables).replace(
            "zone: eu-central-1a", f"zone: eu-central-1a, {more}"
        )
        assert [one.place for one in import_text(actor, text).faults] == [f"connections[0].attachment.{place}"]
    more = "route_table: vtb-x, associate_default_route_table: false, propagations: [{route_table: vtb-x}]"
    text = GOOD.replace("cidrs: [10.9.0.0/20]", tables).replace("zone: eu-central-1a", f"zone: eu-central-1a, {more}")
    assert import_text(actor, text).faults == []
    attachment = Attachment.objects.get()
    assert attachment.associated_table.name == "own"
    assert [table.name for table in attachment.propagation_tables] == ["", "own"]


@pytest.mark.parametrize("version", READABLE[:-1])
def test_a_document_of_an_earlier_version_is_still_read(db, version):
    """The console of that version wrote the file; never change it."""
    text = (ROOT / "tests" / "golden" / "resources" / f"version-{version}.yaml").read_text(encoding="utf-8")
    account = factories.make_account("Summit Retail")
    outcome = import_text(factories.make_actor(account), text)
    assert (outcome.faults, outcome.waiting, outcome.renamed) == ([], [], {})
    now = plain(exported(account, keys=True))
    then = plain(parsed(text))
    # Until version 2, a CIDR block was a text.
    for router in (router for cen in then["cens"] for router in cen["transit_routers"]):
        router["cidrs"] = [{"cidr": one} if isinstance(one, str) else one for one in router["cidrs"]]
    assert covers(now["connections"], then["connections"])
    assert covers(now["cens"], then["cens"])
    assert covers(now["customer_gateways"], then["customer_gateways"])
    again = import_text(factories.make_actor(account), text)
    assert (again.made, again.faults) == ([], [])


# --- the page ----------------------------------------------------------------------------------------------------

PAGE = "/resources/"


def test_the_page_exports_and_imports(client, db):
    user = factories.make_user()
    client.force_login(user)
    answer = client.post(PAGE, {"text": GOOD})
    assert b"4 resources created" in answer.content
    answer = client.get(reverse("resources-export"), {"format": "json"})
    assert answer.headers["Content-Disposition"].endswith('.json"')
    assert b"written-by-hand" not in answer.content
    assert len(json.loads(answer.content)["connections"]) == 1
    keys = client.post(reverse("resources-export-keys"), {"format": "yaml"})
    assert b"written-by-hand" in keys.content
    assert "no-store" in keys.headers["Cache-Control"]
    again = client.post(PAGE, {"text": keys.content.decode()})
    assert b"already existed" in again.content


def test_the_page_says_what_is_wrong_and_keeps_the_text(client, db):
    client.force_login(factories.make_user())
    answer = client.post(PAGE, {"text": GOOD.replace("name: one", "name: http://x")})
    text = answer.content.decode()
    assert "connections[0].name" in text
    assert "written-by-hand" in text
    assert "Nothing was imported: 1 problem." in text
    assert b"Choose a file" in client.post(PAGE, {}).content


def test_the_page_says_what_waits_for_another_account(client, two):
    owner, other = two
    text = as_text(exported(other), "yaml")
    Attachment.objects.get(connection__account=owner).delete()
    Authorization.objects.filter(connection__account=owner).delete()
    client.force_login(factories.make_user(other))
    page = client.post(PAGE, {"text": text}).content.decode()
    assert "Waiting for another account:" in page
    assert "cens[0].transit_routers[0].attachments[0]" in page


def test_a_file_that_was_chosen_is_not_lost_when_the_page_is_drawn_again(client, db, settings):
    client.force_login(factories.make_user())

    def drawn(content: bytes):
        file = SimpleUploadedFile("mine.yaml", content)
        return client.post(PAGE, {"_action": "update", "text": "", "file": file}).content.decode()

    assert "written-by-hand" in drawn(GOOD.encode())
    assert not Connection.objects.exists()
    # If a file does not fit into the response, or is not text, the page asks the user to choose it again.
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * len(GOOD.encode()) - 2
    for content in (GOOD.encode(), b"\xff\xfe"):
        assert "choose mine.yaml once more" in drawn(content)


def test_the_example_can_be_imported_as_it_is(client, db):
    client.force_login(factories.make_user())
    form = main_form(client.get(f"{PAGE}?example").content.decode())
    assert b"4 resources created" in client.post(PAGE, form).content
    assert Connection.objects.get().name == "example-connection"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"customer_gateway": []}, "Did you mean customer_gateways?"),
        ({"foo": 1}, "Unknown field. Expected: account, cens, "),
        ({"customer_gateways": [{"region": "eu", "ip_address": "203.0.113.9"}]}, "such as eu-central-1"),
        ({"customer_gateways": [{"region": "eu-central-1", "x" * 100_000: ""}]}, "Expected: asn, auth_key"),
    ],
)
def test_a_fault_says_what_is_expected(client, db, document, said):
    client.force_login(factories.make_user())
    text = json.dumps({"format": "vpn-console/resources", "version": 5} | document)
    assert said in client.post(PAGE, {"text": text}).content.decode()
