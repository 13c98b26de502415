"""Whole lives of route tables, associations, propagations and entries, in the requests that Terraform's provider sends.

Each is created, read until it is active, read again without a difference, updated where it can be, and removed.
"""

import pytest
from alibabacloud_cbn20170912 import models as cbn

from tests.contract.test_life import connection_of, gateway_of, refusal, router_of
from vpnconsole.testing.factories import REGION

TABLE, ATTACHMENT = "transit_router_route_table", "transit_router_attachment"


@pytest.fixture
def router(sdk) -> str:
    return router_of(sdk)[1]


@pytest.fixture
def attachment(sdk, router) -> str:
    connection = connection_of(sdk, gateway_of(sdk)).vpn_connection_id
    request = cbn.CreateTransitRouterVpnAttachmentRequest(
        region_id=REGION,
        transit_router_id=router,
        vpn_id=connection,
        zone=[cbn.CreateTransitRouterVpnAttachmentRequestZone(zone_id=f"{REGION}a")],
    )
    return sdk.cbn.create_transit_router_vpn_attachment(request).body.transit_router_attachment_id


def created(sdk, router: str, **texts: str) -> str:
    request = cbn.CreateTransitRouterRouteTableRequest(transit_router_id=router, **texts)
    return sdk.cbn.create_transit_router_route_table(request).body.transit_router_route_table_id


def read(sdk, router: str, table: str) -> list[dict]:
    request = cbn.ListTransitRouterRouteTablesRequest(transit_router_id=router, transit_router_route_table_ids=[table])
    return [one.to_map() for one in sdk.cbn.list_transit_router_route_tables(request).body.transit_router_route_tables]


def read_again(first: list, read) -> dict:
    """The one thing read, which a second time says the same."""
    assert read() == first
    return first[0]


def test_a_route_table(sdk, router):
    table = created(sdk, router, **{f"{TABLE}_name": "branches", f"{TABLE}_description": "d"})
    facts = read_again(read(sdk, router, table), lambda: read(sdk, router, table))
    assert facts["TransitRouterRouteTableStatus"] == "Active"
    assert facts["TransitRouterRouteTableType"] == "Custom"
    assert (facts["TransitRouterRouteTableName"], facts["TransitRouterRouteTableDescription"]) == ("branches", "d")
    for changed in ({f"{TABLE}_name": "renamed"}, {f"{TABLE}_description": "other"}):
        sdk.cbn.update_transit_router_route_table(
            cbn.UpdateTransitRouterRouteTableRequest(**{f"{TABLE}_id": table}, **changed)
        )
    about = {"resource_type": "TransitRouterRouteTable", "resource_id": [table]}
    tag = cbn.TagResourcesRequestTag(key="env", value="prod")
    sdk.cbn.tag_resources(cbn.TagResourcesRequest(**about, tag=[tag]))
    (tagged,) = sdk.cbn.list_tag_resources(cbn.ListTagResourcesRequest(**about)).body.tag_resources.tag_resource
    assert (tagged.resource_id, tagged.tag_key, tagged.tag_value) == (table, "env", "prod")
    changed = facts | {
        "TransitRouterRouteTableName": "renamed",
        "TransitRouterRouteTableDescription": "other",
        "Tags": [{"Key": "env", "Value": "prod"}],
    }
    assert read(sdk, router, table) == [changed]
    sdk.cbn.untag_resources(cbn.UntagResourcesRequest(**about, tag_key=["env"]))
    delete = cbn.DeleteTransitRouterRouteTableRequest(**{f"{TABLE}_id": table})
    sdk.cbn.delete_transit_router_route_table(delete)
    assert read(sdk, router, table) == []
    code = refusal(sdk.cbn.delete_transit_router_route_table, delete)
    assert code == (400, "InvalidTransitRouterRouteTableId.NotFound")


LINKS = {
    "associations": ("associate_transit_router_attachment_with_route_table",
                     "dissociate_transit_router_attachment_from_route_table", "RouteTableAssociationExist"),
    "propagations": ("enable_transit_router_route_table_propagation",
                     "disable_transit_router_route_table_propagation", "RouteTablePropagationExist"),
}  # fmt: skip


@pytest.mark.parametrize("what", LINKS)
@pytest.mark.parametrize("kind", ["System", "Custom"])
def test_a_link(sdk, router, attachment, what, kind):
    request = cbn.ListTransitRouterRouteTablesRequest(transit_router_id=router, transit_router_route_table_type=kind)
    if kind == "Custom":
        created(sdk, router)
    (of,) = sdk.cbn.list_transit_router_route_tables(request).body.transit_router_route_tables
    make, remove, stays = LINKS[what]
    link = {f"{ATTACHMENT}_id": attachment, f"{TABLE}_id": of.transit_router_route_table_id}

    def call(operation: str, **fields):
        model = getattr(cbn, f"{''.join(word.title() for word in operation.split('_'))}Request")
        return getattr(sdk.cbn, operation)(model(**fields)).body

    def found(**filters) -> list[dict]:
        body = call(f"list_transit_router_route_table_{what}", **filters, max_results=50)
        return [one.to_map() for one in getattr(body, f"transit_router_{what}")]

    assert found(**link) == []
    call(make, **link)
    facts = read_again(found(**link), lambda: found(**link))
    assert facts["Status"] == "Active"
    assert (facts["ResourceType"], facts["ResourceId"][:4]) == ("VPN", "vco-")
    assert (facts["TransitRouterAttachmentId"], facts["TransitRouterRouteTableId"]) == tuple(link.values())
    # By either end alone, as imports and data sources ask.
    for name, value in link.items():
        assert found(**{name: value}) == [facts]
    detach = cbn.DeleteTransitRouterVpnAttachmentRequest(transit_router_attachment_id=attachment)
    assert refusal(sdk.cbn.delete_transit_router_vpn_attachment, detach) == (400, f"OperationFailed.{stays}")
    call(remove, **link)
    assert found(**link) == []
    sdk.cbn.delete_transit_router_vpn_attachment(detach)


def test_an_entry_of_a_custom_table(sdk, router, attachment):
    table, entry = created(sdk, router), "transit_router_route_entry"
    request = cbn.CreateTransitRouterRouteEntryRequest(
        **{f"{TABLE}_id": table, f"{entry}_destination_cidr_block": "172.16.0.0/12", f"{entry}_name": "to hq",
           f"{entry}_next_hop_type": "Attachment", f"{entry}_next_hop_id": attachment},
    )  # fmt: skip
    made = sdk.cbn.create_transit_router_route_entry(request).body.transit_router_route_entry_id

    def found() -> list[dict]:
        request = cbn.ListTransitRouterRouteEntriesRequest(**{f"{TABLE}_id": table, f"{entry}_ids": [made]})
        body = sdk.cbn.list_transit_router_route_entries(request).body
        return [one.to_map() for one in body.transit_router_route_entries]

    facts = read_again(found(), found)
    assert (facts["TransitRouterRouteEntryStatus"], facts["TransitRouterRouteEntryName"]) == ("Active", "to hq")
    texts = {f"{entry}_name": "renamed", f"{entry}_description": "d"}
    sdk.cbn.update_transit_router_route_entry(
        cbn.UpdateTransitRouterRouteEntryRequest(**{f"{entry}_id": made}, **texts)
    )
    assert found() == [facts | {"TransitRouterRouteEntryName": "renamed", "TransitRouterRouteEntryDescription": "d"}]
    gone = cbn.DeleteTransitRouterRouteEntryRequest(**{f"{entry}_id": made})
    sdk.cbn.delete_transit_router_route_entry(gone)
    assert found() == []
