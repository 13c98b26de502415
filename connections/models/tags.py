"""Tags of resources."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connections.domain import limits

RESOURCES = ("connection", "customer_gateway", "cen", "transit_router", "route_table", "attachment")


def _on_one_resource() -> models.Q:
    """Match tags with exactly one resource."""
    return models.Q(
        *(models.Q(**{f"{link}__isnull": link != resource for link in RESOURCES}) for resource in RESOURCES),
        _connector=models.Q.OR,
    )


class Tag(models.Model):
    """A tag of one resource. Exactly one of the foreign keys is set, so that the tag is deleted with its resource."""

    account = models.ForeignKey("connections.Account", models.PROTECT, related_name="tags")
    connection = models.ForeignKey("connections.Connection", models.CASCADE, related_name="tags", null=True)
    customer_gateway = models.ForeignKey("connections.CustomerGateway", models.CASCADE, related_name="tags", null=True)
    cen = models.ForeignKey("connections.Cen", models.CASCADE, related_name="tags", null=True)
    transit_router = models.ForeignKey("connections.TransitRouter", models.CASCADE, related_name="tags", null=True)
    route_table = models.ForeignKey("connections.RouteTable", models.CASCADE, related_name="tags", null=True)
    attachment = models.ForeignKey("connections.Attachment", models.CASCADE, related_name="tags", null=True)
    key = models.CharField(_("Tag Key"), max_length=128)
    value = models.CharField(_("Tag Value"), max_length=limits.TAG_VALUE_LENGTH, blank=True)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("account", "key", "value", "connection"), name="tag_search"),)
        constraints = (
            models.CheckConstraint(name="tag_on_one_resource", condition=_on_one_resource()),
            *(models.UniqueConstraint(resource, "key", name=f"{resource}_tag_once") for resource in RESOURCES),
        )

    def __str__(self) -> str:
        return f"{self.key}={self.value}" if self.value else self.key
