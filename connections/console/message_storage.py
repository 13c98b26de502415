"""Store the request ID with messages of success, so that the operation can be shown as code."""

from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.fallback import FallbackStorage

from connections.as_code.events import OPERATIONS
from connections.console.requests import ConsoleRequest
from connections.models import Event


def tags_of(request_id: str) -> str:
    """The request's ID if its operation can be shown as code, else blank."""
    return request_id if Event.objects.filter(request_id=request_id, operation__in=OPERATIONS).exists() else ""


class Storage(FallbackStorage):
    request: ConsoleRequest

    def add(self, level, message, extra_tags=""):
        if level == SUCCESS and not extra_tags and self.request.user.is_authenticated:
            extra_tags = tags_of(self.request.actor.request_id)
        super().add(level, message, extra_tags)

    def add_once(self, level, message, extra_tags=""):
        """Add a message unless the same one has not been shown yet."""
        if Message(level, message) not in self:
            super().add(level, message, extra_tags)
