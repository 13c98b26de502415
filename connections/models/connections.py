"""IPsec-VPN connections and their tunnels. Form, pages and API use the fields as declared here.

Names are the wire's names in snake_case; the first argument is the console's label. Defaults are the console's
(product page); the API brings its own.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from connections import clock, ids, search
from connections.domain import limits, rules
from connections.domain.applicability import Applicability
from connections.domain.choices import (
    AT_REST,
    AssociateResource,
    AttachmentStatus,
    AuthenticationAlgorithm,
    ConnectionState,
    DhGroup,
    EncryptionAlgorithm,
    HealthCheckPolicy,
    IkeMode,
    IkeVersion,
    NegotiationStatus,
    NetworkType,
    PfsGroup,
    RoutingMode,
    TunnelBandwidth,
    TunnelRole,
)
from connections.domain.parsing import ANYWHERE
from connections.domain.regions import REGION_CHOICES, REGIONS, Region, regions_of
from connections.models.base import Judged, Resource, ResourceQuerySet, Transitional, over, raise_problems, under_way
from connections.models.customer_gateways import CustomerGateway
from connections.models.tags import Tag
from connections.negotiation import Bgp, Cloud, HealthCheck, Outcome, furthest
from connections.negotiation.records import read
from connections.negotiation.shown import Shown
from connections.persistence.fields import AsnField, CidrListField, EncryptedField, RuledCharField, RuledIntegerField

if TYPE_CHECKING:
    from connections.models.accounts import Account
    from connections.models.attachments import Attachment
    from connections.models.cens import Cen

YES_NO = ((True, _("Yes")), (False, _("No")))


# What `for_list` reads of the first tunnel: attributes of the connection, and fields of the tunnel.
_LISTED = {
    "listed_tunnel": "id",
    "listed_ip": "internet_ip",
    "listed_status": "negotiation_status",
    "listed_settles": "negotiation_settles",
    "listed_changes": "negotiation_changes",
    "listed_shows": "negotiation_shows",
    "listed_gateway": "customer_gateway__id",
    "listed_gateway_id": "customer_gateway__resource_id",
    "listed_gateway_name": "customer_gateway__name",
    "listed_gateway_ip": "customer_gateway__ip_address",
}


def _routers(text: str, account: "Account", region_id: str) -> models.QuerySet:
    """The account's transit routers in a region, or in all, by a text in their IDs or names, or their CENs'."""
    routers = apps.get_model("connections", "TransitRouter").objects.of(account).in_region(region_id)
    names = models.Q(name__icontains=text) | models.Q(cen__name__icontains=text)
    return routers.filter(names | models.Q(resource_id__contains=text) | models.Q(cen__resource_id__contains=text))


class ConnectionQuerySet(ResourceQuerySet):
    def with_parts(self) -> Self:
        """Read everything that a list row or a details page shows, in a constant number of queries."""
        return self.select_related(
            "attachment__transit_router__cen", "attachment__account", "account", "resource_group"
        ).prefetch_related(
            models.Prefetch("tunnels", Tunnel.objects.select_related("customer_gateway", "device")), "tags"
        )

    def for_list(self) -> Self:
        """Read only what the usual columns of the list show: a third less than `with_parts`.

        Other columns need `with_parts`; otherwise each row causes further queries.
        """
        shown = (
            "resource_id",
            "account",
            "region_id",
            "name",
            "routing_mode",
            "health_check",
            "tunnel_count",
            "created_at",
        )
        attachment = [f"attachment__{name}" for name in ("connection", "account__uid", "transition", "transition_ends")]
        cen = [f"attachment__transit_router__cen__{name}" for name in ("resource_id", "name")]
        tags = Tag.objects.only("connection", "key", "value")
        return (
            self.select_related("attachment__transit_router__cen", "attachment__account")
            .only(*shown, "transition", "transition_ends", *attachment, *cen)
            .alias(first_tunnel=models.FilteredRelation("tunnels", condition=models.Q(tunnels__index=1)))
            .annotate(**{name: models.F(f"first_tunnel__{path}") for name, path in _LISTED.items()})
            # As a list: a queryset for each row would take as long as reading it.
            .prefetch_related(models.Prefetch("tags", tags, to_attr="listed_tags"))
        )

    def named_through(self, text: str, account: "Account", region_id: str, at_most: int | None = None) -> tuple:
        """The keys of connections by a text in the name of their customer gateway, transit router or CEN instance.

        Two queries, each read from an index. Of other accounts' transit routers, names are not read.
        """
        gateways = CustomerGateway.objects.of(account).in_region(region_id).matching(text)
        tunnels = Tunnel.objects.filter(customer_gateway__in=gateways.values("pk")).order_by()
        attachments = apps.get_model("connections", "Attachment").objects.living().order_by()
        attachments = attachments.filter(transit_router__in=_routers(text, account, region_id).values("pk"))
        return tuple(rows.values("connection")[:at_most] for rows in (tunnels, attachments))

    def searched(self, text: str, account: "Account", region_id: str, at_most: int | None = None) -> Self:
        """Connections of a region, or of all, by a text in what identifies them or what they are connected to."""
        mine = Connection.objects.of(account).in_region(region_id)
        own = search.found(mine, text, account.pk, region_id, at_most).order_by().values("pk")
        keys = (own[:at_most], *self.named_through(text, account, region_id, at_most))
        # Each in a subquery: SQLite allows no LIMIT in a part of a union.
        first, *others = (Connection.objects.filter(pk__in=part).order_by().values("pk") for part in keys)
        return self.filter(pk__in=first.union(*others, all=True))

    def read_for(self, text: str, account: "Account", region_id: str) -> Self:
        """The same connections, read in the order of a list, which is faster if there are many."""
        of_gateway = Tunnel.objects.filter(connection=models.OuterRef("pk"))
        of_gateway = of_gateway.filter(
            models.Q(customer_gateway__name__icontains=text) | models.Q(customer_gateway__resource_id__contains=text)
        )
        routers = _routers(text, account, region_id)
        attached = apps.get_model("connections", "Attachment").objects.living()
        attached = attached.filter(connection=models.OuterRef("pk"), transit_router__in=routers.values("pk"))
        return self.filter(models.Q(search_text__icontains=text) | models.Exists(of_gateway) | models.Exists(attached))

    def latest_of(self, gateway: CustomerGateway, most: int) -> Self:
        """The newest connections to a customer gateway, read from its index."""
        tunnels = Tunnel.objects.filter(customer_gateway=gateway).order_by("-connection_id")
        return self.filter(pk__in=tunnels.values("connection_id").distinct()[:most])

    def bound(self) -> Self:
        """Connections that an attachment binds at this moment."""
        finished = models.Q(attachment__transition=AttachmentStatus.DETACHING) & over("attachment__")
        return self.filter(attachment__isnull=False).exclude(finished)

    def kept_as(self, *, bound: bool) -> Self:
        """Connections by `is_bound`. `IN`, because SQLite does not use an index for a bare boolean."""
        return self.filter(is_bound__in=(bound,))

    def in_state(self, state: str) -> Self:
        """Connections in a state at this moment: `Connection.state` as a query.

        Transient states are found by the time of their end, which few rows have; other states follow from `is_bound`.
        """
        resting = self.filter(models.Q(transition_ends__isnull=True) | over())
        moving = apps.get_model("connections", "Attachment").objects.filter(under_way())
        if state in AT_REST:
            at_rest = resting.kept_as(bound=state == ConnectionState.ATTACHED)
            return at_rest.exclude(models.Exists(moving.filter(connection=models.OuterRef("pk"))))
        detaching = models.Q(transition=AttachmentStatus.DETACHING)
        if state == ConnectionState.DETACHING:
            return resting.filter(pk__in=moving.filter(detaching).values("connection"))
        if state == ConnectionState.ATTACHING:
            return resting.filter(pk__in=moving.exclude(detaching).values("connection"))
        return self.filter(under_way(), transition=state)

    def with_status(self, status: str, moving: Iterable["Tunnel"]) -> Self:
        """Connections with a tunnel that has this negotiation status. `moving`: the tunnels that move."""
        resting_so = models.Exists(
            Tunnel.objects.filter(resting(), connection=models.OuterRef("pk"), negotiation_status=status)
        )
        moving_so = [tunnel.connection_id for tunnel in moving if tunnel.status == status]
        return self.filter(resting_so | models.Q(pk__in=moving_so) if moving_so else resting_so)

    def driven_by_status(self, status: str, account: "Account", region_id: str, moving: Iterable["Tunnel"]) -> Self:
        """The same, found from the index of statuses, perhaps repeatedly."""
        so = resting("tunnels__") & models.Q(
            tunnels__account=account,
            tunnels__region_id__in=regions_of(region_id),
            tunnels__negotiation_status=status,
        )
        moving_so = [tunnel.pk for tunnel in moving if tunnel.status == status]
        return self.filter(so | models.Q(tunnels__in=moving_so) if moving_so else so)


class Connection(Resource, Transitional):
    """An IPsec-VPN connection. Each of its tunnels is a row of Tunnel."""

    PREFIX = "vco"

    region_id = models.CharField(_("Region"), max_length=32, choices=REGION_CHOICES, editable=False)
    name = RuledCharField(
        _("Name"),
        max_length=limits.NAME_LENGTH,
        blank=True,
        help_text=format_lazy(
            _("Up to {most} characters. Can't start with http:// or https://."), most=limits.NAME_LENGTH
        ),
    )
    resource_group = models.ForeignKey(
        "connections.ResourceGroup", models.PROTECT, related_name="+", verbose_name=_("Resource Group"), editable=False
    )
    network_type = models.CharField(
        _("Gateway Type"),
        max_length=8,
        choices=NetworkType,
        default=NetworkType.PUBLIC,
        help_text=_("Public: over the Internet. Private: over a private line. Can't be changed later."),
    )
    routing_mode = models.CharField(
        _("Routing Mode"),
        max_length=16,
        choices=RoutingMode,
        default=RoutingMode.DESTINATION,
        help_text=_("Route by destination only, or by source and destination using the networks you list."),
    )
    local_subnet = CidrListField(
        _("Local Network"),
        blank=True,
        default=list,
        help_text=_("CIDR blocks on the cloud side, used in phase 2. More than one requires ikev2."),
    )
    remote_subnet = CidrListField(
        _("Remote Network"),
        blank=True,
        default=list,
        help_text=_("CIDR blocks in the data center, used in phase 2. More than one requires ikev2."),
    )
    effect_immediately = models.BooleanField(
        _("Effective Immediately"),
        choices=YES_NO,
        default=True,
        help_text=_("Yes: negotiate right after creation. No: wait for traffic."),
    )
    enable_bgp = models.BooleanField(
        _("Enable BGP"), default=False, help_text=_("Dynamic routing. The customer gateway must have an ASN.")
    )
    local_asn = AsnField(
        _("Local ASN"),
        blank=True,
        default=limits.CLOUD_ASN,
        help_text=_("Cloud-side AS number, for example 64512 or 123.456. A private ASN (64512-65534) is recommended."),
    )
    health_check = models.BooleanField(
        _("Health Check"), default=False, help_text=_("Probes an address in the data center through the tunnel.")
    )
    health_check_dip = RuledCharField(
        _("Destination IP Address"),
        max_length=15,
        blank=True,
        help_text=_("A data center address that responds to ping (ICMP)."),
    )
    health_check_sip = RuledCharField(
        _("Source IP Address"),
        max_length=15,
        blank=True,
        help_text=_(
            "Cloud-side address that sends the probes. Add a /32 route to it through the tunnel in your data center."
        ),
    )
    health_check_interval = RuledIntegerField(
        _("Retry Interval"),
        default=limits.HEALTH_CHECK_DEFAULT,
        blank=True,
        help_text=format_lazy(_("Seconds between probes, {least} to {most}."), least=1, most=limits.INTERVAL_MAX),
    )
    health_check_retry = RuledIntegerField(
        _("Number of Retries"),
        default=limits.HEALTH_CHECK_DEFAULT,
        blank=True,
        help_text=format_lazy(
            _("Failed probes before the check fails, {least} to {most}."), least=1, most=limits.RETRY_MAX
        ),
    )
    health_check_policy = models.CharField(
        _("Switch Route"),
        max_length=16,
        choices=HealthCheckPolicy,
        default=HealthCheckPolicy.REVOKE,
        help_text=_("Yes withdraws the advertised routes when the health check fails."),
    )

    # One or two, chosen at creation and never changed [P171]. A column, so that rules and lists need not read tunnels.
    tunnel_count = models.PositiveSmallIntegerField(default=1, editable=False)
    # Only the API has these two; the product's console does not.
    auto_config_route = models.BooleanField(_("Automatic Routes"), default=True, editable=False)
    tunnel_bandwidth = models.CharField(
        _("Tunnel Bandwidth"),
        max_length=8,
        choices=TunnelBandwidth,
        default=TunnelBandwidth.STANDARD,
        editable=False,
    )

    # For lists, written by `services.derived`: the name of the first tunnel's customer gateway (or else its ID).
    is_bound = models.BooleanField(default=False, editable=False)
    search_text = models.TextField(default="", editable=False)
    gateway_name = models.CharField(max_length=limits.NAME_LENGTH, default="", editable=False)
    # The furthest of the tunnels' stored statuses, by its place among them, written by `services.negotiations`.
    status_rank = models.PositiveSmallIntegerField(default=0, editable=False)

    # What `read_outcomes` has read.
    known_tunnels: list["Tunnel"] | None = None
    # What `for_list` reads along with a row.
    listed_ip: str
    listed_status: str
    listed_settles: datetime | None
    listed_changes: datetime | None
    listed_shows: dict | None
    listed_gateway: int
    listed_gateway_id: str
    listed_gateway_name: str
    listed_gateway_ip: str

    objects: ClassVar = ConnectionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(local_asn__range=(1, limits.ASN_MAX)), name="connection_asn_range"
            ),
            models.CheckConstraint(
                condition=models.Q(tunnel_count__range=(1, limits.MAX_TUNNELS)), name="connection_tunnel_count"
            ),
        )
        # One for each order of the list, and for its most frequent filters.
        indexes = (
            models.Index(fields=("account", "region_id", "-id"), name="connection_list"),
            models.Index(fields=("account", "region_id", "name", "id"), name="connection_name"),
            models.Index(fields=("account", "region_id", "resource_id", "id"), name="connection_resource"),
            models.Index(fields=("account", "region_id", "created_at"), name="connection_created"),
            models.Index(fields=("account", "region_id", "is_bound", "id"), name="connection_bound"),
            models.Index(fields=("account", "region_id", "is_bound", "name", "id"), name="connection_bound_name"),
            models.Index(fields=("account", "region_id", "gateway_name", "id"), name="connection_gateway"),
            models.Index(fields=("account", "region_id", "status_rank", "id"), name="connection_status"),
            models.Index(fields=("account", "region_id", "transition_ends"), name="connection_moving"),
            # The same orders of all regions.
            models.Index(fields=("account", "-id"), name="connection_all"),
            models.Index(fields=("account", "name", "id"), name="connection_all_name"),
            models.Index(fields=("account", "created_at"), name="connection_all_created"),
            models.Index(fields=("account", "is_bound", "id"), name="connection_all_bound"),
            models.Index(fields=("account", "gateway_name", "id"), name="connection_all_gateway"),
            models.Index(fields=("account", "status_rank", "id"), name="connection_all_status"),
        )

    def clean(self) -> None:
        applies = Applicability.of(self).applies
        problems = [*rules.text_problems("name", self.name)]
        if applies("local_subnet"):
            problems += rules.network_problems(self.local_subnet, self.remote_subnet)
        if applies("local_asn"):
            problems += rules.local_asn_problems(self.local_asn)
        if self.health_check:
            problems += rules.health_check_problems(
                self.health_check_dip, self.health_check_sip, self.health_check_interval, self.health_check_retry
            )
        raise_problems(problems)

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Skip queries: `clean()` has applied the rules, and the database checks its constraints."""

    def get_absolute_url(self) -> str:
        return reverse("connection-detail", args=[self.region_id, self.resource_id])

    @property
    def living_attachment(self) -> "Attachment | None":
        """The attachment that binds the connection now, or None."""
        attachment = getattr(self, "attachment", None)
        return attachment if attachment is not None and attachment.is_living else None

    @property
    def state(self) -> ConnectionState:
        if state := self.under_way:
            return ConnectionState(state)
        if attachment := self.living_attachment:
            return ConnectionState(attachment.status.lower())
        return ConnectionState.INIT

    @property
    def is_transient(self) -> bool:
        return self.state.is_transient

    @property
    def associate_resource(self) -> AssociateResource:
        return AssociateResource.CEN if self.living_attachment else AssociateResource.NONE

    def automatic_destinations(self, applicability: Applicability) -> list[str]:
        """Return the destinations that protected data flows route into the tunnel, never 0.0.0.0/0. [P42, P45]"""
        if not self.auto_config_route or not applicability.applies("remote_subnet"):
            return []
        return [network for network in self.remote_subnet if network != str(ANYWHERE)]

    @property
    def phase_2_networks(self) -> dict[str, tuple[str, ...]]:
        """The networks that the tunnels negotiate in phase 2, by field; empty for everything."""
        if RoutingMode(self.routing_mode).is_route_based(bgp=self.enable_bgp):
            return {}
        return {name: tuple(getattr(self, name)) for name in ("local_subnet", "remote_subnet")}

    @property
    def region(self) -> Region:
        return REGIONS[self.region_id]

    @property
    def is_dual(self) -> bool:
        """Whether the connection has two tunnels."""
        return self.tunnel_count > 1

    @property
    def tunnel(self) -> "Tunnel":
        """The one tunnel of a single-tunnel connection; of two, the first."""
        return self.known_tunnels[0] if self.known_tunnels else self._listed_tunnel or self.tunnels.all()[0]

    @property
    def all_tunnels(self) -> list["Tunnel"]:
        """The tunnels by number. `read_outcomes` reads those of a whole page of a list."""
        return list(self.tunnels.all()) if self.known_tunnels is None else self.known_tunnels

    def tunnel_with(self, tunnel_id: str) -> "Tunnel | None":
        """The tunnel that has this ID, or None."""
        return next((tunnel for tunnel in self.tunnels.all() if tunnel.resource_id == tunnel_id), None)

    @property
    def customer_gateways(self) -> list[CustomerGateway]:
        """The customer gateways of the tunnels, each once."""
        return list(dict.fromkeys(tunnel.customer_gateway for tunnel in self.all_tunnels))

    @property
    def status(self) -> NegotiationStatus:
        """The statuses of the tunnels summed up: the furthest that any of them has come. [P185]"""
        return furthest(tunnel.status for tunnel in self.all_tunnels)

    @property
    def tunnels_up(self) -> int:
        """How many tunnels carry traffic."""
        return sum(tunnel.is_up for tunnel in self.all_tunnels)

    @cached_property
    def _listed_tunnel(self) -> "Tunnel | None":
        """The tunnel of a list row, with the fields that were read along with it."""
        number = getattr(self, "listed_tunnel", None)
        if number is None:
            return None
        gateway = (self.listed_gateway, self.listed_gateway_id, self.listed_gateway_name, self.listed_gateway_ip)
        rest = ("negotiation_status", "negotiation_settles", "negotiation_changes", "negotiation_shows")
        names = ("id", "internet_ip", *rest)
        values = (
            number, self.listed_ip, self.listed_status, self.listed_settles, self.listed_changes, self.listed_shows
        )  # fmt: skip
        tunnel = Tunnel.from_db(self._state.db, names, values)
        columns = ("id", "resource_id", "name", "ip_address")
        tunnel.customer_gateway = CustomerGateway.from_db(self._state.db, columns, gateway)
        return tunnel

    @property
    def all_tags(self) -> Iterable[Tag]:
        listed = getattr(self, "listed_tags", None)
        return self.tags.all() if listed is None else listed


