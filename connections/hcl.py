"""HCL, the language of Terraform: strings, aligned arguments, blocks."""

import json
from collections.abc import Iterable


def quoted(text: str) -> str:
    """A string literal. Terraform understands JSON's escapes, and would fill in templates."""
    literal = json.dumps(text, ensure_ascii=False).replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    return literal.replace("${", "$${").replace("%{", "%%{")


def aligned(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Align arguments as Terraform's formatter does."""
    arguments = list(pairs)
    width = max((len(name) for name, _ in arguments), default=0)
    return [f"{name:<{width}} = {value}" for name, value in arguments]


def indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]


def block(head: str, inside: Iterable[str]) -> str:
    return "\n".join([f"{head} {{", *indented(inside), "}"])
