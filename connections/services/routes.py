"""Create, modify and delete custom destination-based routes."""

from connections.domain import refusals, rules
from connections.domain.choices import ConnectionState, RouteSource
from connections.domain.refusals import Invalid, Refused
from connections.models import Connection, Route
from connections.services import derived
from connections.services.connections import hold
from connections.services.operations import Actor, operation


def _begin(connection: Connection) -> None:
    """Start the updating state, as for any other change [P101]."""
    connection.begin(ConnectionState.UPDATING)
    connection.save(update_fields=["transition", "transition_ends"])


def create_route(actor: Actor, route: Route) -> Route:
    """Create a route into the tunnel. The connection must be attached [P46]."""
    region_id, connection_id = route.connection.region_id, route.connection.resource_id
    with operation(actor, "CreateVcoRouteEntry", region_id=region_id, resource_id=connection_id) as record:
        connection = hold(actor, connection_id)
        if connection.living_attachment is None:
            raise Refused(refusals.NOT_ATTACHED, what=str(connection))
        taken = set(connection.routes.values_list("destination", flat=True))
        if problems := list(rules.route_problems(route.destination, route.weight, route.description, taken)):
            raise Invalid(problems)
        route.connection, route.source = connection, RouteSource.CUSTOM
        derived.fill([route])
        route.save()
        _begin(connection)
        record.facts = {"destination": route.destination, "weight": route.weight}
    return route


def change_weight(actor: Actor, connection: Connection, destination: str, weight: int | None) -> Route:
    """Change a route's weight: active (100) or standby (0)."""
    with operation(
        actor, "ModifyVcoRouteEntryWeight", region_id=connection.region_id, resource_id=connection.resource_id
    ) as record:
        stored = hold(actor, connection.resource_id)
        route = _route(stored, destination)
        problems = list(rules.route_problems(destination, weight, route.description, ()))
        if weight is None or problems:
            raise Invalid(problems)
        record.facts = {"destination": destination, "weight": [route.weight, weight]}
        route.weight = weight
        route.save()
        _begin(stored)
    return route


def delete_route(actor: Actor, connection: Connection, destination: str) -> None:
    """Delete a custom route."""
    with operation(
        actor, "DeleteVcoRouteEntry", region_id=connection.region_id, resource_id=connection.resource_id
    ) as record:
        stored = hold(actor, connection.resource_id)
        route = _route(stored, destination)
        if route.source == RouteSource.AUTOMATIC:
            raise Refused(refusals.AUTOMATIC_ROUTE, what=destination)
        record.facts = {"destination": destination, "weight": route.weight}
        route.delete()
        _begin(stored)


def _route(connection: Connection, destination: str) -> Route:
    route = connection.routes.filter(destination=destination).first()
    if route is None:
        raise Refused(refusals.NO_ROUTE, what=destination)
    return route
