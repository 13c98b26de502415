"""Routes that are learned over BGP, in both products' answers."""

import pytest

from connections import clock as time
from connections.services import devices
from vpnconsole.testing import factories
from vpnconsole.testing.clients import CBN

BLOCK = "10.200.0.0/20"
ENTRY, TABLE = "TransitRouterRouteEntry", "TransitRouterRouteTable"
DESTINATION = f"{ENTRY}DestinationCidrBlock"


@pytest.fixture
def router(alice):
    return factories.make_transit_router(alice.account, cidrs=[BLOCK])


@pytest.fixture
def connection(alice, router, clock):
    """A connection whose session is up for an hour, with a route by hand."""
    connection = factories.make_bgp_connection(alice.account, router=router)
    factories.make_route(connection, "10.5.0.0/16")
    factories.load_device(connection, announced=["192.168.0.0/16", "10.1.0.0/16 65020", "0.0.0.0/0", "10.5.0.0/16"])
    clock.tick(3600)
    return connection


def cut(connection, clock) -> None:
    devices.set_line(factories.make_actor(connection.account), connection.tunnel, up=False)
    clock.tick(60)


def test_routes_of_a_connection_by_their_type(api, connection, clock):
    def told(kind: str, **more) -> dict:
        which = {"RegionId": factories.REGION, "VpnConnectionId": connection.resource_id}
        return api.ok("DescribeVcoRouteEntries", **which, RouteEntryType=kind, **more)

    bgp = told("bgp")
    own, far, near, fifth = bgp["VcoRouteEntries"]
    assert [one["RouteDest"] for one in bgp["VcoRouteEntries"]] == [
        BLOCK,
        "192.168.0.0/16",
        "10.1.0.0/16",
        "10.5.0.0/16",
    ]
    assert (own["Source"], own["AsPath"]) == ("CLOUD", "[45104]")
    since = int(time.now().timestamp() - 3600 + 7) * 1000
    assert near == {
        "VpnConnectionId": connection.resource_id, "RouteDest": "10.1.0.0/16", "NextHop": connection.resource_id,
        "RouteEntryType": "bgp", "Source": "VPN_BGP", "State": "Active", "Weight": 100, "AsPath": "[65010, 65020]",
        "Community": "", "CreateTime": since, "NextHopTunnelIdList": [connection.tunnel.resource_id],
    }  # fmt: skip
    counts = {(one["RouteEntryType"], one["Source"]): one["RouteCount"] for one in bgp["VpnRouteCounts"]}
    assert counts == {("custom", "CLOUD"): 1, ("bgp", "CLOUD"): 1, ("bgp", "VPN_BGP"): 3}
    assert told("bgp", PageSize=1, PageNumber=2)["VcoRouteEntries"] == [far]
    assert fifth["State"] == "Active"
    custom = told("custom")
    assert [one["State"] for one in custom["VcoRouteEntries"]] == ["published"]
    assert (custom["TotalCount"], bgp["TotalCount"]) == (1, 4)
    cut(connection, clock)
    assert (told("bgp")["VcoRouteEntries"], told("bgp")["TotalCount"]) == ([], 0)
    assert told("custom")["VcoRouteEntries"] == custom["VcoRouteEntries"]


def entries(api, router, size: int = 100, **filters) -> list[dict]:
    """The entries of the default route table, read in pages."""
    which, found, more = {f"{TABLE}Id": router.default_table.resource_id}, [], {}
    while True:
        page = api.ok("ListTransitRouterRouteEntries", CBN, **which, **filters, MaxResults=size, **more)
        found += page["TransitRouterRouteEntries"]
        if "NextToken" not in page:
            assert page["TotalCount"] == len(found)
            return found
        more = {"NextToken": page["NextToken"]}


def test_entries_of_a_route_table(api, connection, router, clock):
    every = entries(api, router)
    assert [(one[DESTINATION], one[f"{ENTRY}Status"]) for one in every] == [
        (BLOCK, "Active"), ("10.5.0.0/16", "Active"),
        ("10.1.0.0/16", "Active"), ("10.5.0.0/16", "Standby"), ("192.168.0.0/16", "Active"),
    ]  # fmt: skip
    learned = every[2]
    assert (learned[f"{ENTRY}Type"], learned[f"{ENTRY}NextHopType"]) == ("Propagated", "Attachment")
    assert learned[f"{ENTRY}NextHopId"] == connection.attachment.resource_id
    assert learned[f"{ENTRY}OriginResourceId"] == connection.resource_id
    path = learned["PathAttributes"]
    assert (path["AsPaths"], path["OriginRouteType"]) == (["65010", "65020"], "BGP")
    assert len({one[f"{ENTRY}Id"] for one in every}) == len(every)
    for size in range(1, 5):
        assert entries(api, router, size) == every
    cut(connection, clock)
    assert entries(api, router) == every[:2]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({f"{ENTRY}Type": "Propagated"}, ["10.5.0.0/16", "10.1.0.0/16", "10.5.0.0/16", "192.168.0.0/16"]),
        ({f"{ENTRY}Type": "Static"}, [BLOCK]),
        ({f"{ENTRY}Status": "Standby"}, ["10.5.0.0/16"]),
        ({DESTINATION: "192.168.0.0/16"}, ["192.168.0.0/16"]),
        ({f"{ENTRY}NextHopType": "BlackHole"}, []),
        ({f"{ENTRY}OriginResourceType": "TR"}, [BLOCK]),
        ({f"{ENTRY}NextHopId": "tr-attach-other"}, []),
    ],
)
def test_filters_find_learned_entries(api, connection, router, filters, found):
    assert [one[DESTINATION] for one in entries(api, router, 1, **filters)] == found


def test_a_learned_entry_is_found_by_its_id(api, connection, router):
    entry = entries(api, router)[-1]
    assert entries(api, router, **{f"{ENTRY}Ids": [entry[f"{ENTRY}Id"]]}) == [entry]


def test_a_list_goes_on_after_an_entry_that_is_no_longer_there(api, connection, router):
    which = {f"{TABLE}Id": router.default_table.resource_id, "MaxResults": 3}
    page = api.ok("ListTransitRouterRouteEntries", CBN, **which)
    factories.load_device(connection, announced=["192.168.0.0/16"])
    assert (
        api.ok("ListTransitRouterRouteEntries", CBN, **which, NextToken=page["NextToken"])["TransitRouterRouteEntries"]
        == []
    )


@pytest.mark.parametrize("token", ["3~", "3~10.0.0.0/8", "3~10.0.0.0/8~x", "3~x~1", "3~10.0.0.0/8~1~2", "4~1"])
def test_a_token_of_no_place_is_refused(api, router, token):
    which = {f"{TABLE}Id": router.default_table.resource_id}
    assert api.no("ListTransitRouterRouteEntries", CBN, **which, NextToken=token) == "IllegalParam.NextToken"
