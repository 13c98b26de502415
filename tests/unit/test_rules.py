"""Every rule and every code: tables for typical input, Hypothesis for everything else."""

import string
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections.domain import applicability, parsing, rules
from connections.domain.problems import MAX_PROBLEMS
from connections.domain.refusals import Invalid
from tests.cost import assert_bounded

BGP_DEFAULTS = ("169.254.10.0/30", 64512, 65010, "destination", False)


def codes(problems):
    return [problem.code for problem in problems]


def fields_and_codes(problems):
    return [(problem.field, problem.code) for problem in problems]


# --- names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (None, []),
        ("hq", []),
        ("x" * 100, []),
        ("x" * 101, ["too_long"]),
        ("http://example.com", ["url_prefix"]),
        ("HTTPS://example.com", ["url_prefix"]),
        ("see http://example.com", []),
        ("http:/one slash", []),
        ("名称 with ümläuts", []),
        ("http://" + "x" * 100, ["too_long", "url_prefix"]),
        ("two\nlines", ["unseen"]),
        ("to a terminal \x1b[2J", ["unseen"]),
        ("\x9b2J", ["unseen"]),
        ("as one line \u2028 to some", ["unseen"]),
        ("turned \u202egnp.exe", ["unseen"]),
        ("turned \u2067 as well", ["unseen"]),
        ("العربية 🚢 a wide　space", []),
    ],
)
def test_names(text, expected):
    assert codes(rules.text_problems("name", text)) == expected


# One of each kind: Unicode's categories Cc, Cf, Zl, Zp, Co, Cn and Cs, and characters that are drawn as nothing.
INVISIBLE = [
    "\0", "\a", "\b", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\xad", "\u034f", "\u061c", "\u115f", "\u1160",
    "\u17b4", "\u180b", "\u180e", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a",
    "\u202e", "\u2060", "\u2063", "\u2065", "\u2066", "\u2069", "\u206f", "\u2800", "\u3164", "\ud800", "\ue000",
    "\ufe00", "\ufe0f", "\ufeff", "\uffa0", "\ufff9", "\ufffe", "\U000e0001", "\U000e0041", "\U000e0100", "\U0010fffd",
]  # fmt: skip


@pytest.mark.parametrize("mark", INVISIBLE, ids=ascii)
def test_what_cannot_be_seen_is_refused_wherever_it_stands(mark):
    for text in (mark, f"{mark}hq", f"hq{mark}", f"h{mark}q", f"總{mark}部"):
        assert codes(rules.line_problems("name", text)) == ["unseen"], text
        assert "unseen" in codes(rules.identity_problems("local_id", text)), text


def test_the_character_that_cannot_be_seen_is_named():
    (problem,) = rules.line_problems("name", "hamburg\u200e")
    assert "U+200E" in problem.message
    assert "8" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        # Scripts that join or separate letters with a zero-width mark.
        "می\u200cخواهم",
        "क्\u200dष",
        "ශ්\u200dරී",
        # Emoji made of several characters.
        "👩\u200d🚀",
        "👩🏽\u200d🚀",
        "❤\ufe0f",
        "🏳\ufe0f\u200d🌈",
    ],
)
def test_marks_without_which_a_text_would_read_otherwise_are_allowed(text):
    assert codes(rules.line_problems("name", text)) == []


@pytest.mark.parametrize(
    "text", ["h\u200dq", "\u200dक", "क\u200d", "م\u200c", "م\u200c\u200cخ", "🚀\u200d", "🚀\ufe0f\ufe0f", "1\ufe0f"]
)
def test_elsewhere_they_are_not(text):
    assert codes(rules.line_problems("name", text)) == ["unseen"]


def test_a_name_that_is_too_long_says_how_long_it_is():
    (problem,) = rules.text_problems("name", "x" * 130, 128)
    assert "128" in problem.message
    assert "130" in problem.message


