"""Labs: a situation, tasks that are marked by what the world has then, hints and a solution, as a file in YAML.

docs/teachers.md describes it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from connections.documents.parser import ParseError, parsed
from vpnconsole.kit.labs.checks import KINDS, Check, problems
from vpnconsole.kit.walks import format as walks
from vpnconsole.kit.walks.format import LANGUAGES, LONGEST_TEXT, PERSONA, SCENARIO, Walk, WalkError

VERSION = 1
LEVELS = ("easy", "medium", "hard")
MOST_TASKS, MOST_BYTES = 20, 96 * 1024
# Points that a hint costs.
COST = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}", re.ASCII)
Texts = Mapping[str, str]


class LabError(ValueError):
    """A text that is not a lab. `problems`: a sentence for each thing that is wrong."""

    def __init__(self, *found: str):
        self.problems = found
        super().__init__("\n".join(found))


@dataclass(frozen=True)
class Choice:
    """Something that a learner may report. `is_right`: whether it should be."""

    name: str
    text: Texts
    is_right: bool = False


@dataclass(frozen=True)
class Task:
    """What is to be done, and the checks that all have to hold for its points. Hints go from where to what."""

    name: str
    text: Texts
    points: int
    checks: tuple[Check, ...]
    hints: tuple[Texts, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Lab:
    """A lab. `advance`: by how many seconds learners may move the clock; `access_key`: whether they are shown one."""

    title: Texts
    about: Texts
    brief: Texts
    tasks: tuple[Task, ...]
    solution: tuple[Mapping[str, Any], ...] = ()
    level: str = LEVELS[0]
    minutes: int = 20
    scenario: str = SCENARIO
    persona: str = PERSONA
    personas: str = ""
    advance: tuple[int, ...] = ()
    access_key: bool = False
    calls: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def points(self) -> int:
        return sum(task.points for task in self.tasks)

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of its world besides the scenario."""
        return {"personas": self.personas} if self.personas else {}

    @cached_property
    def walk(self) -> Walk:
        """The solution as a walk, begun by the lab's persona."""
        return walks.of_content(
            {
                "walk": walks.VERSION,
                "title": self.title,
                "scenario": self.scenario,
                "persona": self.persona,
                "steps": [*self.solution],
            }
        )

    def task(self, name: str) -> Task | None:
        return next((task for task in self.tasks if task.name == name), None)


