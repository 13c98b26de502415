"""Simulated devices: load the peer configuration, edit, switch, restart; cut the line; let traffic flow.

All of it is the simulator's own: the product has no such operations. Events are about the connection. What is done
with the device of a tunnel can be done with those of other tunnels, `also`, of the same connection: with all or none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet

from connections import clock
from connections.domain import device_sections, limits, refusals, sections
from connections.domain.choices import NewDevices
from connections.domain.problems import Problem
from connections.domain.refusals import Invalid, Refused
from connections.messages import message as _
from connections.models import Connection, Device, Tunnel
from connections.models.devices import SETTINGS
from connections.negotiation import End, Outage, Surroundings, Traffic
from connections.negotiation.records import record as recorded
from connections.negotiation.sides import HIDDEN
from connections.peer_config import Document, from_connection
from connections.services.negotiations import AT_ONCE, COLUMNS, begin, following, write_rank
from connections.services.operations import Actor, Record, operation, own_problems
from connections.services.rows import spelled
from connections.wire.operations import Operation

# What the devices of two tunnels never share.
OF_ONE_TUNNEL = (
    *sections.SECRETS,
    "peer_address",
    "remote_id",
    "remote_id_kind",
    "local_bgp_ip",
    "peer_bgp_ip",
    "bgp_source_ip",
)


@dataclass
class _Held:
    """The device of an operation, its connection and its event's record. The operation saves the device."""

    device: Device
    connection: Connection
    record: Record

    @property
    def tunnel(self) -> Tunnel:
        return next(one for one in self.connection.tunnels.all() if one.pk == self.device.tunnel_id)

    def happen(self, around: Surroundings) -> None:
        """Replace what has happened around the tunnel. Raises Refused if it is too much to be kept."""
        if sum(map(len, (around.traffic, around.outages, around.deletes))) > limits.MAX_HAPPENINGS:
            raise Refused(refusals.TOO_MUCH_HAPPENED, what=str(self.connection))
        self.device.happenings = recorded(replace(around, loss=0))


@contextmanager
def _holding(actor: Actor, name: Operation, *tunnels: Tunnel, again: bool = False) -> Iterator[list[_Held]]:
    """Change the devices of tunnels of one connection in an operation, each with an event.

    `again`: the tunnels are negotiated again in any case.
    """
    connection = tunnels[0].connection
    with operation(actor, name, region_id=connection.region_id, resource_id=connection.resource_id) as record:
        Connection.objects.select_for_update(no_key=True).get(account=actor.account, pk=connection.pk)
        stored = Connection.objects.with_parts().prefetch_related("routes").get(pk=connection.pk)
        record.others = [Record(connection.resource_id) for _tunnel in tunnels[1:]]
        several = []
        for tunnel, own in zip(tunnels, (record, *record.others), strict=True):
            device = Device.objects.select_related("tunnel").get(tunnel=tunnel, tunnel__connection=stored)
            own.facts = {"tunnel": device.resource_id}
            several.append(_Held(device, stored, own))
        with following([held.device.tunnel for held in several], again=again):
            yield several
            for held in several:
                held.device.revision += 1
                held.device.save()


def load_configuration(actor: Actor, tunnel: Tunnel, also: Sequence[Tunnel] = ()) -> Device:
    """Let the device take exactly what the peer configuration says at this moment. Its habits return to the usual.

    Raises Refused while the cloud's gateway address is missing.
    """
    with _holding(actor, Operation.LOAD_DEVICE_CONFIGURATION, tunnel, *also) as several:
        for held in several:
            take_configuration(held.device, from_connection(held.connection, held.tunnel))
    return several[0].device


def take_configuration(device: Device, document: Document) -> None:
    """Set what a document says, and the usual habits. The caller saves."""
    settings = settings_of(document)
    usual = {field.name: field.get_default() for field in Device._meta.concrete_fields}
    for name in SETTINGS:
        setattr(device, name, settings.get(name, usual[name]))
    device.is_configured = True


def loads_at_once(tunnel: Tunnel) -> bool:
    """Whether the device of a new tunnel loads the peer configuration, which needs the gateway address."""
    return bool(tunnel.internet_ip) and tunnel.account.new_devices == NewDevices.CONFIGURED


def equip_configured(tunnels: Sequence[Tunnel]) -> None:
    """Insert devices that have loaded the peer configuration, for new tunnels with a gateway address."""
    now = clock.now()
    for start in range(0, len(tunnels), AT_ONCE):
        devices = []
        for tunnel in _with_document(tunnels[start : start + AT_ONCE]):
            device = Device(tunnel=tunnel)
            take_configuration(device, from_connection(tunnel.connection, tunnel))
            begin(device, now)
            devices.append(device)
        Device.objects.bulk_create(devices)
        Tunnel.objects.bulk_update([device.tunnel for device in devices], COLUMNS)
        write_rank({device.tunnel.connection_id for device in devices})


