"""Every test that docs/security.md names exists."""

import ast
import re
from functools import cache

import pytest

from dev import ROOT

ROWS = [
    line
    for line in (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| threat", "| ---"))
]


def named(row: str) -> list[tuple[str, str]]:
    """The tests that a row names; `::test` is in the file of the test before it."""
    found, file = [], ""
    for path, test in re.findall(r"`(tests/\S+?\.py)?(?:::(\w+))?`", row.rsplit("|", 2)[1]):
        file = path or file
        found.append((file, test))
    return found


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_there_are_rows():
    assert len(ROWS) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:40])
def test_every_threat_names_tests_that_exist(row):
    tests = named(row)
    assert tests
    for file, test in tests:
        assert test, f"name a test of {file}"
        assert test in functions_of(file), (file, test)
