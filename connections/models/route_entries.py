"""Static entries of route tables. The propagated ones are derived."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from connections import clock, ids
from connections.domain import limits, rules
from connections.models.attachments import Attachment
from connections.models.base import raise_problems
from connections.models.cens import RouteTable
from connections.persistence.fields import RuledCharField


class RouteEntry(models.Model):
    """Sends a destination to an attachment or, without one, nowhere: a black hole."""

    resource_id = models.CharField(_("ID"), max_length=32, unique=True, editable=False)
    route_table = models.ForeignKey(RouteTable, models.CASCADE, related_name="entries", db_index=False, editable=False)
    destination = RuledCharField(_("Destination CIDR Block"), max_length=18)
    attachment = models.ForeignKey(Attachment, models.CASCADE, related_name="entries", null=True, editable=False)
    name = RuledCharField(_("Name"), max_length=limits.CEN_NAME_LENGTH, blank=True)
    description = RuledCharField(_("Description"), max_length=limits.CEN_DESCRIPTION_LENGTH, blank=True)
    created_at = models.DateTimeField(_("Created At"), default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint("route_table", "destination", name="entry_destination_once"),)

    def __str__(self) -> str:
        return self.destination

    def clean(self) -> None:
        raise_problems(
            [
                *rules.text_problems("name", self.name, limits.CEN_NAME_LENGTH),
                *rules.text_problems("description", self.description, limits.CEN_DESCRIPTION_LENGTH),
            ]
        )

    def give_ids(self) -> None:
        if not self.resource_id:
            self.resource_id = ids.resource_id("rte")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.give_ids()
        super().save(*args, **kwargs)
