"""A recipe as data: its API calls in order, what each needs from an earlier one, and what each waits for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connections.wire.operations import Operation, Product


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is never printed. `name` is the name of the environment variable that holds it."""

    name: str


@dataclass(frozen=True, slots=True)
class Result:
    """The ID in the answer to an earlier step of the recipe."""

    of: str


@dataclass(frozen=True, slots=True)
class Fields:
    """An object whose fields are sent as parameters of their own, as those of an item of a list are."""

    values: "Object"


Scalar = str | int | bool | Secret | Result
# Objects within objects are only in items of lists, and in `Fields`.
Object = Mapping[str, "Scalar | Object"]
# An object is sent as JSON text, a sequence as one numbered parameter for each item.
Value = Scalar | Object | Fields | Sequence[str | Object]
Parameters = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Wait:
    """A call that is repeated until its answer has a value at a path."""

    product: Product
    action: Operation
    parameters: Parameters
    path: tuple[str | int, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """A call of the API. Other steps refer to its answer by `name`; the ID is at `answers` in the answer."""

    product: Product
    action: Operation
    parameters: Parameters
    name: str = ""
    answers: str = ""
    # What has to settle before the call.
    after: Wait | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """A resource that exists after the recipe, as the step that creates it; `existing` is its ID if it exists now."""

    step: Step
    existing: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Steps for languages that give orders, and declarations for the one that describes the outcome."""

    region_id: str
    steps: Sequence[Step]
    declarations: Sequence[Declaration] = ()

    @property
    def calls(self) -> list[Step | Wait]:
        """All calls, those that wait included."""
        return [call for step in self.steps for call in (step.after, step) if call]

    @property
    def products(self) -> list[Product]:
        """The products of the calls, in the order of the enumeration."""
        called = {call.product for call in self.calls}
        return [product for product in Product if product in called]

    @property
    def referred(self) -> set[str]:
        """The names of the steps to whose answers others refer."""
        return {value.of for call in self.calls for value in call.parameters.values() if isinstance(value, Result)}

    @property
    def secrets(self) -> list[str]:
        """The names of the secrets, each once."""
        return list(
            dict.fromkeys(secret.name for step in self.steps for secret in _secrets_in(step.parameters.values()))
        )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of this console's API, and the UID of the account."""

    host: str
    protocol: str
    uid: str = ""


def _secrets_in(values: Iterable[Value | Object]) -> Iterator[Secret]:
    for value in values:
        if isinstance(value, Secret):
            yield value
        elif isinstance(value, Fields):
            yield from _secrets_in(value.values.values())
        elif isinstance(value, Mapping):
            yield from _secrets_in(value.values())
        elif not isinstance(value, (str, int, Result)):
            yield from _secrets_in(value)


def flattened(parameters: Parameters) -> Iterator[tuple[str, Scalar | Object]]:
    """Names and values as they are sent: items of lists numbered from 1, fields of items behind a dot."""
    for name, value in parameters.items():
        if isinstance(value, (str, int, Secret, Result, Mapping)):
            yield name, value
        elif isinstance(value, Fields):
            yield from _below(name, value.values)
        else:
            for number, item in enumerate(value, 1):
                if isinstance(item, Mapping):
                    yield from _below(f"{name}.{number}", item)
                else:
                    yield f"{name}.{number}", item


def _below(name: str, item: Object) -> Iterator[tuple[str, Scalar]]:
    """The fields of an object, at every depth."""
    for key, part in item.items():
        if isinstance(part, Mapping):
            yield from _below(f"{name}.{key}", part)
        else:
            yield f"{name}.{key}", part
