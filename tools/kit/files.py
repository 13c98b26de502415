"""The files that are made, one for each language, and the documentation. A test compares them with what there is."""

from pathlib import Path

from tools import testids
from tools.kit import exports, llms, python, typescript

ROOT = Path(__file__).resolve().parents[2]


def files() -> dict[Path, str]:
    """Text by path."""
    return {
        ROOT / "clients" / "pytest" / "vpn_console_kit" / "pages.py": python.text(),
        ROOT / "clients" / "playwright" / "src" / "pages.ts": typescript.text(),
        ROOT / "vpnconsole" / "kit" / "exports" / "forms.py": exports.text(),
        testids.TARGET: testids.text(),
        ROOT / "docs" / "llms.txt": llms.text(),
        # The console serves it, also where it is installed without the documentation.
        ROOT / "vpnconsole" / "kit" / "llms.txt": llms.text(),
    }
