"""The message catalogues: brought up to date from the sources, and compiled for gettext. Needs no gettext tools.

python -m tools.messages update     write every catalogue anew from the sources, keeping what is translated
python -m tools.messages compile    write what Django reads, where a catalogue is newer
"""

import re
import secrets
import sys
from io import BytesIO
from pathlib import Path

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
# What Babel dates in the head of a catalogue would make every update a change.
HEAD = re.compile(
    r'^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|Report-Msgid-Bugs-To)[^"]*"\n',
    re.MULTILINE,
)


def sources() -> list[Path]:
    return [
        *sorted((ROOT / "connections").rglob("*.py")),
        *sorted((ROOT / "templates").rglob("*.html")),
        *sorted((ROOT / "templates").rglob("*.jinja")),
        *sorted((ROOT / "templates").rglob("*.txt")),
    ]


def _python(path: Path) -> bytes:
    """A source as Python. Of a template Django makes something like it; only the indentation is in the way."""
    text = path.read_text()
    if path.suffix == ".py":
        return text.encode()
    return "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines()).encode()


def extracted() -> Catalog:
    """Every message of the sources, in the order of files and lines."""
    catalogue = Catalog(project="VPN Console", charset="utf-8")
    for path in sources():
        is_jinja = path.suffix == ".jinja"
        method, text = (babel_extract, path.read_bytes()) if is_jinja else ("python", _python(path))
        for line, message, comments, context in extract(method, BytesIO(text), KEYWORDS, ("Translators:",)):
            place = (path.relative_to(ROOT).as_posix(), line)
            catalogue.add(message, locations=[place], auto_comments=comments, context=context)
    return catalogue


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def updated(path: Path) -> str:
    """What a catalogue should say: each message of the sources once, with its translation if there is one."""
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
            # Written beside and moved, because a server may be reading, and others may be doing the same.
            fresh = target.with_suffix(f".{secrets.token_hex(8)}.mo")
            fresh.write_bytes(out.getvalue())
            fresh.replace(target)


def main(command: str) -> None:
    if command == "update":
        for path in CATALOGUES:
            path.write_text(updated(path))
            missing = [message.id for message in read(path) if message.id and not any(message.string)]
            print(f"{path.relative_to(ROOT)}: {len(missing)} messages without a translation")
    elif command != "compile":
        sys.exit(__doc__)
    compile_stale()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) == 2 else "")
