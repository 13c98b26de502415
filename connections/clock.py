"""The only place that reads the time, so that a test can stop it."""

from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone


class _Clock:
    held: datetime | None = None


def now() -> datetime:
    """The current time, aware, in UTC; or the time at which the clock is held."""
    return _Clock.held or timezone.now()


def transition_ends(after: datetime | None = None) -> datetime:
    """When a transition ends that starts now, or after another one."""
    return (after or now()) + timedelta(seconds=settings.TRANSITION_SECONDS)


def furthest_end() -> datetime:
    """The latest time at which a running transition can end: at most two follow each other.

    A later stored end was written before the clock was set back, and counts as past.
    """
    return transition_ends(transition_ends())


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
