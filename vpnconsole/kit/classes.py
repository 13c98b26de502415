"""Classes: learners who do the same lab, each in a world of their own, and a board for their teacher.

`class-<board>.json` describes a class. Its worlds have the label `class <join>`.
"""

import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import OperationalError

from vpnconsole.kit import entering, folder, labs, lifecycle, worlds
from vpnconsole.kit.errors import KitError, WorldGone
from vpnconsole.kit.labs.marking import Progress

# Learners of a class, classes at a time, and characters of a learner's name.
LEARNERS, CLASSES, LONGEST_NAME = 100, 20, 60
_SECRET = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)


@dataclass(frozen=True)
class Class:
    """A class. `board` is the secret of its teacher's link, `join` that of the learners'. Expires with its worlds."""

    board: str
    join: str
    lab: str
    name: str
    expires: float

    @property
    def path(self) -> Path:
        return folder.path() / f"class-{self.board}.json"

    @property
    def label(self) -> str:
        return f"class {self.join}"

    def end(self) -> None:
        """End the class and all of its worlds."""
        self.path.unlink(missing_ok=True)
        worlds.sweep(self.label)


@dataclass(frozen=True)
class Learner:
    """A row of the board. `seen`: seconds since the last request in the world."""

    name: str
    progress: Progress
    seen: float

    @property
    def done(self) -> list[bool]:
        return [self.progress.is_done(task) for task in self.progress.lab.tasks]

    @property
    def idle_minutes(self) -> int:
        return int(self.seen) // 60


def create(lab: str, name: str = "") -> Class:
    """A new class. Raises KitError."""
    labs.find(lab)
    if len(list(everything())) >= CLASSES:
        raise KitError(429, "too_many_classes", f"There are {CLASSES} classes.", "End one of them.")
    made = Class(secrets.token_urlsafe(24), secrets.token_urlsafe(24), lab, name[:100], time.time() + worlds.LONGEST)
    folder.write(made.path, json.dumps(asdict(made)))
    return made


def everything() -> Iterator[Class]:
    """The classes that have not expired. Deletes the others."""
    for path in folder.path().glob("class-*.json"):
        with suppress(FileNotFoundError):
            found = Class(**json.loads(path.read_text(encoding="utf-8")))
            if found.expires > time.time():
                yield found
            else:
                found.end()


def of_teacher(board: str) -> Class:
    """The class of a teacher's link. Raises KitError."""
    return _found(board, "board")


def of_learners(join: str) -> Class:
    """The class of the learners' link. Raises KitError."""
    return _found(join, "join")


def _found(secret: str, which: str) -> Class:
    if _SECRET.fullmatch(secret):
        for one in everything():
            if secrets.compare_digest(getattr(one, which), secret):
                return one
    raise KitError(410, "class_gone", "This class has ended, or never existed.", "Ask the teacher for another link.")


def join(of: Class, name: str) -> worlds.World:
    """A world for a learner. Raises KitError."""
    lab = labs.find(of.lab)
    with folder.locked(f"class-{of.board}"):
        if sum(world.label == of.label for world in worlds.everything()) >= LEARNERS:
            raise KitError(429, "class_full", f"A class has at most {LEARNERS} learners.")
        settings = {"lab": of.lab, "learner": name[:LONGEST_NAME], **lab.settings}
        return lifecycle.make(lab.scenario, of.label, of.expires - time.time(), settings=settings)


def learners(of: Class) -> list[Learner]:
    """Everybody in a class, by name."""
    found = []
    for world in worlds.everything():
        if world.label != of.label:
            continue
        # One that ends meanwhile is gone from the board.
        with suppress(WorldGone, OperationalError), entering.entered(world) as stored:
            found.append(Learner(stored["learner"], Progress(stored), time.time() - world.used))
    return sorted(found, key=lambda one: (one.name.casefold(), one.progress.started))
