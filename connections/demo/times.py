"""When the demo's events happened: in office hours, and always some today and yesterday."""

from collections.abc import Callable
from datetime import datetime, timedelta

# A moment by the present, when the demo is loaded.
Moment = Callable[[datetime], datetime]

# UTC hours.
OPENS, OPEN_FOR = 8, 9
FRIDAY = 4


def in_office_hours(moment: datetime) -> datetime:
    """A moment in the office hours of the same day, or of Friday for a weekend. Keeps moments in their order."""
    midnight = moment.replace(hour=0, minute=0, second=0)
    first = midnight - timedelta(days=max(moment.weekday() - FRIDAY, 0))
    days = 3 if first.weekday() == FRIDAY else 1
    share = (moment - first) / timedelta(days=days)
    return first + timedelta(hours=OPENS) + share * timedelta(hours=OPEN_FOR)


def before(ago: timedelta) -> Moment:
    """So long before the present; in office hours if that is some days ago."""
    return lambda present: in_office_hours(present - ago) if ago >= timedelta(days=2) else present - ago


def yesterday(hour: int, minute: int) -> Moment:
    return lambda present: _midnight(present) - timedelta(days=1) + timedelta(hours=hour, minutes=minute)


def today(share: float) -> Moment:
    """After a share of what has passed of the day, so that today has events at any time."""
    return lambda present: _midnight(present) + share * (present - _midnight(present))


def _midnight(present: datetime) -> datetime:
    return present.replace(hour=0, minute=0, second=0)