# --- tags --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], []),
        ([("env", "")], []),
        ([("env", "prod"), ("site", "prod")], []),
        ([("k" * 64, "v" * 128)], []),
        ([("k" * 65, "")], ["key_too_long"]),
        ([("k", "v" * 129)], ["value_too_long"]),
        ([("", "value")], ["key_missing"]),
        ([("env", "a"), ("env", "b")], ["duplicate"]),
        ([("aliyun-x", "")], ["key_reserved_prefix"]),
        ([("Aliyun", "")], ["key_reserved_prefix"]),
        ([("acs:x", "")], ["key_reserved_prefix"]),
        ([("k", "acs:x")], ["value_reserved_prefix"]),
        ([("not-aliyun", "")], []),
        ([("k", "see http://x")], ["value_url"]),
        ([("k", "a\nb")], ["value_unseen"]),
        ([("\u202ek", "")], ["key_unseen"]),
        ([("https://x", "")], ["key_url"]),
        ([(f"k{n}", "") for n in range(20)], []),
        ([(f"k{n}", "") for n in range(21)], ["too_many"]),
    ],
)
def test_tags(pairs, expected):
    assert codes(rules.tag_problems(pairs)) == expected


# --- customer gateways -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("203.0.113.10", []),
        ("10.0.0.1", []),
        ("100.63.255.255", []),
        ("100.64.0.0", ["reserved"]),
        ("100.127.255.255", ["reserved"]),
        ("100.128.0.0", []),
        ("126.255.255.255", []),
        ("127.0.0.0", ["reserved"]),
        ("127.255.255.255", ["reserved"]),
        ("169.253.255.255", []),
        ("169.254.0.0", ["reserved"]),
        ("169.254.255.255", ["reserved"]),
        ("223.255.255.255", []),
        ("224.0.0.0", ["reserved"]),
        ("239.255.255.255", ["reserved"]),
        ("240.0.0.0", []),
        ("255.0.0.0", ["reserved"]),
        ("255.255.255.255", ["reserved"]),
        ("", ["malformed"]),
        ("203.0.113", ["malformed"]),
        ("203.0.113.256", ["malformed"]),
        ("203.0.113.010", ["spelling"]),
        ("2001:db8::1", ["malformed"]),
        ("203.0.113.10/32", ["spelling"]),
        ("gateway.example.com", ["malformed"]),
        ("２０３.0.113.1", ["malformed"]),
    ],
)
def test_gateway_addresses(text, expected):
    assert codes(rules.gateway_ip_problems(text)) == expected


@pytest.mark.parametrize(
    ("asn", "expected"),
    [
        (None, []),
        (0, ["out_of_range"]),
        (1, []),
        (64512, []),
        (4294967295, []),
        (4294967296, ["out_of_range"]),
        (-1, ["out_of_range"]),
        (45104, ["reserved"]),
        (45103, []),
    ],
)
def test_gateway_as_numbers(asn, expected):
    assert codes(rules.gateway_asn_problems(asn)) == expected


def test_the_cloud_side_may_have_its_own_number():
    assert not list(rules.asn_problems(45104, "local_asn"))


@pytest.mark.parametrize(
    ("text", "asn"),
    [
        ("123.456", 8061384),
        ("8061384", 8061384),
        (" 64512 ", 64512),
        ("0.1", 1),
        ("0.0", 0),
        ("65535.65535", 4294967295),
        ("4294967295", 4294967295),
        ("4294967296", 4294967296),
        ("65536.0", None),
        ("0.65536", None),
        ("1.2.3", None),
        ("1.", None),
        (".1", None),
        ("-1", None),
        ("+1", None),
        ("1e3", None),
        ("AS64512", None),
        ("", None),
        ("١٢٣", None),
        ("12 3", None),
    ],
)
def test_as_numbers_are_read_in_both_spellings(text, asn):
    assert parsing.parse_asn(text) == asn


