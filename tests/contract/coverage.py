"""Compare each operation with the models in the official SDK packages: what it accepts and returns."""

import importlib
import inspect
import re
import typing
from dataclasses import dataclass

from connections.api.registry import CBN, OWNERS, VPC, Action, Ignored

PACKAGES = {VPC: "alibabacloud_vpc20160428", CBN: "alibabacloud_cbn20170912"}


def model(version: str, name: str):
    """A class of the SDK's models, such as CreateCenRequest; None where the SDK has none."""
    return getattr(importlib.import_module(f"{PACKAGES[version]}.models"), name, None)


def wire_names(cls) -> dict[str, str]:
    """The attributes of a model by their names on the wire."""
    source = inspect.getsource(cls.to_map)
    names = {}
    for attribute in inspect.signature(cls.__init__).parameters:
        if attribute == "self":
            continue
        match = re.search(rf"result\['([^']+)'\] = self\.{attribute}\b", source) or re.search(
            rf"result\['([^']+)'\] = (?:\[\]|\{{\}})\s*if self\.{attribute} is not None", source
        )
        names[attribute] = match[1] if match else re.search(
            rf"if self\.{attribute} is not None:\s*result\['([^']+)'\]", source
        )[1]  # fmt: skip
    return names


def tree(cls) -> dict:
    """A model as nested wire names; a list of objects becomes a list with one element."""
    names, hints = {}, typing.get_type_hints(cls.__init__, vars(inspect.getmodule(cls)))
    for attribute, wire in wire_names(cls).items():
        hint = hints[attribute]
        inner = next((one for one in (hint, *typing.get_args(hint)) if hasattr(one, "to_map")), None)
        if inner is None:
            names[wire] = None
        else:
            names[wire] = tree(inner) if inner is hint else [tree(inner)]
    return names


def paths(shape, prefix="") -> set[str]:
    """Every name of a nested shape, as `Tags.Tag[].Key`."""
    if isinstance(shape, list):
        return paths(shape[0], f"{prefix}[]") if shape and isinstance(shape[0], dict) else set()
    if not isinstance(shape, dict):
        return set()
    names = set()
    for name, inner in shape.items():
        path = f"{prefix}.{name}" if prefix else name
        names |= {path} | paths(inner, path)
    return names


@dataclass(frozen=True)
class Coverage:
    """One operation compared with the SDK's models: what it reads, ignores and lacks."""

    operation: str
    version: str
    read: tuple[str, ...]
    passed_over: tuple[str, ...]
    not_read: tuple[str, ...]
    answered: tuple[str, ...]
    not_answered: tuple[str, ...]

    @property
    def parameters(self) -> str:
        return f"{len(self.read)} of {len(self.read) + len(self.passed_over) + len(self.not_read)}"

    @property
    def fields(self) -> str:
        return f"{len(self.answered)} of {len(self.answered) + len(self.not_answered)}"


def of(action: Action) -> Coverage:
    """Compare an operation's declaration with what the SDK can send and receive."""
    sendable = set(wire_names(model(action.version, f"{action.name}Request")).values()) - OWNERS
    own = {one.name: one for one in action.parameters}
    extra = ({"ClientToken"} if action.writes else set()) | ({"DryRun"} if action.dry_run else set())
    known = set(own) | extra
    passed = {name for name in sendable & set(own) if isinstance(own[name], Ignored)}
    answers = paths(tree(model(action.version, f"{action.name}ResponseBody")))
    returned = paths(action.answer | {"RequestId": str})
    return Coverage(
        operation=action.name,
        version=action.version,
        read=tuple(sorted((sendable & known) - passed)),
        passed_over=tuple(sorted(passed)),
        not_read=tuple(sorted(sendable - known)),
        answered=tuple(sorted(answers & returned)),
        not_answered=tuple(sorted(answers - returned)),
    )