def configure_now(tunnels: Iterable[Tunnel]) -> None:
    """Let devices that were to be configured at once load the peer configuration: their tunnels have addresses now."""
    for tunnel in _with_document(tunnels).select_related("account", "device"):
        if loads_at_once(tunnel) and not tunnel.device.is_configured:
            take_configuration(tunnel.device, from_connection(tunnel.connection, tunnel))
            tunnel.device.revision += 1
            tunnel.device.save()


def _with_document(tunnels: Iterable[Tunnel]) -> QuerySet[Tunnel]:
    """Read tunnels with everything that a peer configuration says."""
    rows = Tunnel.objects.select_related("connection__attachment", "customer_gateway").order_by("pk")
    return rows.prefetch_related("connection__routes").filter(pk__in=[tunnel.pk for tunnel in tunnels])


@dataclass(frozen=True, slots=True)
class Comparison:
    """A setting as the peer configuration has it now, beside the device's. Keys are hidden; blank ones stay blank."""

    name: str
    cloud: object
    device: object
    differs: bool


def compared(connection: Connection, tunnel: Tunnel) -> list[Comparison]:
    """Compare a device with the peer configuration of this moment. BGP counts if both sides have it.

    Raises Refused while the cloud's gateway address is missing.
    """
    device, settings = tunnel.device, settings_of(from_connection(connection, tunnel))
    rows = []
    for name in device_sections.FIELDS:
        if name not in settings or (
            name in device_sections.BGP.fields and name != "enable_bgp" and not device.enable_bgp
        ):
            continue
        cloud, own = settings[name], getattr(device, name)
        shown = (cloud and HIDDEN, own and HIDDEN) if name in sections.SECRETS else (cloud, own)
        rows.append(Comparison(name, shown[0], shown[1], cloud != own))
    return rows


def take_cloud_value(actor: Actor, tunnel: Tunnel, name: str, also: Sequence[Tunnel] = ()) -> Device:
    """Let the device take one setting from the peer configuration; with BGP, the whole session.

    Raises Refused if the device is not configured, and if the peer configuration does not contain the setting.
    """
    with _holding(actor, Operation.MODIFY_DEVICE, tunnel, *also) as several:
        for held in several:
            _refuse_unconfigured(held.device)
            settings = settings_of(from_connection(held.connection, held.tunnel))
            if name not in settings:
                raise Refused(refusals.NO_CLOUD_VALUE, what=str(held.connection))
            together = device_sections.BGP.fields if name == "enable_bgp" and settings[name] else (name,)
            _put(held, {one: settings[one] for one in together if one in settings})
    return several[0].device


def _put(held: _Held, values: Mapping[str, object]) -> None:
    """Change settings of the device, and record what changes."""
    for name, after in values.items():
        before = getattr(held.device, name)
        if before != after:
            held.record.facts[name] = "changed" if name in sections.SECRETS else [before, after]
            setattr(held.device, name, after)


def settings_of(document: Document) -> dict[str, object]:
    """The settings of a device that has loaded a document."""
    ike, ipsec, bgp = document.ike, document.ipsec, document.bgp
    settings = {
        "address": document.local_ip,
        "peer_address": document.remote_ip,
        "ike_version": [ike.version.value],
        "ike_mode": ike.mode.value,
        "ike_enc_alg": [ike.encryption.value],
        "ike_auth_alg": [ike.authentication.value],
        "ike_pfs": [ike.group.value],
        "ike_lifetime": ike.lifetime,
        "psk": document.psk,
        "local_id": document.local_id,
        "remote_id": document.remote_id,
        "ipsec_enc_alg": [ipsec.encryption.value],
        "ipsec_auth_alg": [ipsec.authentication.value],
        "ipsec_pfs": [ipsec.pfs.value],
        "ipsec_lifetime": ipsec.lifetime,
        "enable_dpd": document.dpd,
        "enable_nat_traversal": document.nat_traversal,
        "local_subnet": [*document.local_selectors],
        "remote_subnet": [*document.remote_selectors],
        "enable_bgp": bgp is not None,
    }
    if bgp is not None:
        settings |= {
            "local_asn": bgp.local_asn,
            "local_bgp_ip": bgp.local_ip,
            "peer_asn": bgp.peer_asn,
            "peer_bgp_ip": bgp.peer_ip,
            "auth_key": bgp.key,
            "announced": [*document.announced][: limits.MAX_ANNOUNCED],
        }
    return settings


