"""What was done, by whom, to what, and how it ended. Only ever added to."""

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
        """Events of a resource, or of a request."""
        return self.filter(models.Q(resource_id=text) | models.Q(related_id=text) | models.Q(request_id=text.upper()))

    def about(self, resource: Resource) -> Self:
        """Everything that was done to a resource, also by another account to which it is attached.

        An ID may have had an earlier life, in which other accounts took part. What they did then is not this
        resource's: their events count from the moment on at which its row was created. The account's own all count.
        """
        own = models.Q(account=resource.account, resource_id=resource.resource_id)
        others = models.Q(related_id=resource.resource_id, outcome=Outcome.SUCCESS, at__gte=resource.created_at)
        return self.filter(own | others)


class Event(models.Model):
    """One operation, done or refused. Secrets never enter it: a changed key is recorded as changed, not as what."""

    account = models.ForeignKey("connections.Account", models.PROTECT, related_name="events")
    request_id = models.CharField(_("Request ID"), max_length=36, unique=True)
    at = models.DateTimeField(_("Time"), default=clock.now)
    actor = models.CharField(_("User"), max_length=150)
    operation = models.CharField(_("Operation"), max_length=64)
    resource_id = models.CharField(_("Resource"), max_length=32, blank=True)
    # What else it is about: the connection of an attachment, whose owner may be another account.
    related_id = models.CharField(max_length=32, blank=True)
    region_id = models.CharField(_("Region"), max_length=32, blank=True)
    outcome = models.CharField(_("Outcome"), max_length=8, choices=Outcome)
    code = models.CharField(_("Code"), max_length=64, blank=True)
    message = models.CharField(_("Message"), max_length=500, blank=True)
    # What the message was made of, so that it can be read in any language.
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
        """The message in the language of whoever reads it."""
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
    # The answer, where it was known before the work was done.
    leads_to = models.TextField(blank=True)
    said = models.TextField(blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (models.UniqueConstraint("user", "token", name="submission_once"),)
        indexes = (models.Index(fields=("user", "at"), name="submission_age"),)

    def __str__(self) -> str:
        return self.token