@given(st.integers(min_value=1, max_value=4294967295))
def test_every_as_number_survives_both_spellings(asn):
    assert parsing.parse_asn(str(asn)) == asn
    assert parsing.parse_asn(parsing.asdot(asn)) == asn


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", []),
        (None, []),
        ("secret-1!", []),
        ("x" * 64, []),
        ("x" * 65, ["too_long"]),
        ("two words", ["bad_character"]),
        ("what?", ["bad_character"]),
        ("schlüssel", ["bad_character"]),
        ("密钥", ["bad_character"]),
        ("tab\t", ["bad_character"]),
    ],
)
def test_bgp_keys(key, expected):
    assert codes(rules.auth_key_problems(key)) == expected


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("172.31.255.255", True),
        ("172.32.0.1", False),
        ("192.168.1.1", True),
        ("198.18.0.1", False),
        ("203.0.113.1", False),
        ("nonsense", False),
    ],
)
def test_private_addresses(address, private):
    assert parsing.is_private_address(address) is private


# --- CIDR blocks -------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_every_network_is_read_back_and_host_bits_are_noticed(number, prefix):
    loose = IPv4Network((number, prefix), strict=False)
    text = f"{IPv4Address(number)}/{prefix}"
    assert parsing.loose_cidr(text) == loose
    assert parsing.parse_cidr(text) == (loose if int(loose.network_address) == number else None)


@given(st.text())
def test_no_text_upsets_the_readers(text):
    assert parsing.parse_cidr(text) is None or "/" in text
    assert parsing.parse_ip(text) is None or text.count(".") == 3
    assert parsing.parse_asn(text) is None or parsing.parse_asn(text) >= 0


@pytest.mark.parametrize(
    "text", ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/255.0.0.0", "10.0.0/8", "010.0.0.0/8", "10.0.0.0/+8", "::/0", "a/8"]
)
def test_what_is_no_cidr_block(text):
    assert parsing.parse_cidr(text) is None


@pytest.mark.parametrize(
    ("local", "remote", "expected"),
    [
        (["10.0.0.0/8"], ["192.168.0.0/16"], []),
        (["10.0.0.0/9", "10.128.0.0/9"], ["192.168.0.0/24", "192.168.1.0/24"], []),
        (["10.0.0.0/8", "10.1.0.0/16"], ["192.168.0.0/16"], []),
        ([], ["192.168.0.0/16"], [("local_subnet", "missing")]),
        (["10.0.0.0/8"], [], [("remote_subnet", "missing")]),
        ([], [], [("local_subnet", "missing"), ("remote_subnet", "missing")]),
        (["10.0.0.1/8"], ["192.168.0.0/16"], [("local_subnet", "host_bits")]),
        (["10.0.0.1"], ["192.168.0.0/16"], [("local_subnet", "malformed")]),
        (["ten"], ["192.168.0.0/16"], [("local_subnet", "malformed")]),
        (["10.0.0.0/8"] * 2, ["192.168.0.0/16"], [("local_subnet", "duplicate")]),
        (["10.0.0.0/8"], ["192.168.0.0/16"] * 2, [("remote_subnet", "duplicate")]),
        (["0.0.0.0/0"], ["192.168.0.0/16"], []),
        (["10.0.0.0/8"], ["0.0.0.0/0"], []),
        (["0.0.0.0/0", "10.0.0.0/8"], ["0.0.0.0/0"], [("local_subnet", "anywhere"), ("remote_subnet", "anywhere")]),
        (["0.0.0.0/0"], ["0.0.0.0/0"], [("local_subnet", "anywhere"), ("remote_subnet", "anywhere")]),
        (["10.0.0.0/8"], ["10.1.0.0/16"], []),
        (["10.1.0.0/16"], ["10.0.0.0/8"], []),
        (["9.9.9.9/32"], ["9.0.0.0/8"], []),
        (["10.0.0.0/8"], ["10.0.0.0/8"], []),
        (["10.0.0.0/8"], ["0.0.0.0/1"], []),
        (["10.0.0.0/8"], ["100.64.0.0/10"], [("remote_subnet", "reserved")]),
        (["10.0.0.0/8"], ["100.64.1.0/24"], [("remote_subnet", "reserved")]),
        (["10.0.0.0/8"], ["100.0.0.0/8"], []),
        (["100.64.0.0/16"], ["192.168.0.0/16"], []),
        ([f"10.{n}.0.0/16" for n in range(5)], [f"192.168.{n}.0/24" for n in range(5)], []),
        ([f"10.{n}.0.0/16" for n in range(6)], ["192.168.0.0/16"], [("local_subnet", "too_many")]),
    ],
)
def test_protected_networks(local, remote, expected):
    assert fields_and_codes(rules.network_problems(local, remote)) == expected


