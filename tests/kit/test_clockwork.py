"""A world's clock, its transitions, its random values and its peers."""

import json
import re

import pytest

from vpnconsole.testing.clients import CBN, VPC, call_at
from vpnconsole.testing.worlds import Visitor

REGION = "eu-central-1"
LIST = f"/{REGION}/connections/"


class Inside:
    """A world, with a member's browser and key."""

    def __init__(self, control, member="alice", **settings):
        self.control, self.world = control, control.world(**settings)
        self.key = tuple(self.world["keys"][member][name] for name in ("id", "secret"))
        self.browser = Visitor(control.server, self.world["id"], member)

    def kit(self, method, path, status=None, **body):
        return self.control.call(method, f"/worlds/{self.world['id']}{path}", status, **body)

    def api(self, action, version=VPC, status=200, **parameters):
        answer = call_at(self.browser, self.key, action, version, **parameters)
        assert answer.status == status, answer.text
        return json.loads(answer.text)

    def id_of(self, kind, name):
        return self.world["names"][kind][name]["id"]

    def status_of(self, name="hamburg-primary"):
        return re.search(rf'data-name="{name}".*?data-status="(\w+)"', self.browser.get(LIST).text, re.S)[1]


def test_what_the_console_remembers_for_a_time_follows_the_held_clock(control):
    """Signed calls go on working, since their signatures are judged by the real time."""
    inside = Inside(control, clock="held")
    assert inside.kit("GET", "/clock")["clock"] == {"mode": "held", "at": "2026-03-02T09:00:00+00:00"}
    new = {"RegionId": REGION, "IpAddress": "203.0.113.99", "ClientToken": "once"}
    made = [inside.api("CreateCustomerGateway", **new)["CustomerGatewayId"] for _ in range(2)]
    assert made[0] == made[1]
    stranger = Visitor(control.server, inside.world["id"])
    for _ in range(6):
        stranger.get("/login/")
        answer = stranger.post("/login/", {"username": "alice", "password": "wrong"})
    assert answer.status == 429
    after = inside.kit("POST", "/clock/advance", seconds=86400)
    assert after["clock"]["at"] == "2026-03-03T09:00:00+00:00"
    assert stranger.post("/login/", {"username": "alice", "password": "vpn-console-demo"}).status == 302
    assert "Mar 3, 2026" in Visitor(control.server, inside.world["id"], "alice").get("/members/").text
    again = inside.api("CreateCustomerGateway", **new | {"IpAddress": "203.0.113.98"})["CustomerGatewayId"]
    assert again != made[0]


def test_the_payer_may_change_when_an_hour_of_the_world_has_passed(control):
    inside = Inside(control, clock="held")
    cen, mine = inside.id_of("cen", "summit-core"), inside.id_of("connection", "paris-branch")
    uids = {name: int(inside.world["members"][name]["uid"]) for name in ("alice", "bob")}
    grant = {"CenId": cen, "InstanceId": mine}
    inside.api("GrantInstanceToTransitRouter", CBN, **grant, CenOwnerId=uids["bob"], InstanceType="VPN")
    theirs = tuple(inside.world["keys"]["bob"][name] for name in ("id", "secret"))

    def by_bob(action, **parameters):
        answer = call_at(inside.browser, theirs, action, CBN, **parameters)
        return answer.status, json.loads(answer.text)

    attach = {"VpnId": mine, "VpnOwnerId": uids["alice"], "RegionId": REGION, "Zone": [{"ZoneId": "eu-central-1a"}]}
    router = inside.id_of("router", "core-frankfurt")
    made = by_bob("CreateTransitRouterVpnAttachment", TransitRouterId=router, **attach)[1]["TransitRouterAttachmentId"]
    inside.api("ModifyGrantInstanceToTransitRouter", CBN, **grant, OrderType="PayByResourceOwner")
    change = {"TransitRouterAttachmentId": made, "OrderType": "PayByResourceOwner"}
    statuses = [by_bob("UpdateTransitRouterVpnAttachmentAttribute", **change)[0]]
    for seconds in (3599, 1):
        inside.kit("POST", "/clock/advance", seconds=seconds)
        statuses.append(by_bob("UpdateTransitRouterVpnAttachmentAttribute", **change)[0])
    assert [status == 200 for status in statuses] == [False, False, True]


