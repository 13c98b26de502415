"""What a page sends (static/kit/record.js), as an event that a recording keeps: without IDs and keys."""

import re
from typing import Any

from connections.domain.sections import SECRETS
from connections.models import Account, ResourceGroup, Tunnel, User
from connections.numbers import whole_number
from vpnconsole.kit import names
from vpnconsole.kit.recording import addresses
from vpnconsole.kit.walks import format
from vpnconsole.kit.walks.format import Step, Walk, WalkError

# Resources, requests, access keys and accounts.
_ID = re.compile(
    r"\b(?:(?:vco|cgw|tun|tr-attach|tr|vtb|cen|cidr|rte|rg)-[0-9a-z]{10,}|LTAI[0-9A-Za-z]{12,}|1\d{15}"
    r"|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\b"
)
_TUNNEL = re.compile(r"tunnel-(tun-[0-9a-z]+)-(.+)")
# The fewest and the most characters of a key that is generated.
_KEY_LENGTHS = 8, 100
# In a resource document, which somebody has pasted.
_KEY_LINE = re.compile(rf"""^(\s*(?:-\s+)?["']?(?:{"|".join(SECRETS)})["']?\s*:\s*).*?(,?)$""", re.M)
_KEY_LEFT_OUT = "left-out-of-this-recording"


def has_id(text: str) -> bool:
    """Whether a text has the ID of something in it."""
    return _ID.search(text) is not None


def event_of(sent: dict[str, Any]) -> dict[str, Any] | None:
    """The event of what a page has sent; None if it makes no sense or says nothing."""
    makers = {"page": _page, "click": _click, "set": _set, "see": _see, "said": _said, "kit": _kit}
    maker, at = makers.get(str(sent.get("is"))), sent.get("at")
    if maker is None or not isinstance(at, (int, float)):
        return None
    try:
        event = maker(sent)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return {"is": sent["is"], "at": at, **event} if event is not None else None


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
    if isinstance(value, dict) and value.keys() == {"generated"}:
        value = _generated(whole_number(str(value["generated"])) or 0)
    elif name == "tags":
        value = {_named(key): _named(one) for key, one in dict(value).items()}
    elif isinstance(value, list):
        value = [_named(one) for one in value]
    elif isinstance(value, str) and value and _is_secret(name):
        value = _generated(len(value))
    elif isinstance(value, str):
        value = _KEY_LINE.sub(rf'\1"{_KEY_LEFT_OUT}"\2', value)
        value = _reference(value) or _named(value)
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


# --- names in place of IDs ------------------------------------------------------------------------------------------


def _kinds_and_names() -> dict[str, tuple[str, str]]:
    """Kind and name of each resource by its ID."""
    found = {one["id"]: (kind, name) for kind, rows in names.of_everything().items() for name, one in rows.items()}
    return found | {group.resource_id: ("", group.name) for group in ResourceGroup.objects.all()}


def _reference(text: str) -> dict[str, str] | None:
    """What a walk has in place of a value that is an ID or a UID; None if it is neither."""
    if not _ID.fullmatch(text.strip()):
        return None
    kind, name = _kinds_and_names().get(text.strip(), ("", ""))
    if kind and name:
        return {kind: name}
    user = User.objects.filter(account__uid=text.strip()).order_by("id").first()
    return {"uid": user.username} if user else None


def _named(text: str) -> str:
    """A text with names in place of IDs."""
    if not has_id(text):
        return text
    known = {one: name for one, (_, name) in _kinds_and_names().items()}
    known |= dict(Account.objects.values_list("uid", "name"))
    return _ID.sub(lambda match: known.get(match[0], ""), text)
