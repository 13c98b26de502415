"""Every check at each of its levels, and that a diagnosis agrees with what decides a negotiation."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connections.domain import rules
from connections.domain.choices import ConnectionState, NegotiationStatus
from connections.models import Tunnel
from connections.negotiation import ANY, Announcement, Course, Outage, Start, Surroundings, Turns, outcome
from connections.negotiation.checks import CHECKS
from connections.negotiation.decisions import DECISIONS
from connections.negotiation.diagnosis import MENDS, diagnose
from connections.negotiation.examination import Facts, Level
from connections.negotiation.outcome import FIELDS
from connections.negotiation.sides import HIDDEN
from tests.mirrored import mirror
from tests.unit.negotiation.cases import (
    AGGRESSIVE,
    BGP_KEY,
    CHECK,
    KEY,
    MAIN,
    PROTECTED,
    SESSION,
    after,
    at,
    clouds,
    make_cloud,
    make_situation,
    situations,
)

ERROR, WARNING, NORMAL = Level.ERROR, Level.WARNING, Level.NORMAL
# Longer than a negotiation, a BGP session and a round of the health check take.
LATER = 65

ROUTED = Facts(routes=("192.168.50.0/24",))
STRONG = {
    "ike_enc_alg": "aes256", "ike_auth_alg": "sha256", "ike_pfs": "group14",
    "ipsec_enc_alg": "aes256", "ipsec_auth_alg": "sha256", "ipsec_pfs": "group14",
}  # fmt: skip
SEVERAL = {"local_subnet": ("10.10.0.0/16",), "remote_subnet": ("192.168.50.0/24", "192.168.51.0/24")}
WITH_BGP, PROBED = {"bgp": SESSION}, {"health_check": CHECK}


def found(key, cloud=None, device=None, facts=None, around=None, *, keys=False, configured=True, seconds=LATER):
    """What a check finds of a pair of sides that agree but for what is given; None if it does not apply."""
    cloud = make_cloud(**STRONG | (cloud or {}))
    habits = dict(device or {})
    session = habits.pop("session", None)
    if session is not None and cloud.bgp:
        habits["bgp"] = replace(mirror(cloud, announced=("192.168.50.0/24",)).bgp, **session)
    situation = make_situation(cloud, around, device=configured, announced=("192.168.50.0/24",), **habits)
    findings = diagnose(situation, after(situation, seconds), replace(ROUTED, **(facts or {})), may_see_keys=keys)
    return next((one for one in findings if one.check.key == key), None)


LIST = {"ike_version": ("ikev2", "ikev1")}
# Check, what the case says (blank for normal), the cloud's settings, the device's habits, and more.
CASES = [
    ("readiness", "", {}, {}, {}),
    ("readiness", "no gateway IP address", {"gateway_ip": ""}, {}, {}),
    ("readiness", "preparing, or being changed", {}, {}, {"facts": {"state": ConnectionState.UPDATING}}),
    ("start", "", {}, {}, {}),
    ("start", "nobody", {"effect_immediately": False}, {"starts": Start.NEVER}, {}),
    ("start", "only on traffic", {"effect_immediately": False}, {"starts": Start.TRAFFIC}, {}),
    ("device", "", {}, {}, {}),
    ("device", "not configured", {}, {}, {"configured": False}),
    ("device", "off", {}, {}, {"facts": {"is_on": False}}),
    ("device", "the line is cut", {}, {}, {"facts": {"has_line": False}}),
    ("device", "the line loses packets", {}, {}, {"around": Surroundings(loss=5)}),
    ("address", "", {}, {}, {}),
    ("address", "the device's packets come from another address", {}, {"address": "203.0.113.77"}, {}),
    ("address", "a private address on a public connection", {"customer_gateway_ip": "10.0.0.9"}, {}, {}),
    ("gateway", "", {}, {}, {}),
    ("gateway", "the device has another address for the cloud", {}, {"peer_address": "198.18.0.8"}, {}),
    ("ports", "", {}, {}, {}),
    ("ports", "500 is blocked", {}, {"udp_500_open": False}, {}),
    ("ports", "4500 is blocked, NAT on the way", {}, {"udp_4500_open": False, "is_behind_nat": True}, {}),
    ("ports", "ESP is blocked, no NAT on the way", {}, {"esp_open": False}, {}),
    ("ports", "4500 is blocked, no NAT on the way", {}, {"udp_4500_open": False}, {}),
    ("version", "", {}, {}, {}),
    ("version", "the device does not offer the cloud's value", {}, {"ike_version": ("ikev1",)}, {}),
    ("version", "the device has a list", {}, LIST, {}),
    ("mode", "", MAIN, {}, {}),
    ("mode", "they differ", MAIN, {"ike_mode": "aggressive"}, {}),
    *(
        (key, says, {}, {field: values} if values else {}, {})
        for key, field, other, own in (
            ("ike_encryption", "ike_enc_alg", "aes", "aes256"),
            ("ike_hash", "ike_auth_alg", "sha1", "sha256"),
            ("ike_group", "ike_pfs", "group2", "group14"),
            ("ipsec_encryption", "ipsec_enc_alg", "aes", "aes256"),
            ("ipsec_hash", "ipsec_auth_alg", "sha1", "sha256"),
        )
        for says, values in (
            ("", ()),
            ("the device does not offer the cloud's value", (other,)),
            ("the device has a list", (other, own)),
        )
    ),
    ("ike_lifetime", "", {}, {}, {}),
    ("ike_lifetime", "ikev1, the device starts with a longer one", MAIN | {"ike_lifetime": 3600},
     {"ike_lifetime": 7200}, {}),
    ("ike_lifetime", "they differ", {}, {"ike_lifetime": 7200}, {}),
    ("ike_lifetime", "0 or very short", {"ike_lifetime": 0}, {}, {}),
    ("ipsec_lifetime", "", {}, {}, {}),
    ("ipsec_lifetime", "the device limits the traffic", {}, {"ipsec_kilobytes": 100}, {}),
    ("ipsec_lifetime", "ikev1, the device starts with a longer one", MAIN | {"ipsec_lifetime": 3600},
     {"ipsec_lifetime": 7200}, {}),
    ("ipsec_lifetime", "they differ", {}, {"ipsec_lifetime": 7200}, {}),
    ("ipsec_lifetime", "0 or very short", {"ipsec_lifetime": 100}, {}, {}),
    ("key", "", {}, {}, {}),
    ("key", "the device has none", {}, {"psk": ""}, {}),
    ("key", "a space at an end", {}, {"psk": f"{KEY} "}, {"keys": True}),
    ("key", "upper and lower case", {}, {"psk": KEY.upper()}, {"keys": True}),
    ("key", "other lengths", {}, {"psk": "k3y-Other"}, {"keys": True}),
    ("key", "they differ", {}, {"psk": KEY[::-1]}, {"keys": True}),
    ("key", "a space at an end of both", {"psk": f"{KEY} "}, {}, {"keys": True}),
    ("key", "fewer than 8 characters", {"psk": "k3y"}, {}, {"keys": True}),
    # What only those who may see keys get to know.
    ("key", "they differ", {}, {"psk": f"{KEY} "}, {}),
    ("key", "they differ", {}, {"psk": "k3y-Other"}, {}),
    ("key", "", {"psk": "k3y"}, {}, {}),
    ("remote_id", "", {}, {}, {}),
    ("remote_id", "they differ", {}, {"local_id": "192.168.1.2"}, {}),
    ("remote_id", "same text, other type", {}, {"local_id_kind": "fqdn"}, {}),
    ("remote_id", "ikev1 main, a name", MAIN | {"remote_id": "hq.example"}, {}, {}),
    ("local_id", "", {}, {}, {}),
    ("local_id", "they differ", AGGRESSIVE, {"remote_id": "192.0.2.1"}, {}),
    ("local_id", "same text, other type", {}, {"remote_id_kind": "fqdn"}, {}),
    ("local_id", "ikev1 main, a name", MAIN | {"local_id": "cloud.example"}, {}, {}),
    ("local_id", "the device accepts any", {}, {"remote_id": ANY}, {}),
    ("networks", "", PROTECTED, {}, {}),
    ("networks", "swapped", PROTECTED, {"local_subnet": ("10.10.0.0/16",), "remote_subnet": ("192.168.50.0/24",)}, {}),
    ("networks", "nothing in common", PROTECTED, {"local_subnet": ("172.16.0.0/16",)}, {}),
    ("networks", "ikev1, several", MAIN | SEVERAL, {}, {}),
    ("networks", "contained, which ikev1 or the device does not accept", MAIN | PROTECTED,
     {"local_subnet": ("192.168.0.0/16",)}, {}),
    ("networks", "one SA for each pair", SEVERAL, {"sa_per_pair": True}, {}),
    ("networks", "contained", PROTECTED, {"local_subnet": ("192.168.0.0/16",)}, {}),
    ("form", "", {}, {}, {}),
    ("form", "AH", {}, {"uses_ah": True}, {}),
    ("form", "transport mode", {}, {"uses_transport_mode": True}, {}),
    ("form", "commit bit", {}, {"commit_bit": True}, {}),
    ("form", "an authentication algorithm of its own kind", {}, {"has_odd_hash": True}, {}),
    ("pfs", "", {}, {}, {}),
    ("pfs", "ikev1, they differ", MAIN, {"ipsec_pfs": ("disabled",)}, {}),
    ("pfs", "ikev2, they differ, and the tunnel is up", {}, {"ipsec_pfs": ("disabled",)}, {}),
    ("pfs", "ikev2, they differ", {}, {"ipsec_pfs": ("disabled",), "psk": "k3y-Other"}, {}),
    ("pfs", "the device has a list", {}, {"ipsec_pfs": ("disabled", "group14")}, {}),
    ("nat", "", {}, {}, {}),
    ("nat", "ikev1, on at the device only", MAIN | {"enable_nat_traversal": False}, {"enable_nat_traversal": True}, {}),
    ("nat", "NAT on the way, not on at both sides", {}, {"is_behind_nat": True, "enable_nat_traversal": False}, {}),
    ("nat", "they differ", {}, {"enable_nat_traversal": False}, {}),
    ("dpd", "", {}, {}, {}),
    ("dpd", "ikev1, the device orders the payloads in another way", MAIN, {"has_odd_dpd": True}, {}),
    ("dpd", "they differ", {}, {"enable_dpd": False}, {}),
    ("packets", "", {}, {}, {}),
    ("packets", "source NAT", {}, {"has_source_nat": True}, {}),
    ("packets", "too large for the tunnel", {}, {"mtu": 1500}, {}),
    ("bgp", "", WITH_BGP, {}, {}),
    ("bgp", "on at the device only", {}, {"bgp": mirror(make_cloud(bgp=SESSION)).bgp}, {}),
    ("bgp", "BGP is off at the device, or TCP 179 is blocked", WITH_BGP, {"bgp": None}, {}),
    ("bgp", "the tunnel does not carry packets between the two BGP addresses", WITH_BGP | PROTECTED, {}, {}),
    ("bgp", "S1: the tunnel is not in phase 2", WITH_BGP, {"psk": "k3y-Other"}, {}),
    ("bgp_addresses", "", WITH_BGP, {}, {}),
    ("bgp_addresses", "the device's BGP address is not the other host of the block", WITH_BGP,
     {"session": {"local_ip": "169.254.11.6"}}, {}),
    ("bgp_addresses", "the device's neighbor is not Local BGP IP, or it dials from another address", WITH_BGP,
     {"session": {"source_ip": "10.0.0.1"}}, {}),
    ("bgp_asns", "", WITH_BGP, {}, {}),
    ("bgp_asns", "the customer gateway has no AS number", {"bgp": replace(SESSION, peer_asn=None)}, {}, {}),
    ("bgp_asns", "the device's AS number is not the customer gateway's", WITH_BGP,
     {"session": {"local_asn": 65011}}, {}),
    ("bgp_asns", "the device expects another AS number than Local ASN", WITH_BGP, {"session": {"peer_asn": 65011}}, {}),
    ("bgp_asns", "S15: both ends have the same", {"bgp": replace(SESSION, peer_asn=SESSION.local_asn)}, {}, {}),
    ("bgp_key", "", WITH_BGP, {}, {}),
    ("bgp_key", "the BGP keys differ, or only one side has one", WITH_BGP, {"session": {"key": ""}}, {}),
    ("bgp_timers", "", WITH_BGP, {}, {}),
    ("bgp_timers", "the device's hold time is 1 or 2 seconds", WITH_BGP, {"session": {"hold_time": 2}}, {}),
    ("bgp_timers", "both ends have the same router ID", WITH_BGP, {"session": {"router_id": SESSION.local_ip}}, {}),
    ("bgp_policy", "", WITH_BGP, {}, {}),
    ("bgp_policy", "S11: the device announces nothing", WITH_BGP, {"session": {"exports": False}}, {}),
    ("bgp_policy", "S14: every path contains Local ASN", WITH_BGP,
     {"session": {"announced": (Announcement("192.168.50.0/24", (SESSION.local_asn,)),)}}, {}),
    ("bgp_policy", "S12: prefixes are refused", WITH_BGP, {"session": {"announced": (Announcement("0.0.0.0/0"),)}}, {}),
    ("bgp_policy", "S13: prefixes are refused", WITH_BGP,
     {"session": {"announced": tuple(Announcement(f"10.1.{third}.0/24") for third in range(51))}}, {}),
    ("health_check", "", PROBED, {}, {}),
    ("health_check", "source or destination lie outside of the tunnel's networks",
     PROBED | PROTECTED | {"remote_subnet": ("172.16.0.0/16",)}, {}, {}),
    ("health_check", "the destination host is down or does not answer ICMP, or nothing arrives from the device", PROBED,
     {"probe_host_answers": False}, {}),
    ("health_check", "the device's policy drops the probes", PROBED, {"probe_allowed": False}, {}),
    ("health_check", "the device has no route to the source address into the tunnel", PROBED,
     {"probe_routed_back": False}, {}),
    ("health_check", "answers take another path than the probes", PROBED, {"probe_same_path": False}, {}),
    ("health_check", "so many packets are lost that whole rounds fail", PROBED, {}, {"around": Surroundings(loss=90)}),
    ("health_check", "beside BGP", PROBED | WITH_BGP, {}, {}),
    ("health_check", "W1: the tunnel is not in phase 2", PROBED, {"psk": "k3y-Other"}, {}),
    ("health_check", "the last round failed", {"health_check": replace(CHECK, interval=1, retries=1)}, {},
     {"seconds": 2}),
    ("routes", "", {}, {}, {}),
    ("routes", "not attached", {}, {}, {"facts": {"state": ConnectionState.INIT}}),
    ("routes", "withdrawn", PROBED, {"probe_host_answers": False}, {}),
    ("routes", "in no route table", {}, {}, {"facts": {"is_published": False}}),
    ("routes", "missing", {}, {}, {"facts": {"routes": ()}}),
    ("routes", "100.64.0.0/10", {}, {}, {"facts": {"routes": ("100.64.8.0/24",)}}),
    ("routes", "overlap", {}, {}, {"facts": {"others": ("10.0.0.0/8", "192.168.50.128/25")}}),
    ("tunnels", "", {}, {}, {"facts": {"tunnels": (NegotiationStatus.IPSEC_UP,)}}),
    ("tunnels", "equal networks on a policy-based device", {}, {},
     {"facts": {"tunnels": (NegotiationStatus.IPSEC_UP,)}, "around": Surroundings(turns=Turns(0, 2, at(0)))}),
    ("tunnels", "one is down", {}, {}, {"facts": {"tunnels": (NegotiationStatus.IKE_DOWN,)}}),
    ("posture", "", {}, {}, {}),
    ("posture", "des, group1", {"ipsec_enc_alg": "des"}, {}, {}),
    ("posture", "3des, md5, group2", {"ike_enc_alg": "3des"}, {}, {}),
]  # fmt: skip
BY_KEY = {check.key: check for check in CHECKS}


@pytest.mark.parametrize(("key", "says", "cloud", "device", "more"), CASES)
def test_a_check_at_each_of_its_levels(key, says, cloud, device, more):
    finding = found(key, cloud, device, **more)
    case = next((case for case in BY_KEY[key].cases if case.says == says), None)
    assert (case is None) == (says == "")
    assert finding.level == (case.level if case else NORMAL)
    template = case.message.template if case else BY_KEY[key].normal.template
    assert finding.message.template == template
    assert "{" not in finding.message
    assert bool(finding.mends) == (case is not None and (key, says) != ("tunnels", "one is down"))
    if case and case.fields and not callable(case.fields):
        assert {value.field for value in finding.values} <= set(case.fields)


def test_every_case_of_every_check_is_there():
    known = {(check.key, case.says) for check in CHECKS for case in check.cases}
    assert known | {(key, "") for key in BY_KEY} == {(key, says) for key, says, *_more in CASES}


def test_a_weak_algorithm_shows_whether_or_not_the_device_has_it_too():
    finding = found("posture", {"ike_pfs": "group2", "ipsec_pfs": "group2"}, {"ipsec_pfs": ("group14",)})
    assert [value.field for value in finding.values] == ["ike_pfs", "ipsec_pfs"]


def test_the_form_and_a_diagnosis_advise_against_the_same():
    for name in rules.CHOICES_THAT_CAN_BE_WEAK:
        for value in Tunnel._meta.get_field(name).choices:
            weak = any(rules.strength_warnings({name: value[0]}))
            assert (found("posture", {name: value[0]}).level != NORMAL) == weak


def test_a_tunnel_that_fails_late_says_when():
    finding = found("pfs", {"ipsec_lifetime": 3600}, {"ipsec_pfs": ("disabled",)})
    assert "works until 2026-11-29 11:15:04 UTC" in finding.message


def test_checks_of_both_sides_wait_for_a_device():
    situation = make_situation(make_cloud(), device=False)
    keys = [one.check.key for one in diagnose(situation, after(situation, LATER), ROUTED)]
    assert keys == ["readiness", "start", "device", "routes", "posture"]


def test_both_values_stand_beside_each_other_with_the_way_to_mend_them():
    finding = found("remote_id", {}, {"local_id": "192.168.1.2"})
    (value,), mends = finding.values, finding.mends
    assert (value.field, value.cloud, value.device) == ("remote_id", "203.0.113.20", "192.168.1.2")
    assert [(mend.place, mend.field) for mend in mends] == [("connection", "remote_id"), ("device", "local_id")]


def test_learned_routes_lead_into_the_tunnel():
    facts = {"routes": ()}
    assert found("routes", WITH_BGP, {}, facts).level == NORMAL
    assert found("routes", WITH_BGP, {}, facts | {"is_published": False}).level == ERROR
    assert found("routes", WITH_BGP, {"session": {"exports": False}}, facts).level == ERROR


def test_a_wider_route_elsewhere_takes_nothing_away():
    assert found("routes", facts={"others": ("192.168.0.0/16", "10.0.0.0/8")}).level == NORMAL
    assert found("routes", facts={"others": ("192.168.50.0/24",)}).level == WARNING


def test_several_things_are_found_at_once():
    situation = make_situation(make_cloud(**STRONG), psk="k3y-Other", ipsec_enc_alg=("des",), ike_pfs=("group5",))
    findings = diagnose(situation, after(situation, LATER), ROUTED)
    assert [one.check.key for one in findings if one.level == ERROR] == ["ike_group", "key", "ipsec_encryption"]


def words(findings):
    """Everything that a diagnosis says."""
    return repr([(one.level, one.message, one.values, one.mends) for one in findings])


# Rows that are about no field.
WITHOUT_FIELDS = ("A1", "B1", "N1")


@given(situations(), st.integers(0, 400), st.booleans())
def test_a_diagnosis_agrees_with_what_decides(situation, second, keys):
    around = replace(situation.surroundings, outages=(), turns=None)
    situation = replace(situation, surroundings=around)
    now = outcome(Course(situation), at(second))
    findings = diagnose(situation, now, ROUTED, may_see_keys=keys)
    fields = {value.field for one in findings if one.level == ERROR for value in one.values}
    if now.row in {row.row for row in DECISIONS} - {*WITHOUT_FIELDS} and not now.is_up:
        # C1 without a device is the check of the device.
        assert fields & {*FIELDS[now.row], *(() if situation.device else ("is_on",))}
    if now.row in ("A1", "B1"):
        assert any(one.level != NORMAL for one in findings if one.check.key in ("readiness", "start"))
    if now.bgp and now.bgp.row not in ("", "S1") and not now.bgp.is_established:
        assert any(one.level == ERROR for one in findings if one.check.key.startswith("bgp"))
    if now.health and now.health.status == "failed":
        assert any(one.level != NORMAL for one in findings if one.check.key == "health_check")
    for note in now.notes:
        if note.severity == "Warn" and note.differences:
            noted = {value.field for one in findings if one.level != NORMAL for value in one.values}
            assert noted & {difference.field for difference in note.differences}


@given(clouds(ike_version="ikev2"))
def test_equal_sides_have_no_error(cloud):
    situation = make_situation(cloud)
    findings = diagnose(situation, after(situation, LATER), ROUTED)
    assert not [one for one in findings if one.level == ERROR and one.check.key not in ("posture", "routes")]


@settings(max_examples=200)
@given(situations(), st.integers(0, 400), st.booleans(), st.sampled_from(["k3y-Planted", "K3Y-AUTUMN-HARBOUR"]))
def test_a_key_is_in_no_diagnosis(situation, second, keys, planted):
    if situation.device and planted != "k3y-Planted":
        situation = replace(situation, device=replace(situation.device, psk=planted))
    findings = diagnose(situation, outcome(Course(situation), at(second)), ROUTED, may_see_keys=keys)
    said = words(findings).lower()
    assert KEY.lower() not in said
    assert BGP_KEY.lower() not in said
    assert all(
        {value.cloud, value.device} <= {HIDDEN, ""} for one in findings for value in one.values
        if value.field in ("psk", "key")
    )  # fmt: skip


@given(situations(), st.integers(0, 400))
def test_the_same_is_found_again(situation, second):
    now = outcome(Course(situation), at(second))
    assert diagnose(situation, now, ROUTED) == diagnose(situation, now, ROUTED)


def test_an_outage_is_found_at_the_device():
    situation = make_situation(around=Surroundings(outages=(Outage(at(0)),)))
    findings = diagnose(situation, after(situation, LATER), replace(ROUTED, has_line=False))
    assert [one.check.key for one in findings if one.level == ERROR] == ["device"]


def test_no_place_is_declared_for_a_field_that_no_check_has():
    cases = [case for check in CHECKS for case in check.cases]
    fields = {name for check in CHECKS for name in check.fields}
    assert set(MENDS) <= fields | {name for case in cases if not callable(case.fields) for name in case.fields}


def test_a_health_check_without_a_device_is_not_passed_over():
    situation = make_situation(make_cloud(health_check=CHECK), device=False)
    findings = diagnose(situation, after(situation, LATER), ROUTED)
    (finding,) = [one for one in findings if one.check.key == "health_check"]
    assert finding.level == WARNING
