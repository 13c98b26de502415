"""Access keys: credentials that sign API requests."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from connections import clock, ids
from connections.domain.choices import AccessKeyStatus
from connections.models.accounts import Account
from connections.persistence.fields import EncryptedField


class AccessKeyQuerySet(models.QuerySet):
    def of(self, account: Account) -> Self:
        return self.filter(user__account=account)


class AccessKey(models.Model):
    """An access key: an ID that requests contain, and a secret that signs them. It has the rights of its user."""

    access_key_id = models.CharField(
        _("AccessKey ID"), max_length=32, unique=True, default=ids.access_key_id, editable=False
    )
    secret = EncryptedField(_("AccessKey Secret"), max_length=64, default=ids.access_key_secret, editable=False)
    user = models.ForeignKey("connections.User", models.CASCADE, related_name="access_keys", editable=False)
    status = models.CharField(
        _("Status"), max_length=8, choices=AccessKeyStatus, default=AccessKeyStatus.ACTIVE, editable=False
    )
    created_at = models.DateTimeField(_("Created At"), default=clock.now, editable=False)
    last_used_at = models.DateTimeField(_("Last Used"), null=True, editable=False)

    objects = AccessKeyQuerySet.as_manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.access_key_id

    @property
    def opens(self) -> bool:
        """Whether requests may be signed with the key. The demo's documented keys work only in demo mode."""
        return self.status == AccessKeyStatus.ACTIVE and self.user.is_let_in
