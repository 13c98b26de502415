"""Simulated devices in data centres, which the product does not have: each answers one tunnel."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django.db import connections, models, router

from connections import clock
from connections.domain import limits, rules
from connections.domain.choices import IkeMode, Start
from connections.models.base import Judged, raise_problems
from connections.models.connections import Tunnel
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
    "ipsec_kilobytes", "rekeys", "sa_per_pair", "narrows", "mtu", "clamps_mss", "has_source_nat",
    "probe_host_answers", "probe_allowed", "probe_routed_back", "probe_same_path",
)  # fmt: skip
# Lists: the first value is preferred.
_LISTS = (
    "ike_version", "ike_enc_alg", "ike_auth_alg", "ike_pfs", "ipsec_enc_alg", "ipsec_auth_alg", "ipsec_pfs",
    "local_subnet", "remote_subnet",
)  # fmt: skip
_BGP = (
    "enable_bgp", "local_asn", "local_bgp_ip", "peer_asn", "peer_bgp_ip", "auth_key", "hold_time", "router_id",
    "bgp_source_ip", "bgp_port_open", "bgp_exports", "announced",
)  # fmt: skip
# Everything that can be edited, and that a document carries.
SETTINGS = (*_SAME, *_LISTS, *_BGP, "starts", "loss")
SWITCHES = ("is_configured", "is_on", "has_line")


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
    """The simulated device of a tunnel. Its local side is the data centre; the fields mirror the tunnel's.

    It is made with its tunnel, not configured, and keeps its settings whatever becomes of the cloud's.
    """

    tunnel = models.OneToOneField(Tunnel, models.CASCADE, related_name="device", editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    # When the settings of either side last took effect; the negotiation began anew then.
    changed_at = models.DateTimeField(default=clock.now, editable=False)

    is_configured = models.BooleanField(default=False, editable=False)
    is_on = models.BooleanField(default=True, editable=False)
    # False while the line between the cloud and the device is cut.
    has_line = models.BooleanField(default=True, editable=False)

    # What has happened around the tunnel since then, as a record of `Surroundings`.
    happenings = models.JSONField(default=dict, editable=False)
    # The last problem of the settings before these.
    earlier_code = models.CharField(max_length=64, blank=True, editable=False)
    earlier_at = models.DateTimeField(null=True, editable=False)

    # How the cloud sees the device, and where the device sends its packets.
    address = RuledCharField(max_length=15, blank=True)
    peer_address = RuledCharField(max_length=15, blank=True)
    ike_version = TextListField(blank=True, default=list)
    ike_mode = RuledCharField(max_length=16, default=IkeMode.MAIN.value)
    ike_enc_alg = TextListField(blank=True, default=list)
    ike_auth_alg = TextListField(blank=True, default=list)
    ike_pfs = TextListField(blank=True, default=list)
    ike_lifetime = RuledIntegerField(default=limits.LIFETIME_MAX)
    psk = EncryptedField(max_length=limits.PSK_LENGTH, blank=True)
    local_id = RuledCharField(max_length=limits.IDENTITY_LENGTH, blank=True)
    remote_id = RuledCharField(max_length=limits.IDENTITY_LENGTH, blank=True)
    local_id_kind = RuledCharField(max_length=16, blank=True)
    remote_id_kind = RuledCharField(max_length=16, blank=True)
    ipsec_enc_alg = TextListField(blank=True, default=list)
    ipsec_auth_alg = TextListField(blank=True, default=list)
    ipsec_pfs = TextListField(blank=True, default=list)
    ipsec_lifetime = RuledIntegerField(default=limits.LIFETIME_MAX)
    # Traffic after which an SA ends, in kilobytes; 0 for no limit.
    ipsec_kilobytes = RuledIntegerField(default=0)
    enable_dpd = models.BooleanField(default=True)
    enable_nat_traversal = models.BooleanField(default=True)
    local_subnet = CidrListField(blank=True, default=list)
    remote_subnet = CidrListField(blank=True, default=list)
    starts = RuledCharField(max_length=16, default=Start.ITSELF.value)

    enable_bgp = models.BooleanField(default=False)
    local_asn = AsnField(null=True, blank=True)
    local_bgp_ip = RuledCharField(max_length=15, blank=True)
    peer_asn = AsnField(null=True, blank=True)
    peer_bgp_ip = RuledCharField(max_length=15, blank=True)
    auth_key = EncryptedField(max_length=limits.AUTH_KEY_LENGTH, blank=True)
    # In seconds.
    hold_time = RuledIntegerField(default=90)
    # Blank for the local address of the session.
    router_id = RuledCharField(max_length=15, blank=True)
    bgp_source_ip = RuledCharField(max_length=15, blank=True)
    bgp_port_open = models.BooleanField(default=True)
    bgp_exports = models.BooleanField(default=True)
    # Prefixes, each with the AS numbers of the path behind the device's own: "10.0.0.0/8 65001 65002".
    announced = TextListField(blank=True, default=list, max_length=4000, most=limits.MAX_ANNOUNCED)

    is_behind_nat = models.BooleanField(default=False)
    udp_500_open = models.BooleanField(default=True)
    udp_4500_open = models.BooleanField(default=True)
    esp_open = models.BooleanField(default=True)
    # Packets lost on the line, in percent.
    loss = RuledIntegerField(default=0)
    uses_ah = models.BooleanField(default=False)
    uses_transport_mode = models.BooleanField(default=False)
    commit_bit = models.BooleanField(default=False)
    has_odd_hash = models.BooleanField(default=False)
    has_odd_dpd = models.BooleanField(default=False)
    rekeys = models.BooleanField(default=True)
    sa_per_pair = models.BooleanField(default=False)
    narrows = models.BooleanField(default=True)
    # In bytes.
    mtu = RuledIntegerField(default=LARGEST_PACKET)
    clamps_mss = models.BooleanField(default=False)
    has_source_nat = models.BooleanField(default=False)
    probe_host_answers = models.BooleanField(default=True)
    probe_allowed = models.BooleanField(default=True)
    probe_routed_back = models.BooleanField(default=True)
    probe_same_path = models.BooleanField(default=True)

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

    `situation` is a record of the negotiation's `Situation`. A change that does not begin the negotiation anew begins a
    chapter whose situation has changed earlier than the chapter began.
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
