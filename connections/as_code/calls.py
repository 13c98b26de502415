"""API calls as data: what each sends, what it needs of an earlier one, and what has to have settled before it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connections.wire.operations import Operation, Product


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is never printed. `name` says what belongs there, as an environment variable would be named."""

    name: str


@dataclass(frozen=True, slots=True)
class Result:
    """The ID that an earlier call of the recipe answers with."""

    of: str


Scalar = str | int | bool | Secret | Result
# A mapping travels as JSON text, a sequence one numbered parameter an item.
Value = Scalar | Mapping[str, Scalar] | Sequence[str] | Sequence[Mapping[str, Scalar]]


@dataclass(frozen=True, slots=True)
class Question:
    """A call to be repeated until the answer says, at `path`, that something has settled."""

    product: Product
    action: Operation
    parameters: Mapping[str, Value]
    path: tuple[str | int, ...]
    wanted: str


@dataclass(frozen=True, slots=True)
class Call:
    """One operation by its wire names. `name` is how others of the recipe refer to its answer, found at `answers`."""

    product: Product
    action: Operation
    parameters: Mapping[str, Value]
    name: str = ""
    answers: str = ""
    # What must have settled before it is sent.
    after: Question | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """A resource that is there when the recipe is done, as the call that makes it; `existing`: its ID if it is there
    already."""

    call: Call
    existing: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was done or is to be done, for languages that give orders and for the one that describes the outcome."""

    region_id: str
    calls: Sequence[Call]
    declarations: Sequence[Declaration] = ()
    # Whether what the calls are about is gone afterwards.
    removes: bool = False

    @property
    def asked(self) -> list[Call | Question]:
        """Everything that is sent."""
        return [one for call in self.calls for one in (call.after, call) if one]

    @property
    def products(self) -> list[Product]:
        """Those that are called, in the order of the enumeration."""
        return [one for one in Product if any(one is asked.product for asked in self.asked)]

    @property
    def referred(self) -> set[str]:
        """The names of the calls whose answers are needed later."""
        return {value.of for asked in self.asked for value in asked.parameters.values() if isinstance(value, Result)}

    @property
    def secrets(self) -> list[str]:
        """The names of what somebody has to fill in."""
        found = [secret.name for call in self.calls for secret in _secrets_in(call.parameters.values())]
        return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the API door of this console is, and whose it is."""

    host: str
    protocol: str
    uid: str = ""


def _secrets_in(values) -> Iterator[Secret]:
    for value in values:
        if isinstance(value, Secret):
            yield value
        elif isinstance(value, Mapping):
            yield from _secrets_in(value.values())
        elif isinstance(value, (list, tuple)):
            yield from _secrets_in(value)


def flattened(parameters: Mapping[str, Value]) -> Iterator[tuple[str, Scalar | Mapping[str, Scalar]]]:
    """Names and values as they travel: items of lists numbered from 1, fields of items behind a dot."""
    for name, value in parameters.items():
        if isinstance(value, (list, tuple)):
            for number, item in enumerate(value, 1):
                if isinstance(item, Mapping):
                    yield from ((f"{name}.{number}.{key}", one) for key, one in item.items())
                else:
                    yield f"{name}.{number}", item
        else:
            yield name, value
