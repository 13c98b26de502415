"""The only place where tests wait: for another process, by polling, with a time limit."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
# Seconds. Far more than anything takes, so that a loaded machine causes no failures: migrating has taken 70.
PATIENCE = 300.0


class TooLate(AssertionError):
    """The condition did not become true in time."""


def wait_for(
    what: Callable[[], T], *, for_what: str, patience: float = PATIENCE, evidence: Callable[[], str] = str
) -> T:
    """Poll until `what` returns a true value, and return it. Raises TooLate with what `evidence` returns."""
    ends = time.monotonic() + patience
    pause = 0.002
    while True:
        if answer := what():
            return answer
        if time.monotonic() > ends:
            raise TooLate(f"{for_what}: not within {patience:g} seconds\n{evidence()}".rstrip())
        time.sleep(pause)
        pause = min(pause * 1.3, 0.02)
