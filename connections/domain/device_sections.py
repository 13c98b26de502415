"""Sections of a simulated device's settings, in the order of its form and page."""

from collections.abc import Mapping

from connections.domain.choices import IkeVersion
from connections.domain.sections import Section
from connections.messages import message as _

ADDRESSES = Section("addresses", _("Addresses"), ("address", "peer_address", "is_behind_nat", "starts"))
IKE = Section(
    "ike",
    _("IKE Configurations"),
    (
        "ike_version",
        "ike_mode",
        "ike_enc_alg",
        "ike_auth_alg",
        "ike_pfs",
        "ike_lifetime",
        "psk",
        "local_id",
        "local_id_kind",
        "remote_id",
        "remote_id_kind",
    ),
)
IPSEC = Section(
    "ipsec",
    _("IPsec Configurations"),
    (
        "local_subnet",
        "remote_subnet",
        "ipsec_enc_alg",
        "ipsec_auth_alg",
        "ipsec_pfs",
        "ipsec_lifetime",
        "ipsec_kilobytes",
        "enable_dpd",
        "enable_nat_traversal",
        "uses_ah",
        "uses_transport_mode",
    ),
)
BGP = Section(
    "bgp",
    _("BGP Configuration"),
    (
        "enable_bgp",
        "local_asn",
        "local_bgp_ip",
        "peer_asn",
        "peer_bgp_ip",
        "auth_key",
        "hold_time",
        "router_id",
        "bgp_source_ip",
        "bgp_port_open",
        "bgp_exports",
        "announced",
    ),
)
LINE = Section(
    "line",
    _("Line and firewall"),
    ("udp_500_open", "udp_4500_open", "esp_open", "loss", "mtu", "clamps_mss", "has_source_nat"),
)
ICMP = Section(
    "icmp",
    _("For the health check"),
    ("probe_host_answers", "probe_allowed", "probe_routed_back", "probe_same_path"),
)
HABITS = Section(
    "habits",
    _("Behavior"),
    ("rekeys", "narrows", "sa_per_pair", "is_policy_based", "commit_bit", "has_odd_hash", "has_odd_dpd"),
)
SECTIONS = (ADDRESSES, IKE, IPSEC, BGP, LINE, ICMP, HABITS)
FIELDS = tuple(name for section in SECTIONS for name in section.fields)

# Field: (deciding field, its value, or one of its values). A field without an entry always applies.
APPLIES_WHEN: dict[str, tuple[str, object]] = {
    **dict.fromkeys(BGP.fields[1:], ("enable_bgp", True)),
    "ike_mode": ("ike_version", IkeVersion.IKEV1.value),
    "has_odd_dpd": ("ike_version", IkeVersion.IKEV1.value),
}
DECIDERS = frozenset(decider for decider, _value in APPLIES_WHEN.values())


def applies(name: str, values: Mapping[str, object]) -> bool:
    """Whether a setting has a meaning beside these values of the deciding fields."""
    if name not in APPLIES_WHEN:
        return True
    decider, expected = APPLIES_WHEN[name]
    value = values.get(decider)
    return expected in value if isinstance(value, (list, tuple)) else value == expected
