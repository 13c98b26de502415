"""Destination-based routes of a connection. Everything else about routing is derived from them."""

from django.db import models

from connections import clock
from connections.choices import RouteSource
from connections.models.connections import Connection


class Route(models.Model):
    """Traffic to a destination enters the tunnel. Protected data flows make theirs, people add others by hand."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="routes")
    destination = models.CharField("Destination CIDR Block", max_length=18)
    weight = models.PositiveSmallIntegerField("Weight", default=100)
    source = models.CharField("Source", max_length=16, choices=RouteSource, default=RouteSource.CUSTOM)
    created_at = models.DateTimeField("Created At", default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint("connection", "destination", name="destination_once"),)

    def __str__(self):
        return self.destination
