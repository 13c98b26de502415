"""A dialect refuses, with the reason, what its device cannot express, and adds a note about what is doubtful."""

import re

import pytest

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    RoutingMode,
)
from connections.peer_config import DIALECTS, frr, generate
from connections.peer_config.dialect import MOST_PREFIXES, PLACEHOLDER, TUNNEL_MSS, TUNNEL_MTU, Group, Proof
from tests.documents import BGP, KINDS, POLICIES_ALONE, make_document, put, suited
from tests.unit.test_peer_dialects import OLD, named, statements

VENDORS = [dialect for dialect in DIALECTS.values() if dialect.proof == Proof.TABLE and dialect.group == Group.DEVICES]
ROUTERS = [dialect for dialect in VENDORS if dialect.key not in POLICIES_ALONE]
# Those that write the BGP session.
SPEAKERS = [dialect for dialect in DIALECTS.values() if dialect in ROUTERS or dialect.bgp_only]
WITH_BGP = make_document(bgp=BGP)
AGGRESSIVE = put(OLD, "ike.mode", IkeMode.AGGRESSIVE)


def refusals(key, document) -> set[str]:
    configuration = generate(DIALECTS[key], document)
    return {note.code for note in configuration.notes if note.refuses}


def notes(key, document) -> set[str]:
    configuration = generate(DIALECTS[key], document)
    assert not configuration.refused, configuration.notes
    return {note.code for note in configuration.notes}


def text_of(key, document) -> str:
    """All files."""
    configuration = generate(DIALECTS[key], document)
    assert not configuration.refused, configuration.notes
    return "".join(configuration.files.values())


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
        ("pfsense", make_document(), (30, 30)),
        ("opnsense", OLD, (30, 30)),
        ("routeros", make_document(), (30, 30)),
        ("hillstone", make_document(), (300, 180)),
        ("checkpoint", make_document(), (60, 120)),
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
    text = text_of("paloalto", make_document(ike__lifetime=seconds))
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
        ("hillstone", "what?", "psk_signs"),
        ("hillstone", "a\\b", "psk_signs"),
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
        ("paloalto", "k" * 64, "bgp_key_length"),
        ("vyos", "a\\b", "bgp_key_signs"),
        ("pfsense", "a\\b", "bgp_key_signs"),
        ("hillstone", "k" * 33, "bgp_key_length"),
        ("checkpoint", "a$b", "bgp_key_signs"),
        ("opnsense", 'a"b', "bgp_key_signs"),
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
    text = text_of("cisco-ios", put(AGGRESSIVE, "local_id", identity))
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


@pytest.mark.parametrize("dialect", SPEAKERS, ids=named)
def test_every_bgp_dialect_says_what_its_session_lacks(dialect):
    assert not {"nothing_announced", "same_asn", "no_bgp_key"} & notes(dialect.key, WITH_BGP)
    assert notes(dialect.key, put(KINDS["bgp"], "destinations", ())) >= {"nothing_announced"}
    assert notes(dialect.key, put(WITH_BGP, "bgp.peer_asn", BGP.local_asn)) >= {"same_asn"}
    assert notes(dialect.key, put(WITH_BGP, "bgp.key", "")) >= {"no_bgp_key"}


@pytest.mark.parametrize("dialect", SPEAKERS, ids=named)
def test_what_is_learned_is_told(dialect):
    code = "unfiltered" if dialect.key == "paloalto" else "only_protected"
    assert code in notes(dialect.key, WITH_BGP)
    assert "only_protected" not in notes(dialect.key, KINDS["bgp"])


@pytest.mark.parametrize("dialect", VENDORS, ids=named)
@pytest.mark.parametrize("kind", KINDS)
def test_words_to_replace_are_told(dialect, kind):
    configuration = generate(dialect, KINDS[kind])
    noted = "placeholders" in {note.code for note in configuration.notes}
    assert noted == any(PLACEHOLDER in text for text in configuration.files.values())


@pytest.mark.parametrize(
    "key", ["cisco-ios", "cisco-asa", "juniper", "huawei", "h3c", "paloalto", "routeros", "hillstone", "checkpoint"]
)
def test_one_sa_for_each_pair_is_told(key):
    assert "pairs" in notes(key, KINDS["several networks"])
    assert "pairs" not in notes(key, make_document())


