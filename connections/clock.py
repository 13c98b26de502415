"""The only place that reads the time, so that a test can stop it, and that says how long transitions take."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

if TYPE_CHECKING:
    from django.db.models import Model


class Source:
    """Which time it is, and how long things take. This is the installation's; other data may have their own."""

    # For how long the negotiation of a tunnel has been going on when its settings have just changed.
    lead = timedelta(0)

    def at(self, real: datetime) -> datetime:
        """The time for a moment of the installation's time."""
        return real

    def transition_ends(self, row: "Model", transition: str, start: datetime) -> datetime:
        return _usual_end(start)

    def furthest_end(self) -> datetime:
        """The latest time at which a running transition can end: at most two follow each other.

        A later stored end was written before the clock was set back, and counts as past. Other requests may have begun
        transitions since this one began.
        """
        return _usual_end(_usual_end(read()))

    def seen(self, row: "Model") -> None:
        """Take note that an answer may show a row under way."""


def _usual_end(start: datetime) -> datetime:
    return start + timedelta(seconds=settings.TRANSITION_SECONDS)


class _Clock:
    held: datetime | None = None


# The time of the request that is being served.
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
_source: ContextVar[Source] = ContextVar("source", default=Source())  # noqa: B039 - it holds nothing


def now() -> datetime:
    """The current time, aware, in UTC; or the time at which the clock is held. Within a request, one time for all."""
    return _source.get().at(real())


def real() -> datetime:
    """The installation's time, whatever the source: for signatures of clients, and limits of rates."""
    return _Clock.held or _moment.get() or timezone.now()


def read() -> datetime:
    """The installation's time, also within a request, to measure how long something takes."""
    return _Clock.held or timezone.now()


def source() -> Source:
    return _source.get()


@contextmanager
def told_by(other: Source) -> Iterator[None]:
    """Take the time from another source within the block, in this thread."""
    token = _source.set(other)
    try:
        yield
    finally:
        _source.reset(token)


@contextmanager
def one_moment() -> Iterator[None]:
    """Stop the time for this thread, so that no state settles between two readings of one request."""
    token = _moment.set(timezone.now())
    try:
        yield
    finally:
        _moment.reset(token)


def move_on() -> None:
    """Go on to the present within `one_moment`: what others wrote while this thread waited for them is in the past."""
    if _moment.get() is not None:
        _moment.set(timezone.now())


def lead() -> timedelta:
    return _source.get().lead


def transition_ends(row: "Model", transition: str, after: datetime | None = None) -> datetime:
    """When a transition of a row ends that starts now, or after another one."""
    return _source.get().transition_ends(row, transition, after or now())


def furthest_end() -> datetime:
    return _source.get().furthest_end()


def seen(row: "Model") -> None:
    _source.get().seen(row)


class HeldClock:
    """A stopped clock, which only `tick` advances."""

    def tick(self, seconds: float) -> None:
        _Clock.held = real() + timedelta(seconds=seconds)


@contextmanager
def hold(moment: datetime):
    """Stop the clock of this process at a time."""
    before, _Clock.held = _Clock.held, moment
    try:
        yield HeldClock()
    finally:
        _Clock.held = before
