"""The form of a connection: one part for each row that it creates, drawn in the sections of the product page.

Models declare nearly all of its fields. `applicability.APPLIES_WHEN` decides which fields are shown. Fields that don't
apply are neither validated nor saved, but the page carries their values so that nothing typed is lost.
"""

from collections.abc import Container, ItemsView, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from connections import ids
from connections.console.autocomplete import ResourceChoiceField, Ways, address, cens_to_choose
from connections.console.forms import presets
from connections.console.forms.base import (
    ConsoleBoundField,
    ConsoleForm,
    Group,
    LockedBox,
    Markup,
    SectionBox,
    SideBySide,
    SummaryRow,
    focus_id,
    group_id,
    helper,
    send,
)
from connections.console.forms.outline import Outline
from connections.console.forms.tags import TagsForm
from connections.console.forms.widgets import SwitchInput
from connections.console.words import Words
from connections.domain import applicability, rules, sections
from connections.domain.choices import AssociateResource, HealthCheckPolicy
from connections.domain.edit_locks import Lock
from connections.domain.problems import Problem
from connections.domain.regions import Region
from connections.models import (
    Account,
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    Device,
    ResourceGroup,
    TransitRouter,
    Tunnel,
)
from connections.search import typed
from connections.services.addresses import proposed_tunnel_cidr
from connections.services.drafts import Draft, draft_problems


class SwitchChoiceField(forms.BooleanField):
    """A choice of two values as a switch: on for the first, off for the second."""

    widget = SwitchInput

    def __init__(self, *, on: str, off: str, **kwargs):
        super().__init__(required=False, **kwargs)
        self.on, self.off = on, off

    def prepare_value(self, value):
        return value if isinstance(value, bool) or value is None else value in (self.on, "True", "on")

    def to_python(self, value):
        return self.on if value not in (False, "False", "", None, self.off) else self.off


class Part(ConsoleForm):
    """Base of the parts of the connection form, one for each row."""

    def __init__(self, *args, whole: "ConnectionForm", **kwargs):
        self.whole = whole
        super().__init__(*args, **kwargs)
        if whole.tunnel_count > 1:
            self.fields = {name: field for name, field in self.fields.items() if name not in applicability.SINGLE_ONLY}

    def narrow(self, name: str, what: str) -> None:
        """Offer the first rows only, with a search for the others."""
        field = self.field_of(name, ResourceChoiceField)
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
        """Whether the whole part has been validated."""
        return hasattr(self, "cleaned_data")

    def swap_attributes(self, bound):
        return {} if self.lock_of(bound.name) else self.whole.swap_attributes(bound)

    @property
    def warnings(self):
        self.whole.advise()
        return self._warnings

    def full_clean(self):
        """Validate only fields that count. The others stay in the form with what was typed.

        A field that is kept but not shown has no errors: the service stores its default in place of a wrong value.
        """
        everything = self.fields
        self.fields = {name: field for name, field in everything.items() if self._counts(name)}
        try:
            super().full_clean()
        finally:
            self.fields = everything
        for name in [name for name in self.errors if name in everything and not self.whole.applies(name)]:
            del self.errors[name]

    def _counts(self, name: str) -> bool:
        """Whether what was posted for a field counts. A page without hidden fields changes nothing that is kept."""
        return self.whole.judges(name) and (self.whole.applies(name) or self.add_prefix(name) in self.data)


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
    """Where a new connection is attached. CEN instance and resource group only filter the transit routers."""

    associate_resource = forms.ChoiceField(
        label=sections.LABELS["associate_resource"],
        choices=AssociateResource,
        initial=AssociateResource.NONE,
        widget=forms.RadioSelect,
        help_text=_(
            "CEN attaches the connection to one of your transit routers right away. To use another account's, choose "
            "Do Not Associate and authorize it afterwards."
        ),
    )
    resource_group = ResourceChoiceField(
        ResourceGroup.objects.none(),
        label=sections.LABELS["resource_group"],
        required=False,
        empty_label=_("All resource groups"),
        help_text=_("Filters the CEN instances below."),
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
        # Django would offer the transit routers of all accounts.
        self.field_of("transit_router", ResourceChoiceField).queryset = TransitRouter.objects.none()
        # placement_problems reports missing values.
        for name in {"transit_router", "zone"} & self.fields.keys():
            self.fields[name].required = False
        groups = self.field_of("resource_group", ResourceChoiceField)
        groups.queryset, groups.ways = ResourceGroup.objects.filter(account=account), Ways(label=str)
        if self.whole.applies("cen"):
            self._offer_places(account, region)

    def _offer_places(self, account: Account, region: Region) -> None:
        """Offer CEN instances, transit routers and zones as far as the other choices allow."""
        cens = cens_to_choose(account, self.whole.raw("resource_group"))
        self.field_of("cen", ResourceChoiceField).queryset = cens
        self.narrow("cen", "cens")
        field = self.field_of("transit_router", ResourceChoiceField)
        if chosen := self.whole.raw("cen"):
            routers = TransitRouter.objects.of(account).filter(region_id=region.id, cen__in=cens)
            field.queryset = routers.filter(cen__resource_id=chosen).select_related("cen")
        field.empty_label = self._router_hint(bool(chosen), field.queryset)
        if "zone" in self.fields:
            self.field_of("zone", forms.ChoiceField).choices = [
                ("", _("Choose a zone")),
                *((zone.id, zone.label) for zone in region.zones),
            ]

    def _router_hint(self, is_cen_chosen: bool, routers: QuerySet) -> Words:
        if not is_cen_chosen:
            return _("Choose a CEN instance first")
        if not routers.exists():
            return _("This CEN instance has no transit router in %(region)s") % {"region": self.whole.region.name}
        return _("Choose a transit router")

    def clean(self):
        super().clean()
        data = self.cleaned_data
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
                    has_zone=self.whole.tunnel_count == 1,
                )
            )
        return data