# Fields that the negotiation knows under the same name.
NEGOTIATED = (
    "ike_version", "ike_mode", "ike_enc_alg", "ike_auth_alg", "ike_pfs", "ike_lifetime", "psk", "ipsec_enc_alg",
    "ipsec_auth_alg", "ipsec_pfs", "ipsec_lifetime", "enable_dpd", "enable_nat_traversal",
)  # fmt: skip


class TunnelQuerySet(models.QuerySet):
    def whole(self) -> Self:
        """Read everything that the negotiation needs."""
        return self.select_related("connection", "customer_gateway", "device")

    def moving(self, account: "Account", *region_ids: str) -> Self:
        """The tunnels of the few connections of regions of which the stored status of a tunnel does not hold now."""
        now = clock.now()
        mine = self.filter(account=account, region_id__in=region_ids).order_by()
        # Two queries, each read from its index.
        settling = mine.filter(negotiation_settles__gt=now).values("connection")
        changing = mine.filter(negotiation_changes__lte=now).values("connection")
        return self.filter(connection__in=settling.union(changing))


def read_outcomes(connections: Iterable[Connection]) -> None:
    """Read the tunnels of what a list shows, and compute the outcomes of those that move, in one query."""
    connections = list(connections)
    partial = {connection.pk for connection in connections if connection.tunnel.get_deferred_fields()}
    lacking = [one.pk for one in connections if one.pk in partial and (one.is_dual or not one.tunnel.is_at_rest)]
    whole: dict[int, list[Tunnel]] = {}
    for tunnel in Tunnel.objects.whole().filter(connection__in=lacking).order_by("index") if lacking else ():
        whole.setdefault(tunnel.connection_id, []).append(tunnel)
    now = clock.now()
    for connection in connections:
        own = [connection.tunnel] if connection.pk in partial else list(connection.tunnels.all())
        connection.known_tunnels = whole.get(connection.pk, own)
        for tunnel in connection.known_tunnels:
            if not tunnel.is_at_rest:
                tunnel.known = tunnel.device.outcome_at(now)


