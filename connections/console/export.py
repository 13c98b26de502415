"""A list as a file: CSV for spreadsheets, JSON for programs. Written row by row, however many there are."""

import csv
import json
import re
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils import translation

from connections.console.columns import Column

FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
AT_ONCE = 500
# What makes a cell a formula to a spreadsheet, in either width, where it begins: behind spaces as well, and behind a
# semicolon or an end of line, as half of the world's spreadsheets take those for what parts cells.
FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=\s*[=+\-@＝＋－＠\t\r\n])")


class _Echo:
    """A file that hands on what is written to it."""

    def write(self, text):
        return text


def harmless(text: str) -> str:
    """A cell's text, unable to be taken for a formula."""
    return FORMULA.sub("'", text)


def _chunks(rows: QuerySet) -> Iterator:
    return rows.iterator(chunk_size=AT_ONCE)


def as_csv(rows: QuerySet, columns: Sequence[Column]) -> Iterator[str]:
    """For people: values as the console shows them, in the reader's language."""
    writer = csv.writer(_Echo())
    # The mark by which spreadsheets know that this is UTF-8.
    yield "\ufeff" + writer.writerow([column.key for column in columns])
    for row in _chunks(rows):
        yield writer.writerow([harmless(column.text(row)) for column in columns])


def as_json(rows: QuerySet, columns: Sequence[Column]) -> Iterator[str]:
    """For programs: the same in every language."""
    before = "["
    for row in _chunks(rows):
        with translation.override("en"):
            values = {column.key: column.value(row) for column in columns if column.value}
            text = json.dumps(values, ensure_ascii=False, default=str)
        yield f"{before}\n{text}"
        before = ","
    yield "\n]\n" if before == "," else "[]\n"


WRITERS = {"csv": as_csv, "json": as_json}
