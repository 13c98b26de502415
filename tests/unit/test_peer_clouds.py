"""What is printed for another cloud: Terraform that parses, the same in steps, and limits that are refused by name."""

import json
import os
import re
import shutil
import string
import subprocess

import hcl2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connections.domain import limits
from connections.domain.choices import AuthenticationAlgorithm, EncryptionAlgorithm, IkeVersion, PfsGroup
from connections.peer_config import DIALECTS, generate
from connections.peer_config.dialect import STEPS, Group, value_at
from tests.documents import CLOUD_BGP, CLOUD_KEY, HEALTH_CHECK, KINDS, make_document, put, suited
from tests.unit.test_golden import CLOUD_CONNECTIONS
from tests.unit.test_peer_dialects import OLD, hostile, named

CLOUDS = [dialect for dialect in DIALECTS.values() if dialect.group == Group.CLOUDS]
PLAIN = make_document(psk=CLOUD_KEY)
WITH_BGP = put(PLAIN, "bgp", CLOUD_BGP)
SEVERAL = put(KINDS["several networks"], "psk", CLOUD_KEY)


def takes(required: str, optional: str = "", **blocks):
    """The arguments of a resource type or a nested block, and its own nested blocks."""
    return set(required.split()), {*required.split(), *optional.split()}, blocks


# Written by hand from the documentation of the providers hashicorp/aws 6, hashicorp/azurerm 4 and hashicorp/google 7:
# of each resource's arguments those that matter for a tunnel.
PHASES = "encryption_algorithms integrity_algorithms dh_group_numbers lifetime_seconds"
IN_RESOURCE_GROUP = "name resource_group_name location"
RESOURCES = {
    "aws_customer_gateway": takes("type", "bgp_asn bgp_asn_extended ip_address device_name certificate_arn tags"),
    "aws_vpn_gateway": takes("", "vpc_id amazon_side_asn availability_zone tags"),
    "aws_vpn_gateway_route_propagation": takes("vpn_gateway_id route_table_id"),
    "aws_vpn_connection": takes(
        "customer_gateway_id type",
        "vpn_gateway_id transit_gateway_id static_routes_only local_ipv4_network_cidr remote_ipv4_network_cidr tags "
        "tunnel1_inside_cidr tunnel1_preshared_key tunnel1_ike_versions tunnel1_dpd_timeout_action "
        "tunnel1_dpd_timeout_seconds tunnel1_startup_action "
        + " ".join(f"tunnel1_phase{phase}_{name}" for phase in (1, 2) for name in PHASES.split()),
    ),
    "aws_vpn_connection_route": takes("destination_cidr_block vpn_connection_id"),
    "azurerm_public_ip": takes(f"{IN_RESOURCE_GROUP} allocation_method", "sku zones tags"),
    "azurerm_virtual_network_gateway": takes(
        f"{IN_RESOURCE_GROUP} type sku",
        "vpn_type enable_bgp active_active generation tags",
        ip_configuration=takes("subnet_id", "name public_ip_address_id private_ip_address_allocation"),
        bgp_settings=takes(
            "", "asn peer_weight", peering_addresses=takes("", "ip_configuration_name apipa_addresses")
        ),
    ),
    "azurerm_local_network_gateway": takes(
        IN_RESOURCE_GROUP,
        "gateway_address gateway_fqdn address_space tags",
        bgp_settings=takes("asn bgp_peering_address", "peer_weight"),
    ),
    "azurerm_virtual_network_gateway_connection": takes(
        f"{IN_RESOURCE_GROUP} type virtual_network_gateway_id",
        "local_network_gateway_id shared_key connection_protocol connection_mode enable_bgp dpd_timeout_seconds "
        "use_policy_based_traffic_selectors routing_weight tags",
        traffic_selector_policy=takes("local_address_cidrs remote_address_cidrs"),
        ipsec_policy=takes(
            "dh_group ike_encryption ike_integrity ipsec_encryption ipsec_integrity pfs_group",
            "sa_datasize sa_lifetime",
        ),
    ),
    "google_compute_address": takes("name", "region address_type"),
    "google_compute_vpn_gateway": takes("name network", "region description"),
    "google_compute_forwarding_rule": takes("name", "ip_protocol port_range ip_address target region"),
    "google_compute_vpn_tunnel": takes(
        "name",
        "shared_secret ike_version peer_ip target_vpn_gateway local_traffic_selector remote_traffic_selector router "
        "vpn_gateway vpn_gateway_interface peer_external_gateway peer_external_gateway_interface region",
        cipher_suite=takes(
            "", phase1=takes("", "encryption integrity prf dh"), phase2=takes("", "encryption integrity pfs")
        ),
    ),
    "google_compute_route": takes("name network dest_range", "next_hop_vpn_tunnel priority"),
    "google_compute_ha_vpn_gateway": takes("name network", "region stack_type"),
    "google_compute_external_vpn_gateway": takes("name", "redundancy_type", interface=takes("", "id ip_address")),
    "google_compute_router": takes("name network", "region", bgp=takes("asn")),
    "google_compute_router_interface": takes("name router", "ip_range vpn_tunnel region"),
    "google_compute_router_peer": takes(
        "name interface peer_asn router",
        "peer_ip_address ip_address advertised_route_priority region",
        md5_authentication_key=takes("name key"),
    ),
}  # fmt: skip
OF_TERRAFORM = {"for_each", "depends_on"}


