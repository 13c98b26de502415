"""Update the message catalogues from the sources, and compile them. Does not need the gettext tools.

python -m tools.messages update     update every catalogue from the sources, keeping its translations
python -m tools.messages compile    write what Django reads, where a catalogue is newer
"""

import re
import secrets
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = tuple(sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po")))
# Functions whose arguments are messages. `counted` is ours, see connections/messages.py.
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "counted": (1, 2),
}
# Babel's dates in the header would make every update a change.
HEAD = re.compile(
    r'^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|Report-Msgid-Bugs-To)[^"]*"\n',
    re.MULTILINE,
)


def sources() -> list[Path]:
    return [
        *sorted((ROOT / "connections").rglob("*.py")),
        *sorted((ROOT / "vpnconsole" / "kit").rglob("*.py")),
        *sorted((ROOT / "templates").rglob("*.html")),
        *sorted((ROOT / "templates").rglob("*.jinja")),
        *sorted((ROOT / "templates").rglob("*.txt")),
    ]


def _python(path: Path) -> bytes:
    """A source file as Python. Django converts templates to something like it, except for the indentation."""
    text = path.read_text()
    if path.suffix == ".py":
        return text.encode()
    return "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines()).encode()


def extracted() -> Catalog:
    """Every message of the sources, in the order of files and lines."""
    catalogue = Catalog(project="VPN Console", charset="utf-8")
    for path in sources():
        # Any: Babel and Jinja declare different types for the same function.
        method: Any = babel_extract if path.suffix == ".jinja" else "python"
        text = path.read_bytes() if path.suffix == ".jinja" else _python(path)
        for line, message, comments, context in extract(method, BytesIO(text), KEYWORDS, ("Translators:",)):
            place = (path.relative_to(ROOT).as_posix(), line)
            catalogue.add(message, locations=[place], auto_comments=comments, context=context)
    return catalogue


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def updated(path: Path) -> str:
    """The updated catalogue: each message of the sources once, with its translation if there is one."""
    catalogue = read(path)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = "# Messages of VPN Console. `python3 dev.py messages` brings this file up to date."
    out = BytesIO()
    write_po(out, catalogue, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return HEAD.sub("", out.getvalue().decode())


def compiled(path: Path) -> Path:
    return path.with_suffix(".mo")


def compile_stale() -> None:
    for path in CATALOGUES:
        target = compiled(path)
        if not target.exists() or target.stat().st_mtime_ns < path.stat().st_mtime_ns:
            out = BytesIO()
            write_mo(out, read(path))
            # Written to a temporary file and moved: a server may be reading it, and others may be compiling it.
            fresh = target.with_suffix(f".{secrets.token_hex(8)}.mo")
            fresh.write_bytes(out.getvalue())
            fresh.replace(target)


def main(command: str) -> None:
    if command == "update":
        for path in CATALOGUES:
            path.write_text(updated(path))
            missing = [message.id for message in read(path) if message.id and not any(message.string or ())]
            print(f"{path.relative_to(ROOT)}: {len(missing)} messages without a translation")
    elif command != "compile":
        sys.exit(__doc__)
    compile_stale()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) == 2 else "")