# Each form offers the zones of its region. Otherwise Django would copy the zones of all regions for every form.
AttachmentPart.base_fields["zone"].choices = ()  # type: ignore[attr-defined]  # the model field has choices


class TunnelPart(Part, forms.ModelForm):
    """One tunnel. The parts of several tunnels have different prefixes."""

    class Meta:
        model = Tunnel
        fields = sections.TUNNEL_FIELDS
        field_classes = {"customer_gateway": ResourceChoiceField}

    @property
    def belongs_to(self) -> Words:
        return sections.TUNNEL_TITLES[self.instance.index] if self.whole.tunnel_count > 1 else ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        gateways = CustomerGateway.objects.of(self.whole.account).filter(region_id=self.whole.region.id)
        field = self.field_of("customer_gateway", ResourceChoiceField)
        field.queryset = gateways.order_by("-id")
        field.empty_label = _("Choose a customer gateway")
        field.error_messages["required"] = _("Choose a customer gateway.")
        self.narrow("customer_gateway", "customer-gateways")
        field.known = self.whole.known_gateways
        field.none_label = _("No customer gateway in %(region)s yet") % {"region": self.whole.region.name}
        field.widget.attrs["data-accepts"] = "customer-gateway"
        self.fields["psk"].widget.attrs |= {
            "data-generate": ids.ALPHABET,
            "data-generate-length": ids.GENERATED_PSK_LENGTH,
        }
        self.offers["customer_gateway"] = (
            reverse("customer-gateway-create", args=[self.whole.region.id]),
            _("Create a customer gateway"),
        )

    def full_clean(self):
        # The tunnel's clean() reads the connection, so the connection's values must be set first.
        self.whole.connection.errors  # noqa: B018 - validates the connection
        super().full_clean()


class TagsPart(Part, TagsForm):
    """The connection's tags."""


P = TypeVar("P", bound=Part)


# What tunnel 2 keeps when it is filled with the values of tunnel 1.
NOT_COPIED = ("psk", *sections.BGP.fields)


def with_copy(values: QueryDict) -> QueryDict:
    """Posted values, with those of tunnel 1 in tunnel 2. The key is copied only if `copy_key` is ticked."""
    copied = values.copy()
    for name in sections.TUNNEL_FIELDS:
        if name not in NOT_COPIED or (name == "psk" and "copy_key" in values):
            first, second = (f"{sections.tunnel_prefix(number)}-{name}" for number in (1, 2))
            copied.setlist(second, values.getlist(first))
            if first not in values:
                # A box that is not ticked.
                del copied[second]
    return copied


def posted_count(posted: QueryDict, otherwise: int = 1) -> int:
    """The number of tunnels that a page or an address asks for."""
    return {"1": 1, "2": 2}.get(posted.get("tunnels", ""), otherwise)


