"""What a rule reports."""

from dataclasses import dataclass

from connections.messages import Message

# More problems than this are not listed.
MAX_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field: a stable code for programs, a sentence for people. Tunnels are counted from 1.

    A message's parameter `fix` is a value that would put the field right; `text`, in a field of several, the wrong one.
    """

    field: str
    code: str
    # Text of Django's own validators is a plain string, in the language that is active.
    message: Message | str
    tunnel: int = 1