def printed(key, document) -> tuple[str, str]:
    """The Terraform file and the steps."""
    configuration = generate(DIALECTS[key], document)
    assert not configuration.refused, configuration.notes
    configured, by_hand = configuration.files.values()
    return configured, by_hand


def refusals(key, document) -> set[str]:
    return {note.code for note in generate(DIALECTS[key], document).notes if note.refuses}


def notes(key, document) -> set[str]:
    configuration = generate(DIALECTS[key], document)
    assert not configuration.refused, configuration.notes
    return {note.code for note in configuration.notes}


def decoded(literal: str) -> str:
    """Decode a quoted HCL template without interpolations: JSON's escapes, and a doubled first character."""
    assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", literal)
    return json.loads(literal.replace("$${", "${").replace("%%{", "%{"))


def unquoted(read: list) -> dict:
    """Blocks of one kind by label."""
    return {label.strip('"'): inside for block in read for label, inside in block.items()}


def resources(read: dict) -> list[tuple[str, str, dict]]:
    return [
        (kind.strip('"'), label.strip('"'), values)
        for block in read["resource"]
        for kind, labels in block.items()
        for label, values in labels.items()
    ]


def check_arguments(where: str, values: dict, known) -> None:
    required, simple, blocks = known
    given_names = values.keys() - {"__is_block__"} - OF_TERRAFORM
    assert given_names <= simple | blocks.keys(), where
    assert given_names >= required, where
    for name in given_names & blocks.keys():
        for inner in values[name]:
            check_arguments(f"{where}.{name}", inner, blocks[name])


CASES = [
    pytest.param(dialect.key, document, id=f"{dialect.key}-{name}")
    for dialect in CLOUDS
    for name, document in CLOUD_CONNECTIONS.items()
    if not generate(dialect, document).refused
]


