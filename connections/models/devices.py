"""Simulated devices in data centers, which the product does not have: each answers one tunnel."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django.db import connections, models, router
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from connections import clock
from connections.domain import device_sections, limits, rules, sections
from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IdKind,
    IkeMode,
    IkeVersion,
    PfsGroup,
    Start,
)
from connections.models.base import Judged, raise_problems
from connections.models.connections import Connection, Tunnel
from connections.models.customer_gateways import CustomerGateway
from connections.negotiation import (
    Announcement,
    Code,
    Course,
    DeviceBgp,
    Outcome,
    Problem,
    Situation,
    Surroundings,
    outcome,
)
from connections.negotiation import Device as Side
from connections.negotiation.records import read
from connections.negotiation.sides import LARGEST_PACKET
from connections.persistence.fields import (
    AsnField,
    CidrListField,
    EncryptedField,
    RuledCharField,
    RuledIntegerField,
    TextListField,
)

# Fields that the negotiation knows under the same name.
_SAME = (
    "address", "peer_address", "ike_mode", "ike_lifetime", "psk", "local_id", "remote_id", "ipsec_lifetime",
    "enable_dpd", "enable_nat_traversal", "is_behind_nat", "udp_500_open", "udp_4500_open", "esp_open",
    "local_id_kind", "remote_id_kind", "uses_ah", "uses_transport_mode", "commit_bit", "has_odd_hash", "has_odd_dpd",
    "ipsec_kilobytes", "rekeys", "sa_per_pair", "is_policy_based", "narrows", "mtu", "clamps_mss", "has_source_nat",
    "probe_host_answers", "probe_allowed", "probe_routed_back", "probe_same_path",
)  # fmt: skip
_LISTS = (*rules.PREFERENCES, "local_subnet", "remote_subnet")
# Everything that can be edited, and that a document carries.
SETTINGS = (*_SAME, *_LISTS, *device_sections.BGP.fields, "starts", "loss")
SWITCHES = ("is_configured", "is_on", "has_line")


def _field(model: type[models.Model], name: str) -> models.Field:
    """A field that the cloud's side has as well, for its label and help."""
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101 - for the type checker
    return field


def _label(model: type[models.Model], name: str) -> Any:
    return _field(model, name).verbose_name


def _help(model: type[models.Model], name: str) -> Any:
    return _field(model, name).help_text


def _preferences(name: str, options: type[models.TextChoices]) -> TextListField:
    """A list of values, in place of the one of the tunnel's field."""
    help_text = _("The device offers these. The first one is preferred.")
    return TextListField(_label(Tunnel, name), blank=True, default=list, options=options, help_text=help_text)


class DeviceManager(models.Manager):
    def make(self, tunnels: Sequence[Tunnel], *, changed_at: datetime) -> None:
        """Insert new devices of stored tunnels by one statement: others wait while a large document is imported."""
        database = connections[router.db_for_write(self.model)]
        columns = [column for column in self.model._meta.concrete_fields if column.name not in ("id", "tunnel")]
        usual = {column.name: column.get_default() for column in columns} | {"changed_at": changed_at}
        values = [column.get_db_prep_save(usual[column.name], database) for column in columns]
        names = ", ".join(database.ops.quote_name(str(column.column)) for column in columns)
        places, ids = (", ".join(["%s"] * len(several)) for several in (values, tunnels))
        with database.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO connections_device (tunnel_id, {names}) "  # noqa: S608 - names of columns and placeholders
                f"SELECT id, {places} FROM connections_tunnel WHERE id IN ({ids}) ORDER BY id",
                [*values, *(tunnel.pk for tunnel in tunnels)],
            )


