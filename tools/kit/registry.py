"""Every form of the console with its fields, their values, and what they appear with, and the codes that pages show.

Read from the forms and choices themselves. Only what none of them declares stands here: where a form opens, which field
decides what another one offers, and at which test id a page has which code.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import override

from connections.console import columns, lists, log_queries
from connections.console.forms import (
    access_keys,
    accounts,
    attachments,
    authorizations,
    cens,
    connections,
    customer_gateways,
    devices,
    route_tables,
    routes,
    tags,
    widgets,
)
from connections.domain import applicability, device_sections, sections
from connections.domain.choices import ConnectionState, NegotiationStatus, ResourceOwner
from connections.negotiation import BgpState, Code, End, HealthStatus
from connections.negotiation.checks import CHECKS
from connections.negotiation.examination import Level
from connections.negotiation.logs import ERROR, INFO, WARN
from connections.persistence.fields import AsnFormField, CidrListFormField, PreferencesFormField

REGION = "eu-central-1"


@dataclass(frozen=True)
class Field:
    """A field. `values`: all it may have; blank if it depends on what there is, or if it is typed."""

    name: str
    html_name: str
    kind: str
    label: str
    values: tuple[str, ...] = ()
    is_number: bool = False
    needs: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """A form, and where it opens."""

    name: str
    about: str
    fields: tuple[Field, ...]
    # The class of base.py and base.ts that it is.
    base: str = "Form"


@dataclass(frozen=True)
class Value:
    """What a part of a page shows by a code: the element's test id, the attribute with the code, and the codes' type.

    `{stem}` in the test id is how the test ids of the part begin.
    """

    name: str
    testid: str
    attribute: str
    codes: str
    about: str


@dataclass(frozen=True)
class View:
    """A part of a page with codes. `base`: the class of base.py and base.ts that it is."""

    name: str
    about: str
    base: str
    values: tuple[Value, ...]


def _kind(one: forms.Field) -> str:
    """The kind of a field's control; blank if there is none that a person sets by name."""
    widget = one.widget
    kinds = (
        ("", isinstance(widget, (forms.HiddenInput, forms.FileInput))),
        ("switch", isinstance(widget, forms.CheckboxInput)),
        ("radio", isinstance(widget, forms.RadioSelect)),
        ("tags", isinstance(one, widgets.TagsField)),
        ("selects", isinstance(one, PreferencesFormField)),
        ("rows", isinstance(one, CidrListFormField)),
        ("select", isinstance(widget, forms.Select)),
        ("secret", isinstance(widget, forms.PasswordInput)),
    )
    return next((kind for kind, fits in kinds if fits), "text")


def _values(one: forms.Field, kind: str) -> tuple[str, ...]:
    if isinstance(one, PreferencesFormField):
        return tuple(str(value) for value in one.options.values)
    if isinstance(one, forms.ChoiceField) and not isinstance(one, forms.ModelChoiceField):
        return tuple(str(value) for value, _ in one.choices if value not in ("", None))  # type: ignore[union-attr, misc]
    return ()


def fields_of(
    form: type[forms.BaseForm], needs: Mapping[str, tuple[str, object]] = {}, names: Iterable[str] = ()
) -> list[Field]:
    """The fields of a form class. `needs`: (deciding field, its value) by field, as `APPLIES_WHEN` has it."""
    found = []
    with override("en"):
        for name, one in form.base_fields.items():  # type: ignore[attr-defined]  # Django's metaclass makes it
            if kind := _kind(one):
                pair = needs.get(name)
                number = isinstance(one, (forms.IntegerField, AsnFormField))
                wanted = {pair[0]: pair[1] if isinstance(pair[1], bool) else str(pair[1])} if pair else {}
                label = str(one.label or name)
                found.append(Field(name, name, kind, label, _values(one, kind), is_number=number, needs=wanted))
    return found


def _after(fields: Iterable[Field], deciders: Mapping[str, tuple[str, ...]]) -> list[Field]:
    return [replace(one, after=deciders.get(one.name, ())) for one in fields]


