"""The columns of the list of connections: what can be shown, what is shown at first, and what an export contains.

A column's value is plain: text, numbers, truth, lists of texts. Secrets are in none of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.domain.choices import RoutingMode
from connections.models import Attachment, ColumnChoice, Connection, Tunnel, User

LIST = "connection-list"


@dataclass(frozen=True)
class Column:
    """`is_code`: addresses, IDs, numbers of protocols, which are set in a face of their own.

    `is_copied`: a button beside it copies it; those of the usual columns stand in the row's template.
    """

    key: str
    label: str | Promise
    value: Callable[[Connection], object]
    is_usual: bool = False
    is_code: bool = False
    is_copied: bool = False
    sort: str = ""

    def text(self, connection: Connection) -> str:
        value = self.value(connection)
        if isinstance(value, (list, tuple)):
            return ", ".join(map(str, value))
        if isinstance(value, bool):
            return str(_("On") if value else _("Off"))
        return "" if value is None else str(value)


def _label(model, name: str):
    return model._meta.get_field(name).verbose_name


def _attached(read: Callable[[Attachment], object]) -> Callable[[Connection], object]:
    return lambda connection: read(connection.living_attachment) if connection.living_attachment else None


def _suite(*names: str) -> Callable[[Connection], str]:
    return lambda connection: " · ".join(str(getattr(connection.tunnel, name)) for name in names)


COLUMNS: tuple[Column, ...] = (
    Column("gateway_ip", _("Gateway IP"), lambda c: c.tunnel.internet_ip, is_usual=True, is_code=True),
    Column(
        "resource",
        _("Associated Resource"),
        _attached(lambda attachment: attachment.cen.resource_id),
        is_usual=True,
        is_code=True,
    ),
    Column(
        "customer_gateway",
        _("Customer Gateway"),
        lambda c: c.tunnel.customer_gateway.resource_id,
        is_usual=True,
        is_code=True,
    ),
    Column("routing_mode", _("Routing Mode"), lambda c: RoutingMode(c.routing_mode).label, is_usual=True),
    Column("state", _("State"), lambda c: c.state.label, is_usual=True),
    Column("status", _("Connection Status"), lambda c: c.tunnel.status.label, is_usual=True),
    Column(
        "health",
        _("Health Check"),
        lambda c: str(_("No result yet") if c.health_check else _("Not enabled")),
        is_usual=True,
    ),
    Column(
        "tags",
        _("Tags"),
        lambda c: [f"{tag.key}={tag.value}" if tag.value else tag.key for tag in c.all_tags],
        is_usual=True,
    ),
    Column("created", _("Created At"), lambda c: c.created_at.isoformat(), is_usual=True, sort="created"),
    Column("network_type", _label(Connection, "network_type"), lambda c: c.get_network_type_display()),
    Column(
        "transit_router",
        _("Transit Router"),
        _attached(lambda attachment: attachment.transit_router.resource_id),
        is_code=True,
        is_copied=True,
    ),
    Column("zone", _label(Attachment, "zone"), _attached(lambda attachment: attachment.zone)),
    Column(
        "peer_ip",
        _("Customer Gateway IP"),
        lambda c: c.tunnel.customer_gateway.ip_address,
        is_code=True,
        is_copied=True,
    ),
    Column("peer_asn", _("Peer ASN"), lambda c: c.tunnel.customer_gateway.asn, is_code=True, is_copied=True),
    Column("bgp", _("BGP"), lambda c: c.enable_bgp),
    Column(
        "local_asn",
        _label(Connection, "local_asn"),
        lambda c: c.local_asn if c.enable_bgp else None,
        is_code=True,
        is_copied=True,
    ),
    Column("tunnel_cidr", _label(Tunnel, "tunnel_cidr"), lambda c: c.tunnel.tunnel_cidr, is_code=True, is_copied=True),
    Column("local_subnet", _label(Connection, "local_subnet"), lambda c: list(c.local_subnet), is_code=True),
    Column("remote_subnet", _label(Connection, "remote_subnet"), lambda c: list(c.remote_subnet), is_code=True),
    Column("ike", _("IKE"), _suite("ike_version", "ike_enc_alg", "ike_auth_alg", "ike_pfs"), is_code=True),
    Column("ipsec", _("IPsec"), _suite("ipsec_enc_alg", "ipsec_auth_alg", "ipsec_pfs"), is_code=True),
)
BY_KEY = {column.key: column for column in COLUMNS}
USUAL = tuple(column.key for column in COLUMNS if column.is_usual)


def of(keys: Iterable[str]) -> list[Column]:
    """Columns by their keys; keys that are none are passed over."""
    return [BY_KEY[key] for key in dict.fromkeys(keys) if key in BY_KEY]


def chosen(user: User) -> list[Column]:
    """What a user wants to see, or the usual columns."""
    choice = ColumnChoice.objects.filter(user=user, page=LIST).first()
    return wanted(choice.keys if choice else ())


def wanted(keys: Iterable[str]) -> list[Column]:
    """Columns by the keys that somebody has chosen, or the usual ones."""
    return of(keys) or of(USUAL)