@pytest.mark.parametrize(("key", "document"), CASES)
def test_terraform_has_resources_and_arguments_of_the_provider_and_refers_to_what_is_there(key, document):
    configured, _ = printed(key, document)
    read = hcl2.loads(configured)
    there = {f"var.{name}" for name in unquoted(read["variable"])}
    for kind, label, values in resources(read):
        check_arguments(f"{kind}.{label}", values, RESOURCES[kind])
        there.add(f"{kind}.{label}")
    used = {
        found
        for found in re.findall(r"\b(?:var\.\w+|(?:aws|azurerm|google)_\w+\.\w+)", configured)
        if found.partition(".")[0] in {"var", *RESOURCES}
    }
    assert used <= there
    assert {name for name in there if name.startswith("var.")} <= used


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
@pytest.mark.parametrize("document", [PLAIN, WITH_BGP], ids=["protected", "bgp"])
@pytest.mark.parametrize("key", [dialect.key for dialect in CLOUDS])
def test_terraform_would_write_it_the_same_way(key, document):
    configured, _ = printed(key, document)
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(["terraform", "fmt", "-"], input=configured, env=environment, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == (configured, 0), done.stderr


ALPHABETS = {
    "aws": string.ascii_letters + string.digits + "._",
    "azure": "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"-~'),
    "google-cloud": "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) != '"'),
}


DEFAULT = re.compile(r'^  default     = (".*")$')


@pytest.mark.parametrize("key", ALPHABETS)
@given(data=st.data(), name=hostile)
@settings(max_examples=25)
def test_keys_and_names_stay_in_their_places(key, data, name):
    """A key is one string of Terraform's, which means that key, and one line of the steps. Nothing else changes."""
    psk = "x" + data.draw(st.text(st.sampled_from(ALPHABETS[key]), min_size=8, max_size=60))
    keys, harmless = [psk], WITH_BGP
    if key == "google-cloud":
        keys.append(data.draw(st.text(st.sampled_from(ALPHABETS[key].replace("?", "") + '"'), min_size=1, max_size=64)))
        harmless = put(WITH_BGP, "bgp.key", "key")
    check_keys(key, harmless, name, *keys)


@pytest.mark.parametrize("psk", ["${x}", "$${x}%{if}", "\\$${x}%%{", "'`<%;#", "\\u0041\\n"])
def test_templates_and_escapes_of_terraform_are_signs_of_a_key(psk):
    harmless = put(WITH_BGP, "bgp.key", "key")
    check_keys("google-cloud", harmless, '${x} %{ if } \\ \n }"', psk, psk + '"')


def check_keys(key, harmless, name, psk, bgp_key=""):
    document = put(put(put(harmless, "psk", psk), "name", name), "bgp.key", bgp_key)
    pairs = [(text.split("\n"), plain.split("\n")) for text, plain in zip(
        printed(key, document), printed(key, harmless), strict=True)]  # fmt: skip
    for lines, plain in pairs:
        assert len(lines) == len(plain)
    configured, by_hand = ([pair for pair in zip(*each, strict=True) if pair[0] != pair[1]] for each in pairs)
    literals = [DEFAULT.fullmatch(line)[1] for line, _ in configured if not line.startswith("# vco-")]
    assert [decoded(literal) for literal in literals] == [one for one in (psk, bgp_key) if one]
    written = [line.partition(": ")[2] for line, _ in by_hand if not line.startswith("vco-")]
    assert written == [one for one in (psk, bgp_key) if one]


@pytest.mark.parametrize(("key", "document"), CASES)
def test_steps_have_what_terraform_has(key, document):
    """Each option, address, AS number and network, and the key."""
    dialect = DIALECTS[key]
    values = [document.psk, document.remote_ip, document.local_ip, document.connection_id]
    values += [*document.local_networks, *document.remote_networks] if not document.is_route_based else []
    if document.bgp is not None:
        values += [str(document.bgp.local_asn), str(document.bgp.peer_asn)]
    written = {path: words[value_at(document, path)] for path, words in dialect.words(document.ike.version).items()}
    words = [word.strip("[]") for path, word in written.items() if path != "ike.version"]
    configured, by_hand = printed(key, document)
    for value in [*values, *words]:
        assert value in by_hand
        # Google Cloud has no choice of algorithms with IKEv1.
        fixed = key == "google-cloud" and document.ike.version == IkeVersion.IKEV1 and value in words
        assert value in configured or fixed


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=named)
def test_steps_begin_with_the_notes_too(dialect):
    configuration = generate(dialect, suited(dialect, PLAIN))
    steps = "".join(text for name, text in configuration.files.items() if name.endswith(STEPS))
    if not steps:
        assert dialect.group != Group.CLOUDS
        return
    words = " ".join(steps.split("\n\n")[0].split())
    for note in configuration.notes:
        assert f"- {str.__str__(note.text)}" in words