def read_health(cens: Iterable["Cen"], most: int = 1000) -> None:
    """Read how many connections of these CEN instances' account are up, if no more than `most` are attached."""
    attachments = apps.get_model("connections", "Attachment").objects.living()
    attachments = attachments.filter(transit_router__cen__in=cens, connection__account=models.F("account"))
    attached = dict(attachments.values_list("connection", "transit_router__cen")[: most + 1])
    if len(attached) > most:
        return
    up = set()
    if attached:
        names = ("connection", "negotiation_status", "negotiation_settles", "negotiation_changes")
        tunnels = {tunnel.pk: tunnel for tunnel in Tunnel.objects.filter(connection__in=attached).only(*names)}
        moving = [tunnel.pk for tunnel in tunnels.values() if tunnel.is_moving]
        tunnels |= {tunnel.pk: tunnel for tunnel in Tunnel.objects.whole().filter(pk__in=moving)} if moving else {}
        up = {tunnel.connection_id for tunnel in tunnels.values() if tunnel.is_up}
    for cen in cens:
        own = [connection for connection, its_cen in attached.items() if its_cen == cen.pk]
        cen.health = (len(up.intersection(own)), len(own))


def resting(path: str = "") -> models.Q:
    """Match tunnels, reached by a path of relations, whose stored status holds at this moment."""
    now = clock.now()
    settles, changes = f"{path}negotiation_settles", f"{path}negotiation_changes"
    return (models.Q(**{f"{settles}__isnull": True}) | models.Q(**{f"{settles}__lte": now})) & (
        models.Q(**{f"{changes}__isnull": True}) | models.Q(**{f"{changes}__gt": now})
    )


