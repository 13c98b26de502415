"""The panels of a details page: the sections of the form with their values."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from connections import diff
from connections.console.words import Words, on_or_off, value_text
from connections.domain import parsing, sections
from connections.domain.applicability import KEPT, Applicability
from connections.domain.choices import Door
from connections.models import (
    Account,
    Attachment,
    Authorization,
    Connection,
    CustomerGateway,
    Device,
    Event,
    Route,
    TransitRouterCidr,
    Tunnel,
)
from connections.negotiation import End


@dataclass(frozen=True)
class Row:
    """A label and its value. `kind` is how the value is shown: text, copy, link, list or secret."""

    name: str
    label: Words
    value: object
    kind: str = "text"
    note: str = ""

    @property
    def words(self) -> str:
        """The value as plain text; blank for a secret."""
        if self.kind == "secret":
            return ""
        return ", ".join(self.value) if isinstance(self.value, list) else str(self.value)


@dataclass(frozen=True)
class Panel:
    key: str
    title: Words
    rows: list[Row]


# What the head of every tab shows. Names of two tunnels have the prefix of one.
IN_HEAD = ("resource_id", "region_id", "name", "internet_ip", "customer_gateway", "routing_mode")


def features_off(connection: Connection) -> list[tuple[str, Words]]:
    """The features that are off: the field that turns one on, and the title."""
    features = {"enable_bgp": sections.BGP.title}
    if not connection.is_dual:
        features["health_check"] = sections.HEALTH_CHECK.title
    return [(name, title) for name, title in features.items() if not getattr(connection, name)]


def cards(connection: Connection) -> list[Panel]:
    """The panels below the head, without what it shows and without a health check that is off."""
    elsewhere = {name for name, _title in features_off(connection)}
    heads = {
        *IN_HEAD,
        *elsewhere,
        *(f"{sections.tunnel_prefix(number)}-{name}" for name in IN_HEAD for number in (1, 2)),
    }
    panels = [
        replace(panel, rows=[row for row in panel.rows if row.name not in heads])
        for panel in connection_panels(connection)
        if connection.health_check or panel.key != sections.HEALTH_CHECK.key
    ]
    return [panel for panel in panels if panel.rows]


def asn_text(asn: int) -> str:
    """An AS number in asplain and asdot notation; a 16-bit number in asplain alone."""
    return f"{asn} ({parsing.asdot(asn)})" if asn > 65535 else str(asn)


def _asn(asn: int | None) -> dict:
    """Fields of a row with an AS number to copy, and its asdot notation as a note."""
    if asn is None:
        return {"value": "-"}
    return {"value": str(asn), "kind": "copy", "note": f"({parsing.asdot(asn)})" if asn > 65535 else ""}


def connection_panels(connection: Connection) -> list[Panel]:
    """All sections with the fields that apply."""
    applicability = Applicability.of(connection, associate_resource=connection.associate_resource)
    panels = []
    tunnels = list(connection.tunnels.all())
    for section in sections.layout(len(tunnels)):
        tunnel = tunnels[section.tunnel - 1]
        rows = [
            row(connection, name, section.tunnel)
            for name in section.fields
            if name != "tags" and (applicability.applies(name) or _is_kept(connection, name))
        ]
        if section.key == sections.BASIC.key:
            rows = _identity_rows(connection) + rows
        if "customer_gateway" in section.fields:
            rows = _address_rows(tunnel) + rows if len(tunnels) > 1 else rows
        if "tunnel_cidr" in section.fields and rows:
            rows.append(Row("peer_bgp_ip", _("Peer BGP IP address"), tunnel.peer_bgp_ip, "copy"))
            rows.append(Row("peer_asn", _("Peer ASN"), **_asn(tunnel.customer_gateway.asn)))
        if len(tunnels) > 1:
            rows = [replace(entry, name=_name_in_page(entry.name, section)) for entry in rows]
        if rows:
            panels.append(Panel(section.key, section.title, rows))
    return panels


def _is_kept(connection: Connection, name: str) -> bool:
    """Whether a field that does not apply keeps a value of its own."""
    return name in KEPT and getattr(connection, name) != diff.default_of(connection, name)


def _name_in_page(name: str, section: sections.Section) -> str:
    """The name of a row: prefixed if it belongs to one of two tunnels."""
    prefix = sections.tunnel_prefix(section.tunnel)
    return f"{prefix}-{name}" if section.key.startswith(prefix) else name


def _identity_rows(connection: Connection) -> list[Row]:
    tunnels = list(connection.tunnels.all())
    return [
        Row("resource_id", _("Instance ID"), connection.resource_id, "copy"),
        Row("region_id", _("Region"), connection.region.name),
        *(_address_rows(tunnels[0]) if len(tunnels) == 1 else ()),
    ]


def _address_rows(tunnel: Tunnel) -> list[Row]:
    return [
        Row(
            "internet_ip",
            _("Gateway IP Address"),
            tunnel.internet_ip or _("Assigned on attachment"),
            "copy" if tunnel.internet_ip else "text",
        ),
    ]


def in_words(connection: Connection, name: str, value) -> str:
    """A value of a field of the connection, its attachment or a tunnel, as the details page shows it."""
    field = column(next(model for fields, model in _MODELS if name in fields), name)
    if value not in ("", None):
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if name == "local_asn":
            return asn_text(value)
    return value_text(getattr(value, "label", value))


def column(model: type[Model], name: str) -> Field:
    """A column of a model. Raises FieldDoesNotExist, also for a relation that another model declares."""
    field = model._meta.get_field(name)
    if not isinstance(field, Field):
        raise FieldDoesNotExist(name)
    return field


def label_of(name: str, tunnel: int = 0) -> str:
    """The console's label of a field. `tunnel` is the number of one of several. Raises KeyError."""
    if tunnel and name in sections.TUNNEL_FIELDS:
        return f"{sections.TUNNEL_TITLES[tunnel]}: {label_of(name)}"
    if name in sections.LABELS:
        return str(sections.LABELS[name])
    for fields, model in _MODELS:
        if name in fields:
            return str(column(model, name).verbose_name)
    raise KeyError(name)


