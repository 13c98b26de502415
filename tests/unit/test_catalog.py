"""Compare regions, zones, options and defaults with the published tables, copied here by hand."""

import re

import pytest

from connections import ids
from connections.domain import applicability, choices, parsing, sections
from connections.domain.regions import REGIONS, ZONES
from connections.models import Attachment, Connection, Tunnel

PUBLISHED = """
cn-hangzhou | China (Hangzhou) | bhijk
cn-shanghai | China (Shanghai) | befglmn
cn-nanjing | China (Nanjing - Local Region) | a
cn-fuzhou | China (Fuzhou - Local Region) | a
cn-shenzhen | China (Shenzhen) | acdef
cn-heyuan | China (Heyuan) | ab
cn-guangzhou | China (Guangzhou) | ab
cn-qingdao | China (Qingdao) | bc
cn-beijing | China (Beijing) | cfghijkl
cn-zhangjiakou | China (Zhangjiakou) | abc
cn-huhehaote | China (Hohhot) | ab
cn-wulanchabu | China (Ulanqab) | abc
cn-chengdu | China (Chengdu) | ab
cn-hongkong | China (Hong Kong) | bcd
ap-southeast-1 | Singapore | abc
ap-southeast-3 | Malaysia (Kuala Lumpur) | abc
ap-southeast-5 | Indonesia (Jakarta) | abc
ap-southeast-6 | Philippines (Manila) | ab
ap-southeast-7 | Thailand (Bangkok) | ab
ap-northeast-1 | Japan (Tokyo) | abce
ap-northeast-2 | South Korea (Seoul) | ab
eu-central-1 | Germany (Frankfurt) | abc
eu-west-1 | UK (London) | ab
us-east-1 | US (Virginia) | ab
us-west-1 | US (Silicon Valley) | ab
us-southeast-1 | US (Atlanta) | ab
na-south-1 | Mexico | a
me-east-1 | UAE (Dubai) | ab
me-central-1 | SAU (Riyadh - Partner Region) | ab
"""


def test_regions_and_their_zones_are_the_published_ones():
    rows = [line.split(" | ") for line in PUBLISHED.strip().splitlines()]
    assert [(region.id, region.name, region.letters) for region in REGIONS.values()] == [tuple(row) for row in rows]


def test_zone_ids_are_joined_as_the_region_joins_them():
    assert "cn-hangzhou-h" in ZONES
    assert "ap-southeast-1a" in ZONES
    assert "cn-hongkong-b" in ZONES


def test_every_region_has_a_hint_of_its_own():
    hints = [region.hint for region in REGIONS.values()]
    assert len(set(hints)) == len(hints)
    assert all(re.fullmatch("[0-9a-z]{3}", hint) for hint in hints)


@pytest.mark.parametrize(
    ("options", "values"),
    [
        (choices.NetworkType, "public private"),
        (choices.IkeVersion, "ikev1 ikev2"),
        (choices.IkeMode, "main aggressive"),
        (choices.EncryptionAlgorithm, "aes aes192 aes256 des 3des"),
        (choices.AuthenticationAlgorithm, "sha1 md5 sha256 sha384 sha512"),
        (choices.DhGroup, "group1 group2 group5 group14"),
        (choices.PfsGroup, "disabled group1 group2 group5 group14"),
        (choices.HealthCheckPolicy, "revoke_route reserve_route"),
        (choices.Payer, "PayByCenOwner PayByResourceOwner"),
    ],
)
def test_options_are_those_of_the_product(options, values):
    assert list(options.values) == values.split()


