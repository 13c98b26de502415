"""The request that is being served, for the log and for error pages."""

from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum


class Saved(Enum):
    """Whether a request has committed anything yet, should it fail now."""

    NOTHING = "nothing"
    # COMMIT was sent, and the database has not answered.
    UNSURE = "unsure"
    SOMETHING = "something"

    def __bool__(self):
        """Whether it belongs in the log."""
        return self is not Saved.NOTHING

    def __str__(self):
        return self.value


@dataclass
class Served:
    """The fields of a request in log lines."""

    request_id: str
    method: str = ""
    path: str = ""
    account: str = ""
    user: str = ""
    # The world of the kit in which the request is served; blank: in the installation itself.
    world: str = ""
    # What the kit did to the request or its answer, because a test asked for it.
    fault: str = ""
    saved: Saved = Saved.NOTHING


current: ContextVar[Served | None] = ContextVar("served", default=None)
