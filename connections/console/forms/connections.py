"""The form of a connection: one part a row that it will become, drawn in the sections of the product page.

No field is declared here that a model declares. Which fields show follows from `applicability.APPLIES_WHEN`; fields
that do not apply are neither judged nor saved, and travel with the page so that nothing typed is lost.
"""

import copy
from collections.abc import Container, Iterable, Mapping
from functools import cached_property

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from connections import ids
from connections.console.autocomplete import ResourceChoiceField, address
from connections.console.forms.base import ConsoleForm, Group, SectionBox, focus_id, group_id, helper
from connections.console.forms.outline import Outline
from connections.console.forms.tags import TagsForm
from connections.console.forms.widgets import RowsWidget, SwitchInput, TagRowsWidget
from connections.domain import applicability, rules, sections
from connections.domain.choices import AssociateResource, HealthCheckPolicy
from connections.domain.edit_locks import Lock
from connections.domain.problems import Problem
from connections.models import Attachment, Cen, Connection, CustomerGateway, ResourceGroup, TransitRouter, Tunnel
from connections.search import typed
from connections.services.addresses import proposed_tunnel_cidr
from connections.services.drafts import Draft, draft_problems


class SwitchChoiceField(forms.BooleanField):
    """A choice between two values, shown as a switch that is on for the first."""

    widget = SwitchInput

    def __init__(self, *, on: str, off: str, **kwargs):
        super().__init__(required=False, **kwargs)
        self.on, self.off = on, off

    def prepare_value(self, value):
        return value if isinstance(value, bool) or value is None else value in (self.on, "True", "on")

    def to_python(self, value):
        return self.on if value not in (False, "False", "", None, self.off) else self.off


class Part(ConsoleForm):
    """Mixin: one row's share of the connection form."""

    def __init__(self, *args, whole: "ConnectionForm", **kwargs):
        self.whole = whole
        super().__init__(*args, **kwargs)

    def narrow(self, name: str, what: str) -> None:
        """Offer only the first of very many, with a search for the others."""
        field = self.fields[name]
        field.address = address(self.whole.region.id, what)
        field.text = typed(self.whole.raw(f"{self.add_prefix(name)}-q"))

    @staticmethod
    def asks_for(name, field):
        asked = name in applicability.APPLIES_WHEN and not isinstance(field, forms.BooleanField)
        return field.required or asked

    def lock_of(self, name):
        return self.whole.locks.get(name)

    def way_out_of(self, lock):
        attachment = self.whole.attachment_to_leave
        if attachment and lock.way_out == "attachment":
            return attachment.get_absolute_url()
        return super().way_out_of(lock)

    def is_judged(self, name):
        return self.add_prefix(name) not in self.whole.unjudged

    @property
    def is_judged_whole(self) -> bool:
        """Whether all of the part has been judged already."""
        return hasattr(self, "cleaned_data")

    def swap_attributes(self, bound):
        return {} if self.lock_of(bound.name) else self.whole.swap_attributes(bound)

    @property
    def warnings(self):
        self.whole.advise()
        return self._warnings

    def full_clean(self):
        """Judge only what applies and is not locked; the other fields keep their place and what was typed into them."""
        everything = self.fields
        self.fields = {name: field for name, field in everything.items() if self.whole.judges(name)}
        try:
            super().full_clean()
        finally:
            self.fields = everything


_POLICY = Connection._meta.get_field("health_check_policy")


class ConnectionPart(Part, forms.ModelForm):
    health_check_policy = SwitchChoiceField(
        on=HealthCheckPolicy.REVOKE,
        off=HealthCheckPolicy.RESERVE,
        label=capfirst(_POLICY.verbose_name),
        help_text=_POLICY.help_text,
        initial=_POLICY.default,
    )

    class Meta:
        model = Connection
        fields = sections.CONNECTION_FIELDS
        widgets = {
            "network_type": forms.RadioSelect,
            "routing_mode": forms.RadioSelect,
            "effect_immediately": forms.RadioSelect,
        }


