"""Walks that the console brings along."""

from functools import cache
from pathlib import Path

from vpnconsole.kit.walks import format
from vpnconsole.kit.walks.format import Walk

FOLDER = Path(__file__).parent / "shipped"


@cache
def shipped() -> dict[str, Walk]:
    """Every walk by its name, in the order in which lists show them."""
    files = sorted(FOLDER.glob("*.yaml"))
    return {path.stem.partition("_")[2]: format.read(path.read_text(encoding="utf-8")) for path in files}
