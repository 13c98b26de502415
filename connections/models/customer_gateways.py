"""Customer gateways, the on-premises side of tunnels."""

from typing import ClassVar, Self

from django.db import models
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from connections.domain import limits, rules
from connections.domain.regions import REGION_CHOICES
from connections.models.base import Resource, ResourceQuerySet, raise_problems
from connections.persistence.fields import AsnField, EncryptedField, RuledCharField


class CustomerGatewayQuerySet(ResourceQuerySet):
    def matching(self, text: str) -> Self:
        """Customer gateways whose ID, name or address contains the text."""
        return self.filter(
            models.Q(resource_id__contains=text) | models.Q(name__icontains=text) | models.Q(ip_address__contains=text)
        )


class CustomerGateway(Resource):
    """A device in a data center with a static address. Address and ASN never change after creation."""

    PREFIX = "cgw"

    region_id = models.CharField(_("Region"), max_length=32, choices=REGION_CHOICES, editable=False)
    name = RuledCharField(
        _("Name"),
        max_length=limits.NAME_LENGTH,
        blank=True,
        help_text=format_lazy(_("Up to {most} characters, not starting with http://."), most=limits.NAME_LENGTH),
    )
    ip_address = RuledCharField(
        _("IP Address"),
        max_length=15,
        help_text=_(
            "Static IPv4 address of the device. If it's behind NAT, use the NAT's public address. Can't be changed "
            "later."
        ),
    )
    asn = AsnField(
        _("ASN"),
        null=True,
        blank=True,
        help_text=_(
            "Your data center's AS number, for example 65010 or 123.456. Required for BGP; can't be added or changed "
            "later."
        ),
    )
    auth_key = EncryptedField(
        _("BGP Key"),
        max_length=limits.AUTH_KEY_LENGTH,
        blank=True,
        help_text=format_lazy(
            _("Password of the BGP session. Up to {most} ASCII characters; no spaces or question marks."),
            most=limits.AUTH_KEY_LENGTH,
        ),
    )
    description = RuledCharField(_("Description"), max_length=limits.DESCRIPTION_LENGTH, blank=True)
    resource_group = models.ForeignKey(
        "connections.ResourceGroup", models.PROTECT, related_name="+", verbose_name=_("Resource Group")
    )

    objects: ClassVar = CustomerGatewayQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(asn__isnull=True) | models.Q(asn__range=(1, limits.ASN_MAX)),
                name="gateway_asn_range",
            ),
        )
        indexes = (
            models.Index(fields=("account", "region_id", "-id"), name="gateway_list"),
            models.Index(fields=("account", "region_id", "name", "id"), name="gateway_name"),
            models.Index(fields=("account", "region_id", "created_at"), name="gateway_created"),
            # The same orders of all regions.
            models.Index(fields=("account", "-id"), name="gateway_all"),
            models.Index(fields=("account", "name", "id"), name="gateway_all_name"),
            models.Index(fields=("account", "created_at"), name="gateway_all_created"),
        )

    def clean(self) -> None:
        raise_problems(
            [
                *rules.text_problems("name", self.name),
                *rules.text_problems("description", self.description, limits.DESCRIPTION_LENGTH),
                *rules.gateway_ip_problems(self.ip_address),
                *rules.gateway_asn_problems(self.asn),
                *rules.auth_key_problems(self.auth_key),
            ]
        )

    def get_absolute_url(self) -> str:
        return reverse("customer-gateway-detail", args=[self.region_id, self.resource_id])

    @property
    def facts(self) -> list[str]:
        return [self.ip_address, *([f"AS {self.asn}"] if self.asn else [])]