def test_a_block_with_host_bits_is_told_its_right_form():
    (problem,) = rules.network_problems(["10.0.0.1/8"], ["192.168.0.0/16"])
    assert "10.0.0.0/8" in problem.message


@given(st.lists(st.text(max_size=20), max_size=6), st.lists(st.text(max_size=20), max_size=6))
def test_no_list_upsets_the_network_rules(local, remote):
    assert {problem.field for problem in rules.network_problems(local, remote)} <= {"local_subnet", "remote_subnet"}


@pytest.mark.parametrize(
    ("version", "local", "remote", "expected"),
    [
        ("ikev1", 1, 1, []),
        ("ikev1", 2, 1, ["several_networks_need_ikev2"]),
        ("ikev1", 1, 2, ["several_networks_need_ikev2"]),
        ("ikev1", 0, 0, []),
        ("ikev2", 5, 5, []),
    ],
)
def test_several_networks_need_ikev2(version, local, remote, expected):
    assert codes(rules.several_networks_problems(version, ["x"] * local, ["x"] * remote)) == expected


# --- keys and identities -----------------------------------------------------------------------------------------

# The characters of the product page.
PSK_SPECIALS = "~ ` ! @ # $ % ^ & * ( ) _ - + = { } [ ] \\ | ; : ' , . < > / ?".replace(" ", "")
PSK_ALLOWED = string.ascii_letters + string.digits + PSK_SPECIALS


def test_the_allowed_characters_of_a_key_are_those_of_the_product_page():
    assert frozenset(PSK_ALLOWED) == rules.PSK_CHARACTERS


@given(st.text(st.sampled_from(PSK_ALLOWED), min_size=1, max_size=100))
def test_every_key_of_allowed_characters_is_accepted(psk):
    assert not list(rules.psk_problems(psk))


@given(st.characters().filter(lambda character: character not in PSK_ALLOWED))
def test_every_other_character_is_refused(character):
    assert codes(rules.psk_problems(f"a{character}b")) == ["space" if character.isspace() else "bad_character"]


@pytest.mark.parametrize(
    ("psk", "expected"),
    [
        ("", []),
        (None, []),
        ("x" * 100, []),
        ("x" * 101, ["too_long"]),
        (" leading", ["space"]),
        ("trailing ", ["space"]),
        ("non\u00a0breaking", ["space"]),
        ('double"quote', ["bad_character"]),
        ('both " and space', ["space", "bad_character"]),
        ("x" * 101 + " ", ["too_long", "space"]),
    ],
)
def test_pre_shared_keys(psk, expected):
    assert codes(rules.psk_problems(psk)) == expected


def test_refused_characters_are_named_but_the_key_is_not():
    (problem,) = rules.psk_problems('mysecret"key\x07')
    assert '"' in problem.message
    assert "U+0007" in problem.message
    assert "mysecret" not in problem.message


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("", []),
        ("10.0.0.1", []),
        ("vpn.example.com", []),
        ("x" * 100, []),
        ("x" * 101, ["too_long"]),
        ("two words", ["space"]),
        ("tab\there", ["unseen"]),
        ("no\xa0break", ["space"]),
    ],
)
def test_identities(identity, expected):
    assert codes(rules.identity_problems("local_id", identity)) == expected


