"""Steps in a web form or console: what to open, then the values of its fields.

They are plain text rather than Markdown, which would take some signs of a key for its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """What to choose, then the values of its fields, or commands to enter there."""

    title: str
    fields: Mapping[str, object]
    commands: tuple[str, ...] = ()


def numbered(steps: Iterable[Step]) -> list[str]:
    """The lines of all steps, with a blank one in front of each."""
    lines: list[str] = []
    for number, step in enumerate(steps, start=1):
        fields = (f"{name}: {value}" for name, value in step.fields.items())
        lines += ["", f"{number}. {step.title}", *(f"   {line}" for line in (*fields, *step.commands))]
    return lines


def listed(values: Iterable[str]) -> str:
    return ", ".join(values)
