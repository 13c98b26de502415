"""The one place where a test waits: for what another process does, asked again and again, and not for ever."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
# Far more than anything takes; a loaded machine is no failure. With ten others at work beside it, migrating took 70.
PATIENCE = 300.0


class TooLate(AssertionError):
    """What was waited for did not come."""


def wait_for(
    what: Callable[[], T], *, for_what: str, patience: float = PATIENCE, evidence: Callable[[], str] = str
) -> T:
    """The first true answer to a question about the state of things. `evidence` is what a person would want to see."""
    ends = time.monotonic() + patience
    pause = 0.002
    while True:
        if answer := what():
            return answer
        if time.monotonic() > ends:
            raise TooLate(f"{for_what}: not within {patience:g} seconds\n{evidence()}".rstrip())
        time.sleep(pause)
        pause = min(pause * 1.3, 0.02)
