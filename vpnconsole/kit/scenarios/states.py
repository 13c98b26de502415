"""Scenarios about states: each one held, on the way, between two accounts, and in each other's way."""

from typing import Any

from connections.domain.choices import ConnectionState, NegotiationStatus
from connections.messages import message as _
from connections.models import Attachment, Authorization, Cen, Connection, RouteEntry, RouteTable
from connections.services.attachments import create_attachment, delete_attachment
from connections.services.authorizations import authorize
from connections.services.connections import modify_tunnel
from connections.services.route_entries import create_route_entry
from connections.services.route_tables import create_route_table
from vpnconsole.kit import peers
from vpnconsole.kit.scenarios.building import (
    ZONE,
    Scenario,
    account,
    actor,
    ago,
    cen,
    connection,
    gateway,
    load_accounts,
    load_demo,
    router,
    staying_under_way,
    tunnel,
)

_HELD = {"clock": {"mode": "held"}, "transitions": [{"mode": "manual"}]}
_MANUAL = {"transitions": [{"mode": "manual"}]}
_CHECK: dict[str, Any] = {"health_check": True, "health_check_sip": "10.10.0.10", "health_check_dip": "192.168.50.1"}
_SESSION: dict[str, Any] = {"enable_bgp": True, "local_asn": 64512}


def _name(of: str, value: str) -> str:
    return f"{of}-{value.replace('_', '-')}"


def _block(number: int) -> dict[str, str]:
    return {"tunnel_cidr": f"169.254.{number}.0/30", "local_bgp_ip": f"169.254.{number}.1"}


def _every_state() -> None:
    load_accounts()
    with ago(days=3):
        one = gateway("data-center", "203.0.113.20", 65010)
        other = gateway("data-center-2", "203.0.113.21", 65010)
        frankfurt = router(cen("backbone"), "backbone-frankfurt")
        # Statuses.
        for status in NegotiationStatus:
            passive = status == NegotiationStatus.UNTRIED
            connection(_name("status", status), [one], frankfurt, effect_immediately=not passive)
        for word in peers.HEALTH:
            connection(_name("health", word), [one], frankfurt, **_CHECK)
        for number, word in enumerate(("normal", "abnormal"), 30):
            connection(_name("bgp", word), [one], frankfurt, [_block(number)], **_SESSION)
        two = [_block(40), _block(41)]
        for name in ("two-tunnels-up", "two-tunnels-one-up", "two-tunnels-down"):
            connection(name, [one, other], frankfurt, two, **_SESSION)
            two = [{**one, **_block(int(one["tunnel_cidr"].split(".")[2]) + 2)} for one in two]
    for status in NegotiationStatus:
        _lead(_name("status", status), negotiation=status)
    for word in peers.HEALTH:
        _lead(_name("health", word), health=word)
    _lead("bgp-normal", negotiation=NegotiationStatus.IPSEC_UP)
    _lead("bgp-abnormal", row="S7")
    for name, rows in (
        ("two-tunnels-up", ("N1", "N1")),
        ("two-tunnels-one-up", ("N1", "F3")),
        ("two-tunnels-down", ("H7", "F3")),
    ):
        for index, row in enumerate(rows, 1):
            _lead(name, index, row=row)
    _in_each_state(frankfurt, one)


def _lead(name: str, index: int | None = None, **wish: str) -> None:
    made = Connection.objects.get(name=name)
    peers.apply(peers.tunnels_of(made.resource_id, index), peers.Wish(**wish), {}, at_once=True)


def _in_each_state(frankfurt, one) -> None:
    """Connections in each state; what is under way stays so."""
    rest = {state: _name("state", state) for state in ConnectionState}
    with ago(days=1):
        for state in (ConnectionState.INIT, ConnectionState.ATTACHING, ConnectionState.UPDATING):
            connection(rest[state], [one])
        for state in (ConnectionState.ATTACHED, ConnectionState.DETACHING):
            connection(rest[state], [one], frankfurt)
    with staying_under_way():
        connection(rest[ConnectionState.PROVISIONING], [one])
        _attach(rest[ConnectionState.ATTACHING], frankfurt)
        changed = tunnel(Connection.objects.get(name=rest[ConnectionState.UPDATING]))
        changed.ike_lifetime = 28800
        modify_tunnel(actor(), changed, changed.connection.revision)
        _detach(rest[ConnectionState.DETACHING])


def _attach(name: str, to) -> None:
    made = Connection.objects.get(name=name)
    create_attachment(actor(), Attachment(transit_router=to, zone=ZONE), made.resource_id)


def _detach(name: str) -> None:
    delete_attachment(actor(), Attachment.objects.get(connection__name=name), force=True)


def _mid_way() -> None:
    load_accounts()
    with ago(days=3):
        one = gateway("data-center", "203.0.113.20", 65010)
        backbone = cen("backbone")
        frankfurt = router(backbone, "backbone-frankfurt")
    _in_each_state(frankfurt, one)
    with staying_under_way():
        create_route_table(actor(), RouteTable(account=account(), transit_router=frankfurt, name="branches"))
        cen("laboratory")
        router(Cen.objects.get(name="backbone"), "backbone-hangzhou", region="cn-hangzhou")


def _handed_over() -> None:
    load_demo()
    theirs = Cen.objects.get(name="summit-core")
    mine = Connection.objects.get(name="paris-branch")
    with ago(hours=2):
        authorize(actor(), Authorization(connection=mine, peer_uid=theirs.account.uid, peer_cen_id=theirs.resource_id))


def _in_the_way() -> None:
    load_accounts()
    with ago(days=3):
        frankfurt = router(cen("backbone"), "backbone-frankfurt", ["10.200.0.0/24"])
        create_route_table(actor(), RouteTable(account=account(), transit_router=frankfurt, name="branches"))
        public, private = gateway("data-center", "203.0.113.20", 65010), gateway("leased-line", "10.250.0.9")
        connection("attached", [public], frankfurt)
        connection("attached-privately", [private], frankfurt, network_type="private")
        branches = RouteTable.objects.get(name="branches")
        bound = Attachment.objects.get(connection__name="attached")
        create_route_entry(actor(), RouteEntry(route_table=branches, destination="10.77.0.0/16", attachment=bound))


SCENARIOS = (
    Scenario(
        "every-state",
        _("A connection in each state, with each negotiation status, health check and BGP session; the clock is held."),
        _every_state,
        _HELD,
    ),
    Scenario(
        "mid-way",
        _("Creating, attaching, updating, detaching: under way until they are settled."),
        _mid_way,
        _MANUAL,
    ),
    Scenario(
        "handed-over",
        _("The demo data; Harbour Logistics lets Summit Retail attach paris-branch."),
        _handed_over,
    ),
    Scenario("in-the-way", _("Everything is in use, so no deletion goes through."), _in_the_way),
)