def read(text: str) -> Lab:
    """The lab of a text. Raises LabError with everything that is wrong."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise LabError(f"A lab has at most {MOST_BYTES // 1024} KB.")
    try:
        content = parsed(text)
    except ParseError as error:
        raise LabError(f"This is not YAML: {error.why}{f' ({error.place})' if error.place else ''}.") from None
    return _Reader().lab(content)


class _Reader:
    """Collects what is wrong, so that an author sees all of it."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def lab(self, content: object) -> Lab:
        if not isinstance(content, dict) or content.get("lab") != VERSION:
            raise LabError(f"A lab begins with `lab: {VERSION}`.")
        self.known("The lab", content, _LAB)
        texts: dict[str, Any] = {
            name: self.texts(f"`{name}`", content.get(name)) for name in ("title", "about", "brief")
        }
        values: dict[str, Any] = {
            name: self.value(f"`{name}`", is_valid, content[name], what)
            for name, (is_valid, what) in _VALUES.items()
            if name in content
        }
        tasks = self.tasks(content.get("tasks"))
        options: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        made = Lab(
            **texts,
            **options,
            tasks=tasks,
        )
        if not self.problems and made.solution:
            try:
                _ = made.walk
            except WalkError as error:
                self.problems += [f"The solution: {problem}" for problem in error.problems]
        if self.problems:
            raise LabError(*self.problems)
        return made

    def tasks(self, given: object) -> tuple[Task, ...]:
        if not isinstance(given, list) or not 1 <= len(given) <= MOST_TASKS:
            self.problems.append(f"A lab has a list `tasks` of 1 to {MOST_TASKS} tasks.")
            return ()
        tasks = [self.task(number, one) for number, one in enumerate(given, 1) if self.mapping(f"Task {number}", one)]
        names = [task.name for task in tasks]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            self.problems.append(f"Two tasks have the name `{twice}`.")
        return tuple(tasks)

    def task(self, number: int, given: dict[str, Any]) -> Task:
        where = f"Task {number}"
        self.known(where, given, _TASK)
        name = self.value(f"{where}: `name`", _is_name, given.get("name"), "a short name of small letters") or ""
        points = self.value(f"{where}: `points`", _is_positive, given.get("points"), "a number from 1") or 1
        hints = tuple(self.texts(f"{where}, a hint", one) for one in self.listed(where, given, "hints"))
        choices = tuple(
            self.choice(f"{where}, a choice", one)
            for one in self.listed(where, given, "choices")
            if self.mapping(f"{where}, a choice", one)
        )
        checks = [
            self.check(f"{where}, a check", one)
            for one in self.listed(where, given, "check")
            if self.mapping(f"{where}, a check", one)
        ]
        if choices:
            right = [choice.name for choice in choices if choice.is_right]
            checks.append(Check("answer", {"answer": name, "right": right}, {}))
        if not checks:
            self.problems.append(f"{where}: it needs a list `check`, or `choices`.")
        if points <= len(hints) * COST:
            self.problems.append(f"{where}: {len(hints)} hints cost all of its {points} points.")
        return Task(name, self.texts(f"{where}: `text`", given.get("text")), points, tuple(checks), hints, choices)

    def choice(self, where: str, given: dict[str, Any]) -> Choice:
        self.known(where, given, ("name", "text", "right"))
        name = self.value(f"{where}: `name`", _is_name, given.get("name"), "a short name of small letters") or ""
        return Choice(name, self.texts(where, given.get("text")), given.get("right") is True)

    def check(self, where: str, given: dict[str, Any]) -> Check:
        values = {name: value for name, value in given.items() if name != "because"}
        kind = next(iter(values), "")
        self.problems += [f"{where}: {problem}" for problem in problems(kind, values)]
        because = self.texts(f"{where}: `because`", given["because"]) if "because" in given else {}
        return Check(kind if kind in KINDS else "", values, because)

    # --- parts --------------------------------------------------------------------------------------------------------

    def known(self, where: str, given: dict[str, Any], names: tuple[str, ...]) -> None:
        for name in given:
            if name not in names:
                self.problems.append(f"{where}: there is no `{name}` here. There are {', '.join(names)}.")

    def mapping(self, where: str, given: object) -> bool:
        if not isinstance(given, dict):
            self.problems.append(f"{where} is not a mapping.")
        return isinstance(given, dict)

    def listed(self, where: str, given: dict[str, Any], name: str) -> list[Any]:
        value = given.get(name, [])
        if not isinstance(value, list):
            self.problems.append(f"{where}: `{name}` is a list.")
            return []
        return value

    def value(self, where: str, is_valid: Callable[[Any], bool], given: Any, what: str) -> Any:
        if is_valid(given):
            return given
        self.problems.append(f"{where} is {what}.")
        return None

    def texts(self, where: str, given: object) -> Texts:
        if not isinstance(given, dict):
            self.problems.append(f"{where} is needed in every language: {', '.join(LANGUAGES)}.")
            return {}
        # A comma in a text without quotes begins another key.
        self.known(where, given, LANGUAGES)
        for language in LANGUAGES:
            text = given.get(language)
            if not isinstance(text, str) or not text.strip():
                self.problems.append(f"{where} lacks the language `{language}`.")
            elif len(text) > LONGEST_TEXT:
                self.problems.append(f"{where} is longer than {LONGEST_TEXT} characters.")
        return {language: str(given.get(language, "")).strip() for language in LANGUAGES}


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_positive(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100


def _are_seconds(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, int) and 0 < one <= 30 * 86400 for one in value)


# What a lab may have besides its texts and tasks: a test of its value, and what it is.
_VALUES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "level": (lambda value: value in LEVELS, f"one of {', '.join(LEVELS)}"),
    "minutes": (_is_positive, "a number from 1 to 100"),
    "scenario": (_is_name, "the name of a scenario"),
    "persona": (_is_name, "a user name"),
    "personas": (lambda value: value == "all", "`all`, or left out"),
    "advance": (_are_seconds, "a list of seconds"),
    "access_key": (lambda value: isinstance(value, bool), "true or false"),
    "solution": (lambda value: isinstance(value, list), "a list of steps of a walk"),
    "calls": (lambda value: isinstance(value, list), "a list of calls of the API"),
}
_LAB = ("lab", "title", "about", "brief", "tasks", *_VALUES)
_TASK = ("name", "text", "points", "check", "hints", "choices")
