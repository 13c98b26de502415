"""Every row of the decision table, from either end, and that one changed field gives exactly its row."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    NegotiationStatus,
    PfsGroup,
)
from connections.negotiation import ANY, Code, Part, Severity, Start
from connections.negotiation.codes import CODES
from connections.negotiation.decisions import DECISIONS, IDENTITIES
from connections.negotiation.pair import Pair
from connections.negotiation.remarks import REMARKS
from tests.mirrored import mirror
from tests.unit.negotiation.cases import (
    AGGRESSIVE,
    MAIN,
    MODES,
    PROTECTED,
    SETTINGS,
    after,
    cloud_starts,
    clouds,
    device_starts,
    make_cloud,
    make_situation,
)

DOWN, PHASE_2_DOWN, UP = NegotiationStatus.IKE_DOWN, NegotiationStatus.IPSEC_DOWN, NegotiationStatus.IPSEC_UP
# Longer than every attempt takes to fail.
LATER = 65

NAT = {"is_behind_nat": True, "udp_4500_open": False}
SEVERAL = {"remote_subnet": ("192.168.50.0/24", "192.168.51.0/24"), "local_subnet": ("10.10.0.0/16",)}
WIDER = {"local_subnet": ("192.168.0.0/16",)}
ELSEWHERE = {"local_subnet": ("172.16.0.0/16",)}

# Row, the cloud's settings, the device's habits, the status, the codes if the device starts and if the cloud does, and
# the first field that is named.
CASES = [
    ("A1", {"gateway_ip": ""}, {}, DOWN, "NoExceptionFound", "NoExceptionFound", ""),
    ("C1", {}, {"udp_500_open": False}, DOWN, "NoExceptionFound", "NoResponse", "udp_500_open"),
    ("C1", MAIN, {"udp_500_open": False}, DOWN, "NoExceptionFound", "Phase1NegotiationTimeout", "udp_500_open"),
    ("C2", {}, {"address": "203.0.113.77"}, DOWN, "PeerMismatch", "NoResponse", "customer_gateway_ip"),
    ("C3", {}, {"peer_address": "198.18.0.8"}, DOWN, "NoExceptionFound", "ProposalMismatch", "gateway_ip"),
    ("D1", {}, {"ike_version": ("ikev1",)}, DOWN, "IkeVersionMismatch", "IkeVersionMismatch", "ike_version"),
    ("E1", MAIN, {"ike_mode": "aggressive"}, DOWN, "NegotiationModeMismatch", "NegotiationModeMismatch", "ike_mode"),
    ("F1", {}, {"ike_enc_alg": ("des",)}, DOWN, "AlgorithmMismatch", "ProposalMismatch", "ike_enc_alg"),
    (
        "F2",
        MAIN,
        {"ike_auth_alg": ("md5",)},
        DOWN,
        "AuthenticationAlgorithmMismatch",
        "ProposalMismatch",
        "ike_auth_alg",
    ),
    ("F3", {}, {"ike_pfs": ("group14",)}, DOWN, "DhGroupMismatch", "ProposalMismatch", "ike_pfs"),
    (
        "F4",
        {},
        {"ike_auth_alg": ("md5",), "ike_pfs": ("group5",)},
        DOWN,
        "AlgorithmMismatch",
        "ProposalMismatch",
        "ike_auth_alg",
    ),
    (
        "G1",
        {**MAIN, "enable_nat_traversal": False},
        {"enable_nat_traversal": True},
        DOWN,
        "NatTMismatch",
        "NatTMismatch",
        "enable_nat_traversal",
    ),
    ("G2", MAIN, NAT, DOWN, "Phase1NegotiationTimeout", "Phase1NegotiationTimeout", "udp_4500_open"),
    ("G2", {}, NAT, DOWN, "NoResponse", "NoResponse", "udp_4500_open"),
    ("H1", MAIN, {"psk": "other"}, DOWN, "PskMismatch", "PskMismatch", "psk"),
    ("H2", {**MAIN, "remote_id": "hq.example"}, {}, DOWN, "PeerIdMismatch", "PeerIdMismatch", "remote_id"),
    ("H3", {}, {"local_id": "192.168.1.2"}, DOWN, "PeerIdMismatch", "PeerIdMismatch", "remote_id"),
    ("H3", MAIN, {"local_id": "192.168.1.2"}, DOWN, "PeerIdMismatch", "PeerIdMismatch", "remote_id"),
    ("H4", AGGRESSIVE, {"remote_id": "192.0.2.1"}, DOWN, "PeerIdMismatch", "PeerIdMismatch", "local_id"),
    ("H5", {}, {"local_id_kind": "fqdn"}, DOWN, "PeerIdMismatch", "PeerIdMismatch", "remote_id"),
    ("H6", AGGRESSIVE, {"psk": "other"}, DOWN, "PskMismatch", "PskMismatch", "psk"),
    ("H7", {}, {"psk": SETTINGS["psk"] + " "}, DOWN, "PskMismatch", "PskMismatch", "psk"),
    ("H8", {}, {"psk": ""}, DOWN, "PskMismatch", "PskMismatch", "psk"),
    ("H8", MAIN, {"psk": ""}, DOWN, "PskMismatch", "PskMismatch", "psk"),
    (
        "U12",
        {"enable_nat_traversal": False},
        {"enable_nat_traversal": True, "is_behind_nat": True},
        PHASE_2_DOWN,
        "Phase2NegotiationTimeout",
        "Phase2NegotiationTimeout",
        "enable_nat_traversal",
    ),
    (
        "J1",
        PROTECTED,
        ELSEWHERE,
        PHASE_2_DOWN,
        "TrafficSelectorMismatch",
        "TrafficSelectorMismatch",
        "remote_subnet",
    ),
    (
        "J1",
        PROTECTED,
        {"local_subnet": PROTECTED["local_subnet"], "remote_subnet": PROTECTED["remote_subnet"]},
        PHASE_2_DOWN,
        "TrafficSelectorMismatch",
        "TrafficSelectorMismatch",
        "local_subnet",
    ),
    (
        "J2",
        {**MAIN, **PROTECTED},
        WIDER,
        PHASE_2_DOWN,
        "TrafficSelectorMismatch",
        "TrafficSelectorMismatch",
        "remote_subnet",
    ),
    (
        "J2",
        {**MAIN, **SEVERAL},
        {},
        PHASE_2_DOWN,
        "TrafficSelectorMismatch",
        "TrafficSelectorMismatch",
        "remote_subnet",
    ),
    (
        "J3",
        PROTECTED,
        {**WIDER, "narrows": False},
        PHASE_2_DOWN,
        "TrafficSelectorMismatch",
        "TrafficSelectorMismatch",
        "remote_subnet",
    ),
    ("K1", MAIN, {"ipsec_pfs": ("group14",)}, PHASE_2_DOWN, "PfsMismatch", "ProposalMismatch", "ipsec_pfs"),
    ("K1", AGGRESSIVE, {"ipsec_pfs": ("disabled",)}, PHASE_2_DOWN, "PfsMismatch", "ProposalMismatch", "ipsec_pfs"),
    ("L1", {}, {"uses_ah": True}, PHASE_2_DOWN, "SecurityProtocolMismatch", "ProposalMismatch", "uses_ah"),
    (
        "L2",
        {},
        {"uses_transport_mode": True},
        PHASE_2_DOWN,
        "EncapsulationModeMismatch",
        "ProposalMismatch",
        "uses_transport_mode",
    ),
    (
        "M1",
        {},
        {"ipsec_enc_alg": ("aes256",)},
        PHASE_2_DOWN,
        "EncryptionAlgorithmMismatch",
        "ProposalMismatch",
        "ipsec_enc_alg",
    ),
    (
        "M2",
        MAIN,
        {"ipsec_auth_alg": ("sha256",)},
        PHASE_2_DOWN,
        "AlgorithmMismatch",
        "ProposalMismatch",
        "ipsec_auth_alg",
    ),
    (
        "M2",
        {},
        {"ipsec_enc_alg": ("des",), "ipsec_auth_alg": ("md5",)},
        PHASE_2_DOWN,
        "AlgorithmMismatch",
        "ProposalMismatch",
        "ipsec_enc_alg",
    ),
    ("M3", {}, {"commit_bit": True}, PHASE_2_DOWN, "CommitMismatch", "CommitMismatch", "commit_bit"),
    (
        "M4",
        {},
        {"has_odd_hash": True},
        PHASE_2_DOWN,
        "AlgorithmCompatibility",
        "AlgorithmCompatibility",
        "has_odd_hash",
    ),
    ("N1", {}, {}, UP, None, None, ""),
    ("N1", MAIN, {}, UP, None, None, ""),
    ("N1", AGGRESSIVE, {}, UP, None, None, ""),
    ("N1", {**MAIN, "local_id": "10.0.0.1"}, {"remote_id": ANY}, UP, None, None, ""),
    ("N1", {}, {"ike_version": ("ikev1", "ikev2")}, UP, None, None, ""),
    ("N1", {}, {"is_behind_nat": True}, UP, None, None, ""),
    ("N1", {"remote_id": "HQ.example"}, {"local_id": "hq.EXAMPLE"}, UP, None, None, ""),
    (
        "H3",
        {"remote_id": "hq.example"},
        {"local_id": "hq.example."},
        DOWN,
        "PeerIdMismatch",
        "PeerIdMismatch",
        "remote_id",
    ),
]


@pytest.mark.parametrize(("row", "cloud", "habits", "status", "as_responder", "as_initiator", "field"), CASES)
def test_each_row_from_either_end(row, cloud, habits, status, as_responder, as_initiator, field):
    situation = make_situation(make_cloud(**cloud), **habits)
    for start, code in ((device_starts, as_responder), (cloud_starts, as_initiator)):
        result = after(start(situation), LATER)
        assert (result.row, result.status.documented, result.code) == (row, status, code)
        # Only what the cloud does not notice was never tried.
        assert (result.status == NegotiationStatus.UNTRIED) == (code == Code.NO_EXCEPTION_FOUND)
        assert result.field == field


def test_every_decision_has_a_case():
    covered = {row for row, *_ in CASES} | {"B1"}
    assert {decision.row for decision in DECISIONS} == covered


def test_nobody_starts():
    result = after(device_starts(make_situation(starts=Start.NEVER)), LATER)
    assert (result.row, result.status, result.code) == ("B1", NegotiationStatus.UNTRIED, Code.NO_EXCEPTION_FOUND)
    assert result.severity == Severity.NORMAL
    assert result.next_change is None


@pytest.mark.parametrize("start", [cloud_starts, device_starts])
def test_without_a_device_nobody_answers(start):
    result = after(start(make_situation(device=False)), LATER)
    assert (result.row, result.code) == (("C1", "NoResponse") if start == cloud_starts else ("B1", "NoExceptionFound"))


def test_if_both_start_the_cloud_responds_and_knows_the_difference():
    result = after(make_situation(ike_pfs=("group14",)), LATER)
    assert (result.part, result.code) == (Part.RESPONDER, Code.DH_GROUP_MISMATCH)


def test_aggressive_mode_takes_only_the_first_group_of_a_device_that_starts():
    situation = make_situation(make_cloud(**AGGRESSIVE), ike_pfs=("group14", "group2"))
    assert after(device_starts(situation), LATER).row == "F3"
    assert after(cloud_starts(situation), LATER).row == "N1"


def test_ikev1_takes_only_the_first_pfs_group_of_a_device_that_starts():
    situation = make_situation(make_cloud(**MAIN), ipsec_pfs=("group14", "group2"))
    assert after(device_starts(situation), LATER).row == "K1"
    assert after(cloud_starts(situation), LATER).row == "N1"
    assert after(device_starts(make_situation(ipsec_pfs=("group14", "group2"))), LATER).row == "N1"


def test_aggressive_mode_without_udp_4500_ends_in_the_phase_that_the_cloud_sees():
    """The third message goes to UDP 4500: the one who starts has sent it and is up, the other waits for it."""
    situation = make_situation(make_cloud(**AGGRESSIVE), **NAT)
    result = after(device_starts(situation), LATER)
    assert (result.row, result.status, result.code) == ("G2", DOWN, Code.PHASE_1_NEGOTIATION_TIMEOUT)
    result = after(cloud_starts(situation), LATER)
    assert (result.row, result.status, result.code) == ("G2", PHASE_2_DOWN, Code.PHASE_2_NEGOTIATION_TIMEOUT)


def test_a_device_without_a_key_fails_before_its_packets_go_to_udp_4500():
    assert after(make_situation(make_cloud(**MAIN), psk="", **NAT), LATER).row == "H8"
    assert after(device_starts(make_situation(psk="", **NAT)), LATER).row == "H8"
    assert after(cloud_starts(make_situation(psk="", **NAT)), LATER).row == "G2"


def test_with_ikev2_a_device_that_starts_without_a_key_does_not_present_its_identity():
    situation = make_situation(psk="", local_id="192.168.1.2")
    assert after(device_starts(situation), LATER).row == "H8"
    assert after(cloud_starts(situation), LATER).row == "H3"


def test_packets_that_go_elsewhere_have_no_wrong_source():
    situation = make_situation(address="203.0.113.99", peer_address="198.18.0.99")
    result = after(device_starts(situation), LATER)
    assert (result.row, result.code) == ("C3", Code.NO_EXCEPTION_FOUND)
    result = after(cloud_starts(situation), LATER)
    assert (result.row, result.code) == ("C2", Code.NO_RESPONSE)


def test_version_and_proposal_go_before_the_key_and_the_key_before_networks():
    faults = {
        "D1": {"ike_version": ("ikev1",)},
        "F1": {"ike_enc_alg": ("des",)},
        "H7": {"psk": "other"},
        "J1": ELSEWHERE,
        "L1": {"uses_ah": True},
        "M1": {"ipsec_enc_alg": ("des",)},
    }
    rows = list(faults)
    for index, row in enumerate(rows):
        habits = {name: value for later in rows[index:] for name, value in faults[later].items()}
        assert after(make_situation(make_cloud(**PROTECTED), **habits), LATER).row == row


@pytest.mark.parametrize(("mode", "row"), [("main", "H1"), ("aggressive", "H3"), ("ikev2", "H3")])
def test_main_mode_looks_at_the_key_first_and_others_at_the_identity(mode, row):
    situation = make_situation(make_cloud(**MODES[mode]), psk="other", local_id="192.168.1.2")
    assert after(situation, LATER).row == row


def test_keys_are_hidden_on_both_sides():
    (difference,) = after(make_situation(psk="other"), LATER).differences
    assert (difference.cloud, difference.device) == ("******", "******")


@settings(max_examples=60)
@given(clouds(), st.sampled_from([cloud_starts, device_starts]))
def test_equal_sides_come_up_whatever_the_form_allows(cloud, start):
    """With one exception: ikev1 in main mode refuses names as identities, even if both sides have the same. [P63]"""
    result = after(start(make_situation(cloud)), 2)
    pair = Pair(cloud, mirror(cloud), Part.RESPONDER)
    expected = "H2" if pair.is_main and any(map(pair.has_name_as_identity, IDENTITIES)) else "N1"
    assert result.row == expected
    assert (result.status == UP) == (expected == "N1")
    assert {note.row for note in result.notes} <= {"U7"}


def others(choices, value):
    return st.sampled_from([other for other in choices.values if other != value])


CHANGES = {
    "ike_version": (IkeVersion, {"ikev1": "D1", "ikev2": "D1"}),
    "ike_mode": (IkeMode, {"ikev1": "E1", "ikev2": "N1"}),
    "ike_enc_alg": (EncryptionAlgorithm, {"ikev1": "F1", "ikev2": "F1"}),
    "ike_auth_alg": (AuthenticationAlgorithm, {"ikev1": "F2", "ikev2": "F2"}),
    "ike_pfs": (DhGroup, {"ikev1": "F3", "ikev2": "F3"}),
    "ipsec_enc_alg": (EncryptionAlgorithm, {"ikev1": "M1", "ikev2": "M1"}),
    "ipsec_auth_alg": (AuthenticationAlgorithm, {"ikev1": "M2", "ikev2": "M2"}),
    "ipsec_pfs": (PfsGroup, {"ikev1": "K1", "ikev2": "U1"}),
}


@settings(max_examples=60)
@given(st.data(), clouds(), st.sampled_from(sorted(CHANGES)), st.sampled_from([cloud_starts, device_starts]))
def test_one_changed_field_gives_exactly_its_row(data, cloud, name, start):
    cloud = replace(cloud, local_id="198.18.0.7", remote_id="203.0.113.20")
    choices, rows = CHANGES[name]
    value = data.draw(others(choices, getattr(cloud, name)))
    result = after(start(make_situation(cloud, **{name: value if name == "ike_mode" else (value,)})), 2)
    row = rows[cloud.ike_version]
    found = {result.row, *(note.row for note in result.notes)} - {"U7"}
    assert found == ({"N1", row} if row in ("N1", "U1") else {row})


def test_every_code_is_used_or_said_not_to_be():
    declared = {verdict.code for row in DECISIONS for verdict in (row.as_responder, row.as_initiator)}
    declared |= {remark.code for remark in REMARKS} - {None}
    # The course reports these by themselves.
    course = {
        Code.DPD_TIMEOUT,
        Code.DPD_HASH_NOTIFY_COMPATIBILITY,
        Code.RECEIVE_DELETE_NOTIFY,
        Code.NEGOTIATION_FAILED,
    }
    assert declared - {None} | course == set(Code) == set(CODES)
    assert len(CODES) == 26


def test_severities_and_spellings():
    assert Code.PSK_MISMATCH == "PskMismatch"
    assert Code.PSK_MISMATCH.severity == Severity.CRITICAL
    assert {code for code in Code if code.severity == Severity.NORMAL} == {Code.NO_EXCEPTION_FOUND}
    assert len({code.message for code in Code}) == 26
