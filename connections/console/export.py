"""A list as a file: CSV for spreadsheets, JSON for programs. Written row by row, however many there are."""

import csv
import json
from collections.abc import Iterator

from django.db.models import QuerySet

from connections.console.columns import COLUMNS

FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
AT_ONCE = 500
# A cell that begins so is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that hands on what is written to it."""

    def write(self, text):
        return text


def harmless(text: str) -> str:
    """A cell's text, unable to be taken for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _chunks(rows: QuerySet) -> Iterator:
    return rows.iterator(chunk_size=AT_ONCE)


def as_csv(rows: QuerySet) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # The mark by which spreadsheets know that this is UTF-8.
    yield "\ufeff" + writer.writerow(["id", "name", *(column.key for column in COLUMNS)])
    for row in _chunks(rows):
        cells = [row.resource_id, row.name, *(column.text(row) for column in COLUMNS)]
        yield writer.writerow(map(harmless, cells))


def as_json(rows: QuerySet) -> Iterator[str]:
    before = "["
    for row in _chunks(rows):
        facts = {"id": row.resource_id, "name": row.name}
        facts |= {column.key: column.value(row) for column in COLUMNS}
        yield f"{before}\n{json.dumps(facts, ensure_ascii=False, default=str)}"
        before = ","
    yield "\n]\n" if before == "," else "[]\n"


WRITERS = {"csv": as_csv, "json": as_json}
