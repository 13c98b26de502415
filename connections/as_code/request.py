"""A recipe as the parameters of its requests, as they stand before signing and encoding."""

import json
from collections.abc import Mapping

from connections.as_code.calls import Endpoint, Recipe, Result, Secret, flattened
from connections.messages import message as _

LABEL = _("API request")
LANGUAGE = "json"


def text(recipe: Recipe, endpoint: Endpoint) -> str:
    answers = {call.name: f"<{call.answers}>" for call in recipe.calls if call.name}
    blocks = []
    for call in recipe.calls:
        parameters = {"Action": call.action, "Version": call.product.version}
        for name, value in flattened(call.parameters):
            parameters[name] = _spelled(value, answers)
        head = f"POST {endpoint.protocol}://{endpoint.host}/"
        blocks.append(f"{head}\n{json.dumps(parameters, indent=2, ensure_ascii=False)}\n")
    return "\n".join(blocks)


def _spelled(value, answers: Mapping[str, str]) -> str:
    """Every parameter is text; an object is JSON text."""
    if isinstance(value, Mapping):
        return json.dumps({key: _plain(one, answers) for key, one in value.items()}, ensure_ascii=False)
    value = _plain(value, answers)
    return json.dumps(value) if isinstance(value, (bool, int)) else value


def _plain(value, answers: Mapping[str, str]):
    if isinstance(value, Secret):
        return f"<{value.name}>"
    return answers[value.of] if isinstance(value, Result) else value
