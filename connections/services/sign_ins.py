"""Guessing passwords is slow: after a few wrong ones from one place the next has to wait."""

from datetime import timedelta
from math import ceil

from django.db.models import Q

from connections import clock
from connections.models import SignInFailure

WINDOW = timedelta(minutes=15)
# One person mistypes; one place tries many names; many places try one name. Only the last can lock somebody out from
# everywhere, and takes the most.
PER_PERSON_AND_PLACE, PER_PLACE, PER_PERSON = 5, 30, 100


def wait(username: str, address: str) -> int:
    """Seconds until the next attempt is judged; 0: at once."""
    now = clock.now()
    # Failures that lie ahead were written before the clock was set back.
    recent = SignInFailure.objects.filter(at__gt=now - WINDOW, at__lte=now)
    names, places = {"username": _key(username)}, {"address": address}
    longest = 0
    for bound, which in ((PER_PERSON_AND_PLACE, names | places), (PER_PLACE, places), (PER_PERSON, names)):
        counted = list(recent.filter(**which).order_by("-at").values_list("at", flat=True)[:bound])
        if len(counted) == bound:
            # Until the oldest of those that count no longer does.
            longest = max(longest, ceil((counted[-1] + WINDOW - now).total_seconds()))
    return longest


def failed(username: str, address: str) -> None:
    now = clock.now()
    # The clocks of several machines may differ a little, and none of them forgets what the others count.
    SignInFailure.objects.filter(Q(at__lte=now - WINDOW) | Q(at__gt=now + WINDOW)).delete()
    SignInFailure.objects.create(username=_key(username), address=address)


def succeeded(username: str, address: str) -> None:
    """Who knows the password may mistype again."""
    SignInFailure.objects.filter(username=_key(username), address=address).delete()


def _key(username: str) -> str:
    return username.replace("\0", "").strip().lower()[:150]
