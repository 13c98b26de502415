"""VPN attachments, which bind connections to transit routers."""

from typing import ClassVar, Self

from django.db import models
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from connections import clock
from connections.domain import limits, rules, sections
from connections.domain.choices import AttachmentStatus, Payer
from connections.domain.regions import ZONES
from connections.models.base import Resource, ResourceQuerySet, Transitional, over, raise_problems
from connections.models.cens import Cen, RouteTable, TransitRouter
from connections.models.connections import Connection
from connections.persistence.fields import RuledCharField


class AttachmentQuerySet(ResourceQuerySet):
    def living(self) -> Self:
        """Attachments that bind a connection at this moment."""
        return self.exclude(finished())

    def finished(self) -> Self:
        """Attachments that have finished detaching and can be deleted."""
        return self.filter(finished())


def finished(path: str = "") -> models.Q:
    """Match attachments, reached by a path of relations, that have finished detaching."""
    return models.Q(**{f"{path}transition": AttachmentStatus.DETACHING}) & over(path)


class Attachment(Resource, Transitional):
    """A VPN attachment, owned by the account of its transit router. A connection has at most one."""

    PREFIX = "tr-attach"

    name = RuledCharField(
        _("Name"),
        max_length=limits.ATTACHMENT_NAME_LENGTH,
        blank=True,
        help_text=format_lazy(
            _("Up to {most} characters, not starting with http://."), most=limits.ATTACHMENT_NAME_LENGTH
        ),
    )
    description = RuledCharField(_("Description"), max_length=limits.CEN_DESCRIPTION_LENGTH, blank=True)
    connection = models.OneToOneField(Connection, models.PROTECT, related_name="attachment", editable=False)
    transit_router = models.ForeignKey(
        TransitRouter,
        models.PROTECT,
        related_name="attachments",
        db_index=False,
        verbose_name=_("Transit Router"),
        help_text=_("The CEN instance's transit router in this region."),
    )
    zone = models.CharField(
        _("Zone"),
        max_length=32,
        # Each of two tunnels has a zone of its own, so that the attachment has none [P172].
        blank=True,
        choices=[(zone.id, zone.label) for zone in ZONES.values()],
        help_text=_("Where the connection's resources are created."),
    )
    order_type = models.CharField(
        _("Payer"),
        max_length=20,
        choices=Payer,
        default=Payer.CEN_OWNER,
        help_text=_("Who pays the transit router's connection and data processing fees."),
    )
    payer_since = models.DateTimeField(default=clock.now, editable=False)
    auto_publish_route_enabled = models.BooleanField(
        _("Automatic Advertising"),
        default=True,
        help_text=_("The transit router's routes go to the connection's BGP table. Acts with BGP on both sides."),
    )
    associate_default_route_table = models.BooleanField(
        _("Automatically Associate with Default Route Table of Transit Router"),
        default=True,
        help_text=_("Traffic from the connection is looked up in the default route table."),
    )
    propagate_to_default_route_table = models.BooleanField(
        _("Automatically Advertise System Routes to Default Route Table of Transit Router"),
        default=True,
        help_text=_("The connection's destination-based and BGP routes go to the default route table."),
    )

    # The custom route table with which the attachment is associated instead of the default one.
    custom_table = models.ForeignKey(
        RouteTable,
        models.PROTECT,
        related_name="associated",
        null=True,
        editable=False,
        verbose_name=_("Associated Route Table"),
    )

    objects: ClassVar = AttachmentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="at_most_one_association",
                condition=models.Q(associate_default_route_table=False) | models.Q(custom_table__isnull=True),
            ),
        )
        indexes = (
            models.Index(fields=("transit_router", "connection"), name="attachment_of_router"),
            models.Index(fields=("transit_router", "-id"), name="attachment_list"),
            models.Index(fields=("transit_router", "created_at"), name="attachment_created"),
            models.Index(fields=("transition_ends",), name="attachment_moving"),
        )

    @property
    def is_living(self) -> bool:
        return self.transition != AttachmentStatus.DETACHING or bool(self.under_way)

    @property
    def status(self) -> AttachmentStatus:
        return AttachmentStatus(self.under_way or AttachmentStatus.ATTACHED)

    def clean(self) -> None:
        raise_problems(
            [
                *rules.text_problems("name", self.name, limits.ATTACHMENT_NAME_LENGTH),
                *rules.text_problems("description", self.description, limits.CEN_DESCRIPTION_LENGTH),
                *rules.association_problems(
                    to_default=self.associate_default_route_table, to_custom=self.custom_table is not None
                ),
            ]
        )

    def get_absolute_url(self) -> str:
        router = self.transit_router
        return reverse("attachment-detail", args=[router.cen.resource_id, router.resource_id, self.resource_id])

    @property
    def is_foreign(self) -> bool:
        """Whether connection and transit router belong to different accounts."""
        return self.account_id != self.connection.account_id

    @property
    def cen(self) -> Cen:
        return self.transit_router.cen

    @property
    def switches(self) -> list[tuple[str, bool]]:
        """The three advanced switches with their labels."""
        fields = {field.name: field for field in self._meta.concrete_fields}
        return [(str(fields[name].verbose_name), getattr(self, name)) for name in sections.ADVANCED.fields]

    @property
    def associated_table(self) -> RouteTable | None:
        """The route table in which traffic from the connection is looked up."""
        return self.transit_router.default_table if self.associate_default_route_table else self.custom_table

    @property
    def propagation_tables(self) -> list[RouteTable]:
        """The route tables to which the connection's routes go, the default one first."""
        custom = [propagation.route_table for propagation in self.propagations.all()] if self.pk else []
        return [self.transit_router.default_table, *custom] if self.propagate_to_default_route_table else custom

    @property
    def zone_name(self) -> str:
        return self.get_zone_display()


class Propagation(models.Model):
    """Sends the routes of an attachment's connection to a custom route table."""

    attachment = models.ForeignKey(Attachment, models.CASCADE, related_name="propagations", db_index=False)
    route_table = models.ForeignKey(RouteTable, models.PROTECT, related_name="propagations")
    created_at = models.DateTimeField(_("Created At"), default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint("attachment", "route_table", name="propagation_once"),)

    def __str__(self) -> str:
        return self.route_table.resource_id
