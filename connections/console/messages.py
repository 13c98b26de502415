"""Messages of success know the operation that they are about, so that it can be shown as code."""

from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.fallback import FallbackStorage

from connections.as_code.events import OPERATIONS
from connections.models import Event
from connections.prepared import Prepared

_events = Prepared(lambda request_id: Event.objects.filter(request_id=request_id).order_by().only("operation"))


def tags_of(request_id: str) -> str:
    """The request's ID, if there is code for what it did."""
    return request_id if any(event.operation in OPERATIONS for event in _events(request_id)) else ""


class Storage(FallbackStorage):
    def add(self, level, message, extra_tags=""):
        if level == SUCCESS and not extra_tags and self.request.user.is_authenticated:
            extra_tags = tags_of(self.request.actor.request_id)
        super().add(level, message, extra_tags)

    def add_once(self, level, message, extra_tags=""):
        """Say what may be waiting to be said already."""
        waiting = [*self._loaded_messages, *self._queued_messages]
        if not any((one.level, str(one.message), one.extra_tags) == (level, message, extra_tags) for one in waiting):
            super().add(level, message, extra_tags)