def _in_order(fields: list[Field]) -> tuple[Field, ...]:
    """Deciding fields before those that they decide about, and otherwise as they are."""
    names = [one.name for one in fields]
    placed: list[Field] = []
    left = list(fields)
    while left:
        done = {one.name for one in placed}
        ready = next(one for one in left if {*one.needs, *one.after}.intersection(names) <= done)
        placed.append(ready)
        left.remove(ready)
    return tuple(placed)


# What a field offers depends on these.
_OFFERED_BY = {"cen": ("resource_group",), "transit_router": ("cen",), "zone": ("transit_router",)}


def _tunnel(number: int, prefix: str) -> list[Field]:
    """The fields of a tunnel. Those of the first have the names of its settings."""
    tunnel, dual = sections.tunnel_prefix(number), {"tunnels": "2"} if number == 2 else {}
    return [
        replace(one, name=prefix + one.name, html_name=f"{tunnel}-{one.name}", needs={**one.needs, **dual})
        for one in fields_of(connections.TunnelPart, applicability.APPLIES_WHEN)
    ]


def _tunnel_alone() -> tuple[Field, ...]:
    """The fields of a tunnel, of a form that has no other."""
    return _in_order(_tunnel(1, ""))


def _connection(*, is_new: bool) -> tuple[Field, ...]:
    # The number of tunnels is not a field of a form: it draws the form again.
    tunnels = Field("tunnels", "tunnels", "radio", "Tunnels", ("1", "2"))
    shared = [
        *fields_of(connections.ConnectionPart, applicability.APPLIES_WHEN),
        *fields_of(connections.AttachmentPart, applicability.APPLIES_WHEN),
        *fields_of(connections.TagsPart),
    ]
    shared = [
        replace(one, needs={"tunnels": "1", **one.needs}) if one.name in applicability.SINGLE_ONLY else one
        for one in _after(shared, _OFFERED_BY)
    ]
    order = {name: number for number, name in enumerate(name for part in sections.SECTIONS for name in part.fields)}
    first = sorted([*shared, *_tunnel(1, "")], key=lambda one: order[one.name])
    fields = [tunnels, *first, *_tunnel(2, "tunnel2_")]
    if not is_new:
        # The number is fixed, and the group only filters what a new connection is offered.
        fields = [one for one in fields if one.name not in ("tunnels", "resource_group")]
        fields = [replace(one, needs={k: v for k, v in one.needs.items() if k != "tunnels"}) for one in fields]
    return _in_order(fields)


def _attach() -> tuple[Field, ...]:
    offered = {"connection": ("resource_owner", "owner_uid")}
    needs = {"owner_uid": ("resource_owner", ResourceOwner.DIFFERENT.value)}
    fields = _after(fields_of(attachments.AttachForm, needs), offered)
    # Zones are those of the router's region.
    return _in_order([replace(one, values=()) if one.name == "zone" else one for one in fields])


def _device() -> tuple[Field, ...]:
    return _in_order(fields_of(devices.DeviceForm, device_sections.APPLIES_WHEN))


def _plain(form: type[forms.BaseForm]) -> tuple[Field, ...]:
    return tuple(fields_of(form))


def all_forms() -> tuple[Form, ...]:
    """Every form that page objects have."""
    return (
        Form("ConnectionForm", "A new connection: `create` on the list of connections", _connection(is_new=True)),
        Form("ConnectionEditForm", "A stored connection: `edit` on its page", _connection(is_new=False)),
        Form(
            "TunnelEditForm",
            "One of two tunnels: `tunnel-{id}-edit`. Test ids of the second begin with `tunnel2-`",
            _tunnel_alone(),
            "TunnelForm",
        ),
        Form("CustomerGatewayForm", "A new customer gateway", _plain(customer_gateways.CustomerGatewayForm)),
        Form(
            "CustomerGatewayEditForm",
            "A stored customer gateway: `edit` on its page",
            _plain(customer_gateways.CustomerGatewayModifyForm),
        ),
        Form("CenForm", "A new CEN instance", _plain(cens.CenForm)),
        Form("TransitRouterForm", "A transit router: `router-create` on a CEN's page", _plain(cens.TransitRouterForm)),
        Form("RouterCidrForm", "A CIDR block of a transit router: `cidr-create`", _plain(cens.RouterCidrForm)),
        Form("AttachForm", "`router-attach` on a transit router's page", _attach()),
        Form("AuthorizationForm", "`authorize` on a connection's page", _plain(authorizations.AuthorizationForm)),
        Form("RouteForm", "A route of a connection: `route-create`", _plain(routes.RouteForm)),
        Form("RouteTableForm", "A route table: `route-table-create`", _plain(route_tables.RouteTableForm)),
        Form("TagsForm", "Tags of a resource: `edit-tags`", _plain(tags.TagsForm)),
        Form("DeviceForm", "A simulated device: `device-edit`", _device()),
        Form("MemberForm", "A new member of the account", _plain(accounts.MemberForm)),
        Form("AccessKeyForm", "A new access key", _plain(access_keys.AccessKeyForm)),
    )


