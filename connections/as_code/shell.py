"""Print a recipe as commands of the official command-line client, for a POSIX shell."""

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from connections.as_code.steps import Endpoint, Object, Recipe, Result, Scalar, Secret, Step, Value, Wait, flattened
from connections.messages import message as _
from connections.wire.operations import Product

LABEL = _("Command line")
LANGUAGE = "sh"

_PRODUCTS = {Product.VPC: "vpc", Product.CBN: "cbn"}
PROFILE = "vpn-console"


def text(recipe: Recipe, endpoint: Endpoint) -> str:
    lines = [
        "# Needs aliyun and jq. Keys and secrets come from the environment.",
        f"aliyun configure set --profile {PROFILE} --mode AK --region {_quoted(recipe.region_id)} \\",
        '  --access-key-id "$ALIBABA_CLOUD_ACCESS_KEY_ID" \\',
        '  --access-key-secret "$ALIBABA_CLOUD_ACCESS_KEY_SECRET"',
    ]
    common = [f"--profile {PROFILE}", f"--endpoint {_quoted(endpoint.host)}"]
    if endpoint.protocol == "https":
        common.append("--secure")
    variables = {step.name: f"{step.name.upper()}_ID" for step in recipe.steps if step.name and step.answers}
    needed = recipe.referred
    for step in recipe.steps:
        if step.after:
            lines += ["", *_joined(_wait(step.after, common, variables))]
        command = _command(step, common, variables)
        if step.name in needed:
            command[0] = f"{variables[step.name]}=$({command[0]}"
            command[-1] += f" | jq -r .{step.answers})"
        lines += ["", *_joined(command)]
    return "\n".join(lines) + "\n"


def _command(step: Step | Wait, common: list[str], variables: Mapping[str, str]) -> list[str]:
    texts = {name: value for name, value in step.parameters.items() if _has_depth(value)}
    plain = {name: value for name, value in step.parameters.items() if name not in texts}
    options = [_option(name, value, variables) for name, value in flattened(plain)]
    options += [f"--{name}={_json(value)}" for name, value in texts.items()]
    return [f"aliyun {_PRODUCTS[step.product]} {step.action} {' '.join(common)}", *options]


def _wait(wait: Wait, common: list[str], variables: Mapping[str, str]) -> list[str]:
    path = ""
    for key in wait.path:
        path += f"[{key}]" if isinstance(key, int) else f".{key}" if path else key
    waiter = f"--waiter expr={_quoted(path)} to={_quoted(wait.value)}"
    return [*_command(wait, common, variables), waiter]


def _joined(command: list[str]) -> list[str]:
    """The lines of a command, each part on its own."""
    return [
        ("" if number == 0 else "  ") + part + (" \\" if number < len(command) - 1 else "")
        for number, part in enumerate(command)
    ]


def _option(name: str, value: Scalar | Object, variables: Mapping[str, str]) -> str:
    """Join with an equals sign: a value that begins with a hyphen would be read as an option."""
    spelled = _spelled(value, variables)
    return f"--{name} ''" if spelled == "''" else f"--{name}={spelled}"


def _spelled(value: Scalar | Object, variables: Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        return _json(value)
    if isinstance(value, Secret):
        return f'"${value.name}"'
    if isinstance(value, Result):
        return f'"${variables[value.of]}"'
    return _quoted(value if isinstance(value, str) else json.dumps(value))


def _has_depth(value: Value) -> bool:
    """Whether the client wants a list as one JSON text, because there are objects in its items."""
    if isinstance(value, (str, Mapping)) or not isinstance(value, Sequence):
        return False
    return any(isinstance(part, Mapping) for item in value if isinstance(item, Mapping) for part in item.values())


def _json(value: Value) -> str:
    """Quoted JSON text in which jq fills in the secrets."""
    return "".join(
        f'"$(jq -n --arg secret "${part.name}" \'$secret\')"' if isinstance(part, Secret) else _quoted(part)
        for part in _merged(_parts(value))
    )


def _parts(value: Value) -> Iterator[str | Secret]:
    """JSON text in pieces, with secrets between them."""
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        for number, (key, part) in enumerate(value.items()):
            yield f"{', ' if number else '{'}{json.dumps(key)}: "
            yield from _parts(part)
        yield "}" if value else "{}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, part in enumerate(value):
            yield ",\n    " if number else "["
            yield from _parts(part)
        yield "]" if value else "[]"
    else:
        yield json.dumps(value, ensure_ascii=False)


def _merged(parts: Iterable[str | Secret]) -> Iterator[str | Secret]:
    """The same with neighboring texts joined."""
    for is_text, group in groupby(parts, lambda part: isinstance(part, str)):
        pieces = list(group)
        yield from ["".join(map(str, pieces))] if is_text else pieces


def _quoted(text: str) -> str:
    return shlex.quote(text)