@pytest.mark.parametrize(
    ("version", "mode", "identity", "expected"),
    [
        ("ikev2", "main", "vpn.example.com", ["name_in_main_mode"]),
        ("ikev1", "main", "vpn.example.com", ["name_in_main_mode"]),
        ("ikev1", "aggressive", "vpn.example.com", []),
        ("ikev1", "main", "10.0.0.1", []),
        ("ikev1", "main", "", []),
        # An invalid identity gets a problem and no advice.
        ("ikev1", "main", "vpn example", []),
    ],
)
def test_a_name_as_identity_is_advised_against_in_main_mode(version, mode, identity, expected):
    assert codes(rules.identity_warnings(version, mode, "local_id", identity)) == expected


def test_the_advice_is_stronger_for_ikev1():
    (first,) = rules.identity_warnings("ikev1", "main", "local_id", "vpn.example.com")
    (second,) = rules.identity_warnings("ikev2", "main", "local_id", "vpn.example.com")
    assert "fails" in first.message
    assert "fails" not in second.message


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, []), (86400, []), (3600, []), (-1, ["out_of_range"]), (86401, ["out_of_range"]), (None, [])],
)
def test_lifetimes(seconds, expected):
    assert codes(rules.lifetime_problems("ike_lifetime", seconds)) == expected


@pytest.mark.parametrize(
    ("field", "value", "weak"),
    [
        ("ike_enc_alg", "des", True),
        ("ike_enc_alg", "3des", True),
        ("ipsec_enc_alg", "3des", True),
        ("ike_enc_alg", "aes", False),
        ("ike_auth_alg", "md5", True),
        ("ipsec_auth_alg", "md5", True),
        ("ipsec_auth_alg", "sha1", False),
        ("ike_pfs", "group1", True),
        ("ike_pfs", "group2", True),
        ("ipsec_pfs", "group2", True),
        ("ike_pfs", "group5", False),
        ("ike_pfs", "group14", False),
        ("ipsec_pfs", "disabled", False),
    ],
)
def test_weak_choices_are_advised_against(field, value, weak):
    assert fields_and_codes(rules.strength_warnings({field: value})) == ([(field, "weak")] if weak else [])


# --- BGP ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "address", "expected"),
    [
        ("169.254.10.0/30", "169.254.10.1", []),
        ("169.254.10.0/30", "169.254.10.2", []),
        ("169.254.10.0/30", "169.254.10.0", [("local_bgp_ip", "out_of_block")]),
        ("169.254.10.0/30", "169.254.10.3", [("local_bgp_ip", "out_of_block")]),
        ("169.254.10.0/30", "169.254.11.1", [("local_bgp_ip", "out_of_block")]),
        ("169.254.10.0/30", "nonsense", [("local_bgp_ip", "malformed")]),
        ("169.254.10.0/30", "", [("local_bgp_ip", "missing")]),
        ("", "169.254.10.1", [("tunnel_cidr", "missing")]),
        ("", "", [("tunnel_cidr", "missing"), ("local_bgp_ip", "missing")]),
        ("169.254.10.1/30", "169.254.10.1", [("tunnel_cidr", "host_bits")]),
        ("169.254.10.0/29", "169.254.10.1", [("tunnel_cidr", "out_of_range")]),
        ("169.254.10.0/31", "169.254.10.1", [("tunnel_cidr", "out_of_range")]),
        ("10.0.0.0/30", "10.0.0.1", [("tunnel_cidr", "out_of_range")]),
        ("169.255.0.0/30", "169.255.0.1", [("tunnel_cidr", "out_of_range")]),
        ("nonsense", "169.254.10.1", [("tunnel_cidr", "malformed")]),
        ("169.254.6.0/30", "169.254.6.1", []),
        ("169.254.0.4/30", "169.254.0.5", []),
        ("169.254.255.252/30", "169.254.255.253", []),
    ],
)
def test_bgp_addresses(block, address, expected):
    assert fields_and_codes(rules.bgp_problems(block, address)) == expected


@pytest.mark.parametrize("tail", ["0.0", "1.0", "2.0", "3.0", "4.0", "5.0", "169.252"])
def test_the_reserved_tunnel_blocks_are_refused(tail):
    block = IPv4Network(f"169.254.{tail}/30")
    assert codes(rules.bgp_problems(str(block), str(block[1]))) == ["reserved"]


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_text_upsets_the_bgp_rule(block, address):
    assert {problem.field for problem in rules.bgp_problems(block, address)} <= {"tunnel_cidr", "local_bgp_ip"}


