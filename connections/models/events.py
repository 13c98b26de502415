"""Events of operations, which are never changed, and processed forms."""

from typing import Any, NoReturn, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from connections import clock
from connections.domain.choices import Outcome
from connections.messages import from_parts
from connections.models.accounts import Account
from connections.models.base import Resource


class EventQuerySet(models.QuerySet):
    def of(self, account: Account) -> Self:
        return self.filter(account=account)

    def matching(self, text: str) -> Self:
        """Events with this resource ID or request ID."""
        return self.filter(models.Q(resource_id=text) | models.Q(related_id=text) | models.Q(request_id=text.upper()))

    def deletes(self, account: Account, resource_id: str) -> bool:
        """Whether the account has deleted a resource."""
        mine = self.of(account).filter(resource_id=resource_id, outcome=Outcome.SUCCESS)
        return mine.filter(operation__startswith="Delete").exists()

    def about(self, resource: Resource) -> Self:
        """Events of a resource, including those of another account to which it is attached.

        An import can create a resource with the ID of a deleted one. Therefore, events of other accounts count only
        since the row was created.
        """
        own = models.Q(account=resource.account, resource_id=resource.resource_id)
        others = models.Q(related_id=resource.resource_id, outcome=Outcome.SUCCESS, at__gte=resource.created_at)
        return self.filter(own | others)


class Event(models.Model):
    """A successful or refused operation. It contains no secrets: of a key, it records only that it has changed."""

    account = models.ForeignKey("connections.Account", models.PROTECT, related_name="events")
    request_id = models.CharField(_("Request ID"), max_length=36, unique=True)
    at = models.DateTimeField(_("Time"), default=clock.now)
    actor = models.CharField(_("User"), max_length=150)
    operation = models.CharField(_("Operation"), max_length=64)
    resource_id = models.CharField(_("Resource"), max_length=32, blank=True)
    # The connection of an attachment, which another account may own.
    related_id = models.CharField(max_length=32, blank=True)
    region_id = models.CharField(_("Region"), max_length=32, blank=True)
    outcome = models.CharField(_("Outcome"), max_length=8, choices=Outcome)
    code = models.CharField(_("Code"), max_length=64, blank=True)
    message = models.CharField(_("Message"), max_length=500, blank=True)
    # Template and parameters, to translate the message.
    message_parts = models.JSONField(default=dict)
    facts = models.JSONField(_("Facts"), default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("account", "-id"), name="event_list"),
            models.Index(fields=("account", "operation", "id"), name="event_operation"),
            models.Index(fields=("account", "actor", "id"), name="event_actor"),
            models.Index(fields=("account", "outcome", "id"), name="event_outcome"),
            models.Index(fields=("account", "at", "id"), name="event_at"),
            models.Index(fields=("account", "resource_id", "at"), name="event_of_resource"),
            models.Index(fields=("related_id", "-id"), name="event_of_related"),
        )

    def __str__(self) -> str:
        return f"{self.operation} {self.resource_id}"

    @property
    def said(self) -> str:
        """The message in the active language."""
        return str(from_parts(self.message_parts)) if self.message_parts else self.message

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("An event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("An event is never deleted.")


class Submission(models.Model):
    """A form that has done its work. Sent a second time, by a double click or after a lost answer, it does nothing.

    It belongs to the user who sent it: nobody else is answered from it.
    """

    user = models.ForeignKey("connections.User", models.CASCADE, related_name="+")
    token = models.CharField(max_length=36)
    request_id = models.CharField(max_length=36, blank=True)
    resource_id = models.CharField(max_length=32, blank=True)
    # The answer, if it was known before the form was processed.
    leads_to = models.TextField(blank=True)
    said = models.TextField(blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint("user", "token", name="submission_once"),)
        indexes = (models.Index(fields=("user", "at"), name="submission_age"),)

    def __str__(self) -> str:
        return self.token
