"""Store the operation and the request ID with messages of success, so that it can be named and shown as code."""

from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.fallback import FallbackStorage

from connections.as_code.events import OPERATIONS
from connections.console.requests import ConsoleRequest
from connections.models import Event


def tags_of(request_id: str) -> str:
    """The operation of the request, and its ID if the operation can be shown as code; blank if it has no event."""
    operation = Event.objects.filter(request_id=request_id).values_list("operation", flat=True).first() or ""
    return f"{operation} {request_id}" if operation in OPERATIONS else operation


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
