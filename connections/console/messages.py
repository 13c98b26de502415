"""Messages of success know the operation that they are about, so that it can be shown as code."""

from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.fallback import FallbackStorage

from connections.as_code.events import OPERATIONS
from connections.models import Event


class Storage(FallbackStorage):
    def add(self, level, message, extra_tags=""):
        if level == SUCCESS and not extra_tags and self.request.user.is_authenticated:
            request_id = self.request.actor.request_id
            if Event.objects.filter(request_id=request_id, operation__in=OPERATIONS).exists():
                extra_tags = request_id
        super().add(level, message, extra_tags)
