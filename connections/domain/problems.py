"""What a rule reports."""

from dataclasses import dataclass

from connections.messages import Message

# How many problems are listed at most.
MAX_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a field: a stable code for programs, a sentence for people. Tunnels are counted from 1.

    A message's parameter `fix` is a valid value for the field; `text` is the invalid one in a field of several values.
    """

    field: str
    code: str
    # Text of Django's own validators is a plain string, in the language that is active.
    message: Message | str
    tunnel: int = 1
