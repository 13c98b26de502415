"""The test kit is separate: the application does not import it, and it imports nothing that a wheel lacks."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KIT = ROOT / "vpnconsole" / "testing"


def imported(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def users_of(package: str, files) -> list[str]:
    return [
        str(path.relative_to(ROOT))
        for path in files
        if any(f"{name}.".startswith(f"{package}.") for name in imported(path))
    ]


def test_the_application_does_not_import_the_kit():
    files = [path for folder in ("connections", "vpnconsole") for path in (ROOT / folder).rglob("*.py")]
    own = [path for path in files if KIT not in path.parents]
    assert len(own) > 150
    assert users_of("vpnconsole.testing", own) == []


@pytest.mark.parametrize("package", ["bench", "dev", "tests", "tools"])
def test_the_kit_does_not_import_what_a_wheel_lacks(package):
    assert users_of(package, KIT.rglob("*.py")) == []


def test_our_tests_use_the_kit():
    assert len(users_of("vpnconsole.testing", (ROOT / "tests").rglob("*.py"))) > 50
