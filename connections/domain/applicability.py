"""Which fields have a meaning, given the values of the fields that decide about them."""

from collections.abc import Mapping
from dataclasses import dataclass

from connections.domain.choices import AssociateResource, RoutingMode

# Field: (deciding field, its value). A field without an entry always applies. Neighbors in a section with the same
# entry form one group.
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
# Fields of connections with a single tunnel: with two, each tunnel has a zone, and nothing is probed. [P172, P173]
SINGLE_ONLY = frozenset(
    {"zone", "health_check", *(field for field in APPLIES_WHEN if field.startswith("health_check_"))}
)
# Fields that keep their value while they do not apply. [P81]
KEPT = frozenset(field for field, (decider, _) in APPLIES_WHEN.items() if decider == "health_check")
DECIDERS = frozenset(decider for decider, _ in APPLIES_WHEN.values())
# `associate_resource` follows from the attachment; the others are fields of the connection.
CONNECTION_DECIDERS = DECIDERS - {"associate_resource"}


@dataclass(frozen=True, slots=True)
class Applicability:
    """Which fields apply beside these values of the deciding fields. A missing value decides against a field."""

    values: Mapping[str, object]

    @classmethod
    def of(cls, connection: object, **more: object) -> "Applicability":
        """Read the deciding fields of a connection. `more`: those that the connection does not store."""
        return cls({name: getattr(connection, name) for name in (*CONNECTION_DECIDERS, "tunnel_count")} | more)

    @property
    def is_dual(self) -> bool:
        """Whether there are two tunnels."""
        return self.values.get("tunnel_count") == 2

    def applies(self, field: str) -> bool:
        """Whether the field has a meaning."""
        if self.is_dual and field in SINGLE_ONLY:
            return False
        if field not in APPLIES_WHEN:
            return True
        decider, value = APPLIES_WHEN[field]
        return self.values.get(decider) == value

    def keeps(self, field: str) -> bool:
        """Whether the field keeps its value; otherwise it is reset to its default."""
        return self.applies(field) or (field in KEPT and not self.is_dual)