def edit_device(actor: Actor, edited: Device, revision: int, also: Sequence[Tunnel] = ()) -> Device:
    """Change the settings of a device, which is configured afterwards. Takes effect when the connection is ready.

    Other devices get the changed settings only, without those that belong to one tunnel. Raises Invalid with every
    problem, and Refused if the device has been changed since the revision was read, or another is not configured.
    """
    edited.is_configured = True
    if problems := own_problems(edited, exclude=["tunnel"], tunnel=edited.tunnel.index):
        raise Invalid(problems)
    with _holding(actor, Operation.MODIFY_DEVICE, edited.tunnel, *also) as (held, *others):
        device = held.device
        if device.revision != revision:
            raise Refused(refusals.CHANGED_MEANWHILE, what=str(device))
        wanted = {name: spelled(edited, name) for name in SETTINGS}
        changed = {name: value for name, value in wanted.items() if value != getattr(device, name)}
        _put(held, changed)
        device.is_configured = True
        for other in others:
            _refuse_unconfigured(other.device)
            _put(other, {name: value for name, value in changed.items() if name not in OF_ONE_TUNNEL})
            if problems := own_problems(other.device, exclude=["tunnel"]):
                raise Refused(refusals.DEVICE_CANNOT_FOLLOW, what=str(other.device), why=problems[0].message)
    return device


def switch(actor: Actor, tunnel: Tunnel, also: Sequence[Tunnel] = (), *, on: bool) -> None:
    """Switch the device on or off. Off, it neither starts nor answers; nothing passes until it is on again."""
    with _holding(actor, Operation.SWITCH_DEVICE_ON if on else Operation.SWITCH_DEVICE_OFF, tunnel, *also) as several:
        for held in several:
            held.device.is_on = on
            _note_outage(held)


def set_line(actor: Actor, tunnel: Tunnel, also: Sequence[Tunnel] = (), *, up: bool) -> None:
    """Cut or restore the line between the cloud and the device."""
    with _holding(actor, Operation.RESTORE_LINE if up else Operation.CUT_LINE, tunnel, *also) as several:
        for held in several:
            held.device.has_line = up
            _note_outage(held)


def _note_outage(held: _Held) -> None:
    """Begin or end the outage if the device has become unreachable or reachable."""
    around, now = held.device.surroundings, clock.now()
    outages, is_reachable = around.outages, held.device.is_reachable
    if is_reachable == all(one.until for one in outages):
        return
    if is_reachable:
        # An outage that ends as it begins has never been.
        ended = (replace(one, until=one.until or now) for one in outages)
        outages = tuple(one for one in ended if one.since != one.until)
    else:
        outages = (*outages, Outage(now))
    held.happen(replace(around, outages=outages))


def restart(actor: Actor, tunnel: Tunnel, also: Sequence[Tunnel] = ()) -> None:
    """Restart the device, which deletes its SAs. Raises Refused if it is not configured or off."""
    with _holding(actor, Operation.RESTART_DEVICE, tunnel, *also) as several:
        for held in several:
            _refuse_idle(held.device)
            around = held.device.surroundings
            held.happen(replace(around, deletes=(*around.deletes, clock.now())))


def send(actor: Actor, tunnel: Tunnel, sender: End, bits: int, *, steadily: bool) -> None:
    """Let one end send into the tunnel, in bit/s: once, or from now on in place of what it sends already.

    Raises Refused if the device is to send and is not configured or off, and Invalid if the rate is out of range.
    """
    if not 0 <= bits <= limits.MAX_BITS:
        text = _("The number must be between {least} and {most}.", least=0, most=limits.MAX_BITS)
        raise Invalid([Problem("bits", "out_of_range", text)])
    with _holding(actor, Operation.SEND_TRAFFIC, tunnel) as (held,):
        if sender == End.DEVICE:
            _refuse_idle(held.device)
        held.record.facts |= {"sender": sender.value, "bits": bits, "steadily": steadily}
        now, around = clock.now(), held.device.surroundings
        before = _stopped(around, sender, now) if steadily else around.traffic
        traffic = Traffic(sender, now, None if steadily else now, bits)
        held.happen(replace(around, traffic=(*before, traffic)))


def stop_traffic(actor: Actor, tunnel: Tunnel, sender: End) -> None:
    """End the steady traffic of one end."""
    with _holding(actor, Operation.STOP_TRAFFIC, tunnel) as (held,):
        held.record.facts["sender"] = sender.value
        around = held.device.surroundings
        held.happen(replace(around, traffic=_stopped(around, sender, clock.now())))


def _stopped(around: Surroundings, sender: End, now: datetime) -> tuple[Traffic, ...]:
    return tuple(
        replace(one, until=now) if one.sender == sender and one.until is None else one for one in around.traffic
    )


def _refuse_unconfigured(device: Device) -> None:
    if not device.is_configured:
        raise Refused(refusals.DEVICE_NOT_CONFIGURED, what=str(device))


def _refuse_idle(device: Device) -> None:
    _refuse_unconfigured(device)
    if not device.is_on:
        raise Refused(refusals.DEVICE_OFF, what=str(device))


def reset(actor: Actor, tunnel: Tunnel, also: Sequence[Tunnel] = ()) -> None:
    """Delete the SAs of both sides, so that the tunnel is negotiated again."""
    with _holding(actor, Operation.RESET_TUNNEL, tunnel, *also, again=True):
        pass