@given(st.integers(0, 16383))
def test_every_block_of_the_range_is_either_reserved_or_accepted(number):
    block = IPv4Network((int(IPv4Address("169.254.0.0")) + 4 * number, 30))
    expected = ["reserved"] if block in rules.RESERVED_TUNNEL_CIDRS else []
    assert codes(rules.bgp_problems(str(block), str(block[2]))) == expected


def test_bgp_needs_a_gateway_with_a_number():
    assert codes(rules.bgp_gateway_problems("cgw-1", has_asn=False)) == ["no_asn"]
    assert codes(rules.bgp_gateway_problems("cgw-1", has_asn=True)) == []


@pytest.mark.parametrize(
    ("position", "value", "expected"),
    [
        (None, None, []),
        (0, "169.254.6.0/30", [("tunnel_cidr", "disputed")]),
        (1, 65010, [("local_asn", "same_asn")]),
        (3, "protected", [("enable_bgp", "protected_with_bgp")]),
        (4, True, [("health_check", "health_check_with_bgp")]),
    ],
)
def test_bgp_advice(position, value, expected):
    arguments = list(BGP_DEFAULTS)
    if position is not None:
        arguments[position] = value
    assert fields_and_codes(rules.bgp_warnings(*arguments)) == expected


def test_without_numbers_nothing_is_said_about_them():
    assert not list(rules.bgp_warnings("169.254.10.0/30", None, None, "destination", False))


def test_the_next_tunnel_block_is_the_first_free_one():
    assert rules.next_tunnel_cidr([]) == "169.254.10.0/30"
    assert rules.next_tunnel_cidr(["169.254.10.0/30", "169.254.10.8/30"]) == "169.254.10.4/30"


def test_proposals_wrap_around_and_leave_reserved_and_disputed_blocks_out():
    everything = {f"{block}" for block in parsing.LINK_LOCAL.subnets(new_prefix=30)}
    kept = {"169.254.0.0/30", "169.254.6.0/30", "169.254.169.252/30", "169.254.9.0/30"}
    assert rules.next_tunnel_cidr(everything - kept) == "169.254.9.0/30"
    assert rules.next_tunnel_cidr(everything - {"169.254.6.0/30"}) == ""


# --- health check ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("192.168.0.1", "10.0.0.1", 3, 3), []),
        (("192.168.0.1", "10.0.0.1", 3600, 100), []),
        (("", "10.0.0.1", 3, 3), [("health_check_dip", "missing")]),
        (("192.168.0.1", "", 3, 3), [("health_check_sip", "missing")]),
        (("host", "10.0.0.1", 3, 3), [("health_check_dip", "malformed")]),
        (("192.168.0.1", "10.0.0.1/32", 3, 3), [("health_check_sip", "spelling")]),
        (("10.0.0.1", "10.0.0.1", 3, 3), [("health_check_sip", "same_address")]),
        (("192.168.0.1", "10.0.0.1", None, 3), [("health_check_interval", "missing")]),
        (("192.168.0.1", "10.0.0.1", 3, None), [("health_check_retry", "missing")]),
        (("192.168.0.1", "10.0.0.1", 0, 3), [("health_check_interval", "out_of_range")]),
        (("192.168.0.1", "10.0.0.1", 3601, 3), [("health_check_interval", "out_of_range")]),
        (("192.168.0.1", "10.0.0.1", 3, 101), [("health_check_retry", "out_of_range")]),
    ],
)
def test_health_checks(arguments, expected):
    assert fields_and_codes(rules.health_check_problems(*arguments)) == expected


