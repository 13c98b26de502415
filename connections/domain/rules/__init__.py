"""What the product allows: validation and advice, in plain Python, one file a subject.

A rule takes plain values and yields problems. It stays calm when it meets nonsense, because a model asks it even when
a field of its own has already failed. Rules end in `_problems` (nothing is saved) or `_warnings` (advice, shown in
place, never in the way). Numbers such as [P50] are facts in docs/product.md.
"""

from connections.domain.rules.addresses import address_problems, cidr_problems
from connections.domain.rules.advice import connection_warnings
from connections.domain.rules.authorizations import authorization_problems
from connections.domain.rules.bgp import (
    DISPUTED_TUNNEL_CIDR,
    FIRST_PROPOSED_TUNNEL_CIDR,
    RESERVED_TUNNEL_CIDRS,
    bgp_gateway_problems,
    bgp_problems,
    bgp_warnings,
    next_tunnel_cidr,
    tunnel_cidrs_to_offer,
    tunnel_hosts,
)
from connections.domain.rules.customer_gateways import (
    REFUSED_GATEWAY_RANGES,
    asn_problems,
    auth_key_problems,
    gateway_asn_problems,
    gateway_ip_problems,
    local_asn_problems,
)
from connections.domain.rules.devices import PREFERENCES, device_problems
from connections.domain.rules.health_check import health_check_problems, health_check_warnings
from connections.domain.rules.ike import (
    BROKEN,
    CHOICES_THAT_CAN_BE_WEAK,
    PSK_CHARACTERS,
    PSK_SPECIALS,
    WEAK,
    identity_problems,
    identity_warnings,
    lifetime_problems,
    psk_problems,
    strength_warnings,
)
from connections.domain.rules.names import line_problems, text_problems
from connections.domain.rules.networks import network_problems, network_warnings, several_networks_problems
from connections.domain.rules.placement import (
    gateway_exchange_problems,
    gateway_type_warnings,
    placement_problems,
    private_router_problems,
    zone_problems,
)
from connections.domain.rules.proposals import fix_of
from connections.domain.rules.routes import entry_problems, route_problems
from connections.domain.rules.tags import tag_problems
from connections.domain.rules.transit_routers import REFUSED_ROUTER_RANGES, association_problems, router_cidr_problems
from connections.domain.rules.tunnels import pair_problems, pair_warnings

__all__ = [
    "BROKEN",
    "CHOICES_THAT_CAN_BE_WEAK",
    "DISPUTED_TUNNEL_CIDR",
    "FIRST_PROPOSED_TUNNEL_CIDR",
    "PREFERENCES",
    "PSK_CHARACTERS",
    "PSK_SPECIALS",
    "REFUSED_GATEWAY_RANGES",
    "REFUSED_ROUTER_RANGES",
    "RESERVED_TUNNEL_CIDRS",
    "WEAK",
    "address_problems",
    "asn_problems",
    "association_problems",
    "auth_key_problems",
    "authorization_problems",
    "bgp_gateway_problems",
    "bgp_problems",
    "bgp_warnings",
    "cidr_problems",
    "connection_warnings",
    "device_problems",
    "entry_problems",
    "fix_of",
    "gateway_asn_problems",
    "gateway_exchange_problems",
    "gateway_ip_problems",
    "gateway_type_warnings",
    "health_check_problems",
    "health_check_warnings",
    "identity_problems",
    "identity_warnings",
    "lifetime_problems",
    "line_problems",
    "local_asn_problems",
    "network_problems",
    "network_warnings",
    "next_tunnel_cidr",
    "pair_problems",
    "pair_warnings",
    "placement_problems",
    "private_router_problems",
    "psk_problems",
    "route_problems",
    "router_cidr_problems",
    "several_networks_problems",
    "strength_warnings",
    "tag_problems",
    "text_problems",
    "tunnel_cidrs_to_offer",
    "tunnel_hosts",
    "zone_problems",
]