class Tunnel(Judged):
    """One IPsec tunnel of a connection: its peer, keys, algorithms and BGP addresses."""

    resource_id = models.CharField(_("ID"), max_length=32, unique=True, editable=False)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="tunnels", editable=False)
    # Copied from the connection, because a tunnel's block is unique within account and region.
    account = models.ForeignKey("connections.Account", models.PROTECT, related_name="+", editable=False)
    region_id = models.CharField(max_length=32, choices=REGION_CHOICES, editable=False)
    index = models.PositiveSmallIntegerField(default=1, editable=False)
    internet_ip = models.CharField(_("Gateway IP Address"), max_length=15, blank=True, editable=False)
    # How far IKE has come [P104], and what lists show of it (a record of `Shown`), written by `services.negotiations`:
    # what holds from when it settles (None: always has) until it changes (None: never). Before and afterwards the
    # tunnel moves: `status` and `shown` compute.
    negotiation_status = models.CharField(
        max_length=32, choices=NegotiationStatus, default=NegotiationStatus.UNTRIED, editable=False
    )
    negotiation_settles = models.DateTimeField(null=True, editable=False)
    negotiation_changes = models.DateTimeField(null=True, editable=False)
    negotiation_shows = models.JSONField(null=True, editable=False)

    customer_gateway = models.ForeignKey(
        CustomerGateway,
        models.PROTECT,
        related_name="tunnels",
        db_index=False,
        verbose_name=_("Customer Gateway"),
        help_text=_("The device at the other end. Must be in this region."),
    )
    psk = EncryptedField(
        _("Pre-Shared Key"),
        max_length=limits.PSK_LENGTH,
        blank=True,
        help_text=format_lazy(
            _(
                "1 to {most} letters, digits or special characters, no spaces. Must match on both sides. Leave blank "
                "to generate one."
            ),
            most=limits.PSK_LENGTH,
        ),
    )
    ike_version = models.CharField(_("Version"), max_length=8, choices=IkeVersion, default=IkeVersion.IKEV2)
    ike_mode = models.CharField(
        _("Negotiation Mode"),
        max_length=16,
        choices=IkeMode,
        default=IkeMode.MAIN,
        help_text=_("main protects the peers' identities; aggressive uses fewer messages."),
    )
    ike_enc_alg = models.CharField(
        _("Encryption Algorithm"), max_length=8, choices=EncryptionAlgorithm, default=EncryptionAlgorithm.AES
    )
    ike_auth_alg = models.CharField(
        _("Authentication Algorithm"),
        max_length=8,
        choices=AuthenticationAlgorithm,
        default=AuthenticationAlgorithm.SHA1,
    )
    ike_pfs = models.CharField(_("DH Group"), max_length=8, choices=DhGroup, default=DhGroup.GROUP2)
    ike_lifetime = RuledIntegerField(
        _("SA Life Cycle (seconds)"),
        default=limits.LIFETIME_MAX,
        help_text=format_lazy(_("0 to {most} seconds."), most=limits.LIFETIME_MAX),
    )
    local_id = RuledCharField(
        _("LocalId"),
        max_length=limits.IDENTITY_LENGTH,
        blank=True,
        help_text=_("How the cloud side identifies itself: an IP address or domain name. Defaults to the gateway IP."),
    )
    remote_id = RuledCharField(
        _("RemoteId"),
        max_length=limits.IDENTITY_LENGTH,
        blank=True,
        help_text=_("How the data center identifies itself. Defaults to the customer gateway's IP."),
    )
    ipsec_enc_alg = models.CharField(
        _("Encryption Algorithm"), max_length=8, choices=EncryptionAlgorithm, default=EncryptionAlgorithm.AES
    )
    ipsec_auth_alg = models.CharField(
        _("Authentication Algorithm"),
        max_length=8,
        choices=AuthenticationAlgorithm,
        default=AuthenticationAlgorithm.SHA1,
    )
    ipsec_pfs = models.CharField(
        _("DH Group"),
        max_length=8,
        choices=PfsGroup,
        default=PfsGroup.GROUP2,
        help_text=_(
            "Any group turns on perfect forward secrecy (PFS); your device must use it too. Choose disabled if it "
            "can't."
        ),
    )
    ipsec_lifetime = RuledIntegerField(
        _("SA Life Cycle (seconds)"),
        default=limits.LIFETIME_MAX,
        help_text=format_lazy(_("0 to {most} seconds."), most=limits.LIFETIME_MAX),
    )
    enable_dpd = models.BooleanField(
        _("DPD"),
        default=True,
        help_text=_("Dead peer detection: checks that the peer is alive and renegotiates if it isn't."),
    )
    enable_nat_traversal = models.BooleanField(
        _("NAT Traversal"), default=True, help_text=_("Detects NAT on the path and works through it.")
    )
    tunnel_cidr = RuledCharField(
        _("Tunnel CIDR Block"),
        max_length=18,
        blank=True,
        help_text=_("A /30 in 169.254.0.0/16 not used by another connection in this region."),
    )
    local_bgp_ip = RuledCharField(
        _("Local BGP IP address"),
        max_length=15,
        blank=True,
        help_text=_("Cloud-side address in this block. The other address belongs to your device."),
    )

    objects: ClassVar = TunnelQuerySet.as_manager()

    # Of a row that is only shown: the outcome, computed once for all that is shown of it.
    known: Outcome | None = None

    class Meta:
        ordering = ("connection", "index")
        indexes = (
            models.Index(fields=("customer_gateway", "connection"), name="tunnel_of_gateway"),
            # To find free gateway addresses of a region.
            models.Index(fields=("region_id", "internet_ip"), name="tunnel_address"),
            models.Index(fields=("account", "region_id", "negotiation_status", "connection"), name="tunnel_status"),
            models.Index(fields=("account", "region_id", "negotiation_settles"), name="tunnel_settling"),
            models.Index(fields=("account", "region_id", "negotiation_changes"), name="tunnel_changing"),
        )
        constraints = (
            models.UniqueConstraint("connection", "index", name="tunnel_index_once"),
            models.UniqueConstraint(
                "account", "region_id", "tunnel_cidr", condition=~models.Q(tunnel_cidr=""), name="tunnel_cidr_once"
            ),
        )

    def __str__(self) -> str:
        return self.resource_id

    def give_ids(self) -> None:
        if not self.resource_id:
            self.resource_id = ids.resource_id("tun", self.region_id)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.give_ids()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        problems = [
            *rules.psk_problems(self.psk),
            *rules.lifetime_problems("ike_lifetime", self.ike_lifetime),
            *rules.lifetime_problems("ipsec_lifetime", self.ipsec_lifetime),
            *rules.identity_problems("local_id", self.local_id),
            *rules.identity_problems("remote_id", self.remote_id),
        ]
        if Applicability.of(self.connection).applies("tunnel_cidr"):
            problems += rules.bgp_problems(self.tunnel_cidr, self.local_bgp_ip)
        raise_problems(problems)

    @property
    def identity(self) -> str:
        """The ID that the cloud side sends: as typed, or the gateway's address."""
        return self.local_id or self.internet_ip

    @property
    def peer_identity(self) -> str:
        """The ID that the data center must send: as typed, or the customer gateway's address."""
        return self.remote_id or self.customer_gateway.ip_address

    @property
    def role(self) -> TunnelRole:
        """The role by the tunnel's number. Behind a transit router both tunnels carry traffic all the same [P175]."""
        return TunnelRole.MASTER if self.index == 1 else TunnelRole.SLAVE

    @property
    def zone(self) -> str:
        """The zone of one of two tunnels: of the region's first two, or its only one. [P172]"""
        zones = self.connection.region.zones
        return zones[min(self.index, len(zones)) - 1].id

    @property
    def peer_bgp_ip(self) -> str:
        """The other host of the tunnel's block."""
        return next((host for host in rules.tunnel_hosts(self.tunnel_cidr) if host != self.local_bgp_ip), "")

    @property
    def is_moving(self) -> bool:
        """Whether the stored status does not hold at this moment: the opposite of `resting`, for one row."""
        now, settles, changes = clock.now(), self.negotiation_settles, self.negotiation_changes
        return (settles is not None and settles > now) or (changes is not None and changes <= now)

    @property
    def is_at_rest(self) -> bool:
        """Whether what lists show is stored."""
        return self.negotiation_shows is not None and not self.is_moving

    @property
    def shown(self) -> Shown:
        """What lists show."""
        stored = self.negotiation_shows
        return Shown.of(self.outcome) if stored is None or self.is_moving else read(Shown, stored)

    @property
    def has_left_rest(self) -> bool:
        """Whether the tunnel moves because the time of the stored status is over, and may rest again."""
        changes = self.negotiation_changes
        return changes is not None and self.negotiation_settles != changes <= clock.now()

    @property
    def status(self) -> NegotiationStatus:
        """How far IKE has come [P104]."""
        return self.outcome.status if self.is_moving else NegotiationStatus(self.negotiation_status)

    @property
    def is_up(self) -> bool:
        """Whether the tunnel carries traffic, and with it BGP and health checks."""
        return self.status == NegotiationStatus.IPSEC_UP

    @property
    def outcome(self) -> Outcome:
        """The negotiation at this moment."""
        if self.known is not None:
            return self.known
        whole = Tunnel.objects.whole().get(pk=self.pk) if self.get_deferred_fields() else self
        return whole.device.outcome_at(clock.now())

    @property
    def cloud(self) -> Cloud:
        """The cloud's side, as the negotiation takes it."""
        connection, gateway = self.connection, self.customer_gateway
        values: dict[str, Any] = {name: getattr(self, name) for name in NEGOTIATED}
        values |= connection.phase_2_networks
        return Cloud(
            **values,
            gateway_ip=self.internet_ip,
            customer_gateway_ip=gateway.ip_address,
            local_id=self.identity,
            remote_id=self.peer_identity,
            effect_immediately=connection.effect_immediately,
            bgp=self._bgp if connection.enable_bgp else None,
            health_check=self.probes,
        )

    @property
    def probes(self) -> HealthCheck | None:
        """The connection's health check, as the negotiation takes it; None if it is off."""
        connection = self.connection
        if not connection.health_check:
            return None
        return HealthCheck(
            connection.health_check_sip,
            connection.health_check_dip,
            connection.health_check_interval,
            connection.health_check_retry,
            connection.health_check_policy,
        )

    @property
    def _bgp(self) -> Bgp:
        gateway = self.customer_gateway
        return Bgp(
            local_asn=self.connection.local_asn,
            local_ip=self.local_bgp_ip,
            peer_asn=gateway.asn,
            peer_ip=self.peer_bgp_ip,
            key=gateway.auth_key,
        )