@pytest.mark.parametrize("key", ["fortigate", "vyos"])
def test_devices_that_make_one_sa_of_all_networks_say_nothing_of_pairs(key):
    assert "pairs" not in notes(key, KINDS["several networks"])


@pytest.mark.parametrize("dialect", ROUTERS, ids=named)
def test_routes_decide_where_nothing_is_protected_and_selectors_where_flows_are(dialect):
    protected = text_of(dialect.key, make_document())
    # Policies and black holes may name a network that the console knows.
    routed = text_of(dialect.key, put(KINDS["destination"], "destinations", ()))
    # In each vendor's notation for networks.
    written = ("192.168.50.0", "10.10.0.0")
    assert all(network in protected for network in written)
    assert not any(network in routed for network in written)


@pytest.mark.parametrize("dialect", ROUTERS, ids=named)
def test_bgp_is_written_in_the_same_text(dialect):
    text = text_of(dialect.key, WITH_BGP)
    for word in (BGP.local_ip, BGP.peer_ip, str(BGP.local_asn), str(BGP.peer_asn), BGP.key, "192.168.50.0"):
        assert word in text
    text = text_of(dialect.key, put(WITH_BGP, "bgp.key", ""))
    assert BGP.key not in text
    assert "password" not in text.replace("pre-shared-key", "")


# --- what belongs around a tunnel --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "last"),
    [
        ("cisco-ios", "write memory"),
        ("cisco-asa", "write memory"),
        ("juniper", "# Then: commit check, and commit."),
        ("huawei", "save"),
        ("h3c", "save"),
        ("hillstone", "save"),
        ("fortigate", "# Nothing is left to save: each end has saved its block."),
        ("paloalto", "commit"),
        ("vyos", "save"),
    ],
)
@pytest.mark.parametrize("kind", ["protected", "destination", "bgp"])
def test_the_last_line_saves(key, last, kind):
    assert text_of(key, KINDS[kind]).endswith(f"\n{last}\n")


@pytest.mark.parametrize("dialect", ROUTERS, ids=named)
@pytest.mark.parametrize("kind", ["protected", "destination", "bgp"])
def test_segments_fit_into_the_tunnel(dialect, kind):
    # PAN-OS has no command for segments on a tunnel interface, Check Point finds out what fits.
    word = {"paloalto": TUNNEL_MTU, "checkpoint": "fw_clamp_tcp_mss"}.get(dialect.key, TUNNEL_MSS)
    assert re.search(rf"\b{word}\b", text_of(dialect.key, KINDS[kind]))


PLACE = re.compile(r"(?<![\w-])(?:[A-Z]+-)*(?:ADDRESS|HOP|INTERFACE|LIST|MAP|MASK|NAME|NETWORK|NUMBER|ZONE)(?![\w])")


@pytest.mark.parametrize("dialect", VENDORS, ids=named)
@pytest.mark.parametrize("kind", KINDS)
def test_all_that_the_site_fills_in_begins_alike(dialect, kind):
    configuration = generate(dialect, KINDS[kind])
    for text in configuration.files.values():
        assert all(word.startswith(PLACEHOLDER) for word in PLACE.findall(text))
    for commands in statements(dialect, configuration):
        assert not re.search(r"\b(?:outside|inside|untrust|trust|eth0)\b", commands, re.IGNORECASE)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("cisco-ios", "1 deny ip 192.168.50.0 0.0.0.255 10.10.0.0 0.0.0.255"),
        ("cisco-asa", "nat (YOUR-INNER-INTERFACE,YOUR-OUTER-INTERFACE) 1 source static"),
        ("huawei", "  action no-nat"),
        ("hillstone", "eif YOUR-TUNNEL-INTERFACE no-trans"),
        ("h3c", "rule 1 deny ip source 192.168.50.0 0.0.0.255 destination 10.10.0.0 0.0.0.255"),
        ("vyos", "set nat source rule 1 exclude"),
        ("routeros", "chain=srcnat action=accept src-address=192.168.50.0/24 dst-address=10.10.0.0/24"),
    ],
)
def test_policies_come_with_an_exemption_from_translation(key, words):
    assert words in text_of(key, make_document())
    assert "source_nat" in notes(key, make_document())
    if key in POLICIES_ALONE:
        return
    # Huawei's tunnel interface is in the zone that translates, Hillstone's rules may name no interface.
    assert (
        (words in text_of(key, WITH_BGP)) == (key in {"huawei", "hillstone"}) == ("source_nat" in notes(key, WITH_BGP))
    )


