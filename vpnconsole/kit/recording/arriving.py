"""What a page sends (static/kit/record.js), as an event that a recording keeps: without IDs and keys."""

import math
import re
from typing import Any

from connections.domain.parsing import is_storable
from connections.domain.sections import SECRETS
from connections.models import Tunnel
from connections.numbers import whole_number
from vpnconsole.kit.recording import addresses, documents
from vpnconsole.kit.recording.naming import has_id, named, reference
from vpnconsole.kit.walks import format
from vpnconsole.kit.walks.format import Step, Walk, WalkError

_LONGEST_TAB = 8
_TUNNEL = re.compile(r"tunnel-(tun-[0-9a-z]+)-(.+)")
# The fewest and the most characters of a key that is generated.
_KEY_LENGTHS = 8, 100
# Fields of documents: files, and texts that are pasted.
_DOCUMENTS = ("file", "text")


def event_of(sent: dict[str, Any]) -> dict[str, Any] | None:
    """The event of what a page has sent; None if it makes no sense or says nothing."""
    makers = {"page": _page, "click": _click, "set": _set, "see": _see, "said": _said, "kit": _kit}
    maker, at = makers.get(str(sent.get("is"))), sent.get("at")
    if maker is None or not isinstance(at, (int, float)) or not math.isfinite(at):
        return None
    try:
        event = maker(_storable(sent))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    tab = _storable(str(sent.get("tab", "")))[:_LONGEST_TAB]
    return {"is": sent["is"], "at": at, **({"tab": tab} if tab else {}), **event} if event is not None else None


def _storable(value: Any) -> Any:
    """The same without characters that no file can have: NUL and lone halves of surrogate pairs."""
    if isinstance(value, str):
        return value if is_storable(value) else value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(name): _storable(one) for name, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, list) else value


def _checked(action: str, value: Any) -> Any:
    """What a step does, if a walk may have it. Raises WalkError."""
    format.of_content(format.content_of(Walk({"en": "-", "zh-hans": "-"}, (Step(action, value),))))
    return value


def _page(sent: dict[str, Any]) -> dict[str, Any]:
    steps, region = addresses.steps_to(str(sent["path"]))
    return {"led": sent["led"] is True, "region": region, "steps": steps}


def _click(sent: dict[str, Any]) -> dict[str, Any]:
    via = str(sent.get("via", ""))
    return {"target": _target(sent), "via": "" if has_id(via) else via}


def _target(sent: dict[str, Any]) -> Any:
    """A target of a walk; None if it would need an ID."""
    target: Any
    if sent.get("row"):
        target = {"row": sent["row"]} | ({"part": sent["part"]} if sent.get("part") else {})
    elif sent.get("tunnel"):
        target = {"tunnel": sent["tunnel"], "part": sent["part"]}
    else:
        target = sent.get("testid", "")
        if match := _TUNNEL.fullmatch(target):
            tunnel = Tunnel.objects.filter(resource_id=match[1]).first()
            target = {"tunnel": tunnel.index, "part": match[2]} if tunnel else target
    words = target.get("part", "") if isinstance(target, dict) else target
    try:
        return None if has_id(words) else _checked("click", target)
    except WalkError:
        return None


def _set(sent: dict[str, Any]) -> dict[str, Any] | None:
    name = sent["testid"].removeprefix("field-")
    if has_id(name):
        return None
    value = sent["value"]
    if name in _DOCUMENTS and isinstance(value, str):
        value = {"document": value} if value else ""
    if isinstance(value, dict) and "document" in value:
        text = str(value["document"])
        value = {"document": documents.kept(text) if text.strip() else documents.left_out(str(value.get("name", "")))}
    elif isinstance(value, dict) and value.keys() == {"generated"}:
        value = _generated(whole_number(str(value["generated"])) or 0)
    elif name == "tags":
        value = {named(key): named(one) for key, one in dict(value).items()}
    elif isinstance(value, list):
        value = [named(one) for one in value]
    elif isinstance(value, str) and value and _is_secret(name):
        value = _generated(len(value))
    elif isinstance(value, str):
        value = reference(value.strip()) or named(value)
    return {"field": name, "value": _checked("fill", {name: value})[name]}


def _is_secret(field: str) -> bool:
    return field.rpartition("-")[2] in SECRETS or "password" in field


def _generated(length: int) -> dict[str, int]:
    least, most = _KEY_LENGTHS
    return {"generated": min(max(length, least), most)}


def _see(sent: dict[str, Any]) -> dict[str, Any] | None:
    see = _checked("see", sent["see"])
    return None if has_id(repr(see)) else {"see": see}


def _said(sent: dict[str, Any]) -> dict[str, Any]:
    return {"said": _checked("see", {"said": sent["operation"]})["said"]}


def _kit(sent: dict[str, Any]) -> dict[str, Any]:
    return {"kit": _checked("kit", sent["kit"])}
