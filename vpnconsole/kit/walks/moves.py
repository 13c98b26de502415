"""A walk as small moves, of which each is one thing that a hand does. The runner and the browser take them."""

from collections.abc import Callable, Mapping
from typing import Any

from vpnconsole.kit.walks import documents
from vpnconsole.kit.walks.format import IDS, PLACES, Step, Walk, is_document

# JSON: `step`, its number from 1; `do`: go, click, set, see, as, kit or say; and what that needs. `say` is with the
# first move of a step.
Move = dict[str, Any]


def moves(walk: Walk, prefix: str = "/") -> list[Move]:
    """The moves of a walk. `prefix`: the console's path, which addresses begin with."""
    found = []
    for number, step in enumerate(walk.steps, 1):
        ours = [{"step": number, **move} for move in _of(step, walk.region, prefix)]
        if step.say:
            ours[0]["say"] = dict(step.say)
        found += ours
    return found


def _of(step: Step, region: str, prefix: str) -> list[Move]:
    value = step.value
    if step.action == "go":
        return [{"do": "go", "url": prefix + PLACES[value].format(region=region)}]
    if step.action == "click":
        return [{"do": "click", "target": value if isinstance(value, dict) else {"testid": value}}]
    if step.action == "fill":
        return [{"do": "set", "field": name, "value": one} for name, one in value.items()]
    if step.action == "see":
        return [{"do": "see", "see": value}]
    if step.action:
        return [{"do": step.action, "value": value}]
    return [{"do": "say"}]


def meant(field: str, value: Any, id_of: Callable[[str, str], str]) -> Any:
    """The value of a field, with an ID where the walk has a name: {cen: summit-core}, {uid: bob}, in documents too.

    `id_of` gets both words.
    """
    if field == "tags":
        return value
    if is_document(value):
        return {"document": documents.filled(value["document"], id_of)}
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in IDS:
        ((kind, name),) = value.items()
        return id_of(kind, name)
    return value
