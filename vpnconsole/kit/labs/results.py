"""What a learner has reached, as a text that this installation has signed: nobody can change it unnoticed."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.core.signing import BadSignature, Signer

from vpnconsole.kit.labs.marking import Progress

_SALT = "vpnconsole.kit.labs"
# Characters that are read.
LONGEST = 4000


@dataclass(frozen=True)
class Result:
    """Points and time of a lab. `ended`: when all was done, in ISO 8601; blank if not all is."""

    lab: str
    learner: str
    points: int
    of: int
    done: int
    tasks: int
    hints: int
    attempts: int
    minutes: int
    ended: str

    @classmethod
    def of_progress(cls, found: Progress) -> "Result":
        tasks = found.lab.tasks
        ended = datetime.fromtimestamp(found.ended, UTC).isoformat(timespec="seconds") if found.ended else ""
        done = sum(found.is_done(task) for task in tasks)
        return cls(
            found.name, found.learner, found.points, found.lab.points, done, len(tasks), found.hints, found.attempts,
            found.minutes, ended,
        )  # fmt: skip


def signed(found: Progress) -> str:
    """A line of JSON with its signature."""
    text = json.dumps(asdict(Result.of_progress(found)), ensure_ascii=False)
    return Signer(salt=_SALT).sign(text) + "\n"


def read(text: str) -> Result:
    """The result of a text. Raises BadSignature if this installation has not signed it as it is."""
    try:
        return Result(**json.loads(Signer(salt=_SALT).unsign(text.strip())))
    except (ValueError, TypeError):
        raise BadSignature from None