@pytest.mark.parametrize("key", ["juniper", "fortigate", "paloalto"])
@pytest.mark.parametrize("kind", ["protected", "destination"])
def test_devices_that_always_have_a_tunnel_interface_say_how_translation_concerns_it(key, kind):
    assert "zone_nat" in notes(key, KINDS[kind])


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("cisco-ios", "ip route 10.10.0.0 255.255.255.0 YOUR-NEXT-HOP"),
        ("cisco-asa", "route YOUR-OUTER-INTERFACE 10.10.0.0 255.255.255.0 YOUR-NEXT-HOP"),
        ("huawei", "ip route-static 10.10.0.0 255.255.255.0 YOUR-NEXT-HOP"),
        ("h3c", "ip route-static 10.10.0.0 255.255.255.0 YOUR-NEXT-HOP"),
        ("routeros", "/ip route add dst-address=10.10.0.0/24 gateway=YOUR-NEXT-HOP"),
    ],
)
def test_a_policy_needs_a_route_out_of_its_interface(key, words):
    assert words in text_of(key, make_document())


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("cisco-ios", "ip route {network} Null0 254"),
        ("cisco-asa", "route Null0 {network} 254"),
        ("huawei", "ip route-static {network} NULL0 preference 254"),
        ("h3c", "ip route-static {network} NULL0 preference 254"),
        ("hillstone", " ip route {network} null0 254"),
        ("juniper", "set routing-options static route {prefix} discard"),
        ("fortigate", "set blackhole enable"),
        ("paloalto", "nexthop discard"),
        ("vyos", "set protocols static route {prefix} blackhole distance 254"),
    ],
)
def test_nothing_leaves_in_clear_while_the_tunnel_is_down(key, words):
    known = words.format(network="10.10.0.0 255.255.255.0", prefix="10.10.0.0/24")
    assert f"{known}\n" in "".join(statements(DIALECTS[key], generate(DIALECTS[key], WITH_BGP)))
    unknown = words.format(network="YOUR-CLOUD-NETWORK YOUR-CLOUD-MASK", prefix="YOUR-CLOUD-NETWORK")
    assert re.search(rf"^[!#] .*{re.escape(unknown)}$", text_of(key, KINDS["bgp"]), re.MULTILINE)


@pytest.mark.parametrize("dialect", ROUTERS, ids=named)
def test_the_session_ends_if_the_cloud_announces_too_much_or_a_note_says_that_it_does_not(dialect):
    limited = re.search(rf"\b{MOST_PREFIXES}\b", text_of(dialect.key, WITH_BGP))
    assert bool(limited) != ("no_prefix_limit" in notes(dialect.key, WITH_BGP))


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("fortigate", ['set srcintf "YOUR-INNER-INTERFACE"', 'set dstintf "YOUR-INNER-INTERFACE"']),
        ("huawei", ["-ike-out\n  source-zone local", "-ike-in\n", "-out\n  source-zone YOUR-INNER-ZONE", "-in\n"]),
        ("hillstone", ["src-zone YOUR-INNER-ZONE\n  dst-zone VPNHub", "src-zone VPNHub\n  dst-zone YOUR-INNER-ZONE"]),
        ("h3c", ["-ike-out\n", "-ike-in\n", "-out\n", "-in\n"]),
        (
            "juniper",
            [
                "YOUR-OUTER-ZONE host-inbound-traffic system-services ike\n",
                "from-zone YOUR-INNER-ZONE to-zone vpn",
                "from-zone vpn to-zone YOUR-INNER-ZONE",
            ],
        ),
        ("paloalto", ["from YOUR-INNER-ZONE to vpn ", "from vpn to YOUR-INNER-ZONE "]),
    ],
)
@pytest.mark.parametrize("kind", ["protected", "destination", "bgp"])
def test_firewalls_let_the_traffic_through(key, words, kind):
    text = text_of(key, KINDS[kind])
    assert all(word in text for word in words)


