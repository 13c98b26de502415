"""Sections of fields, in order, for the create form, the details page and the API.

Order and titles follow the product page; a title is the accessible name of its section. `layout` returns the sections
for one tunnel or two: a field is identified by its name and, if it belongs to a tunnel, by the tunnel.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from connections.domain.applicability import APPLIES_WHEN, SINGLE_ONLY
from connections.messages import Message
from connections.messages import message as _


@dataclass(frozen=True, slots=True)
class Section:
    """A section with a title; `key` is its anchor on a page."""

    key: str
    title: Message
    fields: tuple[str, ...]
    # A shorter title.
    brief: Message | None = None
    # The fields that summarize the collapsed section in one line; without them the section does not collapse.
    summary: tuple[str, ...] = ()
    # The tunnel of the section's tunnel fields, counted from 1.
    tunnel: int = 1

    @property
    def short(self) -> Message:
        return self.brief or self.title

    @property
    def decider(self) -> tuple[str, object] | None:
        """Return the entry of `APPLIES_WHEN` that all fields of the section share, or None."""
        pairs = {APPLIES_WHEN.get(field) for field in self.fields}
        return pairs.pop() if len(pairs) == 1 else None

    def groups(self) -> tuple[tuple[tuple[str, object] | None, tuple[str, ...]], ...]:
        """Group neighboring fields with the same entry of `APPLIES_WHEN`; None: they always apply."""
        return _groups(self.fields)


Pair = tuple[str, object]


@cache
def _groups(fields: tuple[str, ...]) -> tuple[tuple[Pair | None, tuple[str, ...]], ...]:
    return tuple(grouped(fields, APPLIES_WHEN))


def grouped(fields: Iterable[str], needs: Mapping[str, Pair]) -> Iterator[tuple[Pair | None, tuple[str, ...]]]:
    """Group neighboring fields that need the same; None: they need nothing."""
    return ((pair, tuple(run)) for pair, run in groupby(fields, needs.get))


# Fields that hold keys, whichever row has them.
SECRETS = ("psk", "auth_key")

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

# The fields of each row. Other fields of SECTIONS exist only in the form.
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
# Fields of a connection that only the API changes.
API_FIELDS = ("auto_config_route",)
TUNNEL_FIELDS = ("customer_gateway", "psk", *IKE.fields, *IPSEC.fields, *BGP.fields)
ATTACHMENT_FIELDS = ("transit_router", "zone", *ADVANCED.fields)

# Titles of the basic configurations of each of two tunnels.
TUNNEL_TITLES = {1: _("Tunnel 1 (Primary)"), 2: _("Tunnel 2 (Backup)")}


def layout(tunnels: int = 1) -> tuple[Section, ...]:
    """Return the sections of a connection with one tunnel or two. With two, each tunnel has separate sections.

    There is then no zone to choose and no health check. Keys of a tunnel's sections begin with its prefix
    (`tunnel2-ike`), and their titles name the tunnel.
    """
    return SECTIONS if tunnels == 1 else _layout(tunnels)


@cache
def _layout(tunnels: int) -> tuple[Section, ...]:
    shared = [replace(section, fields=_without(section.fields, (*TUNNEL_FIELDS, *SINGLE_ONLY))) for section in SECTIONS]
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
    """Return the prefix of a tunnel's fields, anchors and test ids."""
    return f"tunnel{number}"


def field_of(key: str) -> tuple[str, int]:
    """Return the field and the tunnel (counted from 1) of a key in an event's facts."""
    prefix, dot, field = key.partition(".")
    tunnel = next((number for number in (1, 2) if dot and prefix == tunnel_prefix(number)), 0)
    return (field, tunnel) if tunnel else (key, 1)


def scope(field: str, tunnel: int = 1) -> int:
    """Return the tunnel of a field; 0 for a field of the connection, its attachment or its tags."""
    return tunnel if field in TUNNEL_FIELDS else 0


# Labels of fields that are no model fields.
LABELS = {
    "resource_group": _("Resource Group"),
    "associate_resource": _("Associate Resource"),
    "cen": _("CEN Instance ID"),
    "tags": _("Tags"),
}