@pytest.mark.parametrize("dialect", CLOUDS, ids=named)
def test_the_direction_is_said_for_both_sides(dialect):
    _, by_hand = printed(dialect.key, WITH_BGP)
    assert "Alibaba Cloud: gateway 198.18.0.10, AS 4200000001, BGP address 169.254.21.2." in by_hand
    assert f"{dialect.title}: gateway 203.0.113.20 so far, AS 65010, BGP address 169.254.21.1." in by_hand


def test_at_aws_local_is_the_side_of_alibaba_cloud():
    configured, by_hand = printed("aws", PLAIN)
    values = dict(re.findall(r"^  (\w+_ipv4_network_cidr) += (\S+)$", configured, re.MULTILINE))
    assert values == {
        "local_ipv4_network_cidr": '"10.10.0.0/24"',
        "remote_ipv4_network_cidr": '"192.168.50.0/24"',
    }
    assert "   Local IPv4 network CIDR: 10.10.0.0/24\n" in by_hand


@pytest.mark.parametrize("dialect", CLOUDS, ids=named)
@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"local_id": "203.0.113.99"}, {"address_RemoteId"}),
        ({"remote_id": "gw.example.com"}, {"address_LocalId"}),
        ({"remote_ip": "10.1.2.3", "remote_id": "10.1.2.3"}, {"private"}),
        ({"ike__encryption": EncryptionAlgorithm.DES}, {"no_ike.encryption"}),
    ],
)
def test_no_cloud_takes_it(dialect, changed, codes):
    assert refusals(dialect.key, make_document(psk=CLOUD_KEY, **changed)) == codes


@pytest.mark.parametrize(
    ("key", "document", "codes"),
    [
        ("aws", put(PLAIN, "psk", "seven77"), {"psk_length"}),
        ("aws", put(PLAIN, "psk", "x" * 65), {"psk_length"}),
        ("aws", put(PLAIN, "psk", "0eightmore"), {"psk_zero"}),
        ("aws", put(PLAIN, "psk", "with-dash"), {"psk_signs"}),
        ("aws", put(PLAIN, "ipsec.pfs", PfsGroup.DISABLED), {"no_ipsec.pfs"}),
        ("aws", put(PLAIN, "ike.encryption", EncryptionAlgorithm.AES192), {"no_ike.encryption"}),
        ("aws", SEVERAL, {"networks"}),
        ("aws", put(WITH_BGP, "bgp.key", "secret"), {"bgp_key_unknown"}),
        ("aws", put(WITH_BGP, "bgp.local_asn", 65535), {"asn_local"}),
        ("aws", put(put(WITH_BGP, "bgp.local_ip", "169.254.21.2"), "bgp.peer_ip", "169.254.21.1"), {"bgp_address"}),
        ("azure", put(PLAIN, "psk", "with-dash"), {"psk_signs"}),
        ("azure", put(PLAIN, "psk", "with~tilde"), {"psk_signs"}),
        ("azure", put(PLAIN, "ike.encryption", EncryptionAlgorithm.TRIPLE_DES), {"no_ike.encryption"}),
        ("azure", put(PLAIN, "ipsec.authentication", AuthenticationAlgorithm.SHA384), {"no_ipsec.authentication"}),
        ("azure", put(PLAIN, "ike", suited(DIALECTS["azure"], OLD).ike), {"networks"}),
        ("azure", put(WITH_BGP, "bgp.key", "secret"), {"bgp_key_unknown"}),
        ("azure", put(WITH_BGP, "bgp.local_ip", "169.254.20.254"), {"bgp_address"}),
        ("azure", put(WITH_BGP, "bgp.peer_ip", "169.254.23.1"), {"bgp_address"}),
        ("azure", put(WITH_BGP, "bgp.local_asn", 65517), {"asn_local"}),
        ("azure", put(WITH_BGP, "bgp.peer_asn", 65515), {"asn_peer"}),
        ("azure", put(WITH_BGP, "bgp.peer_asn", 65010), {"same_asn"}),
        ("google-cloud", put(PLAIN, "ipsec.pfs", PfsGroup.DISABLED), {"no_ipsec.pfs"}),
        ("google-cloud", put(PLAIN, "ipsec.authentication", AuthenticationAlgorithm.MD5), {"no_ipsec.authentication"}),
        ("google-cloud", put(WITH_BGP, "bgp.local_asn", 45104), {"asn_local"}),
        ("google-cloud", put(SEVERAL, "ike", suited(DIALECTS["google-cloud"], OLD).ike), {
            "networks", "no_ipsec.encryption", "no_ipsec.authentication", "no_ipsec.pfs",
        }),
    ],
)  # fmt: skip
def test_what_one_cloud_lacks_is_refused_by_name(key, document, codes):
    assert refusals(key, document) == codes


