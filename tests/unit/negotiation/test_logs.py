"""The logs of both ends: documented keywords, the two points of view, windows of time, and no keys."""

import re
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connections.negotiation import Code, Course, End, Outage, Surroundings, lines
from connections.negotiation.decisions import DECISIONS
from connections.negotiation.logs import LINES
from tests.unit.negotiation.cases import (
    AGGRESSIVE,
    MAIN,
    PROTECTED,
    at,
    cloud_starts,
    device_starts,
    make_cloud,
    make_situation,
    situations,
)


def texts(situation, end, start=0, until=70):
    return [line.text for line in lines(Course(situation), at(start), at(until)) if line.end == end]


def keywords(code):
    """The documented keywords as patterns: one has a placeholder for an identity."""
    return [re.escape(keyword).replace("xxx", ".+") for keyword in code.keywords]


# Settings and habits; the codes whose keywords the cloud logs as responder and as initiator.
CASES = [
    ({}, {"ike_enc_alg": ("des",)}, Code.PROPOSAL_MISMATCH, Code.PROPOSAL_MISMATCH),
    (MAIN, {"ike_enc_alg": ("des",)}, Code.ENCRYPTION_ALGORITHM_MISMATCH, Code.PROPOSAL_MISMATCH),
    (MAIN, {"ike_auth_alg": ("md5",)}, Code.AUTHENTICATION_ALGORITHM_MISMATCH, Code.PROPOSAL_MISMATCH),
    ({}, {"ike_pfs": ("group5",)}, Code.DH_GROUP_MISMATCH, Code.PROPOSAL_MISMATCH),
    (MAIN, {"ike_enc_alg": ("des",), "ike_pfs": ("group5",)}, Code.ENCRYPTION_ALGORITHM_MISMATCH, None),
    (MAIN, {"ike_auth_alg": ("md5",), "ike_pfs": ("group5",)}, Code.AUTHENTICATION_ALGORITHM_MISMATCH, None),
    ({}, {"ike_version": ("ikev1",)}, Code.IKE_VERSION_MISMATCH, Code.PROPOSAL_MISMATCH),
    (MAIN, {"ike_mode": "aggressive"}, Code.NEGOTIATION_MODE_MISMATCH, None),
    (AGGRESSIVE, {"ike_mode": "main"}, Code.NEGOTIATION_MODE_MISMATCH, None),
    (MAIN, {"psk": "other"}, Code.PSK_MISMATCH, Code.PHASE_1_NEGOTIATION_TIMEOUT),
    (AGGRESSIVE, {"psk": "other"}, None, Code.ALGORITHM_MISMATCH),
    ({}, {"psk": "other"}, Code.PSK_MISMATCH, None),
    ({}, {"local_id": "192.168.1.2"}, Code.PEER_ID_MISMATCH, Code.PEER_ID_MISMATCH),
    ({**MAIN, "local_id": "hq.example"}, {}, Code.PEER_ID_MISMATCH, Code.PEER_ID_MISMATCH),
    (PROTECTED, {"local_subnet": ("172.16.0.0/16",)}, Code.TRAFFIC_SELECTOR_MISMATCH, Code.TRAFFIC_SELECTOR_MISMATCH),
    (
        {**MAIN, **PROTECTED},
        {"local_subnet": ("172.16.0.0/16",)},
        Code.TRAFFIC_SELECTOR_MISMATCH,
        Code.TRAFFIC_SELECTOR_MISMATCH,
    ),
    (MAIN, {"ipsec_pfs": ("group5",)}, Code.PFS_MISMATCH, Code.PROPOSAL_MISMATCH),
    ({}, {"uses_ah": True}, Code.SECURITY_PROTOCOL_MISMATCH, Code.PROPOSAL_MISMATCH),
    ({}, {"uses_transport_mode": True}, Code.ENCAPSULATION_MODE_MISMATCH, Code.PROPOSAL_MISMATCH),
    ({}, {"ipsec_enc_alg": ("des",)}, Code.ENCRYPTION_ALGORITHM_MISMATCH, Code.PROPOSAL_MISMATCH),
    ({}, {"ipsec_auth_alg": ("md5",)}, Code.AUTHENTICATION_ALGORITHM_MISMATCH, Code.PROPOSAL_MISMATCH),
    ({**MAIN, "enable_nat_traversal": False}, {"enable_nat_traversal": True}, Code.NAT_T_MISMATCH, Code.NAT_T_MISMATCH),
    (
        MAIN,
        {"is_behind_nat": True, "udp_4500_open": False},
        Code.PHASE_1_NEGOTIATION_TIMEOUT,
        Code.PHASE_1_NEGOTIATION_TIMEOUT,
    ),
]


@pytest.mark.parametrize(("cloud", "habits", "as_responder", "as_initiator"), CASES)
def test_the_cloud_logs_documented_keywords(cloud, habits, as_responder, as_initiator):
    situation = make_situation(make_cloud(**cloud), **habits)
    for start, code in ((device_starts, as_responder), (cloud_starts, as_initiator)):
        logged = " ; ".join(texts(start(situation), End.CLOUD))
        assert code is None or any(re.search(keyword, logged) for keyword in keywords(code)), logged


