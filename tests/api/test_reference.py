"""docs/api.md matches the declarations, and the API serves every operation that Show as code uses."""

import re

from connections.api.actions import ACTIONS
from connections.management.commands.api_reference import FILE, reference
from connections.wire.codes import ErrorCode
from connections.wire.operations import UNTAG, Operation
from dev import ROOT
from tools import sdk


def test_the_reference_is_up_to_date():
    assert FILE.read_text() == reference(), "Run: python3 dev.py manage api_reference"


def test_every_operation_is_one_of_the_sdk():
    for version, name in ACTIONS:
        assert name in sdk.operations(version)


def test_every_operation_and_code_is_told():
    text = FILE.read_text()
    for _, name in ACTIONS:
        assert f"### {name}\n" in text
    for code in ErrorCode:
        assert f"`{code.code}`" in text
        line = next(line for line in text.splitlines() if line.startswith(f"| `{code.code}` |"))
        assert line.endswith("| invented |") == code.invented


def test_what_is_shown_as_code_is_served():
    """Every operation that the recipes and the languages name."""
    named = {*UNTAG.values()}
    for path in (ROOT / "connections" / "as_code").glob("*.py"):
        named |= {Operation[name] for name in re.findall(r"\bOperation\.([A-Z_]+)", path.read_text())}
    served = {name for _, name in ACTIONS}
    assert len(named) > 25
    assert named <= served
