"""A dialect refuses, with the reason, what its device cannot express, and adds a note about what is doubtful."""

import pytest

from connections.domain.choices import AuthenticationAlgorithm, DhGroup, IkeMode
from connections.peer_config import DIALECTS, generate
from connections.peer_config.dialect import PLACEHOLDER, Group, Proof
from tests.documents import BGP, KINDS, make_document, put
from tests.unit.test_peer_dialects import OLD, named

VENDORS = [dialect for dialect in DIALECTS.values() if dialect.proof == Proof.TABLE and dialect.group == Group.DEVICES]
WITH_BGP = make_document(bgp=BGP)
AGGRESSIVE = put(OLD, "ike.mode", IkeMode.AGGRESSIVE)


def refusals(key, document) -> set[str]:
    configuration = generate(DIALECTS[key], document)
    return {note.code for note in configuration.notes if note.refuses}


def notes(key, document) -> set[str]:
    configuration = generate(DIALECTS[key], document)
    assert not configuration.refused, configuration.notes
    return {note.code for note in configuration.notes}


@pytest.mark.parametrize("dialect", VENDORS, ids=named)
@pytest.mark.parametrize(("place", "code"), [("ike.lifetime", "lifetime_1"), ("ipsec.lifetime", "lifetime_2")])
@pytest.mark.parametrize("seconds", [0, 1, 29])
def test_no_vendor_has_lifetimes_without_end_or_of_a_moment(dialect, place, code, seconds):
    assert refusals(dialect.key, make_document(**{place.replace(".", "__"): seconds})) == {code}


@pytest.mark.parametrize(
    ("key", "document", "shortest"),
    [
        ("cisco-ios", make_document(), (120, 120)),
        ("cisco-ios", OLD, (60, 120)),
        ("cisco-asa", make_document(), (120, 120)),
        ("juniper", make_document(), (180, 180)),
        ("huawei", make_document(), (60, 30)),
        ("h3c", make_document(), (120, 180)),
        ("h3c", OLD, (60, 180)),
        ("fortigate", make_document(), (120, 120)),
        ("paloalto", make_document(), (180, 180)),
        ("vyos", make_document(), (30, 30)),
    ],
)
def test_the_shortest_lifetime_of_each_phase_is_the_devices(key, document, shortest):
    for place, code, seconds in zip(("ike", "ipsec"), ("lifetime_1", "lifetime_2"), shortest, strict=True):
        assert refusals(key, put(document, f"{place}.lifetime", seconds)) == set()
        assert refusals(key, put(document, f"{place}.lifetime", seconds - 1)) == {code}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (86400, "lifetime hours 24"),
        (65535, "lifetime seconds 65535"),
        (66000, "lifetime minutes 1100"),
        (180, "lifetime seconds 180"),
    ],
)
def test_pan_os_has_long_lifetimes_in_minutes_and_hours(seconds, words):
    (text,) = generate(DIALECTS["paloalto"], make_document(ike__lifetime=seconds)).files.values()
    assert f" {words}\n" in text


def test_pan_os_refuses_long_lifetimes_that_are_no_whole_minutes():
    assert refusals("paloalto", make_document(ike__lifetime=65536)) == {"whole_minutes"}


@pytest.mark.parametrize(
    ("key", "psk", "code"),
    [
        ("cisco-ios", "what?", "psk_signs"),
        ("cisco-asa", "what?", "psk_signs"),
        ("cisco-asa", "0", "psk_length"),
        ("juniper", "a\\b", "psk_signs"),
        ("juniper", "what?", "psk_signs"),
        ("juniper", "$9$abc", "psk_encrypted"),
        ("huawei", "what?", "psk_signs"),
        ("huawei", "%^%#abc", "psk_encrypted"),
        ("h3c", "what?", "psk_signs"),
        ("fortigate", "five5", "psk_length"),
        ("fortigate", "the$USERNAME", "psk_signs"),
        ("fortigate", "back\\slash", "psk_signs"),
        ("paloalto", "back\\slash", "psk_signs"),
        ("paloalto", "-AQ==abc", "psk_encrypted"),
    ],
)
def test_keys_that_a_command_line_would_read_as_something_else_are_refused(key, psk, code):
    assert refusals(key, make_document(psk=psk)) == {code}


@pytest.mark.parametrize("psk", ["0", "6", "0x12", "0sabc", "$1$x", "a'b\\c;d#e!f|g", "what?"])
def test_vyos_takes_every_key_because_it_is_given_base64(psk):
    assert "base64" in notes("vyos", make_document(psk=psk))