class AttachmentPart(Part, forms.ModelForm):
    """Where the connection is bound at creation. CEN and resource group only narrow the choice."""

    associate_resource = forms.ChoiceField(
        label=sections.LABELS["associate_resource"],
        choices=AssociateResource,
        initial=AssociateResource.NONE,
        widget=forms.RadioSelect,
        help_text=_("CEN binds to a transit router of this account at once. Another account's comes after creation."),
    )
    resource_group = ResourceChoiceField(
        ResourceGroup.objects.none(),
        label=sections.LABELS["resource_group"],
        required=False,
        empty_label=_("All resource groups"),
        help_text=_("Narrows the list of CEN instances."),
    )
    cen = ResourceChoiceField(
        Cen.objects.none(), label=sections.LABELS["cen"], required=False, empty_label=_("Choose a CEN instance")
    )

    class Meta:
        model = Attachment
        fields = sections.ATTACHMENT_FIELDS
        field_classes = {"transit_router": ResourceChoiceField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        account, region = self.whole.account, self.whole.region
        # Nothing can be chosen until the form offers it: the account's own routers.
        self.fields["transit_router"].queryset = TransitRouter.objects.none()
        # The rules say what is missing, in their own words.
        self.fields["transit_router"].required = self.fields["zone"].required = False
        groups = ResourceGroup.objects.filter(account=account)
        self.fields["resource_group"].queryset = groups
        self.fields["resource_group"].label_from_instance = str
        if self.whole.applies("cen"):
            self._offer_places(account, region, groups)

    def _offer_places(self, account, region, groups) -> None:
        """What there is to choose from, as far as it is narrowed down."""
        cens = Cen.objects.of(account).order_by("-id")
        if (group := self.whole.raw("resource_group")) and groups.filter(resource_id=group).exists():
            cens = cens.filter(resource_group__resource_id=group)
        self.fields["cen"].queryset = cens
        self.narrow("cen", "cens")
        if chosen := self.whole.raw("cen"):
            routers = TransitRouter.objects.of(account).filter(region_id=region.id, cen__in=cens)
            self.fields["transit_router"].queryset = routers.filter(cen__resource_id=chosen).select_related("cen")
        self.fields["transit_router"].empty_label = self._router_hint(chosen)
        self.fields["zone"].choices = [
            ("", _("Choose a zone")),
            *((zone.id, zone.label) for zone in region.zones),
        ]

    def _router_hint(self, chosen):
        if not chosen:
            return _("Choose a CEN instance first")
        if not self.fields["transit_router"].queryset.exists():
            return _("This CEN instance has no transit router in %(region)s") % {"region": self.whole.region.name}
        return _("Choose a transit router")

    def clean(self):
        data = super().clean()
        if data.get("associate_resource") == AssociateResource.CEN and not self.errors:
            cen, router = data.get("cen"), data.get("transit_router")
            self.add_problems(
                rules.placement_problems(
                    region=self.whole.region.id,
                    zones=[zone.id for zone in self.whole.region.zones],
                    cen=cen and cen.resource_id,
                    router=router and router.resource_id,
                    router_cen=router and router.cen.resource_id,
                    router_region=router and router.region_id,
                    zone=data.get("zone", ""),
                )
            )
        return data


# A form offers the zones of its region; Django would copy those of all regions for every form.
AttachmentPart.base_fields["zone"].choices = ()


class TunnelPart(Part, forms.ModelForm):
    """One tunnel; a connection with several has one part each, told apart by prefix."""

    class Meta:
        model = Tunnel
        fields = sections.TUNNEL_FIELDS
        field_classes = {"customer_gateway": ResourceChoiceField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        gateways = CustomerGateway.objects.of(self.whole.account).filter(region_id=self.whole.region.id)
        self.fields["customer_gateway"].queryset = gateways.order_by("-id")
        self.fields["customer_gateway"].empty_label = _("Choose a customer gateway")
        self.narrow("customer_gateway", "customer-gateways")
        self.fields["customer_gateway"].known = self.whole.known_gateways
        self.fields["customer_gateway"].widget.attrs["data-accepts"] = "customer-gateway"
        self.fields["psk"].widget.attrs |= {
            "data-generate": ids.ALPHABET,
            "data-generate-length": ids.GENERATED_PSK_LENGTH,
        }
        self.offers["customer_gateway"] = (
            reverse("customer-gateway-create", args=[self.whole.region.id]),
            _("Create a customer gateway"),
        )

    def full_clean(self):
        # The tunnel judges itself beside its connection.
        self.whole.connection.errors  # noqa: B018 - reading them fills the row in
        super().full_clean()


class TagsPart(Part, TagsForm):
    """The connection's tags, drawn and judged as everywhere."""


class ConnectionForm:
    """All parts as one form, as a view and crispy see it. `data` is what was posted.

    Field names in it are HTML names: those of tunnels carry the tunnel's prefix.
    """

    crispy_field_template = None
    # Fields that are shown but cannot change; a new connection has none.
    locks: Mapping[str, Lock] = {}
    _is_advised = False
    # Where the placement of an existing connection can be undone.
    attachment_to_leave: Attachment | None = None
    # Fields that an answer draws without saying what is wrong with them.
    unjudged: Container[str] = ()

    def __init__(
        self,
        account,
        region,
        data: QueryDict | None = None,
        *,
        values: QueryDict | None = None,
        known=None,
        tunnel_count: int = 1,
    ):
        """Bind to `data`, or show `values` without judging them. `known`: customer gateways that were found already."""
        self.account, self.region, self.tunnel_count = account, region, tunnel_count
        self.known_gateways: dict[str, CustomerGateway | None] = {} if known is None else known
        self.is_bound = data is not None
        self.posted = data if data is not None else values
        connection, tunnels, attachment = self.instances()
        self.connection = self._part(ConnectionPart, instance=connection)
        self.attachment = self._part(AttachmentPart, instance=attachment)
        self.tunnels = [
            self._part(TunnelPart, prefix=sections.tunnel_prefix(tunnel.index), instance=tunnel) for tunnel in tunnels
        ]
        self.sections = sections.layout(len(self.tunnels))
        self.tags = self._part(TagsPart)
        self.prepare()
        self.parts = [self.connection, self.attachment, *self.tunnels, self.tags]
        self.fields = {part.add_prefix(name): field for part in self.parts for name, field in part.fields.items()}
        self._part_of = {part.add_prefix(name): (part, name) for part in self.parts for name in part.fields}
        # What stood in fields before anything was typed, where that is shown without being judged.
        self._before: dict[str, object] = {}
        if self.posted is not None and not self.is_bound:
            for html_name, (part, name) in self._part_of.items():
                widget = part.fields[name].widget
                if name in self.locks:
                    continue
                if not widget.value_omitted_from_data(self.posted, {}, html_name) or isinstance(
                    widget, forms.CheckboxInput
                ):
                    self._before[html_name] = part.get_initial_for_field(part.fields[name], name)
                    part.initial[name] = widget.value_from_datadict(self.posted, {}, html_name)

    def instances(self) -> tuple[Connection, list[Tunnel], Attachment]:
        """The rows that the parts fill in."""
        connection = Connection(account=self.account, region_id=self.region.id)
        tunnels = [
            Tunnel(connection=connection, account=self.account, region_id=self.region.id, index=index)
            for index in range(1, self.tunnel_count + 1)
        ]
        return connection, tunnels, Attachment(account=self.account)

    def prepare(self) -> None:
        """Whatever the parts still need before they are looked at."""

    def first_value(self, html_name: str) -> object:
        """What stood in a field before anything was typed."""
        if html_name in self._before:
            return self._before[html_name]
        part, name = self._part_of[html_name]
        return part.get_initial_for_field(part.fields[name], name)

    @property
    def folding(self) -> dict[str, str]:
        """Sections that fold, each with what it holds in one line."""
        return dict(self.outline.lines)

    @cached_property
    def outline(self) -> Outline:
        """What stands beside the form."""
        return Outline(self)

    def again(self, values: QueryDict) -> "ConnectionForm":
        """The same form with other values, unjudged."""
        return type(self)(
            self.account, self.region, values=values, known=self.known_gateways, tunnel_count=self.tunnel_count
        )

    def _part(self, part, **kwargs):
        return part(self.posted if self.is_bound else None, whole=self, **kwargs)

    def __getitem__(self, html_name):
        part, name = self._part_of[html_name]
        return part[name]

    def places(self):
        """Every HTML name with the part and the field that it belongs to."""
        return self._part_of.items()

    def raw(self, html_name: str) -> str:
        """What was posted for a field, unjudged."""
        return self.posted.get(html_name, "") if self.posted is not None else ""

    def html_names(self, names: Iterable[str], tunnel: int = 1) -> list[str]:
        """The HTML names of those fields that this form has; of a tunnel's fields those of `tunnel`, counted from 1."""
        keys = [(sections.scope(name, tunnel), name) for name in names]
        return [self._html_name_of[key] for key in keys if key in self._html_name_of]

    @cached_property
    def _html_name_of(self) -> dict[tuple[int, str], str]:
        """Where each field stands, by its scope and name."""
        return {
            (part.instance.index if isinstance(part, TunnelPart) else 0, name): html_name
            for html_name, (part, name) in self._part_of.items()
        }

    # --- which fields show ---------------------------------------------------------------------------------------

    @cached_property
    def deciders(self) -> dict[str, object]:
        """The deciding fields' values, posted or initial."""
        values = {}
        for name in applicability.DECIDERS:
            part = ConnectionPart if name in sections.CONNECTION_FIELDS else AttachmentPart
            field = part.base_fields[name]
            if self.posted is None or name in self.locks:
                values[name] = self.initial_decider(name, field)
            else:
                raw = field.widget.value_from_datadict(self.posted, {}, name)
                values[name] = field.to_python(raw)
        return values

    def initial_decider(self, name: str, field: forms.Field) -> object:
        return field.initial

    def applies(self, name: str) -> bool:
        return applicability.Applicability(self.deciders).applies(name)

    def judges(self, name: str) -> bool:
        """Whether what was posted for a field counts."""
        return self.applies(name) and name not in self.locks

    def shows(self, html_name: str) -> bool:
        return self.applies(self._part_of[html_name][1])

    # --- judging -------------------------------------------------------------------------------------------------

    @cached_property
    def draft(self) -> Draft:
        """What the parts say, as far as it could be read."""
        for part in self.parts:
            part.errors  # noqa: B018 - reading them makes the instances
        associated = self.deciders["associate_resource"] == AssociateResource.CEN
        attachment = self.attachment.instance if associated else None
        if attachment is not None:
            attachment.account = self.account
        return Draft(
            self.connection.instance,
            [tunnel.instance for tunnel in self.tunnels],
            attachment,
            self.tags.cleaned_data.get("tags", ()),
        )

    def is_valid(self) -> bool:
        """Judge every part, and what spans them, at once."""
        if not self.is_bound:
            return False
        self.add_problems(self.spanning_problems())
        return not any(part.errors for part in self.parts)

    def spanning_problems(self) -> Iterable[Problem]:
        """What is wrong between the rows."""
        return draft_problems(self.draft)

    def add_problems(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            # Advice is about what was read; a field that has a problem is read no more.
            self.advise()
            part = self._home(problem)
            part.add_problems([problem])

    def _home(self, problem: Problem) -> Part:
        """The part that shows a problem's field; the first one takes what concerns none."""
        candidates = [self.connection, self.attachment, self.tunnels[problem.tunnel - 1], self.tags]
        return next((part for part in candidates if problem.field in part.fields), self.connection)

    def add_error(self, message: str) -> None:
        """Say something that concerns no single field."""
        self.connection.errors  # noqa: B018 - judged before anything is added
        self.connection.add_error(None, message)

    def advise(self) -> None:
        """Put advice beside the fields, when somebody first asks for it: a form that is right is not drawn."""
        if not self._is_advised:
            self._is_advised = True
            for tunnel in self.tunnels:
                for problem in rules.connection_warnings(Readings(self, tunnel), tunnel.instance.index):
                    said = self._home(problem).warnings.setdefault(problem.field, [])
                    # What concerns the connection is found with each of its tunnels.
                    if problem.message not in said:
                        said.append(problem.message)

    @property
    def error_summary(self) -> list[tuple[str, str, str]]:
        """Every message in the order of the page, with its section and field and the id to jump to."""
        if not any(part.errors for part in self.parts):
            return []
        rows = [("", "", str(message)) for part in self.parts for message in part.non_field_errors()]
        for section in self.sections:
            for bound in map(self.__getitem__, self.html_names(section.fields, section.tunnel)):
                if self.applies(bound.name):
                    label = section.short if section.short == bound.label else f"{section.short}: {bound.label}"
                    rows += [(focus_id(bound), label, message) for message in bound.error_texts]
        return rows

    # --- drawing -------------------------------------------------------------------------------------------------

    @property
    def helper(self):
        """Sections in the product page's order. A section that depends on one decider comes and goes whole."""
        boxes = []
        for section in self.sections:
            names = self.html_names(section.fields, section.tunnel)
            if section.decider:
                boxes.append(Group(SectionBox(section.key, section.title, *names), names=names))
            else:
                boxes.append(SectionBox(section.key, section.title, *self._runs(section)))
        return helper(*boxes)

    def _runs(self, section, oob=False):
        for pair, fields in section.groups():
            names = self.html_names(fields, section.tunnel)
            if pair is None:
                yield from names
            else:
                yield Group(*names, names=names, oob=oob)

    @cached_property
    def _groups(self) -> list[tuple[str, Group]]:
        """Every group with the decider it hangs on."""
        return list(self._each_group())

    def _each_group(self):
        for section in self.sections:
            for pair, fields in section.groups():
                if pair is None:
                    continue
                names = self.html_names(fields, section.tunnel)
                content = [SectionBox(section.key, section.title, *names)] if section.decider else names
                yield pair[0], Group(*content, names=names, oob=True)

    # Fields that are not deciders but change what a group offers.
    REDRAWS = {"resource_group": "associate_resource", "cen": "associate_resource"}

    def redrawn(self, html_name: str) -> list[Group]:
        """The groups that a change of the field brings about, ready to be swapped in."""
        decider = self.REDRAWS.get(html_name, html_name)
        groups = [group for owner, group in self._groups if owner == decider]
        return groups[:1] if html_name in self.REDRAWS else groups

    def swap_attributes(self, bound) -> dict[str, str]:
        """Ask the server what a change of this field brings about; hide meanwhile what it may replace."""
        name = bound.html_name
        # Without an indicator htmx would mark, and our style hide, the very field that somebody is using.
        attributes = {"name": name, "sync": "this:replace", "indicator": "#live"}
        placement = group_id("cen")
        if name in ("associate_resource", *self.REDRAWS):
            attributes["sync"] = f"#{placement}:replace"
        if name == "cen":
            attributes["indicator"] = "#div_id_transit_router, #div_id_zone"
        elif groups := self.redrawn(name):
            attributes["indicator"] = ", ".join(f"#{group.id}" for group in groups)
        return attributes

    def answer(self, html_name: str, shown: list[str]) -> dict:
        """What changes on the page after a field has changed: groups, messages, and a word for screen readers.

        Groups are drawn unjudged, with proposals in empty fields. The field itself is judged, as are fields that show
        a message already; advice may come up anywhere.
        """
        groups = self.redrawn(html_name)
        in_groups = {name for group in groups for name in group.names}
        if groups:
            self.posted = self.proposals(html_name, in_groups)
            for part in self.parts:
                part.data = self.posted
        self.unjudged = in_groups
        judged = {html_name, *shown}
        for name in judged & self._part_of.keys():
            self._part_of[name][0].errors  # noqa: B018 - reading them judges the part
        self.advise()
        advised = {part.add_prefix(name) for part in self.parts for name in part.warnings}
        visible = sum(len(group.names) for group in groups if self.shows(group.names[0]))
        return {
            "form": self,
            "helper": helper(*groups),
            "groups": groups,
            "notes": [
                {"field": self[name], "unjudged": name not in judged}
                for name in self.fields
                if (name in judged or name in advised) and name not in in_groups and self.shows(name)
            ],
            "said": ngettext("%(visible)s field shown", "%(visible)s fields shown", visible) % {"visible": visible}
            if visible
            else gettext("Fields hidden"),
            "outline": Outline(self, judged),
        }

    def proposals(self, html_name: str, groups: Iterable[str] = ()) -> QueryDict:
        """The posted values, with offers in fields that are still empty, and `groups` complete."""
        values = copy.copy(self.posted)

        def offer(field, value):
            if value and not values.get(field, "").strip():
                values[field] = value

        for name in groups:
            part, own = self._part_of[name]
            field = part.fields[own]
            if field.widget.value_omitted_from_data(values, {}, name):
                send(values, field, name, part.get_initial_for_field(field, own))
        if html_name == "enable_bgp" and self.deciders["enable_bgp"]:
            for tunnel in self.tunnels:
                here = {values.get(other.add_prefix("tunnel_cidr"), "").strip() for other in self.tunnels}
                offer(tunnel.add_prefix("tunnel_cidr"), proposed_tunnel_cidr(self.account, self.region.id, here))
                hosts = rules.tunnel_hosts(values.get(tunnel.add_prefix("tunnel_cidr"), ""))
                offer(tunnel.add_prefix("local_bgp_ip"), hosts[0] if hosts else "")
        if html_name == "cen" and values.get("cen"):
            routers = list(self.attachment.fields["transit_router"].queryset[:2])
            known = [router.resource_id for router in routers]
            if values.get("transit_router") not in known:
                values["transit_router"] = known[0] if len(known) == 1 else ""
            if values["transit_router"]:
                offer("zone", self.region.zones[0].id)
        return values


class Readings(Mapping):
    """What a form says of its connection and one tunnel, with the customer gateway's facts, as far as it can be read.

    Each value is read on demand. A part that has been judged gives only the values that it accepts.
    """

    def __init__(self, form: ConnectionForm, tunnel: TunnelPart):
        self._form, self._tunnel = form, tunnel
        self._places = {name: part for part in (form.connection, tunnel) for name in part.fields}

    def __iter__(self):
        return iter((*self._places, *self._form.deciders, "gateway_ip", "gateway_asn"))

    def __len__(self):
        return len(list(iter(self)))

    def __getitem__(self, name):
        if name in self._form.deciders:
            return self._form.deciders[name]
        if name in ("gateway_ip", "gateway_asn"):
            gateway = self._gateway
            return gateway and (gateway.ip_address if name == "gateway_ip" else gateway.asn)
        return self._value(self._places[name], name)

    @cached_property
    def _gateway(self) -> CustomerGateway | None:
        chosen = self._value(self._tunnel, "customer_gateway")
        field = self._tunnel.fields["customer_gateway"]
        return field.row(chosen) if chosen and isinstance(chosen, str) else chosen

    def _value(self, part: Part, name: str) -> object:
        field, form = part.fields[name], self._form
        if part.is_judged_whole:
            return part.cleaned_data.get(name)
        if form.is_bound and form.judges(name):
            value = field.widget.value_from_datadict(part.data, {}, part.add_prefix(name))
        else:
            value = part.get_initial_for_field(field, name)
            if form.posted is None or isinstance(field, forms.ModelChoiceField):
                return value
        try:
            return field.to_python(value)
        except forms.ValidationError:
            return None


def send(data: QueryDict, field: forms.Field, html_name: str, value) -> None:
    """Put a value into posted data, the way a browser would send it."""
    if isinstance(field.widget, RowsWidget):
        data.setlist(html_name, value)
    elif isinstance(field.widget, TagRowsWidget):
        data.setlist("tag_key", [key for key, _value in value])
        data.setlist("tag_value", [text for _key, text in value])
    elif isinstance(field.widget, forms.CheckboxInput):
        data.pop(html_name, None)
        if field.prepare_value(value):
            data[html_name] = "on"
    else:
        data[html_name] = str(getattr(value, "resource_id", "" if value is None else value))