class ConnectionForm:
    """All parts as one form for views and crispy. Its field names are HTML names: a tunnel's fields have a prefix."""

    crispy_field_template = None
    # Fields that are shown but cannot be changed; a new connection has none.
    locks: Mapping[str, Lock] = {}
    # The number of the tunnel that the form is about; 0 for the whole connection.
    only = 0
    _is_advised = False
    # The attachment that has to be deleted before the placement of an existing connection can change.
    attachment_to_leave: Attachment | None = None
    # Fields that are drawn without their errors.
    unjudged: Container[str] = ()
    # Whether the form is about a stored row.
    modifies = False

    @property
    def locked_title(self) -> Words:
        """The title of the values that cannot be changed."""
        return ""

    def __init__(
        self,
        account: Account,
        region: Region,
        data: QueryDict | None = None,
        *,
        values: QueryDict | None = None,
        known=None,
        tunnel_count: int = 1,
    ):
        """Bind to `data`, or show `values` without validation. `known`: customer gateways that were looked up.

        What is posted says how many tunnels there are; without it `tunnel_count` does.
        """
        self.account, self.region = account, region
        self.known_gateways: dict[str, CustomerGateway | None] = {} if known is None else known
        self.is_bound = data is not None
        self.posted = data if data is not None else values
        # Values that the console has put in, by HTML name: they don't count as filled in by the user.
        carried = self.posted.getlist("_auto") if self.posted is not None else []
        self.automatic = dict(entry.split("=", 1) for entry in carried if "=" in entry)
        self.tunnel_count = self.count_tunnels(tunnel_count)
        connection, tunnels, attachment = self.instances()
        self.connection = self._part(ConnectionPart, instance=connection)
        self.attachment = self._part(AttachmentPart, instance=attachment)
        self.tunnels = [
            self._part(TunnelPart, prefix=sections.tunnel_prefix(tunnel.index), instance=tunnel) for tunnel in tunnels
        ]
        self.sections = sections.layout(len(self.tunnels))
        self.tags = self._part(TagsPart)
        self.prepare()
        self.parts: list[Part] = [self.connection, self.attachment, *self.tunnels, self.tags]
        self.fields = {part.add_prefix(name): field for part in self.parts for name, field in part.fields.items()}
        self._part_of = {part.add_prefix(name): (part, name) for part in self.parts for name in part.fields}
        # The initial values of fields that show `values`.
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

    def count_tunnels(self, otherwise: int) -> int:
        return otherwise if self.posted is None else posted_count(self.posted, otherwise)

    def instances(self) -> tuple[Connection, list[Tunnel], Attachment]:
        """The rows that the parts fill in."""
        connection = Connection(account=self.account, region_id=self.region.id, tunnel_count=self.tunnel_count)
        tunnels = [
            Tunnel(connection=connection, account=self.account, region_id=self.region.id, index=index)
            for index in range(1, self.tunnel_count + 1)
        ]
        return connection, tunnels, Attachment(account=self.account)

    def prepare(self) -> None:
        """Adjust the parts. For subclasses."""

    def shown_value(self, html_name: str) -> object:
        """The value of a field that shows `values`."""
        part, name = self._part_of[html_name]
        return part.fields[name].widget.value_from_datadict(self.copy_of_posted(), {}, html_name)

    def first_value(self, html_name: str) -> object:
        """A field's value before the user typed anything."""
        if html_name in self._before:
            return self._before[html_name]
        part, name = self._part_of[html_name]
        return part.get_initial_for_field(part.fields[name], name)

    @property
    def folding(self) -> dict[str, str]:
        """The summary line of each collapsible section."""
        return dict(self.outline.lines)

    @cached_property
    def outline(self) -> Outline:
        """The progress sidebar."""
        return Outline(self)

    def again(self, values: QueryDict) -> "ConnectionForm":
        """The same form with other values, not validated."""
        form = type(self)(
            self.account, self.region, values=values, known=self.known_gateways, tunnel_count=self.tunnel_count
        )
        form.automatic |= self.automatic
        return form

    def _part(self, part: type[P], **kwargs) -> P:
        return part(self.posted if self.is_bound else None, whole=self, **kwargs)

    def __getitem__(self, html_name: str) -> ConsoleBoundField:
        part, name = self._part_of[html_name]
        return part[name]

    def places(self) -> ItemsView[str, tuple[Part, str]]:
        """Every HTML name with its part and field."""
        return self._part_of.items()

    def raw(self, html_name: str) -> str:
        """The posted text of a field, not validated."""
        return self.posted.get(html_name, "") if self.posted is not None else ""

    def copy_of_posted(self) -> QueryDict:
        """A mutable copy of the posted data; empty if there is none."""
        return QueryDict(mutable=True) if self.posted is None else self.posted.copy()

    def html_names(self, names: Iterable[str], tunnel: int = 1) -> list[str]:
        """The HTML names of those fields that this form has; of a tunnel's fields those of `tunnel`, counted from 1."""
        keys = [(sections.scope(name, tunnel), name) for name in names]
        return [self._html_name_of[key] for key in keys if key in self._html_name_of]

    @cached_property
    def _html_name_of(self) -> dict[tuple[int, str], str]:
        """The HTML name of each field by its scope and name."""
        return {
            (part.instance.index if isinstance(part, TunnelPart) else 0, name): html_name
            for html_name, (part, name) in self._part_of.items()
        }

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Posted values of fields that the form would have with another number of tunnels, so that none is lost."""
        others = tuple(applicability.SINGLE_ONLY)
        if self.tunnel_count == 1:
            others = tuple(f"{sections.tunnel_prefix(2)}-{name}" for name in sections.TUNNEL_FIELDS)
        posted = self.copy_of_posted()
        return [(name, posted.get(name, "")) for name in others if name in posted]

    # --- which fields show ---------------------------------------------------------------------------------------

    @cached_property
    def deciders(self) -> dict[str, object]:
        """The deciding fields' values, posted or initial."""
        values = {}
        for name in applicability.DECIDERS:
            part = ConnectionPart if name in sections.CONNECTION_FIELDS else AttachmentPart
            field = part.base_fields[name]
            if self.posted is None or self.only or name in self.locks:
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
        return applicability.Applicability(self.deciders).keeps(name) and name not in self.locks

    def shows(self, html_name: str) -> bool:
        return self.applies(self._part_of[html_name][1])

    # --- validation -------------------------------------------------------------------------------------------------

    @cached_property
    def draft(self) -> Draft:
        """The rows of the parts, with as many values as could be read."""
        for part in self.parts:
            part.errors  # noqa: B018 - validates the part
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
        """Validate every part, and the rules that span them."""
        if not self.is_bound:
            return False
        self.add_problems(self.spanning_problems())
        return not any(part.errors for part in self.parts)

    def spanning_problems(self) -> Iterable[Problem]:
        """Problems that concern several rows."""
        return draft_problems(self.draft)

    def crossing_problems(self) -> Iterator[Problem]:
        """Problems of values that are right by themselves, as soon as both are there."""
        for tunnel in [self.tunnels[self.only - 1]] if self.only else self.tunnels:
            values = Readings(self, tunnel)
            found: list[Problem] = []
            if self.applies("local_subnet"):
                networks = [values[name] or () for name in ("local_subnet", "remote_subnet")]
                found += rules.several_networks_problems(values["ike_version"] or "", *networks)
            if self.deciders["enable_bgp"] and (gateway := values.gateway):
                found += rules.bgp_gateway_problems(gateway.resource_id, gateway.asn is not None)
            for problem in found:
                yield replace(problem, tunnel=tunnel.instance.index)

    def add_problems(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            # Advice needs the values, and a field with an error has none any more.
            self.advise()
            part = self._home(problem)
            part.add_problems([problem])

    def _home(self, problem: Problem) -> Part:
        """The part with a problem's field, or the connection if no part has it."""
        candidates: list[Part] = [self.connection, self.attachment, self.tunnels[problem.tunnel - 1], self.tags]
        return next((part for part in candidates if problem.field in part.fields), self.connection)

    def add_error(self, message: str) -> None:
        """Add an error that concerns no single field."""
        self.connection.errors  # noqa: B018 - validation would drop an error that was added before
        self.connection.add_error(None, message)

    def advise(self) -> None:
        """Add advice to the fields, once. Done on demand, because a valid form is not drawn."""
        if not self._is_advised:
            self._is_advised = True
            for tunnel in self.tunnels:
                for problem in rules.connection_warnings(Readings(self, tunnel), tunnel.instance.index):
                    if problem.code == "weak" and self._is_default(tunnel, problem.field):
                        # The presets name it, so that a fresh form does not warn of its own values.
                        continue
                    messages = self._home(problem).warnings.setdefault(problem.field, [])
                    # Advice about the connection is found once for each tunnel.
                    if problem.message not in messages:
                        messages.append(problem.message)
            if len(self.tunnels) > 1:
                for problem in rules.pair_warnings(*(Readings(self, tunnel) for tunnel in self.tunnels)):
                    self._home(problem).warnings.setdefault(problem.field, []).append(problem.message)

    def text_of(self, html_name: str) -> str:
        """The text that a field shows."""
        part, name = self._part_of[html_name]
        if self.is_bound or html_name in self._before:
            return self.raw(html_name)
        return str(part.get_initial_for_field(part.fields[name], name))

    def _is_default(self, tunnel: TunnelPart, name: str) -> bool:
        return self.text_of(tunnel.add_prefix(name)) == presets.DEFAULT[name]

    def device_of(self, tunnel: TunnelPart) -> Device | None:
        """The device at the other end of a tunnel; none of a new one."""
        return None

    @property
    def address(self) -> str:
        """The address of the form's page."""
        return reverse("connection-create", args=[self.region.id])

    @property
    def preset_bars(self) -> list[presets.PresetBar]:
        """The presets of the encryption of each tunnel."""
        bars = []
        for section in self.sections:
            if "ike_version" not in section.fields:
                continue
            tunnel = self.tunnels[section.tunnel - 1]
            texts = {name: self.text_of(tunnel.add_prefix(name)) for name in presets.FIELDS}
            weak = dict.fromkeys(texts[problem.field] for problem in rules.strength_warnings(texts))
            offered = presets.presets_of(texts.__getitem__, self.device_of(tunnel))
            bars.append(presets.PresetBar(section.key, section.tunnel, offered, list(weak), self.address))
        return bars

    @cached_property
    def heads(self) -> dict[str, presets.PresetBar]:
        """What stands above the fold of a section, by the key of the section."""
        return {bar.section: bar for bar in self.preset_bars}

    @property
    def error_summary(self) -> list[SummaryRow]:
        """Every error in the order of the page, with section and field."""
        if not any(part.errors for part in self.parts):
            return []
        rows = [row for part in self.parts for row in part.unplaced_errors]
        for section in self.sections:
            for bound in map(self.__getitem__, self.html_names(section.fields, section.tunnel)):
                if self.applies(bound.name):
                    label = section.short if section.short == bound.label else f"{section.short}: {bound.label}"
                    rows += [SummaryRow(focus_id(bound), label, message) for message in bound.error_messages]
        return rows

    # --- drawing -------------------------------------------------------------------------------------------------

    @property
    def helper(self):
        """Sections in the product page's order. A section that depends on one decider is shown or hidden as a whole."""
        boxes = []
        for section in self.sections:
            held = [name for name in section.fields if name in self.locks]
            names = self.html_names(section.fields, section.tunnel)
            if shown := [name for name in self.html_names(held, section.tunnel) if self.shows(name)]:
                rest = replace(section, fields=tuple(name for name in section.fields if name not in held))
                box = LockedBox(*shown, title=self.locked_title if section.key == sections.BASIC.key else "")
                boxes.append(SectionBox(section.key, section.title, box, *self._runs(rest)))
            elif section.decider:
                boxes.append(Group(SectionBox(section.key, section.title, *names), names=names))
            else:
                lead = [Markup(template) for template in self.leads.get(section.key, ())]
                boxes.append(SectionBox(section.key, section.title, *lead, *self._runs(section)))
        return helper(*boxes)

    # Templates at the head of sections.
    leads: Mapping[str, tuple[str, ...]] = {
        sections.BASIC.key: ("connections/_tunnel_count.html",),
        sections.tunnel_prefix(2): ("connections/_copy_tunnel.html",),
    }

    def _runs(self, section, oob=False):
        for pair, fields in section.groups():
            names = self.html_names(fields, section.tunnel)
            if pair is not None:
                yield Group(*names, names=names, oob=oob)
                continue
            side_by_side = names[-2:] if section.fields[-2:] == sections.IPSEC.fields[-2:] else []
            yield from names[: len(names) - len(side_by_side)]
            if side_by_side:
                yield SideBySide(*side_by_side)

    @cached_property
    def _groups(self) -> list[tuple[str, Group]]:
        """Every group with its decider."""
        return list(self._each_group())

    def _each_group(self):
        for section in self.sections:
            for pair, fields in section.groups():
                if pair is None:
                    continue
                names = self.html_names(fields, section.tunnel)
                content = [SectionBox(section.key, section.title, *names)] if section.decider else names
                yield pair[0], Group(*content, names=names, oob=True)

    # Fields that change the choices in a decider's group.
    REDRAWS = {"resource_group": "associate_resource", "cen": "associate_resource"}

    def redrawn(self, html_name: str) -> list[Group]:
        """The groups to replace after a change of the field."""
        decider = self.REDRAWS.get(html_name, html_name)
        groups = [group for owner, group in self._groups if owner == decider]
        return groups[:1] if html_name in self.REDRAWS else groups

    def swap_attributes(self, bound) -> dict[str, str]:
        """The htmx attributes with which a change of this field updates the page; they hide what it may replace."""
        name = bound.html_name
        # Without an indicator htmx would mark the field itself as loading, and our style sheet would hide it.
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
        """The context of the answer to a changed field: groups, messages, and a sentence for screen readers.

        Groups are drawn without validation, with proposals in empty fields. The field itself is validated, as are
        fields that show a message already; any field may get advice.
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
            self._part_of[name][0].errors  # noqa: B018 - validates the part
        for problem in self.crossing_problems():
            names = self.html_names([problem.field], problem.tunnel)
            if not in_groups.intersection(names):
                judged.update(names)
                self._home(problem).add_problems([problem])
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
            "preset_bars": self.preset_bars if self._part_of[html_name][1] in presets.FIELDS else [],
        }

    def proposals(self, html_name: str, groups: Iterable[str] = ()) -> QueryDict:
        """The posted values, with proposals in empty fields and initial values for missing fields of `groups`."""
        values = self.copy_of_posted()

        def offer(field: str, value: str) -> None:
            if value and not values.get(field, "").strip():
                values[field] = self.automatic[field] = value

        for name in groups:
            part, own = self._part_of[name]
            field = part.fields[own]
            if field.widget.value_omitted_from_data(values, {}, name):
                send(values, field, name, part.get_initial_for_field(field, own))
        if html_name == "enable_bgp" and self.deciders["enable_bgp"]:
            for tunnel in self.tunnels:
                here = {values.get(other.add_prefix("tunnel_cidr"), "").strip() for other in self.tunnels}
                offer(tunnel.add_prefix("tunnel_cidr"), proposed_tunnel_cidr(self.account, self.region.id, here))
                block = values.get(tunnel.add_prefix("tunnel_cidr"), "").strip()
                for problem in rules.bgp_problems(block, ""):
                    if problem.field == "local_bgp_ip":
                        offer(tunnel.add_prefix("local_bgp_ip"), rules.fix_of(problem))
        if html_name == "cen" and values.get("cen"):
            routers = list(self.attachment.field_of("transit_router", ResourceChoiceField).queryset[:2])
            known = [router.resource_id for router in routers]
            if values.get("transit_router") not in known:
                values["transit_router"] = self.automatic["transit_router"] = known[0] if len(known) == 1 else ""
            if values["transit_router"]:
                offer("zone", self.region.zones[0].id)
        return values


class Readings(Mapping):
    """The values of a form's connection, one tunnel and its customer gateway, as far as they can be read.

    Each value is read on demand. A validated part yields valid values only.
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
            gateway = self.gateway
            return gateway and (gateway.ip_address if name == "gateway_ip" else gateway.asn)
        if name in sections.CONNECTION_FIELDS and name not in self._places:
            # The form is about a tunnel alone.
            return getattr(self._form.connection.instance, name)
        return self._value(self._places[name], name)

    @cached_property
    def gateway(self) -> CustomerGateway | None:
        chosen = self._value(self._tunnel, "customer_gateway")
        if isinstance(chosen, str) and chosen:
            return self._tunnel.field_of("customer_gateway", ResourceChoiceField).row(chosen)
        return chosen if isinstance(chosen, CustomerGateway) else None

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