@pytest.mark.parametrize(
    ("dip", "sip", "expected"),
    [
        ("192.168.0.1", "10.0.0.1", []),
        ("172.16.0.1", "10.0.0.1", [("health_check_dip", "outside_networks")]),
        ("192.168.0.1", "172.16.0.1", [("health_check_sip", "outside_networks")]),
        ("nonsense", "", []),
    ],
)
def test_probes_outside_the_protected_networks_are_advised_against(dip, sip, expected):
    warnings = rules.health_check_warnings(dip, sip, ["10.0.0.0/8"], ["192.168.0.0/16", "not yet"])
    assert fields_and_codes(warnings) == expected


def test_without_networks_any_probe_will_do():
    assert not list(rules.health_check_warnings("172.16.0.1", "172.16.0.2", [], []))


# --- placement ---------------------------------------------------------------------------------------------------

PLACED = {
    "region": "eu-central-1",
    "zones": ["eu-central-1a"],
    "cen": "cen-1",
    "router": "tr-1",
    "router_cen": "cen-1",
    "router_region": "eu-central-1",
    "zone": "eu-central-1a",
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"cen": None}, [("cen", "missing")]),
        ({"router": None}, [("transit_router", "missing")]),
        ({"zone": ""}, [("zone", "missing")]),
        ({"router_cen": "cen-2"}, [("transit_router", "other_cen")]),
        ({"router_region": "eu-west-1"}, [("transit_router", "other_region")]),
        ({"zone": "eu-west-1a"}, [("zone", "other_region")]),
        (
            {"cen": None, "router": None, "zone": ""},
            [("cen", "missing"), ("transit_router", "missing"), ("zone", "missing")],
        ),
    ],
)
def test_placement(changed, expected):
    assert fields_and_codes(rules.placement_problems(**(PLACED | changed))) == expected


@pytest.mark.parametrize(
    ("network_type", "has_cidr", "expected"),
    [("private", False, ["no_cidr"]), ("private", True, []), ("public", False, [])],
)
def test_a_private_connection_needs_a_router_with_a_block(network_type, has_cidr, expected):
    assert codes(rules.private_router_problems(network_type, "tr-1", has_cidr)) == expected


@pytest.mark.parametrize(
    ("network_type", "address", "expected"),
    [
        ("public", "203.0.113.1", []),
        ("public", "10.0.0.1", ["private_address"]),
        ("private", "10.0.0.1", []),
        ("private", "203.0.113.1", ["public_address"]),
        ("public", "", []),
    ],
)
def test_gateway_type_and_address_go_together(network_type, address, expected):
    assert codes(rules.gateway_type_warnings(network_type, address)) == expected


@pytest.mark.parametrize(
    ("cidrs", "taken", "expected"),
    [
        ([], [], []),
        (["10.0.0.0/16", "10.1.0.0/24"], [], []),
        (["10.0.0.0/15"], [], ["bad_mask"]),
        (["10.0.0.0/25"], [], ["bad_mask"]),
        (["10.0.0.1/24"], [], ["host_bits"]),
        (["ten"], [], ["malformed"]),
        (["100.64.0.0/16"], [], ["reserved"]),
        (["127.0.0.0/16"], [], ["reserved"]),
        (["169.254.0.0/16"], [], ["reserved"]),
        (["224.0.0.0/16"], [], ["reserved"]),
        (["10.0.0.0/16", "10.0.1.0/24"], [], ["overlap"]),
        (["10.0.0.0/16"], ["10.0.0.0/24"], ["taken"]),
        (["10.0.0.0/16"], ["10.1.0.0/24"], []),
        ([f"10.{n}.0.0/16" for n in range(5)], [], []),
        ([f"10.{n}.0.0/16" for n in range(6)], [], ["too_many"]),
    ],
)
def test_router_blocks(cidrs, taken, expected):
    assert codes(rules.router_cidr_problems(cidrs, taken)) == expected


def test_a_router_block_is_judged_with_those_that_the_router_has():
    own = ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"]
    assert codes(rules.router_cidr_problems(["10.4.0.0/16"], own=own)) == []
    assert codes(rules.router_cidr_problems(["10.3.1.0/24"], own=own)) == ["overlap"]
    assert codes(rules.router_cidr_problems(["10.4.0.0/16"], own=[*own, "10.5.0.0/16"])) == ["too_many"]


