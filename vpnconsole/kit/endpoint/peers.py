"""Calls about the simulated devices of a world."""

from typing import Any

from django.http import HttpRequest

from connections.domain.choices import NegotiationStatus
from connections.models.devices import SETTINGS
from vpnconsole.kit import clockwork, entering, peers
from vpnconsole.kit.endpoint.routing import route
from vpnconsole.kit.errors import KitError


def _shown(connection_id: str) -> dict[str, Any]:
    """The tunnels of a connection, as they are now."""
    return {
        "tunnels": [
            {
                "tunnel": tunnel.index,
                "id": tunnel.resource_id,
                "row": tunnel.outcome.row,
                "negotiation": tunnel.outcome.status.value,
                "code": tunnel.outcome.code.value if tunnel.outcome.code else "",
                "health": tunnel.outcome.health.status.value if tunnel.outcome.health else "",
                "bgp": tunnel.outcome.bgp.state.value if tunnel.outcome.bgp else "",
            }
            for tunnel in peers.tunnels_of(connection_id, None)
        ]
    }


@route("GET", "/worlds/{world}/peers/{connection}")
def peer_show(request: HttpRequest, world: str, connection: str) -> dict:
    """The state of each tunnel of a connection."""
    with entering.world_named(world):
        return _shown(connection)


@route(
    "PUT",
    "/worlds/{world}/peers/{connection}",
    fields={
        "tunnel": {"type": "integer", "minimum": 1, "maximum": 2, "description": "All, unless it is given"},
        "row": {"type": "string", "enum": list(peers.RECIPES), "description": "A row of docs/negotiation.md"},
        "negotiation": {"type": "string", "enum": [str(status) for status in peers.BY_STATUS]},
        "health": {"type": "string", "enum": list(peers.HEALTH)},
        "settings": {"type": "object", "description": "Settings of the device by their names in documents"},
        "power": {"type": "boolean"},
        "line": {"type": "boolean", "description": "false: cut"},
        "at_once": {"type": "boolean", "default": True, "description": "false: the negotiation begins now"},
    },
)
def peer_set(
    request: HttpRequest,
    world: str,
    connection: str,
    tunnel: int | None = None,
    settings: dict[str, Any] | None = None,
    *,
    power: bool | None = None,
    line: bool | None = None,
    at_once: bool = True,
    **wish: str,
) -> dict:
    """Set the simulated device of a connection: by an outcome, in plain words or by settings.

    With an outcome the device loads the peer configuration first, then gets what leads there, and `settings` besides.
    """
    if unknown := next((name for name in settings or {} if name not in SETTINGS), ""):
        raise KitError(422, "invalid", f"A device has no setting {unknown[:40]!r}.", f"It has {', '.join(SETTINGS)}.")
    with entering.world_named(world):
        tunnels = peers.tunnels_of(connection, tunnel)
        if wish.get("negotiation") == NegotiationStatus.IKE_UP and clockwork.mode() != clockwork.HELD:
            raise KitError(409, "too_short", "A tunnel is in this status for a second only.", "Hold the clock first.")
        if wish or settings is not None:
            peers.apply(tunnels, peers.Wish(**wish) if wish else None, settings or {}, at_once=at_once)
        peers.switch(tunnels, power=power, line=line)
        return _shown(connection)
