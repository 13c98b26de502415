"""Frames of a request lie in one piece of memory."""

import resource

import pytest

from vpnconsole.frames import roomy
from vpnconsole.middleware import RequestMiddleware


def low(*values):
    """A call whose frame may be the first across an edge."""
    return values


def back_and_forth(depth: int) -> int:
    """How many pages of memory are touched anew while calls go back and forth at this depth."""
    if depth:
        return back_and_forth(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(500):
        low(1, 2, 3)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif("sys.platform == 'win32'", reason="the system does not tell how memory is used")
def test_calls_at_whatever_depth_stay_in_the_same_memory():
    inside = roomy(lambda depth: back_and_forth(depth))
    assert max(inside(depth) for depth in range(300)) < 100


def test_every_request_has_the_room():
    assert RequestMiddleware.__call__.__code__.co_stacksize > 10_000
