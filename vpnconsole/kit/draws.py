"""Random values of a world that has a seed: the third connection has the same ID, whatever happened beside it."""

import hashlib
import hmac
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from connections import ids
from vpnconsole.kit import state

# Pages draw request IDs, too, so they would depend on how often a page asked.
_OF_REQUESTS = "request"


class Draws:
    """Chooses the generator of a value by seed, kind, region and how many of these there were before.

    The number is counted by the transaction that uses the value.
    """

    def __init__(self, seed: str, *, requests: bool):
        self._seed, self.requests = seed.encode(), requests

    def __call__(self, kind: str, region_id: str) -> random.Random | None:
        if kind == _OF_REQUESTS and not self.requests:
            return None
        name = f"{kind} {region_id}".rstrip()
        digest = hmac.digest(self._seed, f"{name} {state.count(f'drawn {name}')}".encode(), hashlib.sha256)
        return random.Random(int.from_bytes(digest))  # noqa: S311 - predictable on purpose


@contextmanager
def drawing(stored: Mapping[str, Any]) -> Iterator[None]:
    """Draw values from the seed of the world that this thread is in, if it has one; `stored` is its state."""
    chosen = stored.get("ids")
    with ids.drawn_by(Draws(chosen["seed"], requests=chosen["requests"]) if chosen else _at_random):
        yield


def _at_random(kind: str, region_id: str) -> None:
    """No generator of the world's own, also within another world that has a seed."""


def seeded(seed: str | int | None, *, requests: bool = False) -> dict[str, Any]:
    """The state of a world with a seed; None: random values from now on."""
    return {"ids": {} if seed is None else {"seed": str(seed), "requests": requests}}
