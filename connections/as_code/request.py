"""Print a recipe as the parameters of its requests, before they are signed and encoded."""

import json
from collections.abc import Mapping

from connections.as_code.steps import Endpoint, Object, Recipe, Result, Scalar, Secret, flattened
from connections.messages import message as _

LABEL = _("API request")
LANGUAGE = "json"


def text(recipe: Recipe, endpoint: Endpoint) -> str:
    answers = {step.name: f"<{step.answers}>" for step in recipe.steps if step.name}
    blocks = []
    for step in recipe.steps:
        parameters = {"Action": step.action, "Version": step.product.version}
        for name, value in flattened(step.parameters):
            parameters[name] = _spelled(value, answers)
        head = f"POST {endpoint.protocol}://{endpoint.host}/"
        blocks.append(f"{head}\n{json.dumps(parameters, indent=2, ensure_ascii=False)}\n")
    return "\n".join(blocks)


def _spelled(value: Scalar | Object, answers: Mapping[str, str]) -> str:
    """A parameter as text; an object is JSON text."""
    if isinstance(value, Mapping):
        flat = {key: _plain(part, answers) for key, part in value.items() if not isinstance(part, Mapping)}
        return json.dumps(flat, ensure_ascii=False)
    plain = _plain(value, answers)
    return plain if isinstance(plain, str) else json.dumps(plain)


def _plain(value: Scalar, answers: Mapping[str, str]) -> str | int:
    if isinstance(value, Secret):
        return f"<{value.name}>"
    return answers[value.of] if isinstance(value, Result) else value
