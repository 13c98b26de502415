"""Print a recipe as commands of the official command-line client, for a POSIX shell."""

import json
import shlex
from collections.abc import Mapping

from connections.as_code.steps import Endpoint, Object, Recipe, Result, Scalar, Secret, Step, Wait, flattened
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
    options = [_option(name, value, variables) for name, value in flattened(step.parameters)]
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
        return _object(value)
    if isinstance(value, Secret):
        return f'"${value.name}"'
    if isinstance(value, Result):
        return f'"${variables[value.of]}"'
    return _quoted(value if isinstance(value, str) else json.dumps(value))


def _object(value: Object) -> str:
    """Quoted JSON text in which jq fills in the secrets."""
    text, fixed = "", "{"
    for number, (key, part) in enumerate(value.items()):
        fixed += f"{', ' if number else ''}{json.dumps(key)}: "
        if isinstance(part, Secret):
            text += f'{_quoted(fixed)}"$(jq -n --arg secret "${part.name}" \'$secret\')"'
            fixed = ""
        else:
            fixed += json.dumps(part, ensure_ascii=False)
    return text + _quoted(fixed + "}")


def _quoted(text: str) -> str:
    return shlex.quote(text)