@pytest.mark.parametrize(("cloud", "habits", "as_responder", "as_initiator"), CASES)
def test_the_responder_of_either_end_names_the_difference(cloud, habits, as_responder, as_initiator):
    """What the device logs as responder has the words of the cloud's as responder."""
    situation = make_situation(make_cloud(**cloud), **habits)
    words = [
        len(texts(start(situation), end)) for start, end in ((device_starts, End.CLOUD), (cloud_starts, End.DEVICE))
    ]
    assert words[0] > 0
    assert words[1] > 0


def test_values_are_seen_from_the_end_that_logs():
    situation = make_situation(make_cloud(ipsec_enc_alg="aes"), ipsec_enc_alg=("aes256", "des"))
    assert "offer aes256|des/sha1, ours aes/sha1: trns_id mismatched" in texts(device_starts(situation), End.CLOUD)
    assert "offer aes/sha1, ours aes256|des/sha1: trns_id mismatched" in texts(cloud_starts(situation), End.DEVICE)


def test_equal_texts_of_another_type_are_said_to_differ_by_type():
    logged = texts(make_situation(local_id_kind="fqdn"), End.CLOUD)
    assert "received ID_I(203.0.113.20) does not match peers id (203.0.113.20), by its type" in logged


def test_networks_and_spis_are_mirrored():
    situation = make_situation(make_cloud(**PROTECTED))
    cloud, device = (next(text for text in texts(situation, end) if "phase 2 up" in text) for end in End)
    assert "10.10.0.0/16 === 192.168.50.0/24" in cloud
    assert "192.168.50.0/24 === 10.10.0.0/16" in device
    spis = [re.search(r"SPI (\w{8})/(\w{8})", text).groups() for text in (cloud, device)]
    assert spis[0] == spis[1][::-1]


def test_refused_rekeys_name_the_group():
    cloud = make_cloud(ipsec_lifetime=100)
    for group, keyword in (("group14", "received KE type 14,expected 2"), ("disabled", "message lacks KE payload")):
        logged = texts(make_situation(cloud, ipsec_pfs=(group,)), End.CLOUD, 90, 120)
        assert f"rekey refused: {keyword}" in logged
    logged = texts(cloud_starts(make_situation(cloud, ipsec_pfs=("group14",))), End.CLOUD, 90, 120)
    assert logged[0] == "rekey refused: received NO_PROPOSAL_CHOSEN; next try in 12 s"


def test_an_unanswered_cloud_and_a_silent_device():
    situation = cloud_starts(make_situation(udp_500_open=False))
    assert texts(situation, End.CLOUD) == [
        "starting ikev2 towards 203.0.113.20",
        *(f"no answer yet: sending retransmit {count} of request message ID 0, seq 1" for count in (1, 2, 3, 4)),
        "retransmission count exceeded the limit",
    ]
    assert texts(situation, End.DEVICE) == []
    # The other way round, only the device knows that it tried.
    situation = device_starts(make_situation(udp_500_open=False))
    assert texts(situation, End.CLOUD) == []
    assert len(texts(situation, End.DEVICE)) == 6


def test_dead_peers_and_deletes():
    around = Surroundings(outages=(Outage(at(100), at(200)),), deletes=(at(50),))
    situation = make_situation(around=around)
    logged = texts(situation, End.CLOUD, 50, 140)
    assert logged[0] == "received DELETE IKE_SA"
    assert "DPD: remote seems to be dead; both SAs deleted" in logged


def test_a_line_is_printed_in_the_time_of_a_zone():
    line = lines(Course(make_situation()), at(0), at(1))[0]
    start = "tun-1 [INFO]: phase1: request received, ikev2 [198.18.0.7[500] <=> 203.0.113.20[500]]"
    assert line.shown(UTC) == f"2026-11-29 10:15:02 {start}"
    assert line.shown(timezone(timedelta(hours=8))) == f"2026-11-29 18:15:02 {start}"


def test_windows_of_time_begin_with_their_start_and_end_before_their_end():
    course = Course(make_situation())
    assert {line.at for line in lines(course, at(-100), at(2))} == {at(0), at(1)}
    assert {line.at for line in lines(course, at(0.5), at(2.5))} == {at(1), at(2)}
    assert lines(course, at(3), at(3600)) == []


@settings(max_examples=60)
@given(situations(), st.integers(-10, 700), st.integers(0, 200), st.integers(0, 200))
def test_the_lines_of_two_windows_are_those_of_both_together(situation, start, one, other):
    course = Course(situation)
    whole = lines(course, at(start), at(start + one + other))
    first, second = lines(course, at(start), at(start + one)), lines(course, at(start + one), at(start + one + other))
    assert first + second == whole
    assert [line.at for line in whole] == sorted(line.at for line in whole)


@settings(max_examples=60)
@given(situations(), st.integers(0, 10**6))
def test_a_key_is_in_no_line_and_every_place_is_filled(situation, start):
    for begin in (0, start):
        for line in lines(Course(situation), at(begin), at(begin + 150)):
            assert "k3y-" not in repr(line)
            assert "{" not in line.text
            assert line.text == line.text.strip() != ""


def test_a_window_a_year_later_is_as_quick_as_one_today():
    course = Course(make_situation(psk="other"))
    year = 365 * 86400
    assert 30 < len(lines(course, at(year), at(year + 300))) < 45


def test_every_row_has_lines_or_is_silent():
    """A1, B1 and C1 have nothing to say by themselves, M3 and M4 have no documented keyword, N1 says that it is up."""
    assert {decision.row for decision in DECISIONS} - set(LINES) == {"A1", "B1", "C1", "N1"}
