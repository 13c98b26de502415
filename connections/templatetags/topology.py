"""Tags that draw topology diagrams."""

from django import template
from django.urls import reverse

from connections.console import topology
from connections.models import Connection, TransitRouter

register = template.Library()


@register.inclusion_tag("topology/_panel.html", takes_context=True)
def connection_topology(context, connection: Connection) -> dict:
    """The path from the data center through a connection to the CEN instance."""
    poll = reverse("connection-topology", args=[connection.region_id, connection.resource_id])
    return {"picture": topology.of_connection(connection), "poll": poll, "may": context["may"]}


@register.inclusion_tag("topology/_panel.html", takes_context=True)
def router_topology(context, router: TransitRouter) -> dict:
    """Everything attached to a transit router."""
    poll = reverse("transit-router-topology", args=[router.cen.resource_id, router.resource_id])
    return {"picture": topology.of_router(router), "poll": poll, "may": context["may"]}
