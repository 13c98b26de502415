"""How tunnels fare over time: attempts, retries, outages, rekeys, resets, and what is asked of a moment."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connections.domain.choices import NegotiationStatus
from connections.negotiation import (
    Code,
    Course,
    End,
    Outage,
    Part,
    Problem,
    Severity,
    Start,
    Surroundings,
    Traffic,
    Turns,
    furthest,
    outcome,
)
from tests.unit.negotiation.cases import (
    AGGRESSIVE,
    MAIN,
    after,
    at,
    cloud_starts,
    device_starts,
    make_cloud,
    make_situation,
    situations,
)

IKE_DOWN, IKE_UP, UNTRIED = NegotiationStatus.IKE_DOWN, NegotiationStatus.IKE_UP, NegotiationStatus.UNTRIED
IPSEC_DOWN, IPSEC_UP = NegotiationStatus.IPSEC_DOWN, NegotiationStatus.IPSEC_UP
DAY = 86400


def course_of(situation, *seconds):
    """Row, status and code at each of these seconds."""
    results = [after(situation, second) for second in seconds]
    return [(result.row, result.status, result.code) for result in results]


def changes(situation, until):
    """When anything changes by itself, in seconds after the change."""
    course, found = Course(situation), []
    result = outcome(course, at(0))
    while result.next_change and result.next_change <= at(until):
        found.append((result.next_change - at(0)).total_seconds())
        result = outcome(course, result.next_change)
    return found


def test_a_tunnel_comes_up_within_two_seconds():
    situation = make_situation()
    assert course_of(situation, 0, 1, 2) == [("", UNTRIED, None), ("", IKE_UP, None), ("N1", IPSEC_UP, None)]
    assert changes(situation, 600) == [1, 2]
    result = after(situation, 600)
    assert result.established_at == at(2)
    assert result.next_rekey_at == at(2 + 0.9 * DAY)
    assert result.agreed.selectors.local == ("0.0.0.0/0",)


def test_before_the_change_the_connection_is_not_ready():
    result = after(make_situation(), -5)
    assert (result.row, result.code, result.next_change) == ("A1", Code.NO_EXCEPTION_FOUND, at(0))


def test_a_refused_negotiation_is_repeated_and_its_code_stays():
    situation = make_situation(psk="other")
    assert course_of(situation, 0, 1, 30, 3600) == [("", UNTRIED, None)] + 3 * [("H7", IKE_DOWN, "PskMismatch")]
    assert changes(situation, 3600) == [1]
    assert after(situation, 70).problem.at == at(1 + 2 * 31)


@pytest.mark.parametrize(
    ("settings_", "codes"),
    [
        ({}, [None, "NoResponse", "NoResponse", "NoResponse"]),
        (MAIN, [None, "NoResponse", "Phase1NegotiationTimeout", "NoResponse"]),
    ],
)
def test_without_an_answer_the_cloud_sends_again_and_gives_up(settings_, codes):
    situation = cloud_starts(make_situation(make_cloud(**settings_), device=False))
    assert [after(situation, second).code for second in (3, 4, 60, 94)] == codes


def test_traffic_that_waits_for_phase_1_fails_before_phase_1_does():
    around = Surroundings(traffic=(Traffic(End.CLOUD, at(10), at(10)),))
    situation = make_situation(make_cloud(**MAIN, effect_immediately=False), around, device=False)
    codes = [after(situation, 10 + second).code for second in (-1, 4, 30, 47, 60)]
    assert codes == [
        "NoExceptionFound",
        "NoResponse",
        "NegotiationFailed",
        "NoResponse",
        "Phase1NegotiationTimeout",
    ]
    # Sent once, it starts one attempt; three minutes later its code is the last problem.
    result = after(situation, 10 + 60 + 180)
    assert (result.row, result.code) == ("C1", None)
    assert result.problem == Problem(Code.PHASE_1_NEGOTIATION_TIMEOUT, at(70), is_recent=False)
    assert changes(situation, 10_000)[-1] == 250


def test_traffic_of_either_end_starts_and_the_tunnel_stays_up_without_it():
    for sender in End:
        around = Surroundings(traffic=(Traffic(sender, at(100), at(100)),))
        situation = make_situation(make_cloud(effect_immediately=False), around, starts=Start.TRAFFIC)
        assert course_of(situation, 99, 102, DAY) == [
            ("B1", UNTRIED, "NoExceptionFound"),
            ("N1", IPSEC_UP, None),
            ("N1", IPSEC_UP, None),
        ]
        assert after(situation, 200).part == (Part.INITIATOR if sender == End.CLOUD else Part.RESPONDER)


def test_traffic_of_the_device_lets_the_cloud_see_the_difference():
    around = Surroundings(traffic=(Traffic(End.DEVICE, at(100)),))
    situation = make_situation(around=around, starts=Start.TRAFFIC, ike_pfs=("group14",))
    assert [after(situation, second).code for second in (50, 102)] == ["ProposalMismatch", "DhGroupMismatch"]


def test_an_outage_is_noticed_after_thirty_seconds_and_mended_by_the_next_packet():
    around = Surroundings(outages=(Outage(at(100), at(250)),))
    situation = make_situation(around=around)
    rows = course_of(situation, 99, 129, 130, 135, 300)
    assert rows == [
        ("N1", IPSEC_UP, None),
        ("N1", IPSEC_UP, None),
        ("U9", IKE_DOWN, "DpdTimeout"),
        ("C1", IKE_DOWN, "NoResponse"),
        ("N1", IPSEC_UP, "NoResponse"),
    ]
    assert not after(situation, 110).receives
    # Severity of what is over is a warning.
    assert after(situation, 300).severity == Severity.WARN
    assert after(situation, 2000).code is None


def test_a_short_outage_is_not_noticed():
    situation = make_situation(around=Surroundings(outages=(Outage(at(100), at(129)),)))
    assert {after(situation, second).status for second in range(2, 400)} == {IPSEC_UP}
    assert after(situation, 200).established_at == at(2)


def test_without_dpd_a_dead_device_looks_healthy_until_the_lifetime_ends():
    cloud = make_cloud(enable_dpd=False, ipsec_lifetime=3600)
    situation = make_situation(cloud, Surroundings(outages=(Outage(at(100)),)))
    result = after(situation, 3000)
    assert (result.row, result.status, result.receives) == ("U8", IPSEC_UP, False)
    assert "U8" in {note.row for note in result.notes}
    assert course_of(situation, 3601, 3700) == [("U8", IPSEC_UP, None), ("C1", IKE_DOWN, "NoResponse")]


def test_the_device_deletes_and_the_tunnel_comes_up_again():
    situation = make_situation(around=Surroundings(deletes=(at(100),)))
    assert course_of(situation, 99, 100, 103) == [
        ("N1", IPSEC_UP, None),
        ("U11", IKE_DOWN, "ReceiveDeleteNotify"),
        ("N1", IPSEC_UP, "ReceiveDeleteNotify"),
    ]


def test_a_delete_during_an_outage_arrives_with_the_line():
    around = Surroundings(outages=(Outage(at(100), at(120)),), deletes=(at(110),))
    assert course_of(make_situation(around=around), 119, 120)[1][0] == "U11"


def test_pfs_of_ikev2_fails_at_the_first_rekey_and_does_not_heal():
    cloud = make_cloud(ipsec_lifetime=3600)
    situation = make_situation(cloud, ipsec_pfs=("group14",))
    up = after(situation, 3000)
    assert (up.row, up.code, [note.row for note in up.notes]) == ("N1", None, ["U1"])
    assert up.next_rekey_at == up.next_change
    refused = after(situation, 2 + 3240)
    assert (refused.row, refused.status, refused.code) == ("U1", IPSEC_UP, "PfsMismatch")
    assert refused.severity == Severity.WARN
    lost = after(situation, 2 + 3600)
    assert (lost.row, lost.status, lost.code) == ("U1", IPSEC_DOWN, "PfsMismatch")
    assert lost.severity == Severity.CRITICAL
    assert lost.field == "ipsec_pfs"
    assert after(situation, 30 * DAY).row == "U1"
    # A reset is a new change: it works for another hour.
    assert after(replace(situation, changed_at=at(4000)), 4100).row == "N1"
    # So is a restart of the device.
    restarted = replace(situation, surroundings=Surroundings(deletes=(at(5000),)))
    assert course_of(restarted, 5003)[0][:2] == ("N1", IPSEC_UP)


def test_pfs_of_ikev1_fails_at_once():
    for mode in (MAIN, AGGRESSIVE):
        assert after(make_situation(make_cloud(**mode), ipsec_pfs=("group14",)), 2).code == Code.PFS_MISMATCH


@pytest.mark.parametrize("lifetime", [0, 1, 2, 60])
def test_short_and_unlimited_lifetimes(lifetime):
    situation = make_situation(make_cloud(ike_lifetime=lifetime, ipsec_lifetime=lifetime))
    result = after(situation, 10 * DAY)
    assert result.status == IPSEC_UP
    assert [note.row for note in result.notes] == ["U7"]
    assert (result.next_rekey_at is None) == (lifetime == 0)


def test_lifetimes_of_ikev1_and_ikev2():
    longer = {"ike_lifetime": 86400}
    cloud = make_cloud(ike_lifetime=28800)
    v1 = replace(cloud, ike_version="ikev1")
    noticed = device_starts(make_situation(v1, **longer))
    assert (after(noticed, 5).code, [note.row for note in after(noticed, 5).notes]) == ("LifetimeMismatch", ["I1"])
    unnoticed = cloud_starts(make_situation(v1, **longer))
    assert (after(unnoticed, 5).code, [note.row for note in after(unnoticed, 5).notes]) == (None, ["U5"])
    assert [note.row for note in after(make_situation(cloud, **longer), 5).notes] == ["U5"]
    phase_2 = device_starts(make_situation(replace(v1, ike_lifetime=86400, ipsec_lifetime=3600), ipsec_lifetime=7200))
    assert (after(phase_2, 5).code, [note.row for note in after(phase_2, 5).notes]) == ("LifetimeMismatch", ["U5"])


def test_a_device_that_does_not_rekey_drops_the_tunnel_every_time():
    situation = make_situation(ipsec_lifetime=28800, rekeys=False)
    for count in (0, 1, 1000):
        begin = 2 + count * (28800 + 1 + 30 + 2)
        assert course_of(situation, begin, begin + 28799)[1][:2] == ("N1", IPSEC_UP)
        assert course_of(situation, begin + 28800) == [("U5", IKE_DOWN, "ReceiveDeleteNotify")]


def test_a_limit_in_kilobytes_ends_the_tunnel_under_load_only():
    idle = make_situation(ipsec_kilobytes=1000)
    assert after(idle, DAY).status == IPSEC_UP
    busy = replace(idle, surroundings=Surroundings(traffic=(Traffic(End.CLOUD, at(0), None, 81_920),)))
    assert course_of(busy, 101, 102)[1] == ("U6", IKE_DOWN, "ReceiveDeleteNotify")
    assert "U6" in {note.row for note in after(busy, 50).notes}


def test_odd_dpd_messages_lose_the_tunnel_every_half_minute_with_ikev1():
    situation = make_situation(make_cloud(**MAIN), has_odd_dpd=True)
    assert course_of(situation, 31, 32) == [
        ("N1", IPSEC_UP, None),
        ("U10", IKE_DOWN, "DpdHashNotifyCompatibility"),
    ]
    assert after(make_situation(has_odd_dpd=True), 300).notes == ()


def test_a_drop_with_nobody_to_start_is_final():
    around = Surroundings(traffic=(Traffic(End.CLOUD, at(0), at(50)),))
    situation = make_situation(make_cloud(effect_immediately=False), around, starts=Start.NEVER)
    situation = replace(situation, device=replace(situation.device, ipsec_lifetime=100, rekeys=False))
    assert after(situation, 101).status == IPSEC_UP
    assert after(situation, 103).status == IKE_DOWN
    assert after(situation, 10_000).row == "B1"


def test_tunnels_with_equal_networks_take_turns():
    tunnels = [make_situation(around=Surroundings(turns=Turns(index, 2, at(0)))) for index in (0, 1)]
    for second in (5, 59, 61, 119, 121, 100_000):
        up = [after(tunnel, second).is_up for tunnel in tunnels]
        assert up == [second // 60 % 2 == 0, second // 60 % 2 == 1]


@pytest.mark.parametrize(
    ("habits", "row", "receives"),
    [
        ({"is_behind_nat": True, "enable_nat_traversal": False}, "U12", False),
        ({"esp_open": False}, "U12", False),
        ({"esp_open": False, "is_behind_nat": True}, None, True),
        ({"has_source_nat": True}, "U14", False),
        ({"mtu": 1500}, "U13", True),
        ({"mtu": 1500, "clamps_mss": True}, None, True),
        ({"ipsec_enc_alg": ("aes256", "aes")}, "LIST", True),
    ],
)
def test_what_is_wrong_with_a_tunnel_that_is_up(habits, row, receives):
    result = after(make_situation(**habits), 60)
    assert (result.status, result.receives) == (IPSEC_UP, receives)
    assert [note.row for note in result.notes] == ([row] if row else [])


def test_networks_that_contain_each_other_are_narrowed_with_ikev2():
    cloud = make_cloud(local_subnet=("10.10.0.0/16",), remote_subnet=("192.168.50.0/24",))
    result = after(make_situation(cloud, local_subnet=("192.168.0.0/16",), remote_subnet=("10.0.0.0/8",)), 60)
    assert [note.row for note in result.notes] == ["U2"]
    assert (result.agreed.selectors.local, result.agreed.selectors.remote) == (("10.10.0.0/16",), ("192.168.50.0/24",))
    several = replace(cloud, local_subnet=("10.10.0.0/16", "10.20.0.0/16"))
    assert [note.row for note in after(make_situation(several, sa_per_pair=True), 60).notes] == ["U3"]


def test_the_problem_of_earlier_settings_is_the_last_one_until_there_is_another():
    course = Course(make_situation())
    earlier = Problem(Code.PSK_MISMATCH, at(-10))
    recent = outcome(course, at(5), earlier)
    assert (recent.code, recent.status, recent.severity) == ("PskMismatch", IPSEC_UP, Severity.WARN)
    assert recent.next_change == at(170)
    assert outcome(course, at(170), earlier).code is None
    assert not outcome(course, at(170), earlier).problem.is_recent


def test_a_connection_has_come_as_far_as_any_of_its_tunnels():
    assert furthest([IKE_DOWN, IPSEC_DOWN]) == IPSEC_DOWN
    assert furthest([IPSEC_DOWN, IPSEC_UP]) == IPSEC_UP
    assert furthest([IKE_UP, IKE_DOWN]) == IKE_UP


def ignoring_times(result):
    """An outcome without the time of its last problem, which no page shows while the code is recent."""
    return replace(result, problem=result.problem and replace(result.problem, at=at(0)), next_change=None)


@settings(max_examples=120)
@given(situations(), st.integers(0, 600), st.integers(0, 10**7), st.data())
def test_between_two_changes_nothing_changes(situation, near, far, data):
    course = Course(situation)
    for second in (near, far):
        result = outcome(course, at(second))
        latest = second + 2 * DAY if result.next_change is None else (result.next_change - at(0)).total_seconds() - 1
        between = data.draw(st.integers(second, int(latest)))
        assert ignoring_times(outcome(course, at(between))) == ignoring_times(result), between


@settings(max_examples=60)
@given(situations(), st.lists(st.integers(-5, 10**6), min_size=1, max_size=5))
def test_it_does_not_matter_how_often_and_in_which_order_one_asks(situation, moments):
    course = Course(situation)
    answers = {moment: outcome(course, at(moment)) for moment in moments}
    for moment in reversed(moments * 3):
        assert outcome(course, at(moment)) == answers[moment]
    assert {moment: outcome(Course(situation), at(moment)) for moment in sorted(moments)} == answers


@settings(max_examples=60)
@given(situations())
def test_a_course_covers_all_time_with_few_stretches(situation):
    stretches = Course(situation).stretches
    assert stretches[0].start == 0
    assert all(one.end == other.start for one, other in pairwise(stretches))
    assert stretches[-1].end == float("inf")
    assert len(stretches) < 80


@settings(max_examples=60)
@given(situations(), st.integers(0, 500))
def test_a_key_is_in_no_outcome(situation, second):
    assert "k3y-" not in repr(after(situation, second))
    assert "k3y-" not in repr(situation)


def test_half_seconds_belong_to_their_second():
    course = Course(make_situation())
    assert outcome(course, at(1) + timedelta(microseconds=999_999)).status == IKE_UP
    assert outcome(course, at(1.5)).next_change == at(2)


def test_it_needs_no_settings_and_no_database():
    """Also, neither hash seeds nor earlier questions change an answer: SPIs are the same in another process."""
    program = (
        "from tests.unit.negotiation.cases import *\n"
        "import django.conf\n"
        "print(after(make_situation(), 60).agreed.spi_in, django.conf.settings.configured)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7"},
        cwd=Path(__file__).parents[3],
    )
    assert run.stdout.split() == [str(after(make_situation(), 60).agreed.spi_in), "False"]