@pytest.mark.parametrize(
    ("model", "field", "label", "default"),
    [
        (Connection, "name", "Name", ""),
        (Connection, "network_type", "Gateway Type", "public"),
        (Connection, "routing_mode", "Routing Mode", "destination"),
        (Connection, "local_subnet", "Local Network", []),
        (Connection, "remote_subnet", "Remote Network", []),
        (Connection, "effect_immediately", "Effective Immediately", True),
        (Connection, "enable_bgp", "Enable BGP", False),
        (Connection, "local_asn", "Local ASN", 45104),
        (Connection, "health_check", "Health Check", False),
        (Connection, "health_check_dip", "Destination IP Address", ""),
        (Connection, "health_check_sip", "Source IP Address", ""),
        (Connection, "health_check_interval", "Retry Interval", 3),
        (Connection, "health_check_retry", "Number of Retries", 3),
        (Connection, "health_check_policy", "Switch Route", "revoke_route"),
        (Tunnel, "customer_gateway", "Customer Gateway", None),
        (Tunnel, "psk", "Pre-Shared Key", ""),
        (Tunnel, "ike_version", "Version", "ikev2"),
        (Tunnel, "ike_mode", "Negotiation Mode", "main"),
        (Tunnel, "ike_enc_alg", "Encryption Algorithm", "aes"),
        (Tunnel, "ike_auth_alg", "Authentication Algorithm", "sha1"),
        (Tunnel, "ike_pfs", "DH Group", "group2"),
        (Tunnel, "ike_lifetime", "SA Life Cycle (seconds)", 86400),
        (Tunnel, "local_id", "LocalId", ""),
        (Tunnel, "remote_id", "RemoteId", ""),
        (Tunnel, "ipsec_enc_alg", "Encryption Algorithm", "aes"),
        (Tunnel, "ipsec_auth_alg", "Authentication Algorithm", "sha1"),
        (Tunnel, "ipsec_pfs", "DH Group", "group2"),
        (Tunnel, "ipsec_lifetime", "SA Life Cycle (seconds)", 86400),
        (Tunnel, "enable_dpd", "DPD", True),
        (Tunnel, "enable_nat_traversal", "NAT Traversal", True),
        (Tunnel, "tunnel_cidr", "Tunnel CIDR Block", ""),
        (Tunnel, "local_bgp_ip", "Local BGP IP address", ""),
        (Attachment, "transit_router", "Transit Router", None),
        (Attachment, "zone", "Zone", ""),
        (Attachment, "auto_publish_route_enabled", "Automatic Advertising", True),
        (
            Attachment,
            "associate_default_route_table",
            "Automatically Associate with Default Route Table of Transit Router",
            True,
        ),
        (
            Attachment,
            "propagate_to_default_route_table",
            "Automatically Advertise System Routes to Default Route Table of Transit Router",
            True,
        ),
    ],
)
def test_labels_and_defaults_are_those_of_the_product_page(model, field, label, default):
    declared = model._meta.get_field(field)
    assert (str(declared.verbose_name), declared.get_default()) == (label, default)


def test_sections_stand_in_the_order_of_the_product_page():
    assert [section.title for section in sections.SECTIONS] == [
        "Basic configurations",
        "Encryption Configuration: IKE Configurations",
        "Encryption Configuration: IPsec Configurations",
        "BGP Configuration",
        "Health check",
        "Advanced configurations",
        "Tags",
    ]


def test_every_field_stands_in_one_section_and_belongs_to_one_row():
    placed = [field for section in sections.SECTIONS for field in section.fields]
    assert len(placed) == len(set(placed))
    owned = (*sections.CONNECTION_FIELDS, *sections.TUNNEL_FIELDS, *sections.ATTACHMENT_FIELDS, *sections.LABELS)
    assert sorted(owned) == sorted(placed)


def test_conditional_fields_exist_and_are_decided_from_outside_their_group():
    placed = {field for section in sections.SECTIONS for field in section.fields}
    assert set(applicability.APPLIES_WHEN) <= placed
    assert placed >= applicability.DECIDERS
    assert not applicability.DECIDERS & set(applicability.APPLIES_WHEN)


def test_groups_are_runs_of_neighbors_with_one_decider():
    groups = [fields for pair, fields in sections.BASIC.groups() if pair]
    assert groups == [("cen", "transit_router", "zone"), ("local_subnet", "remote_subnet"), ("local_asn",)]
    assert sections.BGP.decider == ("enable_bgp", True)
    assert sections.HEALTH_CHECK.decider is None


@pytest.mark.parametrize(
    ("prefix", "region", "shape"),
    [
        ("cgw", "cn-hangzhou", "cgw-bp1[0-9a-z]{18}"),
        ("vco", "eu-central-1", "vco-gw8[0-9a-z]{18}"),
        ("tun", "cn-shanghai", "tun-uf6[0-9a-z]{18}"),
        ("tr", "cn-beijing", "tr-2ze[0-9a-z]{18}"),
        ("vtb", "ap-southeast-7", "vtb-0jo[0-9a-z]{18}"),
        ("cen", "", "cen-[0-9a-z]{18}"),
        ("tr-attach", "", "tr-attach-[0-9a-z]{18}"),
        ("cidr", "", "cidr-[0-9a-z]{18}"),
    ],
)
def test_ids_look_like_the_real_ones(prefix, region, shape):
    assert re.fullmatch(shape, ids.resource_id(prefix, region))


def test_other_values_look_like_the_real_ones():
    assert re.fullmatch("rg-acfm[0-9a-z]{11}", ids.resource_group_id())
    assert re.fullmatch("1[0-9]{15}", ids.account_uid())
    assert re.fullmatch("[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}", ids.request_id())
    assert re.fullmatch("[0-9a-z]{16}", ids.pre_shared_key())
    assert parsing.parse_ip(ids.public_gateway_ip()) in ids.PUBLIC_GATEWAYS


def test_seeded_values_repeat_and_the_source_returns_afterwards():
    with ids.seeded(1):
        first = ids.request_id()
    with ids.seeded(1):
        assert ids.request_id() == first
    assert ids.request_id() != first
