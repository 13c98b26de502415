"""What a modification changes and what that brings about, to be read before it is confirmed and recorded after."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Model

from connections.domain import sections
from connections.domain.applicability import Applicability
from connections.messages import Message
from connections.messages import message as _
from connections.models import Connection, Tunnel

SECRETS = ("psk",)
# Changing one of these has the tunnel negotiated again.
RENEGOTIATES = frozenset(
    {"customer_gateway", "psk", "routing_mode", "local_subnet", "remote_subnet", *sections.IKE.fields,
     *sections.IPSEC.fields}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after, as values of the model. Tunnels are counted from 1."""

    field: str
    before: object
    after: object
    tunnel: int = 1
    # Not typed by anybody: the field no longer means anything beside the others.
    cleared: bool = False

    @property
    def key(self) -> str:
        """The name under which an event records the change. Fields of the second tunnel carry its prefix."""
        return self.field if self.tunnel == 1 else f"{sections.tunnel_prefix(self.tunnel)}.{self.field}"

    @property
    def fact(self) -> object:
        """What the event says of it. A secret is told as changed, not as what."""
        return "changed" if self.field in SECRETS else [_plain(self.before), _plain(self.after)]


def field_of(key: str) -> tuple[str, int]:
    """The field and the tunnel (counted from 1) that an event's fact names."""
    prefix, dot, field = key.partition(".")
    tunnel = next((one for one in (1, 2) if dot and prefix == sections.tunnel_prefix(one)), 0)
    return (field, tunnel) if tunnel else (key, 1)


def _plain(value: object) -> object:
    return value if isinstance(value, (str, int, bool, list, type(None))) else str(getattr(value, "resource_id", value))


def value_of(row: Model, name: str) -> object:
    """A field's value; of a choice that has not been made, None."""
    return None if getattr(row, f"{name}_id", "") is None else getattr(row, name)


def default_of(row: Model, name: str) -> object:
    """Return the default of a field."""
    fields = {field.name: field for field in row._meta.concrete_fields}
    return fields[name].get_default()


def of_row(
    stored: Model, wanted: Model, fields: tuple[str, ...], applicability: Applicability, tunnel: int = 1
) -> Iterator[Change]:
    """The fields in which a row as wanted differs from the one that is stored; a blank key keeps the old one."""
    for name in fields:
        before, after = value_of(stored, name), value_of(wanted, name)
        cleared = not applicability.applies(name)
        if cleared:
            after = default_of(stored, name)
        if name in SECRETS and not after:
            continue
        if before != after:
            yield Change(name, before, after, tunnel, cleared)


def of_connection(
    stored: Connection, wanted: Connection, tunnels: Iterable[Tunnel], applicability: Applicability
) -> list[Change]:
    """Everything in which a connection as wanted, with its tunnels, differs from the stored one."""
    fields = (*sections.CONNECTION_FIELDS, *sections.API_FIELDS)
    changes = list(of_row(stored, wanted, fields, applicability))
    for before, after in zip(stored.tunnels.all(), tunnels, strict=True):
        changes += of_row(before, after, sections.TUNNEL_FIELDS, applicability, before.index)
    return changes


def renegotiated(changes: Iterable[Change], tunnel: int) -> bool:
    """Whether the changes have a tunnel (counted from 1) negotiated again."""
    scopes = {sections.scope(change.field, change.tunnel) for change in changes if change.field in RENEGOTIATES}
    return bool(scopes & {0, tunnel})


def effects(stored: Connection, wanted: Connection, changes: list[Change]) -> Iterator[Message]:
    """What happens when the changes are saved."""
    fields = {change.field for change in changes}
    if fields & RENEGOTIATES:
        if wanted.effect_immediately:
            yield _("The tunnel is negotiated again at once; traffic through it is interrupted meanwhile.")
        else:
            yield _("The tunnel is negotiated again with the next traffic, which is interrupted meanwhile.")
    gone, come = (row.automatic_destinations(Applicability.of(row)) for row in (stored, wanted))
    if withdrawn := [cidr for cidr in gone if cidr not in come]:
        yield _("Automatic routes are withdrawn: {routes}.", routes=", ".join(withdrawn))
    if added := [cidr for cidr in come if cidr not in gone]:
        yield _("Automatic routes are added: {routes}.", routes=", ".join(added))
    if stored.enable_bgp and not wanted.enable_bgp:
        yield _("The BGP session ends and the routes that it carried are withdrawn.")
    elif wanted.enable_bgp and fields & {"local_asn", "enable_bgp", *sections.BGP.fields}:
        yield _("The BGP session is set up with the new values; the device needs them too.")
    if fields & set(sections.HEALTH_CHECK.fields):
        yield _("The health check starts over.") if wanted.health_check else _("The health check stops.")
