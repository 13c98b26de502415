"""Rules for tests: no sleeps, no skips without a reason, no questions without an assertion."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "tests", ROOT / "vpnconsole" / "testing")
FILES = sorted(path for folder in FOLDERS for path in folder.rglob("*.py") if "node_modules" not in path.parts)
# The only place that polls other processes.
WAITING = ROOT / "vpnconsole" / "testing" / "waiting.py"


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def calls(tree: ast.AST):
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def sleeps(tree: ast.AST):
    """Pauses of a fixed length, in a browser as well."""
    pauses = [call.lineno for call in calls(tree) if name_of(call) in ("sleep", "wait_for_timeout")]
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return pauses + [text.lineno for text in texts if "setTimeout" in text.value]


def silent_skips(tree: ast.AST):
    """Tests that are skipped, or expected to fail, without a reason."""
    called = set()
    for call in calls(tree):
        called.add(call.func)
        told = any(word.arg == "reason" for word in call.keywords) or (name_of(call) == "skip" and call.args)
        if name_of(call) in ("skip", "skipif", "xfail") and not told:
            yield call.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("skip", "xfail") and node not in called:
            yield node.lineno


def own_ideas_of_ci(tree: ast.AST):
    """Reads of the variable CI, which only `dev.in_ci` interprets."""
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value == "CI"]


def idle_looks(tree: ast.AST):
    """Questions without an assertion: `expect(x)` alone, or `x.is_visible()` alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            name = name_of(node.value)
            if name == "expect" or name.startswith(("is_", "has_")):
                yield node.lineno


@cache
def parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text())


def found(check, files=FILES) -> list[str]:
    return [f"{path.relative_to(ROOT)}:{line}" for path in files for line in check(parsed(path))]


def test_no_test_sleeps():
    assert len(FILES) > 80
    assert found(sleeps, [path for path in FILES if path not in (WAITING, Path(__file__))]) == []


def test_no_test_is_left_out_without_a_word():
    assert found(silent_skips) == []


def test_what_continuous_integration_means_is_said_once():
    assert found(own_ideas_of_ci, [path for path in FILES if path != Path(__file__)]) == []


def test_no_test_looks_without_judging():
    assert found(idle_looks) == []


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (sleeps, "import time\ntime.sleep(1)"),
        (sleeps, "page.wait_for_timeout(100)"),
        (sleeps, "page.evaluate('() => new Promise((done) => setTimeout(done, 200))')"),
        (silent_skips, "@pytest.mark.skip\ndef test(): pass"),
        (silent_skips, "@pytest.mark.skipif(True)\ndef test(): pass"),
        (silent_skips, "pytest.skip()"),
        (silent_skips, "@pytest.mark.xfail\ndef test(): pass"),
        (own_ideas_of_ci, "os.environ.get('CI')"),
        (idle_looks, "expect(page.get_by_role('alert'))"),
        (idle_looks, "button.is_visible()"),
    ],
)
def test_each_is_noticed(check, text):
    assert list(check(ast.parse(text)))
