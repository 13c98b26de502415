"""Destination-based routes of a connection, from which route tables are derived."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connections import clock
from connections.domain import limits
from connections.domain.choices import RouteSource
from connections.models.cens import TransitRouter
from connections.models.connections import Connection
from connections.persistence.fields import RuledCharField

WEIGHTS = tuple((weight, str(weight)) for weight in reversed(limits.ROUTE_WEIGHTS))


class Route(models.Model):
    """Sends a destination into the tunnel. Automatic routes follow from protected data flows; users add custom ones."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="routes")
    destination = RuledCharField(
        _("Destination CIDR Block"), max_length=18, help_text=_("A network of the data center.")
    )
    weight = models.PositiveSmallIntegerField(
        _("Weight"),
        default=100,
        choices=WEIGHTS,
        help_text=_("Of several routes to a destination the one with 100 is used."),
    )
    description = RuledCharField(_("Description"), max_length=limits.DESCRIPTION_LENGTH, blank=True)
    source = models.CharField(_("Source"), max_length=16, choices=RouteSource, default=RouteSource.CUSTOM)
    created_at = models.DateTimeField(_("Created At"), default=clock.now, editable=False)

    # The transit router of the connection's attachment, in any state; written by `services.derived`. The indexes below
    # serve the transit router's route table.
    transit_router = models.ForeignKey(
        TransitRouter, models.DO_NOTHING, related_name="+", null=True, db_constraint=False, db_index=False,
        editable=False,
    )  # fmt: skip

    # Set by `routing.propagated`.
    outranked: bool

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint("connection", "destination", name="destination_once"),)
        indexes = (
            models.Index(fields=("transit_router", "destination", "id"), name="route_of_router"),
            models.Index(fields=("transit_router", "id"), name="route_of_router_by_age"),
            models.Index(fields=("transit_router", "created_at"), name="route_of_router_created"),
        )

    def __str__(self) -> str:
        return self.destination