# --- applicability -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("name", {}, True),
        ("psk", {"enable_bgp": False}, True),
        ("tunnel_cidr", {"enable_bgp": True}, True),
        ("tunnel_cidr", {"enable_bgp": False}, False),
        ("tunnel_cidr", {}, False),
        ("local_asn", {"enable_bgp": True}, True),
        ("zone", {"associate_resource": "CEN"}, True),
        ("zone", {"associate_resource": "NO_ASSOCIATED"}, False),
        ("local_subnet", {"routing_mode": "protected"}, True),
        ("remote_subnet", {"routing_mode": "destination"}, False),
        ("health_check_dip", {"health_check": True}, True),
        ("health_check_policy", {"health_check": False}, False),
        ("auto_publish_route_enabled", {"associate_resource": "CEN"}, True),
    ],
)
def test_which_fields_apply(field, values, expected):
    assert applicability.Applicability(values).applies(field) is expected


# --- all advice on a connection ----------------------------------------------------------------------------------


def test_advice_on_a_whole_connection_passes_over_what_does_not_apply():
    values = {
        "enable_bgp": False,
        "local_asn": 65010,
        "gateway_asn": 65010,
        "tunnel_cidr": "169.254.6.0/30",
        "health_check": False,
        "ike_pfs": "group14",
    }
    assert not list(rules.connection_warnings(values))
    values["enable_bgp"] = True
    warnings = fields_and_codes(rules.connection_warnings(values))
    assert warnings == [("tunnel_cidr", "disputed"), ("local_asn", "same_asn")]


def test_advice_says_which_tunnel_it_is_about():
    (problem,) = rules.connection_warnings({"ike_enc_alg": "des"}, tunnel=2)
    assert problem.tunnel == 2


@given(
    st.dictionaries(
        st.sampled_from([*applicability.APPLIES_WHEN, *applicability.DECIDERS, "gateway_ip", "ike_mode"]), st.none()
    )
)
def test_missing_values_upset_no_advice(values):
    assert not list(rules.connection_warnings(values))


# --- lists -------------------------------------------------------------------------------------------------------

SAME = "10.0.0.0/16"


@pytest.mark.parametrize(
    ("judge", "expected"),
    [
        (lambda many: rules.network_problems([SAME] * many, [SAME]), [("local_subnet", "too_many")]),
        (lambda many: rules.network_problems([SAME], ["x"] * many), [("remote_subnet", "too_many")]),
        (
            lambda many: rules.network_problems([SAME] * many, [SAME] * many),
            [("local_subnet", "too_many"), ("remote_subnet", "too_many")],
        ),
        (lambda many: rules.several_networks_problems("ikev1", [SAME] * many, [SAME]), []),
        (lambda many: rules.router_cidr_problems([SAME] * many, [SAME]), [("cidrs", "too_many")]),
        (lambda many: rules.tag_problems([("", "aliyun")] * many), [("tags", "too_many")]),
    ],
)
def test_of_a_list_that_is_too_long_nothing_else_is_said(judge, expected):
    assert fields_and_codes(judge(10_000)) == expected
    assert_bounded(lambda many: list(judge(many)))


def test_what_is_wrong_is_quoted_only_so_far():
    long = "x" * 100_000
    problems = [
        *rules.network_problems([long], [f"{long}/8"]),
        *rules.tag_problems([(long, ""), (long, long), ("", long)]),
        *rules.psk_problems("".join(map(chr, range(0x4E00, 0x9000)))),
        *rules.line_problems("name", "\n" * 100_000),
    ]
    assert len(problems) == 10
    assert max(len(problem.message) for problem in problems) < 250


def test_of_very_many_problems_the_first_are_told_and_how_many_there_are():
    problem = next(iter(rules.asn_problems(0, "asn")))
    assert len(Invalid([problem] * MAX_PROBLEMS).problems) == MAX_PROBLEMS
    problems = Invalid([problem] * 4050).problems
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].message == "And 4000 more problems."
    assert problems[-1].field == "asn"
