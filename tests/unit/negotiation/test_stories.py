"""Troubleshooting stories from beginning to end: what is seen, the fix, and that the fix helps."""

from dataclasses import replace

import pytest

from connections.negotiation import (
    BgpState,
    Code,
    Course,
    End,
    HealthStatus,
    Outage,
    Situation,
    Surroundings,
    Traffic,
    Turns,
    sample,
)
from tests.mirrored import mirror
from tests.unit.negotiation.cases import (
    CHECK,
    KEY,
    PROTECTED,
    SESSION,
    after,
    at,
    cloud_starts,
    make_cloud,
    make_situation,
)

DAY = 86400
SEVERAL = {"local_subnet": ("10.10.0.0/16", "10.20.0.0/16"), "remote_subnet": ("192.168.50.0/24", "192.168.51.0/24")}


def fix(situation: Situation, seconds: int, *, cloud=None, **habits) -> Situation:
    """Settings changed at a later moment; what happened around the tunnel before that is over."""
    cloud = replace(situation.cloud, **(cloud or {}))
    device = replace(situation.device, **habits)
    return Situation(situation.tunnel_id, at(seconds), cloud, device)


def assert_up(situation, seconds=600):
    result = after(situation, seconds)
    assert (result.is_up, result.code, result.notes) == (True, None, ())


@pytest.mark.parametrize(
    ("cloud", "habits", "code"),
    [
        ({}, {"psk": KEY + " "}, Code.PSK_MISMATCH),
        ({}, {"local_id": "192.168.1.2", "is_behind_nat": True}, Code.PEER_ID_MISMATCH),
        ({"customer_gateway_ip": "192.168.1.2"}, {"address": "203.0.113.20"}, Code.PEER_MISMATCH),
        ({}, {"ike_version": ("ikev1",)}, Code.IKE_VERSION_MISMATCH),
        ({}, {"address": "203.0.113.77"}, Code.PEER_MISMATCH),
    ],
    ids=["space at the end", "behind the branch router", "private gateway", "version auto", "address changed"],
)
def test_a_value_that_differs(cloud, habits, code):
    situation = make_situation(make_cloud(**cloud), **habits)
    result = after(situation, 60)
    assert result.code == code
    difference = result.differences[0]
    assert difference.field
    # Loading the peer configuration again is a cure, if the customer gateway is the right one.
    cloud = make_cloud()
    assert_up(Situation("tun-1", at(100), cloud, mirror(cloud, is_behind_nat="is_behind_nat" in habits)))


def test_only_the_first_network_answers():
    situation = make_situation(make_cloud(**SEVERAL), sa_per_pair=True)
    result = after(situation, 60)
    assert (result.status, result.code) == ("ipsec_sa_established", None)
    assert [note.row for note in result.notes] == ["U3"]
    assert_up(fix(situation, 100, sa_per_pair=False))
    v1 = make_situation(make_cloud(ike_version="ikev1", **SEVERAL))
    assert after(v1, 60).code == Code.TRAFFIC_SELECTOR_MISMATCH


def test_every_eight_hours():
    traffic = (Traffic(End.CLOUD, at(DAY), at(DAY + 4 * 3600), 100_000_000),)
    situation = make_situation(
        around=Surroundings(traffic=traffic), ipsec_lifetime=28800, rekeys=False, ipsec_kilobytes=4_608_000
    )
    drops = [after(situation, second) for second in (2 + 28800, DAY + 600)]
    assert (drops[0].row, drops[0].is_up) == ("U5", False)
    # During the nightly copy the tunnel is lost every few minutes.
    rows = {after(situation, DAY + second).row for second in range(0, 3600, 20)}
    assert "U6" in rows
    mended = replace(
        fix(situation, 100, ipsec_lifetime=DAY, rekeys=True, ipsec_kilobytes=0), surroundings=situation.surroundings
    )
    assert {after(mended, second).is_up for second in range(200, DAY + 4000, 600)} == {True}


def test_fine_until_tomorrow():
    situation = make_situation(make_cloud(ipsec_lifetime=3600), ipsec_pfs=("group14",))
    assert [after(situation, minutes * 60 + 2).code for minutes in (53, 54, 60)] == [None, "PfsMismatch", "PfsMismatch"]
    assert [after(situation, minutes * 60 + 2).is_up for minutes in (53, 54, 60, 600)] == [True, True, False, False]
    mended = fix(situation, 40_000, ipsec_pfs=("group2",))
    assert after(mended, 40_000 + 50 * DAY).is_up


