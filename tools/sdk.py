"""The operations of the vendor's Python SDK: the wire names of everything that they send and receive.

Needs the SDK's packages, which are among the developers' (group dev in pyproject.toml).
"""

import inspect
import typing
from types import ModuleType

from alibabacloud_cbn20170912 import models as cbn
from alibabacloud_cbn20170912.client import Client as CbnClient
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as VpcClient

# By API version.
SDKS: dict[str, tuple[ModuleType, type]] = {"2016-04-28": (vpc, VpcClient), "2017-09-12": (cbn, CbnClient)}

Shape = dict | list | None


def operations(version: str) -> list[str]:
    """The names of all operations of a product."""
    models, _ = SDKS[version]
    names = {name.removesuffix("Request") for name in dir(models) if name.endswith("Request")}
    return sorted(name for name in names if hasattr(models, f"{name}Response"))


def request_names(version: str, operation: str) -> dict[str, Shape]:
    """The names of an operation's parameters, and of the fields of their items."""
    models, _ = SDKS[version]
    return _shape(getattr(models, f"{operation}Request"))


def answer_names(version: str, operation: str) -> dict[str, Shape]:
    """The names of an operation's response."""
    models, _ = SDKS[version]
    return _shape(getattr(models, f"{operation}ResponseBody"))


def _shape(model: type) -> dict[str, Shape]:
    """The wire names of an SDK model, as its own `to_map` writes them for an object with all values set."""
    filled = _filled(model)
    return {name: _names(value) for name, value in filled.to_map().items()}


def _names(value) -> Shape:
    if isinstance(value, dict):
        return {name: _names(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_names(value[0])] if value else []
    return None


def _filled(model: type):
    known = typing.get_type_hints(inspect.getattr_static(model, "__init__"), vars(inspect.getmodule(model)))
    return model(**{name: _value(known.get(name)) for name in inspect.signature(model).parameters})


def _value(hint):
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union:
        return _value(arguments[0])
    if origin is list:
        return [_value(arguments[0])]
    if origin is dict or hint is dict:
        return {}
    if inspect.isclass(hint) and hasattr(hint, "to_map"):
        return _filled(hint)
    return "x"
