"""A recipe as a program for the official Python SDK. Keys and secrets come from the environment."""

import json
import re
from collections.abc import Iterator, Mapping

from connections.as_code.calls import Endpoint, Question, Recipe, Result, Secret
from connections.wire.operations import Product

LABEL = "Python SDK"
LANGUAGE = "python"

# Import name of each product's package, and what the program calls its client and its request classes.
_PACKAGES = {Product.VPC: ("alibabacloud_vpc20160428", "vpc"), Product.CBN: ("alibabacloud_cbn20170912", "cbn")}


def text(recipe: Recipe, endpoint: Endpoint) -> str:
    products = recipe.products
    lines = [*_imports(recipe, products), "", *_clients(products, endpoint)]
    answers = {call.name: f"{call.name}.{_snake(call.answers)}" for call in recipe.calls if call.name and call.answers}
    needed = recipe.referred
    for call in recipe.calls:
        if call.after:
            lines += ["", *_wait(call.after, answers)]
        _, variable = _PACKAGES[call.product]
        asked = _request(f"{variable}_models", call.action, call.parameters, answers)
        sent = [f"{variable}.{_snake(call.action)}(", *_indented(asked), ")"]
        if call.name in needed or (call is recipe.calls[0] and call.answers):
            sent[0], sent[-1] = f"{call.name} = {sent[0]}", f"{sent[-1]}.body"
        lines += ["", *sent]
    if recipe.calls[0].answers:
        lines.append(f"print({answers[recipe.calls[0].name]})")
    return "\n".join(lines) + "\n"


def _imports(recipe: Recipe, products: list[Product]) -> list[str]:
    has_objects = any(isinstance(value, Mapping) for call in recipe.calls for value in call.parameters.values())
    packages = [_PACKAGES[product] for product in products]
    return [
        *(["import json"] if has_objects else []),
        "import os",
        *(["import time"] if any(call.after for call in recipe.calls) else []),
        "",
        *sorted(
            [
                "from alibabacloud_tea_openapi.models import Config",
                *(f"from {package} import models as {variable}_models" for package, variable in packages),
                *(f"from {package}.client import Client as {variable.title()}Client" for package, variable in packages),
            ],
            key=lambda line: line.split()[1],
        ),
    ]


def _clients(products: list[Product], endpoint: Endpoint) -> list[str]:
    return [
        "config = Config(",
        '    access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],',
        '    access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],',
        f"    endpoint={_quoted(endpoint.host)},",
        f"    protocol={_quoted(endpoint.protocol)},",
        ")",
        *(f"{variable} = {variable.title()}Client(config)" for _, variable in map(_PACKAGES.get, products)),
    ]


def _wait(question: Question, answers: Mapping[str, str]) -> list[str]:
    _, variable = _PACKAGES[question.product]
    asked = _request(f"{variable}_models", question.action, question.parameters, answers)
    name = "asking"
    value = f"{variable}.{_snake(question.action)}({name}).body"
    for step in question.path:
        value += f"[{step}]" if isinstance(step, int) else f".{_snake(step)}"
    asked[0] = f"{name} = {asked[0]}"
    return [*asked, f"while {value} != {_quoted(question.wanted)}:", "    time.sleep(1)"]


def _request(models: str, action: str, parameters: Mapping, answers: Mapping[str, str]) -> list[str]:
    name = f"{models}.{action}Request"
    lines = [f"{name}("]
    for key, value in parameters.items():
        item = f"{name}{key}"
        lines += _indented(_argument(_snake(key), value, item, answers))
    lines.append(")")
    return lines


def _argument(name: str, value, item: str, answers: Mapping[str, str]) -> list[str]:
    if isinstance(value, Mapping):
        return [
            f"{name}=json.dumps(",
            "    {",
            *(f"        {_quoted(key)}: {_literal(one, answers)}," for key, one in value.items()),
            "    }",
            "),",
        ]
    if isinstance(value, (list, tuple)):
        return [f"{name}=[", *(f"    {_item(one, item, answers)}," for one in value), "],"]
    return [f"{name}={_literal(value, answers)},"]


def _item(value, item: str, answers: Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        return f"{item}({', '.join(f'{_snake(key)}={_literal(one, answers)}' for key, one in value.items())})"
    return _literal(value, answers)


def _literal(value, answers: Mapping[str, str]) -> str:
    if isinstance(value, Secret):
        return f'os.environ["{value.name}"]'
    if isinstance(value, Result):
        return answers[value.of]
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(value: str) -> str:
    """A JSON string of printable characters is a Python literal as well."""
    return json.dumps(value, ensure_ascii=False)


def _snake(name: str) -> str:
    """The SDK's spelling of a wire name."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _indented(lines: list[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)
