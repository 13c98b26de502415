"""Which fields stand together, in which order: the create form, the details page and the API read this.

Order and titles follow the product page; a title is the accessible name of its section. `layout` gives the sections for
one tunnel or two: a field is known by its name and, where it is a tunnel's, by the tunnel.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from connections.domain.applicability import APPLIES_WHEN
from connections.messages import Message
from connections.messages import message as _


@dataclass(frozen=True, slots=True)
class Section:
    """A titled run of fields; `key` is its anchor on a page."""

    key: str
    title: Message
    fields: tuple[str, ...]
    # What is left of the title where space is short.
    brief: Message | None = None
    # The fields that sum the section up in one line while it is folded; a section without them does not fold.
    summary: tuple[str, ...] = ()
    # Whose fields these are, where they are a tunnel's. Tunnels are counted from 1.
    tunnel: int = 1

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
    ("ike_version", "ike_mode", "ike_enc_alg", "ike_auth_alg", "ike_pfs", "ike_lifetime"),
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
    ("ipsec_enc_alg", "ipsec_auth_alg", "ipsec_pfs", "ipsec_lifetime", "enable_dpd", "enable_nat_traversal"),
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

# What is left of the basic configurations for each of two tunnels.
TUNNEL_TITLES = {1: _("Tunnel 1 (Primary)"), 2: _("Tunnel 2 (Backup)")}


def layout(tunnels: int = 1) -> tuple[Section, ...]:
    """The sections of a connection with one tunnel or two. With two, a tunnel's fields stand in sections of their own.

    The sections of a tunnel have keys that begin with its prefix (`tunnel2-ike`), and titles that name it.
    """
    return SECTIONS if tunnels == 1 else _layout(tunnels)


@cache
def _layout(tunnels: int) -> tuple[Section, ...]:
    shared = [replace(section, fields=_without(section.fields, TUNNEL_FIELDS)) for section in SECTIONS]
    first, *others = [section for section in shared if section.fields]
    return first, *(part for number in range(1, tunnels + 1) for part in _of_tunnel(number)), *others


def _of_tunnel(number: int) -> Iterable[Section]:
    title = TUNNEL_TITLES[number]
    for section in SECTIONS:
        fields = tuple(field for field in section.fields if field in TUNNEL_FIELDS)
        if section is BASIC:
            yield Section(tunnel_prefix(number), title, fields, tunnel=number)
        elif fields:
            named = _("{tunnel}: {section}", tunnel=title, section=section.short)
            yield replace(
                section, key=f"{tunnel_prefix(number)}-{section.key}", title=named, brief=named, tunnel=number
            )


def _without(fields: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    return tuple(field for field in fields if field not in others)


def tunnel_prefix(number: int) -> str:
    """What tells a tunnel's fields, anchors and test ids from those of another."""
    return f"tunnel{number}"


def scope(field: str, tunnel: int = 1) -> int:
    """The tunnel that a field belongs to; 0 for a field of the connection, its attachment or its tags."""
    return tunnel if field in TUNNEL_FIELDS else 0


# Labels of fields that no row stores under their name.
LABELS = {
    "resource_group": _("Resource Group"),
    "associate_resource": _("Associate Resource"),
    "cen": _("CEN Instance ID"),
    "tags": _("Tags"),
}
