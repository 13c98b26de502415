"""Which fields mean anything beside the values of others."""

from collections.abc import Mapping

from connections.domain.choices import AssociateResource, RoutingMode

# A field that is not named here always applies. Neighbours in a section that share a pair are one group.
APPLIES_WHEN: dict[str, tuple[str, object]] = {
    "cen": ("associate_resource", AssociateResource.CEN),
    "transit_router": ("associate_resource", AssociateResource.CEN),
    "zone": ("associate_resource", AssociateResource.CEN),
    "local_subnet": ("routing_mode", RoutingMode.PROTECTED),
    "remote_subnet": ("routing_mode", RoutingMode.PROTECTED),
    "local_asn": ("enable_bgp", True),
    "tunnel_cidr": ("enable_bgp", True),
    "local_bgp_ip": ("enable_bgp", True),
    "health_check_dip": ("health_check", True),
    "health_check_sip": ("health_check", True),
    "health_check_interval": ("health_check", True),
    "health_check_retry": ("health_check", True),
    "health_check_policy": ("health_check", True),
    "auto_publish_route_enabled": ("associate_resource", AssociateResource.CEN),
    "associate_default_route_table": ("associate_resource", AssociateResource.CEN),
    "propagate_to_default_route_table": ("associate_resource", AssociateResource.CEN),
}
DECIDERS = frozenset(decider for decider, _ in APPLIES_WHEN.values())


def applies(field: str, values: Mapping[str, object]) -> bool:
    """Whether a field means anything beside the deciders' values."""
    if field not in APPLIES_WHEN:
        return True
    decider, wanted = APPLIES_WHEN[field]
    return values.get(decider) == wanted