# How an object of each kind is made, and how its state is read: by page or by API in turn.
MADE = {
    "cen": lambda inside: inside.api("CreateCen", CBN, Name="fresh")["CenId"],
    "router": lambda inside: inside.api(
        "CreateTransitRouter", CBN, CenId=inside.id_of("cen", "harbour-lab"), RegionId="cn-hangzhou"
    )["TransitRouterId"],
    "connection": lambda inside: inside.api(
        "CreateVpnAttachment",
        RegionId=REGION,
        CustomerGatewayId=inside.id_of("gateway", "hamburg-dc1"),
        LocalSubnet="0.0.0.0/0",
        RemoteSubnet="0.0.0.0/0",
    )["VpnConnectionId"],
    "attachment": lambda inside: inside.api(
        "CreateTransitRouterVpnAttachment",
        CBN,
        VpnId=inside.id_of("connection", "paris-branch"),
        TransitRouterId=inside.id_of("router", "backbone-frankfurt"),
        RegionId=REGION,
        Zone=[{"ZoneId": "eu-central-1a"}],
    )["TransitRouterAttachmentId"],
    "route_table": lambda inside: inside.api(
        "CreateTransitRouterRouteTable", CBN, TransitRouterId=inside.id_of("router", "backbone-frankfurt")
    )["TransitRouterRouteTableId"],
}


def status_by_api(inside, kind, made):
    if kind == "cen":
        return inside.api("DescribeCens", CBN)["Cens"]["Cen"][0]["Status"]
    if kind == "router":
        found = inside.api("ListTransitRouters", CBN, CenId=inside.id_of("cen", "harbour-lab"))["TransitRouters"]
        return next(one["Status"] for one in found if one["TransitRouterId"] == made)
    if kind == "connection":
        return inside.api("DescribeVpnConnection", RegionId=REGION, VpnConnectionId=made)["State"]
    if kind == "attachment":
        found = inside.api("ListTransitRouterVpnAttachments", CBN, TransitRouterAttachmentId=made)
        return found["TransitRouterAttachments"][0]["Status"]
    router = inside.id_of("router", "backbone-frankfurt")
    found = inside.api("ListTransitRouterRouteTables", CBN, TransitRouterId=router)["TransitRouterRouteTables"]
    return next(one["TransitRouterRouteTableStatus"] for one in found if one["TransitRouterRouteTableId"] == made)


def status_by_page(inside, kind, made):
    paths = {
        "cen": "/cens/",
        "router": f"/cens/{inside.id_of('cen', 'harbour-lab')}/",
        "connection": LIST,
        "attachment": LIST,
        "route_table": inside.world["names"]["router"]["backbone-frankfurt"]["address"] + "route-tables/",
    }
    name = inside.id_of("connection", "paris-branch") if kind == "attachment" else made
    which = "state" if paths[kind] == LIST else "status"
    return re.search(rf'{name}.*?data-{which}="(\w+)"', inside.browser.get(paths[kind]).text, re.S)[1]


def is_under_way(text):
    return text.lower() in ("creating", "attaching", "provisioning")


@pytest.mark.parametrize("kind", MADE)
def test_each_kind_settles_as_its_rule_has_it(control, kind):
    inside = Inside(control, clock="held")
    # At once, unless it is said otherwise.
    assert not is_under_way(status_by_api(inside, kind, MADE[kind](inside)))
    inside = Inside(control, clock="held", transitions="manual")
    inside.kit("PUT", "/transitions", mode="reads", reads=3, **{"for": {"kind": kind}})
    made = MADE[kind](inside)
    reads = [status_by_api, status_by_page, status_by_api, status_by_page, status_by_api]
    if kind == "route_table":
        reads = [status_by_api] * 5
    assert [is_under_way(read(inside, kind, made)) for read in reads] == [True, True, True, False, False]


@pytest.mark.parametrize("kind", MADE)
def test_what_waits_for_somebody_is_settled_by_its_id_or_by_the_clock(control, kind):
    inside = Inside(control, transitions="manual", clock="held")
    made = MADE[kind](inside)
    assert [is_under_way(status_by_api(inside, kind, made)) for _ in range(4)] == [True] * 4
    assert inside.kit("POST", "/settle", id=made) == {"settled": [made]}
    assert not is_under_way(status_by_api(inside, kind, made))
    assert inside.kit("POST", "/settle") == {"settled": []}
    inside.kit("POST", "/settle", 404, id="vco-unknown")
    inside.kit("PUT", "/transitions", mode="time", seconds=5)
    inside.kit("POST", "/clock/advance", seconds=1)
    assert not is_under_way(status_by_api(inside, kind, made))


def test_the_clock_ends_transitions_of_some_seconds(control):
    inside = Inside(control, transitions={"mode": "time", "seconds": 5}, clock="held")
    made = MADE["connection"](inside)
    seen = []
    for _ in range(3):
        seen.append(status_by_api(inside, "connection", made))
        inside.kit("POST", "/clock/advance", seconds=2.5)
    assert seen == ["provisioning", "provisioning", "init"]
    # What waits for somebody is over when the clock is moved.
    inside.kit("PUT", "/transitions", mode="manual")
    made = MADE["cen"](inside)
    assert inside.kit("POST", "/clock/advance", seconds=0)["settled"] == [made]


