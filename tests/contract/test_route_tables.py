"""Associations, propagations and entries of default and custom route tables, by the official SDK.

Their lives as Terraform has them are in `test_lives`; here are the filters, the refusals and entries of custom tables.
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


def read_again(first: list, read) -> dict:
    """The one thing read, which a second time says the same."""
    assert read() == first
    return first[0]


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
