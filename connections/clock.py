"""The only place that reads the time, so that a test can stop it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone


class _Clock:
    held: datetime | None = None


# The time of the request that is being served.
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """The current time, aware, in UTC; or the time at which the clock is held. Within a request, one time for all."""
    return _Clock.held or _moment.get() or timezone.now()


def read() -> datetime:
    """The current time, also within a request, to measure how long something takes."""
    return _Clock.held or timezone.now()


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


def transition_ends(after: datetime | None = None) -> datetime:
    """When a transition ends that starts now, or after another one."""
    return (after or now()) + timedelta(seconds=settings.TRANSITION_SECONDS)


def furthest_end() -> datetime:
    """The latest time at which a running transition can end: at most two follow each other.

    A later stored end was written before the clock was set back, and counts as past. Other requests may have begun
    transitions since this one began.
    """
    return transition_ends(transition_ends(read()))


class HeldClock:
    """A stopped clock, which only `tick` advances."""

    def tick(self, seconds: float) -> None:
        _Clock.held = now() + timedelta(seconds=seconds)


@contextmanager
def hold(moment: datetime):
    """Stop the clock of this process at a time."""
    before, _Clock.held = _Clock.held, moment
    try:
        yield HeldClock()
    finally:
        _Clock.held = before
