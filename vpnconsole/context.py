"""Which request is being served: what the log knows of it, from the first middleware to the last line."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Served:
    """A request as the log tells it."""

    request_id: str
    method: str = ""
    path: str = ""
    account: str = ""
    user: str = ""


current: ContextVar[Served | None] = ContextVar("served", default=None)
