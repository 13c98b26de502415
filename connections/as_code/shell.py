"""A recipe as commands of the official command-line client, for a POSIX shell."""

import json
import shlex
from collections.abc import Mapping

from connections.as_code.calls import Call, Endpoint, Question, Recipe, Result, Secret, flattened
from connections.messages import message as _
from connections.wire.operations import Product

LABEL = _("Command line")
LANGUAGE = "sh"

_WORDS = {Product.VPC: "vpc", Product.CBN: "cbn"}
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
    variables = {call.name: f"{call.name.upper()}_ID" for call in recipe.calls if call.name and call.answers}
    needed = recipe.referred
    for call in recipe.calls:
        if call.after:
            lines += ["", *_joined(_wait(call.after, common, variables))]
        words = _command(call, common, variables)
        if call.name in needed:
            words[0] = f"{variables[call.name]}=$({words[0]}"
            words[-1] += f" | jq -r .{call.answers})"
        lines += ["", *_joined(words)]
    return "\n".join(lines) + "\n"


def _command(call: Call | Question, common: list[str], variables: Mapping[str, str]) -> list[str]:
    options = [_option(name, value, variables) for name, value in flattened(call.parameters)]
    return [f"aliyun {_WORDS[call.product]} {call.action} {' '.join(common)}", *options]


def _wait(question: Question, common: list[str], variables: Mapping[str, str]) -> list[str]:
    path = ""
    for step in question.path:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    waiter = f"--waiter expr={_quoted(path)} to={_quoted(question.wanted)}"
    return [*_command(question, common, variables), waiter]


def _joined(words: list[str]) -> list[str]:
    """A command over several lines."""
    return [
        ("" if number == 0 else "  ") + word + (" \\" if number < len(words) - 1 else "")
        for number, word in enumerate(words)
    ]


def _option(name: str, value, variables: Mapping[str, str]) -> str:
    """Joined by an equals sign, because what begins with a hyphen would be taken for an option."""
    spelled = _spelled(value, variables)
    return f"--{name} ''" if spelled == "''" else f"--{name}={spelled}"


def _spelled(value, variables: Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        return _object(value)
    if isinstance(value, Secret):
        return f'"${value.name}"'
    if isinstance(value, Result):
        return f'"${variables[value.of]}"'
    return _quoted(value if isinstance(value, str) else json.dumps(value))


def _object(value: Mapping) -> str:
    """JSON text in quotes, with gaps in which jq spells the secrets."""
    made, fixed = "", "{"
    for number, (key, one) in enumerate(value.items()):
        fixed += f"{', ' if number else ''}{json.dumps(key)}: "
        if isinstance(one, Secret):
            made += f'{_quoted(fixed)}"$(jq -n --arg secret "${one.name}" \'$secret\')"'
            fixed = ""
        else:
            fixed += json.dumps(one, ensure_ascii=False)
    return made + _quoted(fixed + "}")


def _quoted(text: str) -> str:
    return shlex.quote(text)