@pytest.mark.parametrize(
    ("key", "bgp_key", "code"),
    [
        ("cisco-ios", "7abc", "bgp_key_digit"),
        ("cisco-ios", 'a"b', "bgp_key_signs"),
        ("cisco-ios", "k" * 26, "bgp_key_length"),
        ("cisco-asa", "7abc", "bgp_key_digit"),
        ("juniper", 'a"b', "bgp_key_signs"),
        ("juniper", "$9$a", "bgp_key_encrypted"),
        ("huawei", "%a", "bgp_key_encrypted"),
        ("fortigate", "a$b", "bgp_key_signs"),
        ("paloalto", 'a"b', "bgp_key_signs"),
        ("vyos", "a'b", "bgp_key_signs"),
        ("vyos", "a\\b", "bgp_key_signs"),
    ],
)
def test_bgp_keys_that_a_command_line_would_read_as_something_else_are_refused(key, bgp_key, code):
    assert refusals(key, put(WITH_BGP, "bgp.key", bgp_key)) == {code}


@pytest.mark.parametrize("dialect", VENDORS, ids=named)
def test_notes_never_tell_the_key(dialect):
    document = put(make_document(psk="$se?cr\\et"), "bgp", BGP)
    notes = generate(dialect, document).notes
    assert notes
    for note in notes:
        assert document.psk not in note.text
        assert BGP.key not in note.text


@pytest.mark.parametrize(("key", "document"), [("cisco-asa", make_document()), ("cisco-ios", OLD)])
def test_devices_that_identify_themselves_by_address_are_given_no_other_identity(key, document):
    assert "own_address" in notes(key, document)
    for identity in ("203.0.113.99", "dc.example.com"):
        assert refusals(key, put(document, "local_id", identity)) >= {"own_address"}


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        ("203.0.113.99", "client-endpoint ipv4-address 203.0.113.99"),
        ("dc.example.com", "client-endpoint fqdn dc.example.com"),
        ("ops@example.com", "client-endpoint user-fqdn ops@example.com"),
    ],
)
def test_ios_can_be_told_who_it_is_in_aggressive_mode(identity, words):
    (text,) = generate(DIALECTS["cisco-ios"], put(AGGRESSIVE, "local_id", identity)).files.values()
    assert f" {words}\n" in text


def test_asa_knows_no_sha_2_in_ikev1_and_few_groups_in_aggressive_mode():
    for hash_ in (AuthenticationAlgorithm.SHA256, AuthenticationAlgorithm.SHA384, AuthenticationAlgorithm.SHA512):
        assert refusals("cisco-asa", put(OLD, "ike.authentication", hash_)) == {"no_ike.authentication"}
        assert refusals("cisco-asa", put(OLD, "ipsec.authentication", hash_)) == {"no_ipsec.authentication"}
    assert refusals("cisco-asa", put(AGGRESSIVE, "ike.group", DhGroup.GROUP14)) == {"aggressive_group"}
    assert refusals("cisco-asa", put(AGGRESSIVE, "bgp", BGP)) == {"aggressive_tunnel"}


@pytest.mark.parametrize("dialect", VENDORS, ids=named)
def test_what_no_device_has_read_says_so(dialect):
    assert "untried" in notes(dialect.key, make_document())


@pytest.mark.parametrize("dialect", VENDORS, ids=named)
@pytest.mark.parametrize("kind", KINDS)
def test_words_to_replace_are_told(dialect, kind):
    configuration = generate(dialect, KINDS[kind])
    noted = "placeholders" in {note.code for note in configuration.notes}
    assert noted == any(PLACEHOLDER in text for text in configuration.files.values())


@pytest.mark.parametrize("key", ["cisco-ios", "cisco-asa", "juniper", "huawei", "h3c", "paloalto"])
def test_one_sa_for_each_pair_is_told(key):
    assert "pairs" in notes(key, KINDS["several networks"])
    assert "pairs" not in notes(key, make_document())


@pytest.mark.parametrize("key", ["fortigate", "vyos"])
def test_devices_that_make_one_sa_of_all_networks_say_nothing_of_pairs(key):
    assert "pairs" not in notes(key, KINDS["several networks"])


@pytest.mark.parametrize("dialect", VENDORS, ids=named)
def test_routes_decide_where_nothing_is_protected_and_selectors_where_flows_are(dialect):
    (protected,) = generate(dialect, make_document()).files.values()
    (routed,) = generate(dialect, KINDS["destination"]).files.values()
    # In each vendor's notation for networks.
    written = ("192.168.50.0", "10.10.0.0")
    assert all(network in protected for network in written)
    assert not any(network in routed for network in written)


@pytest.mark.parametrize("dialect", VENDORS, ids=named)
def test_bgp_is_written_in_the_same_text(dialect):
    (text,) = generate(dialect, WITH_BGP).files.values()
    for word in (BGP.local_ip, BGP.peer_ip, str(BGP.local_asn), str(BGP.peer_asn), BGP.key, "192.168.50.0"):
        assert word in text
    (text,) = generate(dialect, put(WITH_BGP, "bgp.key", "")).files.values()
    assert BGP.key not in text
    assert "password" not in text.replace("pre-shared-key", "")
