"""Routes that follow from protected data flows: their remote networks are routed into the tunnel. [P42]"""

from collections.abc import Iterable, Sequence

from connections.domain.choices import RouteSource
from connections.models import Connection, Route
from connections.services import derived


def new_routes(connection: Connection, destinations: Iterable[str]) -> list[Route]:
    """Return automatic routes to these destinations, not stored yet."""
    return [Route(connection=connection, destination=cidr, source=RouteSource.AUTOMATIC) for cidr in destinations]


def write_routes(connection: Connection, destinations: Sequence[str]) -> None:
    """Store automatic routes to exactly these destinations. A custom route to one of them is kept instead."""
    automatic = connection.routes.filter(source=RouteSource.AUTOMATIC)
    automatic.exclude(destination__in=destinations).delete()
    existing = set(connection.routes.values_list("destination", flat=True))
    routes = new_routes(connection, [cidr for cidr in destinations if cidr not in existing])
    derived.fill(routes)
    Route.objects.bulk_create(routes)
