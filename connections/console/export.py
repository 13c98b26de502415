"""Export a list as CSV or JSON, streamed row by row."""

import csv
import json
import re
from collections.abc import Iterator
from itertools import islice

from django.db.models import QuerySet
from django.utils import translation

from connections.console.grids import ListPage

FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
AT_ONCE = 500
# Characters, half-width or full-width, that start a formula in a spreadsheet: at the beginning of a cell, after spaces,
# and after a semicolon or a line break, which spreadsheets of many locales take for the end of a cell.
FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=\s*[=+\-@＝＋－＠\t\r\n])")


class _Echo:
    """A file whose write() returns the text."""

    def write(self, text):
        return text


def harmless(text: str) -> str:
    """A cell's text, escaped so that spreadsheets don't run it as a formula."""
    return FORMULA.sub("'", text)


def _read(rows: QuerySet, listing: ListPage) -> Iterator:
    stored = rows.iterator(chunk_size=AT_ONCE)
    while several := list(islice(stored, AT_ONCE)):
        if listing.prepare:
            listing.prepare(several)
        yield from several


def as_csv(rows: QuerySet, listing: ListPage) -> Iterator[str]:
    """Heads and values as the console shows them, in the reader's language."""
    writer = csv.writer(_Echo())
    # The byte order mark tells spreadsheets that this is UTF-8.
    yield "\ufeff" + writer.writerow([str(column.label) for column in listing.exported])
    for row in _read(rows, listing):
        yield writer.writerow([harmless(column.text(row)) for column in listing.exported])


def as_json(rows: QuerySet, listing: ListPage) -> Iterator[str]:
    """Values for programs, the same in every language."""
    before = "["
    for row in _read(rows, listing):
        with translation.override("en"):
            values = {column.key: column.value(row) for column in listing.exported if column.value}
            text = json.dumps(values, ensure_ascii=False, default=str)
        yield f"{before}\n{text}"
        before = ","
    yield "\n]\n" if before == "," else "[]\n"


WRITERS = {"csv": as_csv, "json": as_json}
