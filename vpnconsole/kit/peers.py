"""Lead a tunnel to an outcome by the settings of its simulated device.

An outcome is named by its row in docs/negotiation.md, such as F3, or in plain words. Each row is reached by changing a
device that agrees with the cloud's side; what a change leads to is computed before it is made.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import TextChoices

from connections import clock
from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IdKind,
    IkeMode,
    IkeVersion,
    NegotiationStatus,
    PfsGroup,
    Start,
)
from connections.domain.refusals import Invalid, Refused
from connections.models import Device, Tunnel
from connections.negotiation import Course, HealthStatus, Outcome, Situation, Surroundings, Turns, outcome
from connections.peer_config import from_connection
from connections.services import devices
from connections.services.operations import Actor
from vpnconsole.kit.errors import KitError

# The actor of events that the endpoint and the panel cause.
ACTOR = "kit"
# Addresses for documentation that nobody in a scenario has.
_ELSEWHERE, _ANOTHER = "192.0.2.254", "192.0.2.253"

Changes = Mapping[str, Any]
# Changes to a device that agrees with the cloud.
Recipe = Callable[[Device], Changes]


def _other(name: str, options: type[TextChoices]) -> Recipe:
    """Another value of a setting, or a list without the cloud's value."""

    def changes(device: Device) -> Changes:
        now = getattr(device, name)
        several = isinstance(now, list)
        new = next(str(option) for option in options if option not in (now if several else [now]))
        return {name: [new] if several else new}

    return changes


def _set(**changes: Any) -> Recipe:
    return lambda device: changes


def _all(*recipes: Recipe) -> Recipe:
    return lambda device: {name: value for recipe in recipes for name, value in recipe(device).items()}


def _narrower(device: Device) -> Changes:
    """A network within the first one of the data center."""
    address, _, length = device.local_subnet[0].partition("/")
    if length == "32":
        return {}
    return {"local_subnet": ["192.168.50.0/24" if length == "0" else f"{address}/{int(length) + 1}"]}


_enc, _auth = _other("ike_enc_alg", EncryptionAlgorithm), _other("ike_auth_alg", AuthenticationAlgorithm)
_group, _pfs = _other("ike_pfs", DhGroup), _other("ipsec_pfs", PfsGroup)
_other_psk = _set(psk="another-key-than-the-clouds")

# Several recipes for a row are tried in this order. A row that needs something of the cloud's side, such as ikev1, is
# not reached if that has another value.
RECIPES: Mapping[str, tuple[Recipe, ...]] = {
    "B1": (_set(starts=Start.NEVER.value),),
    "C1": (_set(udp_500_open=False),),
    "C2": (_set(address=_ELSEWHERE),),
    "C3": (_set(peer_address=_ELSEWHERE),),
    "D1": (_other("ike_version", IkeVersion),),
    "E1": (_other("ike_mode", IkeMode),),
    "F1": (_enc,),
    "F2": (_auth,),
    "F3": (_group,),
    "F4": (_all(_enc, _auth, _group),),
    "G1": (_set(enable_nat_traversal=True),),
    "G2": (_set(is_behind_nat=True, udp_4500_open=False),),
    "H1": (_other_psk,),
    "H2": (_set(local_id="device.example.com"),),
    "H3": (_set(local_id=_ELSEWHERE),),
    "H4": (_set(remote_id=_ELSEWHERE),),
    "H5": (_set(local_id_kind=IdKind.FQDN.value), _set(local_id_kind=IdKind.EMAIL.value)),
    "H6": (_other_psk,),
    "H7": (_other_psk,),
    "H8": (_set(psk=""),),
    "I1": (_set(ike_lifetime=0),),
    "J1": (_set(local_subnet=[f"{_ELSEWHERE}/32"]),),
    "J2": (_narrower,),
    "J3": (_all(_narrower, _set(narrows=False)),),
    "K1": (_pfs,),
    "L1": (_set(uses_ah=True),),
    "L2": (_set(uses_transport_mode=True),),
    "M1": (_other("ipsec_enc_alg", EncryptionAlgorithm),),
    "M2": (_other("ipsec_auth_alg", AuthenticationAlgorithm),),
    "M3": (_set(commit_bit=True),),
    "M4": (_set(has_odd_hash=True),),
    "N1": (_set(),),
    "U1": (_pfs,),
    "U2": (_narrower,),
    "U3": (_set(sa_per_pair=True),),
    "U4": (_set(is_policy_based=True),),
    "U5": (_set(ipsec_lifetime=28800),),
    "U6": (_set(ipsec_kilobytes=4_608_000),),
    "U7": (_set(ipsec_lifetime=0),),
    "U10": (_set(has_odd_dpd=True),),
    "U12": (_set(is_behind_nat=True, enable_nat_traversal=False), _set(is_behind_nat=True)),
    "U13": (_set(mtu=1500),),
    "U14": (_set(has_source_nat=True),),
    "W3": (_set(probe_host_answers=False),),
    "W4": (_set(probe_allowed=False),),
    "W5": (_set(probe_routed_back=False),),
    "W6": (_set(probe_same_path=False),),
    "W7": (_set(loss=95),),
    "S2": (_set(local_subnet=["192.168.50.0/24"], remote_subnet=["10.10.0.0/16"]),),
    "S3": (_set(local_bgp_ip=_ELSEWHERE),),
    "S4": (_set(peer_bgp_ip=_ELSEWHERE),),
    "S5": (_set(bgp_port_open=False),),
    "S6": (_set(auth_key="another-key"),),
    "S7": (_set(local_asn=65533),),
    "S8": (_set(peer_asn=65533),),
    "S9": (_set(hold_time=1),),
    "S10": (lambda device: {"router_id": device.peer_bgp_ip},),
    "S11": (_set(bgp_exports=False),),
}
# Plain words: rows that lead to a status, of which the first that is reached is taken.
BY_STATUS: Mapping[str, tuple[str, ...]] = {
    NegotiationStatus.UNTRIED: ("B1",),
    NegotiationStatus.IKE_DOWN: ("F3", "F1"),
    NegotiationStatus.IKE_UP: ("N1",),
    NegotiationStatus.IPSEC_DOWN: ("M1", "M2"),
    NegotiationStatus.IPSEC_UP: ("N1",),
}
HEALTH: Mapping[str, tuple[HealthStatus, str]] = {
    "ok": (HealthStatus.NORMAL, "N1"),
    "failed": (HealthStatus.ABNORMAL, "W5"),
}
# How many changes of an outcome are looked at.
_TURNS = 60


