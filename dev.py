#!/usr/bin/env python3
"""Create .venv if needed, then run the console or a tool for developers in it. Needs only Python.

run, serve, open, present, walk, secrets, reset, backup, restore, manage: see `python3 dev.py run --help`
test [ARGUMENTS]        run all tests, then those of the database again on PostgreSQL; or pytest with these arguments
audit [--strict]        look up known vulnerabilities of the pinned packages
bench [ARGUMENTS]       compare the console's pages with baselines
loadtest-data N         add N realistic connections
messages                update the message catalogues from the sources
screenshots             take the screenshots of the documentation
install                 only create .venv, with the packages for serving
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from vpnconsole.apt import apt_install
from vpnconsole.start_lock import locked

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed"
SERVING, DEVELOPING = "requirements.txt", "requirements-dev.txt"


def fail(message: str) -> None:
    sys.exit(f"dev.py: {message}")


def say(message: str) -> None:
    # Standard output belongs to the command that follows.
    print(message, file=sys.stderr, flush=True)


def python(*words: str) -> int:
    """Run Python in .venv; return its exit status."""
    return subprocess.run([str(PYTHON), *words], cwd=ROOT).returncode


def must(status: int) -> None:
    """Exit if a command failed."""
    if status:
        sys.exit(status)


def in_ci() -> bool:
    """Whether this is continuous integration, which proves all of the lab and skips no test that could run."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def workers() -> int:
    """The number of processes that share the tests. Beyond four, they wait for the disk and their browsers."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 4)


# --- the virtual environment -------------------------------------------------------------------------------------


def make_venv() -> None:
    """Create .venv with pip. Debian packages the modules for that separately."""
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL).returncode:
        if not apt_install("python3-venv"):
            fail("this Python lacks the venv module. On Debian or Ubuntu: sudo apt-get install python3-venv")
    say("Making .venv ...")
    shutil.rmtree(VENV, ignore_errors=True)
    must(subprocess.run([sys.executable, "-m", "venv", str(VENV)]).returncode)


def install(lock: str) -> None:
    """Install a lock into .venv, unless the file STAMP says that it is installed."""
    if sys.version_info < (3, 11):
        fail(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    if not is_installed(lock):
        with locked(ROOT):
            # Another command may have installed it meanwhile.
            if not is_installed(lock):
                install_packages(lock)
            compile_messages()
    compile_messages()


def is_installed(lock: str) -> bool:
    """Whether a lock is installed in .venv. The developers' lock contains the other one."""
    installed = STAMP.read_text().split() if STAMP.exists() and PYTHON.exists() else []
    return bool({digest(lock), digest(DEVELOPING)} & set(installed))


def install_packages(lock: str) -> None:
    if not (STAMP.exists() and PYTHON.exists()):
        make_venv()
    STAMP.unlink(missing_ok=True)
    count = sum(1 for line in (ROOT / lock).read_text().splitlines() if line[:1].isalpha())
    say(f"Installing up to {count} packages of {lock} into .venv (only this time) ...")
    quietly = ("--quiet", "--disable-pip-version-check")
    must(python("-m", "pip", "install", *quietly, "--no-deps", "--require-hashes", "-r", lock))
    STAMP.write_text(digest(lock))


def compile_messages() -> None:
    """Compile the message catalogues that have changed."""
    for catalogue in ROOT.glob("locale/*/LC_MESSAGES/django.po"):
        compiled = catalogue.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime_ns < catalogue.stat().st_mtime_ns:
            must(python("-m", "tools.messages", "compile"))


def digest(lock: str) -> str:
    return hashlib.sha256(sys.version.encode() + (ROOT / lock).read_bytes()).hexdigest()


# --- commands ----------------------------------------------------------------------------------------------------


def test(*words: str) -> int:
    # The tests start hundreds of processes, which would compile all of our sources again and again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    must(python("-m", "vpnconsole.testing.machine", "browser"))
    python("-m", "vpnconsole.testing.machine", "lab")
    python("-m", "vpnconsole.testing.machine", "node")
    if words:
        return python("-m", "pytest", *words)
    # Work stealing: an idle process takes half of another's remaining tests.
    in_parallel = ["-n", str(workers()), "--dist", "worksteal"]
    worst = python("-m", "pytest", *in_parallel, *(["--lab=full"] if in_ci() else []))
    if python("-m", "vpnconsole.testing.machine", "postgresql") == 0:
        worst = max(worst, python("-m", "pytest", *in_parallel, "--pg", "-m", "not browser and not lab"))
    elif in_ci():
        worst = max(worst, 1)
    return worst


def loadtest_data(*words: str) -> int:
    os.environ.setdefault("DEMO_MODE", "1")
    return python("manage.py", "prepare_to_serve") or python("-m", "bench.fill", *words)


def screenshots() -> int:
    return python("-m", "vpnconsole.testing.machine", "browser") or python("-m", "tools.screenshots")


# The lock and the function of each command.
COMMANDS = {
    "test": (DEVELOPING, test),
    "bench": (DEVELOPING, lambda *words: python("-m", "bench", *words)),
    "messages": (DEVELOPING, lambda: python("-m", "tools.messages", "update")),
    "screenshots": (DEVELOPING, screenshots),
    "loadtest-data": (SERVING, loadtest_data),
    "install": (SERVING, lambda: 0),
}


def main(command: str = "--help", *words: str) -> int:
    if command in ("-h", "--help", "help"):
        print(__doc__)
        return 0
    if command == "audit":
        return subprocess.run([sys.executable, "tools/audit.py", *words], cwd=ROOT).returncode
    if command in COMMANDS:
        lock, function = COMMANDS[command]
        install(lock)
        return function(*words)
    install(SERVING)
    os.chdir(ROOT)
    # Replace this process, so that the console gets its signals.
    os.execv(PYTHON, [str(PYTHON), "-m", "vpnconsole", command, *words])


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
