"""Columns of tables and files, and those of the list of connections, which each user chooses and orders.

A column's value is a string, a number, a boolean or a list of strings, and never a secret.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from connections.console.words import Words, on_or_off
from connections.domain.choices import RoutingMode
from connections.domain.roles import Right
from connections.models import Attachment, Connection, Tunnel, User
from connections.negotiation.shown import Shown
from connections.services.preferences import chosen_columns

LIST = "connection-list"


@dataclass(frozen=True)
class Column:
    """A column of a table on a page, of a file, or of both.

    The macro with the column's key, in the list's template or in `shared/cells.jinja`, draws its cells. Without one
    they show the value as text. `sort` names one of the table's sorts, `look` is the cells' CSS class; a phone leaves
    out what is `aside`, unless the user has chosen the columns.
    """

    key: str
    label: Words
    value: Callable[[Any], object] | None = None
    sort: str = ""
    look: str = ""
    # Whether the cells are row headers.
    is_head: bool = False
    # A button beside the text copies it.
    is_copied: bool = False
    # Only users with one of these rights see the column; if there are none, everybody does.
    needs: tuple[Right, ...] = ()
    # Shown until the user chooses columns.
    is_usual: bool = False
    # A code for programs, the same in every language: the cell's attribute `data-` and the key.
    code: Callable[[Any], str] | None = None

    def text(self, row) -> str:
        value = self.value(row) if self.value else None
        if isinstance(value, (list, tuple)):
            return ", ".join(map(str, value))
        if isinstance(value, bool):
            return on_or_off(value)
        return "" if value is None else str(value)


def _label(model, name: str):
    return model._meta.get_field(name).verbose_name


def _attached(read: Callable[[Attachment], object]) -> Callable[[Connection], object]:
    return lambda connection: read(connection.living_attachment) if connection.living_attachment else None


def _suite(*names: str) -> Callable[[Connection], object]:
    return _of_tunnels(lambda tunnel: " · ".join(str(getattr(tunnel, name)) for name in names))


def _shown(read: Callable[[Shown], object]) -> Callable[[Connection], object]:
    return lambda connection: _each(connection, lambda tunnel: read(tunnel.shown))


def _each(connection: Connection, read: Callable[[Tunnel], object]) -> object:
    """What is read of the tunnel; of two tunnels, a list if they differ."""
    values = list(dict.fromkeys(read(tunnel) for tunnel in connection.all_tunnels))
    return values[0] if len(values) == 1 else ["-" if value is None else value for value in values]


def _of_tunnels(read: Callable[[Tunnel], object]) -> Callable[[Connection], object]:
    return lambda connection: _each(connection, read)


def _last_problem(shown: Shown) -> str | None:
    return f"{shown.last_code} {shown.last_at.isoformat()}" if shown.last_at else None


# Routing modes in the few words that fit in a column.
ROUTING_MODES = {RoutingMode.DESTINATION: _("Destination"), RoutingMode.PROTECTED: _("Protected flows")}
COLUMNS: tuple[Column, ...] = (
    Column(
        "status",
        _("Connection Status"),
        _of_tunnels(lambda tunnel: tunnel.status.label),
        is_usual=True,
        sort="status",
        look="status",
        code=lambda c: c.status.value,
    ),
    Column("state", _("State"), lambda c: c.state.label, is_usual=True, sort="state", code=lambda c: c.state.value),
    Column(
        "customer_gateway",
        _("Customer Gateway"),
        _of_tunnels(lambda tunnel: tunnel.customer_gateway.resource_id),
        is_usual=True,
        sort="gateway",
    ),
    Column(
        "resource",
        _("Associated Resource"),
        _attached(lambda attachment: attachment.cen.resource_id),
        is_usual=True,
        look="aside",
    ),
    Column("gateway_ip", _("Gateway IP"), _of_tunnels(lambda tunnel: tunnel.internet_ip), look="mono"),
    Column("routing_mode", _("Routing Mode"), lambda c: ROUTING_MODES[c.routing_mode], is_usual=True, look="aside"),
    Column(
        "health",
        _("Health Check"),
        _shown(lambda shown: shown.health.label),
        is_usual=True,
        look="aside",
    ),
    Column(
        "tags",
        _("Tags"),
        lambda c: [str(tag) for tag in c.all_tags],
        is_usual=True,
        look="aside",
    ),
    Column("created", _("Created At"), lambda c: c.created_at.isoformat(), sort="created"),
    Column("network_type", _label(Connection, "network_type"), lambda c: c.get_network_type_display()),
    Column(
        "transit_router",
        _("Transit Router"),
        _attached(lambda attachment: attachment.transit_router.resource_id),
        look="mono",
        is_copied=True,
    ),
    Column("zone", _label(Attachment, "zone"), _attached(lambda attachment: attachment.zone)),
    Column(
        "peer_ip",
        _("Customer Gateway IP"),
        _of_tunnels(lambda tunnel: tunnel.customer_gateway.ip_address),
        look="mono",
        is_copied=True,
    ),
    Column(
        "peer_asn", _("Peer ASN"), _of_tunnels(lambda tunnel: tunnel.customer_gateway.asn), look="mono", is_copied=True
    ),
    Column("bgp", _("BGP"), _shown(lambda shown: shown.bgp.label)),
    Column("code", _("Error Code"), _shown(lambda shown: shown.code and shown.code.value), look="mono"),
    Column("last_problem", _("Last Problem"), _shown(_last_problem), look="mono"),
    Column(
        "local_asn",
        _label(Connection, "local_asn"),
        lambda c: c.local_asn if c.enable_bgp else None,
        look="mono",
        is_copied=True,
    ),
    Column(
        "tunnel_cidr",
        _label(Tunnel, "tunnel_cidr"),
        _of_tunnels(lambda tunnel: tunnel.tunnel_cidr),
        look="mono",
        is_copied=True,
    ),
    Column("local_subnet", _label(Connection, "local_subnet"), lambda c: list(c.local_subnet), look="mono"),
    Column("remote_subnet", _label(Connection, "remote_subnet"), lambda c: list(c.remote_subnet), look="mono"),
    Column("ike", _("IKE"), _suite("ike_version", "ike_enc_alg", "ike_auth_alg", "ike_pfs"), look="mono"),
    Column("ipsec", _("IPsec"), _suite("ipsec_enc_alg", "ipsec_auth_alg", "ipsec_pfs"), look="mono"),
)
BY_KEY = {column.key: column for column in COLUMNS}
USUAL = tuple(column.key for column in COLUMNS if column.is_usual)


def of(keys: Iterable[str]) -> list[Column]:
    """Columns by their keys. Unknown keys are ignored."""
    return [BY_KEY[key] for key in dict.fromkeys(keys) if key in BY_KEY]


def chosen(user: User) -> list[Column]:
    """The columns that a user has chosen, or the usual ones."""
    return wanted(chosen_columns(user, LIST))


def wanted(keys: Iterable[str]) -> list[Column]:
    """Columns by their keys, or the usual ones if there are none."""
    return of(keys) or of(USUAL)