@dataclass(frozen=True)
class Wish:
    """What a tunnel is to be led to."""

    row: str = ""
    negotiation: str = ""
    health: str = ""

    def is_met(self, found: Outcome, *, by_note: bool = False) -> bool:
        """`by_note`: a remark on a tunnel that is up is enough, such as what will go wrong later."""
        return (
            (not self.row or self.row in _rows_of(found, with_notes=by_note))
            and (not self.negotiation or found.status == self.negotiation)
            and (not self.health or (found.health is not None and found.health.status == HEALTH[self.health][0]))
        )


def _rows_of(found: Outcome, *, with_notes: bool) -> set[str]:
    """The rows that explain an outcome."""
    rows = {found.row, *(one.row for one in (found.health, found.bgp) if one)}
    return rows | {note.row for note in found.notes} if with_notes else rows


class _Ahead(clock.Source):
    """The time of another source, in which negotiations have been going on for a while when they begin."""

    def __init__(self, source: clock.Source, lead: timedelta):
        self._source, self.lead = source, lead

    def at(self, real: datetime) -> datetime:
        return self._source.at(real)

    def furthest_end(self) -> datetime:
        return self._source.furthest_end()


def apply(tunnels: Iterable[Tunnel], wish: Wish | None, settings: Changes, *, at_once: bool) -> None:
    """Set the devices of tunnels of one connection so that a wish is met, or as given. Raises KitError.

    `at_once`: the negotiation has begun so long ago that the wish is met now; otherwise it begins now.
    """
    tunnels = list(tunnels)
    if tunnels[0].connection.is_transient:
        raise KitError(409, "under_way", "The connection is under way.", "Settle it first.")
    chosen = [(tunnel, *device_for(tunnel, wish, settings)) for tunnel in tunnels]
    for tunnel, device, lead in chosen:
        with clock.told_by(_Ahead(clock.source(), lead if at_once else timedelta(0))):
            _write(tunnel, device)


def device_for(tunnel: Tunnel, wish: Wish | None, settings: Changes) -> tuple[Device, timedelta]:
    """The device to store, and for how long it has been negotiating when the wish is met. Raises KitError."""
    if wish is None:
        return _device_with(tunnel, settings, is_kept=tunnel.device.is_configured), clock.lead()
    for rows in _ways(wish):
        device = _device_with(tunnel, settings)
        for recipe in rows:
            device = _changed(device, recipe(device))
        lead = _when(tunnel, device, wish)
        if lead is not None:
            return device, lead
    raise KitError(
        409,
        "out_of_reach",
        "No setting of the device leads there with what the cloud's side of this tunnel has.",
        "docs/negotiation.md says what the rows need: E1, G1, H1, J2 and K1 ikev1, W3 a health check, S5 BGP.",
    )


