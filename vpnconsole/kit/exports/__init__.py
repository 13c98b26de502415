"""What a recording becomes: a walk, or a test in Python or TypeScript, with page objects or with Playwright alone.

`objects.py` and `plain.py` make a script of a walk, `python.py` and `typescript.py` print it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vpnconsole.kit.exports import objects, plain, python, typescript
from vpnconsole.kit.walks import format
from vpnconsole.kit.walks.format import Walk


@dataclass(frozen=True)
class Export:
    """A kind of file. `text` makes it, `file` names it."""

    label: str | Promise
    text: Callable[[Walk], str]
    suffix: str

    def file(self, walk: Walk) -> str:
        name = python.test_name(walk.title["en"])
        words = name.removeprefix("test_").replace("_", "-")
        return f"{name}.py" if self.suffix == ".py" else f"{words}{self.suffix}"


EXPORTS = {
    "walk": Export(_("Walk"), format.write, ".yaml"),
    "python": Export(_("Python"), lambda walk: python.text(objects.script(walk)), ".py"),
    "python-plain": Export(_("Python, Playwright only"), lambda walk: python.text(plain.script(walk)), ".py"),
    "typescript": Export(_("TypeScript"), lambda walk: typescript.text(objects.script(walk)), ".spec.ts"),
    "typescript-plain": Export(
        _("TypeScript, Playwright only"), lambda walk: typescript.text(plain.script(walk)), ".spec.ts"
    ),
}


class Listing(NamedTuple):
    """An export, as the part of a page with tabs shows it."""

    key: str
    label: str | Promise
    text: str


def listings(walk: Walk) -> list[Listing]:
    return [Listing(key, str(export.label), export.text(walk)) for key, export in EXPORTS.items()]
