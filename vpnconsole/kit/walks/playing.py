"""The walk that is on in a world: which, how far it is, and how it is done. `static/kit/walk.js` does the moves.

`walk` in the world's state: `name` of a shipped walk, or its `text`; `run`, which differs each time it begins; `at`,
how many moves are done; `mode`; `paused`.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse

from vpnconsole.kit import names, state
from vpnconsole.kit.errors import KitError
from vpnconsole.kit.texts import spoken
from vpnconsole.kit.walks import format, moves, shipped
from vpnconsole.kit.walks.format import Walk, WalkError

# A person does each step, or a key does it.
TOUR, PLAY = MODES = ("tour", "play")


@dataclass(frozen=True)
class Listed:
    """A walk in a list, in the language of the page."""

    name: str
    title: str
    about: str


def listed() -> Iterator[Listed]:
    """The walks that the console brings along."""
    for name, walk in shipped().items():
        yield Listed(name, spoken(walk.title), spoken(walk.about))


class Playing:
    """The walk that is on in a world."""

    def __init__(self, kept: Mapping[str, Any], walk: Walk):
        self.name, self.mode, self.at = kept.get("name", ""), kept["mode"], kept["at"]
        self.is_paused, self.run, self._walk = kept.get("paused", False), kept["run"], walk

    @property
    def title(self) -> str:
        return spoken(self._walk.title)

    @cached_property
    def moves(self) -> list[moves.Move]:
        found = moves.moves(self._walk, reverse("home"))
        for move in found:
            if "say" in move:
                move["say"] = spoken(move["say"])
            if move["do"] == "set":
                move["value"] = moves.meant(move["field"], move["value"], names.id_of)
        return found

    @property
    def steps(self) -> int:
        return len(self._walk.steps)

    @property
    def step(self) -> int:
        """The number of the step that is next, from 1."""
        return self.moves[self.at]["step"] if self.at < len(self.moves) else self.steps

    @property
    def is_done(self) -> bool:
        return self.at >= len(self.moves)

    def as_json(self) -> str:
        """What the script needs."""
        return json.dumps({name: getattr(self, name) for name in ("run", "at", "mode", "title", "moves", "steps")})


def playing(kept: Mapping[str, Any] | None) -> Playing | None:
    """The walk that the state of a world names, if it is one."""
    if not kept:
        return None
    walk = walk_of(kept.get("name", ""), kept.get("text", ""))
    return Playing(kept, walk) if walk else None


def walk_of(name: str, text: str) -> Walk | None:
    if not text:
        return shipped().get(name)
    try:
        return format.read(text)
    except WalkError:
        return None


def begin(name: str, mode: str, text: str = "") -> None:
    """Begin a walk in the world that this thread is in. Raises KitError."""
    if mode not in MODES or walk_of(name, text) is None:
        raise KitError(422, "unknown_walk", f"There is no walk {name[:40]!r}.", f"There are {', '.join(shipped())}.")
    kept = {"name": name, "mode": mode, "at": 0, "run": secrets.token_hex(4)}
    state.put({"walk": kept | ({"text": text} if text else {})})
