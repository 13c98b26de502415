"""Labs: situations in which somebody learns, with tasks that the server marks. docs/teachers.md describes them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from vpnconsole.kit.errors import KitError
from vpnconsole.kit.labs.format import LEVELS, Lab, read

FOLDER = Path(__file__).parent / "shipped"


@cache
def shipped() -> Mapping[str, Lab]:
    """The labs that come with the console, by name, easy ones first."""
    found = {path.stem: read(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
    return dict(sorted(found.items(), key=lambda pair: (LEVELS.index(pair[1].level), pair[1].minutes, pair[0])))


def find(name: str) -> Lab:
    """The lab with a name. Raises KitError."""
    lab = shipped().get(name)
    if lab is None:
        raise KitError(404, "unknown_lab", f"There is no lab {name[:40]!r}.", f"One of {', '.join(shipped())}.")
    return lab