def _ways(wish: Wish) -> Iterator[list[Recipe]]:
    alternatives = [[row] for row in ([wish.row] if wish.row else BY_STATUS.get(wish.negotiation, ("N1",)))]
    besides = [HEALTH[wish.health][1]] if wish.health else []
    for rows in alternatives:
        several = [RECIPES[row] for row in (*rows, *besides)]
        for number in range(max(map(len, several))):
            yield [recipes[min(number, len(recipes) - 1)] for recipes in several]


def _when(tunnel: Tunnel, device: Device, wish: Wish) -> timedelta | None:
    """After how long a wish is met; None for never."""
    begins = clock.now()
    takes_turns = tunnel.connection.is_dual and device.is_policy_based
    turns = Turns(tunnel.index - 1, 2, begins) if takes_turns else None
    around = Surroundings(loss=device.loss, turns=turns)
    course = Course(Situation(tunnel.resource_id, begins, tunnel.cloud, device.side, around))
    moments = list(_turns(course, begins))
    for by_note in (False, True):
        for moment in moments:
            if wish.is_met(outcome(course, moment), by_note=by_note):
                return _lasting(course, moment, wish, by_note=by_note) - begins
    return None


def _turns(course: Course, moment: datetime) -> Iterator[datetime]:
    """The moments at which an outcome changes, from one on."""
    turn: datetime | None = moment
    for _count in range(_TURNS):
        if turn is None:
            return
        yield turn
        turn = outcome(course, turn).next_turn


def _lasting(course: Course, moment: datetime, wish: Wish, *, by_note: bool) -> datetime:
    """A moment at which a wish has been met for a while, if it is met for so long: sessions and checks follow."""
    later = moment
    for seconds in (1, 60):
        then = moment + timedelta(seconds=seconds)
        if not wish.is_met(outcome(course, then), by_note=by_note):
            break
        later = then
    return later


def _device_with(tunnel: Tunnel, settings: Changes, *, is_kept: bool = False) -> Device:
    """The tunnel's device, not stored: as it is, or as one that has loaded the peer configuration, and changed."""
    device = Device.objects.select_related("tunnel").get(tunnel=tunnel)
    if not is_kept:
        try:
            devices.take_configuration(device, from_connection(tunnel.connection, tunnel))
        except Refused as refused:
            raise KitError(409, refused.code, str(refused.message), "Settle the connection first.") from None
    return _changed(device, settings)


def _changed(device: Device, changes: Changes) -> Device:
    for name, value in changes.items():
        setattr(device, name, value)
    return device


def _write(tunnel: Tunnel, device: Device) -> None:
    actor = Actor(tunnel.account, ACTOR)
    try:
        if not device.is_on:
            devices.switch(actor.apart(), tunnel, on=True)
        if not device.has_line:
            devices.set_line(actor.apart(), tunnel, up=True)
        device.revision = Device.objects.values_list("revision", flat=True).get(pk=device.pk)
        stored = devices.edit_device(actor, device, device.revision)
        begins = clock.now() - clock.lead()
        if Device.objects.values_list("changed_at", flat=True).get(pk=stored.pk) != begins:
            # The settings were the same already.
            devices.reset(actor.apart(), tunnel)
    except Invalid as invalid:
        first = invalid.problems[0]
        raise KitError(422, first.code, f"{first.field}: {first.message}") from None
    except Refused as refused:
        raise KitError(409, refused.code, str(refused.message)) from None


def switch(tunnels: Iterable[Tunnel], *, power: bool | None = None, line: bool | None = None) -> None:
    """Switch devices on or off, cut or restore their lines."""
    for tunnel in tunnels:
        actor = Actor(tunnel.account, ACTOR)
        if power is not None:
            devices.switch(actor.apart(), tunnel, on=power)
        if line is not None:
            devices.set_line(actor.apart(), tunnel, up=line)


def tunnels_of(connection_id: str, index: int | None) -> list[Tunnel]:
    """The tunnels of a connection, or the one with a number. Raises KitError."""
    rows = Tunnel.objects.whole().select_related("connection__attachment", "customer_gateway", "account")
    rows = rows.prefetch_related("connection__routes").filter(connection__resource_id=connection_id).order_by("index")
    tunnels = [tunnel for tunnel in rows if index in (None, tunnel.index)]
    if not tunnels:
        what = f"no tunnel {index}" if rows else "no such connection"
        raise KitError(404, "unknown_id", f"There is {what} in this world: {connection_id[:40]!r}.")
    return tunnels
