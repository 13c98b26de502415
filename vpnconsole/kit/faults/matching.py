"""Which fault happens to a request. Requests are counted in the world's file, so that each number is given once."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection, transaction
from django.http import HttpRequest

from connections.api.door import knocks
from connections.console.sessions import SessionStore
from connections.models import AccessKey
from vpnconsole.kit import naming, state
from vpnconsole.kit.faults.declaration import API, FRAGMENT, PAGE, STATIC, Fault


def door_of(request: HttpRequest) -> str:
    if request.path.startswith(settings.STATIC_URL):
        return STATIC
    if knocks(request):
        return API
    return FRAGMENT if request.headers.get("HX-Request") == "true" else PAGE


class Watch:
    """One request, and the fault that happens to it: at most one."""

    def __init__(self, request: HttpRequest, faults: Sequence[Fault], seed: str = ""):
        self.request, self.door, self._seed = request, door_of(request), seed
        self._faults = [fault for fault in faults if fault.concerns(self.door) and self._fits(fault)]
        # What was counted in a transaction that has not been committed.
        self._uncommitted: list[str] = []

    def at_arrival(self) -> Fault | None:
        """The first fault that is due now."""
        several = [fault for fault in self._faults if not fault.awaits_operation(self.door)]
        return self._first_due([fault for fault in several if self._is_of(fault, self.api_operation)])

    def at_operation(self, name: str) -> Fault | None:
        """The first fault that is due when an operation begins."""
        several = [fault for fault in self._faults if fault.awaits_operation(self.door)]
        return self._first_due([fault for fault in several if self._is_of(fault, name)])

    def _first_due(self, faults: Sequence[Fault]) -> Fault | None:
        for fault in faults:
            number = self._count(f"{fault.counted} matched")
            if is_due(fault, number, self._seed) and self._is_left(fault):
                return fault
        return None

    def _is_left(self, fault: Fault) -> bool:
        return self._count(f"{fault.counted} hits") <= (fault.times or float("inf"))

    def skip(self, fault: Fault) -> None:
        """Count that a fault did not happen, because too many requests were being delayed."""
        self._count(f"{fault.counted} skipped")

    def _count(self, name: str) -> int:
        if connection.in_atomic_block:
            self._uncommitted.append(name)
            transaction.on_commit(lambda: self._uncommitted.remove(name))
        return state.count(name)

    def finish(self) -> None:
        """Count again what was counted in a transaction that was rolled back."""
        for name in self._uncommitted:
            state.count(name)

    # --- what is known of the request

    def _fits(self, fault: Fault) -> bool:
        """Whether a fault is for such requests, as far as that is known without their operation."""
        match = fault.match
        return (
            match.get("door", self.door) == self.door
            and match.get("method", self.request.method).upper() == self.request.method
            and fnmatchcase(self.request.path_info, match.get("path", "*"))
            and ("actor" not in match or match["actor"] == self.actor)
        )

    @staticmethod
    def _is_of(fault: Fault, operation: str) -> bool:
        return fault.match.get("operation", operation) == operation

    @cached_property
    def actor(self) -> str:
        """The user name of who sends the request; blank if nobody is signed in."""
        if self.door == API:
            key = AccessKey.objects.filter(access_key_id=naming.key_of(self.request)).select_related("user").first()
            return key.user.username if key else ""
        begun = HttpRequest()
        begun.session = SessionStore(self.request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        return get_user(begun).get_username()

    @cached_property
    def api_operation(self) -> str:
        return naming.operation_of(self.request)


def is_due(fault: Fault, number: int, seed: str) -> bool:
    """Whether a fault happens to the request with this number among those that it fits."""
    when: Mapping[str, Any] = fault.when
    return (
        number in when.get("nth", (number,))
        and number % when.get("every", 1) == 0
        and number <= when.get("first", number)
        and ("probability" not in when or _drawn(f"{seed} {fault.counted} {number}") < when["probability"])
    )


def _drawn(text: str) -> float:
    """A number from 0 to 1 that follows from a text."""
    return int.from_bytes(hmac.digest(b"faults", text.encode(), hashlib.sha256)[:6]) / 2**48