def test_phase_2_is_green_and_bgp_is_not():
    situation = make_situation(make_cloud(bgp=SESSION), announced=("192.168.50.0/24",))
    bgp = situation.device.bgp
    for wrong, row in (({"local_asn": 65011}, "S7"), ({"peer_asn": 45104}, "S8")):
        result = after(replace(situation, device=replace(situation.device, bgp=replace(bgp, **wrong))), 60)
        assert (result.is_up, result.code, result.bgp.row) == (True, None, row)
    assert [route.prefix for route in after(situation, 60).bgp.learned] == ["192.168.50.0/24"]


def test_bgp_needs_its_own_addresses():
    cloud = make_cloud(bgp=SESSION)
    situation = make_situation(cloud, local_subnet=("192.168.50.0/24",), remote_subnet=("10.10.0.0/16",))
    assert (after(situation, 60).bgp.row, after(situation, 60).bgp.state) == ("S2", BgpState.CONNECT)
    networks = {
        "local_subnet": ("192.168.50.0/24", "169.254.11.2/32"),
        "remote_subnet": ("10.10.0.0/16", "169.254.11.1/32"),
    }
    assert after(fix(situation, 100, **networks), 200).bgp.is_established


def test_the_probe_that_never_comes_home():
    situation = make_situation(make_cloud(health_check=CHECK), probe_routed_back=False)
    result = after(situation, 60)
    assert (result.is_up, result.health.row, result.health.withdraws_routes) == (True, "W5", True)
    mended = after(fix(situation, 100, probe_routed_back=True), 200)
    assert (mended.health.status, mended.health.withdraws_routes) == (HealthStatus.NORMAL, False)


def test_the_new_firewall_refuses_group_2():
    situation = make_situation(ike_enc_alg=("aes256",), ike_auth_alg=("sha256",), ike_pfs=("group14",))
    assert (after(situation, 60).row, after(situation, 60).code) == ("F4", Code.ALGORITHM_MISMATCH)
    assert after(cloud_starts(situation), 60).code == Code.PROPOSAL_MISMATCH
    nearly = fix(situation, 100, cloud={"ike_enc_alg": "aes256", "ike_auth_alg": "sha256"})
    assert (after(nearly, 160).row, after(nearly, 160).code) == ("F3", Code.DH_GROUP_MISMATCH)
    assert_up(fix(nearly, 200, cloud={"ike_pfs": "group14"}))


def test_ping_works_and_the_web_does_not():
    situation = make_situation(mtu=1500)
    assert [note.row for note in after(situation, 60).notes] == ["U13"]
    assert_up(fix(situation, 100, mtu=1399))


def test_two_tunnels_take_turns():
    tunnels = [make_situation(around=Surroundings(turns=Turns(index, 2, at(0)))) for index in (0, 1)]
    ups = [tuple(after(tunnel, second).is_up for tunnel in tunnels) for second in range(30, 600, 60)]
    assert ups == [(True, False), (False, True)] * 5


def test_it_came_up_although_it_is_wrong():
    wide = {"local_subnet": ("192.168.0.0/16",), "remote_subnet": ("10.0.0.0/8",)}
    situation = make_situation(make_cloud(**PROTECTED), **wide)
    result = after(situation, 60)
    assert (result.is_up, result.code, [note.row for note in result.notes]) == (True, None, ["U2"])
    assert result.agreed.selectors.remote == ("192.168.50.0/24",)


def test_one_way_only():
    traffic = (Traffic(End.CLOUD, at(0), None, 5000), Traffic(End.DEVICE, at(0), None, 5000))
    situation = make_situation(has_source_nat=True)
    found = sample({"tun-1": Course(situation)}, traffic, at(60))["tun-1"]
    assert (found.is_up, found.sent, found.received) == (True, 5000, 0)


def test_established_and_nothing_learned():
    session = after(make_situation(make_cloud(bgp=SESSION)), 60).bgp
    assert (session.is_established, session.row, session.learned) == (True, "S11", ())


def test_the_device_is_dead_and_the_console_is_green():
    power_cut = Surroundings(outages=(Outage(at(1000)),))
    without = make_situation(make_cloud(enable_dpd=False), power_cut)
    assert (after(without, DAY).is_up, after(without, DAY).receives) == (True, False)
    assert not after(without, DAY + 10).is_up
    with_dpd = make_situation(around=power_cut)
    assert (after(with_dpd, 1030).code, after(with_dpd, 1030).is_up) == (Code.DPD_TIMEOUT, False)
