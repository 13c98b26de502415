"""What the API stores: nonces, client tokens with their answers, and requests."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from connections import clock
from connections.models.accounts import Account


class ApiNonce(models.Model):
    """The nonce of a signed request, which is accepted once. Kept until the request's timestamp expires."""

    access_key_id = models.CharField(max_length=32)
    nonce = models.CharField(max_length=128)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint("access_key_id", "nonce", name="nonce_once"),)

    def __str__(self) -> str:
        return self.nonce


class ApiToken(models.Model):
    """A write with a client token. Repetitions by the same user get the stored answer."""

    user = models.ForeignKey("connections.User", models.CASCADE, related_name="+")
    operation = models.CharField(max_length=64)
    token = models.CharField(max_length=64)
    # A digest: the same token with other parameters is refused.
    parameters = models.CharField(max_length=64)
    # Empty if the answer contains a key: the operation then builds it again.
    answer = models.JSONField(default=dict)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint("user", "operation", "token", name="client_token_once"),)

    def __str__(self) -> str:
        return self.token


class ApiUse(models.Model):
    """Requests of an account for an operation in a region within a minute. Counted only while limits apply."""

    account = models.ForeignKey("connections.Account", models.CASCADE, related_name="+")
    operation = models.CharField(max_length=64)
    region_id = models.CharField(max_length=32, blank=True)
    minute = models.PositiveBigIntegerField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint("account", "operation", "region_id", "minute", name="api_use_a_minute"),)

    def __str__(self) -> str:
        return f"{self.operation}: {self.count}"


class ApiRefusal(models.Model):
    """The last time that a request with an access key was refused without proof that the key's owner sent it.

    One row for each key and code, and nothing that the request contained: strangers can send as much as they like.
    """

    access_key = models.ForeignKey("connections.AccessKey", models.CASCADE, related_name="refusals")
    code = models.CharField(max_length=64, editable=False)
    # `dispatch` writes it once a minute at most.
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("-at",)
        constraints = (models.UniqueConstraint("access_key", "code", name="api_refusal_once"),)

    def __str__(self) -> str:
        return f"{self.access_key}: {self.code}"


class ApiCallQuerySet(models.QuerySet):
    def of(self, account: Account) -> Self:
        return self.filter(account=account)


class ApiCall(models.Model):
    """A request of a key's owner, successful or refused. Its secrets are left out."""

    account = models.ForeignKey("connections.Account", models.CASCADE, related_name="api_calls")
    access_key_id = models.CharField(_("AccessKey ID"), max_length=32)
    request_id = models.CharField(_("Request ID"), max_length=36, unique=True)
    at = models.DateTimeField(_("Time"), default=clock.now)
    operation = models.CharField(_("Operation"), max_length=64)
    version = models.CharField(_("Version"), max_length=16, blank=True)
    parameters = models.JSONField(_("Parameters"), default=dict)
    status = models.PositiveSmallIntegerField(_("Status"))
    code = models.CharField(_("Code"), max_length=128, blank=True)
    message = models.CharField(_("Message"), max_length=1000, blank=True)
    milliseconds = models.PositiveIntegerField(_("Duration"))

    objects = ApiCallQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("account", "-id"), name="api_call_list"),)

    def __str__(self) -> str:
        return f"{self.operation} {self.status}"
