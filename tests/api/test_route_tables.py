"""Route tables, their associations, propagations and entries, through the API."""

import pytest

from connections.models import Attachment, Event, RouteEntry, RouteTable
from tests import route_tables
from vpnconsole.testing import factories
from vpnconsole.testing.clients import CBN

TABLE, ENTRY, ATTACHMENT = "TransitRouterRouteTable", "TransitRouterRouteEntry", "TransitRouterAttachment"
NETWORK = "192.168.0.0/24"


@pytest.fixture
def router(alice):
    return factories.make_transit_router(alice.account, cidrs=["10.200.0.0/20"])


@pytest.fixture
def attachment(alice, router) -> Attachment:
    """An attachment with one route that is linked to the default route table."""
    connection = factories.make_connection(
        alice.account, router=router, routing_mode="protected", local_subnet=["10.0.0.0/16"], remote_subnet=[NETWORK]
    )
    return connection.attachment


@pytest.fixture
def table(router) -> RouteTable:
    return factories.make_route_table(router)


def named(table: RouteTable, attachment: Attachment | None = None) -> dict[str, str]:
    names = {f"{TABLE}Id": table.resource_id}
    return names | {f"{ATTACHMENT}Id": attachment.resource_id} if attachment else names


def test_a_table_is_created_listed_changed_and_deleted(api, router):
    tag = [{"Key": "env", "Value": "prod"}]
    about = {"TransitRouterId": router.resource_id}
    made = api.ok(f"Create{TABLE}", CBN, **about, **{f"{TABLE}Name": "branches", f"{TABLE}Description": "d"}, Tag=tag)
    which = {f"{TABLE}Id": made[f"{TABLE}Id"]}

    def found(**filters) -> list[dict]:
        return api.ok(f"List{TABLE}s", CBN, **about, **filters)[f"{TABLE}s"]

    own, default = found()
    assert (own[f"{TABLE}Id"], own[f"{TABLE}Type"], default[f"{TABLE}Type"]) == (made[f"{TABLE}Id"], "Custom", "System")
    assert (own[f"{TABLE}Name"], own[f"{TABLE}Description"], own["Tags"]) == ("branches", "d", tag)
    assert (own[f"{TABLE}Status"], own["RegionId"], own["TransitRouterId"]) == (
        "Active", router.region_id, router.resource_id,
    )  # fmt: skip
    for filters in ({f"{TABLE}Ids": [own[f"{TABLE}Id"]]}, {f"{TABLE}Names": ["branches"]}, {f"{TABLE}Type": "Custom"},
                    {"Tag": tag}):  # fmt: skip
        assert found(**filters) == [own], filters
    assert found(**{f"{TABLE}Type": "System"}) == [default]
    assert found(**{f"{TABLE}Status": "Active"}) == [own, default]
    assert found(**{f"{TABLE}Status": "Creating"}) == found(**{f"{TABLE}Status": "Deleting"}) == []
    api.ok(f"Update{TABLE}", CBN, **which, **{f"{TABLE}Name": "renamed"})
    (own,) = found(**{f"{TABLE}Names": ["renamed"]})
    assert own[f"{TABLE}Description"] == "d"
    assert api.no(f"Update{TABLE}", CBN, **which, **{f"{TABLE}Name": "http://x"}) == "InvalidName"
    assert api.no(f"Create{TABLE}", CBN, **about, **{f"{TABLE}Name": "http://x"}) == "InvalidName"
    api.ok(f"Delete{TABLE}", CBN, **which)
    assert found() == [default]
    assert api.no(f"Delete{TABLE}", CBN, **which) == "InvalidTransitRouterRouteTableId.NotFound"
    events = Event.objects.filter(related_id=router.resource_id).order_by("id").values_list("operation", flat=True)
    assert list(events) == [f"Create{TABLE}", f"Update{TABLE}", f"Delete{TABLE}"]


def test_a_new_table_is_creating_for_a_moment(api, router, settings):
    settings.TRANSITION_SECONDS = 60
    new = RouteTable.objects.get(
        resource_id=api.ok(f"Create{TABLE}", CBN, TransitRouterId=router.resource_id)[f"{TABLE}Id"]
    )
    listed = api.ok(f"List{TABLE}s", CBN, TransitRouterId=router.resource_id, **{f"{TABLE}Status": "Creating"})
    assert [one[f"{TABLE}Id"] for one in listed[f"{TABLE}s"]] == [new.resource_id]
    for operation in (f"Update{TABLE}", f"Delete{TABLE}"):
        assert api.no(operation, CBN, **named(new)) == "IncorrectStatus.Status"


