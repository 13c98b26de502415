"""Every operation that the API offers. Importing this package declares them."""

from connections.api.actions import (
    attachments,
    cens,
    connections,
    customer_gateways,
    regions,
    route_entries,
    routes,
    tags,
)
from connections.api.registry import ACTIONS, OWNERS
from connections.catalog import REGIONS

__all__ = [
    "ACTIONS",
    "EVERY_PARAMETER",
    "REGIONS",
    "attachments",
    "cens",
    "connections",
    "customer_gateways",
    "regions",
    "route_entries",
    "routes",
    "tags",
]

# Names that may be shown where it is not known which operation was meant.
EVERY_PARAMETER = frozenset(
    {parameter.name for action in ACTIONS.values() for parameter in action.parameters if not parameter.secret} | OWNERS
)
