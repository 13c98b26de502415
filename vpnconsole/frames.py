"""Room for the frames of a request.

CPython keeps the frames of a thread in pieces of memory of 16 KB. Where a page happens to be drawn at the edge of one,
each call across the edge maps the next piece and each return unmaps it: pages took twice their time in the kernel.
Newer versions keep a spare piece (python/cpython issue 142183).
"""

from collections.abc import Callable

# A frame of this many slots needs a piece of 32,768, and leaves the other half to the frames above it: some 135 KB
# where the deepest page takes 22.
SLOTS = 15_500


def roomy(function: Callable) -> Callable:
    """Let whatever `function` calls find room in the piece of memory that holds its own frame."""
    function.__code__ = function.__code__.replace(co_stacksize=SLOTS)
    return function
