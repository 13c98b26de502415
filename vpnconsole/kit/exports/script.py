"""A test as statements, which python.py and typescript.py print in their languages.

Names are Python's; TypeScript has them in camel case, except for those of fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class Do:
    what: Chain | Call


@dataclass(frozen=True)
class Let:
    """A variable. Each is set once."""

    name: str
    what: Chain | Call


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
