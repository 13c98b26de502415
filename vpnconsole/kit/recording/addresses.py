"""How a walk reaches the page at an address: by a list, and the names of resources."""

from urllib.parse import urlsplit

from django.http import QueryDict
from django.urls import Resolver404, get_script_prefix, resolve

from connections.console.views import cens, connections
from vpnconsole.kit import names

# An action of a walk and its value.
Steps = list[tuple[str, object]]

_PLACES = {
    "home": "overview",
    "connection-list": "connections",
    "customer-gateway-list": "customer_gateways",
    "cen-list": "cens",
    "event-list": "events",
    "member-list": "members",
    "access-key-list": "access_keys",
}
# The list, and the control on it.
_CREATED = {
    "connection-create": "connections",
    "customer-gateway-create": "customer_gateways",
    "cen-create": "cens",
}
# The list, the argument of the address that is the resource's ID, and what is pressed in its row.
_OPENED = {
    "connection-modify": ("connections", "connection_id", "edit"),
    "customer-gateway-detail": ("customer_gateways", "gateway_id", ""),
    "customer-gateway-modify": ("customer_gateways", "gateway_id", "edit"),
    "cen-detail": ("cens", "cen_id", ""),
}
_FROM_MENU = {"api": "nav-api", "resources": "nav-resources"}


def steps_to(path: str) -> tuple[Steps, str]:
    """The steps to a page, none if there are none, and the region that its address names, if any."""
    query = QueryDict(urlsplit(path).query)
    path = "/" + urlsplit(path).path.removeprefix(get_script_prefix())
    try:
        match = resolve(path)
    except Resolver404:
        return [], ""
    name, words = match.url_name or "", match.kwargs
    return _steps(name, words, query.get("connection", "")), words.get("region_id", "")


def _steps(name: str, words: dict[str, str], connection: str) -> Steps:
    if place := _PLACES.get(name):
        return [("go", place)]
    if place := _CREATED.get(name):
        return [("go", place), ("click", "create")]
    if control := _FROM_MENU.get(name):
        return [("go", "overview"), ("click", control)]
    for tabs, place, of, prefix in (
        (connections.TABS, "connections", "connection_id", ()),
        (cens.TABS, "cens", "cen_id", ("router_id",)),
    ):
        for key, entry in tabs.items():
            if entry[-1] == name:
                rows = [_row(words[one]) for one in (of, *prefix)]
                tab: Steps = [] if key == "basic" else [("click", f"tab-{key}")]
                return [("go", place), *(("click", {"row": row}) for row in rows), *tab] if all(rows) else []
    if name == "attachment-create":
        # The dialog on a connection's page leads here, and chooses the connection.
        rows = [_row(words[one]) for one in ("cen_id", "router_id")]
        chosen: Steps = [("fill", {"connection": _row(connection)})] if _row(connection) else []
        router: Steps = [("go", "cens"), *(("click", {"row": row}) for row in rows), ("click", "router-attach")]
        return [*router, *chosen] if all(rows) else []
    if name in _OPENED:
        place, of, part = _OPENED[name]
        row = _row(words[of])
        target = {"row": row} | ({"part": part} if part else {})
        return [("go", place), ("click", target)] if row else []
    return []


def _row(resource_id: str) -> str:
    """The name of a resource; blank if it has none, or if there is no such resource."""
    for rows in names.of_everything().values():
        for name, one in rows.items():
            if one["id"] == resource_id:
                return name
    return ""
