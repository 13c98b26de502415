"""The diagnosis of a tunnel: what every check finds, with both sides' values and where to mend it. Never a key."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from connections.messages import Message
from connections.negotiation import bgp
from connections.negotiation.checks import CHECKS, entries
from connections.negotiation.examination import Case, Check, Examination, Facts, Level
from connections.negotiation.outcome import Outcome
from connections.negotiation.pair import DEVICE_ONLY, MIRRORED, Difference, shown
from connections.negotiation.sides import HIDDEN, LARGEST_PACKET, Situation


class Place(StrEnum):
    """Where something is mended."""

    CONNECTION = "connection"
    CUSTOMER_GATEWAY = "customer gateway"
    ROUTES = "routes"
    DEVICE = "device"
    # Its switches, and the line.
    DEVICE_ACTIONS = "device actions"


@dataclass(frozen=True, slots=True)
class Mend:
    """A place, and the field there under the model's name."""

    place: Place
    field: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found."""

    check: Check
    level: Level
    message: Message
    values: tuple[Difference, ...]
    mends: tuple[Mend, ...] = ()


CONNECTION, GATEWAY, DEVICE = Place.CONNECTION, Place.CUSTOMER_GATEWAY, Place.DEVICE
# Fields that do not have the same name, or the mirrored one, in the forms of both sides.
MENDS: Mapping[str, tuple[Mend, ...]] = {
    "gateway_ip": (Mend(DEVICE, "peer_address"),),
    "customer_gateway_ip": (Mend(CONNECTION, "customer_gateway"), Mend(DEVICE, "address")),
    "effect_immediately": (Mend(CONNECTION, "effect_immediately"), Mend(DEVICE, "starts")),
    "is_on": (Mend(Place.DEVICE_ACTIONS),),
    "has_line": (Mend(Place.DEVICE_ACTIONS),),
    "routes": (Mend(Place.ROUTES),),
    "associate_resource": (Mend(CONNECTION, "associate_resource"),),
    "health_check": (Mend(CONNECTION, "health_check"),),
    "health_check_sip": (Mend(CONNECTION, "health_check_sip"),),
    "health_check_dip": (Mend(CONNECTION, "health_check_dip"),),
    "peer_ip": (Mend(CONNECTION, "tunnel_cidr"), Mend(DEVICE, "local_bgp_ip")),
    "local_ip": (Mend(CONNECTION, "local_bgp_ip"), Mend(DEVICE, "peer_bgp_ip")),
    "source_ip": (Mend(DEVICE, "bgp_source_ip"),),
    "key": (Mend(GATEWAY, "auth_key"), Mend(DEVICE, "auth_key")),
    # The AS number of a customer gateway cannot be changed.
    "peer_asn": (Mend(CONNECTION, "customer_gateway"), Mend(DEVICE, "local_asn")),
    "local_asn": (Mend(CONNECTION, "local_asn"), Mend(DEVICE, "peer_asn")),
    "tunnels": (),
    **{
        name: (Mend(DEVICE, name),)
        for name in (
            *DEVICE_ONLY,
            "loss", "ipsec_kilobytes", "mtu", "hold_time", "router_id", "announced", "probe_host_answers",
            "probe_allowed", "probe_routed_back", "probe_same_path",
        )
    },
}  # fmt: skip


def mends_of(fields: Iterable[str]) -> tuple[Mend, ...]:
    """Where fields, named as in a `Difference`, are mended: on the cloud's side first."""
    mends = [
        mend
        for name in fields
        for mend in MENDS.get(name, (Mend(CONNECTION, name), Mend(DEVICE, MIRRORED.get(name, name))))
    ]
    return tuple(sorted(dict.fromkeys(mends), key=lambda mend: list(Place).index(mend.place)))


def _on(value: bool) -> str:
    return "on" if value else "off"


def _device(name: str, ours: str) -> Callable[[Examination], tuple[str, str]]:
    """A field that only devices have, beside what the cloud has."""
    return lambda exam: (ours, shown(getattr(exam.device, name)))


def _check(name: str) -> Callable[[Examination], tuple[str, str]]:
    return lambda exam: (getattr(exam.cloud.health_check, name, ""), "")


# Values of fields that are not simply on both sides.
_VALUES: Mapping[str, Callable[[Examination], tuple[str, str]]] = {
    "effect_immediately": lambda exam: (
        _on(exam.cloud.effect_immediately), exam.device.starts.value if exam.has_device else ""
    ),
    "is_on": lambda exam: ("", _on(exam.facts.is_on) if exam.has_device else ""),
    "has_line": lambda exam: ("", "open" if exam.facts.has_line else "blocked"),
    "loss": lambda exam: ("", f"{exam.around.loss} %"),
    "gateway_ip": lambda exam: (exam.cloud.gateway_ip, exam.device.peer_address if exam.has_device else ""),
    "associate_resource": lambda exam: ("", ""),
    "enable_bgp": lambda exam: (
        _on(exam.cloud.bgp is not None), _on(exam.device.bgp is not None) if exam.has_device else ""
    ),
    "announced": lambda exam: ("", ", ".join(one.prefix for one in exam.device_bgp.announced)),
    "health_check": lambda exam: (_on(exam.cloud.health_check is not None), ""),
    "health_check_sip": _check("source"),
    "health_check_dip": _check("destination"),
    "mtu": _device("mtu", str(LARGEST_PACKET)),
    "routes": lambda exam: (", ".join(entries(exam)), ""),
    "tunnels": lambda exam: (", ".join((exam.outcome.status, *exam.facts.tunnels)), ""),
    **{
        name: _device(name, "on")
        for name in ("probe_host_answers", "probe_allowed", "probe_routed_back", "probe_same_path")
    },
}  # fmt: skip
_OF_THE_SESSION = ("peer_ip", "local_ip", "source_ip", "key", "peer_asn", "local_asn", "hold_time", "router_id")


def _value(exam: Examination, name: str) -> Difference | None:
    if name in _VALUES:
        return Difference(name, *_VALUES[name](exam))
    if name in _OF_THE_SESSION:
        return bgp.compared(exam.pair, name)
    if exam.has_device:
        return exam.pair.difference(name)
    return Difference(name, HIDDEN if name == "psk" else shown(getattr(exam.cloud, name)), "")


def _values(exam: Examination, check: Check, case: Case | None) -> tuple[Difference, ...]:
    """The fields that a case has found; of fields that it looks at, those that differ, or all of them if none does."""
    fields = (case and case.fields) or check.fields
    if callable(fields):
        return tuple(_compared(exam, fields(exam)))
    values = tuple(_compared(exam, fields))
    return tuple(value for value in values if value.cloud != value.device) or values


def _compared(exam: Examination, names: Iterable[str]) -> Iterator[Difference]:
    return (value for name in names if (value := _value(exam, name)))


def diagnose(
    situation: Situation, outcome: Outcome, facts: Facts, *, may_see_keys: bool = False
) -> tuple[Finding, ...]:
    """What every check that applies has found, in the order of the table.

    Values of keys are hidden from everybody; those who may see keys get to know how two keys differ.
    """
    exam = Examination(situation, outcome, facts)
    return tuple(_find(exam, check, may_see_keys) for check in CHECKS if check.applies(exam))


def _find(exam: Examination, check: Check, may_see_keys: bool) -> Finding:
    case = check.case(exam, may_see_keys=may_see_keys)
    values = _values(exam, check, case)
    if case is None:
        return Finding(check, Level.NORMAL, check.normal, values)
    return Finding(check, case.level, case.sentence(exam), values, mends_of(value.field for value in values))
