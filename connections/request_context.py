"""Which request is being served: what the log knows of it, from the first middleware to the last line."""

from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum


class Saved(Enum):
    """What has become of a request's work, if something goes wrong now."""

    NOTHING = "nothing"
    # The database was told to keep it, and has not answered.
    UNSURE = "unsure"
    SOMETHING = "something"

    def __bool__(self):
        """Whether the log has something to say of it."""
        return self is not Saved.NOTHING

    def __str__(self):
        return self.value


@dataclass
class Served:
    """A request as the log tells it."""

    request_id: str
    method: str = ""
    path: str = ""
    account: str = ""
    user: str = ""
    saved: Saved = Saved.NOTHING


current: ContextVar[Served | None] = ContextVar("served", default=None)