def test_the_default_table_can_be_named_and_tagged_not_deleted(api, router):
    default = router.default_table
    api.ok(f"Update{TABLE}", CBN, **named(default), **{f"{TABLE}Name": "main"})
    about = {"ResourceType": TABLE, "ResourceId": [default.resource_id]}
    api.ok("TagResources", CBN, **about, Tag=[{"Key": "env", "Value": "prod"}])
    (tag,) = api.ok("ListTagResources", CBN, **about)["TagResources"]["TagResource"]
    assert (tag["ResourceType"], tag["ResourceId"], tag["TagKey"]) == (TABLE.upper(), default.resource_id, "env")
    api.ok("UntagResources", CBN, **about, All="true")
    assert api.ok("ListTagResources", CBN, **about)["TagResources"]["TagResource"] == []
    assert api.no(f"Delete{TABLE}", CBN, **named(default)) == "OperationDenied.SystemRouteTable"


def test_a_router_with_custom_tables_stays(api, router, table):
    assert api.no("DeleteTransitRouter", CBN, TransitRouterId=router.resource_id) == "DependencyViolation.RouteTable"
    api.ok(f"Delete{TABLE}", CBN, **named(table))
    api.ok("DeleteTransitRouter", CBN, TransitRouterId=router.resource_id)


def test_a_router_has_a_bounded_number_of_tables(api, router, table, monkeypatch):
    monkeypatch.setattr("connections.domain.limits.MAX_ROUTE_TABLES", 1)
    code = api.no(f"Create{TABLE}", CBN, TransitRouterId=router.resource_id)
    assert code == "QuotaExceeded.TransitRouterRouteTable"


def links(api, what: str, **filters) -> list[tuple[str, str, str]]:
    """All links, read one at a time: attachment, table and status."""
    found: list[tuple[str, str, str]] = []
    more: dict = {}
    while True:
        page = api.ok(f"List{TABLE}{what}s", CBN, **filters, MaxResults=1, **more)
        found += [(one[f"{ATTACHMENT}Id"], one[f"{TABLE}Id"], one["Status"]) for one in page[f"TransitRouter{what}s"]]
        if "NextToken" not in page:
            assert page["TotalCount"] == len(found)
            return found
        more = {"NextToken": page["NextToken"]}


def test_an_attachment_is_associated_with_one_table(api, router, table, attachment):
    default, at = router.default_table, attachment.resource_id
    assert links(api, "Association") == [(at, default.resource_id, "Active")]
    associate = f"Associate{ATTACHMENT}WithRouteTable"
    dissociate = f"Dissociate{ATTACHMENT}FromRouteTable"
    assert api.no(associate, CBN, **named(table, attachment)) == "OperationFailed.RouteTableAssociationExist"
    assert api.no(dissociate, CBN, **named(table, attachment)) == "InvalidAssociation.NotFound"
    api.ok(dissociate, CBN, **named(default, attachment))
    assert links(api, "Association", **{f"{ATTACHMENT}Id": at}) == []
    api.ok(associate, CBN, **named(table, attachment))
    api.ok(associate, CBN, **named(table, attachment))
    there = [(at, table.resource_id, "Active")]
    assert links(api, "Association") == links(api, "Association", **named(table)) == there
    assert links(api, "Association", **named(default)) == []
    assert api.no(f"Delete{TABLE}", CBN, **named(table)) == "OperationFailed.RouteTableAssociationExist"
    attachment.refresh_from_db()
    assert (attachment.associate_default_route_table, attachment.associated_table) == (False, table)
    api.ok(dissociate, CBN, **named(table, attachment))
    assert links(api, "Association") == []


def test_routes_go_to_each_table_to_which_they_are_propagated(api, router, table, attachment):
    default, at = router.default_table, attachment.resource_id

    def destinations(of: RouteTable) -> list[str]:
        stored = RouteTable.objects.get(pk=of.pk)
        entries = route_tables.stored_table(stored)
        assert {(one.destination, one.status) for one in entries} == {
            (one.destination, one.status) for one in route_tables.table(stored)
        }
        listed = api.ok(f"List{ENTRY[:-1]}ies", CBN, **named(of))[f"{ENTRY[:-1]}ies"]
        assert [one[f"{ENTRY}DestinationCidrBlock"] for one in listed] == [one.destination for one in entries]
        return [one.destination for one in entries]

    assert (destinations(default), destinations(table)) == (["10.200.0.0/20", NETWORK], ["10.200.0.0/20"])
    enable, disable = f"Enable{TABLE}Propagation", f"Disable{TABLE}Propagation"
    api.ok(enable, CBN, **named(table, attachment))
    api.ok(enable, CBN, **named(table, attachment))
    assert links(api, "Propagation") == [(at, default.resource_id, "Active"), (at, table.resource_id, "Active")]
    assert links(api, "Propagation", **named(table)) == [(at, table.resource_id, "Active")]
    assert destinations(table) == ["10.200.0.0/20", NETWORK]
    api.ok(disable, CBN, **named(default, attachment))
    assert (destinations(default), destinations(table)) == (["10.200.0.0/20"], ["10.200.0.0/20", NETWORK])
    assert api.no(f"Delete{TABLE}", CBN, **named(table)) == "OperationFailed.RouteTablePropagationExist"
    api.ok(disable, CBN, **named(table, attachment))
    assert api.no(disable, CBN, **named(table, attachment)) == "InvalidPropagation.NotFound"
    assert links(api, "Propagation") == []


