"""The only place that reads the time, so that a test can hold it still."""

from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone


class _Clock:
    held: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC; or the held one."""
    return _Clock.held or timezone.now()


def transition_ends(after: datetime | None = None) -> datetime:
    """When a transition that starts now, or after another has ended, has settled."""
    return (after or now()) + timedelta(seconds=settings.TRANSITION_SECONDS)


def furthest_end() -> datetime:
    """The latest moment at which a transition under way can end: at most two follow each other.

    A stored end beyond it was written before the clock was set back, and counts as over.
    """
    return transition_ends(transition_ends())


class HeldClock:
    """What `hold` hands out: a clock that moves only when told to."""

    def tick(self, seconds: float) -> None:
        _Clock.held = now() + timedelta(seconds=seconds)


@contextmanager
def hold(moment: datetime):
    """Stop the clock of this process at a moment."""
    before, _Clock.held = _Clock.held, moment
    try:
        yield HeldClock()
    finally:
        _Clock.held = before
