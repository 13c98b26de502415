"""Associations, propagations and entries of default and custom route tables, by the official SDK.

Their lives as Terraform has them are in `test_lives`; here are the filters, the refusals and entries of custom tables.
"""

from datetime import timedelta

import pytest
from alibabacloud_cbn20170912 import models as cbn
from alibabacloud_vpc20160428 import models as vpc

from connections import clock
from tests.contract.test_life import connection_of, gateway_of, refusal, router_of
from vpnconsole.testing import factories
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


def test_learned_routes(alice, sdk):
    # A session that has been established for an hour.
    with clock.hold(clock.now() - timedelta(hours=1)):
        router = factories.make_transit_router(alice.account)
        connection = factories.make_bgp_connection(alice.account, router=router)
        factories.load_device(connection, announced=["10.1.0.0/16 65020", "0.0.0.0/0"])
    made = connection.resource_id
    request = vpc.DescribeVcoRouteEntriesRequest(region_id=REGION, vpn_connection_id=made, route_entry_type="bgp")
    (route,) = sdk.vpc.describe_vco_route_entries(request).body.vco_route_entries
    assert (route.route_dest, route.source, route.state) == ("10.1.0.0/16", "VPN_BGP", "Active")
    assert (route.as_path, route.next_hop, route.route_entry_type) == ("[65010, 65020]", made, "bgp")
    assert route.next_hop_tunnel_id_list == [connection.tunnel.resource_id]
    request = cbn.ListTransitRouterRouteEntriesRequest(
        transit_router_route_table_id=router.default_table.resource_id,
        transit_router_route_entry_destination_cidr_block="10.1.0.0/16",
    )
    (entry,) = sdk.cbn.list_transit_router_route_entries(request).body.transit_router_route_entries
    assert (entry.transit_router_route_entry_type, entry.transit_router_route_entry_status) == ("Propagated", "Active")
    assert entry.transit_router_route_entry_origin_resource_id == made
    assert (entry.path_attributes.as_paths, entry.path_attributes.origin_route_type) == (["65010", "65020"], "BGP")