def test_links_are_filtered(api, router, table, attachment, alice, settings):
    both = {f"{TABLE}Id": table.resource_id, f"{ATTACHMENT}Id": attachment.resource_id}
    api.ok(f"Enable{TABLE}Propagation", CBN, **both)
    connection = attachment.connection.resource_id
    for what in ("Association", "Propagation"):
        whole = links(api, what)
        for filters in ({f"{ATTACHMENT}ResourceId": connection}, {f"{ATTACHMENT}ResourceType": "VPN"},
                        {"Status": "Active"}):  # fmt: skip
            assert links(api, what, **filters) == whole, filters
        for filters in ({f"{ATTACHMENT}ResourceId": "vco-x"}, {f"{ATTACHMENT}ResourceType": "VBR"},
                        {f"{TABLE}Id": "vtb-x"}, {f"{ATTACHMENT}Id": "tr-attach-x"}):  # fmt: skip
            assert links(api, what, **filters) == [], filters
        for token in ("x", "1", "1~x", "~"):
            assert api.no(f"List{TABLE}{what}s", CBN, NextToken=token) == "IllegalParam.NextToken"
    settings.TRANSITION_SECONDS = 60
    factories.make_connection(alice.account, gateway=attachment.connection.tunnel.customer_gateway, router=router)
    assert [status for *_names, status in links(api, "Association", Status="Associating")] == ["Associating"]
    assert len(links(api, "Propagation", Status="Enabling")) == 1
    assert links(api, "Association", Status="Dissociating") == links(api, "Propagation", Status="Disabling") == []


def test_links_lead_to_tables_of_the_same_router(api, alice, attachment):
    elsewhere = factories.make_transit_router(alice.account)
    for operation in (f"Associate{ATTACHMENT}WithRouteTable", f"Enable{TABLE}Propagation"):
        for of in (elsewhere.default_table, factories.make_route_table(elsewhere)):
            assert api.no(operation, CBN, **named(of, attachment)) == "InvalidTransitRouterRouteTableId.NotFound"


def test_nobody_sees_another_accounts_tables(api, bobs, table, attachment):
    assert links(bobs, "Association") == links(bobs, "Propagation") == []
    for operation in (f"Update{TABLE}", f"Delete{TABLE}", f"List{ENTRY[:-1]}ies"):
        assert bobs.no(operation, CBN, **named(table)) == "InvalidTransitRouterRouteTableId.NotFound"


def test_entries_belong_to_one_table(api, router, table, attachment):
    hole = {f"{ENTRY}DestinationCidrBlock": NETWORK, f"{ENTRY}NextHopType": "BlackHole"}
    there = {f"{ENTRY}DestinationCidrBlock": NETWORK, f"{ENTRY}NextHopType": "Attachment",
             f"{ENTRY}NextHopId": attachment.resource_id}  # fmt: skip
    api.ok(f"Create{ENTRY}", CBN, **named(router.default_table), **hole)
    made = api.ok(f"Create{ENTRY}", CBN, **named(table), **there)
    assert api.no(f"Create{ENTRY}", CBN, **named(table), **hole) == "InstanceExist.RouteEntry"
    api.ok(f"Update{ENTRY}", CBN, **made, **{f"{ENTRY}Name": "to hq", f"{ENTRY}Description": "d"})
    api.ok(f"Update{ENTRY}", CBN, **made, **{f"{ENTRY}Description": ""})
    entry = RouteEntry.objects.get(route_table=table)
    assert (entry.name, entry.description) == ("to hq", "")
    assert api.no(f"Update{ENTRY}", CBN, **made, **{f"{ENTRY}Name": "https://x"}) == "InvalidName"
    assert api.no(f"Update{ENTRY}", CBN, **{f"{ENTRY}Id": "rte-x"}) == "InvalidRouteEntryId.NotFound"
    assert api.no(f"Delete{TABLE}", CBN, **named(table)) == "OperationFailed.RouteEntryExist"
    api.ok(f"Delete{ENTRY}", CBN, **named(table), **there)
    assert RouteEntry.objects.get().route_table == router.default_table


def test_detaching_by_force_removes_every_link(api, router, table, attachment):
    which = {f"{ATTACHMENT}Id": attachment.resource_id}
    api.ok(f"Dissociate{ATTACHMENT}FromRouteTable", CBN, **named(router.default_table, attachment))
    api.ok(f"Associate{ATTACHMENT}WithRouteTable", CBN, **named(table, attachment))
    api.ok(f"Enable{TABLE}Propagation", CBN, **named(table, attachment))
    delete = f"Delete{ATTACHMENT[:13]}VpnAttachment"
    assert api.no(delete, CBN, **which) == "OperationFailed.RouteTableAssociationExist"
    api.ok(delete, CBN, **which, Force="true")
    facts = Event.objects.filter(operation=delete, outcome="success").get().facts
    assert (facts["custom_table"], facts["propagations"]) == ([table.resource_id, ""], [[table.resource_id], []])
    api.ok(f"Delete{TABLE}", CBN, **named(table))
