"""A test as statements, which python.py and typescript.py print in their languages.

Names are Python's; TypeScript has them in camel case, except for those of fields.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

# How a part of a chain is said. `attribute`: `.state`. `item`: `["name"]`. `method`: called, in TypeScript awaited.
# `quick`: called, never awaited. `asked`: an attribute in Python, an awaited method in TypeScript. `first`: an
# attribute in Python, a quick method in TypeScript.
How = Literal["attribute", "item", "method", "quick", "asked", "first"]


@dataclass(frozen=True)
class Part:
    how: How
    name: str
    args: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Chain:
    """An expression that begins with a variable or a call."""

    root: "str | Call"
    parts: tuple[Part, ...] = ()

    def _with(self, part: Part) -> "Chain":
        return Chain(self.root, (*self.parts, part))

    def get(self, name: str) -> "Chain":
        return self._with(Part("attribute", name))

    def item(self, name: str) -> "Chain":
        return self._with(Part("item", name))

    def call(self, name: str, /, *args: Any, **named: Any) -> "Chain":
        return self._with(Part("method", name, args, named))

    def quick(self, name: str, *args: Any) -> "Chain":
        return self._with(Part("quick", name, args))

    def asked(self, name: str) -> "Chain":
        return self._with(Part("asked", name))

    @property
    def first(self) -> "Chain":
        return self._with(Part("first", "first"))


@dataclass(frozen=True)
class Call:
    """A call of a function: of a helper, or of a class, which TypeScript has with `new`. Helpers are awaited."""

    name: str
    args: tuple[Any, ...]
    is_class: bool = False


@dataclass(frozen=True)
class Generated:
    """A new key of so many characters."""

    length: int


@dataclass(frozen=True)
class Address:
    """An address of the console, below that of the world."""

    path: str


@dataclass(frozen=True)
class Template:
    """A text of several lines, with expressions in it."""

    pieces: "tuple[str | Chain, ...]"


@dataclass(frozen=True)
class File:
    """A file to choose, whose text is in a variable."""

    text: "Chain"


@dataclass(frozen=True)
class Do:
    what: Chain | Call


@dataclass(frozen=True)
class Let:
    """A variable. Each is set once."""

    name: str
    what: Chain | Call | Generated | Template


@dataclass(frozen=True)
class Assign:
    target: Chain
    value: Any


@dataclass(frozen=True)
class Equal:
    what: Chain
    value: Any


@dataclass(frozen=True)
class Expect:
    """An assertion of Playwright's, which waits."""

    what: Chain
    matcher: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Download:
    """Something that makes the browser download a file."""

    page: Chain
    what: Chain


@dataclass(frozen=True)
class Comment:
    text: str


Statement = Do | Let | Assign | Equal | Expect | Download | Comment


@dataclass(frozen=True)
class Script:
    """A test: its words, what its world is, and the fixtures that it uses, in Python's names."""

    title: str
    scenario: str
    persona: str
    fixtures: tuple[str, ...]
    statements: tuple[Statement, ...]

    @property
    def calls(self) -> set[str]:
        """The names of functions that are called."""
        return {one.name for one in parts_of(self.statements) if isinstance(one, Call) and not one.is_class}

    @property
    def makes_forms(self) -> bool:
        """Whether objects of forms are made."""
        return any(isinstance(one, Call) and one.is_class for one in parts_of(self.statements))

    def has(self, kind: type) -> bool:
        """Whether there is a statement or an expression of a kind."""
        return any(isinstance(one, kind) for one in parts_of(self.statements))


def parts_of(value: Any) -> Iterator[Any]:
    """A statement, an expression or a value, and everything in it."""
    yield value
    inner: Any = ()
    if isinstance(value, Mapping):
        inner = value.values()
    elif isinstance(value, (list, tuple)):
        inner = value
    elif is_dataclass(value):
        inner = (getattr(value, one.name) for one in fields(value))
    for one in inner:
        yield from parts_of(one)