def test_time_goes_forward_only(control):
    inside = Inside(control, clock={"mode": "held", "at": "2190-01-01T00:00:00Z"})
    inside.kit("PUT", "/clock", 409, mode="held", at="2189-12-31T23:59:59Z")
    inside.kit("PUT", "/clock", 422, mode="held", at="noon")
    inside.kit("PUT", "/clock", 422, mode="slow")
    assert inside.kit("PUT", "/clock", mode="held", at="2190-01-01T01:00:00+00:00")["clock"]["mode"] == "held"
    inside.kit("PUT", "/clock", 409, mode="real")
    running = Inside(control)
    assert running.kit("GET", "/clock")["clock"]["at"] >= "2026-03-02T09:00:00"
    real = Inside(control, clock="real")
    real.kit("POST", "/clock/advance", 409, seconds=1)


def test_a_seed_repeats_ids_whatever_happened_beside(control):
    """In two worlds, which two processes serve, with other requests in between."""
    made = []
    for polls in (0, 2):
        inside = Inside(control, ids=7, clock="held")
        ids = []
        for kind in ("connection", "cen", "connection", "router", "connection"):
            for _ in range(polls):
                inside.browser.get(LIST)
            ids.append(MADE[kind](inside))
        shown = inside.kit("GET", "/state")
        made.append((ids, shown["accounts"], shown["states"]))
    assert made[0] == made[1]
    other = Inside(control, ids=8, clock="held")
    assert MADE["connection"](other) != made[0][0][0]
    named = [Inside(control, ids={"seed": 7, "requests": True}, clock="held") for _ in range(2)]
    assert len({one.api("CreateCen", CBN, Name="fresh")["RequestId"] for one in named}) == 1


def test_a_peer_leads_where_one_wants(control):
    inside = Inside(control, clock="held")
    peer = f"/peers/{inside.id_of('connection', 'rotterdam-terminal')}"

    def put(**wish):
        (tunnel,) = inside.kit("PUT", peer, **wish)["tunnels"]
        return tunnel

    for status in ("ike_sa_not_established", "ike_sa_established", "ipsec_sa_not_established", "ipsec_sa_established"):
        assert put(negotiation=status)["negotiation"] == status
        assert inside.status_of("rotterdam-terminal") == status
    assert put(negotiation="ipsec_sa_established", health="ok")["health"] == "success"
    assert put(health="failed")["health"] == "failed"
    for row in ("F3", "C2", "D1", "H7", "M1", "J3", "L1", "W5", "U1"):
        tunnel = put(row=row)
        assert row in (tunnel["row"],) or (row, tunnel["health"]) == ("W5", "failed"), tunnel
    assert put(row="U1")["code"] == "PfsMismatch"
    # ikev1 only.
    inside.kit("PUT", peer, 409, row="E1")
    inside.kit("PUT", peer, 422, row="Z9")
    inside.kit("PUT", peer, 422, settings={"colour": "red"})
    assert put(settings={"psk": "other-than-the-cloud"})["code"] == "PskMismatch"
    inside.kit("PUT", "/clock", mode="running")
    inside.kit("PUT", peer, 409, negotiation="ike_sa_established")
    two = inside.id_of("connection", "hamburg-two-tunnels")
    tunnels = inside.kit("PUT", f"/peers/{two}", tunnel=2, row="F3")["tunnels"]
    assert [one["negotiation"] for one in tunnels] == ["ipsec_sa_established", "ike_sa_not_established"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_state_and_status_is_found_by_code(control, language):
    """In either language, in the list, by its filters and by the API; and it stays."""
    inside = Inside(control, scenario="every-state")
    inside.browser.cookies["django_language"] = language
    by_filter = {
        f"state={state}": f"state-{state}"
        for state in ("provisioning", "init", "attaching", "attached", "updating", "detaching")
    } | {
        f"status={status}": f"status-{status.replace('_', '-')}"
        for status in (
            "not_negotiated",
            "ike_sa_not_established",
            "ike_sa_established",
            "ipsec_sa_not_established",
            "ipsec_sa_established",
        )
    }
    for query, name in by_filter.items():
        which, _, value = query.partition("=")
        page = inside.browser.get(f"{LIST}?{query}&size=50").text
        rows = [row for row in page.split("<tr") if "data-name=" in row and "two-tunnels" not in row]
        assert [row for row in rows if f'data-name="{name}"' in row], query
        assert {re.search(rf'data-{which}="(\w+)"', row)[1] for row in rows} == {value}, query
    found = inside.api("DescribeVpnConnections", RegionId=REGION, PageSize=50)["VpnConnections"]["VpnConnection"]
    assert {one["State"] for one in found} >= {"provisioning", "attaching", "updating", "detaching"}
