"""Proposals: the value that would correct a field, offered only where the same rule accepts it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from connections.domain.problems import Problem
from connections.messages import Message
from connections.messages import message as _

Again = Callable[[Problem, str], Iterable[Problem]]


def proposal(field: str, code: str, why: Message, text: str, fix: object) -> Problem:
    """A problem of the value `text`, with the value that was probably meant."""
    return Problem(field, code, _("{why} Did you mean {fix}?", why=why, text=text, fix=str(fix)))


def fix_of(problem: Problem) -> str:
    """The value that a problem proposes; blank if it proposes none."""
    return str(problem.message.params.get("fix") or "") if isinstance(problem.message, Message) else ""


def judged(problems: Iterable[Problem], again: Again) -> Iterator[Problem]:
    """Leave out each proposal that would cause a problem of its own.

    `again` applies the rule once more, with the proposed value in place of the wrong one.
    """
    problems = list(problems)
    for problem in problems:
        fix = fix_of(problem)
        if fix and any(other not in problems for other in again(problem, fix)):
            problem = replace(problem, message=_without_fix(problem.message))
        yield problem


def _without_fix(message: Message | str) -> Message | str:
    if not isinstance(message, Message):
        return message
    why = message.params.get("why")
    return why if isinstance(why, Message) else message.filled(**message.params | {"fix": ""})


def replaced(values: Sequence[str], problem: Problem, fix: str) -> list[str]:
    """A list of values with a problem's proposal in place of the wrong one."""
    text = problem.message.params.get("text") if isinstance(problem.message, Message) else None
    at = values.index(text) if text in values else len(values)
    return [*values[:at], fix, *values[at + 1 :]]