def fact_rows(event: Event) -> list[tuple[str, str | None, str]]:
    """The facts of an event: label, value before (None if there was none) and after."""
    rows = []
    for name, fact in event.facts.items():
        label = fact_label(name)
        before, after = fact if isinstance(fact, list) and len(fact) == 2 else (None, fact)
        if name == "door":
            after = Door(after).label
        rows.append((label, before if before is None else _fact_text(before), _fact_text(after)))
    return rows


# Facts that are not fields.
_FACT_LABELS = {
    "connection": _("IPsec-VPN Connection"),
    "owner": _("Owner UID"),
    "propagations": _("Propagations"),
    "route_table": _("Route Table"),
    "tunnel": _("Tunnel"),
    # Facts of simulated devices.
    "device_psk": _("Pre-Shared Key of the device"),
    "device_auth_key": _("BGP Key of the device"),
    "sender": _("Sent by"),
    "bits": _("Rate (bit/s)"),
    "steadily": _("Steady"),
    "service_linked_role": _("Service-linked role"),
    # Facts of disclosed keys and of refused pages.
    "door": _("Channel"),
    "format": _("Format"),
    "page": _("Page"),
    "request_id": _("Request ID"),
    "revision": _("Revision"),
}
# Events record that a key was changed or shown, never the key.
_FACT_WORDS = {
    "changed": _("changed"),
    "shown": _("shown"),
    End.CLOUD.value: _("the cloud"),
    End.DEVICE.value: _("the data center"),
}


def fact_label(name: str) -> str:
    """A fact's label: that of the field with its name on any model, or the name with spaces."""
    if name in _FACT_LABELS:
        return str(_FACT_LABELS[name])
    field, tunnel = sections.field_of(name)
    if tunnel > 1:
        return label_of(field, tunnel)
    for model in (None, CustomerGateway, Route, Authorization, Attachment, TransitRouterCidr, Device, Account):
        try:
            return label_of(name) if model is None else str(column(model, name).verbose_name)
        except (KeyError, FieldDoesNotExist):
            continue
    return name.replace("_", " ").capitalize()


def _fact_text(value: object) -> str:
    return str(_FACT_WORDS[value]) if isinstance(value, str) and value in _FACT_WORDS else value_text(value)


_MODELS = (
    (sections.CONNECTION_FIELDS, Connection),
    (sections.TUNNEL_FIELDS, Tunnel),
    (sections.ATTACHMENT_FIELDS, Attachment),
)


def row(connection: Connection, name: str, tunnel: int = 1) -> Row:
    """The row of a field of the connection, its attachment or one of its tunnels (counted from 1)."""
    of_tunnel = connection.tunnels.all()[tunnel - 1]
    if name in _SPECIAL_OF_TUNNEL:
        return Row(name, label_of(name), **_SPECIAL_OF_TUNNEL[name](of_tunnel))
    if name in _SPECIAL:
        return Row(name, label_of(name), **_SPECIAL[name](connection))
    owner, model = next(
        (owner, model)
        for owner, (fields, model) in zip((connection, of_tunnel, connection.living_attachment), _MODELS, strict=True)
        if name in fields
    )
    value = getattr(owner, name)
    if column(model, name).choices:
        return Row(name, label_of(name), getattr(owner, f"get_{name}_display")())
    if isinstance(value, bool):
        return Row(name, label_of(name), on_or_off(value))
    return Row(name, label_of(name), value, "list" if isinstance(value, list) else "text")


def _linked(target, account_id: int) -> dict:
    """Fields of a row that links to a resource; of another account's resource it shows the ID only."""
    if target.account_id != account_id:
        return {
            "value": target.resource_id,
            "kind": "copy",
            "note": _("in account %(uid)s") % {"uid": target.account.uid},
        }
    return {"value": target, "kind": "link"}


def _attachment(connection: Connection) -> Attachment:
    """The attachment of a connection whose fields of an attachment apply, so there is one."""
    assert connection.living_attachment is not None  # noqa: S101 - for the type checker
    return connection.living_attachment


def seconds_text(count: int) -> str:
    return ngettext("%(count)s second", "%(count)s seconds", count) % {"count": count}


def _identity(typed: str, effective: str, follows: Words) -> dict:
    if typed:
        return {"value": typed, "kind": "copy"}
    return {"value": effective, "kind": "copy", "note": follows} if effective else {"value": follows}


# Fields that show more than their value.
_SPECIAL: dict[str, Callable[[Connection], dict]] = {
    "resource_group": lambda c: {"value": str(c.resource_group)},
    "associate_resource": lambda c: {"value": c.associate_resource.label},
    "cen": lambda c: _linked(_attachment(c).cen, c.account_id),
    "transit_router": lambda c: _linked(_attachment(c).transit_router, c.account_id),
    "local_asn": lambda c: _asn(c.local_asn),
    "health_check_interval": lambda c: {"value": seconds_text(c.health_check_interval)},
}
_SPECIAL_OF_TUNNEL: dict[str, Callable[[Tunnel], dict]] = {
    "customer_gateway": lambda t: _linked(t.customer_gateway, t.account_id),
    "psk": lambda t: {"value": t, "kind": "secret"},
    "local_id": lambda t: _identity(t.local_id, t.identity, _("(default: gateway IP)")),
    "remote_id": lambda t: _identity(t.remote_id, t.peer_identity, _("(default: customer gateway's IP)")),
}