def paths() -> dict[str, str]:
    """Addresses of lists, below the console's; `{region}` stands for a region."""
    pages = {
        "connections": lists.CONNECTIONS,
        "customer_gateways": lists.CUSTOMER_GATEWAYS,
        "cens": lists.CENS,
        "events": lists.EVENTS,
        "members": lists.MEMBERS,
        "access_keys": lists.ACCESS_KEYS,
    }
    return {
        name: reverse(page.page, args=[REGION] if page.is_regional else []).lstrip("/").replace(REGION, "{region}")
        for name, page in pages.items()
    }


def connection_columns() -> list[str]:
    """Columns of the list of connections whose cells have test ids."""
    return [column.key for column in columns.COLUMNS]


def codes() -> dict[str, tuple[str, ...]]:
    """Codes by the names of their types in page objects."""
    return {
        "ConnectionState": tuple(ConnectionState.values),
        "TunnelStatus": tuple(NegotiationStatus.values),
        "TunnelCode": ("", *Code),
        "BgpState": ("", *BgpState),
        "HealthStatus": tuple(HealthStatus),
        "YesNo": ("true", "false"),
        "DeviceSetting": device_sections.FIELDS,
        "Check": tuple(check.key for check in CHECKS),
        "Level": tuple(Level),
        "End": tuple(End),
        "LogLevel": (INFO, WARN, ERROR),
        "LogWindow": (*log_queries.WINDOWS, log_queries.OWN),
        "LeastLevel": tuple(log_queries.LEVELS),
        "LogEnds": tuple(log_queries.ENDS),
    }


def views() -> tuple[View, ...]:
    """What page objects read by codes, beside the cells of lists."""
    status = "how far the negotiation has come"
    code = "why it has failed, for some minutes"
    return (
        View(
            "ConnectionView",
            "The page of a connection",
            "Details",
            (
                Value("state", "state", "data-state", "ConnectionState", "the state of the connection"),
                Value("status", "status", "data-status", "TunnelStatus", status),
            ),
        ),
        View(
            "TunnelView",
            "A tunnel of a connection, on the tab of its tunnels",
            "View",
            (
                Value("status", "{stem}-status", "data-status", "TunnelStatus", status),
                Value("code", "{stem}-code", "data-code", "TunnelCode", code),
                Value("bgp", "{stem}-bgp", "data-bgp", "BgpState", "the state of the BGP session; blank without BGP"),
                Value("health", "{stem}-health", "data-health", "HealthStatus", "the last result of the health check"),
            ),
        ),
        View(
            "DeviceView",
            "The simulated device of a tunnel",
            "Details",
            (
                Value("status", "device-tunnel-status", "data-status", "TunnelStatus", status),
                Value("code", "device-tunnel-code", "data-code", "TunnelCode", code),
                Value("configured", "value-is_configured", "data-value", "YesNo", "whether it was configured"),
                Value("power", "value-is_on", "data-value", "YesNo", "whether it is on"),
                Value("line", "value-has_line", "data-value", "YesNo", "whether it has a line"),
            ),
        ),
        View(
            "ReportView",
            "What the diagnosis has found about a tunnel",
            "View",
            (
                Value("status", "{stem}-result", "data-status", "TunnelStatus", status),
                Value("code", "{stem}-result", "data-code", "TunnelCode", code),
            ),
        ),
    )
