"""What the negotiation works with as JSON, to be stored.

`without_keys` leaves of keys only whether a side has one, and whether both are equal.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from connections.negotiation.sides import Situation

Kind = TypeVar("Kind")
# What stands for keys: one of the cloud, and another one of the device.
ONE, OTHER = "one", "other"


def without_keys(situation: Situation) -> Situation:
    """The same situation with other keys, of which the same ones are blank and the same ones equal."""
    cloud, device = situation.cloud, situation.device
    if device is not None:
        session = device.bgp and replace(device.bgp, key=_beside(cloud.bgp.key if cloud.bgp else "", device.bgp.key))
        device = replace(device, psk=_beside(cloud.psk, device.psk), bgp=session)
    bgp = cloud.bgp and replace(cloud.bgp, key=cloud.bgp.key and ONE)
    return replace(situation, cloud=replace(cloud, psk=cloud.psk and ONE, bgp=bgp), device=device)


def _beside(clouds: str, devices: str) -> str:
    return devices and (ONE if devices == clouds else OTHER)


def record(value: object) -> Any:
    """A dataclass as JSON has it."""
    if is_dataclass(value):
        return {one.name: record(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [record(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


def read(kind: type[Kind], stored: Mapping[str, Any]) -> Kind:
    """The dataclass of a record. Fields that it no longer has are ignored."""
    return _value(kind, stored)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(kind: Any, stored: Any) -> Any:
    if get_origin(kind) is UnionType:
        kind = next(one for one in get_args(kind) if one is not NoneType)
    if stored is None:
        return None
    if get_origin(kind) is tuple:
        return tuple(_value(get_args(kind)[0], one) for one in stored)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _value(hints[name], one) for name, one in stored.items() if name in hints})
    if kind is datetime:
        return datetime.fromisoformat(stored)
    return kind(stored) if issubclass(kind, Enum) else stored
