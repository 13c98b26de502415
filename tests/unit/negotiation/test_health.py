"""The health check: every row, when results turn, and what a failure does to the tunnel and to routes."""

from dataclasses import replace

import pytest

from connections.negotiation import Course, HealthStatus, Outage, Surroundings, lines
from connections.negotiation.health import PROBES
from tests.unit.negotiation.cases import CHECK, MAIN, PROTECTED, after, at, make_cloud, make_situation

CLOUD = make_cloud(health_check=CHECK)
OUTSIDE = make_cloud(health_check=replace(CHECK, destination="192.168.99.1"), **PROTECTED)
UNKNOWN, NORMAL, ABNORMAL = HealthStatus

CASES = [
    ("W2", OUTSIDE, {}),
    ("W3", CLOUD, {"probe_host_answers": False}),
    ("W3", CLOUD, {"esp_open": False}),
    ("W4", CLOUD, {"probe_allowed": False}),
    ("W4", CLOUD, {"has_source_nat": True}),
    ("W5", CLOUD, {"probe_routed_back": False}),
    ("W6", CLOUD, {"probe_same_path": False}),
]


def results(situation, *seconds):
    return [after(situation, second).health.status for second in seconds]


def test_probes_are_answered():
    situation = make_situation(CLOUD)
    # Three probes, each three seconds after the one before.
    assert results(situation, 0, 10, 11, 86400) == [UNKNOWN, UNKNOWN, NORMAL, NORMAL]
    assert after(situation, 10).next_change == at(11)
    assert not after(situation, 11).health.withdraws_routes


def test_no_health_check():
    assert after(make_situation(), 600).health is None


@pytest.mark.parametrize(("row", "cloud", "habits"), CASES)
def test_a_failure_resets_the_tunnel_once(row, cloud, habits):
    situation = make_situation(cloud, **habits)
    assert results(situation, 10, 11, 600) == [UNKNOWN, ABNORMAL, ABNORMAL]
    health = after(situation, 600).health
    assert (health.row, health.withdraws_routes) == (row, True)
    assert health.message
    assert health.remedy
    assert [after(situation, second).is_up for second in (11, 12, 14, 15, 600, 86400)] == [
        True,
        False,
        False,
        True,
        True,
        True,
    ]


def test_every_row_has_a_case():
    assert {probe.row for probe in PROBES} == {row for row, *_ in CASES} | {"W7"}


def test_routes_stay_if_switch_route_says_so():
    cloud = make_cloud(health_check=replace(CHECK, policy="reserve_route"))
    assert not after(make_situation(cloud, probe_allowed=False), 600).health.withdraws_routes


@pytest.mark.parametrize("habits", [{"psk": "other"}, {"uses_ah": True}])
def test_without_a_tunnel_the_check_fails_after_a_round(habits):
    situation = make_situation(CLOUD, **habits)
    assert results(situation, 8, 12) == [UNKNOWN, ABNORMAL]
    assert after(situation, 12).health.row == "W1"
    assert after(make_situation(CLOUD, device=False), 12).health.row == "W1"


def test_an_outage_is_noticed_before_dpd_notices_it():
    situation = make_situation(CLOUD, Surroundings(outages=(Outage(at(100), at(200)),)))
    assert results(situation, 108, 109, 200) == [NORMAL, ABNORMAL, ABNORMAL]
    assert (after(situation, 109).is_up, after(situation, 110).row) == (True, "W3")
    # The line is back; the next packet brings the tunnel up, and a round later the check is normal.
    up = next(second for second in range(200, 300) if after(situation, second).is_up)
    assert results(situation, up + 8, up + 9) == [ABNORMAL, NORMAL]


def test_many_lost_packets_let_the_result_turn_again_and_again():
    situation = make_situation(CLOUD, Surroundings(loss=90))
    found = {after(situation, second).health.status for second in range(100, 160)}
    assert found == {NORMAL, ABNORMAL}
    assert {after(situation, second).is_up for second in range(100, 160)} == {True, False}
    assert results(make_situation(CLOUD, Surroundings(loss=60)), 600) == [NORMAL]


def test_a_tunnel_that_is_lost_again_and_again_stays_normal_if_it_is_quick():
    situation = make_situation(make_cloud(health_check=CHECK, **MAIN), has_odd_dpd=True)
    assert set(results(situation, *range(11, 200))) == {NORMAL}


def test_results_are_logged():
    situation = make_situation(CLOUD, probe_allowed=False)
    found = [line for line in lines(Course(situation), at(0), at(600)) if line.component == "health"]
    assert [(line.at, line.end.value, line.text) for line in found] == [
        (at(11), "cloud", "no answer to probes"),
        (at(12), "cloud", "the health check failed; both SAs deleted"),
        (at(12), "device", "received DELETE IKE_SA"),
    ]
