"""What the tests need of a machine beside Python packages: a browser, and for some a PostgreSQL server.

`python -m tests.machine browser` finds or installs a Chromium; `... postgresql` likewise the server's programs.
Exit status 0: it is there.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from dev import apt_install, is_root

ON_PATH = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge")
ON_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)


def _starts(program: str) -> bool:
    """Whether a browser is one; Ubuntu's stub for a snap is not."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _playwrights_own() -> str | None:
    """The browser that `playwright install` fetched, if it did."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def find_browser() -> str | None:
    """The program to start, or None. CHROMIUM_PATH decides if it is set."""
    if named := os.environ.get("CHROMIUM_PATH"):
        return named
    if own := _playwrights_own():
        return own
    for program in (*filter(None, map(shutil.which, ON_PATH)), *(path for path in ON_MAC if Path(path).exists())):
        if _starts(program):
            return program
    return None


def launch_options() -> dict:
    """How Playwright starts the browser: quietly, and as root without its sandbox, which root cannot have."""
    quiet = "--disable-gpu --disable-quic --disable-sync --no-first-run --disable-background-networking"
    words = [*quiet.split(), "--disable-component-update", *(["--no-sandbox"] if is_root() else [])]
    return {"executable_path": find_browser(), "args": words}


def provide_browser() -> str | None:
    """Find a browser, or install one."""
    if subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True).returncode:
        # Playwright's own node program needs it, and a minimal Debian lacks it.
        apt_install("libatomic1")
    if found := find_browser():
        return found
    if apt_install("chromium", "fonts-dejavu-core") and (found := find_browser()):
        return found
    words = [sys.executable, "-m", "playwright", "install", *(["--with-deps"] if is_root() else []), "chromium"]
    subprocess.run(words)
    return find_browser()


def find_postgresql() -> Path | None:
    """The folder of PostgreSQL's server programs."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = [Path(path).parent for path in [shutil.which("initdb")] if path]
    return next((folder for folder in (*reversed(debian), *on_path) if (folder / "initdb").exists()), None)


def main(what: str) -> int:
    if what == "browser":
        if provide_browser():
            return 0
        print("No Chromium was found or could be installed. Install one, or set CHROMIUM_PATH to its program.")
        return 1
    if find_postgresql() or (apt_install("postgresql") and find_postgresql()):
        return 0
    print("PostgreSQL's server programs are not installed: the second run, with --pg, is left out.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
