"""Print a recipe as a program for the official Python SDK. Keys and secrets come from the environment."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from connections.as_code.steps import Endpoint, Fields, Object, Parameters, Recipe, Result, Scalar, Secret, Value, Wait
from connections.wire.operations import Operation, Product

LABEL = "Python SDK"
LANGUAGE = "python"

# The package of each product, and the variable for its client in the program.
_PACKAGES = {Product.VPC: ("alibabacloud_vpc20160428", "vpc"), Product.CBN: ("alibabacloud_cbn20170912", "cbn")}


def text(recipe: Recipe, endpoint: Endpoint) -> str:
    products = recipe.products
    lines = [*_imports(recipe, products), "", *_clients(products, endpoint)]
    answers = {step.name: f"{step.name}.{_snake(step.answers)}" for step in recipe.steps if step.name and step.answers}
    needed = recipe.referred
    for step in recipe.steps:
        if step.after:
            lines += ["", *_wait(step.after, answers)]
        _, variable = _PACKAGES[step.product]
        request = _request(f"{variable}_models", step.action, step.parameters, answers)
        call = [f"{variable}.{_snake(step.action)}(", *_indented(request), ")"]
        if step.name in needed or (step is recipe.steps[0] and step.answers):
            call[0], call[-1] = f"{step.name} = {call[0]}", f"{call[-1]}.body"
        lines += ["", *call]
    if recipe.steps[0].answers:
        lines.append(f"print({answers[recipe.steps[0].name]})")
    return "\n".join(lines) + "\n"


def _imports(recipe: Recipe, products: list[Product]) -> list[str]:
    has_objects = any(isinstance(value, Mapping) for step in recipe.steps for value in step.parameters.values())
    packages = [_PACKAGES[product] for product in products]
    return [
        *(["import json"] if has_objects else []),
        "import os",
        *(["import time"] if any(step.after for step in recipe.steps) else []),
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
        *(
            f"{variable} = {variable.title()}Client(config)"
            for _, variable in (_PACKAGES[product] for product in products)
        ),
    ]


def _wait(wait: Wait, answers: Mapping[str, str]) -> list[str]:
    _, variable = _PACKAGES[wait.product]
    request = _request(f"{variable}_models", wait.action, wait.parameters, answers)
    name = "asking"
    value = f"{variable}.{_snake(wait.action)}({name}).body"
    for key in wait.path:
        value += f"[{key}]" if isinstance(key, int) else f".{_snake(key)}"
    request[0] = f"{name} = {request[0]}"
    return [*request, f"while {value} != {_quoted(wait.value)}:", "    time.sleep(1)"]


def _request(models: str, action: Operation, parameters: Parameters, answers: Mapping[str, str]) -> list[str]:
    name = f"{models}.{action}Request"
    lines = [f"{name}("]
    for key, value in parameters.items():
        item = f"{name}{key}"
        lines += _indented(_argument(_snake(key), value, item, answers))
    lines.append(")")
    return lines


def _argument(name: str, value: Value, item: str, answers: Mapping[str, str]) -> list[str]:
    if isinstance(value, Fields):
        first, *rest = _item(value.values, item, answers)
        return [f"{name}={first}", *rest]
    if isinstance(value, Mapping):
        return [
            f"{name}=json.dumps(",
            "    {",
            *(f"        {_quoted(key)}: {_simple(part, answers)}," for key, part in value.items()),
            "    }",
            "),",
        ]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [f"{name}=[", *_indented([line for part in value for line in _item(part, item, answers)]), "],"]
    return [f"{name}={_literal(value, answers)},"]


def _item(value: Scalar | Object, item: str, answers: Mapping[str, str]) -> list[str]:
    """The lines of an item of a list: one, unless it has many fields or objects in it."""
    if not isinstance(value, Mapping):
        return [f"{_literal(value, answers)},"]
    if len(value) < 3 and not any(isinstance(part, Mapping) for part in value.values()):
        return [f"{item}({', '.join(f'{_snake(key)}={_simple(part, answers)}' for key, part in value.items())}),"]
    lines = []
    for key, part in value.items():
        first, *rest = _item(part, f"{item}{key}", answers)
        lines += [f"{_snake(key)}={first}", *rest]
    return [f"{item}(", *_indented(lines), "),"]


def _simple(value: Scalar | Object, answers: Mapping[str, str]) -> str:
    return "" if isinstance(value, Mapping) else _literal(value, answers)


def _literal(value: Scalar, answers: Mapping[str, str]) -> str:
    if isinstance(value, Secret):
        return f'os.environ["{value.name}"]'
    if isinstance(value, Result):
        return answers[value.of]
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(value: str) -> str:
    """A string literal: JSON's strings are Python's as well."""
    return json.dumps(value, ensure_ascii=False)


def _snake(name: str) -> str:
    """The SDK's name of a parameter or an operation."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _indented(lines: list[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)
