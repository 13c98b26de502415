"""What binds a connection to a transit router. The CEN side owns it."""

from django.db import models

from connections import clock
from connections.catalog import ZONES
from connections.choices import AttachmentStatus, Payer
from connections.models.base import Resource, Transitional
from connections.models.cens import TransitRouter
from connections.models.connections import Connection


class AttachmentQuerySet(models.QuerySet):
    def living(self):
        """Attachments that still bind. One that has finished detaching is only waiting to be swept up."""
        return self.exclude(transition=AttachmentStatus.DETACHING, transition_ends__lte=clock.now())


class Attachment(Resource, Transitional):
    """A VPN attachment of a transit router; its account is the transit router's. At most one a connection."""

    PREFIX = "tr-attach"

    name = models.CharField("Name", max_length=128, blank=True)
    connection = models.OneToOneField(Connection, models.PROTECT, related_name="attachment", editable=False)
    transit_router = models.ForeignKey(
        TransitRouter,
        models.PROTECT,
        related_name="attachments",
        verbose_name="Transit Router",
        help_text="The CEN instance's transit router in this region.",
    )
    zone = models.CharField(
        "Zone",
        max_length=32,
        choices=[(zone.id, f"{zone.name} ({zone.id})") for zone in ZONES.values()],
        help_text="Where the connection's resources are created.",
    )
    order_type = models.CharField("Payer", max_length=20, choices=Payer, default=Payer.CEN_OWNER, editable=False)
    auto_publish_route_enabled = models.BooleanField(
        "Automatic Advertising",
        default=True,
        help_text="The transit router's routes go to the connection's BGP table. Acts with BGP on both sides.",
    )
    associate_default_route_table = models.BooleanField(
        "Automatically Associate with Default Route Table of Transit Router",
        default=True,
        help_text="Traffic from the connection is looked up in the default route table.",
    )
    propagate_to_default_route_table = models.BooleanField(
        "Automatically Advertise System Routes to Default Route Table of Transit Router",
        default=True,
        help_text="The connection's destination-based and BGP routes go to the default route table.",
    )

    objects = AttachmentQuerySet.as_manager()

    @property
    def is_living(self) -> bool:
        return self.transition != AttachmentStatus.DETACHING or bool(self.under_way)

    @property
    def status(self) -> AttachmentStatus:
        return AttachmentStatus(self.under_way or AttachmentStatus.ATTACHED)

    @property
    def cen(self):
        return self.transit_router.cen

    @property
    def zone_name(self) -> str:
        return self.get_zone_display()
