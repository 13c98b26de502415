"""Text has four sizes, which base.css declares."""

import re
from pathlib import Path

STYLES = Path(__file__).resolve().parents[2] / "static" / "console"


def test_every_size_of_text_is_one_of_four():
    said = re.findall(r"font-size: ([^;]+);", "".join(path.read_text() for path in STYLES.glob("*.css")))
    tokens = {name for size in said for name in re.findall(r"var\((--size-\w+)\)", size)}
    assert tokens == {"--size-small", "--size-text", "--size-title", "--size-page"}
    assert [size for size in said if "var(--size-" not in size and size not in ("0", "inherit")] == []
