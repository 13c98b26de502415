"""Which fields stand together, in which order: the create form, the details page and the API read this.

Order and titles follow the product page; a title is the accessible name of its section.
"""

from dataclasses import dataclass
from functools import cache
from itertools import groupby

from connections.messages import Message
from connections.messages import message as _
from connections.rules import APPLIES_WHEN


@dataclass(frozen=True, slots=True)
class Section:
    """A titled run of fields; `key` is its anchor on a page."""

    key: str
    title: Message
    fields: tuple[str, ...]
    # What is left of the title where space is short.
    brief: Message | str = ""

    @property
    def short(self) -> Message:
        return self.brief or self.title

    @property
    def decider(self) -> tuple[str, object] | None:
        """What the whole section depends on, if all of its fields depend on the same."""
        pairs = {APPLIES_WHEN.get(field) for field in self.fields}
        return pairs.pop() if len(pairs) == 1 else None

    def groups(self) -> tuple[tuple[tuple[str, object] | None, tuple[str, ...]], ...]:
        """Runs of neighbouring fields that depend on the same pair; None: always there."""
        return _groups(self.fields)


@cache
def _groups(fields: tuple[str, ...]) -> tuple[tuple[tuple[str, object] | None, tuple[str, ...]], ...]:
    return tuple((pair, tuple(run)) for pair, run in groupby(fields, APPLIES_WHEN.get))


BASIC = Section(
    "basic",
    _("Basic configurations"),
    (
        "name",
        "resource_group",
        "associate_resource",
        "network_type",
        "cen",
        "transit_router",
        "zone",
        "routing_mode",
        "local_subnet",
        "remote_subnet",
        "effect_immediately",
        "customer_gateway",
        "psk",
        "enable_bgp",
        "local_asn",
    ),
)
IKE = Section(
    "ike",
    _("Encryption Configuration: IKE Configurations"),
    (
        "ike_version",
        "ike_mode",
        "ike_enc_alg",
        "ike_auth_alg",
        "ike_pfs",
        "ike_lifetime",
        "local_id",
        "remote_id",
    ),
    _("IKE Configurations"),
)
IPSEC = Section(
    "ipsec",
    _("Encryption Configuration: IPsec Configurations"),
    (
        "ipsec_enc_alg",
        "ipsec_auth_alg",
        "ipsec_pfs",
        "ipsec_lifetime",
        "enable_dpd",
        "enable_nat_traversal",
    ),
    _("IPsec Configurations"),
)
BGP = Section("bgp", _("BGP Configuration"), ("tunnel_cidr", "local_bgp_ip"))
HEALTH_CHECK = Section(
    "health-check",
    _("Health check"),
    (
        "health_check",
        "health_check_dip",
        "health_check_sip",
        "health_check_interval",
        "health_check_retry",
        "health_check_policy",
    ),
)
ADVANCED = Section(
    "advanced",
    _("Advanced configurations"),
    ("auto_publish_route_enabled", "associate_default_route_table", "propagate_to_default_route_table"),
)
TAGS = Section("tags", _("Tags"), ("tags",))

SECTIONS = (BASIC, IKE, IPSEC, BGP, HEALTH_CHECK, ADVANCED, TAGS)

# Whose row a field is. Everything else of SECTIONS is asked by the form alone.
CONNECTION_FIELDS = (
    "name",
    "network_type",
    "routing_mode",
    "local_subnet",
    "remote_subnet",
    "effect_immediately",
    "enable_bgp",
    "local_asn",
    *HEALTH_CHECK.fields,
)
# What the product lets the API alone change of a connection.
API_FIELDS = ("auto_config_route",)
TUNNEL_FIELDS = ("customer_gateway", "psk", *IKE.fields, *IPSEC.fields, *BGP.fields)
ATTACHMENT_FIELDS = ("transit_router", "zone", *ADVANCED.fields)

# Labels of fields that no row stores under their name.
LABELS = {
    "resource_group": _("Resource Group"),
    "associate_resource": _("Associate Resource"),
    "cen": _("CEN Instance ID"),
    "tags": _("Tags"),
}
