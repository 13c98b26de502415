"""CEN instances, their transit routers, and these routers' route tables."""

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from connections import ids
from connections.domain import limits, rules
from connections.domain.choices import CenStatus, TableType
from connections.domain.regions import REGION_CHOICES, REGIONS, Region
from connections.models.base import Judged, Resource, Transitional, raise_problems
from connections.persistence.fields import RuledCharField


class Described(Judged):
    """Name and description, with the bounds that CEN has for all of its resources."""

    name = RuledCharField(
        _("Name"),
        max_length=limits.CEN_NAME_LENGTH,
        blank=True,
        help_text=format_lazy(_("Up to {most} characters, not starting with http://."), most=limits.CEN_NAME_LENGTH),
    )
    description = RuledCharField(_("Description"), max_length=limits.CEN_DESCRIPTION_LENGTH, blank=True)

    class Meta:
        abstract = True

    def clean(self) -> None:
        raise_problems(
            [
                *rules.text_problems("name", self.name, limits.CEN_NAME_LENGTH),
                *rules.text_problems("description", self.description, limits.CEN_DESCRIPTION_LENGTH),
            ]
        )


class CenResource(Described, Resource, Transitional):
    """Common fields of CEN instances, transit routers and route tables, and their state, which begins with Creating."""

    class Meta:
        abstract = True

    @property
    def status(self) -> CenStatus:
        return CenStatus(self.under_way or CenStatus.ACTIVE)


class Cen(CenResource):
    """A global network of transit routers, with at most one in each region."""

    # What `read_health` has read: how many of how many connections are up, or None if they are too many.
    health: tuple[int, int] | None = None

    PREFIX = "cen"

    resource_group = models.ForeignKey(
        "connections.ResourceGroup", models.PROTECT, related_name="+", verbose_name=_("Resource Group")
    )

    class Meta:
        indexes = (
            models.Index(fields=("account", "-id"), name="cen_list"),
            models.Index(fields=("account", "name", "id"), name="cen_name"),
            models.Index(fields=("account", "created_at"), name="cen_created"),
        )

    def get_absolute_url(self) -> str:
        return reverse("cen-detail", args=[self.resource_id])


class TransitRouter(CenResource):
    """An Enterprise Edition transit router. Services create its default route table together with it."""

    PREFIX = "tr"

    cen = models.ForeignKey(Cen, models.PROTECT, related_name="transit_routers", editable=False)
    region_id = models.CharField(_("Region"), max_length=32, choices=REGION_CHOICES)

    class Meta:
        constraints = (models.UniqueConstraint("cen", "region_id", name="one_router_per_region"),)

    @property
    def region(self) -> Region:
        return REGIONS[self.region_id]

    @property
    def published_cidrs(self) -> "list[TransitRouterCidr]":
        """The blocks that are entries of the route tables."""
        return [block for block in self.cidrs.all() if block.publish_cidr_route]

    @cached_property
    def default_table(self) -> "RouteTable":
        return next(table for table in self.route_tables.all() if table.is_default)

    def get_absolute_url(self) -> str:
        return reverse("transit-router-detail", args=[self.cen.resource_id, self.resource_id])

    @property
    def attach_url(self) -> str:
        """The form that attaches a connection."""
        return reverse("attachment-create", args=[self.cen.resource_id, self.resource_id])


class RouteTable(CenResource):
    """A route table of a transit router: the default one, which the product calls System, or a custom one."""

    PREFIX = "vtb"

    transit_router = models.ForeignKey(
        TransitRouter, models.CASCADE, related_name="route_tables", db_index=False, editable=False
    )
    is_default = models.BooleanField(_("Default Route Table"), default=False, editable=False)

    class Meta:
        indexes = (models.Index(fields=("transit_router", "id"), name="table_of_router"),)
        constraints = (
            models.UniqueConstraint(
                fields=("transit_router",), condition=models.Q(is_default=True), name="one_default_table"
            ),
        )

    @property
    def region_id(self) -> str:
        return self.transit_router.region_id

    @property
    def type(self) -> TableType:
        return TableType.SYSTEM if self.is_default else TableType.CUSTOM

    def get_absolute_url(self) -> str:
        router = self.transit_router
        return reverse("route-table-detail", args=[router.cen.resource_id, router.resource_id, self.resource_id])


class TransitRouterCidr(Described):
    """A block of gateway addresses for private connections."""

    PREFIX = "cidr"

    resource_id = models.CharField(_("ID"), max_length=32, unique=True, editable=False)
    transit_router = models.ForeignKey(TransitRouter, models.CASCADE, related_name="cidrs", editable=False)
    cidr = RuledCharField(_("CIDR Block"), max_length=18)
    publish_cidr_route = models.BooleanField(
        _("Publish Route"),
        default=True,
        help_text=_("Enters the block in the route table and advertises it over BGP."),
    )
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.cidr

    def give_ids(self) -> None:
        if not self.resource_id:
            self.resource_id = ids.resource_id(self.PREFIX)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.give_ids()
        super().save(*args, **kwargs)
