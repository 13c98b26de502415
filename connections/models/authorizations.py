"""Authorizations, which let transit routers of other accounts attach a connection."""

from django.db import models
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from connections import clock
from connections.domain import limits, rules
from connections.domain.choices import Payer
from connections.models.base import raise_problems
from connections.models.connections import Connection
from connections.persistence.fields import RuledCharField


class Authorization(models.Model):
    """An authorization by a connection's owner. The other side is no foreign key, because it need not exist."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="authorizations", editable=False)
    peer_uid = RuledCharField(
        _("Peer Account UID"),
        max_length=limits.UID_LENGTH,
        blank=True,
        help_text=format_lazy(
            _("UID of the account to which the transit router belongs: {length} digits."), length=limits.UID_LENGTH
        ),
    )
    peer_cen_id = RuledCharField(
        _("Peer Account CEN ID"),
        max_length=32,
        blank=True,
        help_text=_("The CEN instance to which the transit router belongs."),
    )
    order_type = models.CharField(
        _("Payer"),
        max_length=20,
        choices=Payer,
        default=Payer.CEN_OWNER,
        help_text=_(
            "Who pays the transit router's connection and data processing fees. The connection's own fees are "
            "always yours."
        ),
    )
    created_at = models.DateTimeField(_("Created At"), default=clock.now, editable=False)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint("connection", "peer_cen_id", name="authorization_once"),)
        indexes = (models.Index(fields=("peer_cen_id", "peer_uid"), name="authorization_of_cen"),)

    def __str__(self) -> str:
        return f"{self.peer_cen_id} of {self.peer_uid}"

    def clean(self) -> None:
        uid = self.connection.account.uid
        raise_problems(rules.authorization_problems(uid, self.peer_uid, self.peer_cen_id))

    def get_absolute_url(self) -> str:
        return reverse("connection-authorizations", args=[self.connection.region_id, self.connection.resource_id])

    @property
    def in_use(self) -> bool:
        """Whether the connection is attached because of this authorization."""
        attachment = self.connection.living_attachment
        return attachment is not None and (attachment.cen.resource_id, attachment.account.uid) == (
            self.peer_cen_id,
            self.peer_uid,
        )
