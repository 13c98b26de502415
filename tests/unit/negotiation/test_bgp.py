"""BGP sessions: every row, what is learned, and how sessions follow the tunnel."""

from dataclasses import replace

import pytest

from connections.negotiation import Announcement, BgpState, Course, Outage, Surroundings, lines
from connections.negotiation.bgp import SESSIONS
from tests.unit.negotiation.cases import SESSION, after, at, make_cloud, make_situation

CLOUD = make_cloud(bgp=SESSION)
NETWORKS = ("192.168.50.0/24", "192.168.60.0/24")


def make_session(cloud=CLOUD, around=None, networks=NETWORKS, device=None, **bgp):
    """A tunnel with BGP, and one thing changed on the device's end."""
    situation = make_situation(cloud, around, announced=networks, **(device or {}))
    return replace(situation, device=replace(situation.device, bgp=replace(situation.device.bgp, **bgp)))


NARROW = {"local_subnet": ("192.168.50.0/24",), "remote_subnet": ("10.10.0.0/16",)}
CASES = [
    ("S2", {"device": NARROW}, BgpState.CONNECT, "local_subnet"),
    ("S2", {"device": {"esp_open": False}}, BgpState.CONNECT, ""),
    ("S3", {"local_ip": "169.254.11.3"}, BgpState.ACTIVE, "peer_ip"),
    ("S4", {"peer_ip": "169.254.11.5"}, BgpState.ACTIVE, "local_ip"),
    ("S4", {"source_ip": "192.168.50.1"}, BgpState.ACTIVE, "source_ip"),
    ("S5", {"port_open": False}, BgpState.ACTIVE, ""),
    ("S6", {"key": "other"}, BgpState.CONNECT, "key"),
    ("S6", {"key": ""}, BgpState.CONNECT, "key"),
    ("S7", {"local_asn": 65011}, BgpState.IDLE, "peer_asn"),
    ("S8", {"peer_asn": 45104}, BgpState.IDLE, "local_asn"),
    ("S9", {"hold_time": 1}, BgpState.IDLE, ""),
    ("S10", {"router_id": "169.254.11.1"}, BgpState.IDLE, ""),
    ("S16", {"cloud": make_cloud(bgp=replace(SESSION, peer_asn=None))}, BgpState.IDLE, ""),
]


@pytest.mark.parametrize(("row", "changed", "state", "field"), CASES)
def test_what_keeps_a_session_from_being_established(row, changed, state, field):
    result = after(make_session(**changed), 600)
    assert result.is_up
    assert (result.bgp.row, result.bgp.state, result.bgp.is_established) == (row, state, False)
    assert [difference.field for difference in result.bgp.differences][:1] == ([field] if field else [])
    assert result.bgp.routes == ()
    assert result.bgp.message
    assert result.next_change == result.next_rekey_at


def test_every_row_has_a_case():
    assert {row.row for row in SESSIONS} == {row for row, *_ in CASES}


def test_bgp_may_be_off_at_either_end():
    assert after(make_situation(), 600).bgp is None
    only_cloud = make_situation(CLOUD)
    only_cloud = replace(only_cloud, device=replace(only_cloud.device, bgp=None))
    assert after(only_cloud, 600).bgp.row == "S5"


def test_a_session_is_established_five_seconds_after_phase_2():
    situation = make_session()
    assert [after(situation, second).bgp.row for second in (1, 2, 6, 7)] == ["S1", "", "", "UP"]
    session = after(situation, 7).bgp
    assert session.established_at == at(7)
    assert [(route.prefix, route.as_path) for route in session.learned] == [
        ("192.168.50.0/24", (65010,)),
        ("192.168.60.0/24", (65010,)),
    ]


def test_without_the_tunnel_there_is_no_session():
    assert after(make_session(device={"psk": "other"}), 600).bgp.row == "S1"
    assert after(make_situation(CLOUD, device=False), 600).bgp.row == "S1"


@pytest.mark.parametrize(
    ("announced", "changed", "row", "learned", "refused"),
    [
        ((), {}, "S11", 0, []),
        (NETWORKS, {"exports": False}, "S11", 0, []),
        ((*NETWORKS, "0.0.0.0/0"), {}, "UP", 2, ["S12"]),
        (tuple(f"10.{number}.0.0/16" for number in range(52)), {}, "UP", 50, ["S13", "S13"]),
        (NETWORKS, {"announced": (Announcement("192.168.50.0/24", (65020, 64800)),)}, "S14", 0, []),
        (NETWORKS, {"announced": (Announcement("192.168.50.0/24", (65020,)),)}, "UP", 1, []),
    ],
)
def test_what_is_learned(announced, changed, row, learned, refused):
    session = after(make_session(networks=announced, **changed), 600).bgp
    assert (session.row, session.is_established) == (row, True)
    assert len(session.learned) == learned
    assert [route.row for route in session.refused] == refused


def test_one_as_on_both_ends_adds_nothing_to_the_path():
    cloud = make_cloud(bgp=replace(SESSION, peer_asn=64800))
    session = after(make_session(cloud), 600).bgp
    assert (session.row, session.learned[0].as_path) == ("S15", ())


@pytest.mark.parametrize(
    ("length", "hold_time", "established"), [(9, 90, True), (9, 9, True), (10, 9, False), (20, 9, False)]
)
def test_a_session_survives_an_outage_shorter_than_its_hold_time(length, hold_time, established):
    around = Surroundings(outages=(Outage(at(100), at(100 + length)),))
    situation = make_session(around=around, hold_time=hold_time)
    end = after(situation, 99 + length).bgp
    assert end.is_established == (length <= hold_time)
    assert after(situation, 100 + length).bgp.is_established == established
    assert after(situation, 106 + length).bgp.is_established


def test_a_session_ends_with_its_tunnel():
    situation = make_session(around=Surroundings(deletes=(at(100),)))
    assert [after(situation, second).bgp.is_established for second in (99, 100, 107, 108)] == [True, False, False, True]
    assert after(situation, 108).bgp.established_at == at(108)


def texts(situation, start, end):
    return [
        (line.end.value, line.text) for line in lines(Course(situation), at(start), at(end)) if line.component == "bgp"
    ]


def test_sessions_and_refusals_are_logged_at_both_ends():
    assert texts(make_session(), 0, 3600) == [
        ("cloud", "session established, 2 prefixes"),
        ("device", "session established, 2 prefixes sent"),
    ]
    assert texts(make_session(local_asn=65011), 0, 60) == [
        ("cloud", "notification sent 2/2: bad peer AS 65011"),
        ("device", "notification received 2/2: bad peer AS"),
    ]
    # A number of four bytes does not fit into the field.
    assert texts(make_session(make_cloud(bgp=replace(SESSION, local_asn=4200000001)), peer_asn=1), 0, 60)[0] == (
        "cloud",
        "notification received 2/2: bad peer AS 23456",
    )
    assert texts(make_session(key="other"), 0, 3600) == []
    assert len(texts(make_session(local_asn=65011), 0, 3600)) == 2 * 30
