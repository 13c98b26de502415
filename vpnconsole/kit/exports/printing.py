"""What printers of tests have in common: which method prints what, helpers, and texts in quotation marks."""

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from vpnconsole.kit.exports.script import (
    Address,
    Call,
    Chain,
    Comment,
    File,
    Generated,
    Script,
    Statement,
    Template,
)

_EXPRESSIONS = (Chain, Call, Generated, Template, File, Address)
# Helpers of tests without page objects, which have the same names in each language, and those that they use.
NEEDS = {
    "control": (),
    "fill": ("idle", "control"),
    "check": ("idle", "control"),
    "rows": ("control",),
    "fill_rows": ("rows", "fill"),
    "fill_tags": ("rows", "fill"),
    "press": ("idle",),
    "upload": ("idle", "control"),
}


def helpers_of(script: Script, helpers: Mapping[str, str]) -> list[str]:
    """The helpers that a script uses, and those that they use, in the order in which they are declared."""
    used: set[str] = set()
    ahead = [*script.calls]
    while ahead:
        name = ahead.pop()
        used.add(name)
        ahead += NEEDS.get(name, ())
    return [text for name, text in helpers.items() if name in used]


class Printer:
    """Prints statements. Each language has a method for each class of statements and expressions."""

    # What begins a comment.
    COMMENT: ClassVar[str]
    INDENT: ClassVar[str]

    def statement(self, one: Statement) -> str:
        return str(getattr(self, type(one).__name__.lower())(one))

    def value(self, value: Any) -> str:
        """An expression, or a value as a literal."""
        if isinstance(value, _EXPRESSIONS):
            return str(getattr(self, type(value).__name__.lower())(value))
        if isinstance(value, list):
            return f"[{', '.join(map(self.value, value))}]"
        return self.mapping(value) if isinstance(value, Mapping) else self.literal(value)

    def mapping(self, value: Mapping[str, Any]) -> str:
        raise NotImplementedError

    def literal(self, value: Any) -> str:
        """A text, a number, on or off."""
        raise NotImplementedError

    def comment(self, one: Comment) -> str:
        return "\n".join(f"{self.INDENT}{self.COMMENT} {line}" for line in one.text.splitlines())


def in_quotes(text: str, escape: str) -> str:
    """A text in double quotation marks. `escape`: how a character that no editor shows is written, such as `{:x}`."""
    return "".join(
        one if one.isprintable() else escape.format(ord(one)) for one in json.dumps(text, ensure_ascii=False)
    )


def in_block(text: str, escape: str, special: str) -> str:
    """A text between the marks of several lines. `special`: a pattern of what needs backslashes."""
    marked = re.sub(rf"\\|{special}", lambda match: "".join(f"\\{one}" for one in match[0]), text)
    return "".join(one if one.isprintable() or one == "\n" else escape.format(ord(one)) for one in marked)
