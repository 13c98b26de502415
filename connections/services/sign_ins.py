"""Slow down password guessing: after some failures, the next attempt has to wait."""

from datetime import timedelta
from math import ceil

from django.db.models import Q

from connections import clock
from connections.models import SignInFailure

WINDOW = timedelta(minutes=15)
# One person mistypes; one address tries many names; many addresses try one name. The last limit can lock a user out
# from everywhere, so it is the highest.
PER_PERSON_AND_PLACE, PER_PLACE, PER_PERSON = 5, 30, 100


def wait(username: str, address: str) -> int:
    """Return the seconds until the next attempt is allowed; 0: now."""
    now = clock.now()
    # Failures in the future were written before the clock was set back.
    recent = SignInFailure.objects.filter(at__gt=now - WINDOW, at__lte=now)
    names, places = {"username": _key(username)}, {"address": address}
    longest = 0
    for bound, which in ((PER_PERSON_AND_PLACE, names | places), (PER_PLACE, places), (PER_PERSON, names)):
        counted = list(recent.filter(**which).order_by("-at").values_list("at", flat=True)[:bound])
        if len(counted) == bound:
            # Until the oldest of the counted failures has left the window.
            longest = max(longest, ceil((counted[-1] + WINDOW - now).total_seconds()))
    return longest


def failed(username: str, address: str) -> None:
    now = clock.now()
    # Clocks of several machines differ a little: keep failures that another machine may still count.
    SignInFailure.objects.filter(Q(at__lte=now - WINDOW) | Q(at__gt=now + WINDOW)).delete()
    SignInFailure.objects.create(username=_key(username), address=address)


def succeeded(username: str, address: str) -> None:
    """Forget the failures of a user at an address."""
    SignInFailure.objects.filter(username=_key(username), address=address).delete()


def _key(username: str) -> str:
    return username.replace("\0", "").strip().lower()[:150]