class Device(Judged):
    """The simulated device of a tunnel. Its local side is the data center; the fields mirror the tunnel's.

    It is made with its tunnel, not configured, and keeps its settings whatever becomes of the cloud's.
    """

    tunnel = models.OneToOneField(Tunnel, models.CASCADE, related_name="device", editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    # When the settings of either side last took effect; the tunnel was negotiated again then.
    changed_at = models.DateTimeField(default=clock.now, editable=False)

    is_configured = models.BooleanField(_("Configured"), default=False, editable=False)
    is_on = models.BooleanField(_("Power"), default=True, editable=False)
    # False while the line between the cloud and the device is cut.
    has_line = models.BooleanField(_("Line"), default=True, editable=False)

    # What has happened around the tunnel since then, as a record of `Surroundings`.
    happenings = models.JSONField(default=dict, editable=False)
    # The last problem of the settings before these.
    earlier_code = models.CharField(max_length=64, blank=True, editable=False)
    earlier_at = models.DateTimeField(null=True, editable=False)

    address = RuledCharField(
        _("Device IP Address"),
        max_length=15,
        blank=True,
        help_text=_("The public address from which the cloud receives the device's packets."),
    )
    peer_address = RuledCharField(
        _label(Tunnel, "internet_ip"),
        max_length=15,
        blank=True,
        help_text=_("Where the device sends its packets: the gateway IP address of the connection."),
    )
    starts = RuledCharField(
        _("Starts the Negotiation"),
        max_length=16,
        choices=Start,
        default=Start.ITSELF.value,
        help_text=_("The side that answers sees both proposals, so its log names the difference."),
    )
    ike_version = _preferences("ike_version", IkeVersion)
    ike_mode = RuledCharField(
        _label(Tunnel, "ike_mode"),
        max_length=16,
        choices=IkeMode,
        default=IkeMode.MAIN.value,
        help_text=_("Only with ikev1. Must be the same on both sides."),
    )
    ike_enc_alg = _preferences("ike_enc_alg", EncryptionAlgorithm)
    ike_auth_alg = _preferences("ike_auth_alg", AuthenticationAlgorithm)
    ike_pfs = _preferences("ike_pfs", DhGroup)
    ike_lifetime = RuledIntegerField(
        _label(Tunnel, "ike_lifetime"),
        default=limits.LIFETIME_MAX,
        help_text=format_lazy(_("0 to {most} seconds."), most=limits.LIFETIME_MAX),
    )
    psk = EncryptedField(
        _label(Tunnel, "psk"),
        max_length=limits.PSK_LENGTH,
        blank=True,
        help_text=_("The same on both sides. Without a key, the device has none for this tunnel."),
    )
    local_id = RuledCharField(
        _label(Tunnel, "local_id"),
        max_length=limits.IDENTITY_LENGTH,
        blank=True,
        help_text=_("The identity that the device sends: RemoteId of the connection."),
    )
    local_id_kind = RuledCharField(
        _("Type of LocalId"),
        max_length=16,
        blank=True,
        choices=IdKind,
        help_text=_("Two identities are equal if both type and text are."),
    )
    remote_id = RuledCharField(
        _label(Tunnel, "remote_id"),
        max_length=limits.IDENTITY_LENGTH,
        blank=True,
        help_text=_("The identity that the device expects: LocalId of the connection. %any accepts every identity."),
    )
    remote_id_kind = RuledCharField(
        _("Type of RemoteId"),
        max_length=16,
        blank=True,
        choices=IdKind,
        help_text=_("Two identities are equal if both type and text are."),
    )
    ipsec_enc_alg = _preferences("ipsec_enc_alg", EncryptionAlgorithm)
    ipsec_auth_alg = _preferences("ipsec_auth_alg", AuthenticationAlgorithm)
    ipsec_pfs = _preferences("ipsec_pfs", PfsGroup)
    ipsec_lifetime = RuledIntegerField(
        _label(Tunnel, "ipsec_lifetime"),
        default=limits.LIFETIME_MAX,
        help_text=format_lazy(_("0 to {most} seconds."), most=limits.LIFETIME_MAX),
    )
    ipsec_kilobytes = RuledIntegerField(
        _("SA Life Cycle (kilobytes)"),
        default=0,
        help_text=_("Traffic after which the device ends the SA; the cloud has no such limit. 0: no limit."),
    )
    enable_dpd = models.BooleanField(_label(Tunnel, "enable_dpd"), default=True, help_text=_help(Tunnel, "enable_dpd"))
    enable_nat_traversal = models.BooleanField(
        _label(Tunnel, "enable_nat_traversal"), default=True, help_text=_help(Tunnel, "enable_nat_traversal")
    )
    local_subnet = CidrListField(
        _label(Connection, "local_subnet"),
        blank=True,
        default=list,
        help_text=_("Networks of the data center: Remote Network of the connection, or 0.0.0.0/0."),
    )
    remote_subnet = CidrListField(
        _label(Connection, "remote_subnet"),
        blank=True,
        default=list,
        help_text=_("Networks on the cloud side: Local Network of the connection, or 0.0.0.0/0."),
    )
    uses_ah = models.BooleanField(
        _("AH"), default=False, help_text=_("AH instead of ESP. The cloud supports ESP only.")
    )
    uses_transport_mode = models.BooleanField(
        _("Transport Mode"),
        default=False,
        help_text=_("Transport mode instead of tunnel mode. The cloud supports tunnel mode only."),
    )

    enable_bgp = models.BooleanField(
        _label(Connection, "enable_bgp"), default=False, help_text=_("Runs a BGP session through the tunnel.")
    )
    local_asn = AsnField(
        _label(Connection, "local_asn"),
        null=True,
        blank=True,
        help_text=_("AS number of the data center: ASN of the customer gateway."),
    )
    local_bgp_ip = RuledCharField(
        _label(Tunnel, "local_bgp_ip"),
        max_length=15,
        blank=True,
        help_text=_("The device's address in Tunnel CIDR Block of the connection."),
    )
    peer_asn = AsnField(
        _("Peer ASN"), null=True, blank=True, help_text=_("AS number of the cloud side: Local ASN of the connection.")
    )
    peer_bgp_ip = RuledCharField(
        _("Peer BGP IP address"),
        max_length=15,
        blank=True,
        help_text=_("The cloud side's address: Local BGP IP address of the connection."),
    )
    auth_key = EncryptedField(
        _label(CustomerGateway, "auth_key"),
        max_length=limits.AUTH_KEY_LENGTH,
        blank=True,
        help_text=_("Password of the session, the same as that of the customer gateway."),
    )
    hold_time = RuledIntegerField(
        _("Hold Time (seconds)"), default=90, help_text=_("0, or 3 to 65535; the protocol forbids 1 and 2.")
    )
    router_id = RuledCharField(
        _("Router ID"), max_length=15, blank=True, help_text=_("Blank: Local BGP IP address of the device.")
    )
    bgp_source_ip = RuledCharField(
        _("BGP Source IP Address"),
        max_length=15,
        blank=True,
        help_text=_("From where the device opens the session. Blank: Local BGP IP address of the device."),
    )
    bgp_port_open = models.BooleanField(
        _("TCP 179 Open"), default=True, help_text=_("Off: a firewall blocks the BGP session.")
    )
    bgp_exports = models.BooleanField(
        _("Export Policy"), default=True, help_text=_("Off: no policy lets the networks out, so none is announced.")
    )
    # Prefixes, each with the AS numbers of the path behind the device's own: "10.0.0.0/8 65001 65002".
    announced = TextListField(
        _("Announced Networks"),
        blank=True,
        default=list,
        max_length=4000,
        most=limits.MAX_ANNOUNCED,
        help_text=_("CIDR blocks, perhaps with the AS numbers behind them: 10.0.0.0/8 65001 65002."),
    )

    udp_500_open = models.BooleanField(_("UDP 500 Open"), default=True, help_text=_("Off: a firewall blocks IKE."))
    udp_4500_open = models.BooleanField(
        _("UDP 4500 Open"), default=True, help_text=_("Off: a firewall blocks NAT traversal.")
    )
    esp_open = models.BooleanField(
        _("ESP Open"), default=True, help_text=_("Off: a firewall blocks ESP packets, which carry the traffic.")
    )
    is_behind_nat = models.BooleanField(
        _("Behind NAT"), default=False, help_text=_("A NAT device is between the cloud and the device.")
    )
    loss = RuledIntegerField(_("Packet Loss (%)"), default=0, help_text=_("Packets that the line loses, 0 to 100."))
    mtu = RuledIntegerField(
        _("Packet Size (bytes)"),
        default=LARGEST_PACKET,
        help_text=format_lazy(
            _("The largest packets that users send into the tunnel. {most} fit without fragments."), most=LARGEST_PACKET
        ),
    )
    clamps_mss = models.BooleanField(
        _("MSS Clamping"), default=False, help_text=_("Lowers the segment size of TCP, so that packets fit.")
    )
    has_source_nat = models.BooleanField(
        _("Source NAT"),
        default=False,
        help_text=_("Rewrites source addresses of packets before they enter the tunnel."),
    )

    probe_host_answers = models.BooleanField(
        _("ICMP Host Answers"), default=True, help_text=_("The destination of the health check is on and answers ICMP.")
    )
    probe_allowed = models.BooleanField(
        _("ICMP Allowed"), default=True, help_text=_("The device lets probes and their answers through.")
    )
    probe_routed_back = models.BooleanField(
        _("Route Back"), default=True, help_text=_("The source of the health check is routed as a /32 into the tunnel.")
    )
    probe_same_path = models.BooleanField(
        _("Answers Through This Tunnel"),
        default=True,
        help_text=_("Answers take the tunnel from which the probes came."),
    )

    rekeys = models.BooleanField(
        _("Renews SAs"), default=True, help_text=_("Off: the tunnel drops at the end of a lifetime.")
    )
    narrows = models.BooleanField(
        _("Narrows Networks"),
        default=True,
        help_text=_("Accepts networks that contain its own or lie within them (ikev2)."),
    )
    sa_per_pair = models.BooleanField(
        _("One SA per Pair of Networks"),
        default=False,
        help_text=_("Instead of one for all; only the first pair works."),
    )
    is_policy_based = models.BooleanField(
        _("Policy-Based"),
        default=False,
        help_text=_(
            "Chooses a tunnel by networks instead of routes. Two tunnels with the same networks take turns, if both "
            "devices are like that."
        ),
    )
    commit_bit = models.BooleanField(
        _("Commit Bit"), default=False, help_text=_("Insists on the commit bit, which the cloud does not support.")
    )
    has_odd_hash = models.BooleanField(
        _("Incompatible Hash"),
        default=False,
        help_text=_("Computes the authentication algorithm of phase 2 in its own way."),
    )
    has_odd_dpd = models.BooleanField(
        _("Incompatible DPD"), default=False, help_text=_("Puts notify before hash in its DPD messages (ikev1).")
    )

    objects: ClassVar = DeviceManager()

    def __str__(self) -> str:
        return self.tunnel.resource_id

    @property
    def resource_id(self) -> str:
        """The ID of the tunnel, by which the device is known."""
        return self.tunnel.resource_id

    def clean(self) -> None:
        """Judge the settings of a configured device; others are not looked at."""
        if self.is_configured:
            raise_problems(rules.device_problems({name: getattr(self, name) for name in SETTINGS}))

    @property
    def keys_held(self) -> list[str]:
        """The names of the keys that the device has."""
        return [name for name in sections.SECRETS if getattr(self, name)]

    @property
    def is_reachable(self) -> bool:
        """Whether packets reach the device."""
        return self.is_on and self.has_line

    @property
    def side(self) -> Side | None:
        """The device as the negotiation takes it; None until it is configured."""
        if not self.is_configured:
            return None
        values: dict[str, Any] = {name: getattr(self, name) for name in _SAME}
        values |= {name: tuple(getattr(self, name)) for name in _LISTS}
        return Side(**values, starts=Start(self.starts), bgp=self._bgp_side if self.enable_bgp else None)

    @property
    def surroundings(self) -> Surroundings:
        """What happens around the tunnel."""
        return replace(read(Surroundings, self.happenings), loss=self.loss)

    @property
    def situation(self) -> Situation:
        """Everything from which the tunnel's states follow."""
        tunnel = self.tunnel
        return Situation(tunnel.resource_id, self.changed_at, tunnel.cloud, self.side, self.surroundings)

    @property
    def earlier(self) -> Problem | None:
        """The last problem of the settings before these."""
        return Problem(Code(self.earlier_code), self.earlier_at) if self.earlier_code and self.earlier_at else None

    def outcome_at(self, moment: datetime) -> Outcome:
        """The negotiation at a moment since the last change of settings."""
        return outcome(Course(self.situation), moment, self.earlier)

    @property
    def _bgp_side(self) -> DeviceBgp:
        announced = (text.split() for text in self.announced)
        return DeviceBgp(
            local_asn=self.local_asn or 0,
            local_ip=self.local_bgp_ip,
            peer_asn=self.peer_asn,
            peer_ip=self.peer_bgp_ip,
            key=self.auth_key,
            hold_time=self.hold_time,
            router_id=self.router_id,
            source_ip=self.bgp_source_ip,
            port_open=self.bgp_port_open,
            exports=self.bgp_exports,
            announced=tuple(Announcement(prefix, tuple(map(int, path))) for prefix, *path in announced),
        )


class Chapter(models.Model):
    """A tunnel as it was between two changes, without keys; its logs of that time are made from it.

    `situation` is a record of the negotiation's `Situation`. Some changes begin a chapter although the tunnel is not
    negotiated again; then `Situation.changed_at` is earlier than `since`.
    """

    tunnel = models.ForeignKey(Tunnel, models.CASCADE, related_name="chapters", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    situation = models.JSONField()

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("tunnel", "until"), name="chapter_of_tunnel"),)

    def __str__(self) -> str:
        return f"{self.tunnel} {self.since:%Y-%m-%d %H:%M:%S}"
