"""Guessing passwords is slow: after a few wrong ones from one place the next has to wait."""

from datetime import timedelta
from math import ceil

from connections import clock
from connections.models import SignInFailure

WINDOW = timedelta(minutes=15)
# One person mistypes; one place tries many names; many places try one name. Only the last can lock somebody out from
# everywhere, and takes the most.
PER_PERSON_AND_PLACE, PER_PLACE, PER_PERSON = 5, 30, 100


def wait(username: str, address: str) -> int:
    """Seconds until the next attempt is judged; 0: at once."""
    recent = SignInFailure.objects.filter(at__gt=clock.now() - WINDOW)
    names, places = {"username": _key(username)}, {"address": address}
    longest = 0
    for bound, which in ((PER_PERSON_AND_PLACE, names | places), (PER_PLACE, places), (PER_PERSON, names)):
        counted = list(recent.filter(**which).order_by("-at").values_list("at", flat=True)[:bound])
        if len(counted) == bound:
            # Until the oldest of those that count no longer does.
            longest = max(longest, ceil((counted[-1] + WINDOW - clock.now()).total_seconds()))
    return longest


def failed(username: str, address: str) -> None:
    SignInFailure.objects.filter(at__lte=clock.now() - WINDOW).delete()
    SignInFailure.objects.create(username=_key(username), address=address)


def succeeded(username: str, address: str) -> None:
    """Who knows the password may mistype again."""
    SignInFailure.objects.filter(username=_key(username), address=address).delete()


def _key(username: str) -> str:
    return username.replace("\0", "").strip().lower()[:150]
