"""The picture of what is connected with what, for the pages that show it."""

from django import template
from django.urls import reverse

from connections.console import topology

register = template.Library()


@register.inclusion_tag("topology/_panel.html")
def connection_topology(connection):
    """The way from the data centre through a connection to the cloud."""
    poll = reverse("connection-topology", args=[connection.region_id, connection.resource_id])
    return {"picture": topology.of_connection(connection), "poll": poll}


@register.inclusion_tag("topology/_panel.html")
def router_topology(router):
    """What meets at a transit router."""
    poll = reverse("transit-router-topology", args=[router.cen.resource_id, router.resource_id])
    return {"picture": topology.of_router(router), "poll": poll}
