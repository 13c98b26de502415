"""Measure cost independently of the machine and its load: function calls and CPU seconds."""

import sys
from collections.abc import Callable
from time import process_time


def calls_of(do: Callable[[], object]) -> int:
    """Count the function calls inside the block, built-in functions included."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        do()
    finally:
        sys.setprofile(None)
    return count


def assert_bounded(do: Callable[[int], object]) -> None:
    """Twice as many elements cost little more than twice as much, and 10,000 less than a second of CPU time."""
    do(10)
    few, many = (calls_of(lambda size=size: do(size)) for size in (5_000, 10_000))
    assert many < 2.2 * few
    assert_soon(lambda: do(10_000))


def assert_soon(do: Callable[[], object]) -> None:
    began = process_time()
    do()
    assert process_time() - began < 1