@pytest.mark.parametrize("key", ["huawei", "h3c"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_tunnel_in_the_outer_zone_opens_the_inner_one_to_named_networks_only(key, kind):
    text = text_of(key, put(KINDS[kind], "destinations", ()))
    (rule,) = re.findall(r"rule name \S+(?<!ike)(?<!bgp)-in\n(.*?) quit", text, re.DOTALL)
    assert re.search(r"source-(?:address|ip-subnet) ", rule)
    assert re.search(r"destination-(?:address|ip-subnet) ", rule)


@pytest.mark.parametrize("key", ["huawei", "h3c"])
def test_the_session_passes_the_firewall(key):
    assert "169.254.11.0 " in text_of(key, WITH_BGP)


def test_fortigate_has_one_entry_with_a_free_number_in_each_block():
    document = put(KINDS["several networks"], "bgp", BGP)
    for block in text_of("fortigate", document).split("\nend\n"):
        assert block.count("edit 0") <= 1
    assert text_of("fortigate", document).count("config network") == 2


def test_pan_os_gets_long_as_numbers_only_with_their_format():
    words = "routing-options as-format 4-byte"
    assert words in text_of("paloalto", WITH_BGP)
    assert words not in text_of("paloalto", put(WITH_BGP, "bgp.peer_asn", 65011))


@pytest.mark.parametrize("place", ["ike.encryption", "ipsec.encryption"])
def test_pan_os_has_no_des(place):
    assert refusals("paloalto", put(make_document(), place, EncryptionAlgorithm.DES)) == {f"no_{place}"}


@pytest.mark.parametrize("place", ["ike.authentication", "ipsec.authentication"])
def test_srx_names_the_release_that_brought_long_hashes(place):
    configuration = generate(DIALECTS["juniper"], put(make_document(), place, AuthenticationAlgorithm.SHA512))
    assert any("23.2R1" in note.text and "sha512" in note.text for note in configuration.notes)
    assert "old_release" not in notes("juniper", make_document())


def test_ios_names_the_way_out_of_its_shield():
    assert "shield" in notes("cisco-ios", OLD)
    assert "shield" not in notes("cisco-ios", make_document())


def test_huawei_has_no_numbers_that_another_connection_may_have():
    text = text_of("huawei", make_document())
    assert "ike proposal YOUR-PROPOSAL-NUMBER\n" in text
    assert "acl number YOUR-ACL-NUMBER\n" in text


def test_huawei_says_what_fails_in_ikev2_alone():
    several = generate(DIALECTS["huawei"], KINDS["several networks"]).notes
    assert any("first pair" in note.text for note in several)
    assert "rekeying" in notes("huawei", KINDS["destination"])
    assert "rekeying" not in notes("huawei", make_document())


@pytest.mark.parametrize("key", POLICIES_ALONE)
@pytest.mark.parametrize("document", [KINDS["destination"], KINDS["bgp"], WITH_BGP])
def test_without_a_tunnel_interface_routes_cannot_decide(key, document):
    assert refusals(key, document) == {"no_interface"}


def test_routeros_drops_what_no_policy_encrypts_and_limits_segments_both_ways():
    text = text_of("routeros", make_document())
    assert "action=drop src-address=192.168.50.0/24 dst-address=10.10.0.0/24 ipsec-policy=out,none\n" in text
    assert text.count(f"new-mss={TUNNEL_MSS} ") == 2
    everywhere = text_of("routeros", make_document(remote_networks=("0.0.0.0/0",)))
    assert "action=drop" not in everywhere
    assert everywhere.index("action=none") < everywhere.index("action=encrypt")


@pytest.mark.parametrize(("psk", "written"), [("a$b", r'"a\$b"'), ("a\\b?", r'"a\\b\?"'), ("a#;b", '"a#;b"')])
def test_routeros_reads_signs_of_its_language_as_signs_of_the_key(psk, written):
    assert f" secret={written} my-id=" in text_of("routeros", make_document(psk=psk))


def test_routeros_compares_names_in_ikev2_alone():
    named = {"local_id": "dc.example.com", "remote_id": "gw.example.com"}
    assert " remote-id=fqdn:gw.example.com " in text_of("routeros", make_document(**named))
    old = make_document(**named, ike__version=IkeVersion.IKEV1, ike__mode=IkeMode.AGGRESSIVE)
    assert " remote-id=auto " in text_of("routeros", old)


def test_hillstone_compares_no_mail_address_in_ikev2():
    assert refusals("hillstone", make_document(remote_id="ops@example.com")) == {"mail_identity"}
    assert " peer-id u-fqdn ops@example.com\n" in text_of("hillstone", put(AGGRESSIVE, "remote_id", "ops@example.com"))


@pytest.mark.parametrize(("seconds", "codes"), [(86400, set()), (90, {"whole_minutes"}), (60, set())])
def test_check_point_renews_phase_1_after_whole_minutes(seconds, codes):
    assert refusals("checkpoint", make_document(ike__lifetime=seconds)) == codes


def test_check_point_knows_gateways_by_their_addresses():
    assert "own_address" in notes("checkpoint", make_document())
    assert refusals("checkpoint", make_document(local_id="dc.example.com")) == {"own_address"}
    assert refusals("checkpoint", make_document(remote_id="gw.example.com")) == {"address_LocalId"}


@pytest.mark.parametrize(
    ("peer_asn", "words"), [(65010, "set bgp internal peer"), (65011, "external remote-as 65011 peer")]
)
def test_check_point_keeps_sessions_within_an_as_apart(peer_asn, words):
    assert f"{words} {BGP.peer_ip} authtype md5 secret {BGP.key}\n" in text_of(
        "checkpoint", put(WITH_BGP, "bgp.peer_asn", peer_asn)
    )


@pytest.mark.parametrize("kind", ["protected", "destination", "bgp"])
def test_check_point_drops_in_clear_and_translates_nothing_in_the_community(kind):
    text = text_of("checkpoint", KINDS[kind])
    assert text.index("Action: Accept") < text.index("Action: Drop")
    assert "   Advanced, Disable NAT: yes\n" in text


FORMS = ["pfsense", "opnsense", "checkpoint"]


@pytest.mark.parametrize("key", FORMS)
@pytest.mark.parametrize("kind", ["protected", "destination", "bgp"])
def test_steps_end_with_what_makes_them_take_effect(key, kind):
    *_, last = text_of(key, KINDS[kind]).splitlines()
    assert re.fullmatch(r"\d+\. .*(?:Save|Apply|Install).*", last)


@pytest.mark.parametrize("key", ["pfsense", "opnsense"])
@pytest.mark.parametrize("kind", ["protected", "destination", "bgp"])
def test_firewalls_on_freebsd_block_what_would_leave_in_clear(key, kind):
    network = "10.10.0.0/24" if kind == "protected" else "YOUR-CLOUD-NETWORK"
    (rule,) = re.findall(r"Rules, Floating: Add.*?\n(.*?)\n\n", text_of(key, KINDS[kind]), re.DOTALL)
    assert "Action: Block\n" in rule
    assert rule.endswith(f"Destination: {network}")


@pytest.mark.parametrize("key", ["pfsense", "opnsense"])
@pytest.mark.parametrize("place", ["ike.encryption", "ipsec.encryption"])
@pytest.mark.parametrize("option", [EncryptionAlgorithm.DES, EncryptionAlgorithm.TRIPLE_DES])
def test_freebsd_has_no_short_blocks(key, place, option):
    assert refusals(key, put(make_document(), place, option)) == {f"no_{place}"}


def test_the_two_settings_of_segments_on_pfsense_mean_the_same():
    assert f"   Maximum MSS: {TUNNEL_MSS}\n" in text_of("pfsense", make_document())
    assert f"   MSS: {TUNNEL_MSS + 40}\n" in text_of("pfsense", WITH_BGP)


def test_opnsense_gets_the_tunnel_interface_that_its_file_names():
    text = text_of("opnsense", WITH_BGP)
    numbers = re.findall(r"(?:reqid = |Reqid: |Add ipsec)(\d+)", text)
    assert (len(numbers), len(set(numbers))) == (3, 1)
    assert "policies = no" in text
    assert "policies = no" not in text_of("opnsense", make_document())


@pytest.mark.parametrize("key", ["cisco-ios", "cisco-asa", "h3c", "pfsense", "opnsense", "routeros"])
def test_a_tunnel_that_waits_for_traffic_says_so(key):
    assert "first_packet" in notes(key, make_document(cloud_initiates=False))
    assert "first_packet" not in notes(key, make_document())
    if key not in POLICIES_ALONE:
        assert "first_packet" not in notes(key, make_document(cloud_initiates=False, bgp=BGP))


def test_vyos_starts_again_after_the_cloud_has_closed():
    assert "close-action start\n" in text_of("vyos", make_document())
    assert "in_clear" in notes("vyos", make_document())
    assert "in_clear" not in notes("vyos", WITH_BGP)


def protected(center: tuple[str, ...], cloud: tuple[str, ...], **changed):
    return make_document(
        routing_mode=RoutingMode.PROTECTED, local_networks=center, remote_networks=cloud, destinations=(), **changed
    )


TUNNELS = [dialect for dialect in DIALECTS.values() if not dialect.bgp_only and not dialect.is_verbatim]


@pytest.mark.parametrize("dialect", TUNNELS, ids=named)
@pytest.mark.parametrize(
    ("center", "cloud", "expected"),
    [
        (("192.168.0.0/16",), ("0.0.0.0/0",), {"anywhere"}),
        (("0.0.0.0/0",), ("10.0.0.0/8",), set()),
        (("10.1.0.0/16",), ("10.0.0.0/8",), {"overlap"}),
        (("0.0.0.0/1",), ("172.16.0.0/12",), set()),
        (("192.168.0.0/16",), ("10.0.0.0/8",), set()),
    ],
)
def test_one_side_may_be_everywhere_and_both_may_overlap(dialect, center, cloud, expected):
    document = suited(dialect, protected(center, cloud))
    assert notes(dialect.key, document) & {"anywhere", "overlap"} == expected
    for text in generate(dialect, document).files.values():
        routes = [line for line in text.splitlines() if "static" in line or "set dst " in line]
        assert not [line for line in routes if "0.0.0.0/0" in line or "0.0.0.0 0.0.0.0" in line]


@pytest.mark.parametrize("key", [key for key in DIALECTS if key not in {"json"} | POLICIES_ALONE])
def test_a_default_route_is_never_announced(key):
    document = protected(("0.0.0.0/0",), ("10.0.0.0/8",), bgp=BGP)
    announced = make_document(bgp=BGP, local_networks=(), destinations=("0.0.0.0/0",))
    for one in (document, announced):
        assert one.announced == ()
        assert generate(DIALECTS[key], suited(DIALECTS[key], one)).files


def test_a_default_route_is_never_learned():
    everything = protected(("192.168.0.0/16",), ("0.0.0.0/0",), bgp=BGP)
    assert list(frr.accepted(everything)) == list(frr.accepted(KINDS["bgp"]))
    assert "only_protected" not in notes("frr", everything)


@pytest.mark.parametrize("key", [key for key, one in DIALECTS.items() if one.group != Group.CLOUDS])
@pytest.mark.parametrize("psk", ["0x6b657973", "0Xkeys", "0s6b657973", "0bkeyskeys"])
def test_a_key_that_looks_like_a_number_in_another_base_reaches_the_device_or_is_refused(key, psk):
    """FortiOS and RouterOS read digits after 0x as hexadecimal. The Linux formats and VyOS write keys in base64."""
    refused = refusals(key, put(make_document(), "psk", psk))
    assert (
        "psk_hexadecimal" in refused
        if key in {"fortigate", "routeros"} and psk[:2].lower() == "0x"
        else not refused - {"no_bgp"}
    )
