"""Marking: what a learner has done of a lab, kept in the learner's world as `progress`.

All functions run within the world. Points are those of the tasks that are done at the last check, less what hints cost.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connections import clock
from connections.messages import Message, from_parts
from vpnconsole.kit import labs, state
from vpnconsole.kit.errors import KitError
from vpnconsole.kit.labs import checks, facts
from vpnconsole.kit.labs.facts import Facts
from vpnconsole.kit.labs.format import COST, Lab, Task


@dataclass(frozen=True)
class Mark:
    """Whether a task is done, and if not, what is not so yet: a message, or texts by language."""

    task: str
    is_done: bool
    because: Message | Mapping[str, str] | None = None

    def stored(self) -> dict[str, Any]:
        because = self.because.parts() if isinstance(self.because, Message) else self.because
        return {"done": self.is_done, "because": because}


def mark(lab: Lab, found: Facts) -> list[Mark]:
    """Mark every task of a lab by what a world has."""
    return [_marked(task, found) for task in lab.tasks]


def _marked(task: Task, found: Facts) -> Mark:
    for check in task.checks:
        for fault in check.faults(found):
            return Mark(task.name, False, check.because or fault)
    return Mark(task.name, True)


def baseline(lab: Lab, found: Facts) -> dict[str, str]:
    """Digests of what `unchanged`, `changed` and `unbroken` compare later."""
    asked = {one for task in lab.tasks for check in task.checks for one in checks.compared(check, found)}
    return {checks.key_of(*one): facts.digest(checks.value_of(found, *one)) for one in asked}


# --- what is kept -------------------------------------------------------------------------------------------------


def begin(name: str, before: Mapping[str, Any] | None = None) -> None:
    """Begin a lab in a new world, or again: hints that were read stay read, and time goes on."""
    lab, before = labs.find(name), before or {}
    found = Facts()
    progress = {
        "since": facts.last_event(),
        "began": clock.now().isoformat(),
        "base": baseline(lab, found),
        "started": before.get("started", time.time()),
        "attempts": before.get("attempts", 0) + 1,
        "checks": before.get("checks", 0),
        "hints": before.get("hints", {}),
        "marks": {},
        "answers": {},
    }
    state.put({"progress": progress})


def check() -> None:
    """Mark the lab of this world, and keep the marks. Raises KitError if it has none."""
    lab, progress = _stored()
    found = Facts(
        progress["since"],
        datetime.fromisoformat(progress["began"]),
        progress["base"],
        progress["answers"],
        facts.api_requests(),
    )
    before = progress["marks"]
    now = time.time()
    marks = {
        one.task: one.stored() | ({"at": before.get(one.task, {}).get("at", now)} if one.is_done else {})
        for one in mark(lab, found)
    }
    progress |= {"marks": marks, "checks": progress["checks"] + 1}
    if all(one["done"] for one in marks.values()):
        progress.setdefault("ended", now)
    state.put({"progress": progress})


def take_hint(name: str) -> None:
    """Show the next hint of a task. Raises KitError."""
    lab, progress = _stored()
    task = _task(lab, name)
    taken = progress["hints"].get(name, 0)
    # What is done already needs no hint.
    if not progress["marks"].get(name, {}).get("done"):
        progress["hints"][name] = min(taken + 1, len(task.hints))
        state.put({"progress": progress})


def answer(name: str, given: list[str]) -> None:
    """Keep what a learner reports for a task. Raises KitError."""
    lab, progress = _stored()
    known = [choice.name for choice in _task(lab, name).choices]
    progress["answers"][name] = [one for one in known if one in given]
    state.put({"progress": progress})


def _stored() -> tuple[Lab, dict[str, Any]]:
    stored = state.values()
    if "progress" not in stored:
        raise KitError(409, "no_lab", "This world has no lab.", 'Make one with "lab".')
    return labs.find(stored["lab"]), stored["progress"]


def _task(lab: Lab, name: str) -> Task:
    task = lab.task(name)
    if task is None:
        raise KitError(404, "unknown_task", f"The lab has no task {name[:40]!r}.")
    return task


# --- what is shown ------------------------------------------------------------------------------------------------


class Progress:
    """How far a learner has come, from a world's state."""

    def __init__(self, stored: Mapping[str, Any]):
        self.name: str = stored["lab"]
        self.lab = labs.find(self.name)
        self.learner: str = stored.get("learner", "")
        self._kept: Mapping[str, Any] = stored["progress"]

    @property
    def attempts(self) -> int:
        return self._kept["attempts"]

    @property
    def is_checked(self) -> bool:
        return bool(self._kept["marks"])

    @property
    def is_complete(self) -> bool:
        return all(self.is_done(task) for task in self.lab.tasks)

    @property
    def started(self) -> float:
        return self._kept["started"]

    @property
    def ended(self) -> float | None:
        """When all was done for the first time."""
        return self._kept.get("ended")

    @property
    def minutes(self) -> int:
        """Until all was done, or until now."""
        return max(0, round(((self.ended or time.time()) - self.started) / 60))

    def is_done(self, task: Task) -> bool:
        return self._kept["marks"].get(task.name, {}).get("done", False)

    def because(self, task: Task, language: str) -> str:
        """What is not so yet, in the language that is active and named; blank before the first check."""
        kept = self._kept["marks"].get(task.name, {}).get("because")
        if not kept:
            return ""
        return str(from_parts(kept)) if "template" in kept else kept[language]

    def hints_taken(self, task: Task) -> int:
        return self._kept["hints"].get(task.name, 0)

    @property
    def hints(self) -> int:
        return sum(self.hints_taken(task) for task in self.lab.tasks)

    def answered(self, task: Task) -> list[str]:
        return self._kept["answers"].get(task.name, [])

    def points_of(self, task: Task) -> int:
        """What a task gives if it is done, or has given."""
        return task.points - COST * self.hints_taken(task)

    @property
    def points(self) -> int:
        return sum(self.points_of(task) for task in self.lab.tasks if self.is_done(task))
