"""The operations of the API. Importing this package declares them."""

from connections.api.actions import (
    attachments,
    cens,
    connections,
    customer_gateways,
    diagnosis,
    logs,
    regions,
    route_entries,
    route_tables,
    router_cidrs,
    routes,
    tags,
    tunnels,
)
from connections.api.registry import ACTIONS
from connections.domain.regions import REGIONS

__all__ = [
    "ACTIONS",
    "REGIONS",
    "attachments",
    "cens",
    "connections",
    "customer_gateways",
    "diagnosis",
    "logs",
    "regions",
    "route_entries",
    "route_tables",
    "router_cidrs",
    "routes",
    "tags",
    "tunnels",
]
