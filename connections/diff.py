"""Changes between a stored connection and a modified one, and their effects."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Model

from connections.domain import sections
from connections.domain.applicability import Applicability
from connections.messages import Message
from connections.messages import message as _
from connections.models import Connection, Tunnel

# A change of one of these fields restarts the negotiation, as does one of the networks of phase 2.
RENEGOTIATES = frozenset(
    {"customer_gateway", "psk", "effect_immediately", *sections.IKE.fields, *sections.IPSEC.fields}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after, as values of the model. Tunnels are counted from 1."""

    field: str
    before: object
    after: object
    tunnel: int = 1
    # The field was reset because it does not apply any more.
    cleared: bool = False

    @property
    def key(self) -> str:
        """The key in an event's facts. Fields of the second tunnel have its prefix."""
        return self.field if self.tunnel == 1 else f"{sections.tunnel_prefix(self.tunnel)}.{self.field}"

    @property
    def fact(self) -> object:
        """The value in an event's facts: before and after, but of a secret only that it has changed."""
        return "changed" if self.field in sections.SECRETS else [_plain(self.before), _plain(self.after)]


def _plain(value: object) -> object:
    return value if isinstance(value, (str, int, bool, list, type(None))) else str(getattr(value, "resource_id", value))


def value_of(row: Model, name: str) -> object:
    """Return the value of a field; None for a foreign key that is not set."""
    return None if getattr(row, f"{name}_id", "") is None else getattr(row, name)


def default_of(row: Model, name: str) -> object:
    """Return the default of a field."""
    fields = {field.name: field for field in row._meta.concrete_fields}
    return fields[name].get_default()


def of_row(
    stored: Model, modified: Model, fields: tuple[str, ...], applicability: Applicability, tunnel: int = 1
) -> Iterator[Change]:
    """Find the fields in which two versions of a row differ. A blank secret keeps the stored one."""
    for name in fields:
        before, after = value_of(stored, name), value_of(modified, name)
        cleared = not applicability.keeps(name)
        if cleared:
            after = default_of(stored, name)
        if name in sections.SECRETS and not after:
            continue
        if isinstance(before, str) and name not in sections.SECRETS:
            # As every door spells it: blanks around are no change that somebody made.
            before = before.strip()
        if before != after:
            yield Change(name, before, after, tunnel, cleared)


def of_connection(
    stored: Connection, modified: Connection, tunnels: Iterable[Tunnel], applicability: Applicability
) -> list[Change]:
    """Return the changes between a stored connection and a modified one with its tunnels."""
    fields = (*sections.CONNECTION_FIELDS, *sections.API_FIELDS)
    changes = list(of_row(stored, modified, fields, applicability))
    for before, after in zip(stored.tunnels.all(), tunnels, strict=True):
        changes += of_row(before, after, sections.TUNNEL_FIELDS, applicability, before.index)
    return changes


def renegotiated(stored: Connection, modified: Connection, changes: Iterable[Change]) -> list[Tunnel]:
    """Return the stored tunnels that are negotiated again when the changes are saved."""
    tunnels = list(stored.tunnels.all())
    if stored.phase_2_networks != modified.phase_2_networks:
        return tunnels
    found = [change for change in changes if change.field in RENEGOTIATES]
    if any(change.field not in sections.TUNNEL_FIELDS for change in found):
        return tunnels
    concerned = {change.tunnel for change in found}
    return [tunnel for tunnel in tunnels if tunnel.index in concerned]


def effects(stored: Connection, modified: Connection, changes: list[Change]) -> Iterator[Message]:
    """Describe what happens when the changes are saved."""
    fields = {change.field for change in changes}
    if renegotiated(stored, modified, changes):
        if modified.effect_immediately:
            yield _("The tunnel is negotiated again at once; traffic through it is interrupted meanwhile.")
        else:
            yield _("The tunnel is negotiated again with the next traffic, which is interrupted meanwhile.")
    before, after = (row.automatic_destinations(Applicability.of(row)) for row in (stored, modified))
    if withdrawn := [cidr for cidr in before if cidr not in after]:
        yield _("Automatic routes are withdrawn: {routes}.", routes=", ".join(withdrawn))
    if added := [cidr for cidr in after if cidr not in before]:
        yield _("Automatic routes are added: {routes}.", routes=", ".join(added))
    if stored.enable_bgp and not modified.enable_bgp:
        yield _("The BGP session ends and the routes that it carried are withdrawn.")
    elif modified.enable_bgp and fields & {"local_asn", "enable_bgp", *sections.BGP.fields}:
        yield _("The BGP session is set up with the new values; the device needs them too.")
    if "health_check" in fields or (modified.health_check and fields & set(sections.HEALTH_CHECK.fields)):
        yield _("The health check starts over.") if modified.health_check else _("The health check stops.")