@pytest.mark.parametrize(
    ("key", "document", "code"),
    [
        ("azure", put(WITH_BGP, "bgp.local_asn", 65515), "announces"),
        ("azure", WITH_BGP, "asn_portal"),
        ("azure", SEVERAL, "pairs"),
        ("azure", put(PLAIN, "dpd", False), "dpd"),
        ("google-cloud", put(PLAIN, "dpd", False), "dpd"),
        ("google-cloud", put(WITH_BGP, "bgp.key", "sec'ret"), "announces"),
        ("google-cloud", SEVERAL, "classic"),
        ("aws", put(PLAIN, "nat_traversal", False), "nat_traversal"),
        ("aws", suited(DIALECTS["aws"], OLD), "waits"),
    ],
)
def test_what_a_cloud_does_otherwise_is_noted(key, document, code):
    assert code in notes(key, document)


@pytest.mark.parametrize(
    ("key", "wanted", "written"),
    [
        ("aws", (86400, 86400), (28800, 3600)),
        ("aws", (0, 0), (28800, 3600)),
        ("aws", (1, 1), (901, 900)),
        ("aws", (3600, 3600), (3601, 3600)),
        ("aws", (7200, 1800), (7200, 1800)),
    ],
)
def test_aws_gets_the_nearest_lifetime_that_it_takes(key, wanted, written):
    document = put(put(PLAIN, "ike.lifetime", wanted[0]), "ipsec.lifetime", wanted[1])
    configured, _ = printed(key, document)
    found = re.findall(r"tunnel1_phase[12]_lifetime_seconds +=(.*)", configured)
    assert tuple(map(int, found)) == written
    told = {
        f"lifetime_{phase}" for phase, (one, other) in enumerate(zip(wanted, written, strict=True), 1) if one != other
    }
    assert {code for code in notes(key, document) if code.startswith("lifetime")} == told


@pytest.mark.parametrize(("wanted", "written"), [(0, 86400), (1, 300), (limits.LIFETIME_MAX, 86400), (7200, 7200)])
def test_azure_gets_the_nearest_lifetime_of_phase_2(wanted, written):
    configured, _ = printed("azure", put(PLAIN, "ipsec.lifetime", wanted))
    assert re.findall(r"sa_lifetime +=(.*)", configured) == [f" {written}"]


@pytest.mark.parametrize("dialect", CLOUDS, ids=named)
def test_a_health_check_from_elsewhere_gets_a_route(dialect):
    outside = put(put(PLAIN, "health_check", HEALTH_CHECK), "health_check.source", "10.99.0.9")
    for text in printed(dialect.key, outside):
        assert "10.99.0.9/32" in text
    inside = put(PLAIN, "health_check", HEALTH_CHECK)
    assert '["10.10.0.0/24"]' in printed(dialect.key, inside)[0]
